"""A block that two people of a partner have leaves for neither of them; one person in several rows keeps it."""

import os
import pickle
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import connectors.contested as claims_module
from connectors.contested import FileClaims, FileContested, Marker, same_person, uncontested
from connectors.contract.batch import BatchHeader
from connectors.contract.codes import PartijDomein, Thema, TokenDomein, TokenKlasse
from connectors.contract.record import Profiel
from connectors.mapping import read_mapping
from connectors.minimise import DOELEN
from connectors.offline import CHUNK_ROWS, Job, pseudonymise_locally
from connectors.outbox import Outbox
from connectors.plan import Plan
from connectors.run import Means, RunCounts, make_batches
from connectors.sources.opening import open_source
from connectors.tokenise import Evaluate, Prepared, prepare, tokenise
from connectors.wire_codes import wire_codes
from deploy.linkage.standin import evaluate, prepare_file, write_link_file
from pseudonymizer.identity import RawIdentity
from pseudonymizer.linkage import ENTRIES, SLOTS
from pseudonymizer.narrative.tripwire import Tripwire
from pseudonymizer.normalise import normalise
from pseudonymizer.oprf.message import block_id
from tests.connectors.samples import MAPPING, write_mapping, write_source

KEY = bytes(range(32))
TODAY = date(2026, 11, 24)


def who(born: str | None = "1994-03-12", sex: str | None = "v", name: str = "Ana Popescu", **more: str) -> RawIdentity:
    first, last = name.split(" ", 1)
    return RawIdentity(voornaam=first, achternaam=last, geboortedatum=born, geslacht=sex, **more)


def kept(*people: RawIdentity) -> list[set[bytes]]:
    """Messages that each of these rows of one file may still send."""
    return [{message for _, message in person.blocks} for person in prepare_file(people)]


def messages(raw: RawIdentity) -> set[bytes]:
    return {message for _, message in prepare(raw, bsn=True, composite=True).blocks}


def test_what_two_people_have_leaves_for_neither() -> None:
    """Namesakes of another date keep what only they have: that with the date."""
    one, other = who(), who("1988-07-30")
    shared = messages(one) & messages(other)
    first, second = kept(one, other)
    assert shared
    assert first == messages(one) - shared
    assert second == messages(other) - shared


def test_another_sex_is_another_person() -> None:
    """Twins of two sexes share no block."""
    first, second = kept(who(), who(sex="m"))
    assert not first & second


def test_one_person_in_two_rows_contests_nothing() -> None:
    """Same full date and sex: every composite stays, of which `once` gives the first row all that both have."""
    assert kept(who(), who(telefoon="0612345678")) == [messages(who()), messages(who(telefoon="0612345678"))]


def test_a_third_person_contests_what_one_had_twice() -> None:
    """Two rows of one person do not outweigh a namesake, wherever he stands."""
    for people in ((who(), who(), who("1988-07-30")), (who(), who("1988-07-30"), who())):
        found = kept(*people)
        assert not found[0] & (messages(who()) & messages(who("1988-07-30")))
        assert found[0] == found[people.index(who(), 1)]


@pytest.mark.parametrize("born", [None, "1994", "1994-03"])
def test_without_a_full_date_an_equal_row_is_the_same_person(born: str | None) -> None:
    """Two equal rows without a day of birth are one person; of another sex, or with another name, they are two."""
    assert kept(who(born), who(born)) == [messages(who(born))] * 2
    first, second = kept(who(born), who(born, sex="m"))
    assert not first & second
    first, second = kept(who(born), who(born, name="Ana Popescu Popa"))
    assert not first & second


@pytest.mark.parametrize(("one", "other"), [("1994-03-12", "12-03-1994"), ("1994-03-12", "19940312")])
def test_a_date_counts_as_normalised(one: str, other: str) -> None:
    """However it is written."""
    assert same_person(normalise(who(one))) == same_person(normalise(who(other)))


def test_who_lost_all_composites_looks_like_the_others() -> None:
    """Nothing but dummies, as many of each type; nothing is evaluated for them."""
    asked: list[bytes] = []

    def watched(klasse: TokenKlasse, wanted: Sequence[bytes], /) -> list[bytes | None]:
        asked.extend(wanted)
        return evaluate(klasse, wanted)

    people = prepare_file([who(None), who(None, sex="m")])
    assert all(person.composed and not person.empty and not person.blocks for person in people)
    found = tokenise(people, watched, os.urandom)
    assert [encoding.held for encoding in found] == [0, 0]
    assert [Counter(str(kind) for kind, _, _ in encoding.blocks) for encoding in found] == [Counter(SLOTS)] * 2
    assert not asked


