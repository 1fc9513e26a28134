"""A guessing partner and a keeper through their own connectors, with real tokens of both custodians."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from typer.testing import CliRunner

from connectors import terminal
from connectors.cli import app
from connectors.contract.canaries import KanarieBesluit
from connectors.contract.codes import Doel, TokenDomein
from connectors.delivery import new_id
from connectors.errors import InputRefused, NotPermitted, NotVerified, PeerUnavailable
from connectors.house import House
from connectors.keeping import decide, notices, put_canaries, read_numbers
from connectors.keeping_notes import NotesChecked, check_notes
from gateway.canaries.tables import NOTICES, TOUCHES
from gateway.ledger.entries import Event
from gateway.ledger.tables import BODIES
from gateway.store import writing
from pseudonymizer.identity import Trait
from tests.attacks.keeper import CLERK, KEEPER, OFFICER, appoint
from tests.connectors.samples import bsn, row, write_mapping, write_source
from tests.gateway.gateway_world import POLITIE, RIEC_BUREAU, make_layout
from tests.promises.canary_hunt import hidden_in
from tests.world import Federation, deliver, known, open_case, start_federation

NEVER_ISSUED = [bsn(number) for number in range(900, 930)]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Federation]:
    """Thirty numbers were never issued; their keeper put them as canaries."""
    federation = start_federation(appoint(make_layout(tmp_path / "federation")))
    numbers = tmp_path / "never_issued.txt"
    numbers.write_text("\n".join(NEVER_ISSUED) + "\n")
    with federation.connector(KEEPER) as keeper:
        kept = put_canaries(keeper, numbers, Trait.BSN, TokenDomein.RIEC, OFFICER, lambda _: None)
        assert (kept.canaries, kept.sets) == (30, 1)
    yield federation
    federation.stop_gateway()


def guesses(tmp_path: Path, *canaries: str) -> tuple[Path, Path]:
    """A source of four invented people and records made up around guessed numbers, and its mapping."""
    rows = [row(number) for number in range(4)]
    for number, guessed in enumerate(canaries, start=50):
        made_up = row(number)
        made_up[6] = guessed
        rows.append(made_up)
    return write_source(tmp_path / "guesses.csv", rows), write_mapping(tmp_path / "mapping.toml")


def test_a_guess_among_records_is_caught_and_hidden(guarded: Federation, tmp_path: Path) -> None:
    """The sender gets its receipt; nobody finds any row of it; its keeper hears; its custodians hear no more of it."""
    with guarded.connector(POLITIE) as police:
        sent = deliver(police, *guesses(tmp_path, NEVER_ISSUED[7]))
        assert sent.delivered.rows == 5
    with guarded.connector(RIEC_BUREAU) as bureau:
        open_case(bureau)
        assert not known(bureau, bsn(1))
    with guarded.connector(KEEPER) as keeper:
        (notice,) = notices(keeper, OFFICER).meldingen
        assert (notice.partij, notice.geraakt) == (POLITIE, 1)
    before = [len(guarded.wire.to(custodian.url)) for custodian in guarded.federatie.custodians]
    more = write_source(tmp_path / "more.csv", [row(number) for number in range(20, 24)])
    with guarded.connector(POLITIE) as police, pytest.raises(NotPermitted, match="stopped"):
        deliver(police, more, tmp_path / "mapping.toml")
    assert [len(guarded.wire.to(custodian.url)) for custodian in guarded.federatie.custodians] == before


def test_a_guess_in_a_question_is_caught(guarded: Federation, tmp_path: Path) -> None:
    """An analyst who asks about a number that nobody has is told `onbekend`, and cannot ask again."""
    with guarded.connector(RIEC_BUREAU) as bureau:
        open_case(bureau)
        assert not known(bureau, NEVER_ISSUED[0])
        with pytest.raises(NotPermitted, match="stopped"):
            known(bureau, bsn(1))
    with guarded.connector(KEEPER) as keeper:
        assert [n.soort for n in notices(keeper, OFFICER).meldingen] == ["vraag"]


def test_two_persons_let_the_batch_join(guarded: Federation, tmp_path: Path) -> None:
    """After the keeper's clerk and its privacy officer agree, the honest rows are found and tickets flow again."""
    with guarded.connector(POLITIE) as police:
        deliver(police, *guesses(tmp_path, NEVER_ISSUED[7]))
    with guarded.connector(KEEPER) as keeper:
        listed = tuple(notice.melding_id for notice in notices(keeper, OFFICER).meldingen)
        besluit = KanarieBesluit(besluit_id=new_id(keeper.random), meldingen=listed, oordeel="vrijgeven")
        assert decide(keeper, besluit, CLERK).stap == "voorgesteld"
        assert decide(keeper, besluit, OFFICER).stap == "uitgevoerd"
    with guarded.connector(RIEC_BUREAU) as bureau:
        open_case(bureau)
        assert known(bureau, bsn(1))


