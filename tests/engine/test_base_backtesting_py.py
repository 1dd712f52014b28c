"""Trades equal to those of the package backtesting.py, on daily and hourly candles, where the rules coincide.

They do for market orders. backtesting.py fills them at the next candle's open, or at the close of the one that has just
ended; livermore at that close. On candles that open where the one before closed, both are one price.
"""

import warnings
from typing import Any

import numpy as np
import pytest

from livermore.engine import open_session
from livermore.strategies import Strategy

HOUR = 3_600_000
DAY = 24 * HOUR
FAST, SLOW = 10, 40
SIZE = 7
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def _signal(closes: np.ndarray) -> int:
    """Return 1 to be long, -1 to be short, 0 to be flat: by averages that cross, with a band between."""
    if len(closes) < SLOW:
        return 0
    distance = closes[-FAST:].mean() / closes[-SLOW:].mean() - 1
    return 1 if distance > 0.003 else -1 if distance < -0.003 else 0


class Crossing(Strategy):
    """Holds what the signal says, by market orders."""

    def _side(self) -> int:
        return _signal(np.asarray(self.candles[:, 2]))

    def should_long(self) -> bool:
        return self._side() == 1

    def should_short(self) -> bool:
        return self._side() == -1

    def go_long(self) -> None:
        self.buy = SIZE, self.price

    def go_short(self) -> None:
        self.sell = SIZE, self.price

    def update_position(self) -> None:
        if self._side() != (1 if self.is_long else -1):
            self.liquidate()


def _candles(times: np.ndarray, *, gaps: bool) -> np.ndarray:
    """Return a random walk; with gaps, candles open elsewhere than the one before closed."""
    rng = np.random.default_rng(5)
    count = len(times)
    close = (2000 * np.exp(np.cumsum(rng.normal(0, 0.01, count)))).round(2)
    opening = np.r_[2000.0, close[:-1]]
    if gaps:
        opening = (opening * (1 + rng.normal(0, 0.005, count))).round(2)
    high = (np.maximum(opening, close) * (1 + np.abs(rng.normal(0, 0.004, count)))).round(2)
    low = (np.minimum(opening, close) * (1 - np.abs(rng.normal(0, 0.004, count)))).round(2)
    return np.column_stack([times, opening, close, high, low, np.ones(count)])


def _weekdays() -> np.ndarray:
    """Return the Mondays to Fridays of thirty years."""
    days = np.arange("1995-01-01", "2025-01-01", dtype="datetime64[D]")
    return days[np.is_busday(days)].astype("datetime64[ms]").astype(np.float64)


TIMES = {"1D": _weekdays(), "1h": float(np.datetime64("2023-01-01", "ms").astype(np.int64)) + HOUR * np.arange(8760.0)}


def _theirs(rows: np.ndarray, *, at_close: bool) -> list[tuple[float, ...]]:
    """Return the trades of backtesting.py: side, prices, times of the candles at which they were made, profit."""
    backtesting = pytest.importorskip("backtesting", reason="needs backtesting.py: pip install 'livermore[test]'")
    import pandas as pd

    class Theirs(backtesting.Strategy):  # type: ignore[name-defined, misc]
        def init(self) -> None:
            pass

        def next(self) -> None:
            side = _signal(np.asarray(self.data.Close))
            held = int(np.sign(self.position.size))
            if side != held:
                self.position.close()
                if side:
                    (self.buy if side > 0 else self.sell)(size=SIZE)

    frame = pd.DataFrame(
        rows[:, [1, 3, 4, 2, 5]],
        columns=["Open", "High", "Low", "Close", "Volume"],
        index=pd.to_datetime(rows[:, 0].astype(np.int64), unit="ms"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test = backtesting.Backtest(frame, Theirs, cash=1_000_000, trade_on_close=at_close, finalize_trades=False)
        trades = test.run()._trades
    return [
        (float(np.sign(t.Size)), t.EntryPrice, t.ExitPrice, float(t.EntryBar), float(t.ExitBar), t.PnL)
        for t in trades.itertuples()
    ]


def _ours(arguments: Any, rows: np.ndarray, base: str, *, at_close: bool) -> list[tuple[float, ...]]:
    given = arguments(Crossing, rows, base, base=base, warm_up_candles=0, starting_balance=1_000_000)
    session = open_session(**given)
    session.run()
    last = len(rows) - 1
    ends = session.clock.ends

    def bar(time: float) -> float:
        """Return the candle at which backtesting.py books what happens at a time: the one that ended, or the next."""
        ended = int(np.searchsorted(np.asarray(ends), time))
        return float(min(last, ended if at_close else ended + 1))

    return [
        (1.0 if t.type == "long" else -1.0, t.entry_price, t.exit_price, bar(t.opened_at), bar(t.closed_at), t.pnl)
        # Without the one that is open at the end: there the two differ.
        for t in session.trades[: len(session.trades) - len(session.open_at_end)]
    ]


@pytest.mark.parametrize("base", ["1D", "1h"])
@pytest.mark.parametrize("at_close", [True, False])
def test_trades_are_those_of_backtesting_py(base: str, at_close: bool, arguments: Any) -> None:
    """At the close of candles with gaps between them, and at the open of candles without."""
    rows = _candles(TIMES[base], gaps=at_close)
    theirs = np.array(sorted(_theirs(rows, at_close=at_close), key=lambda trade: trade[4]))
    ours = np.array(_ours(arguments, rows, base, at_close=at_close))
    assert len(theirs) > 100
    assert ours.shape == theirs.shape
    side, entry, leave, opened, closed, profit = range(6)
    assert np.array_equal(ours[:, [side, opened, closed]], theirs[:, [side, opened, closed]])
    # The price of a trade is an average over its orders here, which may differ in the last bit.
    np.testing.assert_allclose(ours[:, [entry, leave]], theirs[:, [entry, leave]], rtol=1e-14)
    np.testing.assert_allclose(ours[:, profit], theirs[:, profit], atol=1e-7)
