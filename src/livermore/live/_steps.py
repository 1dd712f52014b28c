"""The steps of a session that a live run, a replay and a comparison have in common."""

from collections.abc import Sequence
from contextlib import nullcontext
from itertools import zip_longest

from livermore.candles import utc_text
from livermore.engine import BacktestSpec, Session
from livermore.live._events import Event, EventRecorder
from livermore.live._feeds import Minute
from livermore.live._kill_switch import CANCEL_ENTRIES, FLATTEN, RELEASE
from livermore.live._reports import Report, Settlement, apply_report, is_report

__all__ = ["begin", "feed_minute", "first_difference", "obey"]


def begin(
    spec: BacktestSpec, start: int, name: str, settlement: Settlement | None = None
) -> tuple[Session, EventRecorder]:
    """Open and start a session that is fed, and what records its events.

    Parameters
    ----------
    spec : BacktestSpec
        With the warm-up candles.
    start : int
        UTC ms.
    name : str
        The session's name.
    settlement : Settlement, optional
        Of a session whose orders are on an exchange; by default they are matched with the candles.
    """
    recorder = EventRecorder(name, settlement)
    session = spec.open_fed(start, order_log=recorder, execution=None if settlement is None else settlement.execution)
    recorder.watch(session)
    with session.running():
        session.start()
    return session, recorder


def feed_minute(
    session: Session,
    recorder: EventRecorder,
    minute: Minute,
    entries_allowed: bool,
    answers: Sequence[Event] | None = None,
    reports: Sequence[Report] = (),
) -> list[Event]:
    """Run one minute, and return what happened in it.

    Parameters
    ----------
    session, recorder : Session, EventRecorder
        From `begin`.
    minute : Minute
        The candles.
    entries_allowed : bool
        Whether strategies are asked for entries.
    answers : sequence of Event, optional
        Journalled events whose predictions stand in for those of the models: another model may be in force by now.
    reports : sequence of Report
        Journalled reports of the exchange that entered while the minute ran.
    """
    recorder.answer_from(answers)
    for runner in session.runners:
        runner.entries_allowed = entries_allowed
    settlement = recorder.settlement
    settling = nullcontext() if settlement is None else settlement.minute(session, recorder, reports)
    with session.running(), settling:
        session.feed(minute.rows)
    return recorder.take()


def obey(session: Session, recorder: EventRecorder, command: str) -> list[Event]:
    """Obey what a journal calls a command, and return what happened.

    Parameters
    ----------
    session, recorder : Session, EventRecorder
        From `begin`.
    command : str
        To cancel all orders, and to close all positions if it says so; or a report of the exchange, as JSON.
    """
    if command == RELEASE:
        return recorder.take()
    if is_report(command):
        with session.running():
            apply_report(session, recorder, Report.from_json(command))
            session.exchange.drain_queue()
        return recorder.take()
    with session.running():
        for runner in session.runners:
            if command == CANCEL_ENTRIES and (runner.position.qty != 0 or not runner.book.waiting()):
                # The waiting orders of a position are its exits, or belong to it.
                continue
            try:
                runner.cancel_orders()
            except Exception as error:
                # The orders are cancelled; a strategy that fails to take note must not keep its position open.
                runner.stop(error)
            held, price = runner.position.qty, runner.market.price
            if command == FLATTEN and held != 0 and price is not None:
                runner.broker.reduce_position_at(held, price, price)
        session.exchange.drain_queue()
    return recorder.take()


def first_difference(
    before: Sequence[Event], after: Sequence[Event], names: tuple[str, str] = ("the journal", "the replay")
) -> str | None:
    """Say what the first difference between two lists of events is; None if they are equal to the bit.

    Parameters
    ----------
    before, after : sequence of Event
        The two lists.
    names : tuple of (str, str)
        What they are.
    """
    first, second = names
    for old, new in zip_longest(before, after):
        if old == new:
            continue
        if old is None:
            return f"only in {second}: {new}"
        if new is None:
            return f"only in {first}: {old}"
        if old[:3] != new[:3]:
            return f"{first} has: {old} ({utc_text(old.time)}); {second} has: {new} ({utc_text(new.time)})"
        return f"{old.route} {old.kind.replace('_', ' ')}: ".lstrip() + _changed_values(old, new, names)
    return None


def _changed_values(old: Event, new: Event, names: tuple[str, str]) -> str:
    before, after = old.values, new.values
    changed = [name for name in {**before, **after} if repr(before.get(name)) != repr(after.get(name))]
    return "; ".join(
        f"{name} is {before.get(name)!r} in {names[0]} and {after.get(name)!r} in {names[1]}"
        for name in sorted(changed)
    )
