"""What is known of one model in service: its counts, its monitor, its alarms."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from livermore.errors import ConfigError, DatasetError
from livermore.live._predictions import ModelIdentity
from livermore.ml.evidence import EProcess, Monitor, MonitorReference

__all__ = ["Alarm", "ModelWatch", "WatchedModel"]

ON_ALARM = ("no_entries", "warn")
#: Shares of the level: what the monitor asks, and the share of odd inputs.
MONITOR_SHARE, ODD_SHARE = 0.8, 0.2
DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class ModelWatch:
    """How the models of a live session are watched.

    Attributes
    ----------
    on_alarm : {"no_entries", "warn"}
        Whether nothing more is opened once there is an alarm, until another model takes over; or whether it is only
        journalled and told.
    level : float
        Probability that a model without fault raises any alarm over the whole life of the session, however often one
        looks; for each model of each route. The age is no matter of chance and not part of it.
    chains : int
        How many samples wait for their label at once, at most: 1 for trades one after another, the horizon in bars for
        labels that overlap. A prediction for which all chains are taken is not used.
    reference_samples : int
        Without a reference, so many of the first labelled predictions become it, and watching begins after them.
    references : mapping of str or None to MonitorReference
        What the training was like, by the model's name; None is the name of a strategy's own model.
    max_odd_share : float
        The share of predictions whose features were missing, infinite or far outside of training that is accepted.
    max_age_days : float, optional
        How long after its last training sample a model may be used.

    Examples
    --------
    >>> ModelWatch(on_alarm="warn").level
    0.05
    """

    on_alarm: str = "no_entries"
    level: float = 0.05
    chains: int = 1
    reference_samples: int = 200
    references: Mapping[str | None, MonitorReference] = field(default_factory=dict)
    max_odd_share: float = 0.05
    max_age_days: float | None = None

    def __post_init__(self) -> None:
        if self.on_alarm not in ON_ALARM:
            raise ConfigError(f"on_alarm must be one of {', '.join(map(repr, ON_ALARM))}; it is {self.on_alarm!r}")
        for name, value in (("level", self.level), ("max_odd_share", self.max_odd_share)):
            if not 0 < value < 1:
                raise ConfigError(f"{name} must be between 0 and 1; it is {value!r}")
        if self.chains < 1:
            raise ConfigError(f"chains must be 1 or more; it is {self.chains!r}")
        if self.reference_samples < 30:
            raise ConfigError(f"reference_samples must be 30 or more; it is {self.reference_samples!r}")
        if self.max_age_days is not None and not self.max_age_days > 0:
            raise ConfigError(f"max_age_days must be more than 0, or None; it is {self.max_age_days!r}")


class Alarm(NamedTuple):
    """A finding about a model.

    Attributes
    ----------
    question : str
        ``"skill"``, ``"calibration"``, ``"drift: NAME"``, ``"odd inputs"`` or ``"age"``.
    e_value : float or None
        The evidence when it was found; None for the age.
    """

    question: str
    e_value: float | None


class _First(NamedTuple):
    """A labelled prediction that becomes part of the reference."""

    prediction: float
    label: float
    features: list[float]


class WatchedModel:
    """Watches one model of one route.

    Parameters
    ----------
    watch : ModelWatch
        How.
    identity : ModelIdentity
        Which model it is.
    reference : MonitorReference, optional
        What its training was like.
    trained_until : int or None
        When the last sample of its training was taken, UTC s.
    """

    def __init__(
        self,
        watch: ModelWatch,
        identity: ModelIdentity,
        reference: MonitorReference | None = None,
        trained_until: int | None = None,
    ) -> None:
        self.identity = identity
        self.trained_until = trained_until
        self._watch = watch
        self._is_given = reference is not None
        self._monitor = None if reference is None else Monitor(reference)
        self._names = () if reference is None else tuple(feature.name for feature in reference.features)
        self._first: list[_First] = []
        self._waiting: dict[int, tuple[float, list[float]]] = {}
        self._is_probability = False
        self._odd_share = EProcess()
        self._said: set[str] = set()
        self.predictions = self.odd = self.joined = self.lost = 0

    def take_prediction(self, bar: int, result: Any, features: Mapping[str, Any], *, odd: bool, is_open: bool) -> None:
        """Take a prediction when it is made.

        Parameters
        ----------
        bar : int
            Opening time of its bar, UTC s.
        result : float or mapping
            The prediction: a number, or the probability of each class.
        features : mapping
            What the model saw.
        odd : bool
            Whether they were missing, infinite or far outside of training.
        is_open : bool
            Whether a sample with these features waits for its label; the others have none, and are counted only.
        """
        self.predictions += 1
        self.odd += odd
        self._odd_share.settle(0, self._odd_share.stakes(), [odd - self._watch.max_odd_share])
        value, self._is_probability = _value_of(result)
        if not is_open or bar in self._waiting or not math.isfinite(value):
            return
        if not self._names:
            self._names = tuple(features)
        row = [_number(features.get(name)) for name in self._names]
        self._waiting[bar] = value, row
        if self._monitor is not None:
            self._monitor.observe_prediction(bar, value, row)

    def take_label(self, bar: int, label: float) -> None:
        """Take the label of a bar's sample when it becomes known."""
        waiting = self._waiting.pop(bar, None)
        if waiting is None:
            return
        self.joined += 1
        if self._monitor is not None:
            self._monitor.observe_label(bar, label)
            return
        self._first.append(_First(waiting[0], label, waiting[1]))
        if len(self._first) >= self._watch.reference_samples:
            self._begin_to_watch()

    def forget(self, open_bars: set[int]) -> None:
        """Forget the predictions whose sample was dropped or replaced: their label will never be known."""
        for bar in self._waiting.keys() - open_bars:
            del self._waiting[bar]
            self.lost += 1
            if self._monitor is not None:
                self._monitor.forget(bar)

    def new_alarms(self, now: int) -> list[Alarm]:
        """Return the alarms that there were not yet; `now` in UTC s."""
        found = [alarm for alarm in self._alarms(now) if alarm.question not in self._said]
        self._said.update(alarm.question for alarm in found)
        return found

    @property
    def alarms(self) -> tuple[str, ...]:
        """All questions that have raised an alarm, in alphabetical order."""
        return tuple(sorted(self._said))

    def status(self, now: int) -> dict[str, Any]:
        """Return how the model does, as plain values; `now` in UTC s."""
        monitor, wanted = self._monitor, self._watch.reference_samples
        reference = f"the first {wanted} labelled predictions" if monitor else f"{len(self._first)} of {wanted} labels"
        return {
            "version": self.identity.version,
            "hash": self.identity.hash,
            "age_days": None if self.trained_until is None else (now - self.trained_until) / DAY_S,
            "predictions": self.predictions,
            "odd": self.odd,
            "labels": self.joined,
            "lost": self.lost,
            "reference": "given" if self._is_given else reference,
            "not_monitored": () if monitor is None else monitor.not_monitored,
            "level": self._watch.level,
            "e_values": {**({} if monitor is None else monitor.e_values), "odd inputs": self._odd_share.e_value},
            "alarms": self.alarms,
        }

    def _begin_to_watch(self) -> None:
        """Make a monitor that compares with the predictions so far; later, if they do not vary yet."""
        predictions, labels, rows = zip(*self._first, strict=True)
        try:
            reference = MonitorReference.of(
                labels,
                predictions,
                chains=self._watch.chains,
                is_probability=self._is_probability and set(labels) <= {0.0, 1.0},
                X=np.array(rows, dtype=np.float64).reshape(len(rows), len(self._names)),
                feature_names=self._names,
            )
        except DatasetError:
            return
        self._monitor = Monitor(reference)
        # These were made before there was anything to bet on.
        self._first, self._waiting = [], {}

    def _alarms(self, now: int) -> list[Alarm]:
        found = []
        if self._monitor is not None:
            e_values = self._monitor.e_values
            found += [Alarm(name, e_values[name]) for name in self._monitor.alarms(MONITOR_SHARE * self._watch.level)]
        if self._odd_share.alarm(ODD_SHARE * self._watch.level):
            found.append(Alarm("odd inputs", self._odd_share.e_value))
        limit = self._watch.max_age_days
        if limit is not None and self.trained_until is not None and now - self.trained_until > limit * DAY_S:
            found.append(Alarm("age", None))
        return found


def _value_of(result: Any) -> tuple[float, bool]:
    """Return a prediction as one number, and whether it is the probability of class 1.

    Of more classes than 0 and 1, it is the expected class.
    """
    if not isinstance(result, Mapping):
        return float(result), False
    classes = {int(name): float(p) for name, p in result.items()}
    return sum(name * p for name, p in classes.items()), classes.keys() == {0, 1}


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
