"""The walls of the houses, checked on every file: import-linter, and a table that also catches new modules."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSES = ("connectors", "pseudonymizer", "gateway", "aggregator")

# Longest prefix wins. A module may import what starts with one of these, and nothing else of ours.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "connectors.contract": ("connectors.contract",),
    "connectors": ("connectors", "pseudonymizer"),
    "pseudonymizer": ("pseudonymizer",),
    # The custodian is a house of its own that speaks the wire: tickets, proofs and the federation file are contract.
    "pseudonymizer.custodian": ("pseudonymizer", "connectors.contract"),
    "gateway": ("gateway", "connectors.contract"),
    "gateway.release": ("gateway", "connectors.contract", "aggregator"),
    "aggregator": ("aggregator",),
}


def _starts(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(prefix + ".")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Imports of all houses, read from the files as they are now."""
    return grimp.build_graph(*HOUSES, cache_dir=None)


def test_every_import_is_allowed(graph: grimp.ImportGraph) -> None:
    """No module imports what its house may not see."""
    wrong = []
    for module in graph.modules:
        prefix = max((p for p in MAY_IMPORT if _starts(module, p)), key=len)
        for imported in graph.find_modules_directly_imported_by(module):
            if not any(_starts(imported, allowed) for allowed in MAY_IMPORT[prefix]):
                wrong.append(f"{module} imports {imported}")
    assert not wrong


def test_pure_pseudonymizer_never_imports_its_custodian(graph: grimp.ImportGraph) -> None:
    """Tokens and narrative run at the partner; the key service is another organisation's."""
    wrong = [
        f"{module} imports {imported}"
        for module in graph.modules
        if _starts(module, "pseudonymizer") and not _starts(module, "pseudonymizer.custodian")
        for imported in graph.find_modules_directly_imported_by(module)
        if _starts(imported, "pseudonymizer.custodian")
    ]
    assert not wrong


def test_every_file_is_in_the_graph(graph: grimp.ImportGraph) -> None:
    """A new file cannot hide from the walls."""
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for house in HOUSES
        for path in (ROOT / house).rglob("*.py")
        if "__pycache__" not in path.parts and "migrations" not in path.parts
    }
    assert files <= graph.modules


def test_import_linter_contracts_hold() -> None:
    """The contracts in .importlinter, as a developer runs them."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_our_packages_resolve_inside_the_checkout() -> None:
    """Other distributions carry the names of our packages; ours must win."""
    for house in (*HOUSES, "policies", "deploy"):
        spec = __import__("importlib.util", fromlist=["find_spec"]).find_spec(house)
        assert spec is not None
        places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or [])
        assert all(Path(place).is_relative_to(ROOT) for place in places), house


def test_no_code_in_init_files() -> None:
    """A package's door is a module with a name."""
    for house in HOUSES:
        for path in (ROOT / house).rglob("__init__.py"):
            assert path.stat().st_size == 0, path.relative_to(ROOT)


def test_no_catch_all_module_names() -> None:
    """A file's name says what is in it."""
    banned = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert not [path for house in HOUSES for path in (ROOT / house).rglob("*.py") if path.name in banned]
