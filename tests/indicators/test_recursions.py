"""Recursions over windows side by side: built for any processor, for wide vectors, or run as Python, they agree."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from livermore.indicators import _rolling
from livermore.indicators._kernels import recursions, trend
from livermore.indicators._rolling import Windows
from livermore.testing._kernels import uncompiled

WINDOW = 40
PLAIN = uncompiled(recursions)


def every_recursion(kernels: ModuleType, period: int) -> list[Any]:
    return [
        kernels.Ema(period=period),
        kernels.Sma(period=period, source_type="hl2"),
        kernels.Macd(fast_period=3, slow_period=7, signal_period=period),
        kernels.Atr(period=period),
        kernels.Keltner(period=period, multiplier=1.5),
        kernels.Rsi(period=period),
        kernels.StochasticRsi(period=period, period_stoch=period, k=3, d=3),
        kernels.Adx(period=period),
        kernels.BollingerBands(period=period, devup=2, devdn=1.5),
        kernels.SuperTrend(period=period, factor=1.5),
    ]


def results(
    monkeypatch: pytest.MonkeyPatch, build: ModuleType, bars: np.ndarray, step: int, period: int
) -> list[tuple[bytes, ...] | None]:
    """The states and values of all recursions: of `recursions`, computed by another build of the same file."""
    monkeypatch.setattr(_rolling, "fastest_build", lambda: build)
    if build is PLAIN:
        monkeypatch.setattr(_rolling, "recursions", PLAIN)
    found: list[tuple[bytes, ...] | None] = []
    for recursion in every_recursion(PLAIN if build is PLAIN else recursions, period):
        states = _rolling.last_states(recursion, bars, Windows(WINDOW, step))
        values = _rolling.last_values(recursion, bars, Windows(WINDOW, step))
        found += [None if x is None else tuple(row.tobytes() for row in x) for x in (states, values)]
    monkeypatch.undo()
    return found


def market(seed: int, rows: int, scale: float, still: bool) -> np.ndarray:
    rng = np.random.default_rng(seed)
    close = scale * np.exp(np.cumsum(rng.normal(0, 0.02, rows))).round(3)
    if still:
        close[rows // 3 : 2 * rows // 3] = close[rows // 3]
    spread = scale * rng.exponential(0.01, (2, rows)).round(3)
    zeros = np.zeros(rows)
    return np.column_stack([zeros, close, close, close + spread[0], close - spread[1], zeros])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 99), st.integers(1, 60), st.integers(1, 9), st.integers(1, 16), st.booleans())
@example(0, 33, 50, 14, False)
def test_all_builds_agree_to_the_bit(seed: int, more: int, step: int, period: int, still: bool) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        bars = market(seed, WINDOW + more, 100.0, still)
        expected = results(monkeypatch, PLAIN, bars, step, period)
        for kernels in {recursions, _rolling.fastest_build()}:
            assert results(monkeypatch, kernels, bars, step, period) == expected


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e200, 1e280])
def test_extreme_prices_are_left_to_true_divisions(scale: float) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        bars = market(1, WINDOW + 20, scale, False)
        with np.errstate(all="ignore"):
            fastest = _rolling.fastest_build()
            assert results(monkeypatch, fastest, bars, 1, 2) == results(monkeypatch, recursions, bars, 1, 2)


@pytest.mark.parametrize("kernels", [recursions, PLAIN])
@pytest.mark.parametrize("place", [0, 4])
def test_what_counts_as_extreme(kernels: ModuleType, place: int) -> None:
    for size in (0.0, -0.0, 1e-5, -3e7, 1e-7, -1e9, np.nan, np.inf, -np.inf, 5e-324):
        x = np.zeros((2, 5))
        x[1, place] = size
        assert bool(kernels.is_moderate(x, 1e-6, 1e8)) == (size in (0.0, 1e-5, -3e7))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(1e-30, 1e30), min_size=1, max_size=30),
    st.integers(1, 5_000),
)
def test_quotients_by_whole_numbers_are_exact(values: list[float], period: int) -> None:
    # One row after the seed: (seed·(period - 1) + x) / period.
    rises = np.concatenate([np.zeros(period + 1), values[:1]])
    inputs = np.repeat(np.concatenate([rises, np.full(_rolling.LANES, rises[-1])])[None], 2, axis=0)
    out = np.empty((2, _rolling.LANES))
    _rolling.fastest_build().Rsi(period=period).run(inputs, np.arange(len(rises)), out)
    assert out[0, 0] == out[1, 0] == (0.0 * (period - 1) + values[0]) / period


@pytest.mark.parametrize("step", [1, 2, 7, 45, 300])
def test_windows_any_number_of_rows_apart(step: int) -> None:
    bars = market(5, 301, 50.0, False)
    found = _rolling.last_values(recursions.Adx(period=7), bars, Windows(WINDOW, step))
    assert found is not None
    alone = [
        trend.directional_index(*bars[start : start + WINDOW, [3, 4, 2]].T, 7)[-1]
        for start in range(0, len(bars) - WINDOW + 1, step)
    ]
    assert found[0].tolist() == alone


def test_windows_too_short_for_a_state_are_left_to_the_pass() -> None:
    bars = market(5, 100, 50.0, False)
    for recursion in every_recursion(recursions, 14):
        rows = max(recursion.seed_rows, 1)
        assert _rolling.last_states(recursion, bars, Windows(rows)) is not None
        if rows > 1:
            assert _rolling.last_states(recursion, bars, Windows(rows - 1)) is None


def test_huge_periods_allocate_nothing() -> None:
    for recursion in (
        recursions.StochasticRsi(period=14, period_stoch=14, k=10**9, d=10**9),
        recursions.Stochastic(fastk_period=10**9, slowk_period=10**9, slowd_period=10**9),
    ):
        assert recursion.seed_rows > 10**9
