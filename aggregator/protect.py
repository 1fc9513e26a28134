"""The gate: micro-data in, a release that our own attackers cannot break out, or a refusal with its reason.

    protect(micro: pandas.DataFrame, spec: ReleaseSpec, earlier: Sequence[PublishedRelease] = (),
            halt: Callable[[], bool] = never, where: str = "micro-data", secret: bytes = b"",
            also: Sequence[Secret] = ()) -> SafeRelease | Withheld

`micro` has one row a case (or a `count` column), a column for every dimension of the spec and one for the partner when
`spec.partner` names it. `earlier` are all releases and external publications already known, oldest first. `halt` is the
caller's clock: once it returns True the search for a better pattern stops. `secret` keys the draw of rounding (default:
made from the cases). `also` are cells that the caller calls sensitive beside the spec's rules, each with the interval
that must stay possible. Pure: no file, no clock, no randomness.

Order of work: tabulate, primary rules, suppression (or rounding), first attack (outsider, every partner, every pair),
second attack.
Each step refuses and none warns (design page "Disclosure control").
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
import pandas as pd

from aggregator.asked import Secret
from aggregator.attack import INTEGER_CHECK, Fact, Interval, proven, system_of
from aggregator.cells import Board, Refused, lay_out
from aggregator.demands import EXACT, Impossible, Problem, State
from aggregator.history import (
    Finding,
    PublishedRelease,
    Transcript,
    attack_releases,
    read,
)
from aggregator.probe import Cut
from aggregator.rounding import ADVICE, round_counts, secret_of
from aggregator.second_attack import SecondAttacker
from aggregator.solver import SolverRefused
from aggregator.suppress import Suppression, never, suppress
from aggregator.tables import BadInput, Hierarchy, Protection, Region, ReleaseSpec, SafeTable
from aggregator.tabulate import MicroData, read_micro

# The second attacker looks at one withheld cell in so many, beside all tight ones (design page, step 5: 20 %).
SECOND_SAMPLE = 5
# Patterns that whole-number reasoning opens are widened at most this often before the release is refused.
REPAIRS = 25


@dataclass(frozen=True)
class SafeRelease:
    """What may be published: the tables, the attack that they withstood, and how good the pattern is.

    `pattern` is the SHA-256 of tables, codes and statuses; `gap` the share of the weight that might still be saved.
    `rounded` is 0 for exact counts, else every number stands for the counts less than `rounded` away from it.
    """

    tables: tuple[SafeTable, ...]
    hierarchies: Mapping[str, Hierarchy]
    transcript: Transcript
    pattern: str
    gap: float
    rounds: int
    rounded: int = 0


@dataclass(frozen=True)
class Withheld:
    """Nothing may be published: the reasons in words, and the cells that an attacker opened (never for print)."""

    reasons: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def protect(
    micro: pd.DataFrame,
    spec: ReleaseSpec,
    earlier: Sequence[PublishedRelease] = (),
    halt: Callable[[], bool] = never,
    where: str = "micro-data",
    secret: bytes = b"",
    also: Sequence[Secret] = (),
) -> SafeRelease | Withheld:
    """Protect and attack one release; see the module's docstring.

    Raises BadInput (naming `where`, row and column, or the place in `also`) when the input is wrong. Every other
    failure is a `Withheld`.
    """
    if spec.method == Protection.SERIES:
        raise BadInput("method: a series is protected by noise; see aggregator.series")
    cases = read_micro(micro, spec, where)
    try:
        board = lay_out(cases, spec, earlier, also)
        if spec.method == Protection.ROUNDING:
            return _round(board, cases, spec, earlier, secret or secret_of(cases))
        return _search(board, cases, spec, earlier, halt)
    except Refused as refusal:
        return Withheld((refusal.reason,), refusal.findings)
    except (SolverRefused, TimeoutError) as error:
        return Withheld((str(error),))


def _round(
    board: Board, cases: MicroData, spec: ReleaseSpec, earlier: Sequence[PublishedRelease], secret: bytes
) -> SafeRelease | Withheld:
    """Round, and attack the numbers with the intervals that they stand for."""
    found = round_counts(board, spec, secret)
    transcript = attack_both(board, cases, spec, earlier, found.tables, found.reach)
    if transcript.broken:
        first = transcript.broken[0]
        reason = f"rounded to base {spec.base}, {first.cell} can only be {first.low:g} to {first.high:g}: {ADVICE}"
        return Withheld((reason,), transcript.broken)
    pattern = pattern_hash(found.tables)
    return SafeRelease(found.tables, cases.hierarchies, transcript, pattern, found.gap, 0, found.reach)


def _search(
    board: Board, cases: MicroData, spec: ReleaseSpec, earlier: Sequence[PublishedRelease], halt: Callable[[], bool]
) -> SafeRelease | Withheld:
    """Patterns until one withstands both attackers; each that does not is excluded with all that withhold less."""
    cuts: list[Cut] = []
    findings: tuple[Finding, ...] = ()
    for _ in range(REPAIRS):
        try:
            board, found = _pattern(board, halt, cuts)
        except Impossible as nothing:
            view = board.problem.views[nothing.view].name
            reason = f"no safe pattern: {board.words[nothing.cell]} cannot be hidden (view: {view})"
            return Withheld((reason,), findings)
        tables = safe_tables(board, found)
        transcript = attack_both(board, cases, spec, earlier, tables)
        if not transcript.broken:
            return SafeRelease(tables, cases.hierarchies, transcript, pattern_hash(tables), found.gap, found.rounds)
        findings = transcript.broken
        wider = (board.problem.state == State.FREE) & ~found.withheld
        if not wider.any():
            break
        cuts.append(Cut(wider.astype(np.float64)))
    first = findings[0] if findings else None
    return Withheld(
        (f"our own attack opens {first.cell}: {first.how}" if first else "no safe pattern found",), findings
    )


def _pattern(board: Board, halt: Callable[[], bool], cuts: Sequence[Cut]) -> tuple[Board, Suppression]:
    """Search; a harmless cell that cannot hide a count even if withheld is taken as shown, and the search repeated.

    Harmless is a cell of this release that is not sensitive, or one of an earlier release about which nothing has to
    stay in doubt: others have published what gives it away, and no pattern of ours can take that back.
    """
    demanded = {demand.cell for demand in board.problem.demands}
    while True:
        try:
            return board, suppress(board.problem, halt, cuts)
        except Impossible as nothing:
            problem, cell = board.problem, nothing.cell
            given_away = cell not in demanded and not np.isnan(problem.values[cell])
            if nothing.view != 0 or not (problem.state[cell] == State.FREE or given_away):
                raise
            state = problem.state.copy()
            state[cell] = State.SHOWN
            board = replace(board, problem=_with_state(problem, state))


def _with_state(problem: Problem, state: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Problem:
    shown = state == State.SHOWN
    fixed = shown & (problem.state != State.SHOWN)
    return replace(
        problem,
        state=state,
        floor=np.where(fixed, problem.values, problem.floor),
        ceiling=np.where(fixed, problem.values, problem.ceiling),
        weights=np.where(shown, 0.0, problem.weights),
    )


def safe_tables(board: Board, found: Suppression) -> tuple[SafeTable, ...]:
    """The tables with the pattern applied: a withheld count is None, whether sensitive or not."""
    hidden = found.withheld | (board.problem.state == State.WITHHELD)
    return tuple(
        SafeTable(
            table.id,
            table.dims,
            table.codes,
            tuple(None if hidden[cell] else count for cell, count in zip(place, table.counts, strict=True)),
        )
        for table, place in zip(board.tables, board.place, strict=True)
    )


def pattern_hash(tables: Sequence[SafeTable]) -> str:
    """SHA-256 over every cell's codes and status, in table order; no count goes in."""
    content = [[t.id, t.dims, [[c, n is not None] for c, n in zip(t.codes, t.counts, strict=True)]] for t in tables]
    return sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def attack_both(
    board: Board,
    cases: MicroData,
    spec: ReleaseSpec,
    earlier: Sequence[PublishedRelease],
    tables: tuple[SafeTable, ...],
    rounded: int = 0,
) -> Transcript:
    """Both attackers over everything published, from every view; raises SolverRefused when they disagree."""
    mergers = {name: dimension.mergers for name, dimension in spec.dimensions.items()}
    fresh = PublishedRelease("this release", spec.k, spec.population, cases.hierarchies, tables, mergers, rounded)
    related = [release for release in earlier if release.population == spec.population]
    outside = attack_releases([*related, fresh], newest_only=True)
    reading = read(fresh, len(related), board.universe)
    facts = [fact for r in (*board.earlier, reading) for fact in r.facts]
    ends = {cell.region: Interval(cell.low, cell.high) for cell in outside.cells}
    broken, skipped = [*outside.broken], 0
    for number, view in enumerate(board.problem.views):
        wanted = [d for d in board.problem.demands if d.view == number]
        regions = [board.regions[d.cell] for d in wanted]
        asked = [Interval(d.low, d.high) for d in wanted]
        if number and not wanted:
            skipped += 1  # it knows every case, or the others have k or more wherever they have any
            continue
        found = [ends.get(region, Interval(0.0, 0.0)) for region in regions]
        # `ends` are proven as far as 0 to k asks; a partner's view and any other interval are asked for themselves.
        own = [at for at, want in enumerate(asked) if number or want != Interval(0.0, spec.k)]
        if own:
            system, rows = system_of(board.lattice, facts, view.known), [regions[at] for at in own]
            told = proven(system, board.lattice.matrix(rows), [asked[at] for at in own])
            found = [dict(zip(own, told, strict=True)).get(at, first) for at, first in enumerate(found)]
        for demand, want, got in zip(wanted, asked, found, strict=True):
            if not got.hides(want.low, want.high):
                text = f"must be able to be {want.low:g} to {want.high:g}"
                broken.append(Finding(view.name, board.words[demand.cell], got.low, got.high, text))
    twice = 0 if broken else second_opinion(board, cases, facts, ends, spec.k)
    return Transcript(outside.cells, tuple(broken), len(board.problem.views), twice, skipped)


