"""Fault injection: whatever the solver says but Optimal or Unbounded, nothing is released."""

import numpy as np
import pytest
from highspy._core import HighsStatus, _Highs
from scipy import sparse

from aggregator.attack import Attacker, Fact, system_of
from aggregator.history import PublishedRelease, attack_releases
from aggregator.lattice import Lattice, build_lattice
from aggregator.second_attack import SecondAttacker
from aggregator.solver import Infeasible, Program, SolverRefused, extreme, load, new_highs, optimise
from aggregator.tables import Dimension, SafeTable, hierarchy_of


def program() -> Program:
    """x + y = 10 with x, y >= 0."""
    return Program(
        sparse.csr_array(np.ones((1, 2))), np.array([10.0]), np.array([10.0]), np.zeros(2), np.full(2, np.inf)
    )


def test_optimal_is_answered() -> None:
    """The proven maximum of x is 10."""
    assert extreme(load(program()), np.array([1.0, 0.0]), True)[0] == 10.0


def test_unbounded_is_infinite() -> None:
    """Without an equation x has no upper bound, and that is proven."""
    free = Program(sparse.csr_array((0, 2)), np.zeros(0), np.zeros(0), np.zeros(2), np.full(2, np.inf))
    assert extreme(load(free), np.array([1.0, 0.0]), True)[0] == np.inf


def test_time_out_refuses() -> None:
    """A run that stops at its time limit is no answer."""

    def slow() -> _Highs:
        highs = new_highs()
        highs.setOptionValue("time_limit", 0.0)
        highs.setOptionValue("presolve", "off")
        return highs

    with pytest.raises(SolverRefused, match="Time limit"):
        optimise(load(program(), make=slow), np.array([1.0, -1.0]))


def test_other_threads_option_refuses() -> None:
    """Another thread count in the same process makes HiGHS answer NotSet, which refuses (or HiGHS still proves it)."""
    optimise(load(program()), np.array([1.0, 0.0]))

    def other() -> _Highs:
        highs = new_highs()
        highs.setOptionValue("threads", 2)
        return highs

    try:
        answer = optimise(load(program(), make=other), np.array([-1.0, 0.0]))
    except SolverRefused:
        return
    assert answer is not None
    assert answer.value == -10.0


def test_iteration_limit_refuses() -> None:
    """A run that stops at its iteration limit is no answer."""

    def lazy() -> _Highs:
        highs = new_highs()
        highs.setOptionValue("simplex_iteration_limit", 0)
        highs.setOptionValue("presolve", "off")
        return highs

    with pytest.raises(SolverRefused):
        optimise(load(program(), make=lazy), np.array([-1.0, 0.0]))


def test_never_run_is_not_an_answer() -> None:
    """NotSet, the status of an object that did not run, refuses."""

    class Idle(_Highs):
        def run(self) -> HighsStatus:
            """Do nothing, as HiGHS does when it refuses to start."""
            return HighsStatus.kOk

    with pytest.raises(SolverRefused, match="Not Set"):
        optimise(load(program(), make=Idle), np.array([1.0, 0.0]))


def test_a_warm_start_that_leads_nowhere_is_asked_once_more_from_nothing() -> None:
    """The first run proves nothing, the second run, cold, does: only that proof is taken."""

    class Late(_Highs):
        runs = 0

        def run(self) -> HighsStatus:
            """Do nothing the first time."""
            self.runs += 1
            return super().run() if self.runs > 1 else HighsStatus.kOk

    def late() -> _Highs:
        highs = Late()
        highs.setOptionValue("output_flag", False)
        return highs

    assert extreme(load(program(), make=late), np.array([1.0, 0.0]), True)[0] == 10.0


def test_infeasible_refuses() -> None:
    """A contradiction is an Infeasible, which refuses."""
    bad = Program(
        sparse.csr_array(np.ones((2, 2))), np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.zeros(2), np.full(2, np.inf)
    )
    with pytest.raises(Infeasible):
        optimise(load(bad), np.zeros(2))


