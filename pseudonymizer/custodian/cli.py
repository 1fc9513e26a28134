"""`schakel-custodian`: make and destroy seeds, show public keys, serve, check, verify the log.

Exit codes: 0 done, 2 wrong use or bad input, 5 the store is unavailable, 6 verification failed.
"""

import json
import re
import resource
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import structlog
import typer
import uvicorn
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from connectors.contract.canonical import b64u
from connectors.contract.exits import Exit
from pseudonymizer.custodian.app import create_app, open_custodian, open_federation
from pseudonymizer.custodian.log import Event, Tampered, verify_chain
from pseudonymizer.custodian.refusals import StartRefused
from pseudonymizer.custodian.seeds import create_seed, destroy_seed, has_seed, keys_of, read_seed, stored_seeds
from pseudonymizer.custodian.settings import Settings, read_settings
from pseudonymizer.custodian.store import append_destruction, check_books, is_destroyed, open_store, read_log, reading
from pseudonymizer.oprf.composite import fast_engine
from pseudonymizer.oprf.errors import InvalidInput

app = typer.Typer(
    name="schakel-custodian",
    help="Hold one of the two key shares: evaluate blinded points for signed requests within budget.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # typer's own traceback can show local variables, and keys are among them
)

Number = Annotated[int, typer.Option("--custodian", min=1, max=2, help="Which of the two custodians this is.")]
Domain = Annotated[str, typer.Option("--domain", help="RIEC, ZVH-RR, ZVH-ZHZ or MONITOR.")]
Epoch = Annotated[str, typer.Option("--epoch", help="A year, or a year with a letter: 2026, 2026-b.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
SettingsFile = Annotated[Path, typer.Option("--settings", help="The settings file.")]
_SETTINGS = Path("custodian.toml")
_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")
_JSON = structlog.processors.JSONRenderer()


@app.command("new-seed")
def new_seed(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    domain: Domain,
    epoch: Epoch,
    custodian: Number = 1,
    as_json: AsJson = False,
) -> None:
    """Make the seed of a domain and epoch in DIR (mode 0600); an existing seed is never replaced."""
    try:
        path = create_seed(folder, custodian, domain, epoch, secrets.token_bytes)
    except FileExistsError:
        if not folder.is_dir():
            _stop(Exit.BAD_INPUT, f"{folder}: not a folder")
        _stop(Exit.BAD_INPUT, f"{folder}: this seed exists; destroy-epoch is the only way to remove it")
    except (InvalidInput, OSError) as error:
        _stop(Exit.BAD_INPUT, error.strerror or "cannot write" if isinstance(error, OSError) else str(error))
    typer.echo(json.dumps({"seed": path.name}) if as_json else f"made {path}")


@app.command("public-keys")
def public_keys(folder: Annotated[Path, typer.Argument(metavar="DIR")], as_json: AsJson = False) -> None:
    """Print the public key of every class of every seed in DIR, as the federation file pins them."""
    places = [(number, *place) for number in (1, 2) for place in stored_seeds(folder, number)]
    if not places:
        _stop(Exit.BAD_INPUT, f"{folder}: no seed here; make one with new-seed")
    for number, domain, epoch in places:
        try:
            keys = keys_of(read_seed(folder, number, domain, epoch), number, domain, epoch)
        except InvalidInput as error:
            _stop(Exit.BAD_INPUT, str(error))
        for name, key in keys.items():
            row = {"custodian": number, "domein": domain, "epoch": epoch, "klasse": name, "k": b64u(key.public)}
            typer.echo(json.dumps(row) if as_json else "  ".join(map(str, row.values())))


@app.command()
def check(settings_file: SettingsFile = _SETTINGS, as_json: AsJson = False) -> None:
    """Do all that `serve` does before it listens, and say which keys it would hold."""
    settings = _settings(settings_file)
    try:
        custodian = open_custodian(settings, secrets.token_bytes, datetime.now(UTC))
    except StartRefused as error:
        _stop(Exit.UNVERIFIED, str(error))
    found = [" ".join(place) for place in custodian.keys.places()]
    digest = custodian.federation.digest
    if as_json:
        typer.echo(json.dumps({"custodian": custodian.number, "federation": digest, "keys": found}))
    else:
        typer.echo(f"custodian {custodian.number} can serve {', '.join(found) or 'nothing'}; federation {digest}")


@app.command()
def serve(settings_file: SettingsFile = _SETTINGS) -> None:
    """Evaluate for the parties of the federation file until stopped."""
    settings = _settings(settings_file)
    # A core dump would hold the keys.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        custodian = open_custodian(settings, secrets.token_bytes, datetime.now(UTC))
    except StartRefused as error:
        _stop(Exit.UNVERIFIED, str(error))
    _log_as_json()
    fast_engine()  # compiled or loaded now, not during the first request
    uvicorn.run(
        create_app(custodian, lambda: datetime.now(UTC)),
        host=settings.host,
        port=settings.port,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        access_log=False,
        server_header=False,
        log_level="warning",
    )


@app.command("destroy-epoch")
def destroy_epoch(
    domain: Domain,
    epoch: Epoch,
    settings_file: SettingsFile = _SETTINGS,
    emergency: Annotated[bool, typer.Option("--emergency", help="Also when its window is still open.")] = False,
) -> None:
    """Destroy the seed of an epoch that is over, and log it; a running custodian stops evaluating in it at once."""
    settings = _settings(settings_file)
    now = datetime.now(UTC)
    try:
        if not emergency and _is_open(settings, domain, epoch, now):
            _stop(
                Exit.BAD_INPUT, "the epoch's window is still open (overlap_tot); --emergency destroys it all the same"
            )
        store = open_store(settings.store)
        if not _is_known(settings, store, domain, epoch):
            _stop(Exit.BAD_INPUT, f"there was never a seed of {domain} {epoch} here; nothing was destroyed or logged")
        append_destruction(store, Event.DESTROYING, domain, epoch, now.isoformat(timespec="seconds"))
        destroyed = destroy_seed(settings.seeds, settings.number, domain, epoch)
        entry = append_destruction(store, Event.DESTROYED, domain, epoch, now.isoformat(timespec="seconds"))
    except (InvalidInput, StartRefused) as error:
        _stop(Exit.BAD_INPUT, str(error))
    except (SQLAlchemyError, OSError):
        _stop(Exit.UNAVAILABLE, "the store or the seed folder cannot be written; retry is safe")
    state = "destroyed" if destroyed else "was gone already"
    typer.echo(f"the seed of {domain} {epoch} {state}; log entry {entry.seq} {entry.hash}")


@app.command("verify-log")
def verify_log(
    settings_file: SettingsFile = _SETTINGS,
    head: Annotated[list[str] | None, typer.Option("--head", help="SEQ:HASH kept from an earlier run.")] = None,
    as_json: AsJson = False,
) -> None:
    """Verify the hash chain, its agreement with the debits, and any head kept earlier; print the head to keep."""
    settings = _settings(settings_file)
    anchors = _anchors(head or [])
    if not settings.store.exists():
        _stop(Exit.BAD_INPUT, f"{settings.store.name}: no store here")
    try:
        with reading(open_store(settings.store)) as connection:
            last = verify_chain(read_log(connection), anchors)
            unanswered = check_books(connection)
    except Tampered as error:
        _stop(Exit.UNVERIFIED, str(error))
    except (SQLAlchemyError, OSError):
        _stop(Exit.UNVERIFIED, f"{settings.store.name}: not a readable store")
    if as_json:
        typer.echo(json.dumps({"seq": last.seq, "hash": last.hash, "debited_unanswered": unanswered}))
    else:
        typer.echo(f"{last.seq} entries hold together; keep {last.seq}:{last.hash}")
        if unanswered:
            typer.echo(f"{unanswered} elements were debited and not answered: crashes in between, or a tail cut off")


def _log_as_json() -> None:
    """One JSON line an event on standard error: event, level, time and the event's own few fields."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper("iso"), _JSON],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _is_open(settings: Settings, domain: str, epoch: str, now: datetime) -> bool:
    return any(
        (item.custodian, item.domein.value, item.epoch) == (settings.number, domain, epoch) and now < item.overlap_tot
        for item in open_federation(settings).sleutels
    )


def _is_known(settings: Settings, store: Engine, domain: str, epoch: str) -> bool:
    """Whether there is something to destroy, or was: what is once in the log as destroyed is never served, so a typing
    error must not put an epoch there that is still to come. Raises InvalidInput on a name the scheme does not allow."""
    if has_seed(settings.seeds, settings.number, domain, epoch):
        return True
    with reading(store) as connection:
        if is_destroyed(connection, domain, epoch):
            return True
    pinned = open_federation(settings).sleutels
    return any((item.custodian, item.domein, item.epoch) == (settings.number, domain, epoch) for item in pinned)


def _settings(path: Path) -> Settings:
    try:
        return read_settings(path)
    except StartRefused as error:
        _stop(Exit.BAD_INPUT, str(error))


def _anchors(heads: list[str]) -> dict[int, str]:
    """The heads that were kept, by seq. One log never had two at one place, so of such a pair none is dropped."""
    found: dict[int, str] = {}
    for text in heads:
        kept = _HEAD.fullmatch(text)
        if kept is None:
            _stop(Exit.BAD_INPUT, "--head is SEQ:HASH as verify-log printed it")
        if found.setdefault(int(kept[1]), kept[2]) != kept[2]:
            _stop(Exit.UNVERIFIED, f"two different hashes were kept of entry {kept[1]}: they are not of one log")
    return found


def _stop(code: Exit, message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
