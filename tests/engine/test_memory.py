"""What a session holds is freed when nobody refers to it any more."""

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import livermore.indicators as ta
from livermore.strategies import Strategy


class Reading(Strategy):
    """Reads everything that refers to candles."""

    def before(self) -> None:
        self.kept = self.candles, self.candles[:-1], self.get_candles(self.exchange, self.symbol, "1m")
        self.mean = ta.sma(self.candles, 5), ta.ema(self.candles[:-1], 3), ta.rsi(self.candles, 4, sequential=True)

    def should_long(self) -> bool:
        return self.index % 7 == 0 and not np.isnan(self.mean[0])

    def go_long(self) -> None:
        self.buy = 1, self.price

    def on_open_position(self, order: Any) -> None:
        assert len(self.candles)
        self.take_profit = 1, self.price * 1.01
        self.stop_loss = 1, self.price * 0.99


@pytest.mark.parametrize("timeframe", ["1m", "5m"])
def test_a_finished_session_is_freed(timeframe: str, session_of: Any, random_minutes: Any) -> None:
    session = session_of(Reading, random_minutes(1, 600), timeframe)
    session.run()
    market = session.markets["BTC-USDT"]
    series = [market.frame(name).series for name in ("1m", "5m")]
    seen = [weakref.ref(one) for one in (session, *series)]
    # The memory that views show.
    seen += [weakref.ref(one.view(3).base) for one in series]
    del session, market, series
    gc.collect()
    assert [ref() for ref in seen] == [None] * len(seen)


def test_a_slice_that_is_kept_longer_than_its_session_is_a_plain_array(session_of: Any, random_minutes: Any) -> None:
    rows = random_minutes(1, 100)
    session = session_of(Reading, rows, "1m")
    session.run()
    kept = session.runners[0].strategy.kept[1]
    expected = ta.sma(rows[:-1].copy(), 5)
    del session
    gc.collect()
    assert np.array_equal(kept, rows[:-1])
    assert ta.sma(kept, 5) == expected


def test_many_sessions_hold_no_more_memory_than_few(session_of: Any, random_minutes: Any) -> None:
    rows = random_minutes(1, 400)
    alive: list[weakref.ref[Any]] = []
    for _ in range(1000):
        session = session_of(Reading, rows, "5m")
        session.run()
        alive.append(weakref.ref(session.markets["BTC-USDT"].frame("5m").series))
        del session
    gc.collect()
    assert sum(ref() is not None for ref in alive) == 0