PEOPLE = st.lists(
    st.builds(
        who,
        st.sampled_from([None, "1994", "1994-03-12", "1994-03-12", "1988-07-30"]),
        st.sampled_from(["v", "m", None]),
        st.sampled_from(["Ana Popescu", "Anna Popescu", "Bea Popa", "Ion Popescu Popa"]),
    ),
    min_size=1,
    max_size=12,
)


@given(PEOPLE)
@settings(max_examples=50, deadline=None)
def test_a_composite_that_is_kept_is_one_persons(people: list[RawIdentity]) -> None:
    """Against plain counting: kept if and only if all rows that have it are of one person."""
    self_marks = [same_person(normalise(raw)) or f"row {at}" for at, raw in enumerate(people)]
    have: dict[bytes, set[str]] = {}
    for raw, mark in zip(people, self_marks, strict=True):
        for message in messages(raw):
            have.setdefault(message, set()).add(mark)
    expected = [{message for message in messages(raw) if len(have[message]) == 1} for raw in people]
    assert kept(*people) == expected


@given(PEOPLE)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_block_of_a_file_is_anybody_elses(tmp_path: Path, people: list[RawIdentity]) -> None:
    """In a link file no block id occurs twice, none is one that two people have, and all rows look alike."""
    write_link_file(people, tmp_path / "a.parquet", 1)
    rows = [
        [block["block"] for block in blocks] for blocks in pq.read_table(tmp_path / "a.parquet")["blocks"].to_pylist()
    ]
    everything = [name for names in rows for name in names]
    assert len(everything) == len(set(everything)) == ENTRIES * len(people)
    have: dict[bytes, set[str]] = {}
    for at, raw in enumerate(people):
        for value in evaluate(TokenKlasse.CX, list(messages(raw))):
            have.setdefault(block_id(value or b""), set()).add(same_person(normalise(raw)) or f"row {at}")
    real = [name for name in everything if name in have]
    assert all(len(have[name]) == 1 for name in real)
    assert set(real) == {name for name, marks in have.items() if len(marks) == 1}


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from([who(), who("1988-07-30"), who(None)])), max_size=200))
@settings(max_examples=25, deadline=None)
def test_files_on_disk_say_the_same(rows: list[tuple[int, RawIdentity]]) -> None:
    """Whatever is spilled to temporary files: the marks are those of the file in memory, sorted."""
    small, large = FileClaims(KEY), FileClaims(KEY)
    before = claims_module._IN_MEMORY
    for number, raw in rows:
        small.add(normalise(raw), [b"m%d" % number])
        claims_module._IN_MEMORY = 7
        large.add(normalise(raw), [b"m%d" % number])
        claims_module._IN_MEMORY = before
    one, other = small.contested(), large.contested()
    assert one.marks.tolist() == other.marks.tolist() == sorted(one.marks.tolist())
    asked = [b"m%d" % number for number in range(41)]
    assert one(asked) == other(asked)


def test_an_empty_file_contests_nothing() -> None:
    """Nor does one without composites."""
    found = FileClaims(KEY).contested()
    assert found([b"m"]) == set()
    assert uncontested([], found) == []


def test_workers_get_marks_only() -> None:
    """What travels to them is 8 bytes a contested composite and the key of the run, no message."""
    claims = FileClaims(KEY)
    for raw in (who(), who("1988-07-30")):
        claims.add(normalise(raw), sorted(messages(raw)))
    found = claims.contested()
    sent = pickle.dumps(found)
    copied: FileContested = pickle.loads(sent)
    assert copied(sorted(messages(who()))) == messages(who()) & messages(who("1988-07-30"))
    assert b"POPESCU" not in sent.upper()


def _row(number: int, born: str, name: str, sex: str = "V", phone: str = "") -> list[str]:
    first, last = name.split(" ", 1)
    return [f"PL-{number}", first, last, born, sex, "ROU", "", phone, "", "verdachte", ""]


def _offline(tmp_path: Path, rows: Sequence[Sequence[str]], name: str, workers: int = 1) -> list[set[bytes]]:
    mapping = read_mapping(write_mapping(tmp_path / "a.toml"))
    source = write_source(tmp_path / f"{name}.csv", rows)
    job = Job(str(source), mapping, TokenDomein.RIEC, "2026", tmp_path / "custodians", TODAY)
    pseudonymise_locally(job, tmp_path / f"{name}.parquet", workers, lambda _: None)
    found = pq.read_table(tmp_path / f"{name}.parquet")["blocks"].to_pylist()
    return [{block["block"] for block in blocks} for blocks in found]


