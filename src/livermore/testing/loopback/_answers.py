"""Requests and answers of the loopback exchange, without the web server around them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Answer", "Request"]


@dataclass(frozen=True)
class Request:
    """A request to the exchange.

    Attributes
    ----------
    host : str
        The host that it was meant for, such as ``"api.kraken.com"``.
    method, path : str
        ``"GET"``, ``"/0/public/OHLC"``.
    params : mapping
        Query and form fields together.
    headers : mapping
        Names in lower case.

    Examples
    --------
    >>> request = Request("api.kraken.com", "GET", "/0/public/OHLC", {"pair": "XBTUSD"}, {})
    >>> request.params["pair"], request.path.endswith("OHLC")
    ('XBTUSD', True)
    """

    host: str
    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]


def _as_is(rows: Sequence[Any]) -> Any:
    return list(rows)


@dataclass(frozen=True)
class Answer:
    """An answer: JSON, or text that is sent as it is.

    Attributes
    ----------
    content : object
        What is sent as JSON; a str is sent as it is.
    status : int
        HTTP status.
    rows : sequence
        The candles in the answer, if it has any.
    wrap : callable
        Makes the content from rows.

    Examples
    --------
    >>> Answer({"error": []}).text(), Answer("<html>", status=502).text()
    ('{"error": []}', '<html>')
    """

    content: Any
    status: int = 200
    rows: Sequence[Any] = ()
    wrap: Callable[[Sequence[Any]], Any] = _as_is

    @classmethod
    def of_rows(cls, rows: Sequence[Any], wrap: Callable[[Sequence[Any]], Any] = _as_is) -> "Answer":
        """Return an answer with candles."""
        return cls(wrap(rows), rows=rows, wrap=wrap)

    def with_rows(self, rows: Sequence[Any]) -> "Answer":
        """Return the same answer with other candles."""
        return replace(self, content=self.wrap(rows), rows=rows)

    def text(self) -> str:
        """Return what is sent."""
        return self.content if isinstance(self.content, str) else json.dumps(self.content)
