"""The use case of asking: an analyst's own connector tokenises the subject of a registered casus and puts the question.

No gateway page has a field for an identity; what goes out is tokens and blocks, the casus, the purpose and a few codes.
"""

import tomllib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.contract.answers import Subject, Vraag, VraagAntwoord
from connectors.contract.batch import Motivering
from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import Actie, Categorie, Doel, Thema, TokenDomein, TokenKlasse
from connectors.contract.ticket import Handelende, TicketAanvraag
from connectors.delivery import new_id
from connectors.errors import InputRefused, complaint
from connectors.evaluation import RemoteEvaluation
from connectors.files import read_whole
from connectors.house import House
from connectors.namesakes import weighed
from connectors.tokenise import prepare, tokenise
from pseudonymizer.identity import RawIdentity, Trait

MAX_SUBJECTS = 25
"""Subjects of one question (policy page, SLEEPNET)."""


class SubjectFile(BaseModel):
    """SUBJECT.toml: who is asked about, in `[traits]` or several `[[subjecten]]`, and the codes that policy needs."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    categorie: Categorie
    minderjarig: bool
    dubbelrol: bool
    bijzonder: bool
    noodzaak_bescherming: bool
    traits: dict[Trait, str] = {}
    subjecten: Annotated[tuple[dict[Trait, str], ...], Field(max_length=MAX_SUBJECTS)] = ()
    motivering: Motivering | None = None

    @property
    def identities(self) -> tuple[RawIdentity, ...]:
        people = ((self.traits,) if self.traits else ()) + self.subjecten
        return tuple(RawIdentity(**{trait.value: value for trait, value in person.items()}) for person in people)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was put and its answer."""

    vraag: Vraag
    antwoord: VraagAntwoord


def read_subject(path: Path) -> SubjectFile:
    """The subject file. Raises InputRefused that names the place, never a value."""
    raw = read_whole(path)
    try:
        subject = SubjectFile.model_validate(tomllib.loads(raw.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise InputRefused("not UTF-8", file=path.name) from error
    except tomllib.TOMLDecodeError as error:
        raise InputRefused("not TOML; check quotes and brackets", file=path.name) from error
    except ValidationError as error:
        raise InputRefused(complaint(error), file=path.name) from error
    if not 1 <= len(subject.identities) <= MAX_SUBJECTS:
        raise InputRefused(f"name 1 to {MAX_SUBJECTS} subjects in [traits] or [[subjecten]]", file=path.name)
    return subject


def domain_for(house: House, doel: Doel, asked: TokenDomein | None) -> TokenDomein:
    """The token domain of a question: as asked, else the first of this party's domains that the purpose fits."""
    if asked is not None:
        return house.domein(asked)
    fitting = TokenDomein.MONITOR if doel is Doel.MONITOR else None
    zvh = (TokenDomein.ZVH_RR, TokenDomein.ZVH_ZHZ)
    for domein in house.settings.domains:
        if fitting is not None and domein is not fitting:
            continue
        if fitting is None and (domein in zvh) != (doel is Doel.ZVH_CASUS):
            continue
        if fitting is None and domein is TokenDomein.MONITOR:
            continue
        return domein
    raise InputRefused("no domain of the settings belongs to this purpose; give --domain")


def ask(house: House, subject: SubjectFile, casus_id: str, doel: Doel, domein: TokenDomein, act: Handelende) -> Asked:
    """Tokenise the subjects and put the question; the question is kept here, its tokens are not cached.

    Raises InputRefused when a subject gives nothing to ask by, NotPermitted with policy's reasons, PeerUnavailable.
    """
    people = [prepare(raw, bsn=house.party.bsn_recht, composite=True) for raw in subject.identities]
    for number, person in enumerate(people, start=1):
        if person.empty:
            raise InputRefused(f"subject {number} has no trait that gives a token; nothing was asked")
    question = TicketAanvraag(
        domein=domein,
        epoch=house.settings.epoch,
        klasse=TokenKlasse.ID,
        aantal=1,
        actie=Actie.MATCH_AANVRAGEN,
        doel=doel,
        casus_id=casus_id,
        motivering=subject.motivering,
    )
    evaluate = RemoteEvaluation(
        house.calls, house.federatie, question, act, house.key, house.http, house.clock, house.workers
    )
    keys, tally = house.keyring.local_keys(), partial(house.outbox.count_names, house.settings.epoch)
    people = weighed(people, keys.row, tally, own=False)
    keyed = tokenise(people, evaluate, house.random, steady=keys.dummies)
    if any(not found.tokens and not found.blocks for found in keyed):
        raise InputRefused("a subject gave no token; nothing was asked")
    vraag = Vraag(
        vraag_id=new_id(house.random),
        domein=domein,
        epoch=house.settings.epoch,
        federatie=house.federatie.digest,
        casus_id=casus_id,
        doel=doel,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        categorie=subject.categorie,
        minderjarig=subject.minderjarig,
        dubbelrol=subject.dubbelrol,
        bijzonder=subject.bijzonder,
        noodzaak_bescherming=subject.noodzaak_bescherming,
        subjecten=tuple(Subject(tokens=found.wire_tokens, blokken=found.asked_blocks) for found in keyed),
        motivering=subject.motivering,
    )
    house.outbox.keep_question(vraag.vraag_id, casus_id, act.sub, canonical_bytes(vraag), house.clock())
    answer = house.calls.post("/v1/match-requests", vraag, VraagAntwoord, act)
    house.outbox.answer_question(vraag.vraag_id, answer.model_dump_json())
    return Asked(vraag, answer)