def test_namesakes_of_other_chunks_and_workers_are_seen(tmp_path: Path) -> None:
    """Two people a chunk apart lose what they share, whatever the number of workers; a third keeps his blocks."""
    filling = [["x", *[""] * 8, "verdachte", ""] for _ in range(CHUNK_ROWS)]
    two = [
        _row(1, "1994-03-12", "Ana Popescu"),
        *filling,
        _row(2, "1988-07-30", "Ana Popescu"),
        _row(3, "1991-01-05", "Bea Ionescu"),
    ]
    apart, together = _offline(tmp_path, two, "one"), _offline(tmp_path, two, "two", 2)
    ana = _offline(tmp_path, two[:1], "ana")[0]
    other = _offline(tmp_path, two[-2:-1], "other")[0]
    bea = _offline(tmp_path, two[-1:], "bea")[0]
    shared = ana & other
    assert shared
    for found in (apart, together):
        assert len(found[0]) == len(found[-2]) == ENTRIES
        assert not (found[0] | found[-2]) & shared
        assert len(found[0] & ana) > 3
        assert found[-1] & bea
    assert [a & b for a, b in zip(apart, together, strict=True)][-1] == apart[-1] & bea


def test_the_file_and_its_stand_in_agree(tmp_path: Path) -> None:
    """As many real blocks per row as the stand-in for measuring gives, which other custodians make."""
    rows = [
        _row(1, "1994-03-12", "Ana Popescu"),
        _row(2, "1988-07-30", "Ana Popescu"),
        _row(3, "1994-03-12", "Ana Popescu"),
    ]
    twice = [_offline(tmp_path, rows, name) for name in ("a", "b")]
    people = [
        who("1994-03-12", nationaliteit="ROU"),
        who("1988-07-30", nationaliteit="ROU"),
        who("1994-03-12", nationaliteit="ROU"),
    ]
    counts = [len(left & right) for left, right in zip(*twice, strict=True)]
    first = prepare_file(people)[:2]
    assert counts == [len(first[0].blocks), len(first[1].blocks), 0]


def _plan(domein: TokenDomein = TokenDomein.RIEC, epoch: str = "2026") -> Plan:
    return Plan(
        levering_id="00000000-0000-4000-8000-000000000001",
        bron=("0" * 20, PartijDomein.OPSPORING),
        domein=domein,
        doel=DOELEN[domein.convenant],
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        epoch=epoch,
        federatie="A" * 43,
        motivering=None,
        goedkeuring=None,
        bsn=True,
        today=TODAY,
    )


def _sent(
    outbox: Outbox,
    tmp_path: Path,
    rows: Sequence[Sequence[str]],
    asked: list[bytes] | None = None,
    mapping: str = MAPPING,
) -> RunCounts:
    """What a delivery makes of these rows, with the messages of class `cx` that were evaluated in `asked`."""
    read = read_mapping(write_mapping(tmp_path / "a.toml", mapping))
    source = open_source(read.source, str(write_source(tmp_path / "a.csv", rows)))

    def evaluate_for(_: tuple[Profiel, ...]) -> Evaluate:
        def watched(klasse: TokenKlasse, wanted: Sequence[bytes], /) -> list[bytes | None]:
            if asked is not None and klasse is TokenKlasse.CX:
                asked.extend(wanted)
            return evaluate(klasse, wanted)

        return watched

    means = Means(outbox, evaluate_for, Tripwire(wire_codes()), KEY, KEY, os.urandom)
    return make_batches(source, read.bind(source.name, source.columns, TODAY), _plan(), means, lambda _: None)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


ANA, OTHER = _row(1, "1994-03-12", "Ana Popescu"), _row(2, "1988-07-30", "Ana Popescu")


def _own(cells: Sequence[str]) -> set[bytes]:
    return messages(who(cells[3] or None, "v", f"{cells[1]} {cells[2]}", nationaliteit="ROU"))


def test_a_delivery_sends_what_two_people_have_for_neither(outbox: Outbox, tmp_path: Path) -> None:
    """It is not even evaluated; each keeps what is its own."""
    asked: list[bytes] = []
    made = _sent(outbox, tmp_path, [ANA, OTHER], asked)
    assert set(asked) == _own(ANA) ^ _own(OTHER)
    assert made.blocks == len(asked)


def test_a_delivery_sends_for_one_person_once(outbox: Outbox, tmp_path: Path) -> None:
    """Two rows of one person: one has the blocks."""
    made = _sent(outbox, tmp_path, [ANA, [*ANA[:-2], "facilitator", ""]])
    assert (made.rows_new, made.blocks) == (2, len(_own(ANA)))


