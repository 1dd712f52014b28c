"""The monitor between a strategy and its model: it applies the policy, counts, and compares with the training."""

import math
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from livermore.dates import day
from livermore.errors import ConfigError, LivermoreWarning, ModelError
from livermore.ml.artifacts import Manifest, strategy_changed
from livermore.ml.inference._policy import Policy, UnusualValue, policy_of
from livermore.ml.inference._predictor import Predictor
from livermore.ml.inference._row_cache import MonitorFastPath

ON_UNSEEN_SYMBOL = ("warn", "raise", "allow")
#: How many examples are kept of each feature and reason.
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class PredictionContext:
    """When and where a prediction is made.

    Attributes
    ----------
    time : int
        Opening time of the current candle in UTC seconds, as a sample would be stamped.
    now : int
        The session's clock in UTC seconds: all that became known by then may be used.
    in_sample_is_error : bool
        Whether to refuse predictions for days that the model was trained on.
    exchange, symbol, timeframe : str or None
        Where the strategy trades; None outside of a session.
    is_live : bool
        Whether it trades with real orders.
    on_unseen_symbol : {"warn", "raise", "allow"}
        What to do if the model's training had samples of this exchange and timeframe, and none of this symbol.

    Examples
    --------
    >>> context = PredictionContext(time=0, now=900, exchange="Sandbox", symbol="BTC-USDT", timeframe="15m")
    >>> context.now - context.time, context.is_live
    (900, False)
    """

    time: int
    now: int
    in_sample_is_error: bool = False
    exchange: str | None = None
    symbol: str | None = None
    timeframe: str | None = None
    is_live: bool = False
    on_unseen_symbol: str = "warn"

    def __post_init__(self) -> None:
        if self.on_unseen_symbol not in ON_UNSEEN_SYMBOL:
            allowed = ", ".join(map(repr, ON_UNSEEN_SYMBOL))
            raise ConfigError(f"ml_on_unseen_symbol must be one of {allowed}; it is {self.on_unseen_symbol!r}.")


@dataclass(slots=True)
class PredictionCounts:
    """What was counted.

    Attributes
    ----------
    asked : int
        How many predictions were asked for.
    skipped : int
        How many of them the policy answered with NaN.
    without_model : int
        How many fell before the first model of a schedule.
    in_sample : int
        How many fell within the training of the model.
    found : Counter
        How often each (feature, reason) was unusual.
    examples : list of dict
        The first of them: `time` (UTC seconds), `feature`, `value`, `reason`, `low`, `high`.

    Examples
    --------
    >>> counts = PredictionCounts(asked=1)
    >>> counts.add((UnusualValue("rsi", float("nan"), "missing"),), 900, skipped=True)
    >>> counts.skipped, counts.found["rsi", "missing"], counts.examples[0]["time"]
    (1, 1, 900)
    """

    asked: int = 0
    skipped: int = 0
    without_model: int = 0
    in_sample: int = 0
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, findings: tuple[UnusualValue, ...], time: int, *, skipped: bool) -> None:
        """Count the unusual values of one sample."""
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


