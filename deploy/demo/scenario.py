"""The demo's scenes, in the order in which they happen.

Every scene acts through the public commands (long runs of questions through the functions behind them, in one process),
tells what is seen, and states facts; `run.py` compares the facts with `expected.json`.
"""

import signal
import sqlite3
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.asking import Analyst
from deploy.demo.commands import Connector
from deploy.demo.processes import Running
from deploy.demo.sources import RIEC_PARTNERS, Plan
from deploy.demo.story import Story

MAPPINGS = Path(__file__).parent / "mappings"
PARTIES = {
    "gemeente": "00000099000000010000/veiligheid",
    "politie": "00000099000000020000/opsporing",
    "nla": "00000099000000030000/toezicht",
    "kmar": "00000099000000040000/opsporing",
    "opvang": "00000099000000070000/zorg",
    "riec": "00000099000000050000/bureau",
    "zvh": "00000099000000060000/bureau",
    "regisseur": "00000099000000095000/bureau",
}
KIND = {"gemeente": "gemeente_veiligheid", "politie": "politie", "nla": "nla", "kmar": "kmar"}
OFFICER = "psn:functionaris"


@dataclass(frozen=True)
class Stage:
    """What every scene works with."""

    federation: Running
    plan: Plan
    files: dict[str, Path]
    story: Story

    def connector(self, partner: str) -> Connector:
        """The connector of a partner, by its short name."""
        return Connector(self.federation.layout.partner(PARTIES[partner]))

    def source(self, partner: str) -> str:
        """The partner's own file of the RIEC domain, or the address of its database."""
        folder = self.files[partner]
        return {
            "gemeente": str(folder / "subjecten.csv"),
            "politie": str(folder / "registraties.xlsx"),
            "nla": f"sqlite:///{folder / 'inspectie.sqlite'}",
            "kmar": f"sqlite:///{folder / 'kmar.sqlite'}",
        }[partner]


def start(stage: Stage) -> None:
    """Two custodians of different organisations, the gateway with its policy engine."""
    stage.story.step("Twee sleutelbewaarders en de gateway starten.", "Two key custodians and the gateway start.")
    for nr in (1, 2):
        url = stage.federation.start_custodian(nr)
        stage.story.tell(f"sleutelbewaarder {nr}: {url}", f"custodian {nr}: holds one half of the keys")
    url = stage.federation.start_gateway()
    stage.story.tell(f"gateway: {url}", f"gateway with policy engine; web page at {url}/")


def preview(stage: Stage) -> None:
    """What would leave, before anything does."""
    stage.story.step(
        "De opvang bekijkt eerst wat er zou vertrekken: codes en tokens, van de verhalen niets.",
        "The shelter first looks at what would leave: codes and tokens, of the narratives nothing.",
    )
    source, mapping = stage.files["opvang"] / "clienten.csv", MAPPINGS / "opvang_zvh.toml"
    receipt = stage.connector("opvang").run("preview", source, "--mapping", mapping).result
    stories = receipt["verhalen"]
    found = ", ".join(f"{name} {count}" for name, count in sorted(stories["gevonden"].items()))
    stage.story.tell(
        f"{receipt['rijen']} rijen, {stories['aantal']} verhalen van samen {stories['tekens']} tekens; verstuurd: "
        f"{stories['verzonden_bytes']} bytes.",
        f"Presidio found in them, and it all stays: {found}.",
    )
    stage.story.fact("narratives", stories["aantal"])
    stage.story.fact("narrative_bytes_sent", stories["verzonden_bytes"])


def send(stage: Stage) -> None:
    """Four partners deliver to RIEC; the police's connector is killed half-way and resumes."""
    stage.story.step(
        "Vier partners leveren aan het RIEC-domein. Halverwege valt bij de politie de stroom uit.",
        "Four partners deliver to the RIEC domain. Half-way the power fails at the police.",
    )
    others = [partner for partner in RIEC_PARTNERS if partner != "politie"]
    with ThreadPoolExecutor(2) as pool:
        rows = dict(zip(others, pool.map(lambda name: _deliver_riec(stage, name), others), strict=True))
    rows["politie"] = _interrupted(stage)
    for partner in RIEC_PARTNERS:
        stage.story.fact(f"rows_{partner}", rows[partner])
    counts = ", ".join(f"{partner} {count}" for partner, count in rows.items())
    stage.story.tell(
        f"Bevestigd door de gateway: {counts}.", "Acknowledged by the gateway, each with a signed receipt."
    )


