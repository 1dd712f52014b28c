"""What stands between a strategy and its model: the policy, the days it was trained on, and a count of everything."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from livermore.dates import day
from livermore.errors import ModelError
from livermore.ml.inference._policy import Finding, Policy, policy_of
from livermore.ml.inference._predictor import Predictor
from livermore.ml.inference._row_cache import QuickGuard

#: How many examples are kept of each feature and reason.
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Moment:
    """When a model is asked.

    Attributes
    ----------
    time : int
        Opening time of the current candle in UTC seconds, as a sample would be stamped.
    now : int
        The session's clock in UTC seconds: all that became known by then may be used.
    in_sample_is_error : bool
        Whether to refuse to ask a model about days that it was trained on.
    """

    time: int
    now: int
    in_sample_is_error: bool = False


@dataclass(slots=True)
class Tally:
    """What was counted.

    Attributes
    ----------
    asked : int
        How often the model was asked.
    skipped : int
        How often the policy answered NaN in its place.
    without_model : int
        How often there was no model yet.
    in_sample : int
        How often it was asked about a moment within its training.
    found : Counter
        How often each (feature, reason) was found.
    examples : list of dict
        The first of them: `time` (UTC seconds), `feature`, `value`, `reason`, `low`, `high`.
    """

    asked: int = 0
    skipped: int = 0
    without_model: int = 0
    in_sample: int = 0
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def note(self, findings: tuple[Finding, ...], time: int, *, skipped: bool) -> None:
        """Count what was found in the features of one moment."""
        self.skipped += skipped
        for finding in findings:
            key = finding.feature, finding.reason
            if self.found[key] < EXAMPLES:
                self.examples.append(
                    {
                        "time": time,
                        "feature": finding.feature,
                        "value": finding.value,
                        "reason": finding.reason,
                        "low": finding.low,
                        "high": finding.high,
                    }
                )
            self.found[key] += 1


class Guard(QuickGuard):
    """Asks on behalf of one strategy.

    What is asked, how often, and all that is usual is `QuickGuard`'s, which calls `value_slowly` and `chances_slowly`
    for everything else.

    Parameters
    ----------
    source : Predictor or object
        A `Predictor`; or anything with ``at(now)`` that returns the one in force at a time in UTC seconds, or None, and
        with `classes`; or any object with `predict` and `predict_proba` of a dict, which is asked as it is.
    """

    def __init__(self, source: Any) -> None:
        super().__init__(source)
        self._tally = Tally()
        self._policy = Policy()
        self._at = getattr(source, "at", None)
        self._interval: tuple[int, int] | None = None
        self._is_looked_at = False

    @property
    def tally(self) -> Tally:
        """What was counted."""
        self._tally.asked = self.asked
        return self._tally

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """The features that the model takes; None if that is not known."""
        names: tuple[str, ...] | None = getattr(self.source, "feature_names", None)
        return names

    def take_policy(self, on_bad: str, margin: float) -> None:
        """Check and take a strategy's settings.

        Raises
        ------
        ConfigError
            If there is no such policy or margin.
        """
        self._policy = policy_of(on_bad, margin)
        self.settle(on_bad, margin)

    def value_slowly(self, features: Mapping[str, Any], moment: Moment) -> float:
        """Predict the label, whatever may be odd."""
        model = self._in_force(moment)
        if model is None:
            return math.nan
        if not isinstance(model, Predictor):
            return float(model.predict(features))
        value, findings = model.ask_value(features, self._policy)
        self._note(findings, moment)
        return value

    def chances_slowly(self, features: Mapping[str, Any], moment: Moment) -> dict[int, float]:
        """Predict the probability of each class, whatever may be odd."""
        model = self._in_force(moment)
        if model is None:
            return dict.fromkeys(self.source.classes, math.nan)
        if not isinstance(model, Predictor):
            chances: dict[int, float] = model.predict_proba(features)
            return chances
        chances, findings = model.ask_chances(features, self._policy)
        self._note(findings, moment)
        return chances

    def train_interval(self) -> tuple[int, int] | None:
        """Return first and last sample that the model was trained on, UTC seconds; None if not known, or changing."""
        return self._interval

    def report(self) -> dict[str, Any]:
        """Return what was counted, as a plain dict."""
        tally = self.tally
        manifest = self.source.manifest if isinstance(self.source, Predictor) else None
        return {
            "folder": str(self.source.folder) if isinstance(self.source, Predictor) else None,
            "version": None if manifest is None else manifest.version,
            "train_interval": self._interval,
            "asked": tally.asked,
            "skipped": tally.skipped,
            "without_model": tally.without_model,
            "in_sample": tally.in_sample,
            "found": [
                {"feature": feature, "reason": reason, "count": count}
                for (feature, reason), count in tally.found.most_common()
            ],
            "examples": list(tally.examples),
        }

    def _in_force(self, moment: Moment) -> Any:
        """Return the model to ask now; look whether it was trained on this moment."""
        tally = self._tally
        if self._at is not None:
            model = self._at(moment.now)
            tally.without_model += model is None
            return model
        if not self._is_looked_at:
            self._look()
        if self._interval is not None and self._interval[0] <= moment.time <= self._interval[1]:
            tally.in_sample += 1
            if moment.in_sample_is_error:
                raise self._in_sample_error(moment.time, self._interval)
        return self.source

    def _look(self) -> None:
        """Find out, once, on which days the model was trained, and whether there is a quick way to ask it."""
        manifest = self.source.manifest if isinstance(self.source, Predictor) else None
        interval = None if manifest is None else (manifest.about.get("data") or {}).get("train_interval")
        self._interval = None if interval is None else (int(interval[0]), int(interval[1]))
        if type(self.source) is Predictor:
            self.quicken(*self.source.quick_answers(), self._interval)
        self._is_looked_at = True

    def _note(self, findings: tuple[Finding, ...], moment: Moment) -> None:
        if findings:
            self._tally.note(findings, moment.time, skipped=self._policy.on_bad == "skip")

    def _in_sample_error(self, time: int, interval: tuple[int, int]) -> ModelError:
        first, last = map(day, interval)
        return ModelError(
            f"the model in {self.source.folder} is asked about {day(time)}, and was "
            f"trained on {first} to {last}: what it earns on those days proves nothing. Start the backtest behind "
            "them, or pass on_in_sample='warn' to have both told apart."
        )
