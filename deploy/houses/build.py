"""Builds one wheel a house: `python -m deploy.houses.build OUT [HOUSE …]`.

Each wheel is `schakel-<house>` with only that house's folders, dependencies and command (`houses.toml`). Sources are
staged in a folder of their own, so that a file of another house cannot slip in.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class HouseSpec:
    """A house as `houses.toml` describes it."""

    name: str
    packages: tuple[str, ...]
    extra: str
    script: str


def read_houses() -> tuple[HouseSpec, ...]:
    """All houses, in the file's order."""
    content = tomllib.loads(Path(__file__).with_name("houses.toml").read_text(encoding="utf-8"))
    return tuple(
        HouseSpec(name, tuple(entry["packages"]), entry["extra"], entry["script"]) for name, entry in content.items()
    )


def build(house: HouseSpec, out: Path) -> Path:
    """Build the wheel of a house into `out`; returns its path. Raises CalledProcessError when the build fails."""
    with tempfile.TemporaryDirectory() as staging:
        stage = Path(staging)
        for package in house.packages:
            shutil.copytree(ROOT / package, stage / package, ignore=shutil.ignore_patterns("__pycache__"))
        for package in house.packages:
            _open_parents(stage, package)
        shutil.copy(ROOT / "LICENSE", stage / "LICENSE")
        (stage / "pyproject.toml").write_text(_project(house), encoding="utf-8")
        before = set(out.glob("*.whl"))
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out.resolve())]
        subprocess.run(command, cwd=stage, check=True, capture_output=True)
    return next(iter(set(out.glob("*.whl")) - before))


def _open_parents(stage: Path, package: str) -> None:
    """`connectors/contract` alone still needs `connectors/__init__.py`, which is empty."""
    for parent in Path(package).parents:
        if parent != Path() and (ROOT / parent / "__init__.py").exists():
            (stage / parent / "__init__.py").touch()


def _project(house: HouseSpec) -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needs = project["dependencies"] + project["optional-dependencies"][house.extra]
    roots = sorted({package.split("/")[0] for package in house.packages})
    lines = [
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n',
        f'[project]\nname = "schakel-{house.name}"\nversion = "{project["version"]}"',
        f'requires-python = "{project["requires-python"]}"\nlicense = "{project["license"]}"',
        f"dependencies = {needs!r}\n",
        f'[project.scripts]\n{house.script} = "{project["scripts"][house.script]}"\n',
        f"[tool.hatch.build.targets.wheel]\ninclude = {[f'/{root}' for root in roots]!r}\n",
    ]
    return "\n".join(lines)


def main() -> None:
    """Build the named houses, or all."""
    parser = argparse.ArgumentParser(description="Build one wheel a house.")
    parser.add_argument("out", type=Path)
    parser.add_argument("houses", nargs="*")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for house in read_houses():
        if not options.houses or house.name in options.houses:
            print(build(house, options.out).name)


if __name__ == "__main__":
    main()
