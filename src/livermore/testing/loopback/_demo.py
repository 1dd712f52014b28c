"""A trading day on paper in less than a minute: a live session on the loopback exchange, without account or network."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from livermore.candles import MINUTE_MS, synthetic_candles
from livermore.engine import BacktestSpec
from livermore.live import Event, ExchangeFeed, LiveSession, ManualClock, check_parity
from livermore.strategies import Strategy
from livermore.testing.loopback._exchange import LoopbackExchange
from livermore.testing.loopback._faults import Disconnect, HttpError

__all__ = ["run_live_demo"]

EXCHANGE, SYMBOL = "Kraken Pro Spot", "BTC-USDT"
MINUTES_A_DAY = 1440


class Breakout(Strategy):
    """Buys a close above the last twenty bars, with a stop and a target at twice the range of a bar."""

    def should_long(self) -> bool:
        """Buy above the highest of the last twenty bars."""
        highs = self.candles[-21:-1, 3]
        return len(highs) == 20 and self.close > float(highs.max())

    def go_long(self) -> None:
        """Buy for a tenth of the balance."""
        self.buy = round(0.1 * self.balance / self.price, 5), self.price

    def on_open_position(self, order: Any) -> None:
        """Set stop and target."""
        span = 2 * float((self.candles[-20:, 3] - self.candles[-20:, 4]).mean())
        self.stop_loss = self.position.qty, self.price - span
        self.take_profit = self.position.qty, self.price + span


def run_live_demo(folder: Path | str | None = None, *, seed: int = 7, say: Callable[[str], None] = print) -> bool:
    """Trade a day of synthetic candles on paper, through ccxt, and compare the session with a backtest.

    The exchange fails now and then. The session is stopped at noon and goes on.

    Parameters
    ----------
    folder : path-like, optional
        Where the session is kept; by default a temporary folder, which is removed.
    seed : int
        Seed of the candles.
    say : callable
        Takes each line.

    Returns
    -------
    bool
        Whether session and backtest are equal.

    Raises
    ------
    MissingExtraError
        If ccxt is not installed.
    """
    with tempfile.TemporaryDirectory() as temporary:
        return _run(Path(temporary if folder is None else folder) / "demo", seed, say)


def _run(folder: Path, seed: int, say: Callable[[str], None]) -> bool:
    rows = synthetic_candles(2 * MINUTES_A_DAY, seed=seed)
    day = rows[MINUTES_A_DAY:]
    start = int(day[0, 0])
    market = {"exchange": EXCHANGE, "symbol": SYMBOL}
    spec = BacktestSpec(
        {"exchange": EXCHANGE, "type": "spot", "starting_balance": 10_000, "fee": 0.001, "warm_up_candles": 60},
        [{**market, "timeframe": "5m", "strategy": Breakout}],
        warmup_candles={f"{EXCHANGE}-{SYMBOL}": {**market, "candles": rows[:MINUTES_A_DAY]}},
    )
    with LoopbackExchange({SYMBOL: rows}, "kraken", clock=ManualClock(start)) as exchange:
        exchange.faults.add(HttpError(503), path="OHLC", after=200, times=2)
        exchange.faults.add(Disconnect(), path="OHLC", after=400)
        for until, name in ((start + MINUTES_A_DAY // 2 * MINUTE_MS, "noon"), (None, "midnight")):
            feed = ExchangeFeed(exchange.client(), [SYMBOL], clock=exchange.clock)
            with LiveSession(spec, feed, folder, start=start, on_event=lambda event: _say_event(event, say)) as session:
                session.run(until=until or start + MINUTES_A_DAY * MINUTE_MS)
                say(f"-- {name}: the session stops; its equity is {session.session.account.equity:,.2f} USDT")
                notes = session.journal.notes()
    for _, text in notes:
        say(f"-- note: {text}")
    parity = check_parity(folder, spec)
    say(str(parity))
    return parity.is_equal


def _say_event(event: Event, say: Callable[[str], None]) -> None:
    if event.kind in ("order_filled", "trade_closed"):
        minute = event.time // MINUTE_MS % MINUTES_A_DAY
        say(f"{minute // 60:02}:{minute % 60:02}  {event}")
