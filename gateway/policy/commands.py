"""Commands of the policy room: `decide`, `bundle build | compile | digest | owner-key | sign`, `route`."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal, cast

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import JsonValue, ValidationError
from rich.console import Console
from rich.progress import track

from connectors.contract.codes import Betrouwbaarheid, Categorie, Doorbrekingsgrond, Partnertype, Rol, Status
from connectors.contract.exits import Exit
from connectors.contract.signing import SigningKey, Unverified, read_key_file, write_secret_file
from connectors.contract.ticket import Handelende
from gateway.policy.answer import Answer
from gateway.policy.archive import bundle_archive, given_bundle, manifest_of, read_system
from gateway.policy.bundle import PolicyBundle, load_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import PolicyEngine
from gateway.policy.errors import EngineUnavailable, PolicySourceError
from gateway.policy.room import Lease, PolicyRoom
from gateway.policy.route import Signal, advise
from gateway.policy.signatures import Word, bundle_digest, sign_bundle
from gateway.policy.sources import compile_tables, read_source, render_pages

_ROOT: Final = Path(__file__).resolve().parents[2]
_ERRORS: Final = Console(stderr=True)

PolicyDir = Annotated[
    Path, typer.Option("--policy-dir", envvar="SCHAKEL_POLICY_DIR", help="The folder with schakel/ (rules, tables).")
]
SystemDir = Annotated[Path, typer.Option("--system", help="The OPA server's own policies (system.authz, system.log).")]
POLICY_DIR: Final = _ROOT / "policies" / "opa"
SYSTEM_DIR: Final = _ROOT / "deploy" / "opa" / "system"
TOOLS_DIR: Final = _ROOT / ".tools"


def register(app: typer.Typer) -> None:
    """Hang the commands on the house's command line."""
    app.command("decide")(decide_command)
    app.command("route")(route_command)


def register_bundle(app: typer.Typer) -> None:
    """Hang the commands on the group of the rules."""
    for name, command in (
        ("build", build_command),
        ("compile", compile_command),
        ("digest", digest_command),
        ("owner-key", owner_key_command),
        ("sign", sign_command),
    ):
        app.command(name)(command)


def decide_command(
    cases: Annotated[Path, typer.Argument(help='JSON: {"cases": [{"name", "input"}]}.')],
    engine: Annotated[Literal["embedded", "opa"], typer.Option(help="Which engine answers.")] = "embedded",
    opa_url: Annotated[str | None, typer.Option(help="An OPA server; without it one is started on loopback.")] = None,
    policy_dir: PolicyDir = POLICY_DIR,
    system: SystemDir = SYSTEM_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="The output is always JSON, one object a line.")] = True,
) -> None:
    """Put questions to policy and print one answer a line; exit 0 whatever the answers, 5 when nobody answers."""
    del as_json
    with _exits():
        bundle = load_bundle(policy_dir)
        asked = _read_cases(cases)
        with _engine(engine, opa_url, bundle, system) as answering:
            room = PolicyRoom(bundle, answering, lambda: Lease(datetime.now(UTC), signed=False), lambda: "-")
            for name, question in track(asked, "decide", console=_ERRORS, disable=not sys.stderr.isatty()):
                _print(name, room.answer(question))


