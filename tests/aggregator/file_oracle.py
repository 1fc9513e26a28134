"""An oracle for `protect` that reads only files: cases, spec and what was written, none of our code.

Its unknowns are all combinations of finest codes; scipy's linear programme opens what can be opened.
"""

import csv
import tomllib
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

Floats = npt.NDArray[np.float64]
Codes = tuple[str, ...]
SLACK = 1e-6


def rows_of(path: Path) -> list[list[str]]:
    """A CSV file, row by row."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


class Region:
    """Cases and spec by a plain reading of the interface page."""

    def __init__(self, micro: Path, spec: Path) -> None:
        self.spec: dict[str, Any] = tomllib.loads(spec.read_text(encoding="utf-8"))
        head, *body = rows_of(micro)
        self.cases = [dict(zip(head, row, strict=True)) for row in body]
        self.k, self.dims = self.spec["k"], list(self.spec["dimensions"])
        self.above = {dim: self._chains(dim) for dim in self.dims}
        finest = [self._finest(dim) for dim in self.dims]
        self.place = {codes: at for at, codes in enumerate(product(*finest))}
        self.partners = sorted({case[self.spec["partner"]] for case in self.cases}) if "partner" in self.spec else []

    def _chains(self, dim: str) -> dict[str, list[str]]:
        """Every code with itself and all codes above it; a code without a parent hangs under the total."""
        total, parents = self.spec["dimensions"][dim]["total"], self.spec["dimensions"][dim].get("parents", {})
        out: dict[str, list[str]] = {}
        for code in {case[dim] for case in self.cases} | {*parents, *parents.values(), total}:
            chain = [code]
            while chain[-1] != total:
                chain.append(parents.get(chain[-1], total))
            out[code] = chain
        return out

    def _finest(self, dim: str) -> list[str]:
        inner = {code for chain in self.above[dim].values() for code in chain[1:]}
        return sorted({*self.above[dim]} - inner)

    def rows(self, dims: Sequence[str]) -> Iterator[Codes]:
        """Every combination of codes, sub-totals and totals."""
        return product(*(sorted(self.above[dim]) for dim in dims))

    def children(self, dim: str, code: str) -> list[str]:
        """The codes directly under a code."""
        return [child for child, chain in self.above[dim].items() if chain[1:2] == [code]]

    def count(self, dims: Sequence[str], codes: Codes, of: Collection[str] = ()) -> int:
        """Cases in a cell, of some partners when named."""
        return sum(
            int(case.get("count", "1"))
            for case in self.cases
            if (not of or case[self.spec["partner"]] in of)
            and all(code in self.above[dim][case[dim]] for dim, code in zip(dims, codes, strict=True))
        )

    def sum_of(self, dims: Sequence[str], codes: Codes) -> Floats:
        """Which unknowns a cell is the sum of."""
        wanted = dict(zip(dims, codes, strict=True))
        return np.array(
            [float(all(wanted.get(dim, chain[-1]) in chain for dim, chain in self._chains_at(at))) for at in self.place]
        )

    def _chains_at(self, codes: Codes) -> list[tuple[str, list[str]]]:
        return [(dim, self.above[dim][code]) for dim, code in zip(self.dims, codes, strict=True)]

    def known(self, members: Collection[str]) -> Floats:
        """The cases of some partners, by unknown."""
        return np.array([float(self.count(self.dims, codes, members)) if members else 0.0 for codes in self.place])


class Published:
    """One or more release folders of the same cases, with the complaints that a plain reader has about them."""

    def __init__(self, region: Region, folders: Sequence[tuple[Path, Path]]) -> None:
        self.region, self.complaints = region, list[str]()
        self.equal: list[Floats] = []
        self.counts: list[float] = []
        self.hidden: dict[tuple[Codes, Codes], int] = {}
        self._found: dict[bytes, tuple[float, float]] = {}
        for folder, spec in folders:
            tables = tomllib.loads(spec.read_text(encoding="utf-8"))["tables"]
            if {path.name for path in folder.iterdir()} != {f"{t['id']}.csv" for t in tables} | {
                "release.json",
                "attack.json",
            }:
                self.complaints.append(f"files of {folder.name}")
            for table in tables:
                self._take(tuple(table["dims"]), rows_of(folder / f"{table['id']}.csv"))

    def _take(self, dims: Codes, rows: list[list[str]]) -> None:
        """One table: a row for every combination, true counts where shown, none and no small one otherwise."""
        region = self.region
        if rows[0] != [*dims, "count", "status"]:
            self.complaints.append(f"header of {dims}")
        if sorted(tuple(row[:-2]) for row in rows[1:]) != sorted(region.rows(dims)):
            self.complaints.append(f"rows of {dims}")
        for *given, count, status in rows[1:]:
            codes = tuple(given)
            true = region.count(dims, codes)
            if status == "withheld" and count == "":
                self.hidden[dims, codes] = true
                continue
            if status != "shown" or count != str(true) or 0 < true < region.k:
                self.complaints.append(f"{dims} {codes}: {status} {count}")
            self.equal.append(region.sum_of(dims, codes))
            self.counts.append(float(true))

    def ends(self, cell: Floats, known: Floats) -> tuple[float, float]:
        """The least and most that a cell may be to somebody who knows these cases."""
        asked = cell.tobytes() + known.tobytes()
        if asked not in self._found:
            self._found[asked] = self._solve(cell, known)
        return self._found[asked]

    def _solve(self, cell: Floats, known: Floats) -> tuple[float, float]:
        told = np.unique(np.column_stack([self.equal, self.counts]), axis=0)
        out = []
        for sign in (1.0, -1.0):
            bounds = np.column_stack([known, np.full(len(known), np.inf)])
            answer = linprog(sign * cell, A_eq=told[:, :-1], b_eq=told[:, -1], bounds=bounds, method="highs")
            if answer.status == 3:
                out.append(-np.inf)
                continue
            if answer.status != 0 or answer.fun is None:
                raise RuntimeError(answer.message)
            out.append(float(answer.fun))
        return out[0], -out[1]

    def judge(self) -> list[str]:
        """All complaints: what lies open to an outsider, to a partner, to a pair; what the rules would have hidden."""
        region, nothing = self.region, self.region.known(())
        for (dims, codes), true in self.hidden.items():
            low, high = self.ends(region.sum_of(dims, codes), nothing)
            open_to_all = high < region.k - SLACK or high - low < region.k - SLACK
            if open_to_all or (0 < true < region.k and low > SLACK):
                self.complaints.append(f"{dims} {codes} open: {low:g} to {high:g}")
        for dims in {dims for dims, _ in self.hidden}:
            for codes in region.rows(dims):
                if region.spec.get("group"):
                    self._group(dims, codes)
                if region.partners:
                    self._shares(dims, codes)
        return self.complaints

    def _group(self, dims: Codes, codes: Codes) -> None:
        count = self.region.count(dims, codes)
        for axis, dim in enumerate(dims):
            children = self.region.children(dim, codes[axis])
            for child in children if count and len(children) > 1 else ():
                below = (*codes[:axis], child, *codes[axis + 1 :])
                if self.region.count(dims, below) == count and (dims, below) not in self.hidden:
                    self.complaints.append(f"{dims} {below} holds its whole margin and is shown")

    def _shares(self, dims: Codes, codes: Codes) -> None:
        region, count = self.region, self.region.count(dims, codes)
        parts = [region.count(dims, codes, {name}) for name in region.partners]
        total = bool(region.sum_of(dims, codes).all())  # also a sub-total that all codes lie under: the same cell
        few = count and (sum(part > 0 for part in parts) < 2 or max(parts) > 0.8 * count)
        if few and not total and (dims, codes) not in self.hidden:
            self.complaints.append(f"{dims} {codes}: one partner's, and shown")
        for members in (*combinations(region.partners, 1), *combinations(region.partners, 2)):
            mine = region.count(dims, codes, members)
            if not 0 < count - mine < region.k:
                continue
            low, high = self.ends(region.sum_of(dims, codes), region.known(members))
            if (dims, codes) not in self.hidden or low > mine + SLACK or high < mine + region.k - SLACK:
                self.complaints.append(f"{dims} {codes} open to {members}: {low:g} to {high:g}")
