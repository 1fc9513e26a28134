"""Commands of the privacy officer over past decisions in the ledger: replay, explain, whatif."""

import json
from pathlib import Path
from typing import Annotated

import typer

from connectors.contract.exits import Exit
from gateway.clock import system_clock
from gateway.commands import DEFAULT, AsJson, SettingsFile, exits, settings_of, stop
from gateway.ids import random_id
from gateway.ledger.decisions import find_decision, stored_decisions
from gateway.policy.archive import given_bundle
from gateway.policy.bundle import PolicyBundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.errors import PolicySourceError
from gateway.policy.kept import KeptRules
from gateway.policy.opening import consulted_rules
from gateway.policy.replay import StoredDecision, explain, flips_per_article, replay, stored_decision, whatif
from gateway.policy.shelf import kept
from gateway.settings import Settings
from gateway.store import open_store, reading


def register(app: typer.Typer) -> None:
    """Hang the commands on the house's command line."""
    app.command("replay")(replay_command)
    app.command("explain")(explain_command)
    app.command("whatif")(whatif_command)


def replay_command(
    decision: Annotated[str | None, typer.Argument(help="A decision id; or use --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every decision in the ledger.")] = False,
    settings: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Put a past decision's question to its own rules again; exit 6 when an answer differs, 2 without those rules."""
    if (decision is None) != every:
        stop("name one decision, or say --all", Exit.BAD_INPUT)
    with exits():
        read = settings_of(settings)
        rules: dict[str, KeptRules] = {}
        done = []
        for stored in _decisions(read, decision):
            if stored.digest not in rules:
                rules[stored.digest] = KeptRules(_kept(read, stored.digest))
            done.append(replay(stored, rules[stored.digest]))
    differing = [each.id for each in done if not each.same]
    if as_json:
        typer.echo(json.dumps({"replayed": len(done), "differing": differing}))
    else:
        typer.echo(f"{len(done)} replayed, {len(differing)} differ" + "".join(f"\n{each}" for each in differing))
    if differing:
        raise typer.Exit(Exit.UNVERIFIED)


def explain_command(
    decision: Annotated[str, typer.Argument(help="A decision id.")],
    settings: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Say why a decision fell: which checks, by which articles, and what would have been needed."""
    with exits():
        read = settings_of(settings)
        (stored,) = _decisions(read, decision)
        reasons = explain(stored, _kept(read, stored.digest))
    if as_json:
        rows = [
            {"code": r.code, "nl": r.nl, "grondslag": r.grondslag, "handelingsperspectief": r.handelingsperspectief}
            for r in reasons
        ]
        typer.echo(json.dumps({"decision": stored.allowed, "reden": rows}, ensure_ascii=False))
        return
    typer.echo("toegestaan" if stored.allowed else "geweigerd")
    for r in reasons:
        typer.echo(f"{r.code}: {r.nl}\n  grondslag: {r.grondslag}\n  wat kan wel: {r.handelingsperspectief}")


def whatif_command(
    bundle: Annotated[Path, typer.Argument(help="A folder with other rules (schakel/…).")],
    settings: SettingsFile = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """List the past decisions that other rules would have decided otherwise, before anyone signs those rules."""
    with exits():
        read = settings_of(settings)
        rules = given_bundle(bundle)
        room = consulted_rules(rules, EmbeddedEngine(rules), system_clock, random_id)
        flips = whatif(_decisions(read, None), room)
        articles = flips_per_article(flips, room.bundle)
    if as_json:
        rows = [{"besluit": f.id, "toen": f.allowed_then, "nu": f.allowed_now} for f in flips]
        typer.echo(json.dumps({"flips": rows, "artikelen": articles}, ensure_ascii=False))
        return
    typer.echo(f"{len(flips)} decisions would flip")
    for flip in flips:
        change = "refuse -> allow" if flip.allowed_now else "allow -> refuse"
        typer.echo(f"{flip.id} {change} {', '.join((*flip.gained, *flip.lost))}")
    for article, count in articles.items():
        typer.echo(f"{count:5} {article}")


def _kept(settings: Settings, digest: str) -> PolicyBundle:
    """The rules that once decided, with their own closed lists."""
    try:
        return kept(digest, settings.bundles, closed=False)
    except OSError as error:
        raise PolicySourceError(settings.bundles.name, f"cannot be read ({error.strerror})") from error


def _decisions(settings: Settings, decision: str | None) -> tuple[StoredDecision, ...]:
    with reading(open_store(settings.database)) as transaction:
        if decision is not None:
            return (stored_decision(decision, find_decision(transaction, decision)),)
        return tuple(stored_decision(besluit, entry) for besluit, entry in stored_decisions(transaction))
