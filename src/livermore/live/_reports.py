"""What an exchange says of a session's orders, and how it enters the session: live, and again in a replay."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from livermore.engine.execution import ExternalExecution
from livermore.engine.external_exchange import ExternalExchange
from livermore.errors import JournalError

if TYPE_CHECKING:
    from livermore.engine import Session
    from livermore.live._events import EventRecorder

__all__ = [
    "AFTER_MINUTE",
    "KEEP_ORDERS_MS",
    "Report",
    "Settlement",
    "apply_report",
    "is_report",
    "object_of",
    "reports_of",
    "split_commands",
]

#: The point of reports that entered after a minute.
AFTER_MINUTE = -1
#: How long an order that is cancelled in the books can still be filled by a report, by the session's clock. That clock
#: runs at once through the minutes that were missed while the session was away, so this is longer than most such gaps.
KEEP_ORDERS_MS = 3_600_000


class Report(NamedTuple):
    """One thing that entered a session from its exchange.

    Attributes
    ----------
    kind : {"filled", "rejected", "foreign", "close", "written_off"}
        A fill of one of its orders; an order that the exchange does not take, or does not have any more; a trade that
        somebody else made on its account; the decision to close a position at the market, or to forget what is left of
        one and is too small to sell.
    symbol, name : str
        What it is about; the name of the order, empty where there is none.
    qty, price, fee : float
        Of a fill; the quantity of a foreign one is signed, and the fee is in the quote asset.
    time : int
        Of a fill, UTC ms.
    trade_id : str
        The exchange's id of the fill.
    complete : bool
        Whether nothing more of the order can fill.
    reason : str
        Why, in words.
    point : int
        How often in its minute orders had been sent when it entered; -1 after the minute.
    """

    kind: Literal["filled", "rejected", "foreign", "close", "written_off"]
    symbol: str
    name: str = ""
    qty: float = 0.0
    price: float = 0.0
    fee: float = 0.0
    time: int = 0
    trade_id: str = ""
    complete: bool = False
    reason: str = ""
    point: int = AFTER_MINUTE

    def to_json(self) -> str:
        """Return it as JSON, without what is as usual."""
        usual = self._field_defaults
        return json.dumps({name: value for name, value in self._asdict().items() if usual.get(name) != value})

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Read what `to_json` returned.

        Examples
        --------
        >>> Report.from_json(Report("close", "BTC-USDT", reason="no stop").to_json()).reason
        'no stop'
        """
        values = object_of(text)
        try:
            return cls(**values)
        except TypeError as error:
            raise JournalError(f"the journal is damaged: {text!r:.100} is no report of an exchange") from error


def object_of(text: str) -> dict[str, Any]:
    """Read an object of JSON that a journal holds.

    Raises
    ------
    JournalError
        If it is none: somebody has edited the journal, or the disk has.
    """
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise JournalError(f"the journal is damaged: {text!r:.100} is no object of JSON; take it from a backup")
    return values


def is_report(command: str) -> bool:
    """Return whether a command of a journal is a report."""
    return command.startswith("{")


def reports_of(commands: Iterable[str]) -> list[Report]:
    """Return the reports among the commands of a journal."""
    return [Report.from_json(command) for command in commands if is_report(command)]


def split_commands(commands: Iterable[str]) -> tuple[list[Report], list[str]]:
    """Return the reports that entered while a minute ran, and the commands and reports after it."""
    within, after = [], []
    for command in commands:
        report = Report.from_json(command) if is_report(command) else None
        if report is not None and report.point != AFTER_MINUTE:
            within.append(report)
        else:
            after.append(command)
    return within, after


class Settlement:
    """Where reports enter a session while a minute of it runs: at the points where market orders are sent.

    Attributes
    ----------
    execution : ExternalExecution
        For the session.
    source : callable or None
        Called with the point; sends what is new in the books, and returns the reports that came back, one by one. None
        in a replay, which has the reports of its journal.
    """

    def __init__(self) -> None:
        self.execution = ExternalExecution(self._on_queue)
        self.source: Callable[[int], Iterable[Report]] | None = None
        self._apply: Callable[[Report], None] | None = None
        self._expected: deque[Report] = deque()
        self._point = 0

    @contextmanager
    def minute(self, session: "Session", recorder: "EventRecorder", reports: Sequence[Report]) -> Iterator[None]:
        """Let reports in while a minute runs: first those of a journal, then those of `source`.

        Raises
        ------
        JournalError
            If the journal has reports at a point that the minute does not reach.
        """
        self._apply = lambda report: apply_report(session, recorder, report)
        self._expected = deque(reports)
        self._point = 0
        try:
            yield
        finally:
            self._apply = None
        if self._expected:
            raise JournalError(f"the journal has a report that nothing asks for now: {self._expected[0]}")

    def _on_queue(self) -> None:
        apply, point = self._apply, self._point
        if apply is None:
            # Between minutes orders are sent once what led to them is in the journal.
            return
        self._point += 1
        while self._expected and self._expected[0].point == point:
            apply(self._expected.popleft())
        if self.source is not None and not self._expected:
            for report in self.source(point):
                apply(report)


def apply_report(session: "Session", recorder: "EventRecorder", report: Report) -> None:
    """Let a report change the books, the account and the position, and call the hooks of that."""
    exchange = session.exchange
    assert isinstance(exchange, ExternalExchange), "reports are for sessions on an exchange"
    _APPLY[report.kind](exchange, recorder, report)


def _fill(exchange: ExternalExchange, recorder: "EventRecorder", report: Report) -> None:
    order = recorder.orders.order(report.name)
    if order is None:
        raise JournalError(f"there was a fill of {report.name}, which is no order of this session")
    _apply_fill(exchange, order, report, complete=report.complete)


def _foreign(exchange: ExternalExchange, recorder: "EventRecorder", report: Report) -> None:
    recorder.note(
        _NOTED[report.kind], report.symbol, {"qty": report.qty, "price": report.price, "reason": report.reason}
    )
    order = exchange.add_foreign(report.symbol, report.qty, report.price)
    _apply_fill(exchange, order, report, complete=True)


_NOTED = {"foreign": "foreign_trade", "written_off": "position_written_off"}


def _apply_fill(exchange: ExternalExchange, order: Any, report: Report, *, complete: bool) -> None:
    exchange.apply_fill(
        order,
        report.qty,
        report.price,
        report.fee,
        report.time,
        complete=complete,
        in_minute=report.point != AFTER_MINUTE,
    )


def _reject(exchange: ExternalExchange, recorder: "EventRecorder", report: Report) -> None:
    recorder.note("order_rejected", report.symbol, {"name": report.name, "reason": report.reason})
    order = recorder.orders.order(report.name)
    if order is not None:
        exchange.reject(order)


def _close(exchange: ExternalExchange, recorder: "EventRecorder", report: Report) -> None:
    recorder.note("position_closing", report.symbol, {"reason": report.reason})
    exchange.close(report.symbol)


_APPLY: dict[str, Callable[[ExternalExchange, "EventRecorder", Report], None]] = {
    "filled": _fill,
    "foreign": _foreign,
    "written_off": _foreign,
    "rejected": _reject,
    "close": _close,
}
