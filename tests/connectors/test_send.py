"""Preview, approve and send against a peer that checks every signature, proof and row."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rfc8785

from connectors.approval import judge
from connectors.contract.canonical import b64u
from connectors.contract.codes import TokenKlasse
from connectors.contract.signing import SigningKey
from connectors.contract.ticket import digest_of
from connectors.errors import InputRefused, NotPermitted, NotVerified, PeerUnavailable
from connectors.house import House, open_house
from connectors.mapping import read_mapping
from connectors.outbox import Outbox
from connectors.outbox_file import OutboxBroken
from connectors.plan import open_delivery
from connectors.privacy_receipt import PrivacyReceipt
from connectors.sending import Sent, preview, send
from connectors.spot import spot_proof
from pseudonymizer.narrative.scan import Scanner
from tests.connectors.peer import Peer, settings_of
from tests.connectors.samples import MAPPING, ROWS, row, write_mapping, write_source


def previewed(house: House, source: Path, mapping: Path) -> PrivacyReceipt:
    delivery = open_delivery(house, str(source), read_mapping(mapping), None)
    return preview(house, delivery, lambda _: None, lambda _: None, None)


def approved(house: House, source: Path, mapping: Path) -> None:
    judge(house, previewed(house, source, mapping), "Invented Officer", True, None)


def sent(house: House, source: Path, mapping: Path) -> Sent:
    delivery = open_delivery(house, str(source), read_mapping(mapping), None)
    return send(house, delivery, lambda _: None, lambda _: None)


def test_every_row_arrives_once(peer: Peer, source: Path, mapping: Path) -> None:
    """An approved source arrives whole: as many rows as it has, each with its own record id."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        done = sent(house, source, mapping)
    assert done.delivered.rows == ROWS
    assert len({row["record_id"] for row in peer.rows()}) == ROWS


def test_without_approval_nothing_is_sent(peer: Peer, source: Path, mapping: Path) -> None:
    """No approval, no send: not even a ticket is asked for."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        previewed(house, source, mapping)
        with pytest.raises(NotPermitted, match="no approval"):
            sent(house, source, mapping)
    assert not peer.calls


def test_a_refused_receipt_is_no_approval(peer: Peer, source: Path, mapping: Path) -> None:
    """An officer who refuses keeps everything at home."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        judge(house, previewed(house, source, mapping), "Invented Officer", False, None)
        with pytest.raises(NotPermitted):
            sent(house, source, mapping)
    assert not peer.batches


def test_an_approval_does_not_cover_a_changed_source(peer: Peer, source: Path, mapping: Path) -> None:
    """One more row after the approval needs a new approval."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        write_source(source, ROWS + 1)
        with pytest.raises(NotPermitted):
            sent(house, source, mapping)


def test_an_approval_does_not_cover_a_changed_mapping(peer: Peer, source: Path, mapping: Path) -> None:
    """Another mapping of the same source needs a new approval."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        write_mapping(mapping, MAPPING.replace("vermoeden", "weging"))
        with pytest.raises(NotPermitted):
            sent(house, source, mapping)


def test_a_receipt_from_elsewhere_cannot_be_approved(peer: Peer, source: Path, mapping: Path) -> None:
    """A receipt that was changed after preview is not believed."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        receipt = previewed(house, source, mapping).model_copy(update={"vertrekt": 1})
        with pytest.raises(NotVerified):
            judge(house, receipt, "Invented Officer", True, None)


def test_a_second_send_sends_nothing(peer: Peer, source: Path, mapping: Path) -> None:
    """Repeating a send makes no row and no evaluation a second time."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        sent(house, source, mapping)
        before = dict(peer.evaluated)
        again = sent(house, source, mapping)
    assert (again.made.rows_new, again.made.rows_already, again.delivered.rows) == (0, ROWS, 0)
    assert peer.evaluated == before
    assert len(peer.rows()) == ROWS


def test_equal_rows_are_separate_records(peer: Peer, tmp_path: Path, mapping: Path) -> None:
    """Two equal rows in one source are two records, and stay two on a repeat."""
    source = write_source(tmp_path / "double.csv", [row(1), row(1), row(2)])
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        sent(house, source, mapping)
        assert sent(house, source, mapping).made.rows_already == 3
    assert len(peer.rows()) == 3


def test_no_own_value_is_on_the_wire(peer: Peer, source: Path, mapping: Path) -> None:
    """Of no cell of the source, in no spelling, is a byte in any request."""
    seen: list[bytes] = []
    peer.fault = lambda method, path, body: seen.append(body)  # type: ignore[func-returns-value]
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        sent(house, source, mapping)
    sent_bytes = b"\n".join(seen).lower()
    for number in range(ROWS):
        for cell in row(number):
            if len(cell) > 4 and cell not in ("verdachte", "facilitator"):
                assert cell.lower().encode() not in sent_bytes


