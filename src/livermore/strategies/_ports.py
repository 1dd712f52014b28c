"""What a strategy sees of the session that runs it: Protocols that the engine and live trading implement.

And of the labels that it observes features for, which `livermore.ml.labels` implements.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from livermore.market.view import CandleView
from livermore.trading import ClosedTrade, Order, PositionType
from livermore.typing import Rows

if TYPE_CHECKING:
    from livermore.strategies._strategy import Strategy

__all__ = [
    "AccountPort",
    "BookPort",
    "CandlesPort",
    "ClockPort",
    "LabelPort",
    "MarketPort",
    "ObserverPort",
    "OutcomePort",
    "PositionPort",
    "RoutePort",
    "RunPort",
]


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


class MarketPort(Protocol):
    """The candles of one symbol, in all timeframes."""

    @property
    def last_price(self) -> float:
        """The last price; an error before the first candle."""


class PositionPort(Protocol):
    """What is held."""

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
        """Worth at the last price."""

    @property
    def type(self) -> PositionType:
        """``"long"``, ``"short"`` or ``"close"``."""

    @property
    def liquidation_price(self) -> float:
        """NaN where there is none."""


class AccountPort(Protocol):
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
        """Return what all is worth, as a strategy of that symbol is told."""


class BookPort(Protocol):
    """The orders of the strategy's symbol."""

    @property
    def active(self) -> list[Order]:
        """Those that wait for their price."""

    @property
    def cycle(self) -> list[Order]:
        """All of the present trade."""


class RoutePort(Protocol):
    """One route, as its strategy sees it."""

    @property
    def index(self) -> int:
        """Its place among the trading routes."""

    @property
    def clock(self) -> ClockPort:
        """The session's time."""

    @property
    def candles(self) -> CandlesPort:
        """The route's candles."""

    @property
    def position(self) -> PositionPort:
        """What is held."""

    @property
    def account(self) -> AccountPort:
        """The wallet."""

    @property
    def book(self) -> BookPort:
        """The orders of the symbol."""

    @property
    def run(self) -> "RunPort":
        """The whole run."""

    @property
    def market(self) -> MarketPort:
        """The route's symbol."""


class RunPort(Protocol):
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


class OutcomePort(Protocol):
    """A label that has become known."""

    @property
    def value(self) -> bool | int | float:
        """The label's value."""

    @property
    def time(self) -> int:
        """When it became known, in seconds."""

    @property
    def payoff(self) -> float:
        """Net return of acting on the signal, as a fraction."""


class ObserverPort(Protocol):
    """Watches one observation until its label is known."""

    def update(self, open: float, close: float, high: float, low: float, time: int) -> OutcomePort | None:
        """Take the next completed candle; `time` is the moment of its end, in seconds."""

    def trade_closed(self, trade: ClosedTrade, time: int) -> OutcomePort | None:
        """Take a trade that closed at `time` (seconds)."""


class LabelPort(Protocol):
    """What features may be observed for."""

    @property
    def name(self) -> str:
        """The label's name in the samples."""

    @property
    def side(self) -> str | None:
        """The side that the signal would trade: ``"long"``, ``"short"`` or None."""

    def start(self, price: float, time: int) -> ObserverPort:
        """Begin to observe at a price and a moment (seconds)."""