def second_opinion(
    board: Board, cases: MicroData, facts: Sequence[Fact], ends: Mapping[Region, Interval], k: int
) -> int:
    """Ask the second attacker about all tight cells and one in five others; returns how many intervals it checked.

    Raises SolverRefused when it sees another interval than the first attacker, or a view's demand that does not hold.
    """
    second = SecondAttacker(board.lattice.sizes, board.lattice.cliques, facts)
    checked = 0
    drawn = {region: _drawn(region, number) for number, region in enumerate(ends)}
    for region, first in sorted(ends.items(), key=lambda cell: not drawn[cell[0]]):
        tight = first.high - first.low < k + 1
        if not (tight or drawn[region]):
            continue
        checked += 1
        if not drawn[region] and second.spans(region, first):
            continue  # by other code it met whole tables at both ends: the interval is no shorter than was told
        other = second.interval(region, False)
        if first.high - first.low >= INTEGER_CHECK * k:
            agree = _near(first.low, other.low) and _near(first.high, other.high)
        else:
            # The first attacker rounded these inward to whole numbers; the second does so where it was drawn.
            agree = other.low <= first.low + EXACT and other.high >= first.high - EXACT
            near = other.low > first.low - 1 and other.high < first.high + 1
            # Its own whole tables at the lower end and k above it leave nothing to ask the exact programme.
            plain = near and not first.broken(k) and second.reaches(region, first.low, max(first.low + k, k))
            if agree and not plain and (drawn[region] or not near):
                strict = second.interval(region, True)
                agree = strict.broken(k) == first.broken(k) and strict.hides(0, k) == first.hides(0, k)
        if not agree:
            raise SolverRefused("the two attackers disagree; nothing is released")
    for view_number in range(1, len(board.problem.views)):
        insider = second.knowing(_own_cases(board, cases, view_number))
        for number, demand in enumerate(board.problem.demands):
            region = board.regions[demand.cell]
            if demand.view != view_number or not _drawn(region, number):
                continue
            checked += 1
            if not insider.interval(region, False).hides(demand.low, demand.high):
                raise SolverRefused("the two attackers disagree from a partner's view; nothing is released")
    return checked


def _near(a: float, b: float) -> bool:
    return a == b or abs(a - b) <= 10 * EXACT * max(1.0, abs(a))


def _drawn(region: Region, number: int) -> bool:
    """A draw of one in SECOND_SAMPLE, seeded by the cell itself: the same release is checked the same way."""
    seed = repr((number, [(dim, sorted(atoms)) for dim, atoms in region])).encode()
    return sha256(seed).digest()[0] % SECOND_SAMPLE == 0


def _own_cases(board: Board, cases: MicroData, view: int) -> Counter[tuple[int, tuple[int, ...]]]:
    """A partner's (or pair's) cases per combination of atoms, counted from the micro-data for the second attacker."""
    members = board.problem.views[view].members
    meaning = board.universe.meaning[-1]
    out: Counter[tuple[int, tuple[int, ...]]] = Counter()
    for row in np.flatnonzero(cases.known_to(members)):
        for block, clique in enumerate(board.lattice.cliques):
            atom = tuple(min(meaning[dim][cases.codes[dim][row]]) for dim in clique)
            out[block, atom] += int(cases.counts[row])
    return out