def _deliver_riec(stage: Stage, partner: str) -> int:
    mapping = MAPPINGS / f"{partner}_riec.toml"
    done = stage.connector(partner).deliver(stage.source(partner), mapping, OFFICER)
    return int(done.result["rows_acknowledged"])


def _interrupted(stage: Stage) -> int:
    """Kill -9 as soon as a sealed batch stands in the outbox; then send again."""
    police, mapping = stage.connector("politie"), MAPPINGS / "politie_riec.toml"
    receipt = police.folder / "politie_riec.receipt.json"
    police.run("preview", stage.source("politie"), "--mapping", mapping, "--out", receipt)
    police.run("approve", receipt, "--name", OFFICER)
    command = police.command("send", stage.source("politie"), "--mapping", mapping)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sealed: list[str] = []
    while process.poll() is None and not sealed:
        sealed = _sealed(police.folder / "outbox.sqlite")
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = police.run("send", stage.source("politie"), "--mapping", mapping)
    again = police.run("send", stage.source("politie"), "--mapping", mapping)
    same = sealed == [batch["digest"] for batch in done.result["batches"]]
    stage.story.tell(
        f"Na kill -9: dezelfde partij opnieuw verstuurd (zelfde digest: {'ja' if same else 'nee'}), en nog eens: "
        f"{again.result['rows_new']} nieuwe rijen.",
        "After kill -9 the same sealed batch is sent again, byte for byte; a third send adds nothing.",
    )
    stage.story.fact("resent_same_batch", same)
    stage.story.fact("duplicates_after_resend", again.result["rows_new"])
    return int(police.run("status").result["acknowledged_rows"])


def _sealed(outbox: Path) -> list[str]:
    """Digests of the sealed batches in an outbox, read beside its owner."""
    with closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)) as connection:
        return [digest for (digest,) in connection.execute("select digest from batch order by position")]


def match(stage: Stage, analyst: Analyst) -> None:
    """Fifty questions in two casus: forty subjects are known, ten are not."""
    stage.story.step(
        "Een RIEC-analist stelt vijftig vragen in twee zaken, met toestemming van een collega.",
        "A RIEC analyst asks fifty questions in two casus, approved by a colleague.",
    )
    analyst.open_cases()
    found = analyst.ask_all(stage.plan.subjects)
    right = sum(kinds == _expected(where) for kinds, where in zip(found, stage.plan.known_to, strict=True))
    known = sum(bool(kinds) for kinds in found)
    network = Counter(kind for kinds in found[:9] for kind in kinds)
    stage.story.fact("questions_right", right)
    stage.story.fact("known", known)
    stage.story.fact("unexpected", sum(bool(k) and not w for k, w in zip(found, stage.plan.known_to, strict=True)))
    stage.story.tell(
        f"{known} van 40 verwachte hits, {right} van 50 antwoorden precies goed. Het netwerk van negen is bekend bij "
        f"{len(network)} soorten partners. Geen naam, geen inhoud: alleen wie je kunt bellen.",
        "A hit names the kind of partner and its contact point, nothing else. Content comes from the source alone.",
    )


def _expected(where: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(KIND[partner] for partner in where))


def wrong_purpose(stage: Stage, analyst: Analyst) -> None:
    """The same question for another purpose."""
    stage.story.step(
        "Dezelfde vraag voor een ander doel: een integriteitsbeoordeling.",
        "The same question for another purpose: an integrity assessment.",
    )
    reasons = analyst.refused_purpose(stage.plan.subjects[0])
    _tell_reasons(stage, reasons)
    stage.story.fact("wrong_purpose", sorted(reasons))


