"""Controlled rounding: numbers that add up over all tables, and that stand for enough counts; else a refusal."""

import csv
import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from aggregator.cells import lay_out
from aggregator.cli import app
from aggregator.history import PublishedRelease, attack_releases, stands_for
from aggregator.protect import SafeRelease, Withheld, protect
from aggregator.rounding import round_counts, secret_of
from aggregator.tables import BadInput, ReleaseSpec, SafeTable, read_spec
from aggregator.tabulate import read_micro, tabulate

K = 5
LINKED = [["gemeente", "vorm"], ["vorm", "geslacht"], ["gemeente", "geslacht"]]
PARENTS = {"g0": "A", "g1": "A", "g2": "B", "g3": "B"}


def raw_spec(tables: list[list[str]], **more: object) -> dict[str, object]:
    """A specification with method rounding, base 10 unless told otherwise."""
    return {
        "k": K,
        "method": "rounding",
        "base": 10,
        "dimensions": {
            "gemeente": {"total": "regio", "parents": PARENTS},
            "vorm": {"total": "alle"},
            "geslacht": {"total": "t"},
        },
        "tables": [{"id": "_".join(dims), "dims": dims} for dims in tables],
        **more,
    }


def spec_of(tables: list[list[str]], **more: object) -> ReleaseSpec:
    """The same, checked."""
    return read_spec(raw_spec(tables, **more), "spec")


