"""A session: routes, account, orders and candles under one clock; fed minute by minute, or run in bulk."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from livermore.candles import CLOSE, HIGH, LOW, OPEN, TIMESTAMP, VOLUME, CandleView, Rows, indicator_window, timeframe_ms
from livermore.engine._book import OrderBook
from livermore.engine._config import BacktestConfig
from livermore.engine._logs import LogLine
from livermore.engine._market import Market
from livermore.engine._matching import Path, first_touched, gap_fills, split
from livermore.engine._metrics import trade_metrics
from livermore.engine._position import Position
from livermore.engine._routes import Route, RouteSpec
from livermore.engine._runner import RouteRunner
from livermore.engine._samples import BalanceSamples
from livermore.engine._timeline import Timeline
from livermore.engine._traceback import tell_where
from livermore.engine.accounts import open_account
from livermore.errors import RouteNotFoundError
from livermore.strategies import Strategy
from livermore.trading import ClosedTrade, Fill, Order, OrderStatus
from livermore.trading.clock import session_clock

__all__ = ["Session"]

Progress = Callable[[int, int], None]


class Session:
    """One run of strategies over candles. Sessions share nothing: any number live in one process, or in threads.

    Parameters
    ----------
    config : BacktestConfig
        The account.
    timeline : Timeline
        Clock and candles.
    routes, data_routes : sequence of RouteSpec
        Checked.
    on_progress : callable, optional
        Called about once a day of the run with (minutes done, all minutes).

    Attributes
    ----------
    trades : list of ClosedTrade
        Of all routes, in closing order.
    data_points : list of dict
        Labelled samples of all routes, in recording order; there also after an interrupted run.
    shared_vars : dict
        Of all strategies together.
    logs : list of LogLine
        What strategies and engine had to say.
    """

    def __init__(
        self,
        config: BacktestConfig,
        timeline: Timeline,
        routes: Sequence[RouteSpec],
        data_routes: Sequence[RouteSpec] = (),
        *,
        on_progress: Progress | None = None,
    ) -> None:
        self.config = config
        self.clock = timeline.clock
        self.markets = timeline.markets
        self.queue: list[Order] = []
        self.trades: list[ClosedTrade] = []
        self.data_points: list[dict[str, Any]] = []
        self.shared_vars: dict[str, Any] = {}
        self.logs: list[LogLine] = []
        self.samples = BalanceSamples()
        self.open_at_end: list[float] = []
        self._dense = timeline.dense
        self._on_progress = on_progress
        self._books = {symbol: OrderBook() for symbol in timeline.markets}
        self._positions: dict[str, Position] = {}
        self.account = open_account(config, routes[0].symbol.split("-", 1)[1], self._books, self._positions)
        self.runners = [self._runner(spec, index) for index, spec in enumerate(routes)]
        self._by_symbol = {runner.spec.symbol: runner for runner in self.runners}
        for runner in self.runners:
            self._positions[runner.spec.symbol] = runner.position
            runner.others = [other for other in self.runners if other is not runner]
        # Only these have orders; the others are there to be looked at.
        self._traded = [self._by_symbol[symbol] for symbol in timeline.markets if symbol in self._by_symbol]
        self._timeframes = {"1m", *(spec.timeframe for spec in (*routes, *data_routes))}
        self._routes = [Route(s.exchange, s.symbol, s.timeframe, s.strategy) for s in routes]
        self._data_routes = [Route(s.exchange, s.symbol, s.timeframe) for s in data_routes]
        self._done = -1

    # --- Running ------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Run over all minutes of the timeline, then end the session."""
        with self.running():
            self.start()
            last = len(self.clock.ends) - 1
            if len(self.runners) == 1:
                self._run_one(self.runners[0], last)
            else:
                self._run_many(last)
            self._process_until(last)
            self.finish()

    def feed(self, rows: Mapping[str, Sequence[float] | Rows | None]) -> None:
        """Take in one minute: a candle for each symbol; one that is missing, or None, has no candle in this minute.

        Parameters
        ----------
        rows : mapping
            Symbol to a row of six: UTC ms, open, close, high, low, volume. All of the same minute.
        """
        arrays = {symbol: np.asarray(row, dtype=np.float64) for symbol, row in rows.items() if row is not None}
        opened = {int(row[TIMESTAMP]) for row in arrays.values()}
        if len(opened) != 1:
            raise ValueError(f"one minute at a time: the rows open at {sorted(opened)}")
        ends = self.clock.ends
        assert not isinstance(ends, range), "only a session made for feeding has room for more minutes"
        end = opened.pop() + 60_000
        ends.append(end)
        for symbol, market in self.markets.items():
            market.push(arrays.get(symbol))
        event = len(ends) - 1
        self._match_minute(event)
        self._end_minute(
            [
                runner
                for runner in self.runners
                if end % timeframe_ms(runner.spec.timeframe) == 0 and runner.market.has_row(event)
            ]
        )

    @contextmanager
    def running(self) -> Iterator[None]:
        """Make the session's clock and window those of this thread, and tell where an error comes from."""
        clock_token = session_clock.set(self.clock)
        window_token = indicator_window.set(self.config.warm_up_candles)
        try:
            yield
        except Exception as error:
            tell_where(error, self.runners, self.clock)
            raise
        finally:
            indicator_window.reset(window_token)
            session_clock.reset(clock_token)

    def start(self) -> None:
        """Take the first sample."""
        self.samples.start(self.clock.start, self.account.equity)

    def finish(self) -> None:
        """End all routes: last hooks, last closes, last sample."""
        for runner in self.runners:
            open_profit = runner.terminate()
            if open_profit is not None:
                self.open_at_end.append(open_profit)
            self.drain_queue()
        self.samples.take(self.clock.now, self.account.equity)

    # --- What strategies see ------------------------------------------------------------------------------------

    @property
    def balances(self) -> list[float]:
        """The samples of the account's worth."""
        return self.samples.values

    def candles(self, exchange: str, symbol: str, timeframe: str) -> CandleView:
        """Return the candles of any symbol of the routes in any of their timeframes."""
        market = self.markets.get(symbol)
        if market is None or market.exchange != exchange or timeframe not in self._timeframes:
            known = ", ".join(f"{m.exchange} {m.symbol}" for m in self.markets.values())
            raise RouteNotFoundError(
                f"no route has {exchange} {symbol} {timeframe}; add it to data_routes. "
                f"There are {known}, each in {', '.join(sorted(self._timeframes, key=timeframe_ms))}"
            )
        return market.frame(timeframe).view()

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
        samples = self.samples
        return trade_metrics(
            self.trades,
            samples.values,
            samples.times,
            starting_balance=self.account.starting_balance,
            finishing_balance=self.account.balance,
            annualization=self.config.annualization,
            first_time=self.clock.start,
            last_time=self.clock.now,
            total_open_trades=len(self.open_at_end),
            open_pl=sum(self.open_at_end),
        )

    def log(self, message: str, kind: str) -> None:
        """Keep a line."""
        self.logs.append(LogLine(self.clock.now, kind, message))

    def sample(self, sample: dict[str, Any]) -> None:
        """Keep a labelled sample."""
        self.data_points.append(sample)

    def observe(self, observer: Callable[[Rows], None], strategy: Strategy) -> None:
        """Call `observer` with each new candle of the strategy's route, before its bar."""
        self._by_symbol[strategy.symbol].observe(observer)

    # --- Orders -------------------------------------------------------------------------------------------------

    def execute(self, order: Order) -> None:
        """Fill an order at its price, if it still waits, and let strategies know."""
        if order.status is not OrderStatus.ACTIVE:
            return
        runner = self._by_symbol[order.symbol]
        fill = self._fill(order, runner.position)
        order.status = OrderStatus.EXECUTED
        order.executed_at = fill.time
        order.filled_qty = fill.qty
        order.fee = fill.fee
        position, before = runner.position, runner.position.qty
        trade = runner.start_trade()
        trade.orders.append(order)
        order.trade_id = trade.id
        realised = position.apply(fill)
        self.account.settle(fill, realised)
        after = position.qty
        if before != 0 and (after == 0 or (before > 0) != (after > 0)):
            self.trades.append(runner.mark_closed(fill.time))
        if after != 0 and (before == 0 or (before > 0) != (after > 0)):
            runner.mark_opened(fill.time)
        runner.book.touched()
        runner.on_fill(order, before)

    def drain_queue(self) -> None:
        """Fill all market orders that wait, and those that their hooks submit."""
        queue = self.queue
        while queue:
            self.execute(queue.pop(0))

    def _fill(self, order: Order, position: Position) -> Fill:
        qty = order.qty
        if order.reduce_only and abs(qty) > abs(position.qty):
            qty = -position.qty
        fee = abs(qty) * order.price * self.account.fee_rate
        return Fill(order, order.price, qty, fee, self.clock.now)

    # --- Minutes ------------------------------------------------------------------------------------------------

    def _run_one(self, runner: RouteRunner, last: int) -> None:
        """Run the bars of the only route. While it is idle, nothing but its hooks is touched."""
        bars = self._bar_events(runner)
        done = 0
        while done < len(bars):
            if runner.is_idle and not runner.is_observed:
                stop = self._bars_before_sample(bars, done)
                if stop > done:
                    done += runner.run_idle_bars(bars[done:stop])
                    # The last of them may have queued market orders for the end of its minute.
                    self._done = self.clock.event
                    self._end_minute()
                    continue
            event = bars[done]
            self._process_until(event - 1)
            self._process_minute(event)
            self._end_minute((runner,))
            done += 1

    def _run_many(self, last: int) -> None:
        """Run the bars of several routes, in route order within a minute."""
        schedule: dict[int, list[RouteRunner]] = {}
        for runner in self.runners:
            for event in self._bar_events(runner):
                schedule.setdefault(event, []).append(runner)
        for event in sorted(schedule):
            self._process_until(event - 1)
            self._process_minute(event)
            self._end_minute(schedule[event])

    def _bar_events(self, runner: RouteRunner) -> Sequence[int]:
        """Return the minutes at which the route's bars complete: those whose last minute has a candle."""
        span = timeframe_ms(runner.spec.timeframe)
        ends = self.clock.ends
        if isinstance(ends, range):
            first = -ends[0] % span // 60_000
            return range(first, len(ends), span // 60_000)
        times = np.frombuffer(ends, np.int64)
        events = np.flatnonzero(times % span == 0).tolist()
        return [event for event in events if runner.market.has_row(event)]

    def _bars_before_sample(self, bars: Sequence[int], done: int) -> int:
        due = self._sample_event()
        stop = done
        if isinstance(bars, range):
            return min(len(bars), max(done, -(-(due - bars.start) // bars.step)))
        while stop < len(bars) and bars[stop] < due:
            stop += 1
        return stop

    def _sample_event(self) -> int:
        """Return the minute at which the next sample of the account is due."""
        ends = self.clock.ends
        due = self.samples.due
        if isinstance(ends, range):
            return max(0, -int(-(due - ends.start) // ends.step))
        return int(np.searchsorted(np.frombuffer(ends, np.int64), due))

    def _process_until(self, last: int) -> None:
        """Process all minutes up to `last` in which anything happens: orders that fill, samples."""
        while self._done < last:
            due = self._sample_event()
            stop = min(last, due)
            touch = self._next_touch(self._done + 1, stop)
            if touch < 0 and due > last:
                self.clock.event = self._done = last
                self._drop_done()
                return
            event = stop if touch < 0 else touch
            self._process_minute(event)
            self._end_minute()

    def _process_minute(self, event: int) -> None:
        if self._next_touch(event, event) >= 0:
            self._match_minute(event)
        else:
            self._skip_to(event)

    def _skip_to(self, event: int) -> None:
        """Let time pass in which nothing fills."""
        if event > self._done + 1:
            self._drop_done()
        self.clock.event = self._done = event

    def _next_touch(self, first: int, last: int) -> int:
        """Return the first minute in [first, last] in which an order could fill; -1 if there is none."""
        found = -1
        for runner in self._traded:
            bounds = self._bounds(runner)
            if bounds is None:
                continue
            touch = runner.market.next_touch(first, (last if found < 0 else found) + 1, *bounds)
            if touch >= 0:
                found = touch
        return found

    def _bounds(self, runner: RouteRunner) -> tuple[float, float] | None:
        book, account = runner.book, self.account
        liquidation = account.liquidation.price(runner.position) if account.liquidation.active else float("nan")
        watched = liquidation == liquidation
        if not book.active and not watched:
            return None
        price = runner.market.price
        if price is None:
            return None
        return book.bounds(price, liquidation) if watched else book.bounds(price)

    def _match_minute(self, event: int) -> None:
        """Let all orders meet the candles of a minute, symbol by symbol."""
        self._skip_to(event)
        if self._dense:
            for market in self.markets.values():
                market.lag = 1
        for symbol, market in self.markets.items():
            market.lag = 0
            runner = self._by_symbol.get(symbol)
            if runner is not None and market.has_row(event):
                runner.book.touched()
                self._match(runner, market)

    def _match(self, runner: RouteRunner, market: Market) -> None:
        row = market.rows[market.cursor]
        previous = market.cursor - 1
        previous_close = float(market.rows[previous, CLOSE]) if previous >= market.first_row else None
        path = Path.of(row)
        book = runner.book
        if previous_close is not None and path.open != previous_close and book.active:
            self._fill_gap(runner, market, previous_close, path)
        while book.active:
            order = first_touched(book.waiting(), path)
            if order is None:
                break
            until, path = split(path, order.price)
            self._show(market, row, until)
            self.execute(order)
        market.partial = None
        if self.account.liquidation.active and runner.position.qty != 0:
            self._liquidate(runner, market, previous_close)

    def _fill_gap(self, runner: RouteRunner, market: Market, previous_close: float, path: Path) -> None:
        row = market.rows[market.cursor]
        for order in gap_fills(runner.book.waiting(), previous_close, path.open):
            if order.status is OrderStatus.ACTIVE:
                self._show(market, row, Path(path.open, path.open, path.open, path.open), volume=0.0)
                order.vars["submitted_price"] = order.price
                order.price = path.open
                self.execute(order)
        market.partial = None

    def _liquidate(self, runner: RouteRunner, market: Market, previous_close: float | None) -> None:
        row = market.rows[market.cursor]
        price = self.account.liquidation.price(runner.position)
        inside = row[LOW] <= price <= row[HIGH]
        if not inside and previous_close is not None:
            inside = min(previous_close, row[OPEN]) <= price <= max(previous_close, row[OPEN])
        if inside:
            order = runner.broker.close_at(self.account.liquidation.bankruptcy_price(runner.position))
            runner.book.add(order)
            self.execute(order)

    def _show(self, market: Market, row: Rows, until: Path, *, volume: float | None = None) -> None:
        """Let hooks see the minute up to a fill."""
        partial = row.copy()
        partial[OPEN], partial[CLOSE], partial[HIGH], partial[LOW] = until.open, until.close, until.high, until.low
        if volume is not None:
            partial[VOLUME] = volume
        market.partial = partial

    def _drop_done(self) -> None:
        for runner in self._traded:
            runner.book.drop_done()

    def _end_minute(self, due: Sequence[RouteRunner] = ()) -> None:
        """Run the bars that are due, in route order; fill market orders; take the sample that is due."""
        for runner in self.runners:
            if runner in due:
                runner.run_bar()
            runner.book.drop_done()
        if self.queue:
            self.drain_queue()
        if self.clock.now >= self.samples.due:
            self.samples.take_due(self.clock.now, self.account.equity)
            if self._on_progress is not None:
                self._on_progress(self.clock.event + 1, len(self.clock.ends))

    def _runner(self, spec: RouteSpec, index: int) -> RouteRunner:
        market = self.markets[spec.symbol]
        book = self._books[spec.symbol]
        return RouteRunner(spec, index, market=market, book=book, account=self.account, run=self)