def care_route(stage: Stage, analyst: Analyst) -> None:
    """Care only: no token may be made, and the shelter client never surfaces under RIEC."""
    stage.story.step(
        "Iemand probeert een cliënt uit de zorgroute te laten pseudonimiseren voor het RIEC.",
        "Somebody tries to have a care-route client pseudonymised for RIEC.",
    )
    reasons = analyst.refused_care_route()
    code = "ZORGROUTE_NIET_CENTRAAL"
    _tell_reasons(stage, {code: reasons[code]} if code in reasons else reasons)
    stage.story.fact("care_route_refused", code in reasons)
    with ThreadPoolExecutor(2) as pool:
        shelter = pool.submit(
            stage.connector("opvang").deliver,
            stage.files["opvang"] / "clienten.csv",
            MAPPINGS / "opvang_zvh.toml",
            OFFICER,
        )
        police = pool.submit(
            stage.connector("politie").deliver, stage.source("politie"), MAPPINGS / "politie_zvh.toml", OFFICER
        )
    delivered = [done.result().result["rows_acknowledged"] for done in (shelter, police)]
    stage.story.fact("rows_zvh", sum(delivered))
    client = analyst.ask_one(stage.plan.shelter_client)
    stage.story.fact("shelter_client_under_riec", list(client))
    stage.story.tell(
        "De cliënt staat bij opvang én politie, maar onder het Veiligheidshuis: onder RIEC is het antwoord 'onbekend', "
        "net als bij iedereen die niemand kent.",
        "The client is known to shelter and police, under the Veiligheidshuis only: under RIEC the answer looks like "
        "any 'unknown'. The keys differ, so the wall is arithmetic as well as policy.",
    )


def _tell_reasons(stage: Stage, reasons: dict[str, tuple[str, str]]) -> None:
    for code, (nl, en) in sorted(reasons.items()):
        stage.story.tell(f"Geweigerd, {code}: {nl}", f"Refused: {en}")


def withdraw(stage: Stage, analyst: Analyst) -> None:
    """The police withdraw everything under RIEC: its hits are gone at once."""
    stage.story.step("De politie trekt haar RIEC-records in.", "The police withdraw their RIEC records.")
    done = stage.connector("politie").run("withdraw", "--all", "--domain", "RIEC")
    stage.story.fact("withdrawal_pending", done.result["pending"])
    kinds = analyst.ask_one(stage.plan.subjects[0])
    stage.story.fact("network_after_withdrawal", list(kinds))
    stage.story.tell(
        f"Het eerste lid van het netwerk is nu nog bekend bij: {', '.join(kinds)}.",
        "From the receipt on, the withdrawn records cannot be matched; tombstones keep a restored backup from reviving "
        "them.",
    )


def leave(stage: Stage, analyst: Analyst) -> None:
    """The Marechaussee leaves: it destroys its share, nobody need agree."""
    stage.story.step(
        "De Marechaussee stapt uit en vernietigt haar sleuteldeel. Niemand hoeft daarmee in te stemmen.",
        "The Marechaussee leaves and destroys its share. Nobody need agree.",
    )
    stage.connector("kmar").run("leave", "--yes")
    kinds = analyst.ask_one(stage.plan.subjects[0])
    stage.story.fact("network_after_leaving", list(kinds))
    stage.story.tell(
        f"Bekend bij: {', '.join(kinds)}. Ook een oude back-up van de gateway kan haar rijen niet meer openen.",
        "Its rows in the gateway, and in every backup of it, are ciphertext under a key that no longer exists.",
    )


def audit(stage: Stage) -> None:
    """Every step stands in the ledger, and the chain verifies."""
    stage.story.step("De privacyfunctionaris controleert het grootboek.", "The privacy officer verifies the ledger.")
    entries = stage.federation.verify_ledger()
    stage.story.fact("ledger_verifies", entries > 0)
    stage.story.tell(
        f"{entries} posten, de keten klopt: elk besluit staat erin, ook elke weigering.",
        "Decisions, receipts, matches, withdrawals and releases; no token, no identifier, no name.",
    )
