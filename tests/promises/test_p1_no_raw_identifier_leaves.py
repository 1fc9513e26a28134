"""P1: no raw identifier leaves a connector. A source with a canary in every column is delivered and asked about, and
every byte that crossed the wire is undressed and searched; so are the outbox and what was printed."""

import base64
import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.asking import SubjectFile, ask
from connectors.contract.codes import Categorie, TokenDomein
from connectors.errors import InputRefused, Tripped
from connectors.tokenise import Prepared, prepare
from pseudonymizer.identity import RawIdentity, Trait
from pseudonymizer.oprf.hash import hash_to_group
from tests.connectors.samples import bsn
from tests.gateway.gateway_world import ANALIST, POLITIE
from tests.promises.canary_hunt import elements_in, hidden_in
from tests.world import ANALYST_PARTY, CASUS, PURPOSE, Federation, build_federation, deliver, open_case

PEOPLE = 4
HEAD = """
[source]
format = "csv"
[traits]
"""
TAIL = """
[fields]
minderjarig = { column = "geboortedatum", derive = "minderjarig" }
case_ref = "zaaknummer"
[narrative]
columns = ["verhaal"]
[drop]
columns = ["opmerking"]
[constants]
domein = "RIEC"
route = "ondermijning"
status = "vermoeden"
categorie = "verdachte_dader"
dubbelrol = false
bijzonder = false
noodzaak_bescherming = false
regio_raakvlak = false
opsporingsbelang = false
embargo = false
wpg_artikel = "8"
bewaren_tot = 2099-05-14
"""
SHARED = {"geslacht", "nationaliteit", "document_land", "kenteken_land", "handle_platform"}
"""Traits with a handful of possible values: no canary can be told from a code. `huisnummer` is looked for in quotes."""


def traits(number: int) -> dict[str, str]:
    """An invented person with every trait that a mapping can name."""
    return {
        "voornaam": f"Kanarina{'abcdef'[number]}",
        "achternaam": f"Vogelzangstra{'abcdef'[number]}",
        "geboortedatum": f"19{71 + number}-07-2{number}",
        "geslacht": "MV"[number % 2],
        "nationaliteit": ("ROU", "POL")[number % 2],
        "telefoon": f"06{31_415_920 + 7 * number}",
        "document": f"KN{7_340_011 + number}",
        "document_land": "ROU",
        "bsn": bsn(4000 + number),
        "vnummer": f"{2_718_281_820 + number}",
        "iban": ("NL91ABNA0417164300", "DE89370400440532013000", "BE68539007547034", "FR1420041010050500013M02606")[
            number
        ],
        "kenteken": f"{41 + number}-KNR-{number + 1}",
        "kenteken_land": "NLD",
        "kvk": f"{68_750_110 + number}",
        "huisnummer": f"{773 + number}",
        "toevoeging": f"kanaal{number}",
        "postcode": f"{3011 + number} KN",
        "woonplaats": f"Kanariedorp{number}",
        "email": f"kanarie{number}@vogelhuis.example",
        "handle": f"kanarie_handle_{number}",
        "handle_platform": "telegram",
    }


def others(number: int) -> dict[str, str]:
    """The columns that are no trait."""
    return {
        "zaaknummer": f"PL-KANARIE-{number:06d}",
        "verhaal": f"Kanarina werd gezien bij de Zangvogelkade; zij belde {31_415_920 + number} en huilde.",
        "opmerking": f"alleen voor eigen gebruik: kooisleutel {number}9137",
    }


def canaries(number: int) -> list[str]:
    """Every value of one row that says something about one person, and the words of its texts."""
    row = {name: value for name, value in traits(number).items() if name not in SHARED} | others(number)
    return [*row.values(), "Zangvogelkade", "kooisleutel", "vogelhuis.example"]


