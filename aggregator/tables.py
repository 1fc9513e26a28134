"""What may be released: dimensions with hierarchies, tables over them, cells, and the two sides of protection.

A `CountTable` holds true counts and cannot be published: only a `SafeTable`, made by `aggregator.protect`, can.
A cell is identified by the set of finest codes (atoms) that it covers, never by its label, so that the same cell in two
tables, two releases or two geographies is one cell (design page "Disclosure control", step 1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, ValidationError

# Below two there is nothing to protect (0 < count < 2 is the single person, the smallest sensible threshold).
SMALLEST_K = 2
# Rounding may step this many bases further than the nearest two multiples (tau-Argus offers ten; two already widen the
# interval of base 5 to 29 counts).
MOST_STEPS = 2
# With a smaller charge the noise has a standard deviation above 1,000 cases: nothing of a region would be left to read.
LEAST_RHO = Decimal("0.000001")


class BadInput(ValueError):
    """The caller's input is wrong; the message names file, row and column and never a value of a record."""


class Dimension(BaseModel):
    """One classifying column: its total's name, and child -> parent for any depth of hierarchy.

    `codes`, when given, closes the dimension: any other code in the data is an error. `mergers` tells which codes of
    earlier releases went up in a code of this one (a municipal merger): {"old A": "new", "old B": "new"}.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    total: str = Field(min_length=1)
    parents: dict[str, str] = {}
    codes: tuple[str, ...] | None = Field(default=None, strict=False)
    mergers: dict[str, str] = {}


class Protection(StrEnum):
    """How the counts of a release are protected; suppression unless the spec says otherwise."""

    SUPPRESSION = "suppression"
    ROUNDING = "rounding"
    SERIES = "series"


class TableSpec(BaseModel):
    """One table of a release: an identifier (also its file name) and the dimensions that it crosses."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    id: str = Field(pattern=r"^\w([\w .\-]*\w)?$", max_length=100)
    dims: tuple[str, ...] = Field(strict=False)


class ReleaseSpec(BaseModel):
    """What to release from micro-data, and by which rules.

    k: primary is 0 < count < k. group: one category that holds a whole margin is primary too. partner: the micro-data
    column that names the contributing partner; switches on the partner rules and the partners' viewpoints. With
    partner_separator a case that several partners know names them all ("a|b"): it counts once, and each knows it.
    population: releases of different populations (years) share no cases; the same or an empty name means they may.
    method "rounding": every count becomes a multiple of `base`, at most base - 1 away, and with `steps` = s at most
    (s + 1) * base - 1 away. method "series": one-way tables with noise, charged `rho` (zCDP, for one case added or
    left out) against the `budget` that the ledger declares.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    k: int = Field(ge=SMALLEST_K, le=1000)
    group: bool = False
    partner: str | None = None
    partner_separator: str | None = Field(default=None, min_length=1, max_length=4)
    population: str = ""
    method: Protection = Field(default=Protection.SUPPRESSION, strict=False)
    base: int | None = Field(default=None, ge=2, le=1000)
    steps: int = Field(default=0, ge=0, le=MOST_STEPS)
    rho: Decimal | None = Field(default=None, ge=LEAST_RHO, le=100, strict=False)
    budget: Decimal | None = Field(default=None, gt=0, le=100, strict=False)
    dimensions: dict[str, Dimension]
    tables: tuple[TableSpec, ...] = Field(min_length=1, strict=False)


def read_spec(raw: Mapping[str, object], where: str) -> ReleaseSpec:
    """Check a parsed SPEC.toml; raises BadInput naming the file (`where`) and the key that is wrong."""
    try:
        spec = ReleaseSpec.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "string_pattern_mismatch":
            raise BadInput(
                f"{where}: {place}: it names the file; use letters, digits, '_', and between them ' ', '.' and '-'"
            ) from None
        raise BadInput(f"{where}: {place}: {first['msg']}") from None
    ids = [table.id for table in spec.tables]
    for table in spec.tables:
        if ids.count(table.id) > 1:
            raise BadInput(f"{where}: tables: id {table.id!r} is used twice; give every table its own id")
        if not table.dims or len(set(table.dims)) != len(table.dims):
            raise BadInput(f"{where}: tables.{table.id}.dims: name one or more dimensions, each once")
        for dim in table.dims:
            if dim not in spec.dimensions:
                raise BadInput(f"{where}: tables.{table.id}.dims: {dim!r} is not declared under [dimensions]")
    _check_method(spec, where)
    for name, dimension in spec.dimensions.items():
        if name in ("count", "status"):
            raise BadInput(f"{where}: dimensions.{name}: this name is kept for the output; rename the column")
        hierarchy_of(name, dimension, (), where)
    return spec


def _check_method(spec: ReleaseSpec, where: str) -> None:
    """Every option belongs to one method; an option that would do nothing is an error, like a mistyped key."""
    owned = {
        "base": Protection.ROUNDING,
        "steps": Protection.ROUNDING,
        "rho": Protection.SERIES,
        "budget": Protection.SERIES,
    }
    for key, method in owned.items():
        if getattr(spec, key) and spec.method != method:
            raise BadInput(f'{where}: {key}: only for method = "{method}"; leave it out or set the method')
    if spec.partner_separator and not spec.partner:
        raise BadInput(f"{where}: partner_separator: only beside partner; name the column or leave it out")
    if spec.method == Protection.ROUNDING and spec.base is None:
        raise BadInput(f"{where}: base: rounding needs its base, for instance base = 5")
    if spec.method != Protection.SERIES:
        return
    if spec.rho is None or spec.budget is None:
        raise BadInput(f"{where}: rho, budget: a series needs both, for instance rho = 0.05 and budget = 0.5")
    if spec.group or spec.partner:
        raise BadInput(f"{where}: group, partner: rules of suppression; a series hides by noise, leave them out")
    for table in spec.tables:
        if len(table.dims) != 1:
            raise BadInput(f"{where}: tables.{table.id}.dims: a series is one-way; name one dimension")
        if spec.dimensions[table.dims[0]].codes is None:
            raise BadInput(
                f"{where}: dimensions.{table.dims[0]}.codes: list all codes; which ones occur in the data would be told"
                " without noise"
            )


@dataclass(frozen=True)
class Hierarchy:
    """A dimension with the codes that occur: `order` is total first, every parent before its children.

    `children` maps each inner code (the total too) to its children in sorted order; a code without children is a leaf.
    """

    name: str
    total: str
    order: tuple[str, ...]
    children: Mapping[str, tuple[str, ...]]

    def leaves(self, code: str) -> tuple[str, ...]:
        """All leaf codes at or under `code`, in order."""
        below = self.children.get(code, ())
        if not below:
            return (code,)
        return tuple(leaf for child in below for leaf in self.leaves(child))


def hierarchy_of(name: str, dimension: Dimension, seen: Iterable[str], where: str = "spec") -> Hierarchy:
    """Build the hierarchy of one dimension from its parents and the codes seen in the data.

    A code without a parent hangs under the total. Raises BadInput on a cycle, or when the total has a parent.
    """
    parents = dict(dimension.parents)
    if dimension.total in parents:
        raise BadInput(f"{where}: dimensions.{name}.parents: the total {dimension.total!r} cannot have a parent")
    codes = {*seen, *parents, *parents.values(), *(dimension.codes or ())} - {dimension.total}
    children: dict[str, list[str]] = {}
    for code in sorted(codes):
        children.setdefault(parents.get(code, dimension.total), []).append(code)
    order: list[str] = []
    stack = [dimension.total]
    while stack:
        code = stack.pop()
        order.append(code)
        stack.extend(reversed(children.get(code, [])))
    lost = sorted(codes - set(order))
    if lost:
        raise BadInput(
            f"{where}: dimensions.{name}.parents: cycle through {lost[0]!r}; a code cannot be its own ancestor"
        )
    return Hierarchy(name, dimension.total, tuple(order), {code: tuple(below) for code, below in children.items()})


@dataclass(frozen=True)
class CountTable:
    """True counts of one table, one row for every combination of codes, sub-totals and totals; never published."""

    id: str
    dims: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class SafeTable:
    """A table as published: the same rows as its `CountTable`; a withheld cell's count is None."""

    id: str
    dims: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    counts: tuple[int | None, ...]


