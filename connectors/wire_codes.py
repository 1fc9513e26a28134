"""The closed codes of the wire: every enum value and literal of the contract, which the tripwire lets pass."""

from enum import StrEnum
from functools import cache

from connectors.contract import case_codes, codes


@cache
def wire_codes() -> frozenset[str]:
    """All values of the contract's code lists, and the literals that stand beside them in rows."""
    named = (*vars(codes).values(), *vars(case_codes).values())
    lists = (item for item in named if isinstance(item, type) and issubclass(item, StrEnum))
    found = {str(code.value) for codelist in lists for code in codelist}
    return frozenset(found | {"onbekend", "riec", "zvh", "monitor", "telling", "inspanning"})
