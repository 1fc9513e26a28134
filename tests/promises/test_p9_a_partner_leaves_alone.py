"""P9: a partner leaves alone: it destroys its share, nobody need agree. Each test tries to undo that, with everything
that the others have."""

from pathlib import Path

import pytest

from connectors.contract.codes import TokenDomein
from connectors.delivery import lend_share
from connectors.departing import leave
from connectors.errors import NotPermitted
from gateway.ids import id_text
from gateway.vault.sealing import SealBroken
from gateway.vault.tables import SEALED
from tests.connectors.samples import bsn
from tests.gateway.gateway_world import POLITIE, lend
from tests.world import ANALYST_PARTY, Federation, known, partners_of, put_question


def shares(federation: Federation) -> list[Path]:
    """The police's share files."""
    return list((federation.layout.partner(POLITIE) / "keys").glob("share-*.key"))


def is_known(federation: Federation) -> bool:
    with federation.connector(ANALYST_PARTY) as bureau:
        return known(bureau, bsn(1))


def depart(federation: Federation) -> None:
    with federation.connector(POLITIE) as police:
        leave(police)


def test_leaving_destroys_every_share(delivered: Federation) -> None:
    """No share file is left, and the gateway is told."""
    assert shares(delivered)
    with delivered.connector(POLITIE) as police:
        gone = leave(police)
    assert gone.told
    assert gone.shares_destroyed >= 1
    assert not shares(delivered)


def test_its_hits_are_gone(delivered: Federation) -> None:
    """For new questions and for those that were answered before."""
    with delivered.connector(ANALYST_PARTY) as bureau:
        before = put_question(bureau, bsn(1))
        assert partners_of(bureau, before) == ("politie",)
        depart(delivered)
        assert partners_of(bureau, before) == ()
    assert not is_known(delivered)


def test_nobody_is_asked(delivered: Federation) -> None:
    """With gateway and custodians all out of reach the share is destroyed just the same."""
    delivered.wire.away.update(delivered.wire.listening)
    with delivered.connector(POLITIE) as police:
        gone = leave(police)
    assert (gone.told, shares(delivered)) == (False, [])


def test_an_unreachable_gateway_forgets_within_the_lease(delivered: Federation) -> None:
    """It never heard of the departure, but the share that it was lent lasts a day and no longer."""
    delivered.wire.away.update(delivered.wire.listening)
    depart(delivered)
    delivered.wire.away.clear()
    delivered.clock.advance(hours=24)
    assert delivered.gateway.house.present(TokenDomein.RIEC, "2026", delivered.clock()) == ()


def test_a_backup_with_every_key_opens_none_of_its_rows(delivered: Federation, tmp_path: Path) -> None:
    """The gateway's database of before, its `k_store`, and every 32-byte secret of every other house and party."""
    with delivered.gateway.house.store.connect() as connection:
        rows = connection.execute(SEALED.select()).all()
    assert len(rows) == 12
    depart(delivered)
    secrets = {path.read_bytes() for path in delivered.layout.root.rglob("*.key")} | {
        path.read_bytes() for path in delivered.layout.root.glob("custodian*/seeds/*")
    }
    assert len(secrets) > 30
    for secret in secrets:
        key, one = delivered.row_key(POLITIE, secret), rows[0]
        with pytest.raises(SealBroken):
            key.open(bytes(one.sealed), id_text(one.record_id), id_text(one.batch_id))


def test_a_restored_backup_brings_no_hit_back(delivered: Federation, tmp_path: Path) -> None:
    """The database of before the departure, put back."""
    backup = delivered.back_up(tmp_path / "yesterday.sqlite")
    depart(delivered)
    delivered.restore(backup)
    assert not is_known(delivered)


def test_a_made_up_share_is_not_believed(delivered: Federation, tmp_path: Path) -> None:
    """Somebody with the party's signing key lends another share to the restored gateway: a conflict, and no hit."""
    backup = delivered.back_up(tmp_path / "yesterday.sqlite")
    depart(delivered)
    delivered.restore(backup)
    assert lend(delivered.gateway, POLITIE).status_code == 409
    assert not is_known(delivered)


def test_the_connector_lends_nothing_any_more(delivered: Federation) -> None:
    """Not even by accident: no new share is made."""
    depart(delivered)
    with delivered.connector(POLITIE) as police, pytest.raises(NotPermitted, match="left"):
        lend_share(police, TokenDomein.RIEC)
    assert not shares(delivered)


def test_a_share_is_in_no_backup_of_the_outbox(delivered: Federation) -> None:
    """Shares are files of their own: restoring the connector's database brings none back."""
    (share,) = (path for path in shares(delivered) if "RIEC" in path.name)
    secret = share.read_bytes()
    stored = b"".join(path.read_bytes() for path in delivered.layout.partner(POLITIE).glob("outbox.sqlite*"))
    assert secret not in stored


def test_others_are_untouched(delivered: Federation) -> None:
    """The bureau keeps asking; only the police are no longer there."""
    depart(delivered)
    with delivered.connector(ANALYST_PARTY) as bureau:
        answer = put_question(bureau, bsn(1)).antwoord
    assert (answer.antwoord.value, answer.partners_aanwezig) == ("onbekend", 0)
