"""A session: strategies, account, orders and candles under one clock."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from livermore.candles import TIMESTAMP, check_candles, timeframe_ms, utc_text
from livermore.engine.config import BacktestConfig
from livermore.engine.equity import EquityCurve, equity_times
from livermore.engine.error_location import add_location
from livermore.engine.event_loop import MinuteLoop
from livermore.engine.execution import Execution, SimulatedExecution
from livermore.engine.logs import LogLine
from livermore.engine.markets import Timeline
from livermore.engine.metrics import trade_metrics
from livermore.engine.order_book import OrderBook
from livermore.engine.position import Position
from livermore.engine.route import TradedRoute
from livermore.engine.routes import Route, RouteSpec
from livermore.engine.trade_log import OrderLog, TradeLog
from livermore.errors import CandleError, ConfigError, RouteNotFoundError, StrategyError
from livermore.market.indicator_window import indicator_window
from livermore.market.view import CandleView
from livermore.strategies import Strategy, create_strategy, initial_hyperparameters, state_of
from livermore.trading import ClosedTrade
from livermore.trading.clock import session_clock
from livermore.typing import Rows

__all__ = ["Progress", "Session", "SessionOptions"]

#: Called with (minutes done, all minutes).
Progress = Callable[[int, int], None]

ML_MODES = ("gather", "deploy")
ON_IN_SAMPLE = ("warn", "raise", "allow")


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What a session does beyond running its routes.

    See `livermore.engine.BacktestSpec` for the attributes, and its methods for those that are arguments of one.

    Examples
    --------
    >>> SessionOptions(ml_mode="gather").on_in_sample
    'warn'
    >>> SessionOptions(ml_mode="train")
    Traceback (most recent call last):
        ...
    livermore.errors.ConfigError: ml_mode must be 'gather' or 'deploy', not 'train'
    """

    hyperparameters: Mapping[str, Any] | None = None
    ml_mode: str | None = None
    on_in_sample: str = "warn"
    model: Any = None
    log_trades: bool = False
    on_progress: Progress | None = None
    order_log: OrderLog | None = None
    execution: Execution = field(default_factory=SimulatedExecution)

    def __post_init__(self) -> None:
        if self.ml_mode is not None and self.ml_mode not in ML_MODES:
            raise ConfigError(f"ml_mode must be 'gather' or 'deploy', not {self.ml_mode!r}")
        if self.on_in_sample not in ON_IN_SAMPLE:
            raise ConfigError(f"on_in_sample must be one of 'warn', 'raise', 'allow'; it is {self.on_in_sample!r}")


