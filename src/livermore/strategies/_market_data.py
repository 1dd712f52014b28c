# cython: annotation_typing=False, nonecheck=True
"""What strategies read several times per bar: candles, the price, values of the current candle, the time. Compiled."""

from typing import TYPE_CHECKING

import cython

from livermore.candles import CLOSE, HIGH, LOW, OPEN, TIMESTAMP, VOLUME
from livermore.errors import StrategyError, warn_uncompiled
from livermore.strategies.state import StateHolder

if TYPE_CHECKING:
    from livermore.market.frame import Frame
    from livermore.market.view import CandleView
    from livermore.strategies._protocols import RouteProtocol
    from livermore.typing import Rows

if not cython.compiled:
    warn_uncompiled()

__all__ = ["MarketData"]


class MarketData(StateHolder):
    """The properties of `Strategy` that read the market of its route."""

    @property
    def _route(self) -> "RouteProtocol":
        """The route, as a strategy sees it; an error that says so outside of a session."""
        route = self._livermore.route
        if route is None:
            raise StrategyError(
                f"{type(self).__name__} is not part of a session. Its orders, balance and routes can be read while a "
                "backtest runs, not from a strategy that was made by hand"
            )
        return route

    @property
    def candles(self) -> "CandleView":
        """The route's candles, warm-up included, shape (n, 6), read-only. The last row is the current one."""
        return self._frame("candles").view()

    @property
    def current_candle(self) -> "Rows":
        """A copy of the last candle: [UTC ms, open, close, high, low, volume]."""
        return self._frame("current_candle").current()

    @property
    def price(self) -> float:
        """The last price: the bar's close; in event hooks the price of the fill."""
        # Not through _frame: the price is that of the last fill in hooks of fills, and not the close of the candle.
        if self._livermore.market is None:
            raise _no_session("price")
        return self._livermore.market.read_price()

    @property
    def close(self) -> float:
        """Close of the current candle."""
        return self._frame("close").value(CLOSE)

    @property
    def open(self) -> float:
        """Open of the current candle."""
        return self._frame("open").value(OPEN)

    @property
    def high(self) -> float:
        """High of the current candle."""
        return self._frame("high").value(HIGH)

    @property
    def low(self) -> float:
        """Low of the current candle."""
        return self._frame("low").value(LOW)

    @property
    def volume(self) -> float:
        """Volume of the current candle."""
        return self._frame("volume").value(VOLUME)

    @property
    def time(self) -> float:
        """The session's time, UTC ms: the end of the current minute."""
        if self._livermore.clock is None:
            raise _no_session("time")
        return self._livermore.clock.read()

    def _candle_second(self) -> int:
        """Return when the current candle opened, UTC seconds."""
        opened = self._frame("current_candle").value(TIMESTAMP)
        return int(opened / 1000)

    def _clock_second(self) -> int:
        """Return the session's time, UTC seconds."""
        now = self.time
        return int(now / 1000)

    def _frame(self, name: str) -> "Frame":
        """Return the candles of the route; `name` is the property that needs them."""
        frame = self._livermore.candles
        if frame is None:
            raise _no_session(name)
        return frame


def _no_session(name: str) -> StrategyError:
    """Return the error that there is no market to read."""
    return StrategyError(
        f"self.{name} was read outside of a session: a strategy has no candles in its __init__ or when it is made by "
        "hand. Read it in before(), should_long() or another hook"
    )
