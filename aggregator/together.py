"""The first pattern of a large release: one table brings hundreds of cells to their goals at once.

One demand at a time takes a linear programme each (0.5 s on 4,626 linked cells), and a probe of every demand before
that. Here a programme moves many cells at once, each unit on the way to a goal for a reward, each unit of any cell at
its price: what a reward pays for is withheld, and the table is a witness for all that arrived. The pattern is heavier
than one made step by step; it is there so that a search that the clock stops has something safe.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from aggregator.demands import Bools, Problem, State
from aggregator.incumbent import MOVED, Ends, Mover, Target, extend
from aggregator.probe import Witnesses
from aggregator.solver import Infeasible

# With fewer demands open than this the ordinary way is quick enough, and its pattern is lighter.
MANY = 500
# A unit's reward, in weights of a cell: first what the pattern has anyhow, then as much as is needed.
FIRST_REWARD, LAST_REWARD, RAISE = 1 / 4, 64.0, 2.0
# Share of the open demands that one table must meet, or the next one is paid more.
WORTH = 0.2


def meet_together(
    problem: Problem, mover: Mover, pattern: Bools, seen: Witnesses, halt: Callable[[], bool]
) -> Bools | None:
    """The pattern plus what its demands need, many at a time; None when there are too few of them to be worth it.

    Raises Impossible on a demand that nothing can meet, TimeoutError when halted before all are met.
    """
    ends = Ends(problem, pattern, seen)
    if not problem.spread or len(ends.unmet(pattern)) < MANY:
        return None
    pattern = pattern.copy()
    reward, turn, last = FIRST_REWARD, 0, 0
    while reward <= LAST_REWARD and (targets := _of_one_view(open_ones := ends.unmet(pattern), problem, turn)):
        if halt():
            raise TimeoutError("the search ran out of its budget before a safe pattern was found")
        if last and len(open_ones) > (1 - WORTH) * last:
            reward *= RAISE
        last, turn = len(open_ones), turn + 1
        try:
            cells = mover.move_many(targets, pattern, problem.weights, reward)
        except Infeasible:
            break  # numbers of earlier releases that the cases at hand do not have: one demand at a time can tell
        pattern |= (np.abs(cells - problem.values) > MOVED) & (problem.state == State.FREE)
        ends.learn(targets[0].view, pattern, cells)
    return extend(problem, mover, pattern, seen, problem.weights, halt)


def _of_one_view(targets: Sequence[Target], problem: Problem, turn: int) -> list[Target]:
    """Targets of the view that has most of them. A cell that has to go both ways goes one way now: the bits of its
    number tell which, another bit each time, so that cells that stand in each other's way part sooner or later."""
    beyond = [t for t in targets if (t.goal - problem.values[t.cell]) * (1 if t.upward else -1) > 0]
    if not beyond:
        return []
    view, _ = Counter(t.view for t in beyond).most_common(1)[0]
    found: dict[int, Target] = {}
    for target in beyond:
        if target.view == view:
            upward = bool(((target.cell >> turn // 2) ^ turn) & 1)
            if target.cell not in found or target.upward == upward:
                found[target.cell] = target
    return list(found.values())
