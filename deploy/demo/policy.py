"""The same purpose rules for other parties, written out as a policy folder of its own."""

import shutil
from pathlib import Path

from gateway.policy.bundle import load_bundle


def with_parties(policy: Path, parties: Path, out: Path) -> Path:
    """Write the rules of folder `policy`, with the parties of the file `parties`, to folder `out`; returns `out`."""
    bundle = load_bundle(policy).with_parties(parties.read_text(encoding="utf-8"))
    for name, text in bundle.files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(policy / "golden.json", out)
    return out