def route_command(
    partnertype: Annotated[Partnertype, typer.Option(help="Who holds the signal.")],
    categorie: Annotated[Categorie, typer.Option(help="Whom or what it is about.")],
    gemeente: Annotated[str, typer.Option(help="Municipality of exploitation, GMnnnn.")],
    status: Annotated[Status, typer.Option(help="How far it has come.")] = Status.VERMOEDEN,
    strafbaar_feit: Annotated[bool, typer.Option(help="It has a criminal side.")] = False,
    georganiseerd: Annotated[bool, typer.Option(help="It points at organised crime.")] = False,
    beroepsgeheim: Annotated[bool, typer.Option(help="It is under professional secrecy.")] = False,
    grond: Annotated[Doorbrekingsgrond, typer.Option(help="Ground to lift it.")] = Doorbrekingsgrond.GEEN,
    policy_dir: PolicyDir = POLICY_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say where a signal belongs, at which table, with whom it may be shared, and why not."""
    signal = Signal(partnertype, categorie, gemeente, status, strafbaar_feit, georganiseerd, beroepsgeheim, grond)
    now = datetime.now(UTC)
    with _exits():
        bundle = load_bundle(policy_dir)
        room = PolicyRoom(bundle, EmbeddedEngine(bundle), lambda: Lease(now, signed=False), lambda: "-")
        advice = advise(signal, room, now)
    if as_json:
        _say(cast("dict[str, JsonValue]", asdict(advice)))
        return
    typer.echo(f"route {advice.route}, tafel: {advice.tafel}\n{advice.toelichting}")
    for share in advice.delen:
        typer.echo(f"{share.convenant}: {'ja' if share.mag else 'nee'}, {share.vorm}")
        for reason in share.redenen:
            typer.echo(f"  - {reason}")


def build_command(
    out: Annotated[Path, typer.Argument(help="The bundle to write (tar.gz).")],
    key: Annotated[Path | None, typer.Option(help="Ed25519 private key (PEM); without it nothing is signed.")] = None,
    parties: Annotated[
        Path | None, typer.Option(help="Parties of a federation (as bron/parties.json), instead of the demo's.")
    ] = None,
    policy_dir: PolicyDir = POLICY_DIR,
    system: SystemDir = SYSTEM_DIR,
) -> None:
    """Write the rules as an OPA bundle, signed with EdDSA when a key is given; print its revision and digest."""
    with _exits():
        bundle = load_bundle(policy_dir)
        if parties is not None:
            bundle = bundle.with_parties(read_source(parties))
        archive = bundle_archive(bundle, read_system(system), None if key is None else _read_key(key))
        read = (*policy_dir.rglob("*"), *system.rglob("*"), *filter(None, (key, parties)))
        _write(out, archive, *read)
    _say({"revision": bundle.revision, "digest": f"sha256:{bundle.digest}", "signed": key is not None})


def compile_command(
    policy_dir: PolicyDir = POLICY_DIR,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 6 when a table is not current.")] = False,
) -> None:
    """Make the data tables from `bron/`, the bundle manifest, and the pages that officers read and sign."""
    with _exits():
        stale = [path for path, text in compile_tables(policy_dir).items() if _differs(path, text, write=not check)]
        bundle = load_bundle(policy_dir)
        derived = {policy_dir / ".manifest": manifest_of(bundle), **render_pages(policy_dir, bundle)}
        stale += [path for path, text in derived.items() if _differs(path, text, write=not check)]
    _say({"changed": [path.relative_to(policy_dir).as_posix() for path in stale]})
    if check and stale:
        raise typer.Exit(Exit.UNVERIFIED)


def digest_command(policy_dir: PolicyDir = POLICY_DIR) -> None:
    """Print the revision and the digest that two convenant owners sign."""
    with _exits():
        bundle = load_bundle(policy_dir)
    _say({"revision": bundle.revision, "digest": f"sha256:{bundle.digest}"})


def owner_key_command(out: Annotated[Path, typer.Argument(help="The key to make; keep it off line.")]) -> None:
    """Make a convenant owner's key (32 bytes, mode 0600); print its public half, for the federation file."""
    with _exits():
        seed = os.urandom(32)
        try:
            write_secret_file(out, seed)
        except FileExistsError:
            raise PolicySourceError(out.name, "is there already; a key is never replaced, name another file") from None
        except OSError as error:
            raise PolicySourceError(out.name, f"cannot be written ({error.strerror})") from None
        public = SigningKey(seed).public
    _say({**public.model_dump(), "thumbprint": public.thumbprint})


def sign_command(
    bundle: Annotated[Path, typer.Argument(help="The rules: a folder, or an archive of `bundle build`.")],
    key: Annotated[Path, typer.Option(help="The owner's key: 32 bytes, mode 0600, as for the federation file.")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="No longer stand behind these rules.")] = False,
    door: Annotated[str, typer.Option(help="Pseudonym of the privacy officer who signs.")] = "psn:privacy-officer",
    loa: Annotated[Betrouwbaarheid, typer.Option(help="How surely he was identified.")] = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: Annotated[bool, typer.Option(help="Whether by more than one factor.")] = True,
    out: Annotated[Path | None, typer.Option(help="Write the signature here instead of printing it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Sign rules as a convenant owner: a detached signature over their digest, for `bundle activate` or `withdraw`."""
    with _exits():
        rules = given_bundle(bundle)
        signature = sign_bundle(
            rules,
            _owner_key(key),
            Word.WITHDRAWS if withdraw else Word.AGREES,
            _officer(door, loa, mfa),
            datetime.now(UTC),
        )
        if out is not None:
            _write(out, f"{signature}\n".encode("ascii"), bundle, *bundle.rglob("*"), key)
    if as_json:
        _say({"revision": rules.revision, "digest": bundle_digest(rules), "signature": signature})
    elif out is None:
        typer.echo(signature)


def _owner_key(path: Path) -> SigningKey:
    try:
        return read_key_file(path)
    except Unverified as error:
        raise PolicySourceError("--key", str(error)) from None


def _officer(sub: str, loa: Betrouwbaarheid, mfa: bool) -> Handelende:
    try:
        return Handelende(sub=sub, rol=Rol.PRIVACY_OFFICER, loa=loa, mfa=mfa)
    except ValidationError:
        raise PolicySourceError("--door", "must be a pseudonym such as psn:po01") from None


def _write(out: Path, content: bytes, *read: Path) -> None:
    """The whole file or none, and over nothing that the command has `read`; raises PolicySourceError."""
    name = out.name or str(out)
    draft = out.parent / f".{name}.{os.getpid()}"
    try:
        if out.exists() and any(path.exists() and out.samefile(path) for path in read):
            raise PolicySourceError(name, "is read by this command; name another file to write to")
        if out.exists() and not out.is_file():
            raise PolicySourceError(name, "is no file; name the file to write")
        draft.write_bytes(content)
        draft.replace(out)
    except OSError as error:
        raise PolicySourceError(name, f"cannot be written ({error.strerror})") from None
    finally:
        with suppress(OSError):
            draft.unlink()


def _read_cases(path: Path) -> list[tuple[JsonValue, JsonValue]]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicySourceError(path.name, f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise _not_json(path, "not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _not_json(path, f"not JSON at row {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):
        raise _not_json(path, "not JSON that can be read") from None
    listed = document.get("cases") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise PolicySourceError(path.name, 'must hold {"cases": [...]}')
    for place, case in enumerate(listed, start=1):
        if not isinstance(case, dict):
            raise PolicySourceError(f"{path.name}, case {place}", 'must be {"name": ..., "input": ...}')
        if missing := [part for part in ("name", "input") if part not in case]:
            _say_unfit(case.get("name"))
            raise PolicySourceError(f"{path.name}, case {place}", f"has no {missing[0]}; nothing was decided")
    return [(case["name"], case["input"]) for case in listed]


def _not_json(path: Path, problem: str) -> PolicySourceError:
    _say_unfit(path.name)
    return PolicySourceError(path.name, problem)


def _say_unfit(name: JsonValue) -> None:
    # What holds no question is refused in the same words as a question without its sections (policy page).
    _say({"name": name, "decision": False, "codes": ["ONBEKENDE_WAARDE"], "obligations": ["LOG"]})


def _print(name: JsonValue, answer: Answer) -> None:
    _say(
        {
            "name": name,
            "decision": answer.decision,
            "codes": cast("JsonValue", list(answer.codes)),
            "obligations": cast("JsonValue", list(answer.duties)),
        }
    )


def _say(value: dict[str, JsonValue]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=True))


@contextmanager
def _engine(
    engine: Literal["embedded", "opa"], url: str | None, bundle: PolicyBundle, system: Path
) -> Iterator[PolicyEngine]:
    if engine == "embedded":
        if url is not None:
            raise PolicySourceError("--opa-url", "goes with --engine opa")
        yield EmbeddedEngine(bundle)
        return
    # Imported here: OPA's client loads an HTTP library of half a second, for which the embedded engine need not wait.
    from gateway.policy.opa_running import reached_opa

    with reached_opa(url, bundle, system, TOOLS_DIR) as reached:
        yield reached


def _read_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        raise PolicySourceError(path.name, "must be a readable Ed25519 private key in PEM without password") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise PolicySourceError(path.name, "must be an Ed25519 key")
    return key


def _differs(path: Path, text: str, write: bool) -> bool:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, text.encode())
    return True


@contextmanager
def _exits() -> Iterator[None]:
    try:
        yield
    except PolicySourceError as error:
        _ERRORS.print(str(error), markup=False, highlight=False)
        raise typer.Exit(Exit.BAD_INPUT) from None
    except EngineUnavailable as error:
        _ERRORS.print(f"{error}; nothing was allowed, try again", markup=False, highlight=False)
        raise typer.Exit(Exit.UNAVAILABLE) from None
