"""What a strategy sees of the session that runs it: Protocols that the engine and live trading implement."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from livermore.candles import CandleView, Rows
from livermore.trading import ClosedTrade, Order, PositionType

if TYPE_CHECKING:
    from livermore.strategies._strategy import Strategy

__all__ = ["AccountPort", "BookPort", "CandlesPort", "ClockPort", "PositionPort", "RoutePort", "RunPort"]


class ClockPort(Protocol):
    """The session's time."""

    @property
    def now(self) -> float:
        """UTC milliseconds: the end of the minute that is being processed."""


class CandlesPort(Protocol):
    """The candles of one timeframe."""

    def view(self) -> CandleView:
        """Return all that is visible now, read-only; the last row may be forming."""

    def current(self) -> Rows:
        """Return a copy of the last row."""

    def value(self, column: int) -> float:
        """Return one value of the last row."""

    def last_completed_time(self) -> int:
        """Return when the last completed candle opened, UTC ms."""


class PositionPort(Protocol):
    """What is held."""

    qty: float
    entry_price: float | None
    opened_at: float | None

    @property
    def pnl(self) -> float:
        """Profit at the last price, before fees."""

    @property
    def value(self) -> float:
        """Worth at the last price."""

    @property
    def type(self) -> PositionType:
        """``"long"``, ``"short"`` or ``"close"``."""

    @property
    def liquidation_price(self) -> float:
        """NaN where there is none."""


class AccountPort(Protocol):
    """The wallet, shared by all routes."""

    kind: str
    leverage: int
    fee_rate: float

    @property
    def balance(self) -> float:
        """The wallet."""

    @property
    def available_margin(self) -> float:
        """What new orders may use."""

    def portfolio_value(self, symbol: str) -> float:
        """Return what all is worth, as a strategy of that symbol is told."""


class BookPort(Protocol):
    """The orders of the strategy's symbol."""

    active: list[Order]
    cycle: list[Order]


class RoutePort(Protocol):
    """One route, as its strategy sees it."""

    index: int
    clock: ClockPort
    candles: CandlesPort
    position: PositionPort
    account: AccountPort
    book: BookPort
    run: "RunPort"

    @property
    def price(self) -> float:
        """The last price."""


class RunPort(Protocol):
    """The whole run, as a strategy sees it."""

    shared_vars: dict[str, Any]
    trades: list[ClosedTrade]
    balances: list[float]

    def candles(self, exchange: str, symbol: str, timeframe: str) -> CandleView:
        """Return the candles of any series that the routes provide."""

    def routes(self) -> Sequence[Any]:
        """Return the trading routes."""

    def data_routes(self) -> Sequence[Any]:
        """Return the data routes."""

    def positions(self) -> Mapping[str, PositionPort]:
        """Return the positions by symbol."""

    def metrics(self) -> dict[str, Any]:
        """Compute the metrics of the trades so far."""

    def log(self, message: str, kind: str) -> None:
        """Keep a line."""

    def sample(self, sample: dict[str, Any]) -> None:
        """Keep a labelled sample."""

    def observe(self, observer: Callable[[Rows], None], strategy: "Strategy") -> None:
        """Call `observer` with each new candle of the strategy's route, before its bar."""