def test_a_namesake_of_an_earlier_delivery_is_seen(outbox: Outbox, tmp_path: Path) -> None:
    """What left stays, for it cannot be recalled; the second gets nothing that they share, nor does a third."""
    assert _sent(outbox, tmp_path, [ANA]).blocks == len(_own(ANA))
    asked: list[bytes] = []
    assert _sent(outbox, tmp_path, [OTHER], asked).blocks == len(_own(OTHER) - _own(ANA))
    assert not set(asked) & _own(ANA)


def test_a_row_that_is_held_back_counts(outbox: Outbox, tmp_path: Path) -> None:
    """A namesake whose case is closed is a namesake; nothing of it leaves."""
    mapping = (
        MAPPING.replace('status = "vermoeden"\n', "")
        .replace(
            "[fields]",
            '[fields]\nstatus = { column = "document", codes = { open = "vermoeden", dicht = "afgesloten" } }',
        )
        .replace('document = "document"\n', "")
    )
    cells = [[*ANA[:8], "open", *ANA[9:]], [*OTHER[:8], "dicht", *OTHER[9:]]]
    made = _sent(outbox, tmp_path, cells, mapping=mapping)
    assert (made.rows_new, made.rows_held, made.blocks) == (1, 1, len(_own(ANA) - _own(OTHER)))


@pytest.mark.parametrize("born", ["1994-03-12", "", "1994"])
def test_a_repeat_contests_nothing(outbox: Outbox, tmp_path: Path, born: str) -> None:
    """The same source after a crash, or again with a row more: nobody is his own namesake, with a date or without."""
    ana, bea = _row(1, born, "Ana Popescu"), _row(2, "1990-02-03", "Bea Ionescu")
    _sent(outbox, tmp_path, [ana])
    again = _sent(outbox, tmp_path, [ana])
    assert (again.rows_new, again.rows_already) == (0, 1)
    marker = Marker(KEY, b"bearer|RIEC|2026|")
    assert outbox.contested([marker.composite(message) for message in _own(ana)]) == set()
    assert _sent(outbox, tmp_path, [ana, bea]).blocks == len(_own(bea) - _own(ana))


def test_equal_rows_without_a_date_are_one_person(outbox: Outbox, tmp_path: Path) -> None:
    """The first holds the blocks, and a repeat changes nothing."""
    cells = _row(1, "", "Ana Popescu")
    first = _sent(outbox, tmp_path, [cells, cells])
    assert (first.rows_new, first.blocks) == (2, len(_own(cells)))
    assert _sent(outbox, tmp_path, [cells, cells]).rows_already == 2


def test_rows_that_hold_nothing_leave_full(outbox: Outbox, tmp_path: Path) -> None:
    """A row whose composites all leave for nobody has as many entries as any other."""
    cells = [_row(n, born, "Ana Popescu") for n, born in enumerate(("", "1994"), 1)]
    _sent(outbox, tmp_path, [*cells, _row(2, "1990-02-03", "Bea Ionescu")])
    (batch,) = outbox.queued()
    header, *lines = batch.content.splitlines()
    assert BatchHeader.model_validate_json(header).aantal == 3
    assert [line.count(b'"schets"') for line in lines] == [ENTRIES] * 3


def test_an_epoch_forgets_who_had_what(outbox: Outbox) -> None:
    """As it forgets the blocks that were given out; within the epoch they stay, whoever was withdrawn."""
    outbox.note_bearers("2026", [(1, 10), (1, 11), (2, 10), (-3, -4), (-3, 5)])
    outbox.forget_cache(None)
    outbox.forget_cache("2026")
    assert outbox.contested([1, 2, -3, 4]) == {1, -3}
    outbox.forget_cache("2027")
    outbox.note_bearers("2027", [(1, 11)])
    assert outbox.contested([1, 2, -3, 4]) == set()


def test_domains_do_not_contest_each_other() -> None:
    """Their blocks never meet, and one row has another fingerprint in each."""
    assert Marker(KEY, b"bearer|RIEC|2026|").composite(b"m") != Marker(KEY, b"bearer|ZVH-RR|2026|").composite(b"m")


def test_an_older_outbox_gets_the_table(tmp_path: Path) -> None:
    """One that was made before the rule is opened, and notes from then on."""
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox._db.execute("DROP TABLE bearer")
    outbox.close()
    again = Outbox(tmp_path / "outbox.sqlite")
    again.note_bearers("2026", [(1, 10), (1, 11)])
    assert again.contested([1]) == {1}


def test_a_question_asks_for_all_that_is_known() -> None:
    """A subject of whom the partner has a namesake is looked for by all of his blocks."""
    subject = prepare(who(), bsn=False, composite=True)
    assert tokenise([subject], evaluate, os.urandom)[0].held == len(messages(who()))
    assert isinstance(subject, Prepared)
