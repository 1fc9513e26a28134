"""The privacy receipt (narrative page): what would leave and what stays, counted, signed, kept at the partner.

It holds counts, codes and digests, never a value of the source. An officer approves one receipt: this source, under
this mapping, with this outgoing content. No approval, no send.
"""

from collections import Counter
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from connectors.contract.batch import BatchHeader
from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.codes import Convenant, Doel, TokenDomein
from connectors.contract.model import Bytes32, Epoch, Tijd, Wire
from connectors.contract.signing import PublicJwk, SigningKey, Unverified, sign_jws, verify_jws
from connectors.errors import NotPermitted, NotVerified
from connectors.mapping import Mapping
from connectors.outbox_rows import StoredReceipt
from connectors.sources.source import Source
from connectors.survey import Survey
from pseudonymizer.identity import NORM_VERSION
from pseudonymizer.linkage import ENCODER_VERSION

TYP: Final = "schakel-privacybewijs+jwt"
MASK_BELOW: Final = 5
"""Counts of signals below this are masked (narrative page, Privacy receipt)."""
SMALL_GROUP: Final = 5
_GROUND: Final = {
    Convenant.RIEC: "Wgs (RIEC), RIEC-convenant en privacyprotocol",
    Convenant.ZVH: "Wgs (Zorg- en Veiligheidshuis), convenant Veiligheidshuis",
    Convenant.MONITOR: "statistiek: AVG 89, UAVG 44, Wpg 22",
}
"""Legal ground as the policy page names it; the articles of a decision come with the decision."""
_RECIPIENT: Final = "gateway: kenmerken en codes, versleuteld opgeslagen; andere partners: alleen een hit zonder inhoud"
LIMITS: Final = (
    "De gateway ziet hoe vaak een kenmerk bij meer partners voorkomt zolang deze partner aanwezig is.",
    "Wie een zaak al kent, kan een rij van de monitor herkennen aan de combinatie van codes.",
    "Een naam of verhaal in een kolom die als code is opgegeven, wordt alleen gevonden als zijn waarde geen code is.",
    "Tellingen van gevonden gegevens in verhalen zijn ondergrenzen: geen herkenner vindt alles.",
)
"""Known limits in plain words (cryptography page, Threats; narrative page)."""


class KolomRegel(Wire):
    """One source column: `gevuld` + `leeg` = rows."""

    kolom: str
    behandeling: str
    gevuld: int
    leeg: int


class KenmerkRegel(Wire):
    """One identifying trait: how many values give a token, and why others do not."""

    kenmerk: str
    bruikbaar: int
    onbruikbaar: dict[str, int]


class Verhalen(Wire):
    """Narrative texts: counted, scanned here, never sent."""

    aantal: int
    tekens: int
    verzonden_bytes: Literal[0] = 0
    gevonden: dict[str, int]
    signalen: dict[str, int | str]


class PrivacyReceipt(Wire):
    """What an officer reads and approves."""

    versie: Literal["schakel-privacybewijs-1"] = "schakel-privacybewijs-1"
    gemaakt: Tijd
    partij: str
    naam: str
    convenant: Convenant
    domein: TokenDomein
    epoch: Epoch
    doel: Doel
    grondslag: str
    ontvangers: str
    bewaren_tot_uiterlijk: str
    versies: dict[str, str]
    bron: str
    bron_digest: Bytes32
    mapping: str
    mapping_digest: Bytes32
    federatie: Bytes32
    rijen: int
    vertrekt: int
    blijft: dict[str, int]
    kolommen: tuple[KolomRegel, ...]
    kenmerken: tuple[KenmerkRegel, ...]
    verhalen: Verhalen
    codes: dict[str, dict[str, int]]
    kleinste_groepen: dict[str, int]
    tripwire: Literal["geen treffer"] = "geen treffer"
    inhoud_digest: Bytes32
    bekende_grenzen: tuple[str, ...] = LIMITS
    verschil: dict[str, int]

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes: what is approved."""
        return sha256(canonical_bytes(self))


class Oordeel(Wire):
    """An officer's decision on one receipt, as it is signed."""

    bewijs: Bytes32
    oordeel: Literal["goedgekeurd", "geweigerd"]
    naam: Annotated[str, Field(min_length=1, max_length=128)]
    tijd: Tijd


