"""Joint sign flips: exactness, size, and the price of looks at equal and at different days."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import DatasetError
from livermore.ml.evidence import BlockScores, max_t_p_values, number_of_blocks


def look(sums, start=0, length=10):
    sums = np.asarray(sums, dtype=float)
    table = sums[:, None] if sums.ndim == 1 else sums
    return BlockScores(tuple(start + length * i for i in range(len(sums) + 1)), tuple(map(tuple, table.tolist())))


def brute_force(tables):
    """Return the p-values over all sign flips, by the definition."""
    tables = np.asarray(tables)
    norms = np.sqrt((tables**2).sum(axis=1))
    observed = tables.sum(axis=1) / norms
    largest = [
        max((tables * np.array(signs)).sum(axis=1) / norms)
        for signs in itertools.product((1, -1), repeat=tables.shape[1])
    ]
    return [np.mean(np.array(largest) >= t - 1e-9) for t in observed]


def test_all_flips_of_few_blocks_are_used():
    tables = np.random.default_rng(0).normal(size=(3, 8)) + 0.4
    assert max_t_p_values([look(table) for table in tables])[:, 0].tolist() == brute_force(tables)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_another_look_never_makes_a_p_value_smaller_and_a_copy_leaves_it(seed, n_looks):
    rng = np.random.default_rng(seed)
    looks = [look(rng.normal(size=(8, 2))) for _ in range(n_looks)]
    p = max_t_p_values(looks)
    assert ((p > 0) & (p <= 1)).all()
    assert (max_t_p_values([*looks, looks[0]])[:-1] == p).all()
    assert (max_t_p_values([*looks, look(rng.normal(size=(8, 2)))])[:-1] >= p).all()


def test_order_and_scale_of_looks_do_not_matter():
    rng = np.random.default_rng(1)
    tables = rng.normal(size=(4, 12, 2))
    p = max_t_p_values([look(table) for table in tables])
    assert (max_t_p_values([look(1e6 * table) for table in tables[::-1]]) == p[::-1]).all()


def test_equal_days_flip_together_and_other_days_apart():
    steady = np.r_[np.ones(11), -0.5]
    alone = max_t_p_values([look(steady)])[0, 0]
    beside_itself = max_t_p_values([look(steady), look(steady)])[0, 0]
    elsewhere = max_t_p_values([look(steady), look(steady, start=10_000)])[0, 0]
    # Flipping independently, the other look is as good as this one as often as this one by chance: twice as often.
    assert beside_itself == alone
    assert elsewhere == pytest.approx(2 * alone, rel=0.5)
    # A day more of data moves all blocks a little, and they still flip together.
    assert max_t_p_values([look(steady), look(steady, start=1)])[0, 0] == alone


def test_long_blocks_beside_short_ones_are_not_cut():
    p = max_t_p_values([look(np.ones(12), length=100), look(np.ones(12), length=10)])
    assert p.shape == (2, 1)
    assert (p < 0.02).all()


def noise(rng, edges, shared, own):
    """Return a look at a random series of which a part is common to all looks."""
    series = shared + own * rng.normal(size=shared.size)
    return BlockScores(tuple(edges), tuple((float(series[a:b].sum()),) for a, b in itertools.pairwise(edges)))


@pytest.mark.parametrize(
    "regions",
    [
        [(0, 600)] * 4,
        [(150, 600), (300, 600), (305, 610), (310, 620)],
        [(0, 300), (200, 500), (400, 600), (550, 700)],
        [(0, 700), (600, 660), (0, 60), (0, 700)],
    ],
    ids=["equal", "growing", "overlapping", "long and short"],
)
def test_size_without_skill_whatever_the_days(regions):
    rng, n_sets, found = np.random.default_rng(2), 250, 0
    for _ in range(n_sets):
        shared = rng.normal(size=700)
        looks = [noise(rng, np.linspace(a, b, 13).round().astype(int).tolist(), shared, 1.0) for a, b in regions]
        found += bool(max_t_p_values(looks).min() <= 0.05)
    # 5 % and three standard errors.
    assert found / n_sets <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_sets)


def test_ten_similar_looks_keep_the_power_of_one():
    rng, n_sets, alone, best = np.random.default_rng(3), 200, 0, 0
    for _ in range(n_sets):
        shared = rng.normal(size=600) + 0.09
        looks = [noise(rng, list(range(0, 601, 50)), shared, 0.35) for _ in range(10)]
        alone += max_t_p_values(looks[:1])[0, 0] <= 0.05
        best += max_t_p_values(looks).min() <= 0.05
    assert alone / n_sets > 0.5
    assert best >= 0.9 * alone


def test_a_look_without_scores_is_no_evidence():
    assert max_t_p_values([look(np.zeros(6))])[0, 0] == 1.0
    assert max_t_p_values([look(np.zeros(6)), look(np.ones(6))])[1, 0] == 2**-6
    assert max_t_p_values([]).size == 0


@pytest.mark.parametrize(
    ("edges", "sums"),
    [
        ((), ()),
        ((0, 1), ()),
        ((0, 1, 2), ((1.0,),)),
        ((0, 0), ((1.0,),)),
        ((0, float("inf")), ((1.0,),)),
        ((0, 1), ((float("nan"),),)),
        ((0, 1, 2), ((1.0,), (1.0, 2.0))),
        ((0, 1), ((),)),
    ],
)
def test_broken_scores_are_refused(edges, sums):
    with pytest.raises(DatasetError):
        BlockScores(edges, sums)


def test_looks_against_different_guards_are_refused():
    with pytest.raises(DatasetError, match="equally many guards"):
        max_t_p_values([look(np.ones(6)), look(np.ones((6, 2)))])


def test_many_looks_take_little_memory():
    rng = np.random.default_rng(4)
    looks = [look(rng.normal(size=12), start=7 * k, length=10 + k % 5) for k in range(60)]
    tracemalloc.start()
    assert max_t_p_values(looks).shape == (60, 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4e6  # 1.5 MB in chunks of flips; 10 MB with all flips at once


def test_blocks_hold_two_labels_where_there_are_enough():
    assert [number_of_blocks(n, 5.0) for n in (1, 60, 100, 120, 10_000)] == [6, 6, 10, 12, 12]
