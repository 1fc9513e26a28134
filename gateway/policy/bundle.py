"""The rules as one value: Rego modules, tables, and a digest over all of them.

The digest is SHA-256 over the canonical list of (path, SHA-256 of content) of every file that decides, so the same
rules have the same digest wherever they lie; two convenant owners sign it (`beleid_activeren`).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, cast

from pydantic import JsonValue

from connectors.contract.answers import Reden
from gateway.policy.codes import Duty, ReasonCode
from gateway.policy.errors import PolicySourceError
from gateway.policy.tables import compile_parties, read_vocabulary

ENTRY_POINT: Final = "schakel.decision.answer"
_TABLES: Final = "schakel/tables"
_DECIDES: Final = re.compile(r"schakel(/[a-z0-9_]+)+(\.rego|/data\.json)")


@dataclass(frozen=True, slots=True)
class PolicyBundle:
    """Every file that decides, by its path in the bundle (`schakel/...`), and the digest over them.

    `golden`: the text of `golden.json`, the questions with known answers that travel with the rules, or nothing. They
    decide nothing, so the digest leaves them out.
    """

    files: Mapping[str, str] = field(repr=False)
    digest: str
    release: str
    golden: str = field(repr=False, default="")

    @property
    def revision(self) -> str:
        """What an OPA server must report to serve these rules: the release and the start of the digest."""
        return f"{self.release}-{self.digest[:16]}"

    @property
    def modules(self) -> tuple[tuple[str, str], ...]:
        """Rego modules as (path, text), sorted."""
        return tuple(sorted((path, text) for path, text in self.files.items() if path.endswith(".rego")))

    def table(self, name: str) -> dict[str, JsonValue]:
        """One data table, parsed."""
        return cast("dict[str, JsonValue]", json.loads(self.files[f"{_TABLES}/{name}/data.json"]))

    def data(self) -> dict[str, JsonValue]:
        """The data document of the bundle."""
        prefix, suffix = f"{_TABLES}/", "/data.json"
        names = [path[len(prefix) : -len(suffix)] for path in self.files if path.endswith(suffix)]
        tables: dict[str, JsonValue] = {name: cast("JsonValue", self.table(name)) for name in sorted(names)}
        return {"schakel": {"tables": tables}}

    def reason(self, code: ReasonCode) -> Reden:
        """The texts of one reason."""
        codes = cast("dict[str, dict[str, str]]", self.table("reasons")["codes"])
        return Reden(code=code.value, **codes[code.value])

    def with_parties(self, text: str) -> "PolicyBundle":
        """The same rules for other parties (the JSON of `bron/parties.json`); another digest, hence another bundle."""
        vocabulary = read_vocabulary(self.files[f"{_TABLES}/vocabulary/data.json"])
        parties = json.dumps(compile_parties(text, vocabulary), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        return make_bundle({**self.files, f"{_TABLES}/parties/data.json": parties}, self.golden)


def load_bundle(folder: Path) -> PolicyBundle:
    """The rules in a folder such as `policies/opa`, without tests; raises PolicySourceError when they are not whole."""
    files: dict[str, str] = {}
    for path in sorted(folder.glob("schakel/**/*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and decides(name):
            files[name] = path.read_text(encoding="utf-8")
    if not files:
        raise PolicySourceError(folder.name, "holds no rules; name the folder that contains schakel/")
    golden = folder / "golden.json"
    return make_bundle(files, golden.read_text(encoding="utf-8") if golden.is_file() else "")


def decides(name: str) -> bool:
    """Whether a file of this path in a bundle is one of the rules: Rego that is no test, or a data table."""
    return _DECIDES.fullmatch(name) is not None and not name.endswith("_test.rego")


def make_bundle(files: Mapping[str, str], golden: str = "", *, closed: bool = True) -> PolicyBundle:
    """The rules of these files; raises PolicySourceError when they are not whole.

    `closed` demands exactly the codes of `policy.codes`. Only rules that once decided are opened without, to put their
    own decisions to them again (`policy.kept`).
    """
    digest = hashlib.sha256()
    for path, text in sorted(files.items()):
        digest.update(f"{path}\0{hashlib.sha256(text.encode()).hexdigest()}\n".encode())
    bundle = PolicyBundle(files, digest.hexdigest(), "", golden)
    if closed:
        _demand_closed_lists(bundle)
    return replace(bundle, release=_release(bundle))


def _demand_closed_lists(bundle: PolicyBundle) -> None:
    """A check that is missing from the table would not be required."""
    try:
        codes, reasons = bundle.table("checks")["codes"], bundle.table("reasons")["codes"]
        duties = bundle.table("vocabulary")["verplichtingen"]
    except (KeyError, ValueError) as error:
        raise PolicySourceError("schakel/tables", "checks, reasons and vocabulary must be there") from error
    for name, given, wanted in (
        ("checks", codes, set(ReasonCode)),
        ("reasons", reasons, set(ReasonCode)),
        ("vocabulary", duties, set(Duty)),
    ):
        if not isinstance(given, dict) or set(given) != wanted:
            raise PolicySourceError(f"schakel/tables/{name}/data.json", "must name exactly the codes of policy.codes")


def _release(bundle: PolicyBundle) -> str:
    try:
        release = bundle.table("release")["versie"]
    except (KeyError, ValueError) as error:
        raise PolicySourceError("schakel/tables", "release must be there") from error
    if not isinstance(release, str):
        raise PolicySourceError("schakel/tables/release/data.json", "versie must be a text")
    return release
