"""Live sessions under random faults and kills, each from a seed: what went wrong is a list of sentences.

The exchange is the loopback exchange, through real ccxt, on a clock that is set by hand. A kill is an exception that no
handler catches, raised at a random request (before it is sent, or after the exchange has carried it out) or transaction
of a journal; what the session held is then dropped without being closed in order, as the end of a process does.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import ccxt
import numpy as np

from livermore.candles import MINUTE_MS
from livermore.engine import BacktestSpec
from livermore.errors import ExchangeError, LivermoreError
from livermore.live import ExchangeFeed, LiveSession, ManualClock, check_parity
from livermore.live._append_only import AppendOnlyFile
from livermore.strategies import Strategy
from livermore.testing import LoopbackExchange
from livermore.testing.loopback import (
    Disconnect,
    DuplicateRows,
    HttpError,
    Malformed,
    NoRows,
    ReversedRows,
)

__all__ = ["RUNS", "Chaos", "Outcome", "run_paper"]

START = 1_704_067_200_000
SYMBOLS = ("BTC-USDT", "ETH-USDT")
#: How many minutes a session lasts.
MINUTES = 90
#: The probability of a kill at each request and transaction.
KILL = 0.003
#: Kraken wants them to rise, whatever object of ccxt signs.
NONCES = itertools.count(1)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Outcome:
    """What came of one session.

    Attributes
    ----------
    seed : int
        Of the session.
    starts, kills, orders, trades : int
        How often it was started and killed, and what it did.
    unprotected_ms : int
        The longest time for which a position was without a stop at the exchange while the session ran.
    problems : list of str
        What must not be.
    """

    seed: int
    starts: int = 0
    kills: int = 0
    orders: int = 0
    trades: int = 0
    unprotected_ms: int = 0
    problems: list[str] = field(default_factory=list)


class Restless(Strategy):
    """Enters at the market and by limits, always with a stop, and changes its mind, by numbers drawn from the bar."""

    def draw(self, n: int) -> int:
        """Return a number below `n` that follows from the bar and the symbol."""
        return random.Random(f"{self.symbol} {self.index} {n}").randrange(n)

    def should_long(self) -> bool:
        """Enter now and then."""
        return self.draw(3) == 0

    def go_long(self) -> None:
        """Buy at the market, or a little below it."""
        self.buy = self.draw(3) + 1, round(self.price * (1, 0.9995)[self.draw(2)], 2)

    def should_cancel_entry(self) -> bool:
        """Give up now and then."""
        return self.draw(4) == 0

    def on_open_position(self, order: Any) -> None:
        """Set a stop, and often a target."""
        away = 0.004 if self.is_long else -0.004
        self.stop_loss = self.position.qty, round(self.position.entry_price * (1 - away), 2)
        if self.draw(5):
            self.take_profit = self.position.qty, round(self.position.entry_price * (1 + away), 2)

    def on_increased_position(self, order: Any) -> None:
        """Protect what was added as well."""
        self.on_open_position(order)

    def update_position(self) -> None:
        """Close, or move the stop, now and then."""
        choice = self.draw(8)
        if choice == 0:
            self.liquidate()
        elif choice == 1:
            away = 0.003 if self.is_long else -0.003
            self.stop_loss = self.position.qty, round(self.price * (1 - away), 2)


class RestlessBothWays(Restless):
    """The same, short as well."""

    def should_short(self) -> bool:
        """Enter now and then."""
        return self.draw(3) == 1

    def go_short(self) -> None:
        """Sell at the market, or a little above it."""
        self.sell = self.draw(3) + 1, round(self.price * (1, 1.0005)[self.draw(2)], 2)


def candles(seed: int, n: int) -> np.ndarray:
    """Return candles that move enough for stops and targets, in whole cents."""
    draw = np.random.default_rng(seed)
    close = (100 * np.exp(np.cumsum(draw.normal(0, 0.0015, n)))).round(2)
    opening = np.r_[100.0, close[:-1]]
    high = (np.maximum(opening, close) * (1 + np.abs(draw.normal(0, 0.0007, n)))).round(2)
    low = (np.minimum(opening, close) * (1 - np.abs(draw.normal(0, 0.0007, n)))).round(2)
    return np.column_stack([START + 60_000.0 * np.arange(n), opening, close, high, low, np.full(n, 10.0)])


class Chaos:
    """One seed: an exchange, its faults, and a session that is started again and again.

    Parameters
    ----------
    seed : int
        Of everything.
    name : {"kraken", "binanceusdm"}
        Which exchange.
    folder : path-like
        For the session.
    """

    #: What goes wrong with answers, each a few times.
    faults: tuple[Callable[[], Any], ...] = (
        lambda: HttpError(503),
        lambda: HttpError(429),
        lambda: HttpError(502, is_refusal=False),
        Disconnect,
        lambda: Disconnect(is_refusal=True),
        Malformed,
        NoRows,
        DuplicateRows,
        ReversedRows,
    )

    def __init__(self, seed: int, name: str, folder: Path | str) -> None:
        self.draw = random.Random(f"{seed} {name}")
        self.outcome = Outcome(seed)
        self.rows = {symbol: candles(2 * seed + i, MINUTES + 60) for i, symbol in enumerate(SYMBOLS)}
        self.exchange = LoopbackExchange(
            self.rows,
            name,
            clock=ManualClock(START + 1_000),
            balances={"USDT": 1_000_000, **({"BTC": 0, "ETH": 0} if name == "kraken" else {})},
        )
        self.folder = Path(folder) / f"{name}-{seed}"
        self.clock = self.exchange.clock
        self.end = START + MINUTES * MINUTE_MS
        self._is_armed = True

    # --- What differs between paper and an exchange -------------------------------------------------------------

    def spec(self) -> BacktestSpec:
        """Return what is traded."""
        spot = self.exchange.name == "kraken"
        config = {"exchange": "Sandbox", "starting_balance": 100_000, "fee": 0.0005, "warm_up_candles": 0}
        kind = (
            {"type": "spot"} if spot else {"type": "futures", "futures_leverage": 2, "futures_leverage_mode": "cross"}
        )
        strategy = Restless if spot else RestlessBothWays
        market = [{"exchange": "Sandbox", "symbol": symbol, "timeframe": "1m"} for symbol in SYMBOLS]
        return BacktestSpec(config | kind, [{**route, "strategy": strategy} for route in market])

    def client(self) -> Any:
        """Return an object of ccxt at whose requests the process may end."""
        client = self.exchange.client(apiKey="key", secret="c2VjcmV0", timeout=30_000)
        client.milliseconds = self.clock.now
        client.nonce = self.clock.now if self.exchange.name == "binanceusdm" else lambda: next(NONCES)
        fetch = client.fetch

        def fetch_or_die(*arguments: Any, **options: Any) -> Any:
            self.may_die()
            answer = fetch(*arguments, **options)
            self.may_die()
            return answer

        client.fetch = fetch_or_die
        return client

    def session(self) -> LiveSession:
        """Return a session as a fresh process makes it."""
        feed = ExchangeFeed(self.client(), SYMBOLS, clock=self.clock)
        return LiveSession(self.spec(), feed, self.folder, start=START)

    def check(self) -> None:
        """Look at what is left at the end."""
        with self.session() as session:
            times = []
            for recorded in session.journal.minutes():
                times.append(recorded.minute.time)
                for symbol, row in recorded.minute.rows.items():
                    minute = (recorded.minute.time - START) // MINUTE_MS
                    if row.tolist() != self.rows[symbol][minute].tolist():
                        self.problem(f"the candle of {symbol} in minute {minute} is not the exchange's")
                if len(recorded.minute.rows) != len(SYMBOLS):
                    self.problem(f"minute {times[-1]} lacks the candle of a symbol")
            if times != list(range(START, times[-1] + 1, MINUTE_MS)):
                self.problem("minutes are missing")
            self.outcome.trades = len(session.session.trades)

    # --- Running ------------------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Run the session to its end, through faults and kills, and check what is left."""
        with self.exchange, self._kills_at_transactions():
            while self.clock.now() < self.end:
                self._add_faults()
                self._run_for(self.draw.choice([1, 5, 20]) * MINUTE_MS)
                self.clock.advance(self.draw.choice([0, 0, 0, 3_000, 40_000, 300_000]))
            self.exchange.faults.clear()
            self._is_armed = False
            self._run_for(10 * MINUTE_MS)
            self.check()
            if self.exchange.unknown_requests:
                self.problem(f"unknown requests: {self.exchange.unknown_requests}")
        return self.outcome

    def problem(self, text: str) -> None:
        """Note what must not be."""
        if text not in self.outcome.problems:
            self.outcome.problems.append(text)

    def may_die(self) -> None:
        """End the process here, now and then."""
        if self._is_armed and self.draw.random() < KILL:
            raise Killed

    def _add_faults(self) -> None:
        self.exchange.faults.clear()
        for _ in range(self.draw.choice([0, 1, 3, 6])):
            fault = self.draw.choice(self.faults)()
            self.exchange.faults.add(fault, after=self.draw.randrange(80), times=self.draw.choice([1, 1, 3]))

    def _run_for(self, duration: int) -> None:
        """Run one process."""
        until = self.clock.now() + duration
        session = None
        self.outcome.starts += 1
        try:
            session = self.session()
            session.__enter__()
        except Killed:
            self.outcome.kills += 1
            return
        except (ccxt.BaseError, LivermoreError) as error:
            # It is started again; an exchange that cannot be asked is the only reason not to start.
            asked = isinstance(error, (ccxt.BaseError, ExchangeError)) or "could not be asked" in str(error)
            if not asked:
                self.problem(f"it did not start: {error}")
            self.clock.advance(5_000)
            return
        try:
            session.run(until=until)
        except Killed:
            self.outcome.kills += 1
            _drop(session)
        except Exception as error:
            self.problem(f"the session ended: {type(error).__name__}: {error}")
            _drop(session)
        else:
            session.__exit__(None, None, None)

    @contextmanager
    def _kills_at_transactions(self) -> Iterator[None]:
        """Let the process end before, within and after each transaction of a journal."""
        original = AppendOnlyFile._transaction

        @contextmanager
        def transaction(file: AppendOnlyFile) -> Iterator[None]:
            self.may_die()
            with original(file):
                yield
                self.may_die()
            self.may_die()

        with patch.object(AppendOnlyFile, "_transaction", transaction):
            yield


def _drop(session: LiveSession) -> None:
    """Let go of a session as the end of its process does: files and locks are closed, and nothing is written."""
    session.journal.close()
    session._lock.release()
    trading = getattr(session, "_trading", None)
    if trading is not None:
        trading.close()


def run_paper(seed: int, folder: Path | str) -> Outcome:
    """Run a session on paper: its minutes are those of the exchange, and it decides what its replay decides."""
    chaos = Chaos(seed, ("kraken", "binanceusdm")[seed % 2], folder)
    outcome = chaos.run()
    parity = check_parity(chaos.folder, chaos.spec())
    if not parity.is_equal:
        chaos.problem(str(parity))
    return outcome


#: How a seed is run, by what the session trades on.
RUNS: dict[str, Callable[[int, Path | str], Outcome]] = {"paper": run_paper}
