"""Live sessions under random faults and kills, each from a seed: what went wrong is a list of sentences.

The exchange is the loopback exchange, through real ccxt, on a clock that is set by hand. A kill is an exception that no
handler catches, raised at a random request (before it is sent, or after the exchange has carried it out) or transaction
of a journal; what the session held is then dropped without being closed in order, as the end of a process does.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from math import isclose
from pathlib import Path
from typing import Any
from unittest.mock import patch

import ccxt
import numpy as np
from tests.live.loopback_client import START, connect

from livermore.candles import MINUTE_MS
from livermore.engine import BacktestSpec
from livermore.errors import ExchangeError, LivermoreError
from livermore.live import ExchangeAccount, ExchangeFeed, LiveSession, ManualClock, OrderJournal, check_parity
from livermore.live._append_only import AppendOnlyFile
from livermore.live._orders import client_id_of
from livermore.live._trading import ExchangeTrading
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

__all__ = ["RUNS", "Chaos", "ExchangeChaos", "Outcome", "run_by_hand", "run_exchange", "run_paper"]

SYMBOLS = ("BTC-USDT", "ETH-USDT")
#: How many minutes a session lasts.
MINUTES = 90
#: The probability of a kill at each request and transaction.
KILL = 0.003
#: For how long a position may be without a stop while a session runs: `ExchangeAccount.protect_ms`, the wait between
#: two looks at trades, and the longest wait after failed requests.
UNPROTECTED_MS = 30_000 + 5_000 + 30_000


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
        client = connect(self.exchange)
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
            # Until long after the last market orders, whose trades may be listed seconds after they are sent.
            self._run_for(10 * MINUTE_MS + 45_000 - self.clock.now() % MINUTE_MS)
            self.settle()
            try:
                self.check()
            except LivermoreError as error:
                self.problem(f"it did not start again: {error}")
            if self.exchange.unknown_requests:
                self.problem(f"unknown requests: {self.exchange.unknown_requests}")
        return self.outcome

    def settle(self) -> None:
        """Let the session learn of all that has happened by now."""

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
            words = ("could not be asked", "cannot trade on")
            asked = isinstance(error, (ccxt.BaseError, ExchangeError)) or any(word in str(error) for word in words)
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
    session._trading.close()


def run_paper(seed: int, folder: Path | str) -> Outcome:
    """Run a session on paper: its minutes are those of the exchange, and it decides what its replay decides."""
    chaos = Chaos(seed, ("kraken", "binanceusdm")[seed % 2], folder)
    outcome = chaos.run()
    parity = check_parity(chaos.folder, chaos.spec())
    if not parity.is_equal:
        chaos.problem(str(parity))
    return outcome


class ExchangeChaos(Chaos):
    """The same with orders on the exchange.

    Parameters
    ----------
    seed, name, folder
        As for `Chaos`.
    by_hand : bool
        Whether somebody closes positions and cancels orders on the exchange's own page, now and then.
    """

    def __init__(self, seed: int, name: str, folder: Path | str, *, by_hand: bool = False) -> None:
        super().__init__(seed, name, folder)
        self.exchange.account.parts = self.draw.choice([1, 1, 3])
        self.exchange.account.fill_delay_ms = self.draw.choice([0, 0, 400])
        self.exchange.account.trade_delay_ms = self.draw.choice([0, 0, 2_000])
        self.exchange.account.position_delay_ms = self.draw.choice([0, 0, 2_000])
        self.by_hand = by_hand
        self._bare_since: dict[str, int] = {}
        self._is_running = False

    def session(self) -> LiveSession:
        """Return a session on the account as a fresh process makes it."""
        client = self.client()
        feed = ExchangeFeed(client, SYMBOLS, clock=self.clock)
        policy: Any = "adopt" if self.by_hand else "refuse"
        account = ExchangeAccount(client, f"chaos-{self.folder.name}", on_mismatch=policy)
        return LiveSession(self.spec(), feed, self.folder, start=START, account=account)

    def run(self) -> Outcome:
        """Run it, with a look at positions and stops each time the clock moves."""
        self.clock.add_listener(self._look_at_stops)
        return super().run()

    def _run_for(self, duration: int) -> None:
        if self.by_hand and self.draw.random() < 0.3:
            self._intervene()
        self._is_running, self._bare_since = True, {}
        try:
            super()._run_for(duration)
        finally:
            self._is_running = False

    def _intervene(self) -> None:
        """Do what a person does."""
        account, symbol = self.exchange.account, self.draw.choice(SYMBOLS)
        # On spot what is on sale cannot be sold before its order is cancelled.
        if self.draw.random() < 0.5 or self.exchange.name == "kraken":
            account.cancel_all(symbol)
        account.close_by_hand(symbol, Decimal("0.5") if self.draw.random() < 0.5 else Decimal(1))

    def settle(self) -> None:
        """Run on while orders fill: what filled last is not known yet."""
        for _ in range(10):
            if all(trade.time < self.clock.now() - 30_000 for trade in self.exchange.account.trades):
                return
            self._run_for(MINUTE_MS)

    def _held(self, symbol: str) -> Decimal:
        money = self.exchange.account.money
        held = money.balances if self.exchange.name == "kraken" else money.positions
        found: Decimal = held.get(symbol.split("-")[0] if self.exchange.name == "kraken" else symbol, Decimal(0))
        return found

    def _look_at_stops(self) -> None:
        """Measure for how long a position is not protected in full while the session runs."""
        if not self._is_running:
            return
        now, account = self.clock.now(), self.exchange.account
        account.match()
        for symbol in SYMBOLS:
            held = self._held(symbol)
            stops = sum(
                order.qty - order.filled
                for order in account.open_orders()
                if order.symbol == symbol and order.trigger is not None and order.sign * held < 0
            )
            if stops >= abs(held):
                self._bare_since.pop(symbol, None)
                continue
            since = self._bare_since.setdefault(symbol, now)
            self.outcome.unprotected_ms = max(self.outcome.unprotected_ms, now - since)

    def check(self) -> None:
        """Look at orders, fills and positions on both sides."""
        super().check()
        self._check_orders()
        self._check_positions()
        self._check_flat()
        if self.outcome.unprotected_ms > UNPROTECTED_MS:
            self.problem(f"a position was without a stop for {self.outcome.unprotected_ms / 1000:g} s")

    def _check_orders(self) -> None:
        """Look whether each order was sent once, and its fills are known."""
        account = self.exchange.account
        self.outcome.orders = len(account.orders)
        ours = [order for order in account.orders.values() if order.client_id]
        if len(ours) != len({order.client_id for order in ours}):
            self.problem("an order was sent twice")
        journal = OrderJournal(self.folder / "orders.sqlite")
        for order, _ in journal.unresolved():
            self.problem(f"still unresolved: {order.name}")
        for told in ours:
            name = journal.name_of_client_id(told.client_id)
            if not name:
                self.problem(f"the exchange has an order that the journal lacks: {told.client_id}")
            elif not isclose(journal.filled(name), told.filled, abs_tol=1e-9):
                self.problem(f"{name}: filled {journal.filled(name)} in the journal, {told.filled} at the exchange")
        journal.close()

    def _check_positions(self) -> None:
        """Look whether positions and open orders are the same on both sides; the last fills may be to come."""
        account = self.exchange.account
        with self.session() as session:
            link = _trading_of(session)._link
            known = {client_id_of(name) for name, _ in link.waiting_orders()}
            for symbol in SYMBOLS:
                if not isclose(link.expected_position(symbol), self._held(symbol), abs_tol=1e-9):
                    ours = link.expected_position(symbol)
                    self.problem(f"{symbol}: the session holds {ours}, the account {self._held(symbol)}")
        there = {order.client_id for order in account.open_orders()}
        ended = {order.client_id for order in account.orders.values() if order.status in ("canceled", "expired")}
        if there - known:
            self.problem(f"open at the exchange and not in the session: {sorted(there - known)}")
        if known & ended:
            self.problem(f"open in the session and not at the exchange: {sorted(known & ended)}")

    def _check_flat(self) -> None:
        """Let the session close everything, and look whether it did."""
        session = self.session()
        session.kill_switch.set("flatten")
        self._run_for(3 * MINUTE_MS)
        for symbol in SYMBOLS:
            if self._held(symbol):
                self.problem(f"{symbol}: {self._held(symbol)} is left after the kill switch")
        for order in self.exchange.account.open_orders():
            self.problem(f"an order is left after the kill switch: {order.side} {order.qty} {order.symbol}")


def _trading_of(session: LiveSession) -> ExchangeTrading:
    trading = session._trading
    assert isinstance(trading, ExchangeTrading)
    return trading


def run_exchange(seed: int, folder: Path | str) -> Outcome:
    """Run a session on an exchange: no order is doubled, positions are protected, both sides agree at the end."""
    return ExchangeChaos(seed, ("kraken", "binanceusdm")[seed % 2], folder).run()


def run_by_hand(seed: int, folder: Path | str) -> Outcome:
    """The same while somebody closes positions and cancels orders by hand; the session adopts that."""
    return ExchangeChaos(seed, ("kraken", "binanceusdm")[seed % 2], folder, by_hand=True).run()


#: How a seed is run, by what the session trades on.
RUNS: dict[str, Callable[[int, Path | str], Outcome]] = {
    "paper": run_paper,
    "exchange": run_exchange,
    "by-hand": run_by_hand,
}
