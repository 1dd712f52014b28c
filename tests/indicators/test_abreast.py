"""The kernels of windows side by side: built for any processor, for wide vectors, or run as Python, they agree."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from livermore.indicators import _ends as ends
from livermore.indicators._kernels import abreast, laying, trend
from livermore.testing._kernels import uncompiled

WINDOW = 40


PLAIN, PLAIN_LAYING = uncompiled(abreast), uncompiled(laying)


def bits(values: Any) -> list[bytes]:
    return [np.ascontiguousarray(x).tobytes() for x in (values if isinstance(values, tuple) else (values,))]


def results(monkeypatch: pytest.MonkeyPatch, kernels: ModuleType, bars: np.ndarray, step: int, period: int) -> Any:
    """Everything that the kernels compute."""
    monkeypatch.setattr(ends, "widest", lambda: kernels)
    if kernels is PLAIN:
        monkeypatch.setattr(ends, "plain", lambda: kernels)
        monkeypatch.setattr(ends, "laying", PLAIN_LAYING)
    high, low, close = bars.T
    windows = ends.Windows(WINDOW, step)
    count = windows.among(len(bars))
    strength = ends.relative_strength(close, windows, period, period + 4)
    found = [
        ends.ema(close, windows, period),
        ends.macd(close, windows, (3, 7, period)),
        ends.average_range(high, low, close, windows, period),
        strength[:, :count],
        tuple(x[..., :count] for x in ends.stochastic(strength, period, 3, 3)),
        ends.directional_index(high, low, close, windows, period),
        ends.running_deviation(close, windows, period),
        ends.super_trend(high, low, close, windows, period, 1.5),
    ]
    monkeypatch.undo()
    return [bits(x) for x in found]


def market(seed: int, rows: int, scale: float, still: bool) -> np.ndarray:
    rng = np.random.default_rng(seed)
    close = scale * np.exp(np.cumsum(rng.normal(0, 0.02, rows))).round(3)
    if still:
        close[rows // 3 : 2 * rows // 3] = close[rows // 3]
    spread = scale * rng.exponential(0.01, (2, rows)).round(3)
    return np.column_stack([close + spread[0], close - spread[1], close])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 99), st.integers(1, 60), st.integers(1, 9), st.integers(1, 16), st.booleans())
@example(0, 33, 50, 14, False)
def test_all_builds_agree_to_the_bit(seed: int, more: int, step: int, period: int, still: bool) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        bars = market(seed, WINDOW + more, 100.0, still)
        expected = results(monkeypatch, PLAIN, bars, step, period)
        for kernels in {abreast, ends.widest()}:
            assert results(monkeypatch, kernels, bars, step, period) == expected


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e200, 1e280])
def test_extreme_prices_are_left_to_true_divisions(scale: float) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        bars = market(1, WINDOW + 20, scale, False)
        with np.errstate(all="ignore"):
            assert results(monkeypatch, ends.widest(), bars, 1, 2) == results(monkeypatch, abreast, bars, 1, 2)


@pytest.mark.parametrize("kernels", [laying, PLAIN_LAYING])
@pytest.mark.parametrize("place", [1, 4])
def test_what_counts_as_extreme(kernels: ModuleType, place: int) -> None:
    flat, room = np.zeros(5), np.empty((2, 5))
    for size in (0.0, -0.0, 1e-5, -3e7, 1e-7, -1e9, np.nan, np.inf, -np.inf, 5e-324):
        x, usual = flat.copy(), size in (0.0, 1e-5, -3e7)
        x[place:] = size
        with np.errstate(invalid="ignore"):
            assert bool(kernels.changes(x, 1, *room, 1e-6, 1e8)) == usual
            assert bool(kernels.ranges(x, x, x, 1, *room, 1e-6, 1e8)) == usual
            # A fall of the highs, and what is no number, is no movement.
            assert bool(kernels.movements(x, flat, 1, *room, 1e-6, 1e8)) == (usual or not size > 0)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(1e-30, 1e30), min_size=1, max_size=30),
    st.integers(1, 5_000),
)
def test_quotients_by_whole_numbers_are_exact(values: list[float], period: int) -> None:
    # One row behind the seed: (seed·(period - 1) + x) / period.
    x = np.repeat(np.array(values), 1)
    rises = np.concatenate([np.zeros(period + 1), x[:1]])
    where = np.arange(len(rises))
    laid = np.concatenate([rises, np.full(ends.ABREAST, rises[-1])])
    out, other = np.empty((2, 1, ends.ABREAST))
    ends.widest().smoothed(laid, laid, period, where, out, other)
    assert out[0, 0] == other[0, 0] == (0.0 * (period - 1) + x[0]) / period


@pytest.mark.parametrize("step", [1, 2, 7, 45, 300])
def test_windows_any_number_of_rows_apart(step: int) -> None:
    high, low, close = market(5, 301, 50.0, False).T
    found = ends.directional_index(high, low, close, ends.Windows(WINDOW, step), 7)[0]
    starts = range(0, len(close) - WINDOW + 1, step)
    alone = [trend.directional_index(*(x[s : s + WINDOW] for x in (high, low, close)), 7)[-1] for s in starts]
    assert found.tolist() == alone
