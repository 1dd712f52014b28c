"""What a strategy can read in its hooks: candles, position, orders, money, and the session."""

from collections.abc import Mapping, Sequence
from typing import Any

from livermore.errors import StrategyError
from livermore.market.view import CandleView
from livermore.strategies._market_data import MarketData
from livermore.strategies._protocols import PositionProtocol, RouteProtocol
from livermore.strategies.order_variables import mean_price
from livermore.trading import ClosedTrade, Order, OrderStatus, Side

__all__ = ["StrategyView"]


class StrategyView(MarketData):
    """The properties of `Strategy`. Each reads the session's present state."""

    cached_like_jesse: bool = False

    symbol: str
    position: PositionProtocol
    trades_count: int
    _route: RouteProtocol
    _metrics: tuple[int, dict[str, Any]] | None

    def trading_hours(self) -> Mapping[str, Any] | None:
        """Return the schedule that `is_trading_hours` follows; None is always."""
        return None

    # --- Candles and prices -------------------------------------------------------------------------------------

    def get_candles(self, exchange: str, symbol: str, timeframe: str) -> CandleView:
        """Return the candles of any symbol and timeframe of the routes; the last row may be forming.

        Raises
        ------
        RouteNotFoundError
            If no route provides them.
        """
        return self._route.session.candles(exchange, symbol, timeframe)

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
        from livermore.market.trading_hours import is_in_trading_hours

        return bool(is_in_trading_hours(self.closed_candle_open_time, schedule))

    @property
    def mark_price(self) -> float:
        """The last price; a backtest knows no other."""
        return self.price

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
    def all_positions(self) -> Mapping[str, PositionProtocol]:
        """The positions of all trading routes, by symbol."""
        return dict(self._route.session.positions())

    @property
    def orders(self) -> list[Order]:
        """All orders of the present trade, filled and cancelled ones too."""
        return list(self._route.book.trade_orders)

    @property
    def entry_orders(self) -> list[Order]:
        """The orders that open or enlarge the position."""
        held = self.position.qty
        if held == 0:
            return list(self._route.book.trade_orders)
        side = Side.BUY if held > 0 else Side.SELL
        return [order for order in self._route.book.active if order.side is side and _counts(order)]

    @property
    def exit_orders(self) -> list[Order]:
        """The orders that close the position or make it smaller, filled ones too."""
        return [order for order in self._route.book.trade_orders if self._is_exit(order)]

    @property
    def active_exit_orders(self) -> list[Order]:
        """The orders that wait to close the position or make it smaller."""
        return [order for order in self._route.book.active if self._is_exit(order)]

    @property
    def has_long_entry_orders(self) -> bool:
        """Whether the entry is a long one; in filters, whether `buy` is set."""
        entries = self.entry_orders
        return entries[0].side is Side.BUY if entries else self._livermore.order_variables["buy"] is not None

    @property
    def has_short_entry_orders(self) -> bool:
        """Whether the entry is a short one; in filters, whether `sell` is set."""
        entries = self.entry_orders
        return entries[0].side is Side.SELL if entries else self._livermore.order_variables["sell"] is not None

    @property
    def average_entry_price(self) -> float | None:
        """Mean price of the entry rows that were submitted, weighted by quantity; None without entry or position."""
        held = self.position.qty
        sides = ("buy", "sell") if held == 0 else ("buy",) if held > 0 else ("sell",)
        for side in sides:
            rows = self._rows_of(side)
            if rows is not None and len(rows) > 0:
                return mean_price(rows, side, type(self).__name__)
        return self.position.entry_price

    @property
    def average_stop_loss(self) -> float:
        """Mean price of the stop-loss rows that were submitted, weighted by quantity."""
        return self._average_exit("stop_loss")

    @property
    def average_take_profit(self) -> float:
        """Mean price of the take-profit rows that were submitted, weighted by quantity."""
        return self._average_exit("take_profit")

    @property
    def trades(self) -> list[ClosedTrade]:
        """The closed trades of all routes, in closing order."""
        return self._copy("trades", self._route.session.trades)

    # --- Money --------------------------------------------------------------------------------------------------

    @property
    def balance(self) -> float:
        """The wallet's balance, in the settlement currency."""
        return self._route.account.balance

    @property
    def capital(self) -> float:
        """Removed from Jesse: raises NotImplementedError."""
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
        """The wallet and all open positions, at the last prices."""
        return self._route.account.portfolio_value(self.symbol)

    @property
    def daily_balances(self) -> list[float]:
        """The account's equity so far, about one value per day."""
        return self._copy("daily_balances", self._route.session.balances)

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
        """Known in live trading only: raises ValueError."""
        raise ValueError("self.min_qty is known in live trading only")

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics of all trades so far; computed again when this route has closed another trade."""
        if self._metrics is None or self._metrics[0] != self.trades_count:
            self._metrics = (self.trades_count, self._route.session.metrics())
        return self._metrics[1]

    # --- The run ------------------------------------------------------------------------------------------------

    @property
    def shared_vars(self) -> dict[str, Any]:
        """One dict for all routes of the run."""
        return self._route.session.shared_vars

    @property
    def routes(self) -> Sequence[Any]:
        """The trading routes."""
        return list(self._route.session.routes())

    @property
    def data_routes(self) -> Sequence[Any]:
        """The data routes."""
        return list(self._route.session.data_routes())

    @property
    def current_route_index(self) -> int:
        """The place of the strategy's route in `routes`."""
        return self._route.index

    @property
    def base_asset(self) -> str:
        """The asset that is bought and sold: ``BTC`` of ``BTC-USDT``."""
        return self.symbol.split("-")[0]

    @property
    def quote_asset(self) -> str:
        """The asset that pays for it: ``USDT`` of ``BTC-USDT``."""
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

    def _is_exit(self, order: Order) -> bool:
        held = self.position.qty
        side = Side.SELL if held > 0 else Side.BUY
        return held != 0 and order.side is side and _counts(order)

    def _copy(self, name: str, values: list[Any]) -> list[Any]:
        """Return a copy of a list of the session, which a strategy must not change; made again when the list grows."""
        copies = self._livermore.copies
        copy = copies.get(name)
        if copy is None or len(copy) != len(values):
            copy = copies[name] = values.copy()
        return copy

    def _rows_of(self, variable: str) -> Any:
        """Return an order variable as it was submitted; before that, as it was assigned."""
        rows = self._livermore.submitted[variable]
        return self._livermore.order_variables[variable] if rows is None else rows

    def _average_exit(self, variable: str) -> float:
        rows = self._rows_of(variable)
        if rows is None or len(rows) == 0:
            raise StrategyError(f"{type(self).__name__}: average_{variable} was asked for, but {variable} is not set")
        return mean_price(rows, variable, type(self).__name__)


def _counts(order: Order) -> bool:
    return order.status is not OrderStatus.CANCELED
