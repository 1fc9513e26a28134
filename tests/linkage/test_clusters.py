"""k-partner clustering: deterministic, one record per deduplicated partner, no chains of doubtful pairs."""

import random

from hypothesis import given
from hypothesis import strategies as st

from gateway.matching.cluster import Link, clusters

_RECORDS = st.tuples(st.integers(0, 3), st.integers(0, 4))
_LINKS = st.lists(
    st.builds(Link, _RECORDS, _RECORDS, st.floats(-5, 10)).filter(lambda link: link.left[0] < link.right[0]),
    max_size=25,
).map(lambda links: list({(link.left, link.right): link for link in links}.values()))
_ALL = frozenset(range(4))


@given(_LINKS, st.randoms(use_true_random=False))
def test_the_order_of_the_links_does_not_matter(links: list[Link], chance: random.Random) -> None:
    """Two runs on shuffled rows give the same numbers."""
    shuffled = list(links)
    chance.shuffle(shuffled)
    assert clusters(links, 0.0, _ALL) == clusters(shuffled, 0.0, _ALL)


@given(_LINKS)
def test_a_deduplicated_partner_stands_once_in_a_cluster(links: list[Link]) -> None:
    """One record per partner that declares itself free of duplicates."""
    numbers = clusters(links, 0.0, _ALL)
    seen = [(number, file) for (file, _), number in numbers.items()]
    assert len(seen) == len(set(seen))


@given(_LINKS)
def test_nothing_below_the_bound_joins(links: list[Link]) -> None:
    """Only records with a link of the bound or more are in a cluster."""
    kept = {record for link in links if link.score >= 2 for record in (link.left, link.right)}
    assert set(clusters(links, 2.0, frozenset())) <= kept


def test_the_surest_pair_wins() -> None:
    """A record with two candidates of one partner goes with the better one."""
    numbers = clusters([Link((0, 0), (1, 0), 3.0), Link((0, 0), (1, 1), 5.0)], 0.0, _ALL)
    assert numbers == {(0, 0): 0, (1, 1): 0}


def test_one_pair_does_not_chain_two_families() -> None:
    """Two clusters of two with one link of four cross pairs stay apart."""
    links = [Link((0, 0), (1, 0), 9.0), Link((2, 0), (3, 0), 8.0), Link((1, 0), (2, 0), 3.0)]
    numbers = clusters(links, 0.0, frozenset())
    assert numbers[(0, 0)] == numbers[(1, 0)]
    assert numbers[(2, 0)] == numbers[(3, 0)]
    assert numbers[(0, 0)] != numbers[(2, 0)]


def test_three_partners_make_one_person() -> None:
    """All cross pairs linked: one cluster of three."""
    links = [Link((0, 0), (1, 0), 9.0), Link((1, 0), (2, 0), 8.0), Link((0, 0), (2, 0), 7.0)]
    assert set(clusters(links, 0.0, _ALL).values()) == {0}
