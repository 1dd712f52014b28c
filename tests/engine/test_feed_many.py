"""Minutes that are fed many at once give what one after another gives, however they are split."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import livermore.indicators as ta
from livermore.engine import Session, SessionResult, open_fed_session
from livermore.errors import CandleError, ConfigError, RouteNotFoundError

TRADE_KEYS = ("type", "entry_price", "exit_price", "qty", "opened_at", "closed_at", "fee", "PNL")


def summary(session: Session) -> Any:
    """Everything about a run that must not depend on how it was fed."""
    result = SessionResult.of(session)
    trades = [tuple(trade[key] for key in TRADE_KEYS) for trade in result.trades]
    fills = [(o.side, o.type, o.filled_qty, o.price, o.executed_at) for t in result.closed_trades for o in t.orders]
    seen = [strategy.seen for strategy in result.strategies]
    # As text: NaN, which an indicator may give, is not equal to itself.
    return trades, fills, repr(seen), result.balances, result.balance_times, result.data_points, result.open_points


def opened(arguments: dict[str, Any]) -> tuple[Session, dict[str, np.ndarray]]:
    """A session that waits for its first minute, and the candles."""
    given = dict(arguments)
    candles = {entry["symbol"]: entry["candles"] for entry in given.pop("candles").values()}
    return open_fed_session(**given, start=min(rows[0, 0] for rows in candles.values())), candles


def fed(arguments: dict[str, Any], cuts: list[int]) -> Any:
    """Feed the minutes in the pieces between the cuts; a piece of one minute by `feed`."""
    session, candles = opened(arguments)
    times = np.unique(np.concatenate([rows[:, 0] for rows in candles.values()]))
    with session.running():
        session.start()
        for first, stop in zip([0, *cuts], [*cuts, len(times)], strict=True):
            if first == stop:
                continue
            piece = {
                symbol: rows[(rows[:, 0] >= times[first]) & (rows[:, 0] <= times[stop - 1])]
                for symbol, rows in candles.items()
            }
            if stop == first + 1:
                session.feed({symbol: rows[0] for symbol, rows in piece.items() if len(rows)})
            else:
                session.feed_many(piece)
        session.finish()
    return summary(session)


@pytest.fixture(scope="module")
def looking(restless: Any) -> Any:
    """Trades at random, and notes what it sees of three timeframes of two symbols and when their last bar ended."""

    class Looking(restless.Restless):
        def _look(self) -> None:
            for symbol in ("BTC-USDT", "ETH-USDT"):
                for timeframe in ("1m", "5m", "15m"):
                    view = self.get_candles(self.exchange, symbol, timeframe)
                    if len(view):
                        self.seen.append((symbol, timeframe, len(view), view.forming, view[-1].tolist()))
            if len(self.candles) > 5:
                self.seen.append((ta.ema(self.candles, 5),))

        def before(self) -> None:
            super().before()
            self._look()

        def on_open_position(self, order: Any) -> None:
            super().on_open_position(order)
            self._look()

        def on_close_position(self, order: Any, closed_trade: Any) -> None:
            super().on_close_position(order, closed_trade)
            self._look()

    return Looking


def with_holes(rows: np.ndarray, share: float, seed: int) -> np.ndarray:
    kept = np.random.default_rng(seed).random(len(rows)) >= share
    kept[0] = True
    return rows[kept]


@settings(max_examples=12)
@given(cuts=st.lists(st.integers(0, 400), max_size=12).map(sorted), holes=st.sampled_from([0, 0.02, 0.3]))
def test_any_split_gives_the_same(cuts: list[int], holes: float, one_by_one: Any) -> None:
    given, expected = one_by_one(holes)
    n = len(np.unique(np.concatenate([entry["candles"][:, 0] for entry in given["candles"].values()])))
    found = fed(given, [min(cut, n) for cut in cuts])
    assert found == expected


@pytest.fixture(scope="module")
def one_by_one(arguments: Any, random_minutes: Any, looking: Any) -> Any:
    """Arguments, and what feeding minute by minute gives, by the share of missing minutes."""
    known: dict[float, Any] = {}

    def of(holes: float) -> Any:
        if holes not in known:
            symbols = ["BTC-USDT", "ETH-USDT", "SOL-USDT"]
            rows = {s: with_holes(random_minutes(i + 1, 400, gaps=0.05), holes, i) for i, s in enumerate(symbols)}
            strategies = {"BTC-USDT": looking, "ETH-USDT": looking}
            routes = [("SOL-USDT", "15m")]
            given = arguments(strategies, rows, "5m", data_routes=routes, fee=0.0007, futures_leverage=3)
            n = len(np.unique(np.concatenate([r[:, 0] for r in rows.values()])))
            expected = fed(given, list(range(n + 1)))
            assert len(expected[0]) > 5
            known[holes] = given, expected
        return known[holes]

    return of


def test_a_short_bar_that_a_later_minute_ends_is_forming_until_then(
    arguments: Any, random_minutes: Any, looking: Any
) -> None:
    rows = random_minutes(1, 40)
    # The last minute of the second bar is missing; the other symbol has it, so that strategies run then.
    candles = {"BTC-USDT": rows, "ETH-USDT": np.delete(rows, [9, 13], axis=0)}
    given = arguments(
        {"BTC-USDT": looking, "ETH-USDT": looking}, candles, "1m", [("BTC-USDT", "5m"), ("BTC-USDT", "15m")]
    )
    assert fed(given, [0, 40]) == fed(given, list(range(41)))


def test_bad_pieces_are_refused_and_change_nothing(arguments: Any, random_minutes: Any, restless: Any) -> None:
    rows = random_minutes(1, 60)
    given = arguments(restless.Restless, rows, "5m")
    session, _ = opened(given)
    with pytest.raises(ConfigError, match="has not been started"):
        session.feed_many({"BTC-USDT": rows})
    with session.running():
        session.start()
        session.feed_many({"BTC-USDT": rows[:30]})
        for bad, error in [
            ({"BTC-USDT": rows[29:]}, "fed too late"),
            ({"BTC-USDT": rows[40:29:-1]}, "BTC-USDT: row 1"),
            ({"BTC-USDT": rows[30]}, "shape"),
            ({"BTC-USDT": np.where(np.arange(6) == 3, np.nan, rows[30:33])}, "high is nan"),
        ]:
            with pytest.raises(CandleError, match=error):
                session.feed_many(bad)
        with pytest.raises(RouteNotFoundError, match="no route has it"):
            session.feed_many({"DOGE-USDT": rows[30:]})
        with pytest.raises(CandleError, match="dict of symbol"):
            session.feed_many(rows[30:])  # type: ignore[arg-type]
        session.feed_many({})
        session.feed_many({"BTC-USDT": rows[30:30]})
        session.feed_many({"BTC-USDT": rows[30:]})
        session.finish()
    assert summary(session) == fed(given, list(range(61)))