def test_putting_the_same_numbers_again_changes_nothing(guarded: Federation, tmp_path: Path) -> None:
    """After a crash the keeper repeats the command: no element is evaluated twice, and there is one set."""
    evaluated = len(guarded.wire.to(guarded.federatie.custodians[0].url))
    with guarded.connector(KEEPER) as keeper:
        numbers = tmp_path / "never_issued.txt"
        put_canaries(keeper, numbers, Trait.BSN, TokenDomein.RIEC, OFFICER, lambda _: None)
    assert len(guarded.wire.to(guarded.federatie.custodians[0].url)) == evaluated
    puts = [e for e in guarded.wire.exchanges if e.url.endswith("/v1/kanaries")]
    assert [e.status for e in puts] == [201, 200]
    assert puts[0].answer == puts[1].answer


def test_the_numbers_never_leave_the_keeper(guarded: Federation) -> None:
    """Everything that crossed the wire holds none of them, in no dress."""
    assert hidden_in(b"\n".join(e.sent + e.answer for e in guarded.wire.exchanges), NEVER_ISSUED) == []


def test_a_keeper_that_is_away_stops_the_intake_and_loses_nothing(guarded: Federation, tmp_path: Path) -> None:
    """Exit 5 for the sender; when the keeper lends again the same command goes through."""
    guarded.clock.advance(hours=24)
    source, mapping = guesses(tmp_path)
    with guarded.connector(POLITIE) as police, pytest.raises(PeerUnavailable):
        deliver(police, source, mapping)
    with guarded.connector(KEEPER) as keeper:
        notices_before = put_canaries(
            keeper, tmp_path / "never_issued.txt", Trait.BSN, TokenDomein.RIEC, OFFICER, lambda _: None
        )
        assert notices_before.canaries == 30
    with guarded.connector(POLITIE) as police:
        assert deliver(police, source, mapping).delivered.rows == 4


def test_a_party_that_is_no_keeper_is_told_so(guarded: Federation, tmp_path: Path) -> None:
    """Before a number of the file is tokenised."""
    with guarded.connector(POLITIE) as police, pytest.raises(NotPermitted, match="keeper"):
        put_canaries(police, tmp_path / "never_issued.txt", Trait.BSN, TokenDomein.RIEC, OFFICER, lambda _: None)


def test_a_line_that_is_no_number_is_named_by_its_row(tmp_path: Path) -> None:
    """Never by its value."""
    path = tmp_path / "numbers.txt"
    path.write_text(f"{NEVER_ISSUED[0]}\n123456789\n")
    with pytest.raises(InputRefused, match="row 2") as refused:
        read_numbers(path, Trait.BSN, bsn=True)
    assert "123456789" not in str(refused.value)


def test_a_trait_that_makes_no_single_token_makes_no_canary(tmp_path: Path) -> None:
    """A name alone is no identifier."""
    path = tmp_path / "names.txt"
    path.write_text("Canarina\n")
    with pytest.raises(InputRefused, match="canaries are made of"):
        read_numbers(path, Trait.VOORNAAM, bsn=True)


def test_the_ticket_for_canaries_serves_the_audit_only(guarded: Federation) -> None:
    """In the ledger it stands on the privacy officer's own decision."""
    asked = [json.loads(e.body) for e in guarded.wire.exchanges if e.url.endswith("/v1/tickets")]
    assert {(a["actie"], a["doel"]) for a in asked} == {("audit_inzien", Doel.AUDIT.value)}


