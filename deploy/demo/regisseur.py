"""The regional director at work: drafts the yearly tables, and publishes what the privacy officer approved."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from connectors.contract.answers import Geregistreerd, Goedkeuring, Reden
from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.codes import Actie, Betrouwbaarheid, Rol, TabelId
from connectors.contract.releases import (
    Achterhouden,
    ExterneCel,
    ExternePublicatie,
    ExterneStand,
    Publicatie,
    Publiek,
    ReleaseAanvraag,
    ReleaseStand,
    ReleaseVrijgave,
)
from connectors.contract.ticket import Handelende
from connectors.delivery import new_id
from connectors.errors import InputRefused, NotPermitted, ReleaseBlocked
from connectors.house import House, open_house
from connectors.settings import read_settings
from deploy.demo.commands import Connector

RELEASE_ID = "monitor-2026-1"
YEAR = 2026
SOURCE = "CoMensha"
COUNTS = (TabelId.VORM_PER_GEMEENTE, TabelId.HERKOMST_PER_VORM, TabelId.ROUTE_PER_VORM)
TABLES = (*COUNTS, TabelId.GESCHATTE_OMVANG)
TAFEL_ID = "tafel-2026-1"
TAFEL = (TabelId.HERKOMST_PER_VORM,)
DIRECTOR = Handelende(sub="psn:regisseur", rol=Rol.REGISSEUR, loa=Betrouwbaarheid.HOOG, mfa=True)
OFFICER = Handelende(sub="psn:privacy", rol=Rol.PRIVACY_OFFICER, loa=Betrouwbaarheid.HOOG, mfa=True)


def can_read(party: Connector, release_id: str) -> bool:
    """Whether a party finds a release by its id."""
    with open_house(read_settings(party.folder / "connector.toml")) as house:
        try:
            house.calls.get(f"/v1/releases/{release_id}", Publicatie)
        except InputRefused:
            return False
    return True


@dataclass(frozen=True)
class Regisseur:
    """Acts through the connector of the director's own bureau."""

    bureau: Connector

    @contextmanager
    def _house(self) -> Iterator[House]:
        with open_house(read_settings(self.bureau.folder / "connector.toml")) as house:
            yield house

    def careless_draft(self) -> tuple[Reden, ...]:
        """Draft with only small counts left out; how our own attacker opened it, or nothing when he did not."""
        with self._house() as house:
            try:
                self._draft(house, Achterhouden.ALLEEN_KLEIN)
            except ReleaseBlocked as blocked:
                return blocked.redenen
        return ()

    def draft(self) -> str:
        """Have the tables made, protected and attacked; the digest of the figures."""
        with self._house() as house:
            return self._draft(house, Achterhouden.VOLLEDIG).digest

    def refused_without_approval(self, digest: str) -> list[str]:
        """Ask for publication before the privacy officer approved; returns the reason codes of the refusal."""
        with self._house() as house:
            try:
                self._publish(house, digest)
            except NotPermitted as refusal:
                return [reason.code for reason in refusal.redenen]
        return []

    def register(self, total: int, extern_id: str, vervangt: str | None = None) -> ExterneStand:
        """Register what CoMensha printed for the region; the privacy officer approves the digest first."""
        counts = ExternePublicatie(
            extern_id=extern_id,
            bron=SOURCE,
            datum=date(YEAR, 11, 1),
            jaar=YEAR,
            tabel=TabelId.ROUTE_PER_VORM,
            vervangt=vervangt,
            dimensies=("route",),
            cellen=(ExterneCel(codes=("totaal",), aantal=total),),
        )
        with self._house() as house:
            self._approve(house, sha256(canonical_bytes(counts)))
            return house.calls.post("/v1/external-publications", counts, ExterneStand, DIRECTOR)

    def release(self, digest: str) -> Publicatie:
        """Have the privacy officer approve these very figures, publish, and read back what anyone can read."""
        with self._house() as house:
            self._approve(house, digest)
            self._publish(house, digest)
            return house.calls.get(f"/v1/releases/{RELEASE_ID}", Publicatie, DIRECTOR)

    def release_at_table(self) -> Publicatie:
        """One table for the Regionale Tafel, from 5 on: drafted, approved by the privacy officer, published."""
        asked = ReleaseAanvraag(
            release_id=TAFEL_ID,
            jaar=YEAR,
            tabellen=tuple(table.value for table in TAFEL),
            epoch=str(YEAR),
            publiek=Publiek.REGIONALE_TAFEL,
        )
        with self._house() as house:
            drafted = house.calls.post("/v1/releases", asked, ReleaseStand, DIRECTOR)
            self._approve(house, drafted.digest)
            self._publish(house, drafted.digest, TAFEL_ID)
            return house.calls.get(f"/v1/releases/{TAFEL_ID}", Publicatie, DIRECTOR)

    @staticmethod
    def _approve(house: House, digest: str) -> None:
        approval = Goedkeuring(
            goedkeuring_id=new_id(house.random),
            actie=Actie.AGGREGAAT_VRIJGEVEN,
            onderwerp=digest,
            aanvrager=DIRECTOR.sub,
        )
        house.calls.post("/v1/approvals", approval, Geregistreerd, OFFICER)

    @staticmethod
    def _publish(house: House, digest: str, release_id: str = RELEASE_ID) -> ReleaseStand:
        path = f"/v1/releases/{release_id}/publication"
        return house.calls.post(path, ReleaseVrijgave(digest=digest), ReleaseStand, DIRECTOR)

    @staticmethod
    def _draft(house: House, achterhouden: Achterhouden) -> ReleaseStand:
        request = ReleaseAanvraag(
            release_id=RELEASE_ID,
            jaar=YEAR,
            tabellen=tuple(table.value for table in TABLES),
            epoch=house.settings.epoch,
            achterhouden=achterhouden,
        )
        return house.calls.post("/v1/releases", request, ReleaseStand, DIRECTOR)
