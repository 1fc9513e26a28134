"""`casus`, `authorise`, `approve-question`: what must stand at the gateway before a question."""

from datetime import datetime
from typing import Annotated

import typer

from connectors.contract.answers import Autorisatie, Casus, Geregistreerd, Goedkeuring
from connectors.contract.codes import Actie, Convenant, Route, Status, Thema
from connectors.contract.ticket import Handelende
from connectors.delivery import new_id
from connectors.terminal import CasusOption, Desk, DoelOption, from_options, staff_command


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
    body = from_options(
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
    body = from_options(
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
        body = from_options(
            Goedkeuring, goedkeuring_id=new_id(house.random), actie=actie, onderwerp=casus_id, aanvrager=requester
        )
        done = house.calls.post("/v1/approvals", body, Geregistreerd, act)
    desk.show(done.model_dump(mode="json"), [f"approval registered, ledger entry {done.grootboek.index}"])
