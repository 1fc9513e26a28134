"""The closed set of ledger events, each with its allow-listed fields. No token, identifier or staff name has a field.

Staff appear as partner-scoped pseudonyms (`psn:`) inside a decision's question. The number of an event and of a
retention class stands in every leaf for ever: numbers are added, never changed.
"""

from enum import IntEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue

from connectors.contract.codes import Actie, TokenDomein, TokenKlasse
from connectors.contract.model import B64u, Bytes32, Code, Epoch, Jws, Kwartaal, Oin, Psn, Uuid, Wire

PartyId = Annotated[str, Field(pattern=r"^[0-9]{20}/[a-z]{1,20}$")]
Count = Annotated[int, Field(ge=0)]


class Event(IntEnum):
    """First byte after the version in leaf data."""

    DECISION = 1
    BATCH = 2
    WITHDRAWAL = 3
    REGISTRATION = 4
    TICKET = 5
    LEASE = 6
    QUESTION = 7
    VALIDATION = 8
    HIT_VIEW = 9
    RELEASE = 10
    ERASURE = 11
    START = 12
    POLICY = 13
    ESTIMATE = 14
    EXTERNAL = 15
    CANARY_SET = 20
    CANARY_DECISION = 21
    SPOT_DRAW = 22
    SPOT_JUDGEMENT = 23


class Retention(IntEnum):
    """How long a body is kept; the terms are policy data (R), the class is what the leaf remembers."""

    SHORT = 1
    CASE = 2
    DECISION = 3
    PERMANENT = 4


class Entry(Wire):
    """The base of every event: frozen, closed, strict."""

    EVENT: ClassVar[Event]
    RETENTION: ClassVar[Retention] = Retention.DECISION


class DecisionEntry(Entry):
    """A policy decision, allow or refuse, in the terms of the Logius Authorization Decision Log (level 4: exact
    replay needs the whole question, the answer and the policy's digest)."""

    EVENT = Event.DECISION
    besluit: Uuid
    trace_id: Code
    event_name: Actie
    timestamp: Count
    status: Literal["allow", "refuse"]
    request: dict[str, JsonValue]
    response: dict[str, JsonValue]
    policies: dict[str, JsonValue]
    configuration: dict[str, JsonValue]


class BatchEntry(Entry):
    """A stored batch. `ingetrokken`: rows left out because their party withdrew them before."""

    EVENT = Event.BATCH
    batch_id: Uuid
    partij: PartyId
    domein: TokenDomein
    epoch: Epoch
    digest: Bytes32
    aantal: Count
    ingetrokken: Count
    besluiten: tuple[Uuid, ...]
    toetsing: tuple[B64u, ...] = ()
    """Whether canaries were touched: sealed to each keeper, of one length whatever it says."""


class WithdrawalEntry(Entry):
    """Records that their party withdrew, executed at once. `gewist`: rows that were there and are gone."""

    EVENT = Event.WITHDRAWAL
    intrekking_id: Uuid
    partij: PartyId
    domein: TokenDomein
    digest: Bytes32
    alles: bool
    vertrek: bool
    gewist: Count


class RegistrationEntry(Entry):
    """A casus, authorisation or approval that a party registered; the content as a digest."""

    EVENT = Event.REGISTRATION
    RETENTION = Retention.CASE
    soort: Literal["casus", "autorisatie", "goedkeuring"]
    partij: PartyId
    id: Code
    digest: Bytes32
    door: Psn


class TicketEntry(Entry):
    """A ticket for the custodians, on a decision."""

    EVENT = Event.TICKET
    RETENTION = Retention.SHORT
    jti: Uuid
    partij: PartyId
    domein: TokenDomein
    epoch: Epoch
    klasse: TokenKlasse
    aantal: Count
    besluit: Uuid


class LeaseEntry(Entry):
    """A share lent for 24 hours; the share itself is nowhere but in memory."""

    EVENT = Event.LEASE
    RETENTION = Retention.SHORT
    partij: PartyId
    domein: TokenDomein
    epoch: Epoch
    grafstenen: Count


class QuestionEntry(Entry):
    """A question that was judged and answered. The answer itself is not here: the ledger is readable to partners."""

    EVENT = Event.QUESTION
    RETENTION = Retention.CASE
    vraag_id: Uuid
    partij: PartyId
    domein: TokenDomein
    epoch: Epoch
    casus_id: Code
    subjecten: Count
    partners_aanwezig: Count
    besluit: Uuid
    toetsing: tuple[B64u, ...] = ()
    """As in a batch's entry."""


