"""A delivered federation for the attackers, as the promises' tests have it."""

from tests.promises.conftest import delivered, police_delivered, police_rows

__all__ = ["delivered", "police_delivered", "police_rows"]
