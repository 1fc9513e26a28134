"""The revision policy (DECISIONS.md): figures are corrected by a new release that names the one it replaces. Pure."""

from collections.abc import Sequence

from connectors.contract.codes import TabelId
from connectors.contract.releases import Publicatie, ReleaseAanvraag
from gateway.errors import Conflict, NotFound
from gateway.release.published import Published


def check_revision(aanvraag: ReleaseAanvraag, published: Sequence[Published]) -> None:
    """Raises Conflict or NotFound unless the request follows the revision policy (DECISIONS.md): a table of a year is
    published once for everybody and once for the Regionale Tafel, and again only as the next revision of the whole
    release it was in."""
    current = {
        each.publicatie.release_id: each.publicatie
        for each in published
        if each.vervangen_door is None and each.publicatie.kring is aanvraag.publiek
    }
    tables = set(aanvraag.tabellen)
    if aanvraag.vervangt is None:
        for each in current.values():
            if each.jaar == aanvraag.jaar and tables & _tables(each):
                raise Conflict(
                    f"a table of {aanvraag.jaar} stands in {each.release_id}: publish a revision of it (vervangt)",
                    code="already_published",
                )
        return
    before = current.get(aanvraag.vervangt)
    if before is None:
        raise NotFound("vervangt: no published release by that id that still stands", code="unknown_release")
    if (before.jaar, _tables(before)) != (aanvraag.jaar, tables):
        raise Conflict("a revision has the year and all the tables of the release it replaces", code="other_tables")
    if aanvraag.revisie != before.revisie + 1:
        raise Conflict(f"revisie: the next revision of that release is {before.revisie + 1}", code="other_revision")


def _tables(publicatie: Publicatie) -> set[str]:
    estimate = {TabelId.GESCHATTE_OMVANG.value} if publicatie.schatting is not None else set()
    return {each.tabel.value for each in publicatie.tabellen} | estimate
