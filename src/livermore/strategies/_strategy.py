"""`Strategy`: what a user subclasses. Hooks to override, order variables to assign, properties to read."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from livermore.candles import CLOSE, HIGH, LOW, OPEN, VOLUME, CandleView, Rows
from livermore.errors import StrategyError
from livermore.strategies._charts import ChartsMixin, StrategyCharts
from livermore.strategies._intents import OrderVariable, mean_price
from livermore.strategies._ml import MLMixin
from livermore.strategies._ports import PositionPort, RoutePort
from livermore.strategies._samples import OpenPoint
from livermore.trading import ClosedTrade, Order, OrderStatus, Side

__all__ = ["Strategy"]

NAN = float("nan")


class Strategy(MLMixin, ChartsMixin, ABC):
    """The base class of all strategies; written for Jesse, they run unchanged.

    A session makes one instance per route and calls its hooks bar by bar. In hooks, a strategy assigns the order
    variables `buy`, `sell`, `stop_loss` and `take_profit`: ``(quantity, price)``, or a list of such pairs. Whether that
    becomes a market, limit or stop order follows from the price.

    Attributes
    ----------
    name : str
        The strategy's class name.
    symbol, exchange, timeframe : str
        Of the route.
    hp : dict
        Hyperparameters.
    vars, shared_vars : dict
        Scratch space of this strategy, and of all routes of the run together.
    index : int
        How many bars this strategy has completed.
    position : Position
        What the route holds.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> class GoldenCross(Strategy):
    ...     def should_long(self):
    ...         return ta.ema(self.candles, 8) > ta.ema(self.candles, 21)
    ...     def go_long(self):
    ...         qty = self.available_margin / self.price
    ...         self.buy = qty, self.price
    ...         self.stop_loss = qty, self.price * 0.98
    ...         self.take_profit = qty, self.price * 1.04
    """

    buy = OrderVariable()
    sell = OrderVariable()
    stop_loss = OrderVariable()
    take_profit = OrderVariable()

    def __init__(self) -> None:
        self.id = str(uuid4())
        self.name: str = None  # type: ignore[assignment]  # set by the session, after construction
        self.symbol: str = None  # type: ignore[assignment]
        self.exchange: str = None  # type: ignore[assignment]
        self.timeframe: str = None  # type: ignore[assignment]
        self.position: PositionPort = None  # type: ignore[assignment]
        self.broker: Any = None
        self.hp: dict[str, Any] = {}
        self.vars: dict[str, Any] = {}
        self.index = 0
        self.last_trade_index = 0
        self.trades_count = 0
        self.increased_count = 0
        self.reduced_count = 0
        self.trade = None
        self.charts = StrategyCharts()
        self._route: RoutePort = None  # type: ignore[assignment]
        # Raised whenever an order variable may have changed, so that an uneventful bar costs one look at it.
        self._changed = False
        self._intents: dict[str, Any] = dict.fromkeys(("buy", "sell", "stop_loss", "take_profit"))
        self._cache: dict[Any, Any] = {}
        self._cached_at = -1
        self._metrics: tuple[int, dict[str, Any]] | None = None
        self._open_points: dict[Hashable, OpenPoint] = {}
        self._ml_data_points: list[dict[str, Any]] = []
        self._predictor = None

    # --- Hooks: entries -----------------------------------------------------------------------------------------

    @abstractmethod
    def should_long(self) -> bool:
        """Return whether to go long; asked on each bar while flat and without entry orders."""

    @abstractmethod
    def go_long(self) -> None:
        """Assign `buy`, and on futures perhaps `stop_loss` and `take_profit`."""

    def should_short(self) -> bool:
        """Return whether to go short; asked before `should_long`."""
        return False

    def go_short(self) -> None:
        """Assign `sell`, and perhaps `stop_loss` and `take_profit`."""

    def should_cancel_entry(self) -> bool:
        """Return whether to cancel entry orders that have not filled; asked on each bar while flat."""
        return True

    def filters(self) -> list[Callable[[], bool]]:
        """Return methods that must all return true for an entry to be submitted."""
        return []

    # --- Hooks: bars --------------------------------------------------------------------------------------------

    def before(self) -> None:
        """Run first on each bar."""

    def update_position(self) -> None:
        """Run on each bar with an open position."""

    def after(self) -> None:
        """Run last on each bar."""

    def update_chart(self) -> None:
        """Draw; runs behind `after`."""

    # --- Hooks: events ------------------------------------------------------------------------------------------

    def on_open_position(self, order: Order) -> None:
        """Run after the fill that opened the position."""

    def on_close_position(self, order: Order, closed_trade: ClosedTrade) -> None:
        """Run after the fill that closed the position."""

    def on_increased_position(self, order: Order) -> None:
        """Run after a fill that enlarged the position."""

    def on_reduced_position(self, order: Order) -> None:
        """Run after a fill that made the position smaller."""

    def on_cancel(self) -> None:
        """Run after entry orders were cancelled, and after each close before `on_close_position`."""

    def on_route_open_position(self, strategy: "Strategy") -> None:
        """Run when another route's strategy has opened a position."""

    def on_route_close_position(self, strategy: "Strategy") -> None:
        """Run when another route's strategy has closed its position."""

    def on_route_increased_position(self, strategy: "Strategy") -> None:
        """Run when another route's strategy has enlarged its position."""

    def on_route_reduced_position(self, strategy: "Strategy") -> None:
        """Run when another route's strategy has made its position smaller."""

    def on_route_canceled(self, strategy: "Strategy") -> None:
        """Run when another route's orders were cancelled."""

    # --- Hooks: the run -----------------------------------------------------------------------------------------

    def before_terminate(self) -> None:
        """Run at the end of the session; orders may still be set."""

    def terminate(self) -> None:
        """Run at the end of the session, before an open position is closed."""

    def hyperparameters(self) -> list[dict[str, Any]]:
        """Return ``{"name", "type", "min", "max", "default"}`` for each entry of `hp`."""
        return []

    def dna(self) -> str:
        """Return the encoded values of `hp`."""
        return ""

    def watch_list(self) -> Sequence[tuple[str, Any]]:
        """Return what live trading shows."""
        return []

    def candles_pipeline(self) -> Any:
        """Return a rewriter of candles; not used in backtests here."""
        return None

    def trading_hours(self) -> Mapping[str, Any] | None:
        """Return the schedule that `is_trading_hours` follows; None is always."""
        return None

    # --- Candles and prices -------------------------------------------------------------------------------------

    @property
    def candles(self) -> CandleView:
        """The route's candles, warm-up included, shape (n, 6), read-only. The last row is the current one."""
        return self._route.candles.view()

    def get_candles(self, exchange: str, symbol: str, timeframe: str) -> CandleView:
        """Return the candles of any symbol and timeframe of the routes; the last row may be forming.

        Raises
        ------
        RouteNotFoundError
            If no route provides them.
        """
        return self._route.run.candles(exchange, symbol, timeframe)

    @property
    def current_candle(self) -> Rows:
        """A copy of the last candle: [UTC ms, open, close, high, low, volume]."""
        return self._route.candles.current()

    @property
    def price(self) -> float:
        """The last price: the bar's close; in event hooks the price of the fill."""
        return self._route.price

    @property
    def close(self) -> float:
        """Close of the current candle."""
        return self._route.candles.value(CLOSE)

    @property
    def open(self) -> float:
        """Open of the current candle."""
        return self._route.candles.value(OPEN)

    @property
    def high(self) -> float:
        """High of the current candle."""
        return self._route.candles.value(HIGH)

    @property
    def low(self) -> float:
        """Low of the current candle."""
        return self._route.candles.value(LOW)

    @property
    def volume(self) -> float:
        """Volume of the current candle."""
        return self._route.candles.value(VOLUME)

    @property
    def time(self) -> float:
        """The session's time, UTC ms: the end of the current minute."""
        return self._route.clock.now

    @property
    def closed_candle_open_time(self) -> int:
        """Opening time of the last completed candle of the route, UTC ms."""
        return self._route.candles.last_completed_time()

    @property
    def is_trading_hours(self) -> bool:
        """Whether the last completed candle opened within `trading_hours`."""
        schedule = self.trading_hours()
        if schedule is None:
            return True
        from livermore.utils import is_in_trading_hours

        return bool(is_in_trading_hours(self.closed_candle_open_time, schedule))

    @property
    def mark_price(self) -> float:
        """The last price; a backtest knows no other."""
        return self._route.price

    @property
    def funding_rate(self) -> float:
        """0: a backtest has no funding."""
        return 0.0

    @property
    def next_funding_timestamp(self) -> None:
        """None: a backtest has no funding."""
        return

    # --- Position and orders ------------------------------------------------------------------------------------

    @property
    def is_long(self) -> bool:
        """Whether a long position is open."""
        return self.position.qty > 0

    @property
    def is_short(self) -> bool:
        """Whether a short position is open."""
        return self.position.qty < 0

    @property
    def is_open(self) -> bool:
        """Whether a position is open."""
        return self.position.qty != 0

    @property
    def is_close(self) -> bool:
        """Whether no position is open."""
        return self.position.qty == 0

    @property
    def all_positions(self) -> Mapping[str, PositionPort]:
        """The positions of all trading routes, by symbol."""
        return self._route.run.positions()

    @property
    def orders(self) -> list[Order]:
        """All orders of the present trade, filled and cancelled ones too."""
        return self._route.book.cycle

    @property
    def entry_orders(self) -> list[Order]:
        """The orders that open or enlarge the position."""
        held = self.position.qty
        if held == 0:
            return list(self._route.book.cycle)
        side = Side.BUY if held > 0 else Side.SELL
        return [order for order in self._route.book.active if order.side is side and _counts(order)]

    @property
    def exit_orders(self) -> list[Order]:
        """The orders that close the position or make it smaller, filled ones too."""
        return [order for order in self._route.book.cycle if self._is_exit(order)]

    @property
    def active_exit_orders(self) -> list[Order]:
        """The orders that wait to close the position or make it smaller."""
        return [order for order in self._route.book.active if self._is_exit(order)]

    @property
    def has_long_entry_orders(self) -> bool:
        """Whether the entry is a long one; in filters, whether `buy` is set."""
        entries = self.entry_orders
        return entries[0].side is Side.BUY if entries else self._intents["buy"] is not None

    @property
    def has_short_entry_orders(self) -> bool:
        """Whether the entry is a short one; in filters, whether `sell` is set."""
        entries = self.entry_orders
        return entries[0].side is Side.SELL if entries else self._intents["sell"] is not None

    @property
    def average_entry_price(self) -> float | None:
        """Mean price of the entry rows, weighted by quantity; None without entry or position."""
        held = self.position.qty
        sides = ("buy", "sell") if held == 0 else ("buy",) if held > 0 else ("sell",)
        for side in sides:
            if self._intents[side] is not None:
                return mean_price(self._intents[side], side, type(self).__name__)
        return self.position.entry_price

    @property
    def average_stop_loss(self) -> float:
        """Mean price of the stop-loss rows, weighted by quantity."""
        return self._average_exit("stop_loss")

    @property
    def average_take_profit(self) -> float:
        """Mean price of the take-profit rows, weighted by quantity."""
        return self._average_exit("take_profit")

    @property
    def trades(self) -> list[ClosedTrade]:
        """The closed trades of all routes, in closing order."""
        return self._route.run.trades

    def liquidate(self) -> None:
        """Close the position at the market price, at the end of the hook."""
        position = self.position
        if position.qty == 0:
            return
        if position.pnl > 0:
            self.take_profit = position.qty, self.price
        else:
            self.stop_loss = position.qty, self.price

    # --- Money --------------------------------------------------------------------------------------------------

    @property
    def balance(self) -> float:
        """The wallet."""
        return self._route.account.balance

    @property
    def capital(self) -> float:
        """Gone from Jesse: raises NotImplementedError."""
        raise NotImplementedError("self.capital no longer exists: use self.balance or self.available_margin")

    @property
    def available_margin(self) -> float:
        """What new orders may use: the wallet less margin and reservations, plus open profit; on spot the wallet."""
        return self._route.account.available_margin

    @property
    def leveraged_available_margin(self) -> float:
        """`available_margin` times leverage."""
        return self.leverage * self.available_margin

    @property
    def portfolio_value(self) -> float:
        """The wallet and all that is held, at the last prices."""
        return self._route.account.portfolio_value(self.symbol)

    @property
    def daily_balances(self) -> list[float]:
        """The samples of the account's worth so far, about one a day."""
        return self._route.run.balances

    @property
    def fee_rate(self) -> float:
        """The fee of each fill, as a fraction."""
        return self._route.account.fee_rate

    @property
    def leverage(self) -> int:
        """Position value over margin; 1 on spot."""
        return self._route.account.leverage

    @property
    def exchange_type(self) -> str:
        """``"futures"`` or ``"spot"``."""
        return self._route.account.kind

    @property
    def is_spot_trading(self) -> bool:
        """Whether the account is a spot account."""
        return self._route.account.kind == "spot"

    @property
    def is_futures_trading(self) -> bool:
        """Whether the account is a futures account."""
        return self._route.account.kind == "futures"

    @property
    def liquidation_price(self) -> float:
        """At which an isolated position is liquidated; NaN for others."""
        return self.position.liquidation_price

    @property
    def min_qty(self) -> float:
        """Known to live trading only: raises ValueError."""
        raise ValueError("self.min_qty is known in live trading only")

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics of all trades so far; computed anew when this route has closed another trade."""
        if self._metrics is None or self._metrics[0] != self.trades_count:
            self._metrics = (self.trades_count, self._route.run.metrics())
        return self._metrics[1]

    # --- The run ------------------------------------------------------------------------------------------------

    @property
    def shared_vars(self) -> dict[str, Any]:
        """One dict for all routes of the run."""
        return self._route.run.shared_vars

    @property
    def routes(self) -> Sequence[Any]:
        """The trading routes."""
        return self._route.run.routes()

    @property
    def data_routes(self) -> Sequence[Any]:
        """The data routes."""
        return self._route.run.data_routes()

    @property
    def current_route_index(self) -> int:
        """This route's place in `routes`."""
        return self._route.index

    @property
    def base_asset(self) -> str:
        """What is bought and sold: ``BTC`` of ``BTC-USDT``."""
        return self.symbol.split("-")[0]

    @property
    def quote_asset(self) -> str:
        """What it is paid with: ``USDT`` of ``BTC-USDT``."""
        return self.symbol.split("-")[1]

    @property
    def is_backtesting(self) -> bool:
        """True in a backtest."""
        return True

    @property
    def is_livetrading(self) -> bool:
        """True when real orders are sent."""
        return False

    @property
    def is_papertrading(self) -> bool:
        """True on live candles without real orders."""
        return False

    @property
    def is_live(self) -> bool:
        """True on live candles."""
        return False

    def log(
        self, msg: object, log_type: str = "info", send_notification: bool = False, webhook: str | None = None
    ) -> None:
        """Keep a line in the run's log.

        Raises
        ------
        ValueError
            If `log_type` is neither ``"info"`` nor ``"error"``.
        """
        if log_type not in ("info", "error"):
            raise ValueError(f"log_type must be 'info' or 'error', got {log_type!r}")
        self._route.run.log(str(msg), log_type)

    # --- Helpers ------------------------------------------------------------------------------------------------

    def _is_exit(self, order: Order) -> bool:
        held = self.position.qty
        side = Side.SELL if held > 0 else Side.BUY
        return held != 0 and order.side is side and _counts(order)

    def _average_exit(self, variable: str) -> float:
        rows = self._intents[variable]
        if rows is None or len(rows) == 0:
            raise StrategyError(f"{type(self).__name__}: average_{variable} was asked for, but {variable} is not set")
        return mean_price(rows, variable, type(self).__name__)


def _counts(order: Order) -> bool:
    return order.status is not OrderStatus.CANCELED
