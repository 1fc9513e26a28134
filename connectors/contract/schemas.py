"""JSON Schemas (2020-12) of the wire, generated from the models: `python -m connectors.contract.schemas` writes them.

A test compares the files with what the models say now, so that a change of the wire is always seen in a diff.
"""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Final

from connectors.contract import answers, batch, canaries, federation, invite, record, releases, spot, ticket
from connectors.contract.model import Wire

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
FOLDER: Final = Path(__file__).parent / "schemas"
DOCUMENTS: Final = MappingProxyType[str, type[Wire]](
    {
        "federatie": federation.SignedFederation,
        "uitnodiging": invite.Uitnodiging,
        "aanmelding": invite.Aanmelding,
        "batch-kop": batch.BatchHeader,
        "riec-rij": record.RiecRij,
        "zvh-rij": record.ZvhRij,
        "monitor-rij": record.MonitorRij,
        "telling": record.Telling,
        "inspanning": record.Inspanning,
        "ticket": ticket.Ticket,
        "ticket-aanvraag": ticket.TicketAanvraag,
        "ticket-antwoord": ticket.TicketAntwoord,
        "proof": ticket.Proof,
        "ontvangst": answers.Ontvangst,
        "ontvangstbewijs": answers.SignedReceipt,
        "weigering": answers.Weigering,
        "casus": answers.Casus,
        "autorisatie": answers.Autorisatie,
        "goedkeuring": answers.Goedkeuring,
        "geregistreerd": answers.Geregistreerd,
        "vraag": answers.Vraag,
        "vraag-antwoord": answers.VraagAntwoord,
        "hits": answers.Hits,
        "validatie": answers.Validatie,
        "lease": answers.Lease,
        "lease-stand": answers.LeaseStand,
        "intrekking": answers.Intrekking,
        "verstrekkingsverzoek": answers.VerstrekkingsVerzoek,
        "envelope": answers.Envelope,
        "toegang-antwoord": answers.ToegangAntwoord,
        "release-aanvraag": releases.ReleaseAanvraag,
        "release-vrijgave": releases.ReleaseVrijgave,
        "release-stand": releases.ReleaseStand,
        "concept": releases.Concept,
        "publicatie": releases.Publicatie,
        "aanvalsverslag": releases.Aanvalsverslag,
        "zegel": releases.Zegel,
        "zegel-getekend": releases.SignedSeal,
        "reproductie": releases.Reproductie,
        "externe-publicatie": releases.ExternePublicatie,
        "externe-stand": releases.ExterneStand,
        "externe-lijst": releases.ExterneLijst,
        "externe-registratie": releases.ExterneRegistratie,
        "controlepunt": answers.Controlepunt,
        "controlepunt-getekend": answers.SignedCheckpoint,
        "bladen": answers.Bladen,
        "kanaries": canaries.Kanaries,
        "kanarie-meldingen": canaries.Meldingen,
        "kanarie-besluit": canaries.KanarieBesluit,
        "kanarie-besluit-stand": canaries.KanarieBesluitStand,
        "kanarie-toetsing": canaries.Toetsing,
        "kanarie-toetsbladen": canaries.Toetsbladen,
        "steekproef-vraag": spot.SteekproefVraag,
        "steekproef": spot.Steekproef,
        "steekproef-oordeel": spot.SteekproefOordeel,
        "steekproef-standen": spot.SteekproefStanden,
    }
)
"""Every document of the wire by the name of its schema file."""


def schema_of(name: str) -> dict[str, object]:
    """The schema of one document: closed objects, sorted keys."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:schakel:schema:1:{name}",
        **DOCUMENTS[name].model_json_schema(mode="validation"),
    }


def schema_text(name: str) -> str:
    """The file's text: UTF-8 JSON, two spaces, keys sorted, one newline at the end."""
    return json.dumps(schema_of(name), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write_schemas(folder: Path = FOLDER) -> None:
    """Write every schema to `folder`, and remove those of documents that are no more."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.json"):
        if path.stem not in DOCUMENTS:
            path.unlink()
    for name in DOCUMENTS:
        (folder / f"{name}.json").write_text(schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    write_schemas()
