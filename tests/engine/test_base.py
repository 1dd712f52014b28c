"""Runs whose candles are longer than a minute."""

from typing import Any, ClassVar

import numpy as np
import pytest

from livermore.engine import BacktestSpec, open_session
from livermore.errors import CandleError, ConfigError, RouteNotFoundError, TimeframeError
from livermore.strategies import Strategy

HOUR = 3_600_000
DAY = 24 * HOUR


class Idle(Strategy):
    """Never trades."""

    def should_long(self) -> bool:
        return False

    def go_long(self) -> None:
        pass


class BuysOnce(Idle):
    """Buys one piece at its first bar, with a stop-loss and a take-profit."""

    def should_long(self) -> bool:
        return self.index == 0

    def go_long(self) -> None:
        self.buy = 1, self.price
        self.stop_loss = 1, 90
        self.take_profit = 1, 110


def _stretched(rows: np.ndarray, length: int) -> np.ndarray:
    """Return candles of one minute as candles of another length."""
    rows = rows.copy()
    rows[:, 0] *= length / 60_000
    return rows


def _told(session: Any, scale: int) -> list[tuple[Any, ...]]:
    """Return what strategies saw and traded, with times in base candles."""
    seen = [
        (*row[:1], row[1] / scale, *row[2:]) if isinstance(row[0], int) else row
        for row in session.runners[0].strategy.seen
    ]
    trades = [
        (t.type, t.opened_at / scale, t.closed_at / scale, t.entry_price, t.exit_price, t.qty, t.pnl)
        for t in session.trades
    ]
    return [*seen, *trades, ("samples", [point["label"]["value"] for point in session.data_points])]


@pytest.mark.parametrize("timeframes", [("1m", "1h"), ("3m", "3h")])
@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_candles_of_another_length_trade_as_minutes_do(
    timeframes: tuple[str, str], missing: float, session_of: Any, random_minutes: Any, restless: Any
) -> None:
    """Nothing but the clock knows how long a candle is."""
    rows = random_minutes(11, 2000, gaps=0.05)
    rows = rows[np.random.default_rng(1).random(len(rows)) >= missing]
    options: dict[str, Any] = {"fee": 0.0007, "futures_leverage": 20, "futures_leverage_mode": "isolated"}
    options["warm_up_candles"] = 5
    by_minute = session_of(restless.Restless, rows, timeframes[0], **options)
    by_hour = session_of(restless.Restless, _stretched(rows, HOUR), timeframes[1], base="1h", **options)
    by_minute.run()
    by_hour.run()
    assert len(by_hour.trades) > 20
    assert _told(by_hour, HOUR) == _told(by_minute, 60_000)


def test_hourly_candles_fed_one_by_one_give_what_they_give_in_bulk(
    arguments: Any, random_minutes: Any, restless: Any
) -> None:
    rows = _stretched(random_minutes(5, 900, gaps=0.05), HOUR)
    given = arguments(restless.Restless, rows, "3h", base="1h", warm_up_candles=0)
    bulk = open_session(**given)
    bulk.run()
    fed = BacktestSpec(given["config"], given["routes"]).open_fed(start=rows[0, 0])
    with fed.running():
        fed.start()
        for row in rows:
            fed.feed({"BTC-USDT": row})
        fed.finish()
    assert len(bulk.trades) > 10
    assert _told(fed, HOUR) == _told(bulk, HOUR)
    assert fed.equity.values == bulk.equity.values


def test_a_day_s_candle_is_matched_along_its_path(run: Any) -> None:
    """A falling candle reaches its high first, so that the take-profit fills and not the stop-loss."""
    rows = np.array([[0, 100, 100, 101, 99, 1], [DAY, 100, 95, 112, 88, 1], [2 * DAY, 95, 95, 96, 94, 1]], float)
    falling = run(BuysOnce, rows, "1D", base="1D").trades
    assert [(t["exit_price"], t["closed_at"]) for t in falling] == [(110, 2 * DAY)]
    rows[1, 2] = 105
    rising = run(BuysOnce, rows, "1D", base="1D").trades
    assert [(t["exit_price"], t["closed_at"]) for t in rising] == [(90, 2 * DAY)]


