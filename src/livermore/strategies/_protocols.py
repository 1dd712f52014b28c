"""What a strategy uses of the session that runs it, as protocols. The engine implements them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from livermore.market.view import CandleView
from livermore.trading import ClosedTrade, Order, PositionType
from livermore.typing import Rows

if TYPE_CHECKING:
    from livermore.strategies._strategy import Strategy

__all__ = [
    "AccountProtocol",
    "CandlesProtocol",
    "ClockProtocol",
    "MarketProtocol",
    "OrderBookProtocol",
    "PositionProtocol",
    "RouteProtocol",
    "SessionProtocol",
]


class ClockProtocol(Protocol):
    """The session's time."""

    @property
    def now(self) -> float:
        """UTC milliseconds: the end of the minute that is being processed."""


class CandlesProtocol(Protocol):
    """The candles of one timeframe."""

    def view(self) -> CandleView:
        """Return all that is visible now, read-only; the last row may be forming."""

    def current(self) -> Rows:
        """Return a copy of the last row."""

    def value(self, column: int) -> float:
        """Return one value of the last row."""

    def last_completed_time(self) -> int:
        """Return when the last completed candle opened, UTC ms."""


class MarketProtocol(Protocol):
    """The candles of one symbol, in all timeframes."""

    @property
    def last_price(self) -> float:
        """The last price; an error before the first candle."""


class PositionProtocol(Protocol):
    """The position of a symbol.

    Examples
    --------
    >>> class Flat:
    ...     qty, pnl, value, type = 0.0, 0.0, 0.0, "close"
    ...     entry_price = opened_at = None
    ...     liquidation_price = float("nan")
    >>> position: PositionProtocol = Flat()
    >>> position.entry_price is None
    True
    """

    @property
    def qty(self) -> float:
        """Signed quantity."""

    @property
    def entry_price(self) -> float | None:
        """Mean price; None when flat."""

    @property
    def opened_at(self) -> float | None:
        """UTC ms."""

    @property
    def pnl(self) -> float:
        """Profit at the last price, before fees."""

    @property
    def value(self) -> float:
        """Value at the last price."""

    @property
    def type(self) -> PositionType:
        """``"long"``, ``"short"`` or ``"close"``."""

    @property
    def liquidation_price(self) -> float:
        """NaN where there is none."""


class AccountProtocol(Protocol):
    """The wallet, shared by all routes."""

    @property
    def kind(self) -> str:
        """``"futures"`` or ``"spot"``."""

    @property
    def leverage(self) -> int:
        """Position value over margin."""

    @property
    def fee_rate(self) -> float:
        """Of each fill, as a fraction."""

    @property
    def balance(self) -> float:
        """The wallet."""

    @property
    def available_margin(self) -> float:
        """What new orders may use."""

    def portfolio_value(self, symbol: str) -> float:
        """Return the value of wallet and positions, as `Strategy.portfolio_value` has it for that symbol."""


class OrderBookProtocol(Protocol):
    """The orders of the strategy's symbol."""

    @property
    def active(self) -> list[Order]:
        """Those that wait for their price."""

    @property
    def trade_orders(self) -> list[Order]:
        """All of the present trade."""


class RouteProtocol(Protocol):
    """One route, as its strategy sees it."""

    @property
    def index(self) -> int:
        """Its place among the trading routes."""

    @property
    def clock(self) -> ClockProtocol:
        """The session's time."""

    @property
    def candles(self) -> CandlesProtocol:
        """The route's candles."""

    @property
    def position(self) -> PositionProtocol:
        """The position of a symbol."""

    @property
    def account(self) -> AccountProtocol:
        """The wallet."""

    @property
    def book(self) -> OrderBookProtocol:
        """The orders of the symbol."""

    @property
    def session(self) -> "SessionProtocol":
        """The session that the route belongs to."""

    @property
    def market(self) -> MarketProtocol:
        """The route's symbol."""


class SessionProtocol(Protocol):
    """The whole run, as a strategy sees it."""

    @property
    def shared_vars(self) -> dict[str, Any]:
        """One dict for all routes."""

    @property
    def on_in_sample(self) -> str:
        """What becomes of a model that is asked about its own training: ``"warn"``, ``"raise"`` or ``"allow"``."""

    @property
    def trades(self) -> list[ClosedTrade]:
        """The closed trades of all routes."""

    @property
    def balances(self) -> list[float]:
        """Samples of the account's worth."""

    def candles(self, exchange: str, symbol: str, timeframe: str) -> CandleView:
        """Return the candles of any series that the routes provide."""

    def routes(self) -> Sequence[Any]:
        """Return the trading routes."""

    def data_routes(self) -> Sequence[Any]:
        """Return the data routes."""

    def positions(self) -> Mapping[str, PositionProtocol]:
        """Return the positions by symbol."""

    def metrics(self) -> dict[str, Any]:
        """Compute the metrics of the trades so far."""

    def log(self, message: str, kind: str) -> None:
        """Keep a line."""

    def add_sample(self, sample: dict[str, Any]) -> None:
        """Keep a labelled sample."""

    def observe(self, observer: Callable[[Rows], None], strategy: "Strategy") -> None:
        """Call `observer` with each new candle of the strategy's route, before its bar."""
