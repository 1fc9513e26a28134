"""A sealed row opens where it was sealed and nowhere else."""

import os

import pytest

from gateway.vault.sealing import Place, RowKey, SealBroken

PLACE = Place("00000099000000020000/opsporing", "RIEC", "2026")
SHARE, K_STORE = b"s" * 32, b"k" * 32


def test_a_row_opens_at_its_own_place() -> None:
    """The control."""
    key = RowKey(SHARE, K_STORE, PLACE)
    assert key.open(key.seal(b"row", "a", "x", os.urandom), "a", "x") == b"row"


@pytest.mark.parametrize(("record_id", "batch_id"), [("b", "x"), ("a", "y"), ("a|x", "")])
def test_a_row_moved_to_another_record_or_batch_does_not_open(record_id: str, batch_id: str) -> None:
    """Whoever writes the database cannot pass one record off as another."""
    key = RowKey(SHARE, K_STORE, PLACE)
    with pytest.raises(SealBroken):
        key.open(key.seal(b"row", "a", "x", os.urandom), record_id, batch_id)


@pytest.mark.parametrize(
    "place", [Place("00000099000000030000/toezicht", "RIEC", "2026"), Place(PLACE.party, "MONITOR", "2026")]
)
def test_a_row_moved_to_another_place_does_not_open(place: Place) -> None:
    """Not even under the same share."""
    sealed = RowKey(SHARE, K_STORE, PLACE).seal(b"row", "a", "x", os.urandom)
    with pytest.raises(SealBroken):
        RowKey(SHARE, K_STORE, place).open(sealed, "a", "x")