def make_receipt(
    found: Survey,
    source: Source,
    mapping: Mapping,
    *,
    party: str,
    name: str,
    domein: TokenDomein,
    doel: Doel,
    epoch: str,
    federatie: str,
    source_digest: str,
    labels: Counter[str],
    signals: Counter[str],
    previous: "PrivacyReceipt | None",
    now: datetime,
) -> PrivacyReceipt:
    """The receipt of one survey. `labels`, `signals`: what the scan of narratives found, by label and code."""
    retention = max((profile.bewaren_tot.isoformat() for profile in found.profiles), default="geen")
    receipt = PrivacyReceipt(
        gemaakt=now,
        partij=party,
        naam=name,
        convenant=domein.convenant,
        domein=domein,
        epoch=epoch,
        doel=doel,
        grondslag=_GROUND[domein.convenant],
        ontvangers=_RECIPIENT,
        bewaren_tot_uiterlijk=retention,
        versies={
            "norm": str(NORM_VERSION),
            "encoder": str(ENCODER_VERSION),
            "schema": str(BatchHeader.model_fields["versie_schema"].default),
        },
        bron=source.name,
        bron_digest=source_digest,
        mapping=mapping.file,
        mapping_digest=mapping.digest,
        federatie=federatie,
        rijen=found.rows,
        vertrekt=found.leaving,
        blijft={reason.value: count for reason, count in sorted(found.held.items())},
        kolommen=tuple(
            KolomRegel(
                kolom=column,
                behandeling=mapping.treatment(column),
                gevuld=found.filled[column],
                leeg=found.rows - found.filled[column],
            )
            for column in source.columns
        ),
        kenmerken=_traits(found),
        verhalen=Verhalen(
            aantal=found.narratives,
            tekens=found.narrative_characters,
            gevonden=dict(sorted(labels.items())),
            signalen={code: n if n >= MASK_BELOW else f"<{MASK_BELOW}" for code, n in sorted(signals.items())},
        ),
        codes=_codes(found),
        kleinste_groepen=_smallest_groups(found),
        inhoud_digest=found.content_digest,
        verschil={},
    )
    return receipt.model_copy(update={"verschil": _difference(receipt, previous)})


def sign_judgement(judgement: Oordeel, key: SigningKey) -> str:
    """Compact JWS by the party's own key."""
    return sign_jws(judgement, key, TYP)


def approved_receipt(
    stored: tuple[StoredReceipt, ...],
    key: PublicJwk,
    *,
    source_digest: str,
    mapping_digest: str,
    domein: TokenDomein,
    epoch: str,
    content_digest: str,
) -> StoredReceipt:
    """The receipt that an officer approved for exactly this delivery; of several judgements the last one counts.

    Raises NotPermitted when there is none ("No approval, no send"), NotVerified when its signature is not ours.
    """
    judged: list[tuple[Oordeel, StoredReceipt]] = []
    for receipt in stored:
        place = (receipt.source_digest, receipt.mapping_digest, receipt.domein, receipt.epoch)
        if place == (source_digest, mapping_digest, domein, epoch) and receipt.signed is not None:
            judgement, content = _judged(receipt, receipt.signed, key)
            if content.inhoud_digest == content_digest:
                judged.append((judgement, receipt))
    last = max(judged, key=lambda found: found[0].tijd, default=None)
    if last is None or last[0].oordeel != "goedgekeurd":
        raise NotPermitted(
            "no approval, no send: run `preview` on this source with this mapping, and have its receipt approved"
        )
    return last[1]


def last_judgement(stored: tuple[StoredReceipt, ...], key: PublicJwk) -> datetime | None:
    """When an officer judged last, whatever it was. Raises NotVerified as `approved_receipt`."""
    moments = [_judged(receipt, receipt.signed, key)[0].tijd for receipt in stored if receipt.signed is not None]
    return max(moments, default=None)


def _judged(receipt: StoredReceipt, signed: str, key: PublicJwk) -> tuple[Oordeel, PrivacyReceipt]:
    try:
        judgement = verify_jws(signed, (key,), TYP, Oordeel)
    except Unverified as error:
        raise NotVerified("the approval of the privacy receipt does not verify") from error
    content = PrivacyReceipt.model_validate_json(receipt.receipt)
    if judgement.bewijs != receipt.receipt_digest or content.digest != receipt.receipt_digest:
        raise NotVerified("the approval is for another privacy receipt than the one stored here")
    return judgement, content


def _traits(found: Survey) -> tuple[KenmerkRegel, ...]:
    names = sorted({*found.usable, *(trait for trait, _ in found.unusable)})
    return tuple(
        KenmerkRegel(
            kenmerk=name,
            bruikbaar=found.usable[name],
            onbruikbaar={reason: n for (trait, reason), n in sorted(found.unusable.items()) if trait == name},
        )
        for name in names
    )


def _codes(found: Survey) -> dict[str, dict[str, int]]:
    tables: dict[str, dict[str, int]] = {}
    for (name, value), count in sorted(found.codes.items()):
        tables.setdefault(name, {})[value] = count
    return tables


def _smallest_groups(found: Survey) -> dict[str, int]:
    """How many combinations of all outgoing codes occur once, twice, ... below five times."""
    sizes = Counter(found.groups.values())
    return {str(size): sizes[size] for size in range(1, SMALL_GROUP) if sizes[size]}


def _difference(receipt: PrivacyReceipt, previous: PrivacyReceipt | None) -> dict[str, int]:
    """Rows, leaving rows and columns more or less than in the previous receipt of this mapping and domain."""
    if previous is None:
        return {}
    return {
        "rijen": receipt.rijen - previous.rijen,
        "vertrekt": receipt.vertrekt - previous.vertrekt,
        "kolommen": len(receipt.kolommen) - len(previous.kolommen),
    }
