"""The models of a live session in service: their predictions are joined to labels, and watched."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from livermore.candles import MINUTE_MS
from livermore.engine import BacktestSpec
from livermore.live._events import Event, EventRecorder, plain
from livermore.live._feeds import Minute
from livermore.live._label_session import LabelSession
from livermore.live._predictions import ModelIdentity
from livermore.live._watched_model import ModelWatch, WatchedModel
from livermore.strategies import Strategy

if TYPE_CHECKING:
    from livermore.engine import Session
    from livermore.ml.evidence import MonitorReference

__all__ = ["ModelService", "open_service"]

#: What a label says of the predictions that were made with its features.
JOINED = ("model", "version", "hash", "result")


def open_service(
    watch: ModelWatch | None, spec: BacktestSpec, start: int, session: "Session", recorder: EventRecorder
) -> "ModelService | None":
    """Return the service of a session's models; None if nobody asked for it, or no strategy uses a model."""
    strategies = [runner.strategy for runner in session.runners]
    uses_model = any(
        strategy.ml_mode == "deploy" and type(strategy).ml_features is not Strategy.ml_features
        for strategy in strategies
    )
    return None if watch is None or not uses_model else ModelService(watch, spec, start, recorder)


class ModelService:
    """Joins predictions to labels and watches the models. It follows from the session's minutes and events alone.

    Parameters
    ----------
    watch : ModelWatch
        How.
    spec : BacktestSpec
        Of the session.
    start : int
        UTC ms.
    recorder : EventRecorder
        Knows the models of the routes.
    """

    def __init__(self, watch: ModelWatch, spec: BacktestSpec, start: int, recorder: EventRecorder) -> None:
        self._watch = watch
        self._recorder = recorder
        self._labels: LabelSession | None = LabelSession(spec, start)
        self._failure: str | None = None
        self._watched: dict[tuple[str, str | None], WatchedModel] = {}
        # Of models that the session has trained itself.
        self._references: dict[ModelIdentity, MonitorReference] = {}
        # What was predicted for a route's bar, of which the sample waits for its label.
        self._waiting: dict[tuple[str, int], list[Mapping[str, Any]]] = {}

    def take(self, minute: Minute, events: Iterable[Event]) -> list[Event]:
        """Take a minute and what the session decided in it; return labels that became known, and alarms.

        An error ends the service and is one of the events; the session goes on.
        """
        if self._labels is None:
            return []
        now = minute.time + MINUTE_MS
        try:
            return self._take(self._labels, minute, [e for e in events if e.kind == "prediction"], now)
        except Exception as error:
            self._labels = None
            self._failure = f"{type(error).__name__}: {error}"
            return [_event(now, "watch_ended", "", {"error": self._failure})]

    def add_reference(self, identity: ModelIdentity, reference: "MonitorReference") -> None:
        """Say what the training of a model was like that is not in force yet."""
        self._references[identity] = reference

    def drop(self, route: str, model: str | None) -> None:
        """Forget what is known of a model: another one has taken over."""
        self._watched.pop((route, model), None)

    @property
    def reason_against_entries(self) -> str | None:
        """Why nothing is to be opened; None if it may."""
        if self._watch.on_alarm == "warn":
            return None
        if self._failure is not None:
            return f"the models are not watched any more ({self._failure})"
        found = [f"{route} {', '.join(w.alarms)}" for (route, _), w in self._watched.items() if w.alarms]
        return f"alarms about models: {'; '.join(found)}" if found else None

    def status(self, now: int) -> list[dict[str, Any]]:
        """Return how each model does, as plain values; `now` in UTC ms."""
        return [
            {"route": route, "model": model, **watched.status(now // 1000)}
            for (route, model), watched in self._watched.items()
        ]

    def _take(self, labels: LabelSession, minute: Minute, predictions: Sequence[Event], now: int) -> list[Event]:
        # Labels first: a chain that they set free can take one of this minute's predictions.
        found = [self._take_label(sample, now) for sample in labels.feed(minute)]
        for event in predictions:
            self._take_prediction(labels, event.route, event.values)
        self._forget(labels)
        for (route, model), watched in self._watched.items():
            for alarm in watched.new_alarms(now // 1000):
                values = {"model": model, **watched.identity._asdict(), **alarm._asdict(), "labels": watched.joined}
                found.append(
                    _event(now, "alarm", route, {**values, "level": self._watch.level, "policy": self._watch.on_alarm})
                )
        return found

    def _take_prediction(self, labels: LabelSession, route: str, values: Mapping[str, Any]) -> None:
        bar, features = values["bar"], values["features"]
        is_open = labels.is_open(route, bar, features)
        self._model(route, values).take_prediction(bar, values["result"], features, odd=values["odd"], is_open=is_open)
        if is_open:
            self._waiting.setdefault((route, bar), []).append({name: values[name] for name in JOINED})

    def _take_label(self, sample: Mapping[str, Any], now: int) -> Event:
        route, bar = sample["symbol"], sample["time"]
        predictions = self._waiting.pop((route, bar), [])
        for model in dict.fromkeys(prediction["model"] for prediction in predictions):
            watched = self._watched.get((route, model))
            if watched is not None:
                watched.take_label(bar, float(sample["label"]["value"]))
        return _event(now, "label", route, {"sample": sample, "predictions": predictions})

    def _forget(self, labels: LabelSession) -> None:
        """Forget predictions whose sample was dropped or replaced."""
        open_bars = {route: labels.open_bars(route) for route in dict.fromkeys(route for route, _ in self._watched)}
        for (route, _), watched in self._watched.items():
            watched.forget(open_bars[route])
        self._waiting = {key: values for key, values in self._waiting.items() if key[1] in open_bars[key[0]]}

    def _model(self, route: str, values: Mapping[str, Any]) -> WatchedModel:
        """Return what is known of the model of a prediction; nothing yet if it is another one than before."""
        key, identity = (route, values["model"]), ModelIdentity(values["version"], values["hash"])
        watched = self._watched.get(key)
        if watched is None or watched.identity != identity:
            trained_until = self._recorder.trained_until(*key)
            reference = self._references.get(identity, self._watch.references.get(key[1]))
            watched = self._watched[key] = WatchedModel(self._watch, identity, reference, trained_until)
        return watched


def _event(time: int, kind: str, route: str, values: Mapping[str, Any]) -> Event:
    return Event(time, kind, route, json.dumps(values, sort_keys=True, default=plain))
