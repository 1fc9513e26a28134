"""Nothing in the repository records where a package came from, a machine's path, or a secret."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.txt")))
def test_requirements_are_hashed_and_carry_no_address(name: str) -> None:
    """Every pin has a hash, and no line says which index it came from."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)
    pins = re.findall(r"^[A-Za-z0-9._\[\]-]+==.*(?:\n    .*)*", text, re.MULTILINE)
    assert len(pins) > 20
    assert all("--hash=sha256:" in pin for pin in pins)


def test_no_lock_file_and_no_package_address() -> None:
    """No uv.lock, and no npm lock with resolved addresses."""
    for path in _tracked():
        assert path.name not in {"uv.lock", "poetry.lock"}
        if path.name == "package-lock.json":
            assert '"resolved"' not in path.read_text(encoding="utf-8")


def test_no_machine_path_in_what_ships() -> None:
    """Code, documents and settings name no path of a developer's machine."""
    pattern = re.compile(rb"(?<![\w.])/(?:work|root|home)/[A-Za-z.]")
    suffixes = {".py", ".md", ".toml", ".sh", ".yaml", ".yml", ".rego", ".html"}
    shipped = [p for p in _tracked() if p.suffix in suffixes and "tests" not in p.parts]
    assert not [str(p.relative_to(ROOT)) for p in shipped if pattern.search(p.read_bytes())]


def test_no_secret_key_is_tracked() -> None:
    """Keys and seeds are made at set-up, never committed."""
    assert not [p.name for p in _tracked() if p.suffix in {".key", ".seed", ".pem"}]
