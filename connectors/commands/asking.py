"""`casus`, `authorise`, `approve-question`, `ask`, `validate`, `hits`: the side that asks."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from connectors.asking import ask as put_question
from connectors.asking import domain_for, hits_of, read_subject, validate_hits
from connectors.contract.answers import Autorisatie, Casus, Geregistreerd, Goedkeuring, Hits, Validatie
from connectors.contract.codes import Actie, Betrouwbaarheid, Convenant, Doel, Rol, Route, Status, Thema, TokenDomein
from connectors.delivery import new_id
from connectors.errors import ConnectorError, InputRefused
from connectors.house import open_house
from connectors.settings import read_settings
from connectors.terminal import (
    SETTINGS_DEFAULT,
    AsOption,
    JsonOption,
    LoaOption,
    MfaOption,
    RoleOption,
    SettingsOption,
    acting,
    reporting,
    show,
)

_M = TypeVar("_M", bound=BaseModel)
CasusOption = Annotated[str, typer.Option("--casus", help="The casus, by its id.")]
DoelOption = Annotated[Doel, typer.Option("--doel", help="The purpose.")]


@reporting
def casus(
    casus_id: Annotated[str, typer.Argument(help="The id of the casus.")],
    convenant: Annotated[Convenant, typer.Option("--convenant")],
    status: Annotated[Status, typer.Option("--status")],
    route: Annotated[Route, typer.Option("--route")],
    as_: AsOption,
    role: RoleOption,
    bijzonder: Annotated[bool, typer.Option("--bijzonder/--niet-bijzonder")] = False,
    triage_positief: Annotated[bool, typer.Option("--triage-positief")] = False,
    tafel_vastgesteld: Annotated[bool, typer.Option("--tafel-vastgesteld")] = False,
    loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: MfaOption = True,
    settings: SettingsOption = SETTINGS_DEFAULT,
    json_: JsonOption = False,
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
    with open_house(read_settings(settings)) as house:
        done = house.calls.post("/v1/cases", body, Geregistreerd, acting(as_, role, loa, mfa))
    show(done.model_dump(mode="json"), json_, [f"casus registered, ledger entry {done.grootboek.index}"])


@reporting
def authorise(
    authorisation_id: Annotated[str, typer.Argument(help="The id of the authorisation.")],
    casus_id: CasusOption,
    subject: Annotated[str, typer.Option("--subject", help="Who may ask, psn:...; someone else than --as.")],
    doel: DoelOption,
    van: Annotated[datetime, typer.Option("--van", help="From, RFC 3339.", formats=["%Y-%m-%dT%H:%M:%S%z"])],
    tot: Annotated[datetime, typer.Option("--tot", help="Until, RFC 3339.", formats=["%Y-%m-%dT%H:%M:%S%z"])],
    as_: AsOption,
    role: RoleOption,
    loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: MfaOption = True,
    settings: SettingsOption = SETTINGS_DEFAULT,
    json_: JsonOption = False,
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
    with open_house(read_settings(settings)) as house:
        done = house.calls.post("/v1/authorisations", body, Geregistreerd, acting(as_, role, loa, mfa))
    show(done.model_dump(mode="json"), json_, [f"authorisation registered, ledger entry {done.grootboek.index}"])


@reporting
def approve_question(
    casus_id: CasusOption,
    requester: Annotated[str, typer.Option("--requester", help="Who will ask, psn:...; someone else than --as.")],
    as_: AsOption,
    role: RoleOption,
    actie: Annotated[Actie, typer.Option("--actie")] = Actie.MATCH_AANVRAGEN,
    loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: MfaOption = True,
    settings: SettingsOption = SETTINGS_DEFAULT,
    json_: JsonOption = False,
) -> None:
    """Approve, as a second person, what a colleague will ask in a casus within 24 hours."""
    with open_house(read_settings(settings)) as house:
        body = _built(
            Goedkeuring, goedkeuring_id=new_id(house.random), actie=actie, onderwerp=casus_id, aanvrager=requester
        )
        done = house.calls.post("/v1/approvals", body, Geregistreerd, acting(as_, role, loa, mfa))
    show(done.model_dump(mode="json"), json_, [f"approval registered, ledger entry {done.grootboek.index}"])


@reporting
def ask(
    subject: Annotated[Path, typer.Argument(help="Who is asked about (TOML).")],
    casus_id: CasusOption,
    doel: DoelOption,
    as_: AsOption,
    role: RoleOption = Rol.RIEC_ANALIST,
    domain: Annotated[TokenDomein | None, typer.Option("--domain", help="Token domain; else by purpose.")] = None,
    loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: MfaOption = True,
    settings: SettingsOption = SETTINGS_DEFAULT,
    json_: JsonOption = False,
) -> None:
    """Tokenise the subject of a registered casus here, and ask whether partners know it. No identity leaves."""
    read = read_subject(subject)
    act = acting(as_, role, loa, mfa)
    with open_house(read_settings(settings)) as house:
        asked = put_question(house, read, casus_id, doel, domain_for(house, doel, domain), act)
    answer = asked.antwoord
    lines = [
        f"{answer.antwoord}: {answer.partners_aanwezig} partners present",
        f"question {answer.vraag_id}, decision {answer.besluit}, expires {answer.verloopt.isoformat()}",
        f"scope {answer.reikwijdte}; obligations {', '.join(answer.verplichtingen) or 'none'}",
    ]
    show(answer.model_dump(mode="json"), json_, lines)


@reporting
def validate(
    vraag_id: Annotated[str, typer.Argument(help="The question.")],
    judgement: Annotated[str, typer.Argument(help="bevestigd or verworpen.")],
    as_: AsOption,
    role: RoleOption = Rol.RIEC_ANALIST,
    loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: MfaOption = True,
    settings: SettingsOption = SETTINGS_DEFAULT,
    json_: JsonOption = False,
) -> None:
    """Record that you judged the match yourself; only then may its hits be seen."""
    body = _built(Validatie, oordeel=judgement)
    with open_house(read_settings(settings)) as house:
        found = validate_hits(house, vraag_id, body, acting(as_, role, loa, mfa))
    show(found.model_dump(mode="json"), json_, _hit_lines(found))


@reporting
def hits(
    vraag_id: Annotated[str | None, typer.Argument(help="One question; else every question asked here.")] = None,
    as_: AsOption = "psn:connector",
    role: RoleOption = Rol.RIEC_ANALIST,
    loa: LoaOption = Betrouwbaarheid.SUBSTANTIEEL,
    mfa: MfaOption = True,
    settings: SettingsOption = SETTINGS_DEFAULT,
    json_: JsonOption = False,
) -> None:
    """Contentless hits of your own questions: kind of partner, contact point, strength."""
    act = acting(as_, role, loa, mfa)
    with open_house(read_settings(settings)) as house:
        if vraag_id is not None:
            found = hits_of(house, vraag_id, act)
            show(found.model_dump(mode="json"), json_, _hit_lines(found))
            return
        refused: ConnectorError | None = None
        asked = [question for question in house.outbox.questions() if question[2] == as_]
        for question, *_ in asked:
            try:
                found = hits_of(house, question, act)
            except InputRefused as error:
                refused = error
                continue
            show(found.model_dump(mode="json"), json_, _hit_lines(found))
        if refused is not None:
            raise refused
        if not asked:
            show({"hits": []}, json_, ["no question was asked here by this person"])


def _built(model: type[_M], **values: object) -> _M:
    """A body from options; raises InputRefused that names the option."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise InputRefused(f"{'.'.join(map(str, first['loc'])) or 'options'}: {first['msg']}") from error


def _hit_lines(found: Hits) -> list[str]:
    asked = f"obligations {', '.join(found.verplichtingen) or 'none'}"
    if not found.hits:
        return [f"question {found.vraag_id}: geen hit / no hit; {asked}"]
    return [f"question {found.vraag_id}; {asked}"] + [
        f"  {hit.partnertype}: {hit.contactpunt} ({hit.sterkte})" for hit in found.hits
    ]
