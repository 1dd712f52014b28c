"""Runs whose candles align to trading sessions."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livermore.candles import Base
from livermore.engine import BacktestSpec, open_session
from livermore.errors import CandleError
from livermore.strategies import Strategy

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEW_YORK = {
    "timezone": "America/New_York",
    "hours": {"Mon-Fri": "09:30-16:00"},
    "overrides": {"2024-07-03": "09:30-13:00"},
    "closed": ["2024-07-04"],
}
MARKET = {"exchange": "Sandbox", "symbol": "BTC-USDT"}


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000


def session_candles(base: Base, start: str, days: int, random_minutes: Any, seed: int = 1) -> np.ndarray:
    """Return random candles at all times of some days at which one can open."""
    every = np.arange(at(start), at(start) + days * DAY, 30 * MINUTE)
    times = every[base.are_openings(every)]
    rows = random_minutes(seed, len(times), gaps=0.1)
    rows[:, 0] = times
    return rows


class Looks(Strategy):
    """Notes when its bars run, and how many candles it sees."""

    seen: ClassVar[list[tuple[float, float, int]]] = []

    def before(self) -> None:
        type(self).seen.append((self.time, float(self.current_candle[0]), len(self.candles)))

    def should_long(self) -> bool:
        return False

    def go_long(self) -> None:
        pass


@pytest.mark.parametrize("base", ["30m", "1h", "4h"])
def test_bars_run_when_sessions_say_so(base: str, run: Any, random_minutes: Any) -> None:
    """Also on the half day before a holiday, over the night, and over the weekend."""
    Looks.seen = []
    rows = session_candles(Base(base, NEW_YORK), "2024-07-03", 6, random_minutes)
    run(Looks, rows, "4h", base=base, calendar=NEW_YORK)
    ends = ["07-03 17:00", "07-05 17:30", "07-05 20:00", "07-08 17:30", "07-08 20:00"]
    openings = ["07-03 13:30", "07-05 13:30", "07-05 17:30", "07-08 13:30", "07-08 17:30"]
    expected = [
        (at(f"2024-{end}"), at(f"2024-{opening}"), bar)
        for bar, (end, opening) in enumerate(zip(ends, openings, strict=True), start=1)
    ]
    assert Looks.seen == expected


@pytest.mark.parametrize("timeframe", ["1h", "4h", "1D", "1W"])
def test_candles_of_sessions_fed_one_by_one_give_what_they_give_in_bulk(
    timeframe: str, arguments: Any, random_minutes: Any, restless: Any
) -> None:
    rows = session_candles(Base("30m", NEW_YORK), "2024-06-03", 60, random_minutes)
    given = arguments(restless.Restless, rows, timeframe, base="30m", calendar=NEW_YORK, warm_up_candles=0)
    bulk = open_session(**given)
    bulk.run()
    fed = BacktestSpec(given["config"], given["routes"]).open_fed(start=rows[0, 0])
    with fed.running():
        fed.start()
        for row in rows:
            fed.feed({"BTC-USDT": row})
        fed.finish()
    assert fed.runners[0].strategy.seen == bulk.runners[0].strategy.seen
    assert len(bulk.runners[0].strategy.seen) >= 8
    assert [t.to_dict["PNL"] for t in fed.trades] == [t.to_dict["PNL"] for t in bulk.trades]
    assert (fed.equity.times, fed.equity.values) == (bulk.equity.times, bulk.equity.values)


@pytest.mark.parametrize("base", ["30m", "1D"])
def test_the_equity_is_recorded_at_the_end_of_each_session(
    base: str, session_of: Any, random_minutes: Any, restless: Any
) -> None:
    rows = session_candles(Base(base, NEW_YORK), "2024-07-01", 8, random_minutes)
    session = session_of(restless.Restless, rows, base, base=base, calendar=NEW_YORK)
    session.run()
    closes = ["07-01 20:00", "07-02 20:00", "07-03 17:00", "07-05 20:00", "07-08 20:00"]
    assert session.equity.times[1:] == [at(f"2024-{close}") for close in closes]


def test_candles_outside_of_the_sessions_are_refused(run: Any, random_minutes: Any) -> None:
    rows = session_candles(Base("1h", NEW_YORK), "2024-07-01", 8, random_minutes)
    rows[3, 0] += 30 * MINUTE
    with pytest.raises(CandleError, match=r"row 3 \(2024-07-01 17:00 UTC\): no candle of 1h of the trading hours"):
        run(Looks, rows, "1h", base="1h", calendar=NEW_YORK)


BASES = [("1h", None, "4h"), ("1D", None, "3D"), ("1h", NEW_YORK, "4h"), ("1D", NEW_YORK, "1W")]


@settings(max_examples=24, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1000), cut=st.floats(0.1, 0.95), kind=st.sampled_from(BASES), fill=st.booleans())
def test_other_candles_in_the_future_change_nothing_before_them(
    seed: int, cut: float, kind: Any, fill: bool, arguments: Any, random_minutes: Any, restless: Any
) -> None:
    """No look-ahead: what was seen and done up to a time is the same whatever comes after it."""
    base, calendar, timeframe = kind
    span = 60 if base == "1h" else 500
    rows = session_candles(Base(base, calendar), "2023-03-02", span, random_minutes, seed)
    other = rows.copy()
    first = int(cut * len(rows))
    other[first:, 1:5] *= 1.3
    if fill:
        other = np.delete(other, np.arange(first, len(rows), 3), axis=0)
    time = Base(base, calendar).end(rows[first - 1, 0])
    found = []
    for candles in (rows, other):
        given = arguments(
            restless.Restless, candles, base, [("BTC-USDT", timeframe)], base=base, calendar=calendar, fee=0.001
        )
        session = open_session(**given)
        session.run()
        seen = [row for row in session.runners[0].strategy.seen if isinstance(row[0], int) and row[1] <= time]
        trades = [(t.entry_price, t.exit_price, t.pnl) for t in session.trades if t.closed_at <= time]
        equity = [pair for pair in zip(session.equity.times, session.equity.values, strict=True) if pair[0] <= time]
        found.append((seen, trades, equity))
    assert len(found[0][0]) > 0
    assert found[0] == found[1]
