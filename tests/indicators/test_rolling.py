"""Values of many windows computed side by side are those of each window alone, bit for bit."""

import itertools
from typing import Any

import numpy as np
import pytest

import livermore.indicators as ta
from livermore.candles import synthetic_candles
from livermore.market.indicator_window import indicator_window
from livermore.market.series import CandleSeries
from livermore.testing import sample_markets

WINDOW = 60
CALLS = [
    ("ema", {"period": 9}),
    ("ema", {"period": 60, "source_type": "hl2"}),
    ("ema", {"period": 61}),
    ("sma", {"period": 1}),
    ("sma", {"period": 20}),
    ("atr", {"period": 1}),
    ("atr", {"period": 60}),
    ("rsi", {"period": 1}),
    ("rsi", {"period": 59}),
    ("rsi", {"period": 60}),
    ("adx", {"period": 7}),
    ("adx", {"period": 29}),
    ("adx", {"period": 30}),
    ("srsi", {}),
    ("srsi", {"period": 3, "period_stoch": 5, "k": 1, "d": 4}),
    ("srsi", {"period": 30, "period_stoch": 26}),
    ("srsi", {"period": 30, "period_stoch": 27}),
    ("stoch", {"fastk_period": 5, "slowk_period": 1, "slowd_period": 4}),
    ("macd", {"fast_period": 3, "slow_period": 70}),
    ("keltner", {"multiplier": 1.5, "source_type": "hlc3"}),
    ("keltner", {"matype": 0}),
    ("bollinger_bands", {"period": 2, "devup": 1, "devdn": 3}),
    ("bollinger_bands", {"devtype": 1}),
    ("supertrend", {"period": 1, "factor": 0.5}),
    ("supertrend", {"factor": 1}),
]


@pytest.fixture(params=["random", "flat", "coarse"])
def market(request: pytest.FixtureRequest) -> Any:
    return sample_markets()[request.param]


@pytest.fixture(autouse=True)
def _window() -> Any:
    token = indicator_window.set(WINDOW)
    yield
    indicator_window.reset(token)


def looked_up(name: str, params: dict[str, Any], market: Any, ends: Any) -> list[str]:
    series = CandleSeries(market, exchange="E", symbol="A-B", timeframe="15m", warm_up_candles=WINDOW)
    return [repr(getattr(ta, name)(series.view(end), **params)) for end in ends]


def direct(name: str, params: dict[str, Any], market: Any, ends: Any) -> list[str]:
    return [repr(getattr(ta, name)(market[:end].copy(), **params)) for end in ends]


@pytest.mark.parametrize(("name", "params"), CALLS)
def test_every_bar(name: str, params: dict[str, Any], market: Any) -> None:
    ends = range(WINDOW - 3, len(market) + 1)
    assert looked_up(name, params, market, ends) == direct(name, params, market, ends)


@pytest.mark.parametrize("name", ["ema", "supertrend", "srsi"])
@pytest.mark.parametrize("steps", [(6,), (1, 1, 1, 9), (5, -3, 1, 1, -2), (2, 1)])
def test_bars_skipped_and_looked_back_at(name: str, steps: tuple[int, ...], market: Any) -> None:
    ends = list(itertools.takewhile(lambda end: end <= len(market), itertools.accumulate((62, *steps * 99))))
    assert looked_up(name, {}, market, ends) == direct(name, {}, market, ends)


def test_chunks_of_many_windows() -> None:
    candles = synthetic_candles(1_500, seed=5)
    ends = range(70, 1_501)
    for name in ("ema", "adx", "srsi"):
        assert looked_up(name, {}, candles, ends) == direct(name, {}, candles, ends)


def test_prices_that_are_no_numbers_are_left_out_of_a_mean(market: Any) -> None:
    market[80, 2] = np.nan
    ends = range(WINDOW + 1, len(market) + 1)
    for name in ("sma", "rsi", "ema", "bollinger_bands", "supertrend", "adx"):
        assert looked_up(name, {}, market, ends) == direct(name, {}, market, ends)
