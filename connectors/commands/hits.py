"""`validate`, `hits`: what own questions found, once a person judged it."""

from typing import Annotated

import typer

from connectors.contract.answers import Hits, Validatie
from connectors.contract.codes import Rol
from connectors.contract.ticket import Handelende
from connectors.errors import ConnectorError, InputRefused
from connectors.hits import hits_of, validate_hits
from connectors.house import CONNECTOR_PSN
from connectors.terminal import Desk, from_options, staff_command


@staff_command(role=Rol.RIEC_ANALIST)
def validate(
    desk: Desk,
    act: Handelende,
    vraag_id: Annotated[str, typer.Argument(help="The question.")],
    judgement: Annotated[str, typer.Argument(help="bevestigd or verworpen.")],
) -> None:
    """Record that you judged the match yourself; only then may its hits be seen."""
    body = from_options(Validatie, oordeel=judgement)
    with desk.house() as house:
        found = validate_hits(house, vraag_id, body, act)
    desk.show(found.model_dump(mode="json"), _hit_lines(found))


@staff_command(role=Rol.RIEC_ANALIST, as_=CONNECTOR_PSN)
def hits(
    desk: Desk,
    act: Handelende,
    vraag_id: Annotated[str | None, typer.Argument(help="One question; else every question asked here.")] = None,
) -> None:
    """Contentless hits of your own questions: kind of partner, contact point, strength."""
    with desk.house() as house:
        if vraag_id is not None:
            found = hits_of(house, vraag_id, act)
            desk.show(found.model_dump(mode="json"), _hit_lines(found))
            return
        refused: ConnectorError | None = None
        asked = [question for question in house.outbox.questions() if question[2] == act.sub]
        for question, *_ in asked:
            try:
                found = hits_of(house, question, act)
            except InputRefused as error:
                refused = error
                continue
            desk.show(found.model_dump(mode="json"), _hit_lines(found))
        if refused is not None:
            raise refused
        if not asked:
            desk.show({"hits": []}, ["no question was asked here by this person"])


def _hit_lines(found: Hits) -> list[str]:
    asked = f"obligations {', '.join(found.verplichtingen) or 'none'}"
    if not found.hits:
        return [f"question {found.vraag_id}: geen hit / no hit; {asked}"]
    return [f"question {found.vraag_id}; {asked}"] + [
        f"  {hit.partnertype}: {hit.contactpunt} ({hit.sterkte})" for hit in found.hits
    ]