ALL = [value for number in range(PEOPLE) for value in canaries(number)]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "kanaries.csv"
    rows = [traits(number) | others(number) for number in range(PEOPLE)]
    with path.open("w", encoding="utf-8", newline="") as handle:
        out = csv.DictWriter(handle, fieldnames=list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


def mapping_text() -> str:
    return HEAD + "".join(f'{name} = "{name}"\n' for name in traits(0)) + TAIL


@pytest.fixture(scope="module")
def mapping(source: Path) -> Path:
    path = source.with_suffix(".toml")
    path.write_text(mapping_text(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, source: Path, mapping: Path) -> Iterator[Federation]:
    """The police delivered the source, and the RIEC bureau asked about the first person by every trait."""
    federation = build_federation(tmp_path_factory.mktemp("told") / "federation")
    with federation.connector(POLITIE) as police:
        assert deliver(police, source, mapping).delivered.rows == PEOPLE
    with federation.connector(ANALYST_PARTY) as bureau:
        open_case(bureau)
        ask(bureau, question(), CASUS, PURPOSE, TokenDomein.RIEC, ANALIST)
    yield federation
    federation.stop_gateway()


def prepared(number: int) -> Prepared:
    return prepare(RawIdentity(**traits(number)), bsn=True, composite=True)


def question() -> SubjectFile:
    return SubjectFile(
        categorie=Categorie.VERDACHTE_DADER,
        minderjarig=False,
        dubbelrol=False,
        bijzonder=False,
        noodzaak_bescherming=False,
        traits={Trait(name): value for name, value in traits(0).items()},
    )


def test_the_hunt_finds_what_is_there() -> None:
    """The instrument itself: a value in base64 in JSON in base64, a hash of it, and an unblinded element are found."""
    value = traits(0)["bsn"]
    inner = b'{"a":"' + base64.urlsafe_b64encode(value.encode()) + b'"}'
    assert hidden_in(base64.urlsafe_b64encode(inner), [value]) == [value]
    assert hidden_in(hashlib.sha256(value.encode()).hexdigest().encode(), [value]) == [value]
    element = hash_to_group(prepared(0).tokens[0][1])
    assert elements_in(base64.urlsafe_b64encode(element), [element]) == 1
    assert hidden_in(b"nothing of the kind", ALL) == []


def test_no_canary_crosses_the_wire(told: Federation) -> None:
    """Batches, tickets, sign-ins, requests to both custodians, questions: addresses, headers and bodies."""
    kinds = {exchange.url.split("/v1/")[1].split("/")[0] for exchange in told.wire.exchanges}
    assert kinds >= {"tokens", "tickets", "leases", "batches", "evaluate", "match-requests", "cases", "approvals"}
    for exchange in told.wire.exchanges:
        assert hidden_in(exchange.sent, ALL) == [], exchange.url.split("/v1/")[1].split("/")[0]


def test_no_unblinded_element_crosses_the_wire(told: Federation) -> None:
    """Neither a message `m` nor its hash to the group, both of which anybody could compute from a guess."""
    messages = [m for number in range(PEOPLE) for _, m in (*prepared(number).tokens, *prepared(number).blocks)]
    assert len(messages) > 20 * PEOPLE
    guessable = [*messages, *(hash_to_group(message) for message in messages)]
    sent = b"\n".join(exchange.sent for exchange in told.wire.exchanges)
    assert elements_in(sent, guessable) == 0


def test_no_canary_is_kept_in_the_outbox(told: Federation) -> None:
    """A connector's own database holds fingerprints and ciphertext: a copy of it tells nothing."""
    for party in (POLITIE, ANALYST_PARTY):
        stored = b"".join(path.read_bytes() for path in told.layout.partner(party).glob("outbox.sqlite*"))
        assert len(stored) > 4_000
        assert hidden_in(stored, ALL) == []


def test_nothing_is_printed_that_was_in_the_source(
    federation: Federation,
    source: Path,
    mapping: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The logs of all four houses, at their most talkative."""
    caplog.set_level("DEBUG")
    with federation.connector(POLITIE) as police:
        deliver(police, source, mapping)
    printed = capfd.readouterr()
    assert hidden_in("\n".join((printed.out, printed.err, caplog.text)).encode(), ALL) == []


def test_an_identifier_cannot_be_mapped_to_a_wire_field(federation: Federation, source: Path, tmp_path: Path) -> None:
    """A mapping that translates a BSN to itself is refused before anything leaves, and the refusal does not name it."""
    value = bsn(4000)
    leaky = f'[fields]\nstatus = {{ column = "bsn", codes = {{ "{value}" = "{value}" }} }}\n'
    text = mapping_text().replace('status = "vermoeden"\n', "").replace('bsn = "bsn"\n', "")
    path = tmp_path / "leaky.toml"
    path.write_text(text.replace("[fields]\n", leaky), encoding="utf-8")
    with federation.connector(POLITIE) as police, pytest.raises((InputRefused, Tripped)) as refused:
        deliver(police, source, path)
    assert value not in str(refused.value)
    assert not federation.wire.exchanges