def test_nan_in_the_program_refuses() -> None:
    """A NaN bound never reaches the solver."""
    bad = Program(
        sparse.csr_array(np.ones((1, 2))), np.array([np.nan]), np.array([10.0]), np.zeros(2), np.full(2, np.inf)
    )
    with pytest.raises(SolverRefused, match="NaN"):
        load(bad)


def test_nan_in_the_objective_refuses() -> None:
    """A NaN objective never reaches the solver."""
    with pytest.raises(SolverRefused, match="NaN"):
        optimise(load(program()), np.array([np.nan, 0.0]))


def line() -> Lattice:
    """One dimension of three atoms."""
    return build_lattice({"a": 3}, [frozenset({"a"})])


def cell(*atoms: int) -> tuple[tuple[str, frozenset[int]], ...]:
    """A cell of that dimension."""
    return (("a", frozenset(atoms)),)


def test_wrong_total_refuses() -> None:
    """Parts that do not add up to their total are a contradiction for both attackers."""
    facts = [Fact((), 10, 10), Fact(cell(0), 4, 4), Fact(cell(1), 4, 4), Fact(cell(2), 4, 4)]
    with pytest.raises(Infeasible):
        Attacker(system_of(line(), facts)).feasible()
    with pytest.raises(Infeasible):
        SecondAttacker({"a": 3}, line().cliques, facts).interval(cell(0), True)


def test_second_attacker_refuses_a_contradiction_far_from_the_cell_it_is_asked_about() -> None:
    """Cells of another piece that add up to more than their total refuse before any cell is answered."""
    grid = build_lattice({"a": 2, "b": 2}, [frozenset({"a", "b"})])
    facts = [Fact((("a", frozenset({0})),), 4, 4), Fact((("a", frozenset({1})),), 4, 4)]
    facts += [Fact((("a", frozenset({1})), ("b", frozenset({b}))), 3, 3) for b in (0, 1)]
    with pytest.raises(Infeasible):
        SecondAttacker({"a": 2, "b": 2}, grid.cliques, facts)


def test_both_attackers_see_the_same_interval_of_a_sum() -> None:
    """A total of 10 with one shown part of 4 leaves 0 to 6 for each other part, by either code."""
    facts = [Fact((), 10, 10), Fact(cell(0), 4, 4)]
    first = Attacker(system_of(line(), facts))
    second = SecondAttacker({"a": 3}, line().cliques, facts).interval(cell(1), True)
    ends = [first.end(np.array([0.0, 1.0, 0.0]), largest)[0] for largest in (False, True)]
    assert ends == [second.low, second.high] == [0.0, 6.0]


def test_cell_published_twice_refuses() -> None:
    """Two counts for one cell are a contradiction."""
    with pytest.raises(Infeasible, match="twice"):
        system_of(line(), [Fact(cell(0), 4, 4), Fact(cell(0), 5, 5)])


def test_missing_equation_refuses() -> None:
    """A fact about nothing leaves an equation out, which refuses."""
    with pytest.raises(SolverRefused, match="missing"):
        system_of(line(), [Fact((("a", frozenset()),), 4, 4)])


def test_wrong_total_in_a_release_refuses() -> None:
    """An attack on a folder whose total is wrong does not call it safe."""
    tree = {"a": hierarchy_of("a", Dimension(total="t"), ["x", "y"])}
    table = SafeTable("t1", ("a",), (("t",), ("x",), ("y",)), (20, 9, 9))
    with pytest.raises(Infeasible):
        attack_releases([PublishedRelease("r", 5, "", tree, (table,))])


def test_an_attacker_to_whom_no_unknown_is_left_knows_the_cell() -> None:
    """Published zeros leave nothing to solve: the answer is what is known, and a clash is still refused."""
    lattice = build_lattice({"d": 2}, [frozenset({"d"})])
    zero = Fact((), 0.0, 0.0)
    assert Attacker(system_of(lattice, [zero])).end(np.array([1.0, 0.0]), True)[0] == 0.0
    one = Fact((("d", frozenset({0})),), 1.0, 1.0)
    with pytest.raises(Infeasible):
        Attacker(system_of(lattice, [zero, one]))