def test_the_commands_put_hear_and_decide(guarded: Federation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`kanaries`, `notices` and `decide-notices` as the keeper's staff types them, exit codes included."""

    @contextmanager
    def on_this_wire(_settings: object) -> Iterator[House]:
        with guarded.connector(KEEPER) as keeper:
            yield keeper

    monkeypatch.setattr(terminal, "open_house", on_this_wire)
    settings = str(guarded.layout.partner(KEEPER) / "connector.toml")

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        done = CliRunner().invoke(app, [*arguments, "--json", "--settings", settings])
        return done.exit_code, json.loads(done.stdout) if done.exit_code == 0 else {}

    numbers = str(tmp_path / "never_issued.txt")
    assert run("kanaries", numbers, "--as", "psn:fg01", "--domain", "RIEC") == (0, {"canaries": 30, "sets": 1})
    assert run("kanaries", numbers, "--as", "psn:kh07", "--role", "beheerder")[0] == 3
    with guarded.connector(POLITIE) as police:
        deliver(police, *guesses(tmp_path, NEVER_ISSUED[2]))
    _, heard = run("notices", "--as", "psn:fg01")
    (notice,) = heard["meldingen"]
    assert (notice["partij"], heard["geschorst"]) == (POLITIE, [])
    assert run("notices", "--check", "--as", "psn:fg01")[1]["notes_opened"] == 1
    asked = ("decide-notices", notice["melding_id"], "--judgement", "verwijderen")
    _, proposed = run(*asked, "--as", "psn:kh07", "--role", "beheerder")
    assert proposed["stap"] == "voorgesteld"
    assert run(*asked, "--as", "psn:kh07", "--decision", proposed["besluit_id"])[0] == 3
    assert run(*asked, "--as", "psn:fg01", "--decision", proposed["besluit_id"])[1]["stap"] == "uitgevoerd"
    assert run("decide-notices", "no-id", "--judgement", "vrijgeven", "--as", "psn:fg01")[0] == 2


def test_a_gateway_that_hides_a_touch_is_caught_by_the_keeper(guarded: Federation, tmp_path: Path) -> None:
    """The operator strikes the notice from the database; the sealed note in the ledger still tells the keeper."""
    with guarded.connector(POLITIE) as police:
        deliver(police, *guesses(tmp_path, NEVER_ISSUED[7]))
    with guarded.connector(KEEPER) as keeper:
        honest = notices(keeper, OFFICER)
        assert check_notes(keeper, honest, OFFICER) == NotesChecked(opened=1, unseen=0)
        with writing(guarded.gateway.house.store) as transaction:
            for table in (NOTICES, TOUCHES):
                transaction.execute(table.delete())
        with pytest.raises(NotVerified, match="does not show"):
            check_notes(keeper, notices(keeper, OFFICER), OFFICER)


def test_a_gateway_that_changes_a_note_is_caught_by_its_leaf(guarded: Federation, tmp_path: Path) -> None:
    """A note that says nothing was touched, put in the entry's body, is not what the leaf holds."""
    with guarded.connector(POLITIE) as police:
        deliver(police, *guesses(tmp_path, NEVER_ISSUED[7]))
    ((position, entry),) = guarded.entries(Event.BATCH)
    entry["toetsing"] = []
    with writing(guarded.gateway.house.store) as transaction:
        changed = {"record": rfc8785.dumps(entry)}
        transaction.execute(BODIES.update().where(BODIES.c.position == position).values(changed))
    with guarded.connector(KEEPER) as keeper, pytest.raises(NotVerified, match="not the one"):
        check_notes(keeper, notices(keeper, OFFICER), OFFICER)


def test_a_withheld_body_is_counted(guarded: Federation, tmp_path: Path) -> None:
    """An entry without its body is erased by retention or withheld: the keeper sees that there is one."""
    with guarded.connector(POLITIE) as police:
        deliver(police, *guesses(tmp_path))
    with writing(guarded.gateway.house.store) as transaction:
        transaction.execute(BODIES.delete())
    with guarded.connector(KEEPER) as keeper:
        assert check_notes(keeper, notices(keeper, OFFICER), OFFICER) == NotesChecked(opened=0, unseen=1)
