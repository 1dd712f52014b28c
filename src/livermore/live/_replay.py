"""One minute of a journal, run again."""

from livermore.engine import Session
from livermore.live._events import Event, EventRecorder
from livermore.live._journal import JournalMinute
from livermore.live._models import ModelsInForce
from livermore.live._reports import split_commands
from livermore.live._steps import feed_minute, obey

__all__ = ["replay_minute"]


def replay_minute(
    session: Session, recorder: EventRecorder, recorded: JournalMinute, models: ModelsInForce
) -> list[Event]:
    """Run a minute and the commands after it as the journal has them, and return what happened.

    Predictions of models in whose place others came since are taken from the journal.
    """
    until = models.journalled_until
    answers = recorded.events if until is not None and recorded.minute.time <= until else None
    within, after = split_commands(recorded.commands)
    events = feed_minute(session, recorder, recorded.minute, recorded.entries_allowed, answers, within)
    for command in after:
        events += obey(session, recorder, command)
    return events
