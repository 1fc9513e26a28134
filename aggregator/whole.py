"""Whole tables that fit everything published: from one such table to the next by short moves.

The linear programme's extreme tables are nearly never whole (0 of 1,031 on four linked tables of 2,632 cells), and a
whole-number programme that looks for the most a cell can be takes 0.2 to 0.9 s a cell. But only a table that reaches
what is needed has to exist. From a whole table the cheapest change that reaches it (least sum of changes) touches a few
unknowns and leaves the rest whole; in half of the cases it is whole itself. Else a whole-number programme over the few
unknowns that such changes touch is small. (Cheapest change: Castro, INFORMS J. Comput. 24, 2012, as in `incumbent`.)

A table from here proves that a value is possible, after the caller's own check against all published numbers. Finding
none proves nothing: then the exact programme decides.
"""

from functools import cached_property
from math import inf

import highspy
import numpy as np
from scipy import sparse

from aggregator.demands import EXACT, Floats, Ints
from aggregator.solver import DUAL, Highs, Program, load, some_whole

# Changes tried, each from another table and at other prices, before the question is left to the exact programme.
TRIES = 12
# Nodes for one small whole-number programme: a count, not seconds, so that the same input takes the same path.
NODES = 300
# Tables kept to start from; the oldest go first.
KEPT = 600


class Walk:
    """Holds whole tables of one programme, and the programme "cheapest change that brings a sum of unknowns to a goal".

    Its columns are the changes up, then the changes down; its last row is the sum that is asked about.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._tables: list[Floats] = []
        self._asked = np.zeros(0, dtype=np.int64)
        self._begun = False

    @cached_property
    def _highs(self) -> Highs:
        """Loaded when first needed: many attackers never ask for whole tables."""
        rows, count = self._program.matrix.shape
        body = sparse.hstack([self._program.matrix, -self._program.matrix])
        changes = sparse.csr_array(sparse.vstack([body, sparse.csr_array((1, 2 * count))]))
        free = np.full(rows + 1, inf)
        return load(Program(changes, -free, free, np.zeros(2 * count), np.full(2 * count, inf)), strategy=DUAL)

    def add(self, table: Floats) -> None:
        """Take a whole table to start from; the caller has checked it."""
        self._tables.append(table)
        del self._tables[:-KEPT]

    def reach(self, members: Ints, need: float, upward: bool) -> Floats | None:
        """A table in which these unknowns sum to at least (at most) `need`, or None when none was found."""
        if not self._tables and not self._begun:
            self._begun, first = True, some_whole(self._program, NODES)
            self._tables += [] if first is None else [first]
        if not self._tables:
            return None
        self._ask(members)
        sums = np.array([float(table[members].sum()) for table in self._tables])
        order = np.argsort(-sums if upward else sums, kind="stable")
        touched = np.zeros(len(self._tables[0]), dtype=np.bool_)
        for number in range(TRIES):
            base = self._tables[order[number % len(order)]]
            step = need - float(base[members].sum())
            change = self._cheapest(base, step, upward, number)
            if change is None:
                return None  # not even in parts: the exact programme has the last word
            touched |= np.abs(change) > EXACT
            if (np.abs(change - np.round(change)) <= EXACT).all():
                return np.asarray(base + np.round(change))
            moved = np.abs(change) > EXACT
            for columns in (moved, touched) if (touched & ~moved).any() else (moved,):
                found = self._whole_change(base, np.flatnonzero(columns), members, step, upward)
                if found is not None:
                    return np.asarray(base + found)
        return None

    def _ask(self, members: Ints) -> None:
        """Make the last row the sum of these unknowns' changes."""
        row, count = self._program.matrix.shape
        for columns, value in ((self._asked, 0.0), (members, 1.0)):
            for column in columns.tolist():
                self._highs.changeCoeff(row, column, value)
                self._highs.changeCoeff(row, count + column, -value)
        self._asked = members

    def _cheapest(self, base: Floats, step: float, upward: bool, number: int) -> Floats | None:
        """The change of least price that moves the sum by `step`; None when there is none, or no proven answer."""
        rows, count = self._program.matrix.shape
        up, down = self._program.upper - base, base - self._program.lower
        index = np.arange(2 * count, dtype=np.int32)
        self._highs.changeColsBounds(2 * count, index, np.zeros(2 * count), np.concatenate([up, down]))
        sums = np.asarray(self._program.matrix @ base)
        ends = (step, inf) if upward else (-inf, step)
        low = np.append(self._program.row_lower - sums, ends[0])
        high = np.append(self._program.row_upper - sums, ends[1])
        places = np.arange(rows + 1, dtype=np.int32)
        self._highs.changeRowsBounds(len(places), places, low, high)  # type: ignore[attr-defined]  # as in `probe`
        # Prices of 1 to 2 that differ between unknowns and between tries: other prices, another change.
        price = 1.0 + np.modf(np.arange(1, count + 1) * np.sqrt(2.0 + number))[0]
        self._highs.changeColsCost(2 * count, index, np.concatenate([price, price]))
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        point = np.array(self._highs.getSolution().col_value)
        return np.asarray(point[:count] - point[count:])

    def _whole_change(self, base: Floats, columns: Ints, members: Ints, step: float, upward: bool) -> Floats | None:
        """Any whole change of these unknowns alone that moves the sum by `step`, or None when none was found."""
        program = self._program
        asked = sparse.csr_array(np.isin(columns, members).astype(np.float64).reshape(1, -1))
        matrix = sparse.csr_array(sparse.vstack([program.matrix[:, columns], asked]))
        rows = np.flatnonzero(np.diff(matrix.indptr))
        if len(rows) == 0 or rows[-1] != matrix.shape[0] - 1:
            return None
        sums = np.asarray(program.matrix @ base)
        low = np.append(program.row_lower - sums, step if upward else -inf)
        high = np.append(program.row_upper - sums, inf if upward else step)
        part = Program(
            sparse.csr_array(matrix[rows]),
            low[rows],
            high[rows],
            (program.lower - base)[columns],
            (program.upper - base)[columns],
        )
        found = some_whole(part, NODES)
        if found is None:
            return None
        change = np.zeros(len(base))
        change[columns] = found
        return change
