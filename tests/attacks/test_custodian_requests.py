"""Requests that a custodian must refuse, one move each; no element is evaluated and the budget stays as it was."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.contract.codes import TokenDomein, TokenKlasse
from connectors.contract.ticket import Confirmation
from pseudonymizer.custodian.refusals import Refusal
from pseudonymizer.custodian.store import LOG, open_store
from tests.custodian.doors import ask, fresh_id, open_door, points
from tests.custodian.small_federation import (
    CARE,
    CITY,
    CLOSES,
    NOW,
    OPEN_FROM,
    OVERLAP_ENDS,
    PARTY_KEYS,
    POLICE,
    SmallFederation,
    signing_key,
    small_federation,
)

NOT_ON_THE_CURVE = bytes.fromhex("26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371")
"""RFC 9496 A.2: canonical bytes of a field element that is no x-coordinate."""


@pytest.fixture
def federation(tmp_path: Path) -> SmallFederation:
    return small_federation(tmp_path)


def _refused(federation: SmallFederation, answer, code: Refusal) -> None:
    problem = answer.json()
    assert problem["code"] == code
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "code"}
    with open_store(federation.settings(1).store).begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(LOG)) == 0


@pytest.mark.parametrize("size", [0, 31, 32, 15 * 32, 17 * 32, 24 * 32, 16 * 32 + 1, 8192 * 32])
def test_a_body_of_another_size_is_refused(federation: SmallFederation, size: int) -> None:
    """Only powers of two from 16 to 4096 elements are batches."""
    _refused(federation, ask(open_door(federation), federation, bytes(size)), Refusal.OMVANG)


def test_a_request_without_ticket_is_refused(federation: SmallFederation) -> None:
    """The partner's own signature is not enough."""
    body = points()
    headers = federation.headers(body, federation.ticket())
    del headers["Authorization"]
    _refused(federation, ask(open_door(federation), federation, body, headers=headers), Refusal.TICKET)


def test_a_ticket_by_another_signer_is_refused(federation: SmallFederation) -> None:
    """Only the gateway key of the federation file makes tickets, not a party's own key."""
    ticket = federation.ticket(signer=PARTY_KEYS[POLICE])
    _refused(federation, ask(open_door(federation), federation, points(), ticket=ticket), Refusal.TICKET)


@pytest.mark.parametrize("shift", [timedelta(seconds=601), timedelta(seconds=-120)])
def test_a_ticket_out_of_its_time_is_refused(federation: SmallFederation, shift: timedelta) -> None:
    """Expired, or from the future by more than the allowed skew."""
    door = open_door(federation, now=NOW + shift)
    _refused(federation, ask(door, federation, points()), Refusal.TICKET)


def test_a_ticket_that_lives_too_long_is_refused(federation: SmallFederation) -> None:
    """More than ten minutes is not a ticket, even signed."""
    moment = int(NOW.timestamp())
    ticket = federation.ticket(iat=moment, exp=moment + 601)
    _refused(federation, ask(open_door(federation), federation, points(), ticket=ticket), Refusal.TICKET)


def test_a_ticket_for_another_class_is_refused(federation: SmallFederation) -> None:
    """A ticket for cx opens nothing under id."""
    ticket = federation.ticket(cls=TokenKlasse.CX)
    _refused(federation, ask(open_door(federation), federation, points(), ticket=ticket), Refusal.TICKET)


def test_a_class_that_does_not_exist_is_refused(federation: SmallFederation) -> None:
    """The path names one of three classes."""
    _refused(federation, ask(open_door(federation), federation, points(), path_class="all"), Refusal.TICKET)


def test_a_ticket_of_an_unknown_party_is_refused(federation: SmallFederation) -> None:
    """The gateway cannot invent a party: parties stand in the federation file."""
    ticket = federation.ticket(sub=f"{77:020d}/veiligheid")
    _refused(federation, ask(open_door(federation), federation, points(), ticket=ticket), Refusal.TICKET)


def test_a_ticket_in_another_gateways_name_is_refused(federation: SmallFederation) -> None:
    """The signer's key is not enough: a ticket says which gateway it is from, and that is this federation's."""
    ticket = federation.ticket(iss=f"{55:020d}")
    _refused(federation, ask(open_door(federation), federation, points(), ticket=ticket), Refusal.TICKET)


def test_a_ticket_without_the_partners_signature_is_refused(federation: SmallFederation) -> None:
    """A ticket is necessary, never sufficient: the gateway alone evaluates nothing."""
    headers = {"Authorization": f"Bearer {federation.ticket()}"}
    _refused(federation, ask(open_door(federation), federation, points(), headers=headers), Refusal.BEZIT)


