"""One act on one thing, in the terms of the policy page: what a use case asks permission for."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from connectors.contract.answers import Autorisatie
from connectors.contract.batch import Motivering
from connectors.contract.codes import Actie, Convenant, Doel, Thema
from gateway.registry.records import Approval


@dataclass(frozen=True, slots=True)
class Ask:
    """`eigenschappen` are `resource.properties`; `soort` and `id` name the resource."""

    actie: Actie
    convenant: Convenant
    thema: Thema
    doel: Doel
    soort: str
    id: str
    eigenschappen: Mapping[str, JsonValue]
    casus_id: str | None = None
    autorisatie: Autorisatie | None = None
    vierogen: Approval | None = None
    motivering: Motivering | None = None