def region_of(seed: int, size: int) -> pd.DataFrame:
    """A skewed random region: few cases in most municipalities."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(4, 0.6))
    rows = [
        (f"g{rng.choice(4, p=shares)}", f"v{rng.choice(3, p=[0.6, 0.3, 0.1])}", rng.choice(["m", "v"]), f"p{i % 3}")
        for i in range(size)
    ]
    return pd.DataFrame(rows, columns=["gemeente", "vorm", "geslacht", "partner"])


def truth_of(frame: pd.DataFrame, spec: ReleaseSpec) -> list[int]:
    """All true counts in table order."""
    cases = read_micro(frame, spec)
    return [count for table in spec.tables for count in tabulate(cases, table).counts]


def numbers_in(table: SafeTable) -> list[int]:
    """The published numbers of one table; none may be withheld."""
    return [count for count in table.counts if count is not None]


def numbers_of(answer: SafeRelease) -> list[int]:
    """All published numbers in table order."""
    return [number for table in answer.tables for number in numbers_in(table)]


def published(answer: SafeRelease, spec: ReleaseSpec, name: str = "r1") -> PublishedRelease:
    """What an outsider reads."""
    return PublishedRelease(name, spec.k, "", answer.hierarchies, answer.tables, {}, answer.rounded)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10_000), st.integers(20, 200), st.sampled_from([(10, 0, 5), (5, 1, 5), (5, 0, 4), (7, 0, 3)]))
def test_every_number_is_a_multiple_near_its_count(seed: int, size: int, option: tuple[int, int, int]) -> None:
    """No cell is withheld; each number is a multiple of the base, less than the told reach away from its count."""
    base, steps, k = option
    frame, spec = region_of(seed, size), spec_of(LINKED, base=base, steps=steps, k=k)
    answer = protect(frame, spec)
    if isinstance(answer, Withheld):
        return
    numbers, counts = numbers_of(answer), truth_of(frame, spec)
    assert len(numbers) == len(counts)
    assert all(number % base == 0 for number in numbers)
    assert answer.rounded in (base * (steps + 1), base * (steps + 2))
    assert all(abs(n - c) < answer.rounded for n, c in zip(numbers, counts, strict=True))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10_000), st.integers(20, 200))
def test_all_tables_add_up_and_agree(seed: int, size: int) -> None:
    """Every sub-total is the sum of its parts, and a cell in two tables is one number."""
    answer = protect(region_of(seed, size), spec_of(LINKED))
    if isinstance(answer, Withheld):
        return
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for table in answer.tables:
        cells = dict(zip(table.codes, numbers_in(table), strict=True))
        for codes, number in cells.items():
            trees = [answer.hierarchies[dim] for dim in table.dims]
            for axis, tree in enumerate(trees):
                below = tree.children.get(codes[axis], ())
                if below:
                    assert number == sum(cells[(*codes[:axis], child, *codes[axis + 1 :])] for child in below)
            named = tuple((dim, code) for dim, code, t in zip(table.dims, codes, trees, strict=True) if code != t.total)
            assert seen.setdefault(named, number) == number


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10_000), st.integers(20, 200))
def test_every_sensitive_cell_may_be_none_or_k(seed: int, size: int) -> None:
    """With the rounding intervals as all that an outsider knows, each small count can still be anything from 0 to k."""
    frame, spec = region_of(seed, size), spec_of(LINKED)
    answer = protect(frame, spec)
    if isinstance(answer, Withheld):
        return
    found = attack_releases([published(answer, spec)])
    assert found.broken == ()
    ends = {cell.region: cell for cell in found.cells}
    board = lay_out(read_micro(frame, spec), spec, ())
    small = [r for r, n in zip(board.regions, board.problem.values, strict=True) if 0 < n < K]
    assert all(ends[region].low <= 0 and ends[region].high >= K for region in small)


def test_zero_restricted_leaves_multiples_alone() -> None:
    """Counts that are multiples of the base keep their value, the total too, where no small count needs them."""
    cases = [("g0", "v0", "m", "p0")] * 20 + [("g1", "v1", "v", "p1")] * 30 + [("g2", "v1", "m", "p2")] * 10
    frame = pd.DataFrame(cases, columns=["gemeente", "vorm", "geslacht", "partner"])
    spec = spec_of(LINKED)
    answer = protect(frame, spec)
    assert isinstance(answer, SafeRelease)
    assert numbers_of(answer) == truth_of(frame, spec)


def test_base_five_cannot_hide_counts_below_five() -> None:
    """A published 0 stands for 0 to 4, which tells that a cell is small: the honest answer is a refusal with advice."""
    answer = protect(region_of(5, 150), spec_of(LINKED, base=5))
    assert isinstance(answer, Withheld)
    assert "choose a base above k, or steps = 1" in answer.reasons[0]


def test_base_five_with_one_step_more_can() -> None:
    """With numbers up to 9 away a 0 stands for 0 to 9 and a 5 for 0 to 14."""
    frame, spec = region_of(5, 150), spec_of(LINKED, base=5, steps=1)
    answer = protect(frame, spec)
    assert isinstance(answer, SafeRelease)
    assert answer.rounded == 10
    assert attack_releases([published(answer, spec)]).broken == ()


def test_table_with_a_zero_is_refused_though_nobody_is_in_it() -> None:
    """Without any small count base 5 is refused too: whether there are small counts is not told by the refusal."""
    cases = [("g0", "v0", "m", "p0")] * 30 + [("g1", "v1", "v", "p1")] * 30
    frame = pd.DataFrame(cases, columns=["gemeente", "vorm", "geslacht", "partner"])
    answer = protect(frame, spec_of([["gemeente", "vorm"]], base=5))
    assert isinstance(answer, Withheld)
    assert "can only be 0 to 4" in answer.reasons[0]


def test_zero_restricted_rounding_that_does_not_exist_goes_one_base_further() -> None:
    """A three-dimensional table without zero-restricted rounding is rounded one base further, and the release says so.

    Found among random tables of three by three by three with all margins; Causey, Cox & Ernst (1985) prove that such
    tables exist in three dimensions.
    """
    further = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = [(f"a{a}", f"b{b}", f"c{c}", int(rng.integers(0, 60))) for a, b, c in product(range(3), repeat=3)]
        frame = pd.DataFrame(rows, columns=["a", "b", "c", "count"])
        spec = read_spec(
            {
                "k": 2,
                "method": "rounding",
                "base": 3,
                "dimensions": {dim: {"total": "t"} for dim in "abc"},
                "tables": [{"id": "abc", "dims": ["a", "b", "c"]}],
            },
            "spec",
        )
        cases = read_micro(frame, spec)
        found = round_counts(lay_out(cases, spec, ()), spec, secret_of(cases))
        assert found.reach in (3, 6)
        further += found.reach == 6
    assert further > 0


def test_same_cases_give_the_same_numbers_and_another_key_others() -> None:
    """Repeating a release, in whatever order of rows, does not average the noise away; the draw follows the key."""
    frame, spec = region_of(9, 150), spec_of(LINKED)
    counted = frame.groupby(list(frame.columns), as_index=False).size().rename(columns={"size": "count"})
    one, two = protect(frame, spec), protect(counted.sample(frac=1.0, random_state=1), spec)
    keyed = protect(frame, spec, secret=b"another key of the maker")
    assert isinstance(one, SafeRelease)
    assert isinstance(two, SafeRelease)
    assert isinstance(keyed, SafeRelease)
    assert one.tables == two.tables
    assert one.tables != keyed.tables


def test_draw_is_unbiased() -> None:
    """Over many keys the mean of a number that hangs on nothing else is its count, within four standard errors."""
    frame = pd.DataFrame([("x", 17)], columns=["a", "count"])
    raw = {"k": 2, "method": "rounding", "base": 10, "dimensions": {"a": {"total": "t"}}}
    spec = read_spec({**raw, "tables": [{"id": "a", "dims": ["a"]}]}, "spec")
    board = lay_out(read_micro(frame, spec), spec, ())
    numbers = [round_counts(board, spec, bytes([i])).tables[0].counts[0] for i in range(200)]
    assert set(numbers) == {10, 20}
    assert abs(np.mean(np.array(numbers, dtype=float)) - 17) < 4 * np.sqrt(21 / 200)


def test_exact_counts_of_another_table_open_a_rounded_one() -> None:
    """Earlier exact numbers of the same cases narrow the rounded cells, and what that opens is not released."""
    frame = region_of(5, 150)
    exact = protect(frame, spec_of([["gemeente", "vorm"]], method="suppression", base=None))
    assert isinstance(exact, SafeRelease)
    earlier = PublishedRelease("r1", K, "", exact.hierarchies, exact.tables)
    spec = spec_of([["gemeente", "vorm"]])
    answer = protect(frame, spec, [earlier])
    if isinstance(answer, SafeRelease):
        assert attack_releases([earlier, published(answer, spec, "r2")]).broken == ()
    else:
        assert answer.reasons


@pytest.mark.parametrize("seed", range(4))
def test_second_draw_of_the_same_cases_is_attacked_with_the_first(seed: int) -> None:
    """Another key narrows what each number stands for: released only when both together still hide."""
    frame, spec = region_of(seed, 120), spec_of([["gemeente", "vorm"]])
    first = protect(frame, spec, secret=b"first")
    assert isinstance(first, SafeRelease)
    ledger = [published(first, spec)]
    second = protect(frame, spec, ledger, secret=b"second")
    if isinstance(second, SafeRelease):
        assert attack_releases([*ledger, published(second, spec, "r2")]).broken == ()
    else:
        assert second.reasons


@pytest.mark.parametrize("tables", [[["vorm", "geslacht"]], [["gemeente", "vorm"]]])
def test_suppression_after_rounding_hides_from_both(tables: list[list[str]]) -> None:
    """Exact counts beside rounded ones of the same cases are chosen so that both together still hide."""
    frame, spec = region_of(3, 120), spec_of([["gemeente", "vorm"]])
    first = protect(frame, spec)
    assert isinstance(first, SafeRelease)
    plain = spec_of(tables, method="suppression", base=None)
    second = protect(frame, plain, [published(first, spec)])
    assert isinstance(second, SafeRelease)
    assert attack_releases([published(first, spec), published(second, plain, "r2")]).broken == ()


def test_partner_who_knows_its_own_cases_is_an_attacker_too() -> None:
    """Where others hold 1 to k-1 cases of a large cell no number stands for enough: a refusal, not a leak."""
    cases = [("g0", "v0", "m", "p0")] * 60 + [("g0", "v0", "m", "p1")] * 2 + [("g1", "v1", "v", "p1")] * 40
    cases += [("g1", "v1", "v", "p2")] * 40
    frame = pd.DataFrame(cases, columns=["gemeente", "vorm", "geslacht", "partner"])
    assert isinstance(protect(frame, spec_of([["gemeente", "vorm"]], partner="partner")), Withheld)


def test_published_number_stands_for_what_may_have_been_rounded_to_it() -> None:
    """0 for everything below the base; more only for counts that are not small."""
    release = PublishedRelease("r", 5, "", {}, (), {}, 10)
    assert [stands_for(n, release) for n in (0, 10, 20)] == [(0, 9), (5, 19), (11, 29)]


def test_number_rounded_to_the_nearest_five_tells_what_is_small() -> None:
    """Plain rounding, as others do it, puts 5 for 3 to 7 and 0 for 0 to 2: that every zero opens is found."""
    release = PublishedRelease("others", 5, "", {}, (), {}, 3)
    assert [stands_for(n, release) for n in (0, 5, 10)] == [(0, 2), (3, 7), (8, 12)]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"base": None}, "base: rounding needs"),
        ({"base": 1}, "base:"),
        ({"steps": 3}, "steps:"),
        ({"method": "suppression"}, "base: only for method"),
        ({"method": "rouding"}, "method:"),
        ({"rho": 0.1}, "rho: only for method"),
    ],
)
def test_options_of_another_method_are_errors(more: dict[str, object], told: str) -> None:
    """An option that would do nothing is refused, like a mistyped key."""
    with pytest.raises(BadInput, match=told):
        spec_of(LINKED, **more)


def run(*args: str | Path) -> Result:
    """One command."""
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A rounded release in `r1`, made by the command."""
    region_of(5, 150).to_csv(tmp_path / "micro.csv", index=False)
    (tmp_path / "spec.toml").write_text(
        'k = 5\nmethod = "rounding"\nbase = 10\n[dimensions.gemeente]\ntotal = "regio"\n[dimensions.vorm]\n'
        'total = "alle"\n[[tables]]\nid = "gv"\ndims = ["gemeente", "vorm"]\n',
        encoding="utf-8",
    )
    done = run("protect", tmp_path / "micro.csv", "--spec", tmp_path / "spec.toml", "--out", tmp_path / "r1", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rounded"] == 10
    return tmp_path


def test_attack_judges_a_rounded_folder_from_its_files(folder: Path) -> None:
    """The intervals follow from what the folder says; every cell is looked at, none opens."""
    done = run("attack", folder / "r1", "--json")
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    with (folder / "r1" / "gv.csv").open(encoding="utf-8", newline="") as stream:
        assert len(answer["withheld"]) == len(list(csv.DictReader(stream)))


def test_spec_tells_of_rounding_where_the_folder_does_not(folder: Path) -> None:
    """Bare tables and the spec that they were made by are enough; without it the numbers count as exact."""
    (folder / "r1" / "release.json").unlink()
    told = run("attack", folder / "r1", "--spec", folder / "spec.toml", "--json")
    assert told.exit_code == 0, told.output
    assert len(json.loads(told.stdout)["withheld"]) > 0
    assert json.loads(run("attack", folder / "r1", "--json").stdout)["withheld"] == []


def test_attack_on_a_folder_rounded_too_finely_is_exit_4(folder: Path) -> None:
    """The same numbers with a reach of 3 open every zero: counts below k would be known to be."""
    about = json.loads((folder / "r1" / "release.json").read_text(encoding="utf-8"))
    (folder / "r1" / "release.json").write_text(json.dumps({**about, "rounded": 3}), encoding="utf-8")
    done = run("attack", folder / "r1", "--json")
    assert done.exit_code == 4
    assert json.loads(done.stdout)["broken"]


def test_external_count_opens_a_rounded_cell(folder: Path) -> None:
    """An exact small number that others publish is seen in the attack."""
    with (folder / "r1" / "gv.csv").open(encoding="utf-8", newline="") as stream:
        zero = next(row for row in csv.DictReader(stream) if row["count"] == "0")
    text = f"gemeente,vorm,count\n{zero['gemeente']},{zero['vorm']},3\n"
    (folder / "other.csv").write_text(text, encoding="utf-8")
    assert run("attack", folder / "r1", "--external", folder / "other.csv").exit_code == 4


def test_refused_rounding_writes_nothing(folder: Path) -> None:
    """Exit 4 with the reason, no folder."""
    spec = (folder / "spec.toml").read_text(encoding="utf-8").replace("base = 10", "base = 5")
    (folder / "five.toml").write_text(spec, encoding="utf-8")
    done = run("protect", folder / "micro.csv", "--spec", folder / "five.toml", "--out", folder / "r2")
    assert done.exit_code == 4
    assert "choose a base above k" in done.stderr
    assert not (folder / "r2").exists()


def test_key_of_the_maker_decides_the_draw(folder: Path) -> None:
    """The same key gives the same numbers again, other keys others."""
    found = []
    for number in (0, 0, 1, 2, 3, 4):
        (folder / "key").write_bytes(bytes([number]) * 32)
        common = ("protect", folder / "micro.csv", "--spec", folder / "spec.toml", "--key", folder / "key")
        assert run(*common, "--out", folder / "keyed").exit_code == 0
        found.append((folder / "keyed" / "gv.csv").read_text(encoding="utf-8"))
    assert found[0] == found[1]
    assert len(set(found)) > 1


@pytest.mark.parametrize(("method", "size"), [("rounding", 31), ("suppression", 32)])
def test_key_that_is_short_or_useless_is_wrong_use(folder: Path, method: str, size: int) -> None:
    """Exit 2 for a key that could be guessed, and for one that would do nothing."""
    (folder / "key").write_bytes(bytes(size))
    text = (folder / "spec.toml").read_text(encoding="utf-8")
    if method == "suppression":
        text = text.replace('method = "rounding"\nbase = 10\n', "")
    (folder / "other.toml").write_text(text, encoding="utf-8")
    common = ("protect", folder / "micro.csv", "--spec", folder / "other.toml", "--key", folder / "key")
    assert run(*common, "--out", folder / "keyed").exit_code == 2


def test_tables_that_do_not_add_up_are_no_rounding(folder: Path) -> None:
    """A folder whose numbers cannot all stand for one table of cases is refused, not called safe."""
    table = folder / "r1" / "gv.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[1] = "regio,alle,5000,shown"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run("attack", folder / "r1").exit_code == 4
