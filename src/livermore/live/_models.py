"""Which models the routes of a session predict with, and what happens when one of them is another than before."""

import json
from collections.abc import Iterable, Sequence

from livermore.candles import utc_text
from livermore.errors import JournalError
from livermore.live._events import Event, EventRecorder
from livermore.live._predictions import ModelIdentity

__all__ = ["FIRST", "TAKE_OVER", "ModelsInForce"]

#: Kinds of events: the first model of a route, and another one in its place.
FIRST, TAKE_OVER = "model", "take_over"


class ModelsInForce:
    """The models that a journal names, and those that were met since.

    Parameters
    ----------
    recorded : iterable of (int, Event)
        Of `Journal.model_events`.

    Attributes
    ----------
    journalled_until : int or None
        The last minute after which another model took over, UTC ms. The models of the minutes until then need not be
        there any more, so a replay takes their predictions from the journal.

    Examples
    --------
    >>> models = ModelsInForce([])
    >>> models.take([Event(60_000, "prediction", "BTC-USDT", '{"model": null, "version": "a", "hash": ""}')], 0)
    [Event(time=60000, kind='model', route='BTC-USDT', data='{"hash": "", "model": null, "version": "a"}')]
    """

    def __init__(self, recorded: Iterable[tuple[int, Event]]) -> None:
        self.journalled_until: int | None = None
        self._known: dict[tuple[str, str | None], ModelIdentity] = {}
        self._taken_over: dict[int, list[tuple[str, str | None]]] = {}
        for minute, event in recorded:
            if event.kind in (FIRST, TAKE_OVER):
                values = event.values
                identity = ModelIdentity(values["version"], values["hash"])
                self._add(minute, event.route, values["model"], identity, event.kind)

    @property
    def ends(self) -> tuple[int, ...]:
        """The last minute whose predictions are the journal's, if there is one: a replay must not run on over it."""
        return () if self.journalled_until is None else (self.journalled_until,)

    @property
    def take_overs(self) -> int:
        """How often another model has taken over."""
        return sum(map(len, self._taken_over.values()))

    def taken_over_after(self, minute: int) -> Sequence[tuple[str, str | None]]:
        """Return route and name of the models in whose place others came after a minute."""
        return self._taken_over.get(minute, ())

    def take(self, events: Iterable[Event], minute: int) -> list[Event]:
        """Look at the predictions of a minute, and return an event for each model that is another than before."""
        found = []
        for event in events:
            if event.kind != "prediction":
                continue
            values = event.values
            identity = ModelIdentity(values["version"], values["hash"])
            if self._known.get((event.route, values["model"])) != identity:
                found.append(self._changed(minute, event.time, event.route, values["model"], identity))
        return found

    def compare(self, recorder: EventRecorder, last_minute: int, session: str, *, take_over: bool) -> list[Event]:
        """Compare the journal's models with those that the strategies have now.

        Parameters
        ----------
        recorder : EventRecorder
            Of the session that goes on.
        last_minute : int
            Of the journal, UTC ms.
        session : str
            The session's name.
        take_over : bool
            Whether another model may take over.

        Returns
        -------
        list of Event
            One for each model that takes over.

        Raises
        ------
        JournalError
            If a model is another one, and may not take over.
        """
        found = []
        for (route, model), before in list(self._known.items()):
            now = recorder.identity(route, model)
            if now == before:
                continue
            if not take_over:
                raise JournalError(
                    f"session {session} cannot go on: its journal says that {route} predicts with {_named(model)} "
                    f"{before}, and the folder has {now}. Put the old model back, or let the new one take over after "
                    f"{utc_text(last_minute)} (take_over=True, --take-over)"
                )
            found.append(self._changed(last_minute, last_minute, route, model, now))
        return found

    def _changed(self, minute: int, time: int, route: str, model: str | None, identity: ModelIdentity) -> Event:
        kind = TAKE_OVER if (route, model) in self._known else FIRST
        self._add(minute, route, model, identity, kind)
        return Event(time, kind, route, json.dumps({"model": model, **identity._asdict()}, sort_keys=True))

    def _add(self, minute: int, route: str, model: str | None, identity: ModelIdentity, kind: str) -> None:
        self._known[route, model] = identity
        if kind == TAKE_OVER:
            self._taken_over.setdefault(minute, []).append((route, model))
            self.journalled_until = max(minute, self.journalled_until or minute)


def _named(model: str | None) -> str:
    return "model" if model is None else f"model {model!r},"
