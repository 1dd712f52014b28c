"""`Strategy`: what a user subclasses. Hooks to override, order variables to assign, properties to read."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self

from livermore.strategies._charts import ChartsMixin, StrategyCharts
from livermore.strategies._ml import MLMixin
from livermore.strategies._observations import ObservingMixin, OpenObservations
from livermore.strategies._protocols import PositionProtocol
from livermore.strategies._view import StrategyView
from livermore.strategies.order_variables import OrderVariable
from livermore.strategies.state import StrategyState
from livermore.trading import ClosedTrade, Order
from livermore.trading.ids import random_id

__all__ = ["Strategy"]


class Strategy(MLMixin, ObservingMixin, ChartsMixin, StrategyView, ABC):
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
    cached_like_jesse : bool
        Whether a value that a method under `cached` returned in a hook of an event, between two bars, is returned in
        the next bar too, as in Jesse. It is from the time of the event then, and may be stale. By default it is
        computed again. Set it on the class.

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

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Make the instance and its state, before any `__init__` runs."""
        strategy = super().__new__(cls)
        strategy._livermore = StrategyState()
        strategy._livermore.open_observations = OpenObservations(strategy)
        return strategy

    def __init__(self) -> None:
        super().__init__()
        self.id = random_id()
        self.name: str = None  # type: ignore[assignment]  # set by the session, after construction
        self.symbol: str = None  # type: ignore[assignment]
        self.exchange: str = None  # type: ignore[assignment]
        self.timeframe: str = None  # type: ignore[assignment]
        self.position: PositionProtocol = None  # type: ignore[assignment]
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
        self._metrics: tuple[int, dict[str, Any]] | None = None

    # --- Hooks: entries -----------------------------------------------------------------------------------------

    @abstractmethod
    def should_long(self) -> bool:
        """Return whether to go long; called on each bar while the position is flat and no entry order waits."""

    @abstractmethod
    def go_long(self) -> None:
        """Assign `buy`, and on futures perhaps `stop_loss` and `take_profit`."""

    def should_short(self) -> bool:
        """Return whether to go short; called before `should_long`."""
        return False

    def go_short(self) -> None:
        """Assign `sell`, and perhaps `stop_loss` and `take_profit`."""

    def should_cancel_entry(self) -> bool:
        """Return whether to cancel entry orders that have not filled; called on each bar while the position is flat."""
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
        """Draw lines on the charts; runs after `after`."""

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

    # --- Actions ------------------------------------------------------------------------------------------------

    def liquidate(self) -> None:
        """Close the position at the market price, at the end of the hook."""
        position = self.position
        if position.qty == 0:
            return
        if position.pnl > 0:
            self.take_profit = position.qty, self.price
        else:
            self.stop_loss = position.qty, self.price

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
        self._route.session.log(str(msg), log_type)