def test_the_outbox_holds_no_own_value(peer: Peer, source: Path, mapping: Path) -> None:
    """A stolen outbox, log file included, has no cell of the source in it."""
    settings = settings_of(peer)
    with open_house(settings, http=peer.client()) as house:
        approved(house, source, mapping)
        sent(house, source, mapping)
        stored = b"".join(path.read_bytes() for path in settings.outbox.parent.glob("outbox.sqlite*"))
    for number in range(ROWS):
        for cell in row(number):
            if len(cell) > 4 and cell not in ("verdachte", "facilitator"):
                assert cell.encode() not in stored


def test_bsn_is_dropped_without_the_right(peer: Peer, source: Path, mapping: Path) -> None:
    """A party without bsn_recht sends no token of class bsn and asks no ticket for it."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        house = replace(house, party=house.party.model_copy(update={"bsn_recht": False}))
        approved(house, source, mapping)
        sent(house, source, mapping)
    assert all(token["type"] != "id.bsn" for row in peer.rows() for token in row["tokens"])  # type: ignore[union-attr]
    assert all(ticket.klasse is not TokenKlasse.BSN for ticket in peer.tickets)


def test_rows_are_shuffled(peer: Peer, tmp_path: Path, mapping: Path) -> None:
    """The order of the source does not show: facilitators stand at every fifth row of it, not of the batch."""
    source = write_source(tmp_path / "many.csv", 60)
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        sent(house, source, mapping)
    places = [at for at, row in enumerate(peer.rows()) if row["categorie"] == "facilitator"]
    assert places != list(range(0, 60, 5))


def test_peer_away_loses_nothing(peer: Peer, source: Path, mapping: Path) -> None:
    """When the gateway fails on the batch, it stays queued, and the next send delivers the same bytes."""
    tried: list[bytes] = []

    def fault(method: str, path: str, body: bytes) -> tuple[int, bytes] | None:
        if not path.startswith("/v1/batches/"):
            return None
        tried.append(body)
        return (503, b"{}") if len(tried) == 1 else None

    peer.fault = fault
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        with pytest.raises(PeerUnavailable):
            sent(house, source, mapping)
        assert house.outbox.counts().queued_batches == 1
        assert sent(house, source, mapping).delivered.rows == ROWS
    assert tried[0] == tried[1]


def test_a_receipt_by_another_key_is_not_believed(peer: Peer, source: Path, mapping: Path) -> None:
    """A batch stays queued when its receipt is not signed by the pinned gateway key."""
    other = SigningKey(bytes(range(32)))
    peer.fault = lambda method, path, body: (
        (201, peer.receipt("batch", path.rsplit("/", 1)[1], digest_of(body), ROWS, other))
        if path.startswith("/v1/batches/")
        else None
    )
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        with pytest.raises(NotVerified):
            sent(house, source, mapping)
        assert house.outbox.counts().queued_batches == 1


def test_a_receipt_for_other_bytes_is_not_believed(peer: Peer, source: Path, mapping: Path) -> None:
    """A receipt with another digest does not empty the queue."""
    peer.fault = lambda method, path, body: (
        (201, peer.receipt("batch", path.rsplit("/", 1)[1], digest_of(b"else"), ROWS))
        if path.startswith("/v1/batches/")
        else None
    )
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        with pytest.raises(NotVerified):
            sent(house, source, mapping)


def test_a_lying_custodian_stops_everything(peer: Peer, source: Path, mapping: Path) -> None:
    """An answer whose proof does not hold: nothing is unblinded, no batch is made."""

    def fault(method: str, path: str, body: bytes) -> tuple[int, bytes] | None:
        return (200, body + bytes(64)) if path.startswith("/v1/evaluate/") else None

    peer.fault = fault
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        with pytest.raises(NotVerified):
            sent(house, source, mapping)
        assert house.outbox.counts().records == 0


def test_a_refusal_by_policy_forgets_the_batch(peer: Peer, source: Path, mapping: Path) -> None:
    """A batch that policy refused is not kept as sent: after the cause is gone the rows can be made again."""
    refusing = [True]
    peer.fault = lambda method, path, body: (
        (403, json.dumps({"type": "about:blank", "title": "nee", "status": 403}).encode())
        if path.startswith("/v1/batches/") and refusing
        else None
    )
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        with pytest.raises(NotPermitted):
            sent(house, source, mapping)
        refusing.clear()
        assert sent(house, source, mapping).delivered.rows == ROWS
    assert len(peer.rows()) == ROWS


def test_a_redirect_is_not_followed(peer: Peer, source: Path, mapping: Path) -> None:
    """A gateway that points elsewhere is a gateway that is away."""
    peer.fault = lambda method, path, body: (302, b"") if path == "/v1/tickets" else None
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        with pytest.raises(PeerUnavailable):
            sent(house, source, mapping)


def test_a_lease_is_lent_again_when_the_gateway_forgot_it(peer: Peer, source: Path, mapping: Path) -> None:
    """`lease_needed` on a batch lends the share once more and repeats the batch."""
    asked: list[str] = []

    def fault(method: str, path: str, body: bytes) -> tuple[int, bytes] | None:
        asked.append(path)
        first = path.startswith("/v1/batches/") and sum(p.startswith("/v1/batches/") for p in asked) == 1
        problem = {"type": "about:blank", "title": "lease", "status": 409, "code": "lease_needed"}
        return (409, json.dumps(problem).encode()) if first else None

    peer.fault = fault
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        assert sent(house, source, mapping).delivered.rows == ROWS
    assert asked.count("/v1/leases") == 2


def test_an_incomplete_mapping_names_what_it_lacks(peer: Peer, source: Path, mapping: Path) -> None:
    """A field that the convenant needs and the mapping does not fill is named, before anything is read."""
    write_mapping(mapping, MAPPING.replace("embargo = false\n", "").replace('wpg_artikel = "8"\n', ""))
    with (
        open_house(settings_of(peer), http=peer.client()) as house,
        pytest.raises(InputRefused, match="wpg_artikel, embargo"),
    ):
        previewed(house, source, mapping)


def test_a_repeat_after_a_crash_spends_no_budget_twice(
    peer: Peer, source: Path, mapping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Evaluated, then stopped before the batch was stored: the repeat takes the tokens from the encrypted cache."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        with monkeypatch.context() as fault:
            fault.setattr(Outbox, "put", _disk_full)
            with pytest.raises(OutboxBroken):
                sent(house, source, mapping)
        before = dict(peer.evaluated)
        assert sent(house, source, mapping).delivered.rows == ROWS
    assert peer.evaluated == before


def _disk_full(*_: object) -> None:
    raise OutboxBroken("no room")


def test_an_expired_session_signs_in_once_more(peer: Peer, source: Path, mapping: Path) -> None:
    """A gateway that restarted and forgot the session gets one new sign-in, not an endless one."""
    refused: list[str] = []

    def fault(method: str, path: str, body: bytes) -> tuple[int, bytes] | None:
        if path == "/v1/leases" and not refused:
            refused.append(path)
            return 401, b"{}"
        return None

    peer.fault = fault
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        assert sent(house, source, mapping).delivered.rows == ROWS
    assert [path for _, path in peer.calls].count("/v1/tokens") == 2


def test_a_custodian_over_budget_is_a_refusal(peer: Peer, source: Path, mapping: Path) -> None:
    """A refusal by a custodian is exit 3 with its code, and nothing was made."""
    problem = {"type": "about:blank", "title": "no", "status": 403, "code": "budget_spent"}
    peer.fault = lambda method, path, body: (
        (403, json.dumps(problem).encode()) if path.startswith("/v1/evaluate/") else None
    )
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        with pytest.raises(NotPermitted, match="budget_spent"):
            sent(house, source, mapping)
        assert house.outbox.counts().records == 0


def test_each_row_is_bound_to_its_case(peer: Peer, source: Path, mapping: Path) -> None:
    """The spot proof of every row opens with the secret, the row and one case reference of the source."""
    with open_house(settings_of(peer), http=peer.client()) as house:
        approved(house, source, mapping)
        sent(house, source, mapping)
        secret = house.keyring.spot_secret()
    references = {row(number)[0] for number in range(ROWS)}
    for found in peer.rows():
        rest = {name: value for name, value in found.items() if name != "bewijs"}
        digest = hashlib.sha256(rfc8785.dumps(rest)).digest()  # type: ignore[arg-type]
        opens = {
            case
            for case in references
            if b64u(spot_proof(secret, str(found["record_id"]), digest, case)) == found["bewijs"]
        }
        assert len(opens) == 1
        references -= opens


def test_a_signal_in_fewer_than_five_stories_has_no_number(peer: Peer, source: Path, mapping: Path) -> None:
    """One odd signal can point at one person, so the receipt masks small counts (narrative page)."""
    told = ["Zij werd bedreigd."] * 5 + ["Hij werd opgesloten."] * 4
    write_source(source, [[*row(number)[:-1], story] for number, story in enumerate(told)])
    with open_house(settings_of(peer), http=peer.client()) as house:
        delivery = open_delivery(house, str(source), read_mapping(mapping), None)
        receipt = preview(house, delivery, lambda _: None, lambda _: None, Scanner())
    assert receipt.verhalen.signalen == {"bedreiging": 5, "bewegingsvrijheid_beperkt": "<5"}
    assert (receipt.verhalen.aantal, receipt.verhalen.tekens) == (9, sum(map(len, told)))


def test_an_approval_does_not_cover_what_a_birthday_changed(peer: Peer, source: Path, mapping: Path) -> None:
    """Same source, same mapping, another day: somebody came of age, so another code would leave than was approved."""
    cells = row(1)
    cells[3] = "2008-11-25"
    write_source(source, [cells])
    before, after = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (24, 25))
    with open_house(settings_of(peer), http=peer.client(), clock=lambda: before) as house:
        approved(house, source, mapping)
    with (
        open_house(settings_of(peer), http=peer.client(), clock=lambda: after) as house,
        pytest.raises(NotPermitted, match="no approval"),
    ):
        sent(house, source, mapping)
    assert not peer.calls