def test_the_equity_of_daily_candles_is_recorded_each_day(session_of: Any) -> None:
    """Jesse's first value after the start is a day and a minute later: with daily candles that would skip a day."""
    closes = np.array([100, 102, 101, 104, 103.0])
    opens = np.r_[100, closes[:-1]]
    rows = np.column_stack(
        [DAY * np.arange(5), opens, closes, np.maximum(opens, closes), np.minimum(opens, closes), np.ones(5)]
    )
    session = session_of(BuysOnce, rows, "1D", base="1D")
    session.run()
    assert session.equity.times == [DAY * day for day in range(6)]
    assert session.equity.values == [10_000, 10_000, 10_002, 10_001, 10_004, 10_003]


@pytest.mark.parametrize("base", ["1h", "1D"])
def test_a_timeframe_must_be_a_multiple_of_the_base(base: str, run: Any, random_minutes: Any) -> None:
    rows = _stretched(random_minutes(1, 20), HOUR if base == "1h" else DAY)
    with pytest.raises(TimeframeError, match=f"15m is no whole multiple of the base {base}"):
        run(Idle, rows, "15m", base=base)
    with pytest.raises(TimeframeError, match="no whole multiple"):
        run(Idle, rows, base, data_routes=[("BTC-USDT", "45m")], base=base)


def test_candles_of_the_wrong_length_are_refused(run: Any, random_minutes: Any) -> None:
    with pytest.raises(CandleError, match="nearest two candles are 1 minutes apart"):
        run(Idle, random_minutes(1, 200), "1h", base="1h")
    with pytest.raises(CandleError, match="1h open at whole multiples"):
        run(Idle, _stretched(random_minutes(1, 20, start=30_000), HOUR), "1h", base="1h")


@pytest.mark.parametrize("base", ["1d", "", 60, ["1h"], "90m", float("nan")])
def test_a_base_that_is_no_timeframe_is_an_error(base: Any, run: Any, random_minutes: Any) -> None:
    with pytest.raises(ConfigError, match=r"config\['base'\]: unknown timeframe"):
        run(Idle, random_minutes(1, 20), "1h", base=base)


def test_a_strategy_cannot_look_below_the_base(run: Any, random_minutes: Any) -> None:
    class Looks(Idle):
        def before(self) -> None:
            self.get_candles(self.exchange, self.symbol, "1m")

    with pytest.raises(RouteNotFoundError, match="each in 1h, 3h"):
        run(Looks, _stretched(random_minutes(1, 20), HOUR), "3h", base="1h")


def test_warm_up_candles_are_of_the_base(arguments: Any, random_minutes: Any) -> None:
    class Counts(Idle):
        seen: ClassVar[list[int]] = []

        def before(self) -> None:
            type(self).seen.append(len(self.candles))

    rows = _stretched(random_minutes(1, 60), HOUR)
    given = arguments(Counts, rows[36:], "4h", base="1h", warm_up_candles=8)
    market = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
    open_session(**given, warmup_candles={"Sandbox-BTC-USDT": {**market, "candles": rows[:36]}}).run()
    assert Counts.seen == list(range(10, 16))


def test_weeks_and_months_of_daily_candles_are_jesse_s(run: Any) -> None:
    """Weeks open on Thursdays and months last thirty days, whatever the base is."""
    days = np.arange(20_000, 20_070)
    closes = 100 + np.arange(len(days), dtype=float)
    rows = np.column_stack([DAY * days, closes, closes, closes, closes, np.ones(len(days))])

    class Looks(Idle):
        seen: ClassVar[dict[str, Any]] = {}

        def before(self) -> None:
            for timeframe in ("3D", "1W", "1M"):
                type(self).seen[timeframe] = np.array(self.get_candles(self.exchange, self.symbol, timeframe))

    routes = [("BTC-USDT", "3D"), ("BTC-USDT", "1W"), ("BTC-USDT", "1M")]
    run(Looks, rows, "1D", data_routes=routes, base="1D")
    for timeframe, length in (("3D", 3), ("1W", 7), ("1M", 30)):
        bars = Looks.seen[timeframe]
        assert (bars[:, 0] % (length * DAY) == 0).all()
        assert bars[1:-1, 5].tolist() == [length] * (len(bars) - 2)
        assert bars[-1, 2] == closes[-1]
