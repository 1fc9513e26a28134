"""The analyst of the RIEC bureau at work: casus, authorisation, approval, questions, hits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.asking import SubjectFile, ask
from connectors.contract.answers import Autorisatie, Casus, Geregistreerd, Goedkeuring, Validatie
from connectors.contract.codes import (
    Actie,
    Antwoord,
    Betrouwbaarheid,
    Categorie,
    Convenant,
    Doel,
    Rol,
    Route,
    Status,
    Thema,
    TokenDomein,
    TokenKlasse,
    WpgArtikel,
)
from connectors.contract.record import Profiel
from connectors.contract.ticket import Handelende, TicketAanvraag, TicketAntwoord
from connectors.delivery import new_id
from connectors.errors import NotPermitted
from connectors.hits import hits_of, validate_hits
from connectors.house import House, open_house
from connectors.settings import read_settings
from deploy.demo.commands import Connector
from deploy.demo.people import Person
from pseudonymizer.identity import Trait

DOEL = Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT
CASES = ("RR-2026-014", "RR-2026-015", "RR-2026-016")
PER_CASE = 25
"""Subjects that one casus may ask about in 30 days (policy page, SLEEPNET)."""


def _staff(name: str, rol: Rol = Rol.RIEC_ANALIST) -> Handelende:
    return Handelende(sub=f"psn:{name}", rol=rol, loa=Betrouwbaarheid.SUBSTANTIEEL, mfa=True)


ANALYST, COLLEAGUE = _staff("analist-1"), _staff("analist-2")


@dataclass(frozen=True)
class Analyst:
    """Asks through the bureau's own connector; identities never leave it."""

    bureau: Connector
    municipality: Connector
    """Whose connector tries what the care route forbids."""

    @contextmanager
    def _house(self) -> Iterator[House]:
        with open_house(read_settings(self.bureau.folder / "connector.toml")) as house:
            yield house

    def open_cases(self) -> None:
        """Register the casus, authorise the analyst in each, and have a colleague approve the questions."""
        with self._house() as house:
            now = house.clock()
            for number, casus_id in enumerate(CASES):
                casus = Casus(
                    casus_id=casus_id,
                    convenant=Convenant.RIEC,
                    thema=Thema.MENSENHANDEL_EN_SMOKKEL,
                    status=Status.WEGING,
                    route=Route.ONDERMIJNING,
                )
                authorisation = Autorisatie(
                    autorisatie_id=f"A-{number + 311}",
                    casus_id=casus_id,
                    subject=ANALYST.sub,
                    doel=DOEL,
                    van=now - timedelta(days=1),
                    tot=now + timedelta(days=30),
                )
                house.calls.post("/v1/cases", casus, Geregistreerd, COLLEAGUE)
                house.calls.post("/v1/authorisations", authorisation, Geregistreerd, COLLEAGUE)
                for actie in (Actie.MATCH_AANVRAGEN, Actie.HITS_INZIEN):
                    self._approve(house, actie, casus_id)

    @staticmethod
    def _approve(house: House, actie: Actie, casus_id: str) -> None:
        approval = Goedkeuring(
            goedkeuring_id=new_id(house.random), actie=actie, onderwerp=casus_id, aanvrager=ANALYST.sub
        )
        house.calls.post("/v1/approvals", approval, Geregistreerd, COLLEAGUE)

    def ask_all(self, subjects: tuple[Person, ...]) -> list[tuple[str, ...]]:
        """Ask about each subject, at most 25 a casus; returns per subject the kinds of partner that know him."""
        with self._house() as house:
            return [_kinds(house, person, CASES[n // PER_CASE]) for n, person in enumerate(subjects)]

    def ask_one(self, subject: Person) -> tuple[str, ...]:
        """One more question, in the third casus."""
        with self._house() as house:
            return _kinds(house, subject, CASES[2])

    def refused_purpose(self, subject: Person) -> dict[str, tuple[str, str]]:
        """Ask for an integrity assessment; returns the reasons of the refusal in two languages."""
        with self._house() as house:
            try:
                ask(house, _subject(subject), CASES[2], Doel.INTEGRITEITSBEOORDELING, TokenDomein.RIEC, ANALYST)
            except NotPermitted as refusal:
                return _reasons(refusal)
        return {}

    def refused_care_route(self) -> dict[str, tuple[str, str]]:
        """Ask a ticket for a record of the care route; returns the reasons of the refusal."""
        with open_house(read_settings(self.municipality.folder / "connector.toml")) as house:
            try:
                house.calls.post("/v1/tickets", _care_ticket(house), TicketAntwoord, None)
            except NotPermitted as refusal:
                return _reasons(refusal)
        return {}


def _kinds(house: House, person: Person, casus_id: str) -> tuple[str, ...]:
    asked = ask(house, _subject(person), casus_id, DOEL, TokenDomein.RIEC, ANALYST)
    if asked.antwoord.antwoord is Antwoord.ONBEKEND:
        return ()
    validate_hits(house, asked.vraag.vraag_id, Validatie(oordeel="bevestigd"), ANALYST)
    return tuple(sorted(hit.partnertype.value for hit in hits_of(house, asked.vraag.vraag_id, ANALYST).hits))


def _subject(person: Person) -> SubjectFile:
    """What the analyst knows: a BSN and a document."""
    traits = {Trait.BSN: person.bsn or "", Trait.DOCUMENT: person.document or ""}
    return SubjectFile(
        categorie=Categorie.VERDACHTE_DADER,
        minderjarig=False,
        dubbelrol=False,
        bijzonder=False,
        noodzaak_bescherming=False,
        traits=traits,
    )


def _care_ticket(house: House) -> TicketAanvraag:
    until: date = (house.clock() + timedelta(days=90)).date()
    profile = Profiel(
        route=Route.ZORG,
        status=Status.VERMOEDEN,
        categorie=Categorie.VERDACHTE_DADER,
        minderjarig=False,
        dubbelrol=False,
        bijzonder=False,
        noodzaak_bescherming=False,
        regio_raakvlak=False,
        opsporingsbelang=False,
        wpg_artikel=WpgArtikel.GEEN,
        embargo=False,
        bewaren_tot=until,
        bsn_aanwezig=True,
    )
    return TicketAanvraag(
        domein=TokenDomein.RIEC,
        epoch=house.settings.epoch,
        klasse=TokenKlasse.BSN,
        aantal=16,
        actie=Actie.RECORDS_INDIENEN,
        doel=DOEL,
        profielen=(profile,),
    )


def _reasons(refusal: NotPermitted) -> dict[str, tuple[str, str]]:
    return {reason.code: (reason.nl, reason.en) for reason in refusal.redenen}