def test_a_gateway_that_signs_for_the_partner_is_refused(federation: SmallFederation) -> None:
    """A cnf claim with the gateway's own thumbprint does not replace the pinned key."""
    body = points()
    ticket = federation.ticket(cnf=Confirmation(jkt=signing_key("gateway").public.thumbprint))
    _refused(federation, ask(open_door(federation), federation, body, ticket=ticket), Refusal.BEZIT)


def test_another_partys_signature_is_refused(federation: SmallFederation) -> None:
    """A stolen ticket is of no use to another party."""
    body, ticket = points(), federation.ticket(POLICE)
    headers = federation.headers(body, ticket, CITY)
    _refused(federation, ask(open_door(federation), federation, body, headers=headers), Refusal.BEZIT)


@pytest.mark.parametrize(
    "change",
    [
        {"hop": 2},
        {"n": 32},
        {"htm": "PUT"},
        {"htu": "http://127.0.0.1:8452/v1/evaluate/id"},
        {"tkt": "A" * 43},
        {"bd": "A" * 43},
        {"iat": int(NOW.timestamp()) - 61},
        {"iat": int(NOW.timestamp()) + 61},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_signature_over_another_request_is_refused(federation: SmallFederation, change: dict[str, object]) -> None:
    """Method, address, ticket, body, hop, count and time are all signed."""
    body, ticket = points(), federation.ticket()
    headers = federation.headers(body, ticket, changed=change)
    _refused(federation, ask(open_door(federation), federation, body, headers=headers), Refusal.BEZIT)


def test_a_body_changed_on_the_way_is_refused(federation: SmallFederation) -> None:
    """The signed digest is of the body."""
    ticket = federation.ticket()
    headers = federation.headers(points(label="one"), ticket)
    _refused(federation, ask(open_door(federation), federation, points(label="two"), headers=headers), Refusal.BEZIT)


def test_a_ticket_under_another_federation_file_is_refused(federation: SmallFederation) -> None:
    """Houses that hold different federation files do not work together."""
    ticket = federation.ticket(fed="A" * 43)
    _refused(federation, ask(open_door(federation), federation, points(), ticket=ticket), Refusal.FEDERATIE)


def test_an_epoch_without_key_is_refused(federation: SmallFederation) -> None:
    """No key is made up for an epoch that the federation file does not pin."""
    ticket = federation.ticket(epo="2025")
    _refused(federation, ask(open_door(federation), federation, points(), ticket=ticket), Refusal.EPOCH)


@pytest.mark.parametrize("moment", [OPEN_FROM - timedelta(seconds=1), OVERLAP_ENDS])
def test_an_epoch_outside_its_window_is_refused(federation: SmallFederation, moment: datetime) -> None:
    """Custodians evaluate from `van` up to, not including, `overlap_tot`, also when started before its end."""
    body, second = points(), int(moment.timestamp())
    ticket = federation.ticket(iat=second, exp=second + 600)
    headers = federation.headers(body, ticket, changed={"iat": second})
    door = open_door(federation, now=moment, started=NOW)
    _refused(federation, ask(door, federation, body, headers=headers), Refusal.EPOCH)


@pytest.mark.parametrize("moment", [OPEN_FROM, CLOSES, OVERLAP_ENDS - timedelta(seconds=1)])
def test_an_epoch_inside_its_window_is_served(federation: SmallFederation, moment: datetime) -> None:
    """After `tot` the overlap lasts until `overlap_tot`."""
    body, second = points(), int(moment.timestamp())
    ticket = federation.ticket(iat=second, exp=second + 600)
    headers = federation.headers(body, ticket, changed={"iat": second})
    assert ask(open_door(federation, now=moment), federation, body, headers=headers).status_code == 200


def test_a_party_outside_the_convenant_is_refused(federation: SmallFederation) -> None:
    """A member of ZVH only gets nothing in RIEC."""
    _refused(federation, ask(open_door(federation), federation, points(), party=CARE), Refusal.RECHT)


@pytest.mark.parametrize(
    "membership",
    [{"tot": NOW}, {"van": NOW + timedelta(seconds=1)}],
    ids=["ended", "still to begin"],
)
def test_a_party_that_is_no_member_now_is_refused(federation: SmallFederation, membership: dict[str, datetime]) -> None:
    """A party stays in the federation file for ever; its membership has a first and a last moment."""
    police = federation.party(POLICE)
    members = tuple(item.model_copy(update=membership) for item in police.deelnames)
    others = tuple(item for item in federation.federation.partijen if item.naam != POLICE)
    federation = federation.with_content(partijen=(police.model_copy(update={"deelnames": members}), *others))
    _refused(federation, ask(open_door(federation), federation, points()), Refusal.RECHT)


def test_class_bsn_without_the_right_to_it_is_refused(federation: SmallFederation) -> None:
    """Only parties with a legal ground for the BSN reach its key."""
    body, ticket = points(), federation.ticket(CITY, cls=TokenKlasse.BSN)
    headers = federation.headers(body, ticket, CITY, key_class=TokenKlasse.BSN)
    answer = ask(open_door(federation), federation, body, headers=headers, path_class="bsn")
    _refused(federation, answer, Refusal.RECHT)


def test_a_domain_of_which_the_party_is_no_member_is_refused(federation: SmallFederation) -> None:
    """A ticket for ZVH-RR does not help a party that is in RIEC only."""
    ticket = federation.ticket(CITY, dom=TokenDomein.ZVH_RR)
    _refused(federation, ask(open_door(federation), federation, points(), party=CITY, ticket=ticket), Refusal.RECHT)


@pytest.mark.parametrize(
    "element",
    [bytes(32), b"\xff" * 32, (2**255 - 19).to_bytes(32, "little"), b"\x01" + bytes(31), NOT_ON_THE_CURVE],
    ids=["identity", "bit 255", "p", "odd", "not on the curve"],
)
def test_a_bad_element_is_refused_before_any_evaluation(federation: SmallFederation, element: bytes) -> None:
    """One bad element in a batch refuses the batch."""
    body = points(15) + element
    _refused(federation, ask(open_door(federation), federation, body), Refusal.ELEMENT)


def test_a_signed_request_cannot_be_used_for_another_body(federation: SmallFederation) -> None:
    """One request id stands for one (ticket, body)."""
    door, ticket, claims = open_door(federation), federation.ticket(), {"jti": fresh_id()}
    one, two = points(label="one"), points(label="two")
    assert ask(door, federation, one, headers=federation.headers(one, ticket, changed=claims)).status_code == 200
    answer = ask(door, federation, two, headers=federation.headers(two, ticket, changed=claims))
    assert answer.json()["code"] == Refusal.HERHALING


def test_an_exact_replay_gains_nothing(federation: SmallFederation) -> None:
    """A captured request gives the same blinded answer again and costs the party nothing."""
    door, ticket, body = open_door(federation), federation.ticket(), points()
    headers = federation.headers(body, ticket)
    one, two = (ask(door, federation, body, headers=headers) for _ in range(2))
    assert one.content[:-64] == two.content[:-64]
    with open_store(federation.settings(1).store).begin() as connection:
        assert connection.execute(sa.select(LOG.c.charged).order_by(LOG.c.seq)).scalars().all() == [16, 0]


def test_two_tickets_with_one_id_are_charged_per_class(federation: SmallFederation) -> None:
    """A gateway that reuses a ticket id for another class does not get that class for free."""
    door, body, ticket_id = open_door(federation), points(), fresh_id()
    for key_class in (TokenKlasse.ID, TokenKlasse.BSN):
        ticket = federation.ticket(jti=ticket_id, cls=key_class)
        headers = federation.headers(body, ticket, key_class=key_class)
        assert ask(door, federation, body, headers=headers, path_class=key_class).status_code == 200
    with open_store(federation.settings(1).store).begin() as connection:
        assert connection.execute(sa.select(LOG.c.charged).order_by(LOG.c.seq)).scalars().all() == [16, 16]


def test_nothing_that_was_sent_or_answered_is_in_the_store_or_the_log(
    federation: SmallFederation, capfd: pytest.CaptureFixture[str]
) -> None:
    """No element, key, ticket or signature: digests, names and counts only."""
    door, body, ticket = open_door(federation), points(), federation.ticket()
    headers = federation.headers(body, ticket)
    answer = ask(door, federation, body, headers=headers)
    printed = "".join(capfd.readouterr())
    home = federation.settings(1).store
    stored = b"".join(path.read_bytes() for path in home.parent.glob("store.sqlite*"))
    secret_bytes = [body[start : start + 32] for start in range(0, len(body), 32)] + [answer.content[:32]]
    for secret in secret_bytes:
        assert secret not in stored
        assert secret.hex().encode() not in stored
        assert secret.hex() not in printed
    assert ticket not in printed
    assert ticket.encode() not in stored
    assert json.loads('"' + headers["Schakel-Proof"] + '"').encode() not in stored