# A cell is the product of these atom sets; a dimension that is absent is not restricted.
Region = tuple[tuple[str, frozenset[int]], ...]


@dataclass(frozen=True)
class Universe:
    """The atoms of every dimension over all releases looked at, and what each release's codes mean in atoms.

    `meaning[r][dim][code]` is the set of atom numbers that `code` covers in release number r. A total covers the codes
    that its own release lists, so a year added later lies outside an earlier release's total.
    """

    atoms: Mapping[str, tuple[str, ...]]
    meaning: tuple[Mapping[str, Mapping[str, frozenset[int]]], ...]

    def region(self, release: int, dims: Sequence[str], codes: Sequence[str]) -> Region:
        """The region of the cell `codes` over `dims` of a release, without the dimensions that it does not restrict."""
        sets = ((dim, self.meaning[release][dim][code]) for dim, code in zip(dims, codes, strict=True))
        return tuple(sorted((dim, atoms) for dim, atoms in sets if len(atoms) < len(self.atoms[dim])))


def universe_of(
    releases: Sequence[Mapping[str, Hierarchy]], mergers: Sequence[Mapping[str, Mapping[str, str]]]
) -> Universe:
    """Unite the hierarchies of several releases, oldest first, with the mergers that each declares, into atoms.

    A leaf of one release that another divides further stands for its parts, and so does a code into which a release
    merges older codes; a merger holds for its own and all later releases, so a code may keep its name and grow.
    """
    atoms: dict[str, tuple[str, ...]] = {}
    meaning: list[dict[str, dict[str, frozenset[int]]]] = [{} for _ in releases]
    for dim in sorted({dim for release in releases for dim in release}):
        trees = {index: release[dim] for index, release in enumerate(releases) if dim in release}
        divided: dict[str, tuple[str, ...]] = {}
        for tree in trees.values():
            divided |= {
                code: below for code, below in tree.children.items() if code != tree.total and code not in divided
            }
        history = tuple(_inverse(declared.get(dim, {})) for declared in mergers)
        leaves = {
            (index, code): _parts(code, history[: index + 1], divided)
            for index, tree in trees.items()
            for code in tree.order
            if not tree.children.get(code)
        }
        names = tuple(sorted({atom for parts in leaves.values() for atom in parts}))
        number = {name: place for place, name in enumerate(names)}
        atoms[dim] = names
        for index, tree in trees.items():
            meaning[index][dim] = {
                code: frozenset(number[atom] for leaf in tree.leaves(code) for atom in leaves[index, leaf])
                for code in tree.order
            }
    return Universe(atoms, tuple(meaning))


def _inverse(merged: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """New code -> the older codes that went up in it."""
    return {new: tuple(sorted(old for old, into in merged.items() if into == new)) for new in set(merged.values())}


def _parts(
    code: str, history: Sequence[Mapping[str, tuple[str, ...]]], divided: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The atoms of a leaf: undo the newest merger first, then the next older one, then divide what another divides."""
    if history:
        older = history[-1].get(code, (code,))
        return tuple(atom for part in older for atom in _parts(part, history[:-1], divided))
    if code in divided:
        return tuple(atom for part in divided[code] for atom in _parts(part, (), divided))
    return (code,)
