"""`ask`: the question about the subject of a registered casus."""

from pathlib import Path
from typing import Annotated

import typer

from connectors.asking import ask as put_question
from connectors.asking import domain_for, read_subject
from connectors.contract.codes import Rol, TokenDomein
from connectors.contract.ticket import Handelende
from connectors.house import CONNECTOR_PSN
from connectors.terminal import CasusOption, Desk, DoelOption, staff_command


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