class Session:
    """Strategies, account, orders and candles under one clock. It runs over its candles in bulk, or is fed by minute.

    Sessions share nothing: there can be any number of them in one process, also in threads.

    Parameters
    ----------
    config : BacktestConfig
        Kind of account, balance, fee, leverage, window of indicators.
    timeline : Timeline
        Clock and candles.
    routes, data_routes : sequence of RouteSpec
        The routes; each of `routes` with its `strategy_class`.
    options : SessionOptions
        Hyperparameters, models, logs, progress, and how orders are executed.

    Attributes
    ----------
    on_in_sample : {"warn", "raise", "allow"}
        Whether a model that is asked for predictions on data that it was trained on is refused.
    account : Account
        The money.
    exchange : Exchange
        Matches and fills orders.
    runners : list of TradedRoute
        The routes, in their order.
    equity : EquityCurve
        The value of the account, about once a day.
    data_points : list of dict
        Labelled samples of all routes, in recording order; an interrupted run leaves those that it recorded.
    shared_vars : dict
        `Strategy.shared_vars` of all strategies.
    logs : list of LogLine
        Lines of `Strategy.log`, of the engine's notes, and of a `TradeLog`.
    trade_log : OrderLog or None
        Is told of orders, fills and balances: that of the options, or a `TradeLog` if they ask for one.

    Examples
    --------
    A session is made by `BacktestSpec.open`:

    >>> from livermore.candles import synthetic_candles
    >>> from livermore.engine import BacktestSpec
    >>> from livermore.strategies import Strategy
    >>> class Idle(Strategy):
    ...     def should_long(self): return False
    ...     def go_long(self): pass
    >>> market = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
    >>> session = BacktestSpec(
    ...     {"exchange": "Sandbox", "type": "spot", "starting_balance": 1_000, "fee": 0, "warm_up_candles": 0},
    ...     [{**market, "timeframe": "15m", "strategy": Idle}],
    ...     candles={"Sandbox-BTC-USDT": {**market, "candles": synthetic_candles(1440, seed=1)}},
    ... ).open()
    >>> session.run()
    >>> session.equity.values
    [1000.0, 1000.0]
    """

    def __init__(
        self,
        config: BacktestConfig,
        timeline: Timeline,
        routes: Sequence[RouteSpec],
        data_routes: Sequence[RouteSpec] = (),
        options: SessionOptions = SessionOptions(),
    ) -> None:
        self.config = config
        self._base = config.base
        self.on_in_sample = options.on_in_sample
        self.clock = timeline.clock
        self.markets = timeline.markets
        self.data_points: list[dict[str, Any]] = []
        self.shared_vars: dict[str, Any] = {}
        self.logs: list[LogLine] = []
        self.equity = EquityCurve(equity_times(self._base))
        self.open_at_end: list[float] = []
        self._is_started = self._is_finished = False
        self._on_progress = options.on_progress
        books = {symbol: OrderBook() for symbol in timeline.markets}
        self._positions: dict[str, Position] = {}
        execution, currency = options.execution, config.settlement_currency(routes[0].symbol)
        self.account = execution.account(config, currency, books, self._positions)
        self.trade_log: OrderLog | None = options.order_log
        if options.log_trades and options.order_log is None:
            self.trade_log = TradeLog(lambda line: self.log(line, "info"), self.account)
        self.exchange = execution.exchange(self.clock, self.markets, self.account, self.trade_log)
        self.runners = [TradedRoute(spec, index, self, books[spec.symbol]) for index, spec in enumerate(routes)]
        self._by_symbol = {runner.spec.symbol: runner for runner in self.runners}
        for runner in self.runners:
            self._positions[runner.spec.symbol] = runner.position
            runner.others = [other for other in self.runners if other is not runner]
        self.exchange.add_routes(self.runners)
        self._timeframes = {config.base.timeframe, *(spec.timeframe for spec in (*routes, *data_routes))}
        self._routes = [Route(s.exchange, s.symbol, s.timeframe, s.strategy) for s in routes]
        self._data_routes = [Route(s.exchange, s.symbol, s.timeframe) for s in data_routes]
        self._loop = MinuteLoop(self.clock, self.exchange, self.runners, self._record_due_equity)
        with self.running():
            for runner in self.runners:
                self._add_strategy(runner, options)

    def _add_strategy(self, runner: TradedRoute, options: SessionOptions) -> None:
        """Create the strategy of a route and connect both."""
        kind = runner.spec.strategy_class
        assert kind is not None, "routes of a session need the classes of their strategies"
        strategy = create_strategy(kind, runner)
        runner.attach(strategy)
        if strategy.candles_pipeline() is not None:
            raise StrategyError(
                f"{kind.__name__}: candles_pipeline() is not supported: change the candles before you pass them"
            )
        route = self._routes[runner.index]
        route.strategy, route.dna = strategy, strategy.dna()
        strategy.hp = initial_hyperparameters(strategy.hyperparameters() or [], route.dna, options.hyperparameters)
        if options.ml_mode is not None:
            strategy.ml_mode = options.ml_mode
        if options.model is not None:
            state_of(strategy).model = options.model

    # --- Running ------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Run over all minutes of the timeline, then end the session."""
        with self.running():
            self.start()
            last = len(self.clock.ends) - 1
            if len(self.runners) == 1:
                self._run_one(self.runners[0])
            else:
                self._run_many()
            self._loop.to_end(last)
            self.finish()

    def feed(self, rows: Mapping[str, Sequence[float] | Rows | None]) -> None:
        """Run one minute: a candle for each symbol; a symbol that is missing, or None, has no candle in this minute.

        With a base of longer candles it is the time of one of those.

        Parameters
        ----------
        rows : mapping
            Symbol to a row of six: UTC ms, open, close, high, low, volume. All of the same minute, which is later than
            the last one. A row is checked as candles are that a session gets in bulk.

        Raises
        ------
        CandleError
            If a row breaks a rule of candles, the rows are of several minutes, or the minute is not a later one. The
            session is then as it was before.
        RouteNotFoundError
            If no route has a symbol.
        ConfigError
            If the session has got its candles in bulk, has not been started, or is finished.
        """
        candles, end = self._checked_minute(rows)
        ends = self.clock.ends
        assert isinstance(ends, array)
        ends.append(end)
        for symbol, market in self.markets.items():
            market.push(candles.get(symbol))
        event = len(ends) - 1
        self._loop.to_minute(event, event)
        self._loop.end_minute(
            [runner for runner in self.runners if runner.candles.times.is_end(end) and runner.market.has_row(event)]
        )

    def feed_many(self, rows: Mapping[str, Rows]) -> None:
        """Run many minutes at once, with the same result as `feed` of one after another.

        Parameters
        ----------
        rows : mapping of str to array of shape (n, 6)
            By symbol, rows as for `feed`. A minute is one for which any symbol has a row; without rows nothing happens.

        Raises
        ------
        CandleError, RouteNotFoundError, ConfigError
            As `feed`. The session is then as it was before.
        """
        self._check_fed(rows)
        candles = {
            symbol: check_candles(given, name=f"the candles of {symbol}", base=self._base)
            for symbol, given in rows.items()
            if len(given)
        }
        if not candles:
            return
        times = np.unique(np.concatenate([given[:, TIMESTAMP] for given in candles.values()]))
        self._check_time(int(times[0]))
        ends = self.clock.ends
        assert isinstance(ends, array)
        first = len(ends)
        ends.frombytes(self._base.ends(times).astype(np.int64).tobytes())
        for symbol, market in self.markets.items():
            market.push_many(candles.get(symbol), times)
        for event, due in self._due_bars(first):
            self._loop.to_bar(event)
            self._loop.end_minute(due)
        self._loop.to_end(len(ends) - 1)

    def _due_bars(self, first: int) -> list[tuple[int, list[TradedRoute]]]:
        """Return the minutes from `first` on at which bars complete, each with their routes in route order."""
        ends = self.clock.ends
        assert isinstance(ends, array)
        times = np.frombuffer(ends, np.int64)[first:].astype(np.float64)
        found: dict[int, list[TradedRoute]] = {}
        for runner in self.runners:
            for event in (np.flatnonzero(runner.candles.times.are_ends(times)) + first).tolist():
                if runner.market.has_row(event):
                    found.setdefault(event, []).append(runner)
        return sorted(found.items(), key=lambda entry: entry[0])

    def _checked_minute(self, rows: Mapping[str, Sequence[float] | Rows | None]) -> tuple[dict[str, Rows], int]:
        """Return the candles of one minute, each of shape (6,), and when the minute ends, UTC ms."""
        self._check_fed(rows)
        candles: dict[str, Rows] = {}
        for symbol, row in rows.items():
            if row is not None:
                table = _as_table(row, symbol)
                candles[symbol] = check_candles(table, name=f"the candle of {symbol}", base=self._base)[0]
        opened = {int(row[TIMESTAMP]) for row in candles.values()}
        if len(opened) != 1:
            times = ", ".join(utc_text(time) for time in sorted(opened)) or "no candle"
            raise CandleError(f"one minute at a time: feed the candles of one minute, not of {times}")
        opens_at = opened.pop()
        self._check_time(opens_at)
        return candles, int(self._base.end(opens_at))

    def _check_fed(self, rows: object) -> None:
        """Refuse candles where there cannot be any, those of a symbol that no route has, and what is no mapping."""
        if isinstance(self.clock.ends, range):
            raise ConfigError("this session has its candles already; make one with BacktestSpec(...).open_fed(start)")
        if not isinstance(rows, Mapping):
            raise CandleError(f"feed takes a dict of symbol to row, not {type(rows).__name__}")
        for symbol in rows:
            if symbol not in self.markets:
                known = ", ".join(self.markets)
                raise RouteNotFoundError(f"a candle of {symbol!r} was fed, but no route has it; there are {known}")
        if not self._is_started or self._is_finished:
            raise ConfigError(
                "this session is finished: it takes no more candles"
                if self._is_finished
                else "this session has not been started: call start() before the first feed()"
            )

    def _check_time(self, opens_at: int) -> None:
        """Refuse a minute that is not a later one."""
        ends = self.clock.ends
        earliest = ends[-1] if ends else self.clock.start
        if opens_at < earliest:
            raise CandleError(
                f"the candles of {utc_text(opens_at)} were fed too late: the next minute opens at "
                f"{utc_text(earliest)} or later. Feed minutes in order, each once"
            )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Make the session's clock and window those of this thread; add to an error where in the run it happened."""
        clock_token = session_clock.set(self.clock)
        window_token = indicator_window.set(self.config.warm_up_candles)
        try:
            yield
        except Exception as error:
            add_location(error, self.runners, self.clock)
            raise
        finally:
            indicator_window.reset(window_token)
            session_clock.reset(clock_token)

    def start(self) -> None:
        """Record the first value of the equity curve."""
        self._is_started = True
        self.equity.start(self.clock.start)
        self._record_equity()
        self._loop.due_event = self._event_at(self.equity.due)

    def finish(self) -> None:
        """End all routes: last hooks, last closes, last value of the equity curve."""
        self._is_finished = True
        for runner in self.runners:
            open_profit = runner.terminate()
            if open_profit is not None:
                self.open_at_end.append(open_profit)
            self.exchange.drain_queue()
        self._record_equity()

    # --- What strategies see ------------------------------------------------------------------------------------

    @property
    def trades(self) -> list[ClosedTrade]:
        """The closed trades of all routes, in closing order."""
        return self.exchange.trades

    @property
    def balances(self) -> list[float]:
        """The values of the equity curve so far, in the settlement currency."""
        return self.equity.values

    def candles(self, exchange: str, symbol: str, timeframe: str) -> CandleView:
        """Return the candles of any symbol of the routes in any of their timeframes."""
        market = self.markets.get(symbol)
        if market is None or market.exchange != exchange or timeframe not in self._timeframes:
            known = ", ".join(f"{m.exchange} {m.symbol}" for m in self.markets.values())
            raise RouteNotFoundError(
                f"no route has {exchange} {symbol} {timeframe}; add it to data_routes. "
                f"There are {known}, each in {', '.join(sorted(self._timeframes, key=timeframe_ms))}"
            )
        view: CandleView = market.frame(timeframe).view()
        return view

    def routes(self) -> list[Route]:
        """Return the trading routes."""
        return self._routes

    def data_routes(self) -> list[Route]:
        """Return the data routes."""
        return self._data_routes

    def positions(self) -> Mapping[str, Position]:
        """Return the positions by symbol."""
        return self._positions

    def metrics(self) -> dict[str, Any]:
        """Compute the metrics of the trades so far."""
        equity = self.equity
        return trade_metrics(
            self.trades,
            equity.values,
            equity.times,
            starting_balance=self.account.starting_balance,
            finishing_balance=self.account.balance,
            annualization=self.config.annualization,
            first_time=self.clock.start,
            last_time=self.clock.now,
            total_open_trades=len(self.open_at_end),
            open_pl=sum(self.open_at_end),
        )

    def log(self, message: str, kind: str) -> None:
        """Add a line to `logs`."""
        self.logs.append(LogLine(self.clock.now, kind, message))

    def add_sample(self, sample: dict[str, Any]) -> None:
        """Add a labelled sample to `data_points`."""
        self.data_points.append(sample)

    def call_each_minute(self, on_minute: Callable[[], None]) -> None:
        """Call a function at the end of each minute in which anything happened; in others it may be called, too."""
        self._loop.on_minute = on_minute

    def observe(self, observer: Callable[[Rows], None], strategy: Strategy) -> None:
        """Call `observer` with each new candle of the strategy's route, before its bar."""
        self._by_symbol[strategy.symbol].observers.append(observer)

    # --- Minutes ------------------------------------------------------------------------------------------------

    def _run_one(self, runner: TradedRoute) -> None:
        """Run the bars of the only route. While it is idle, its bars run in one loop of `TradedRoute.run_idle_bars`."""
        bars = self._bar_events(runner)
        loop, due = self._loop, (runner,)
        done, total = 0, len(bars)
        while done < total:
            if runner.is_idle:
                stop = self._bars_before_record(bars, done)
                if stop > done:
                    done += runner.run_idle_bars(bars[done:stop])
                    loop.skip_to(self.clock.event)
                    # The last of them may have queued market orders for the end of its minute.
                    loop.end_minute(())
                    continue
                if loop.due_event < bars[done]:
                    loop.skip_to(loop.due_event)
                    loop.due_event = self._record_due_equity()
                    continue
            loop.to_bar(bars[done])
            loop.end_minute(due)
            done += 1

    def _run_many(self) -> None:
        """Run the bars of several routes, in route order within a minute."""
        ahead = [(iter(self._bar_events(runner)), runner) for runner in self.runners]
        coming = {runner: next(events, None) for events, runner in ahead}
        while True:
            event = min((e for e in coming.values() if e is not None), default=None)
            if event is None:
                return
            self._loop.to_bar(event)
            self._loop.end_minute([runner for runner in self.runners if coming[runner] == event])
            for events, runner in ahead:
                if coming[runner] == event:
                    coming[runner] = next(events, None)

    def _bar_events(self, runner: TradedRoute) -> Sequence[int]:
        """Return the minutes at which the route's bars complete: those whose last minute has a candle."""
        ends = self.clock.ends
        if isinstance(ends, range):
            span = timeframe_ms(runner.spec.timeframe)
            first = -ends[0] % span // ends.step
            return range(first, len(ends), span // ends.step)
        times = np.frombuffer(ends, np.int64).astype(np.float64)
        events = np.flatnonzero(runner.candles.times.are_ends(times)).tolist()
        return [event for event in events if runner.market.has_row(event)]

    def _bars_before_record(self, bars: Sequence[int], done: int) -> int:
        """Return how many of all bars come before the next value of the equity curve."""
        if isinstance(bars, range):
            return min(len(bars), max(done, -(-(self._loop.due_event - bars.start) // bars.step)))
        return bisect_left(bars, self._loop.due_event, lo=done)

    def _record_equity(self) -> None:
        value = self.account.equity
        self.equity.record(self.clock.now, value)
        if self.trade_log is not None:
            self.trade_log.recorded(value)

    def _record_due_equity(self) -> int:
        """Record the equity if it is due, and return the minute in which it is due next."""
        now = self.clock.now
        if now >= self.equity.due:
            self._record_equity()
            if self._on_progress is not None:
                self._on_progress(self.clock.event + 1, len(self.clock.ends))
        return self._event_at(self.equity.due)

    def _event_at(self, time: float) -> int:
        """Return the first minute that ends at a time (UTC ms) or later."""
        ends = self.clock.ends
        if isinstance(ends, range):
            return min(len(ends), max(0, -int((ends.start - time) // ends.step)))
        return bisect_left(ends, time)


def _as_table(row: Sequence[float] | Rows, symbol: str) -> Rows:
    """Return a row as a table of one row, of its own type: `check_candles` refuses the same types as in bulk."""
    try:
        # A mask is kept: a masked value must be refused, and not be taken for what lies under the mask.
        table = np.asanyarray(row)
    except (TypeError, ValueError, OverflowError):
        raise CandleError(f"the candle of {symbol} must be six numbers, got {row!r:.80}") from None
    if table.dtype.kind not in "iuf":
        raise CandleError(f"the candle of {symbol} must be six numbers, got {row!r:.80}")
    if table.shape != (6,):
        raise CandleError(f"the candle of {symbol} must be six numbers, got an array of shape {table.shape}")
    return table.reshape(1, 6)
