"""What policy is asked before figures leave: one question a table, on what was measured when they were made. Pure."""

from collections.abc import Iterable

from connectors.contract.codes import Actie, Convenant, Doel, Thema
from connectors.contract.releases import Publiek
from gateway.permit.ask import Ask
from gateway.registry.records import Approval
from gateway.release.catalogue import policy_name
from gateway.release.shelf import Maat


def asks(release_id: str, publiek: Publiek, maten: Iterable[Maat], approval: Approval | None) -> tuple[Ask, ...]:
    """The questions; `approval`: the second person's, when there is one that still holds. The rules have an entry of
    its own, with its own k, for a table of the Regionale Tafel."""
    return tuple(
        Ask(
            actie=Actie.AGGREGAAT_VRIJGEVEN,
            convenant=Convenant.MONITOR,
            thema=Thema.MENSENHANDEL_EN_SMOKKEL,
            doel=Doel.MONITOR,
            soort="aggregaat",
            id=release_id,
            eigenschappen={
                "tabel_id": policy_name(maat.tabel, publiek),
                "beschermd": True,  # only figures that withstood the gate have measures
                "min_cel": maat.min_cel,
                "min_verschil": maat.min_verschil,
                "dominantie_promille": maat.dominantie,
                "uitsplitsing": list(maat.uitsplitsing),
                "vrije_tekst": False,
            },
            vierogen=approval,
        )
        for maat in maten
    )
