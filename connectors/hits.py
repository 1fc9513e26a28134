"""The use case of hits: what an own question found, without content, once a person judged the match."""

from typing import Final

from pydantic import TypeAdapter, ValidationError

from connectors.contract.answers import Hits, Validatie
from connectors.contract.model import Uuid
from connectors.contract.ticket import Handelende
from connectors.errors import InputRefused
from connectors.house import House

_ID: Final = TypeAdapter[str](Uuid)


def hits_of(house: House, vraag_id: str, act: Handelende) -> Hits:
    """The contentless hits of an own question. Raises NotPermitted (not validated, too old, another's)."""
    return house.calls.get(f"/v1/hits/{_question(vraag_id)}", Hits, act)


def validate_hits(house: House, vraag_id: str, judgement: Validatie, act: Handelende) -> Hits:
    """Record that a person judged the match (MEN); only then may its hits be seen. Answers as `hits_of`."""
    return house.calls.post(f"/v1/hits/{_question(vraag_id)}/validation", judgement, Hits, act)


def _question(vraag_id: str) -> str:
    """An id as it may stand in a path; raises InputRefused."""
    try:
        return _ID.validate_python(vraag_id)
    except ValidationError as error:
        raise InputRefused("a question's id is not one; take it from what `ask` answered") from error