class ValidationEntry(Entry):
    """A person judged whether the matches of a question can stand."""

    EVENT = Event.VALIDATION
    RETENTION = Retention.CASE
    vraag_id: Uuid
    partij: PartyId
    door: Psn
    oordeel: Literal["bevestigd", "verworpen"]


class HitViewEntry(Entry):
    """Hits were shown (or none: the entry does not tell)."""

    EVENT = Event.HIT_VIEW
    RETENTION = Retention.CASE
    vraag_id: Uuid
    partij: PartyId
    door: Psn
    besluit: Uuid


class ReleaseEntry(Entry):
    """A step in the life of a release, or an attempt to make it again. `digest`: of the request (ontwerp), of the words
    of the attack (geblokkeerd), of the figures up to goedgekeurd, and of the sealed document from then on."""

    EVENT = Event.RELEASE
    RETENTION = Retention.PERMANENT
    release_id: Code
    partij: PartyId
    stap: Literal[
        "ontwerp",
        "beschermd",
        "aangevallen",
        "geblokkeerd",
        "goedgekeurd",
        "verzegeld",
        "gepubliceerd",
        "vervangen",
        "gereproduceerd",
        "afwijkend",
    ]
    digest: Bytes32
    besluit: Uuid | None = None


class EstimateEntry(Entry):
    """A size estimate that was computed on true overlaps, published or not; the overlaps themselves are nowhere."""

    EVENT = Event.ESTIMATE
    RETENTION = Retention.PERMANENT
    release_id: Code
    partij: PartyId
    jaar: Count
    lijsten: Count
    verantwoord: bool


class ExternalEntry(Entry):
    """Counts that others published were registered as known to every attacker. `digest`: of the registration."""

    EVENT = Event.EXTERNAL
    RETENTION = Retention.PERMANENT
    extern_id: Code
    partij: PartyId
    digest: Bytes32
    vervangt: Code | None = None
    besluit: Uuid


class ErasureEntry(Entry):
    """Sealed rows that retention removed."""

    EVENT = Event.ERASURE
    RETENTION = Retention.PERMANENT
    dag: Count
    rijen: Count


class PolicyEntry(Entry):
    """Owners put rules in force or withdrew from them. The signatures are here whole, so that an auditor can verify
    them by the federation file alone. `besluit`: None when no rules were in force that could judge."""

    EVENT = Event.POLICY
    RETENTION = Retention.PERMANENT
    soort: Literal["activering", "intrekking"]
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    revisie: Code
    eigenaren: tuple[Oin, ...]
    handtekeningen: tuple[Jws, ...]
    besluit: Uuid | None = None


class StartEntry(Entry):
    """The gateway started: which federation file and which policy it holds."""

    EVENT = Event.START
    federatie: Bytes32
    beleid: Code


class CanarySetEntry(Entry):
    """A keeper put canaries; which numbers they stand for nobody here knows."""

    EVENT = Event.CANARY_SET
    kanarie_id: Uuid
    partij: PartyId
    domein: TokenDomein
    epoch: Epoch
    digest: Bytes32
    aantal: Count
    besluit: Uuid


class CanaryDecisionEntry(Entry):
    """A step in ending notices: the content as a digest, so that the ledger does not tell whose they were."""

    EVENT = Event.CANARY_DECISION
    besluit_id: Uuid
    partij: PartyId
    stap: Literal["voorgesteld", "uitgevoerd"]
    digest: Bytes32
    door: Psn


class SpotDrawEntry(Entry):
    """Rows that a quarter drew from a party; `digest`: SHA-256 of their ids, a line each."""

    EVENT = Event.SPOT_DRAW
    partij: PartyId
    domein: TokenDomein
    epoch: Epoch
    kwartaal: Kwartaal
    index: Count
    hoofd: Bytes32
    populatie: Count
    getrokken: Count
    digest: Bytes32


class SpotJudgementEntry(Entry):
    """What a party's data protection officer said of drawn rows that he saw beside their sources."""

    EVENT = Event.SPOT_JUDGEMENT
    partij: PartyId
    domein: TokenDomein
    epoch: Epoch
    kwartaal: Kwartaal
    juist: Count
    onjuist: Count
    digest: Bytes32
    door: Psn
