"""`init`, `check`, `status`, `lease`, `verify`: setting up, and seeing how things stand."""

import email.utils
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import httpx
import typer
from pydantic import ValidationError

from connectors.contract.canonical import b64u
from connectors.contract.codes import TokenDomein
from connectors.contract.exits import Exit
from connectors.contract.invite import Aanmelding, Uitnodiging
from connectors.delivery import deliver_withdrawals, lend_share
from connectors.errors import ConnectorError, InputRefused, PeerUnavailable, complaint
from connectors.files import called, read_whole, write_whole
from connectors.house import House
from connectors.keyring import Keyring
from connectors.terminal import Desk, Screen, command, file_command
from connectors.witness import verify_ledger

MAX_SKEW: Final = timedelta(seconds=30)
"""Half of what a proof may be off (contract, PROOF_SKEW)."""
POLL_SECONDS: Final = 30.0
"""How often a connector asks whether its lease still stands (cryptography page, point 9)."""


@file_command
def init(
    screen: Screen,
    invite: Annotated[Path, typer.Argument(help="The invitation from a convenant owner (JSON).")],
    folder: Annotated[Path, typer.Option("--dir", help="Where settings and keys go.")] = Path(),
) -> None:
    """Make keys and settings from an invitation, and print the public keys for the convenant owners."""
    raw = read_whole(invite)
    try:
        invitation = Uitnodiging.model_validate_json(raw)
    except ValidationError as error:
        raise InputRefused(f"not an invitation: {complaint(error)}", file=invite.name) from error
    settings = folder / "connector.toml"
    if settings.exists():
        raise InputRefused("exists already; a party is set up once", file=settings.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputRefused(f"the folder cannot be made ({error.strerror})", file=called(folder)) from error
    keyring = Keyring(folder / "keys")
    keyring.make()
    write_whole(settings, _settings_text(invitation))
    answer = Aanmelding(
        oin=invitation.oin,
        domein=invitation.domein,
        sleutel=keyring.signing_key().public,
        hpke=keyring.hpke_public(),
    )
    lines = [
        f"keys made in {folder / 'keys'}, settings in {settings}",
        "give the owners these public keys; then put the federation file they sign beside the settings:",
        answer.model_dump_json(),
    ]
    screen.show(answer.model_dump(mode="json"), lines)


@command
def check(desk: Desk) -> None:
    """Try everything a send needs: keys, federation file, clock, gateway, custodians. Nothing is changed."""
    with desk.house() as house:
        results = {"keys": "ok", "federation": "ok"} | _gateway_state(house)
        for custodian in house.federatie.custodians:
            results[f"custodian{custodian.nr}"] = _answers(house, f"{custodian.url}/livez")
    desk.show(results, [f"{name}: {state}" for name, state in results.items()])
    if any(state.startswith("away") for state in results.values()):
        raise typer.Exit(Exit.UNAVAILABLE)
    if not all(state == "ok" or name == "policy" for name, state in results.items()):
        raise typer.Exit(Exit.UNVERIFIED)


@command
def status(desk: Desk) -> None:
    """What is queued, sent, withdrawn and approved; from this connector's own outbox, without the gateway."""
    with desk.house() as house:
        counts = house.outbox.counts()
        receipts = house.outbox.receipts()
        result = {
            "party": house.party.id,
            "queued_batches": counts.queued_batches,
            "acknowledged_batches": counts.acknowledged_batches,
            "acknowledged_rows": counts.acknowledged_rows,
            "records": counts.records,
            "tombstones": counts.tombstones,
            "pending_withdrawals": counts.pending_withdrawals,
            "questions": counts.questions,
            "receipts": len(receipts),
            "approved": sum(receipt.signed is not None for receipt in receipts),
            "left": house.outbox.has_left(),
            "batches": [
                {"batch_id": batch.batch_id, "digest": batch.digest, "rows": batch.aantal}
                for batch in house.outbox.acknowledged()
            ],
        }
    desk.show(result, [f"{name}: {value}" for name, value in result.items() if name != "batches"])


@command
def lease(
    desk: Desk,
    domain: Annotated[TokenDomein | None, typer.Option("--domain", help="One domain; else all.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Keep polling every 30 seconds until stopped.")] = False,
) -> None:
    """Lend this party's share to the gateway, so that its records can be matched for 24 hours."""
    with desk.house() as house:
        domains = (house.domein(domain),) if domain else house.settings.domains
        while True:
            try:
                _lend(desk, house, domains)
            except PeerUnavailable as error:
                if not watch:
                    raise
                desk.show({"error": str(error)}, [str(error)])
            if not watch:
                return
            time.sleep(POLL_SECONDS)


def _lend(desk: Desk, house: House, domains: tuple[TokenDomein, ...]) -> None:
    deliver_withdrawals(house)
    states = {place: lend_share(house, place) for place in domains}
    result = {
        place.value: {"until": state.verloopt.isoformat() if state.verloopt else None}
        for place, state in states.items()
    }
    desk.show(result, [f"{place}: present until {state['until']}" for place, state in result.items()])


@command
def verify(desk: Desk) -> None:
    """Walk the gateway's ledger and compare it with what this party saw before and with its receipts."""
    with desk.house() as house:
        found = verify_ledger(house)
    result = {
        "entries": found.now.size,
        "head": b64u(found.now.head),
        "entries_before": found.before.size,
        "receipts": found.receipts,
    }
    line = f"ledger of {found.now.size} entries holds; {found.receipts} receipts stand in place"
    desk.show(result, [line])


def _settings_text(invitation: Uitnodiging) -> str:
    owners = ", ".join(f'"{thumbprint}"' for thumbprint in invitation.eigenaren)
    domains = ", ".join(f'"{domein}"' for domein in invitation.domeinen)
    return (
        f'oin = "{invitation.oin}"\ndomein = "{invitation.domein}"\nfederation = "federation.json"\n'
        f'owners = [{owners}]\nkeys = "keys"\noutbox = "outbox.sqlite"\n'
        f'domains = [{domains}]\nepoch = "{invitation.epoch}"\n'
    )


def _gateway_state(house: House) -> dict[str, str]:
    try:
        answer = house.calls.ready()
    except ConnectorError as error:
        return {"gateway": f"away: {error}"}
    found = {"gateway": "ok" if answer.status_code == httpx.codes.OK else f"away: not ready ({answer.status_code})"}
    if "date" in answer.headers:
        found["clock"] = clock_state(answer.headers["date"], house.clock())
    try:
        house.calls.sign_in()
        found["sign-in"] = "ok"
    except ConnectorError as error:
        found["sign-in"] = str(error)
    return found


def clock_state(said: str, now: datetime) -> str:
    """How this house's clock compares with the gateway's `Date` (RFC 9110 6.6.1)."""
    try:
        moment = email.utils.parsedate_to_datetime(said)
    except ValueError:
        return "unknown: the gateway states no date that can be read"
    skew = abs((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now)
    return "ok" if skew <= MAX_SKEW else f"off by {int(skew.total_seconds())} seconds; set the clock"


def _answers(house: House, url: str) -> str:
    try:
        status = house.http.get(url).status_code
    except httpx.HTTPError as error:
        return f"away: {type(error).__name__}"
    return "ok" if status == httpx.codes.OK else f"away: status {status}"
