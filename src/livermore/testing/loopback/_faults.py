"""What can go wrong between a program and an exchange, one class a fault, and the script that says when."""

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from livermore.testing.loopback._answers import Answer, Request

__all__ = [
    "Disconnect",
    "DuplicateRows",
    "Edited",
    "Fault",
    "FaultScript",
    "HttpError",
    "Malformed",
    "NoRows",
    "Reply",
    "ReversedRows",
    "Stall",
]


class Fault(Protocol):
    """A fault of one answer.

    Attributes
    ----------
    is_refusal : bool
        Whether the request is not carried out at all. Otherwise the exchange does what it was asked for, and only the
        answer is damaged: the case that doubles orders. A websocket that is not refused is closed at once.

    Examples
    --------
    >>> class Upper:
    ...     is_refusal = False
    ...
    ...     async def damage(self, answer):
    ...         return Answer(answer.text().upper(), answer.status)
    >>> fault: Fault = Upper()
    >>> script = FaultScript[Fault]()
    >>> script.add(fault, path="Time")
    >>> script.take(Request("api.kraken.com", "GET", "/0/public/Time", {}, {})) is fault
    True
    """

    @property
    def is_refusal(self) -> bool:
        """Whether the request is not carried out at all."""
        ...

    async def damage(self, answer: Answer) -> Answer | None:
        """Return the answer that is sent instead; None to close the connection without one."""
        ...


@dataclass(frozen=True)
class HttpError:
    """The exchange answers with an HTTP status such as 429, 502 or 503.

    Parameters
    ----------
    status : int
        The status.
    is_refusal : bool
        Whether the request is not carried out; with False the answer is an error although it was.
    body : str
        What is sent with it.

    Examples
    --------
    >>> HttpError(503)
    HttpError(...)
    """

    status: int
    is_refusal: bool = True
    body: str = ""

    async def damage(self, answer: Answer) -> Answer | None:
        """Return the error."""
        return Answer(self.body, status=self.status)


@dataclass(frozen=True)
class Reply:
    """The exchange says something else than it would, such as one of its own errors.

    Parameters
    ----------
    content : object
        JSON: ``{"error": ["EService:Busy"]}`` for Kraken, ``{"code": -1001, "msg": "…"}`` for Binance.
    status : int
        HTTP status.
    is_refusal : bool
        As for `HttpError`.

    Examples
    --------
    >>> Reply({"error": ["EGeneral:Temporary lockout"]}).status
    200
    """

    content: Any
    status: int = 200
    is_refusal: bool = True

    async def damage(self, answer: Answer) -> Answer | None:
        """Return the other answer."""
        return Answer(self.content, status=self.status)


@dataclass(frozen=True)
class Disconnect:
    """The connection is closed without an answer; `is_refusal` as for `HttpError`.

    Examples
    --------
    >>> Disconnect()
    Disconnect(...)
    """

    is_refusal: bool = False

    async def damage(self, answer: Answer) -> Answer | None:
        """Return None: no answer."""
        return None


@dataclass(frozen=True)
class Stall:
    """The answer comes late, or, if the program gives up before that, never.

    Parameters
    ----------
    seconds : float
        How long it is held back, of real time.
    is_refusal : bool
        As for `HttpError`.

    Examples
    --------
    >>> Stall(seconds=2)
    Stall(...)
    """

    seconds: float
    is_refusal: bool = False

    async def damage(self, answer: Answer) -> Answer | None:
        """Wait, then return the answer as it was."""
        await asyncio.sleep(self.seconds)
        return answer


@dataclass(frozen=True)
class Malformed:
    """The answer is cut in the middle: no JSON.

    Examples
    --------
    >>> Malformed()
    Malformed(...)
    """

    is_refusal: bool = False

    async def damage(self, answer: Answer) -> Answer | None:
        """Return the first half of the answer."""
        text = answer.text()
        return Answer(text[: len(text) // 2], status=answer.status)


@dataclass(frozen=True)
class Edited:
    """The answer is another than usual: a status that nobody knows, an id as a number, a key that is missing.

    Parameters
    ----------
    change : callable
        Takes what the answer has as JSON, and returns what is sent in its place; it may change what it takes.
    is_refusal : bool
        As for `HttpError`.

    Examples
    --------
    >>> no_id = Edited(lambda content: {**content, "id": None})
    >>> no_id.change({"id": "7", "qty": 2}), no_id.is_refusal
    ({'id': None, 'qty': 2}, False)
    """

    change: Callable[[Any], Any]
    is_refusal: bool = False

    async def damage(self, answer: Answer) -> Answer | None:
        """Return the changed answer."""
        return Answer(self.change(json.loads(answer.text())), status=answer.status)


@dataclass(frozen=True)
class DuplicateRows:
    """Each candle of the answer comes twice.

    Examples
    --------
    >>> DuplicateRows()
    DuplicateRows(...)
    """

    is_refusal: bool = False

    async def damage(self, answer: Answer) -> Answer | None:
        """Return the answer with each row twice."""
        return answer.with_rows([row for row in answer.rows for _ in range(2)])


@dataclass(frozen=True)
class ReversedRows:
    """The candles of the answer come newest first.

    Examples
    --------
    >>> ReversedRows()
    ReversedRows(...)
    """

    is_refusal: bool = False

    async def damage(self, answer: Answer) -> Answer | None:
        """Return the answer with its rows reversed."""
        return answer.with_rows(answer.rows[::-1])


@dataclass(frozen=True)
class NoRows:
    """The answer has no candles, although there are some.

    Examples
    --------
    >>> NoRows()
    NoRows(...)
    """

    is_refusal: bool = False

    async def damage(self, answer: Answer) -> Answer | None:
        """Return the answer without rows."""
        return answer.with_rows([])


F = TypeVar("F")


@dataclass
class _Entry(Generic[F]):
    fault: F
    path: str
    after: int
    times: int


@dataclass
class FaultScript(Generic[F]):
    """Which requests, or which messages of a websocket, go wrong, and how.

    Examples
    --------
    >>> script = FaultScript[Fault]()
    >>> script.add(HttpError(503), path="Time", times=2)
    >>> request = Request("api.kraken.com", "GET", "/0/public/Time", {}, {})
    >>> [script.take(request) is not None for _ in range(3)]
    [True, True, False]
    """

    _entries: list[_Entry[F]] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def add(self, fault: F, *, path: str = "", times: int = 1, after: int = 0) -> None:
        """Let requests, or messages, go wrong.

        Parameters
        ----------
        fault : Fault or StreamFault
            How: for requests `HttpError`, `Disconnect`, `Stall`, `Malformed`, `Edited`, `DuplicateRows`,
            `ReversedRows`, `NoRows`, for messages `RepeatedMessages`, `ReversedMessages`, `LostMessages`,
            `CutMessages`, or an object of one's own.
        path : str
            Only requests whose path contains this, such as ``"OHLC"`` or ``"klines"``. Websockets are asked for at
            ``"/v2"`` by Kraken's clients and at ``"/ws"`` by Binance's.
        times : int
            How many of them.
        after : int
            How many of them go well before.
        """
        with self._lock:
            self._entries.append(_Entry(fault, path, after, times))

    def clear(self) -> None:
        """Let nothing go wrong from now on."""
        with self._lock:
            self._entries.clear()

    def take(self, request: Request) -> F | None:
        """Return the fault of a request, and count it; None if it goes well."""
        with self._lock:
            for entry in self._entries:
                if entry.path not in request.path or entry.times <= 0:
                    continue
                if entry.after > 0:
                    entry.after -= 1
                    continue
                entry.times -= 1
                return entry.fault
        return None
