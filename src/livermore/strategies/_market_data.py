# cython: annotation_typing=False
"""What strategies read several times a bar, compiled: the candles, the price, the newest candle's values, the time."""

from typing import TYPE_CHECKING

import cython

from livermore.candles import CLOSE, HIGH, LOW, OPEN, TIMESTAMP, VOLUME
from livermore.errors import StrategyError, warn_uncompiled

if TYPE_CHECKING:
    from livermore.market.market import Frame, Market, SessionClock
    from livermore.market.view import CandleView
    from livermore.typing import Rows

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Present"]


class Present:
    """The present of one route, as its strategy sees it."""

    def __init__(self) -> None:
        self._seen_market: Market | None = None
        self._seen_candles: Frame | None = None
        self._seen_clock: SessionClock | None = None

    def _see(self, market: "Market", candles: "Frame", clock: "SessionClock") -> None:
        """Look at a route's market, its candles and its clock from now on."""
        self._seen_market = market
        self._seen_candles = candles
        self._seen_clock = clock

    @property
    def candles(self) -> "CandleView":
        """The route's candles, warm-up included, shape (n, 6), read-only. The last row is the current one."""
        if self._seen_candles is None:
            raise _too_early("candles")
        return self._seen_candles.view()

    @property
    def current_candle(self) -> "Rows":
        """A copy of the last candle: [UTC ms, open, close, high, low, volume]."""
        if self._seen_candles is None:
            raise _too_early("current_candle")
        return self._seen_candles.current()

    @property
    def price(self) -> float:
        """The last price: the bar's close; in event hooks the price of the fill."""
        if self._seen_market is None:
            raise _too_early("price")
        return self._seen_market.shown_price()

    @property
    def close(self) -> float:
        """Close of the current candle."""
        return self._value(CLOSE, "close")

    @property
    def open(self) -> float:
        """Open of the current candle."""
        return self._value(OPEN, "open")

    @property
    def high(self) -> float:
        """High of the current candle."""
        return self._value(HIGH, "high")

    @property
    def low(self) -> float:
        """Low of the current candle."""
        return self._value(LOW, "low")

    @property
    def volume(self) -> float:
        """Volume of the current candle."""
        return self._value(VOLUME, "volume")

    @property
    def time(self) -> float:
        """The session's time, UTC ms: the end of the current minute."""
        if self._seen_clock is None:
            raise _too_early("time")
        return self._seen_clock.told()

    def _candle_second(self) -> int:
        """Return when the current candle opened, UTC seconds."""
        opened = self._value(TIMESTAMP, "current_candle")
        return int(opened / 1000)

    def _clock_second(self) -> int:
        """Return the session's time, UTC seconds."""
        if self._seen_clock is None:
            raise _too_early("time")
        now = self._seen_clock.told()
        return int(now / 1000)

    def _value(self, column: int, name: str) -> float:
        """Return one value of the current candle."""
        if self._seen_candles is None:
            raise _too_early(name)
        return self._seen_candles.value(column)


def _too_early(name: str) -> StrategyError:
    """Say that there is nothing to see yet."""
    return StrategyError(
        f"self.{name} was read outside of a session: a strategy has no candles in its __init__ or when it is made by "
        "hand. Read it in before(), should_long() or another hook"
    )
