"""The use case of hits: what an own question found, without content, once a person judged the match."""

from connectors.contract.answers import Hits, Validatie
from connectors.contract.ticket import Handelende
from connectors.house import House


def hits_of(house: House, vraag_id: str, act: Handelende) -> Hits:
    """The contentless hits of an own question. Raises NotPermitted (not validated, too old, another's)."""
    return house.calls.get(f"/v1/hits/{vraag_id}", Hits, act)


def validate_hits(house: House, vraag_id: str, judgement: Validatie, act: Handelende) -> Hits:
    """Record that a person judged the match (MEN); only then may its hits be seen. Answers as `hits_of`."""
    return house.calls.post(f"/v1/hits/{vraag_id}/validation", judgement, Hits, act)
