"""A wheel of one house holds that house's files, all it imports, and nothing of another house."""

import zipfile

import grimp
import pytest

from deploy.houses.build import HouseSpec, build, read_houses

FOREIGN = {
    "connector": ("gateway/", "aggregator/", "policies/"),
    "custodian": (
        "gateway/",
        "aggregator/",
        "policies/",
        "connectors/sources/",
        "connectors/run.py",
        "pseudonymizer/narrative/",
    ),
    "gateway": ("pseudonymizer/", "connectors/cli.py", "connectors/sources/"),
    "aggregator": ("gateway/", "connectors/", "pseudonymizer/", "policies/"),
}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Imports of all houses."""
    return grimp.build_graph("connectors", "pseudonymizer", "gateway", "aggregator", cache_dir=None)


@pytest.fixture(scope="module", params=read_houses(), ids=lambda house: house.name)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[HouseSpec, set[str]]:
    """A house and the names of the files in its wheel."""
    house: HouseSpec = request.param
    with zipfile.ZipFile(build(house, tmp_path_factory.mktemp(house.name))) as wheel:
        return house, set(wheel.namelist())


def test_a_wheel_lacks_the_other_houses(built: tuple[HouseSpec, set[str]]) -> None:
    """What a house may not see is not on its machine."""
    house, names = built
    assert not [name for name in names if name.startswith(FOREIGN[house.name])]


def test_a_wheel_holds_all_that_it_imports(built: tuple[HouseSpec, set[str]], graph: grimp.ImportGraph) -> None:
    """Every import of ours within the wheel finds its file in the wheel."""
    house, names = built
    modules = {
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names if name.endswith(".py")
    }
    missing = {
        f"{module} needs {imported}"
        for module in modules & graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
        if imported not in modules
    }
    assert not missing, house.name


def test_the_gateways_wheel_carries_the_rules(built: tuple[HouseSpec, set[str]]) -> None:
    """Policy travels with the gateway, and with nobody else."""
    house, names = built
    assert any(name.endswith(".rego") for name in names) == (house.name == "gateway")