class PredictionMonitor(MonitorFastPath):
    """Predicts on behalf of one strategy.

    `MonitorFastPath` counts the calls and answers those for which neither policy nor counts matter: usual values, times
    after the training. All others come to `slow_predict` and `slow_predict_proba`.

    Parameters
    ----------
    source : Predictor or object
        A `Predictor`; or anything with ``at(now)`` that returns the one in force at a time in UTC seconds, or None, and
        with `classes`; or any object with `predict` and `predict_proba` of a dict, which is called as it is.

    Examples
    --------
    >>> class Coin:
    ...     def predict_proba(self, features):
    ...         return {0: 0.5, 1: 0.5}
    >>> monitor = PredictionMonitor(Coin())
    >>> monitor.predict_proba({}, None, lambda: PredictionContext(time=0, now=900))
    {0: 0.5, 1: 0.5}
    >>> monitor.counts.asked
    1
    """

    def __init__(self, source: Any) -> None:
        super().__init__(source)
        self._counts = PredictionCounts()
        self._policy = Policy()
        self._at = getattr(source, "at", None)
        self._interval: tuple[int, int] | None = None
        self._manifest: Manifest | None = None
        self._other_market: str | None = None
        self._is_compared = False

    @property
    def counts(self) -> PredictionCounts:
        """What was counted."""
        self._counts.asked = self.asked
        return self._counts

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """The features that the model takes; None if that is not known."""
        names: tuple[str, ...] | None = getattr(self.source, "feature_names", None)
        return names

    def set_policy(self, on_bad: str, margin: float) -> None:
        """Check and take a strategy's settings.

        Raises
        ------
        ConfigError
            If there is no such policy or margin.
        """
        self._policy = policy_of(on_bad, margin)
        super().set_policy(on_bad, margin)

    def slow_predict(self, features: Mapping[str, Any], context: PredictionContext) -> float:
        """Predict the label, whatever the features."""
        model = self._in_force(context)
        if model is None:
            return math.nan
        if not isinstance(model, Predictor):
            return float(model.predict(features))
        value, findings = model.predict_with_findings(features, self._policy)
        self._count(findings, context)
        return value

    def slow_predict_proba(self, features: Mapping[str, Any], context: PredictionContext) -> dict[int, float]:
        """Predict the probability of each class, whatever the features."""
        model = self._in_force(context)
        if model is None:
            return dict.fromkeys(self.source.classes, math.nan)
        if not isinstance(model, Predictor):
            probabilities: dict[int, float] = model.predict_proba(features)
            return probabilities
        probabilities, findings = model.predict_proba_with_findings(features, self._policy)
        self._count(findings, context)
        return probabilities

    def train_interval(self) -> tuple[int, int] | None:
        """Return first and last sample that the model was trained on, UTC seconds; None if not known, or changing."""
        return self._interval

    def report(self) -> dict[str, Any]:
        """Return what was counted, as a plain dict.

        ``markets`` are exchange, symbol and timeframe of the model's samples (empty if not known), ``other_market``
        says in words how the strategy's market differs from them (None if it does not), ``strategy_changed`` whether
        the strategy's source is another than when the model was trained (None if not known).
        """
        counts = self.counts
        manifest = self.source.manifest if isinstance(self.source, Predictor) else None
        return {
            "folder": str(self.source.folder) if isinstance(self.source, Predictor) else None,
            "version": None if manifest is None else manifest.version,
            "train_interval": self._interval,
            "markets": () if manifest is None else manifest.markets,
            "other_market": self._other_market,
            "strategy_changed": None if manifest is None else strategy_changed(manifest, self.source.folder),
            "asked": counts.asked,
            "skipped": counts.skipped,
            "without_model": counts.without_model,
            "in_sample": counts.in_sample,
            "found": [
                {"feature": feature, "reason": reason, "count": count}
                for (feature, reason), count in counts.found.most_common()
            ],
            "examples": list(counts.examples),
        }

    def _in_force(self, context: PredictionContext) -> Any:
        """Return the model to predict with now; check whether it was trained on this time and market."""
        if self._at is not None:
            model = self._at(context.now)
            self._counts.without_model += model is None
            return model
        if not self._is_compared:
            self._compare_with_training(context)
        if self._interval is not None and self._interval[0] <= context.time <= self._interval[1]:
            self._counts.in_sample += 1
            if context.in_sample_is_error:
                raise self._in_sample_error(context.time, self._interval)
        return self.source

    def _compare_with_training(self, context: PredictionContext) -> None:
        """Look up, once, when and where the model was trained, and whether there is a fast path."""
        if isinstance(self.source, Predictor):
            self._manifest = self.source.manifest
            if self._manifest is not None:
                self._interval = self._manifest.train_interval
                self._check_market(self._manifest, context)
        if type(self.source) is Predictor:
            self.set_models(*self.source.cached_models(), self._interval)
        self._is_compared = True

    def _check_market(self, manifest: Manifest, context: PredictionContext) -> None:
        """Warn of a model that was trained on another market, or refuse it; in live trading refuse it.

        The figures of a model's report hold for the markets of its samples. The policy "allow" asks for no warning. Of
        a symbol that is all that differs, the strategy may decide: a model of many symbols may be meant for others.
        """
        self._other_market = _difference(manifest, context)
        if self._other_market is None:
            return
        unseen = context.on_unseen_symbol if _only_symbol_differs(manifest, context) else "warn"
        refused = unseen == "raise" or context.is_live
        if unseen == "allow" or (self._policy.on_bad == "allow" and not refused):
            return
        message = (
            f"the model in {self.source.folder} was trained on another market than the one that the strategy trades: "
            f"{self._other_market}. What its report says was not measured here. Train it on samples of this market"
        )
        if unseen == "raise":
            raise ModelError(f"{message}, or set ml_on_unseen_symbol = 'warn'.")
        if context.is_live:
            raise ModelError(f"{message}; in live trading it is not used.")
        warnings.warn(f"{message}, or set ml_policy = 'allow'.", LivermoreWarning, stacklevel=5)

    def _count(self, findings: tuple[UnusualValue, ...], context: PredictionContext) -> None:
        if findings:
            self._counts.add(findings, context.time, skipped=self._policy.on_bad == "skip")

    def _in_sample_error(self, time: int, interval: tuple[int, int]) -> ModelError:
        first, last = map(day, interval)
        return ModelError(
            f"the model in {self.source.folder} is asked about {day(time)}, and was trained on {first} to {last}: "
            "a profit on those days says nothing about other days. Start the backtest after them, or pass "
            "on_in_sample='warn' to have both reported separately."
        )


def _difference(manifest: Manifest, context: PredictionContext) -> str | None:
    """Say how the market of a strategy differs from those that a model was trained on."""
    here = (context.exchange, context.symbol, context.timeframe)
    if not manifest.markets or None in here or here in manifest.markets:
        return None
    parts = []
    columns = zip(*manifest.markets, strict=True)
    for name, value, trained in zip(("exchange", "symbol", "timeframe"), here, columns, strict=True):
        known = sorted(set(trained) - {""})
        if known and value not in known:
            parts.append(f"{name} {value} (trained on {', '.join(known)})")
    if not parts and all(all(market) for market in manifest.markets):
        parts.append(f"{context.symbol} {context.timeframe} (trained on each, not together)")
    return "; ".join(parts) or None


def _only_symbol_differs(manifest: Manifest, context: PredictionContext) -> bool:
    """Return whether a model was trained on no sample of a symbol, and on some of its exchange and timeframe.

    A model whose samples name no timeframe is taken to be of any.
    """
    if any(symbol in ("", context.symbol) for _, symbol, _ in manifest.markets):
        return False
    return any(
        exchange in ("", context.exchange) and timeframe in ("", context.timeframe)
        for exchange, _, timeframe in manifest.markets
    )
