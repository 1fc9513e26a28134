"""`casus`, `authorise`, `approve-question`, `ask`, `validate`, `hits`: the side that asks."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from connectors.asking import ask as put_question
from connectors.asking import domain_for, hits_of, read_subject, validate_hits
from connectors.contract.answers import Autorisatie, Casus, Geregistreerd, Goedkeuring, Hits, Validatie
from connectors.contract.codes import Actie, Convenant, Doel, Rol, Route, Status, Thema, TokenDomein
from connectors.contract.ticket import Handelende
from connectors.delivery import new_id
from connectors.errors import ConnectorError, InputRefused, complaint
from connectors.house import CONNECTOR_PSN
from connectors.terminal import Desk, staff_command

_M = TypeVar("_M", bound=BaseModel)
CasusOption = Annotated[str, typer.Option("--casus", help="The casus, by its id.")]
DoelOption = Annotated[Doel, typer.Option("--doel", help="The purpose.")]


@staff_command()
def casus(
    desk: Desk,
    act: Handelende,
    casus_id: Annotated[str, typer.Argument(help="The id of the casus.")],
    convenant: Annotated[Convenant, typer.Option("--convenant")],
    status: Annotated[Status, typer.Option("--status")],
    route: Annotated[Route, typer.Option("--route")],
    bijzonder: Annotated[bool, typer.Option("--bijzonder/--niet-bijzonder")] = False,
    triage_positief: Annotated[bool, typer.Option("--triage-positief")] = False,
    tafel_vastgesteld: Annotated[bool, typer.Option("--tafel-vastgesteld")] = False,
) -> None:
    """Register a casus at the gateway; questions are bound to it."""
    body = _built(
        Casus,
        casus_id=casus_id,
        convenant=convenant,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        status=status,
        route=route,
        bijzonder=bijzonder,
        triage_positief=triage_positief,
        tafel_vastgesteld=tafel_vastgesteld,
    )
    with desk.house() as house:
        done = house.calls.post("/v1/cases", body, Geregistreerd, act)
    desk.show(done.model_dump(mode="json"), [f"casus registered, ledger entry {done.grootboek.index}"])


@staff_command()
def authorise(
    desk: Desk,
    act: Handelende,
    authorisation_id: Annotated[str, typer.Argument(help="The id of the authorisation.")],
    casus_id: CasusOption,
    subject: Annotated[str, typer.Option("--subject", help="Who may ask, psn:...; someone else than --as.")],
    doel: DoelOption,
    van: Annotated[datetime, typer.Option("--van", help="From, RFC 3339.", formats=["%Y-%m-%dT%H:%M:%S%z"])],
    tot: Annotated[datetime, typer.Option("--tot", help="Until, RFC 3339.", formats=["%Y-%m-%dT%H:%M:%S%z"])],
) -> None:
    """Authorise a member of staff to ask in a casus, for a purpose and a time."""
    body = _built(
        Autorisatie,
        autorisatie_id=authorisation_id,
        casus_id=casus_id,
        subject=subject,
        doel=doel,
        van=van,
        tot=tot,
    )
    with desk.house() as house:
        done = house.calls.post("/v1/authorisations", body, Geregistreerd, act)
    desk.show(done.model_dump(mode="json"), [f"authorisation registered, ledger entry {done.grootboek.index}"])


@staff_command()
def approve_question(
    desk: Desk,
    act: Handelende,
    casus_id: CasusOption,
    requester: Annotated[str, typer.Option("--requester", help="Who will ask, psn:...; someone else than --as.")],
    actie: Annotated[Actie, typer.Option("--actie")] = Actie.MATCH_AANVRAGEN,
) -> None:
    """Approve, as a second person, what a colleague will ask in a casus within 24 hours."""
    with desk.house() as house:
        body = _built(
            Goedkeuring, goedkeuring_id=new_id(house.random), actie=actie, onderwerp=casus_id, aanvrager=requester
        )
        done = house.calls.post("/v1/approvals", body, Geregistreerd, act)
    desk.show(done.model_dump(mode="json"), [f"approval registered, ledger entry {done.grootboek.index}"])


@staff_command(role=Rol.RIEC_ANALIST, as_=CONNECTOR_PSN)
def ask(
    desk: Desk,
    act: Handelende,
    subject: Annotated[Path, typer.Argument(help="Who is asked about (TOML).")],
    casus_id: CasusOption,
    doel: DoelOption,
    domain: Annotated[TokenDomein | None, typer.Option("--domain", help="Token domain; else by purpose.")] = None,
) -> None:
    """Tokenise the subject of a registered casus here, and ask whether partners know it. No identity leaves."""
    read = read_subject(subject)
    with desk.house() as house:
        asked = put_question(house, read, casus_id, doel, domain_for(house, doel, domain), act)
    answer = asked.antwoord
    lines = [
        f"{answer.antwoord}: {answer.partners_aanwezig} partners present",
        f"question {answer.vraag_id}, decision {answer.besluit}, expires {answer.verloopt.isoformat()}",
        f"scope {answer.reikwijdte}; obligations {', '.join(answer.verplichtingen) or 'none'}",
    ]
    desk.show(answer.model_dump(mode="json"), lines)


@staff_command(role=Rol.RIEC_ANALIST)
def validate(
    desk: Desk,
    act: Handelende,
    vraag_id: Annotated[str, typer.Argument(help="The question.")],
    judgement: Annotated[str, typer.Argument(help="bevestigd or verworpen.")],
) -> None:
    """Record that you judged the match yourself; only then may its hits be seen."""
    body = _built(Validatie, oordeel=judgement)
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


def _built(model: type[_M], **values: object) -> _M:
    """A body from options; raises InputRefused that names the option."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InputRefused(complaint(error)) from error


def _hit_lines(found: Hits) -> list[str]:
    asked = f"obligations {', '.join(found.verplichtingen) or 'none'}"
    if not found.hits:
        return [f"question {found.vraag_id}: geen hit / no hit; {asked}"]
    return [f"question {found.vraag_id}; {asked}"] + [
        f"  {hit.partnertype}: {hit.contactpunt} ({hit.sterkte})" for hit in found.hits
    ]
