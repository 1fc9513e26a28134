"""The federation file is the root of trust: two pinned owners, one exact content, no key twice."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.contract.canonical import canonical_bytes
from connectors.contract.federation import Federatie, SignedFederation, load_federation, sign_federation
from connectors.contract.signing import SigningKey, Unverified
from deploy.demo.federation import Layout, lay_out

ROOT = Path(__file__).resolve().parents[2]
PARTIES = ROOT.parent / "shared" / "policy" / "parties.json"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OWNERS = tuple(SigningKey(bytes(range(start, start + 32))) for start in (0, 40, 80))


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A laid-out federation with the parties of the demo."""
    root = tmp_path_factory.mktemp("federation")
    urls = ("http://127.0.0.1:8101", "http://127.0.0.1:8102")
    return lay_out(root, PARTIES, "http://127.0.0.1:8100", urls, NOW, policy_dir=ROOT / "policies" / "opa")


def test_the_laid_out_file_loads_with_its_pins(layout: Layout) -> None:
    """What two owners signed comes back, equal."""
    assert load_federation(layout.federation_file.read_bytes(), layout.owners) == layout.federatie


def test_a_changed_byte_is_refused(layout: Layout) -> None:
    """A caseload raised by whoever carries the file is noticed."""
    raw = layout.federation_file.read_bytes().replace(b'"caseload":20000', b'"caseload":20001', 1)
    with pytest.raises(Unverified):
        load_federation(raw, layout.owners)


def test_one_signature_is_not_enough(layout: Layout) -> None:
    """A single owner cannot add a party."""
    signed = SignedFederation.model_validate_json(layout.federation_file.read_bytes())
    for one in signed.handtekeningen:
        alone = signed.model_copy(update={"handtekeningen": (one, one)})
        with pytest.raises(Unverified):
            load_federation(canonical_bytes(alone), layout.owners)


def test_owners_come_from_the_pins_and_not_from_the_file(layout: Layout) -> None:
    """A file that names and is signed by its own two owners is refused."""
    impostors = tuple(
        owner.model_copy(update={"sleutel": key.public})
        for owner, key in zip(layout.federatie.eigenaren, OWNERS[:2], strict=True)
    )
    forged = sign_federation(layout.federatie.model_copy(update={"eigenaren": impostors}), OWNERS[:2])
    with pytest.raises(Unverified):
        load_federation(canonical_bytes(forged), layout.owners)


@pytest.mark.parametrize("field", ["partijen", "sleutels", "eigenaren", "custodians"])
def test_nothing_occurs_twice(layout: Layout, field: str) -> None:
    """A party, key, owner or custodian that stands in the file twice makes it invalid."""
    content = layout.federatie.model_dump(mode="json")
    content[field] = [content[field][0], *content[field]]
    with pytest.raises(ValidationError):
        Federatie.model_validate_json(Federatie.model_construct(**content).model_dump_json(warnings=False))


def test_gateway_and_custodians_are_different_organisations(layout: Layout) -> None:
    """One organisation may not hold two of the three roles."""
    first, second = layout.federatie.custodians
    custodians = (first.model_copy(update={"oin": layout.federatie.gateway.oin}), second)
    content = layout.federatie.model_copy(update={"custodians": custodians})
    with pytest.raises(ValidationError):
        Federatie.model_validate_json(canonical_bytes(content))
