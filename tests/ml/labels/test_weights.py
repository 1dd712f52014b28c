"""Sample weights against the book's examples and brute force on a grid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import DatasetError
from livermore.ml.labels import (
    LabelWindows,
    average_uniqueness,
    concurrency,
    effective_sample_size,
    return_attribution,
    sequential_bootstrap,
    time_decay,
)

intervals = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), min_size=1, max_size=20)
BOOK = LabelWindows.of([0, 2, 4], [3, 4, 6])  # López de Prado (2018), section 4.5.3


def indicator_matrix(windows):
    bars = np.arange(windows.end.max())
    return ((bars[:, None] >= windows.start) & (bars[:, None] < windows.end)).astype(float)


def of(pairs):
    start = np.array([a for a, _ in pairs])
    return LabelWindows.of(start, start + np.array([life for _, life in pairs]))


def test_the_books_example_of_average_uniqueness():
    assert average_uniqueness(BOOK) == pytest.approx([5 / 6, 3 / 4, 1])


@given(intervals)
def test_uniqueness_and_concurrency_agree_with_the_indicator_matrix(pairs):
    windows = of(pairs)
    matrix = indicator_matrix(windows)
    open_labels = matrix.sum(axis=1)
    assert concurrency(windows, np.arange(len(matrix))).tolist() == open_labels.tolist()
    share = matrix / np.maximum(open_labels, 1)[:, None]
    assert average_uniqueness(windows) == pytest.approx(share.sum(axis=0) / matrix.sum(axis=0))


def test_uniqueness_does_not_depend_on_the_order_of_rows():
    windows = of([(3, 5), (0, 4), (20, 2), (1, 9)])
    order = np.array([2, 0, 3, 1])
    assert average_uniqueness(windows.take(order)) == pytest.approx(average_uniqueness(windows)[order])


def test_symbols_share_a_clock_unless_told_otherwise():
    windows = LabelWindows.of([0, 0], [10, 10])
    assert average_uniqueness(windows).tolist() == [0.5, 0.5]
    assert average_uniqueness(windows, groups=["BTC", "ETH"]).tolist() == [1.0, 1.0]


def test_effective_sample_size_of_disjoint_and_of_identical_labels():
    assert effective_sample_size(LabelWindows.of([0, 10, 20], [10, 20, 30])) == pytest.approx(3)
    assert effective_sample_size(LabelWindows.of([0] * 8, [10] * 8)) == pytest.approx(1)


@given(intervals, st.integers(0, 2**32 - 1))
def test_return_attribution_agrees_with_the_sum_over_bars(pairs, seed):
    windows = of(pairs)
    matrix = indicator_matrix(windows)
    returns = np.random.default_rng(seed).normal(size=len(matrix))
    shared = returns / np.maximum(matrix.sum(axis=1), 1)
    expected = np.abs(matrix.T @ shared)
    # Bar b's return is known one second after it began.
    weight = return_attribution(windows, np.arange(len(matrix)) + 1, returns)
    assert weight == pytest.approx(expected * len(windows) / expected.sum())


def test_return_attribution_refuses_what_it_cannot_read():
    with pytest.raises(DatasetError, match="bar_time must increase"):
        return_attribution(BOOK, [1, 1], [0.1, 0.1])
    with pytest.raises(DatasetError, match="bar_time has 2 entries and log_returns 1"):
        return_attribution(BOOK, [1, 2], [0.1])
    with pytest.raises(DatasetError, match="share a unit"):
        return_attribution(BOOK, [1000, 2000], [0.1, 0.1])


@pytest.mark.parametrize(
    ("oldest", "expected"),
    [(1.0, [1, 1, 1, 1]), (0.5, [0.625, 0.75, 0.875, 1]), (0.0, [0.25, 0.5, 0.75, 1]), (-0.5, [0, 0, 0.5, 1])],
)
def test_time_decay_by_the_books_formula(oldest, expected):
    assert time_decay(np.ones(4), [10, 20, 30, 40], oldest) == pytest.approx(expected)


def test_time_decay_follows_time_and_not_rows():
    assert time_decay([1, 1, 1], [30, 10, 20], 0.0) == pytest.approx([1, 1 / 3, 2 / 3])


def test_time_decay_refuses_a_share_out_of_range():
    with pytest.raises(DatasetError, match=r"oldest must lie in \(-1, 1\]; it is -1"):
        time_decay([1.0], [0], -1)


def test_the_second_draw_of_the_sequential_bootstrap_has_the_books_probabilities():
    # Section 4.5.3: after drawing label 2, the chances are 5/14, 3/14 and 6/14.
    random = np.random.default_rng(0)
    seconds = []
    for seed in random.integers(2**31, size=6000):
        first, second = sequential_bootstrap(BOOK, 2, random_state=int(seed))
        if first == 1:
            seconds.append(second)
    share = np.bincount(seconds, minlength=3) / len(seconds)
    assert share == pytest.approx([5 / 14, 3 / 14, 6 / 14], abs=0.035)


def test_the_sequential_bootstrap_draws_more_unique_samples_than_chance():
    random = np.random.default_rng(1)
    start = random.integers(0, 60, 40)
    windows = LabelWindows.of(start, start + random.integers(1, 20, 40))
    sequential = [
        average_uniqueness(windows.take(sequential_bootstrap(windows, random_state=s))).mean() for s in range(40)
    ]
    chance = [average_uniqueness(windows.take(random.integers(0, 40, 40))).mean() for _ in range(40)]
    assert np.mean(sequential) > np.mean(chance)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 15)), min_size=1, max_size=30),
)
def test_uniqueness_is_the_mean_of_one_over_the_open_labels(pairs):
    start = np.array([first for first, _ in pairs])
    end = start + np.array([length + 1 for _, length in pairs])
    seconds = np.arange(0, 60)
    open_labels = ((start[:, None] <= seconds) & (seconds < end[:, None])).sum(axis=0)
    expected = [np.mean([1 / open_labels[t] for t in range(a, b)]) for a, b in zip(start, end, strict=True)]
    np.testing.assert_allclose(average_uniqueness(LabelWindows(start, end)), expected)


def test_no_labels_have_no_uniqueness():
    assert average_uniqueness(LabelWindows.of([], [])).shape == (0,)
