"""The release scene: a careless draft that our own attacker opens, a protected one, two people, a sealed release."""

from concurrent.futures import ThreadPoolExecutor

from connectors.contract.releases import Publicatie
from deploy.demo.regisseur import RELEASE_ID, TAFEL, TAFEL_ID, Regisseur, can_read
from deploy.demo.scenario import MAPPINGS, OFFICER, Stage
from deploy.demo.sources import RIEC_PARTNERS


def release(stage: Stage, regisseur: Regisseur) -> None:
    """The yearly tables: deduplicated, drafted, blocked, protected, approved by two, published, made again."""
    stage.story.step(
        "Vier partners leveren hun jaarlijst; de regisseur maakt de tabellen.",
        "Four partners deliver their yearly list; the regional director makes the tables.",
    )
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda name: _deliver_victims(stage, name), RIEC_PARTNERS))
    stage.story.fact("rows_monitor", sum(rows))
    _others(stage, regisseur)
    _careless(stage, regisseur)
    stage.story.step(
        "Het tweede ontwerp houdt ook achter waaruit kleine aantallen te berekenen zijn.",
        "The second draft also withholds what small counts could be computed from.",
    )
    digest = regisseur.draft()
    refused = regisseur.refused_without_approval(digest)
    stage.story.fact("release_without_approval", sorted(refused))
    stage.story.tell(
        "Onze aanvaller vindt niets meer. Zonder de privacyfunctionaris verschijnt het niet; die keurt de digest van "
        "precies deze cijfers goed.",
        "Our attacker finds nothing. Without the privacy officer it is not published; he approves the digest of these "
        "very figures.",
    )
    published = regisseur.release(digest)
    _tell_tables(stage, published, sum(rows))
    _tell_estimate(stage, published)
    _check(stage)
    _at_table(stage, regisseur, published)


def _deliver_victims(stage: Stage, partner: str) -> int:
    source, mapping = stage.files[partner] / "slachtoffers.csv", MAPPINGS / "slachtoffers_monitor.toml"
    done = stage.connector(partner).deliver(source, mapping, OFFICER, register_as=OFFICER)
    return int(done.result["rows_acknowledged"])


def _others(stage: Stage, regisseur: Regisseur) -> None:
    """What others published is known to our attacker; a number that the rows deny is never dropped in silence."""
    people = {(person.bsn, person.document) for victims in stage.plan.victims.values() for person in victims}
    regisseur.register(len(people) + 1, "comensha-2026-1")
    denied = regisseur.careless_draft()
    said = denied[0].nl if denied else ""
    stage.story.fact("external_contradiction", said)
    stage.story.tell(
        f"Het regiototaal dat CoMensha publiceerde is geregistreerd, met een tikfout. Geblokkeerd: {said}.",
        "CoMensha's printed total was registered with a typing error: the draft is refused by source and cell.",
    )
    regisseur.register(len(people), "comensha-2026-2", vervangt="comensha-2026-1")


def _careless(stage: Stage, regisseur: Regisseur) -> None:
    """Only counts below ten left out: what everybody does first."""
    opened = regisseur.careless_draft()
    stage.story.fact("first_draft_blocked", bool(opened))
    for reden in opened:
        stage.story.tell(f"Geblokkeerd: {reden.nl}.", f"Blocked: {reden.en}.")
    if opened:
        stage.story.fact("first_draft_opens", opened[0].nl)
        stage.story.tell(f"Wat helpt: {opened[0].handelingsperspectief}.", "What helps is said as well.")


def _tell_tables(stage: Stage, published: Publicatie, rows: int) -> None:
    known = [f"{each.bron} {each.jaar}" for each in published.extern or ()]
    stage.story.fact("release_attacked_with", known)
    counts = {table.tabel.value: [cell.aantal for cell in table.cellen] for table in published.tabellen}
    totals = {name: max(count for count in cells if count is not None) for name, cells in counts.items()}
    withheld = {
        name: sum(cell.aantal is None and not cell.leeg for cell in table.cellen)
        for name, table in zip(counts, published.tabellen, strict=True)
    }
    stage.story.fact("release_totals", totals)
    stage.story.fact("release_withheld_some", all(withheld.values()))
    for name, cells in counts.items():
        stage.story.tell(
            f"{name}: {len(cells) - withheld[name]} cellen getoond, {withheld[name]} achtergehouden; totaal "
            f"{totals[name]}.",
            "Municipalities add up to Veiligheidshuizen, forms to groups, both to the region.",
        )
    stage.story.tell(
        f"{rows} meldingen zijn {totals['vorm_per_gemeente']} unieke slachtoffers.",
        f"Registrations are not victims: {rows} registrations, {totals['vorm_per_gemeente']} people.",
    )


def _tell_estimate(stage: Stage, published: Publicatie) -> None:
    """What is published beside the observed count: an interval, or why none is justified."""
    found = published.schatting
    if found is None:
        return
    stage.story.fact("estimate_observed", found.waargenomen)
    stage.story.fact("estimate_interval", None if found.onder is None else [found.onder, found.boven])
    stage.story.fact("estimate_reasons", list(found.redenen))
    why = ", ".join(code.replace("_", " ") for code in found.redenen)
    said = "geen verantwoorde schatting mogelijk" if found.onder is None else f"{found.onder} tot {found.boven}"
    stage.story.tell(
        f"Geschatte omvang: {found.waargenomen} waargenomen; {said}.",
        f"Size estimate: {why or 'an interval rounded outward'}. The overlaps themselves never leave the gateway.",
    )


def _at_table(stage: Stage, regisseur: Regisseur, public: Publicatie) -> None:
    """Smaller counts for the parties of the monitor alone, after the public figures of the same people."""
    found = regisseur.release_at_table()
    readers = [name for name in ("nla", "riec") if can_read(stage.connector(name), TAFEL_ID)]
    (table,) = found.tabellen
    hidden = {c.codes for t in public.tabellen if t.tabel in TAFEL for c in t.cellen if c.aantal is None}
    besides = [cel.aantal for cel in table.cellen if cel.aantal and cel.codes in hidden]
    stage.story.fact("tafel_shown_besides", len(besides))
    stage.story.fact("tafel_readers", readers)
    stage.story.tell(
        f"De Regionale Tafel krijgt een eigen tabel, vanaf {table.k}: {len(besides)} cellen die het publiek niet ziet. "
        f"De arbeidsinspectie leest haar; het RIEC-bureau zit niet aan deze tafel en vindt haar niet.",
        f"The Regionale Tafel gets a table of its own, from {table.k} on, and nobody else finds it. Its members' view, "
        "with the public figures in hand, was attacked as well.",
    )


def _check(stage: Stage) -> None:
    """The operator has the release made again from the rows, while all partners are there."""
    code = stage.federation.release_command("reproduce", RELEASE_ID)
    stage.story.fact("release_made_again", code == 0)
    if code == 0:
        stage.story.tell(
            "Opnieuw gemaakt uit dezelfde rijen: byte voor byte gelijk aan het verzegelde document.",
            "Made again from the same rows: the same bytes as the sealed document.",
        )
