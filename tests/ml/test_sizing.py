"""Bet sizes: against the book's formula computed another way, and the invariants that money depends on."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from livermore.errors import DatasetError
from livermore.ml.sizing import average_open_bets, bet_size, discretise, linear_risk

probabilities = st.floats(0, 1)


def book_size(p: float, k: int) -> float:
    """Section 10.3, with scipy's normal distribution."""
    return 2 * norm.cdf((p - 1 / k) / math.sqrt(p * (1 - p))) - 1


@pytest.mark.parametrize("k", [2, 3, 7])
@pytest.mark.parametrize("p", [0.01, 0.2, 0.5, 0.6, 0.75, 0.95, 0.999])
def test_size_is_the_books(p, k):
    assert bet_size(p, n_classes=k) == pytest.approx(book_size(p, k), abs=1e-14)
    assert bet_size(p, side=-1, n_classes=k) == pytest.approx(-book_size(p, k), abs=1e-14)


@given(st.lists(st.tuples(probabilities, st.sampled_from([-1, 0, 1])), min_size=1, max_size=20), st.integers(2, 5))
def test_one_by_one_is_the_same_as_all_at_once(rows, k):
    p, side = map(list, zip(*rows, strict=True))
    together = bet_size(p, side, n_classes=k, step=0.05)
    assert together.tolist() == [bet_size(a, b, n_classes=k, step=0.05) for a, b in rows]
    assert np.all(np.abs(together) <= 1)


@given(probabilities, probabilities)
def test_a_surer_model_never_bets_less(p, q):
    low, high = sorted((p, q))
    assert bet_size(low) <= bet_size(high)
    assert linear_risk(low, 0.55) <= linear_risk(high, 0.55)


@pytest.mark.parametrize(("p", "size"), [(0.0, -1.0), (1.0, 1.0), (0.5, 0.0), (math.nan, 0.0)])
def test_ends_and_a_missing_prediction(p, size):
    assert bet_size(p) == size
    assert bet_size([p])[0] == size


def test_a_skipped_prediction_risks_nothing():
    assert linear_risk(math.nan, 0.5) == 0.0
    assert linear_risk([math.nan, 1.0], 0.5).tolist() == [0.0, 2.0]


def test_numpy_scalars_are_scalars():
    assert isinstance(bet_size(np.float64(0.7)), float)
    assert isinstance(linear_risk(np.float32(0.75)), float)


def brute_force_average(sizes, start, end, at):
    open_now = [s for s, a, b in zip(sizes, start, end, strict=True) if a <= at < b]
    return sum(open_now) / len(open_now) if open_now else 0.0


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 30), st.integers(0, 12)), min_size=1, max_size=25),
    st.lists(st.integers(-2, 45), min_size=1, max_size=10),
)
def test_average_over_open_bets_against_counting(bets, times):
    sizes = [s for s, _, _ in bets]
    start = [a for _, a, _ in bets]
    end = [a + length for _, a, length in bets]
    expected = [brute_force_average(sizes, start, end, at) for at in times]
    np.testing.assert_allclose(average_open_bets(sizes, start, end, times), expected, atol=1e-12)
    own = [brute_force_average(sizes, start, end, at) for at in start]
    np.testing.assert_allclose(average_open_bets(sizes, start, end), own, atol=1e-12)


def test_averaging_comes_before_rounding():
    # 0.4363 and 0 average to 0.218, which rounds to 0.2; rounded first, it would be 0.4 and 0.2.
    sizes = bet_size([0.75, 0.5], step=0.2, time=[0, 1], label_time=[9, 9])
    np.testing.assert_allclose(sizes, [0.4, 0.2])


@given(st.floats(-1, 1), st.floats(0.01, 1))
def test_rounding_stays_near_and_inside(size, step):
    rounded = discretise(size, step)
    assert abs(rounded) <= 1
    assert abs(rounded - size) <= step / 2 + 1e-12
    assert discretise([size], step)[0] == pytest.approx(rounded, abs=1e-15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bet_size(1.2), "from 0 to 1; it is 1.2"),
        (lambda: bet_size([0.5, -0.1]), "from 0 to 1; it is -0.1"),
        (lambda: bet_size(0.6, side=2), "side must be 1, 0 or -1; it is 2"),
        (lambda: bet_size([0.6], side=[0.5]), "side must be 1, 0 or -1; it is 0.5"),
        (lambda: bet_size(0.6, step=2), "step must be from 0"),
        (lambda: bet_size(0.6, n_classes=1), "n_classes must be"),
        (lambda: bet_size([0.6], time=[1]), "give both time and label_time"),
        (lambda: average_open_bets([1, 1], [0, 5], [9, 4]), "Bet 1 ends at 4, before it was placed at 5"),
        (lambda: average_open_bets([1, 1], [0], [9]), "must have one shape"),
        (lambda: linear_risk(0.7, threshold=1.0), "threshold must be from 0 to below 1"),
        (lambda: linear_risk(-0.5), "from 0 to 1; it is -0.5"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(DatasetError, match=message):
        call()


def test_importing_is_cheap():
    code = "import sys, livermore.ml.sizing; print([m for m in ('scipy', 'sklearn', 'pandas') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
