"""What an exchange knows, whatever the dialect in which it is asked: its markets and its clock."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from livermore.testing.loopback._answers import Answer, Request
from livermore.testing.loopback._market import LoopbackMarket

__all__ = ["Dialect", "Stream", "Venue"]


class Venue:
    """Markets and clock of the loopback exchange.

    Parameters
    ----------
    markets : mapping of str to LoopbackMarket
        By symbol.
    read_clock : callable
        Returns UTC ms.

    Attributes
    ----------
    skew_ms : int
        By how much the exchange's clock is ahead of that of `read_clock`.
    """

    def __init__(self, markets: Mapping[str, LoopbackMarket], read_clock: Callable[[], int]) -> None:
        self.markets = markets
        self.skew_ms = 0
        self._read_clock = read_clock

    def now(self) -> int:
        """Return the exchange's time, UTC ms."""
        return self._read_clock() + self.skew_ms


class Stream(Protocol):
    """One websocket connection, in one dialect. Messages are what JSON is made of."""

    def opened(self) -> list[Any]:
        """Return what is sent first."""
        ...

    def received(self, message: Any) -> list[Any]:
        """Return the answers to a message."""
        ...

    def due(self) -> list[Any]:
        """Return what has happened since the last call."""
        ...


class Dialect(Protocol):
    """How one exchange speaks.

    Attributes
    ----------
    name : str
        Of the exchange in ccxt.
    """

    name: str

    def prepare(self, client: Any) -> None:
        """Change what depends on the addresses of an object of ccxt, beside the addresses."""
        ...

    def answer(self, request: Request) -> Answer | None:
        """Answer a request; None if the exchange has no such path."""
        ...

    def stream(self, host: str, path: str) -> Stream | None:
        """Return what answers on a new websocket connection; None if the exchange has no such path."""
        ...
