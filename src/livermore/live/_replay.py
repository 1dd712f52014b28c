"""A journal, run again: in blocks of minutes, so that a month takes a second or two."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from livermore.engine import Session
from livermore.live._events import Event, EventRecorder, PendingEvent, as_json
from livermore.live._journal_blocks import JournalBlock, JournalMinute, RecordedEvent
from livermore.live._models import ModelsInForce
from livermore.live._reports import split_commands
from livermore.live._steps import feed_minute, first_difference, obey

__all__ = ["Difference", "replay_block"]


class Difference(NamedTuple):
    """Where a replay departs from its journal.

    Attributes
    ----------
    time : int
        Of the first event that differs, UTC ms.
    text : str
        What differs.
    """

    time: int
    text: str


def replay_block(
    session: Session, recorder: EventRecorder, block: JournalBlock, models: ModelsInForce
) -> Difference | None:
    """Run minutes and the commands after them as the journal has them; return the first difference.

    Predictions of models in whose place others came since are taken from the journal.
    """
    if block.commands or recorder.settlement is not None:
        return _replay_minutes(session, recorder, block, models)
    recorder.answer_from(block.events if _are_journalled(block.last, models) else None)
    for runner in session.runners:
        runner.entries_allowed = block.entries_allowed
    with session.running():
        session.feed_many(block.rows())
    pending = recorder.take_pending()
    if _are_equal(block.recorded, pending):
        return None
    return _difference(block.events, [event.encoded() for event in pending])


def _replay_minutes(
    session: Session, recorder: EventRecorder, block: JournalBlock, models: ModelsInForce
) -> Difference | None:
    """Run minutes one after another: after commands, and where orders may have been sent within a minute."""
    for minute in block.minutes():
        difference = _difference(minute.events, _replay_minute(session, recorder, minute, models))
        if difference is not None:
            return difference
    return None


def _replay_minute(
    session: Session, recorder: EventRecorder, recorded: JournalMinute, models: ModelsInForce
) -> list[Event]:
    answers = recorded.events if _are_journalled(recorded.minute.time, models) else None
    within, after = split_commands(recorded.commands)
    events = feed_minute(session, recorder, recorded.minute, recorded.entries_allowed, answers, within)
    for command in after:
        events += obey(session, recorder, command)
    return events


def _are_journalled(minute: int, models: ModelsInForce) -> bool:
    """Return whether the predictions until a minute are the journal's: their models need not be there any more."""
    return models.journalled_until is not None and minute <= models.journalled_until


def _are_equal(recorded: Sequence[RecordedEvent], pending: Sequence[PendingEvent]) -> bool:
    """Return whether events are equal to the bit; their data become JSON in one go, which takes half of the time."""
    if [row[1:4] for row in recorded] != [event[:3] for event in pending]:
        return False
    encoded = [(row[4], event.data) for row, event in zip(recorded, pending, strict=True)]
    if any(isinstance(data, str) and text != data for text, data in encoded):
        return False
    values = [data for _, data in encoded if not isinstance(data, str)]
    return as_json(values) == f"[{', '.join(text for text, data in encoded if not isinstance(data, str))}]"


def _difference(before: Sequence[Event], after: Sequence[Event]) -> Difference | None:
    for old, new in zip_longest(before, after):
        if old != new:
            time = min(event.time for event in (old, new) if event is not None)
            return Difference(time, first_difference([old] if old else [], [new] if new else []) or "")
    return None
