"""A monitor of a model in service: whether it predicts, is calibrated, and gets features as in training.

Each question is an `EProcess`, so that the answers may be looked at after every bar: that a model without fault ever
raises an alarm, over its whole life, has a stated probability.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from livermore.errors import DatasetError, FeatureError
from livermore.formatting import plain
from livermore.ml.evidence._e_process import EProcess, check_level
from livermore.ml.evidence._forward_evidence import CLIP
from livermore.notebook import html_table
from livermore.typing import Floats

__all__ = ["FeatureReference", "Monitor", "MonitorReference"]

# Quantiles of a feature in training, between which its rank is interpolated.
N_QUANTILES = 101
# A feature is averaged over blocks of so many times its memory, which are then nearly independent.
MEMORIES_A_BLOCK = 2
# A mean rank may differ from training's by this much, and by so many standard errors of training's own.
TOLERANCE = 0.05
STANDARD_ERRORS = 2.0
# A probability may be wrong by this much: no model's are exact.
CALIBRATION_TOLERANCE = 0.02
# Fewer independent training values than this are no reference.
MIN_INDEPENDENT = 30


@dataclass(frozen=True)
class FeatureReference:
    """How a feature was distributed in training.

    Parameters
    ----------
    name : str
        Its name.
    quantiles : tuple of float
        Evenly spaced quantiles, from the smallest to the largest value.
    block : int
        Number of decisions over which its rank is averaged; 0 if its memory is too long for it to be monitored.
    tolerance : float
        By how much its mean rank may differ from that in training.

    Examples
    --------
    >>> rsi = FeatureReference.of("rsi", np.random.default_rng(0).uniform(20, 80, 5000))
    >>> len(rsi.quantiles) > 2, round(rsi.rank(50.0), 1), rsi.rank(10.0), rsi.rank(90.0)
    (True, 0.5, 0.0, 1.0)
    """

    name: str
    quantiles: tuple[float, ...]
    block: int
    tolerance: float

    def __post_init__(self) -> None:
        """Refuse what describes no feature, such as values of a file that was edited."""
        quantiles = _numbers(self.quantiles, f"quantiles of feature {self.name!r}")
        if quantiles.size < 2 or not (np.diff(quantiles) >= 0).all():
            raise DatasetError(f"the quantiles of feature {self.name!r} must be two or more, in ascending order.")
        _whole(self.block, f"block of feature {self.name!r}", least=0)
        if not 0 <= _number(self.tolerance, f"tolerance of feature {self.name!r}") <= 1:
            raise DatasetError(f"the tolerance of feature {self.name!r} must be from 0 to 1; it is {self.tolerance!r}.")

    @classmethod
    def of(cls, name: str, values: Floats) -> "FeatureReference":
        """Describe the training values of a feature, in order of time; missing ones are left out."""
        known = _numbers(values, f"values of feature {name!r}", finite=False)
        known = known[np.isfinite(known)]
        if known.size < 2 or not np.ptp(known) > 0:
            return cls(name, (0.0, 0.0), 0, 1.0)
        memory = _memory(np.argsort(np.argsort(known)).astype(np.float64))
        independent = known.size / memory
        quantiles = np.quantile(known, np.linspace(0, 1, N_QUANTILES))
        if independent < MIN_INDEPENDENT:
            return cls(name, tuple(quantiles.tolist()), 0, 1.0)
        tolerance = TOLERANCE + STANDARD_ERRORS / math.sqrt(12 * independent)
        return cls(name, tuple(quantiles.tolist()), max(1, math.ceil(MEMORIES_A_BLOCK * memory)), tolerance)

    def rank(self, value: float) -> float:
        """Return the share of the training values below a value, ties half."""
        left, right = (np.searchsorted(self.quantiles, value, side=side) for side in ("left", "right"))
        if left == right:
            return float(np.interp(value, self.quantiles, np.linspace(0, 1, len(self.quantiles))))
        return float((left + right - 1) / (2 * (len(self.quantiles) - 1)))


@dataclass(frozen=True)
class MonitorReference:
    """What a monitor compares a model in service with.

    Parameters
    ----------
    base : float
        Mean of the training labels: the base rate, or the mean of a continuous label.
    label_range : float
        Largest distance of a label from `base`; further ones are cut.
    centre, spread : float
        Mean and standard deviation of predictions out of sample.
    chains : int
        Number of decisions whose labels are unknown at once.
    is_probability : bool
        Whether predictions are probabilities of a label of 1, which can be calibrated.
    features : tuple of FeatureReference
        In the order in which the model takes them.
    expected : float
        Skill that is to be kept, as the mean of ``(label - base) * prediction in spreads``, relative to its largest
        possible value, so from -1 to 1; 0 asks only that the model is not worse than the base rate.

    Raises
    ------
    DatasetError
        If a value is none of these, or two features have the same name.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> p = random.uniform(0.3, 0.7, 300)
    >>> reference = MonitorReference.of(random.random(300) < p, p, chains=1)
    >>> reference.is_probability, 0.4 < reference.base < 0.6, 0.1 < reference.spread < 0.13
    (True, True, True)
    """

    base: float
    label_range: float
    centre: float
    spread: float
    chains: int
    is_probability: bool
    features: tuple[FeatureReference, ...] = ()
    expected: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what describes no training, such as values of a file that was edited."""
        for name in ("base", "label_range", "centre", "spread", "expected"):
            _number(getattr(self, name), name)
        # numpy's integers are no numbers to JSON, which `Monitor.state` is written as.
        object.__setattr__(self, "chains", _whole(self.chains, "chains", least=1))
        object.__setattr__(self, "expected", float(self.expected))
        if not self.label_range > 0 or not self.spread >= 0:
            raise DatasetError(
                f"label_range must be above 0 and spread not below; they are {self.label_range!r} and {self.spread!r}."
            )
        if not -1 <= self.expected <= 1:
            raise DatasetError(f"expected must be from -1 to 1; it is {self.expected!r}.")
        if not isinstance(self.is_probability, bool | np.bool_):
            raise DatasetError(f"is_probability must be True or False; it is {self.is_probability!r}.")
        object.__setattr__(self, "is_probability", bool(self.is_probability))
        names = [feature.name for feature in self.features]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DatasetError(f"features are named more than once: {', '.join(map(repr, twice))}.")

    @classmethod
    def of(
        cls,
        y: Any,
        predictions: Any,
        *,
        chains: int,
        is_probability: bool = True,
        X: Floats | None = None,
        feature_names: Sequence[str] = (),
        expected: float = 0.0,
    ) -> "MonitorReference":
        """Describe a training.

        Parameters
        ----------
        y : array-like of shape (n,)
            Training labels; 0 and 1 for probabilities.
        predictions : array-like of shape (m,)
            Predictions out of sample, such as those of the test part.
        chains : int
            Number of decisions whose labels are unknown at once; at most, where it varies.
        is_probability : bool
            Whether predictions are probabilities of label 1.
        X : ndarray of shape (n, f), optional
            Training features, in order of time.
        feature_names : sequence of str
            Their names.
        expected : float
            As for the class.

        Raises
        ------
        DatasetError
            If labels or predictions are empty, not finite, or do not vary; if probabilities or their labels are not
            from 0 to 1.
        """
        labels = _numbers(y, "labels", finite=False)
        predicted = _numbers(predictions, "predictions", finite=False)
        for name, values in (("labels", labels), ("predictions", predicted)):
            if values.ndim != 1 or not values.size or not np.isfinite(values).all() or not np.ptp(values) > 0:
                raise DatasetError(f"the {name} that a monitor compares with must be finite and not all equal.")
        if is_probability and not ((predicted >= 0) & (predicted <= 1)).all():
            raise DatasetError("probabilities must be from 0 to 1.")
        if is_probability and not ((labels >= 0) & (labels <= 1)).all():
            raise DatasetError("labels that are predicted by a probability must be from 0 to 1.")
        columns = () if X is None else tuple(_numbers(X, "features", finite=False).T)
        if len(columns) != len(feature_names):
            raise DatasetError(f"there are {len(columns)} features and {len(feature_names)} names.")
        base = float(labels.mean())
        # A label further away than three standard deviations counts as one at that distance.
        reach = max(base, 1 - base) if is_probability else 3 * float(labels.std())
        return cls(
            base,
            reach,
            float(predicted.mean()),
            float(predicted.std()),
            chains,
            is_probability,
            tuple(FeatureReference.of(name, values) for name, values in zip(feature_names, columns, strict=True)),
            expected,
        )


class Monitor:
    """Watches a model in service; see the module.

    Parameters
    ----------
    reference : MonitorReference
        From the training.

    Notes
    -----
    Three questions, each an `EProcess`:

    * ``"skill"``: is the mean score below what is expected? The score is that of the forward evidence.
    * ``"calibration"``: do outcomes differ from probabilities by more than 0.02, in level or in slope?
    * ``"drift: NAME"``: do means of blocks of a feature's ranks in training, or of their distances from the middle,
      differ by more than a tolerance?

    A decision for which all chains are taken is not bet on; that costs power and not validity.

    Examples
    --------
    The market turns round after 300 decisions:

    >>> random = np.random.default_rng(0)
    >>> p = random.uniform(0.3, 0.7, 900)
    >>> won = random.random(900) < np.r_[p[:300], 1 - p[300:]]
    >>> monitor = Monitor(MonitorReference.of(won[:300], p[:300], chains=1))
    >>> for time in range(900):
    ...     monitor.observe_prediction(time, p[time])
    ...     monitor.observe_label(time, won[time])
    ...     if monitor.alarms(0.05):
    ...         break
    >>> 300 < time < 900, monitor.alarms(0.05)
    (True, (...'calibration'...))
    """

    def __init__(self, reference: MonitorReference) -> None:
        self.reference = reference
        self._skill = EProcess(1, reference.chains)
        self._calibration = EProcess(4, reference.chains) if reference.is_probability else None
        self._drift = {feature.name: _DriftProcess(feature) for feature in reference.features if feature.block}
        self._open: dict[int, _OpenBet] = {}

    def _repr_html_(self) -> str:
        alarms = self.alarms()
        rows = [(name, plain(value), "alarm" if name in alarms else "") for name, value in self.e_values.items()]
        title = f"{self.labels:,} labels used; evidence that something is wrong (1 is none), alarms at 5 %"
        return html_table(title, ("question", "e-value", ""), rows)

    @property
    def not_monitored(self) -> tuple[str, ...]:
        """Features that are constant in training, or whose memory is too long for their drift to be judged."""
        return tuple(feature.name for feature in self.reference.features if not feature.block)

    @property
    def labels(self) -> int:
        """Number of labels that have been used."""
        return self._skill.settled

    @property
    def open_times(self) -> tuple[int, ...]:
        """The decisions that are bet on and whose labels are not known yet, in the order in which they were made.

        While there are as many as chains, no other decision is bet on: `forget` those whose labels will never be known.
        """
        return tuple(self._open)

    @property
    def e_values(self) -> dict[str, float]:
        """The present evidence of each question; 1 is none."""
        return {name: process.e_value for name, process in self._processes().items()}

    def e_value(self, question: str) -> float:
        """Return the present evidence of one question: "skill", "calibration" or "drift: NAME"."""
        if question not in self._processes():
            raise DatasetError(f"there is no question {question!r}, but {', '.join(map(repr, self._processes()))}.")
        return self.e_values[question]

    def alarms(self, level: float = 0.05) -> tuple[str, ...]:
        """Return the questions of which the evidence has ever been too large to be chance.

        Parameters
        ----------
        level : float
            Probability that a model without fault ever raises any alarm. The three kinds of questions get a third
            each, and the features share theirs.
        """
        check_level(level)
        share = {"drift": level / 3 / max(1, len(self._drift))}
        return tuple(
            name
            for name, process in self._processes().items()
            if process.alarm(share.get(name.partition(":")[0], level / 3))
        )

    def alarm(self, level: float = 0.05) -> bool:
        """Return whether there is any alarm; see `alarms`."""
        return bool(self.alarms(level))

    def update(self, time: int, prediction: float, label: float, features: Sequence[float] = ()) -> None:
        """Observe a prediction whose label is known before the next one is made."""
        self.observe_prediction(time, prediction, features)
        self.observe_label(time, label)

    def observe_prediction(self, time: int, prediction: float, features: Sequence[float] = ()) -> None:
        """Observe a prediction when it is made.

        Parameters
        ----------
        time : int
            Identifies the decision, such as the bar's opening time.
        prediction : float
            The probability of label 1, or the predicted number.
        features : sequence of float
            In the order of the reference; missing ones are NaN. None at all leaves drift out.

        Raises
        ------
        DatasetError
            If time is no whole number, the prediction is no finite number, or one of this time is open.
        FeatureError
            If there is another number of features than in the reference, or one is no number.
        """
        time = _whole(time, "time of a prediction")
        _number(prediction, f"the prediction at {time}")
        if self.reference.is_probability and not 0 <= prediction <= 1:
            raise DatasetError(f"the prediction at {time} must be a probability from 0 to 1; it is {prediction!r}.")
        if time in self._open:
            raise DatasetError(f"a prediction at {time} is open already.")
        if len(features) not in (0, len(self.reference.features)):
            raise FeatureError(f"there are {len(features)} features; the reference has {len(self.reference.features)}.")
        for feature, value in zip(self.reference.features, features, strict=False):
            if not _is_number(value):
                raise FeatureError(f"feature {feature.name!r} at {time} must be a number, or NaN; it is {value!r}.")
        for feature, value in zip(self.reference.features, features, strict=False):
            if feature.block and math.isfinite(value):
                self._drift[feature.name].observe(value)
        chain = self._free_chain()
        if chain is not None:
            calibration = None if self._calibration is None else self._calibration.stakes().tolist()
            self._open[time] = _OpenBet(chain, float(prediction), self._skill.stakes().tolist(), calibration)

    def observe_label(self, time: int, label: float) -> None:
        """Observe the label of a decision when it becomes known; one that was not bet on is passed over.

        Raises
        ------
        DatasetError
            If time is no whole number, or the label no finite number; from 0 to 1 where probabilities are monitored.
        """
        time = _whole(time, "time of a label")
        _number(label, f"the label at {time}")
        if self.reference.is_probability and not 0 <= label <= 1:
            raise DatasetError(f"the label at {time} must be from 0 to 1, as its probability is; it is {label!r}.")
        bet = self._open.pop(time, None)
        if bet is None:
            return
        reference = self.reference
        position = 0.0
        if reference.spread > 0:
            position = min(CLIP, max(-CLIP, (bet.prediction - reference.centre) / reference.spread)) / CLIP
        outcome = min(1.0, max(-1.0, (float(label) - reference.base) / reference.label_range))
        loss = (reference.expected - outcome * position) / (1 + abs(reference.expected))
        self._skill.settle(bet.chain, np.asarray(bet.skill), [loss])
        if self._calibration is not None and bet.calibration is not None:
            error, allowed = float(label) - bet.prediction, CALIBRATION_TOLERANCE
            results = [error - allowed, -error - allowed]
            results += [error * position - allowed * abs(position), -error * position - allowed * abs(position)]
            self._calibration.settle(bet.chain, np.asarray(bet.calibration), np.clip(results, -1, 1))

    def forget(self, time: int) -> None:
        """Give up a decision whose label will never be known, such as one made before data were lost.

        Its stakes count as lost, so that the evidence stays valid whatever the reason; one that was not bet on is
        passed over.
        """
        bet = self._open.pop(_whole(time, "time"), None)
        if bet is None:
            return
        self._skill.forfeit(bet.chain, np.asarray(bet.skill))
        if self._calibration is not None and bet.calibration is not None:
            self._calibration.forfeit(bet.chain, np.asarray(bet.calibration))

    def state(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""
        return {
            "reference": asdict(self.reference),
            "skill": self._skill.state(),
            "calibration": None if self._calibration is None else self._calibration.state(),
            "drift": {name: process.state() for name, process in self._drift.items()},
            "open": [[time, asdict(bet)] for time, bet in self._open.items()],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Monitor":
        """Make one that goes on where another has stopped.

        Raises
        ------
        DatasetError
            If the values are not what `state` returned.
        """
        try:
            given = dict(state["reference"])
            features = tuple(
                FeatureReference(**{**feature, "quantiles": tuple(feature["quantiles"])})
                for feature in given["features"]
            )
            monitor = cls(MonitorReference(**{**given, "features": features}))
            monitor._skill = monitor._skill.restored(state["skill"])
            if monitor._calibration is not None:
                monitor._calibration = monitor._calibration.restored(state["calibration"])
            for name, process in monitor._drift.items():
                process.restore(state["drift"][name])
            monitor._open = {_whole(time, "time"): monitor._bet_of(bet) for time, bet in state["open"]}
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            reason = str(error).removesuffix(".").removeprefix("this is no state of an e-process: ")
            raise DatasetError(f"this is no state of a monitor: {reason}.") from error
        return monitor

    def _bet_of(self, entries: Mapping[str, Any]) -> "_OpenBet":
        """Make an open bet of a state's values; raise DatasetError if it is none that this monitor can make."""
        bet = _OpenBet(**entries)
        if not 0 <= _whole(bet.chain, "chain") < self.reference.chains:
            raise DatasetError(f"chain {bet.chain} does not exist.")
        _number(bet.prediction, "prediction")
        self._skill.check_stakes(bet.skill)
        if self._calibration is not None:
            self._calibration.check_stakes(bet.calibration)
        return bet

    def _processes(self) -> dict[str, EProcess]:
        found = {"skill": self._skill}
        if self._calibration is not None:
            found["calibration"] = self._calibration
        return found | {f"drift: {name}": drift.process for name, drift in self._drift.items()}

    def _free_chain(self) -> int | None:
        """Return the first chain without an open bet."""
        taken = {bet.chain for bet in self._open.values()}
        return next((chain for chain in range(self.reference.chains) if chain not in taken), None)


@dataclass(frozen=True)
class _OpenBet:
    """A decision whose label is not known yet, and what is bet on it."""

    chain: int
    prediction: float
    skill: list[list[float]]
    calibration: list[list[float]] | None


class _DriftProcess:
    """The evidence that a feature is distributed otherwise than in training."""

    def __init__(self, reference: FeatureReference) -> None:
        self.process = EProcess(4)
        self._reference = reference
        self._ranks: list[float] = []

    def observe(self, value: float) -> None:
        """Add a value; a complete block of them is bet on with stakes that earlier blocks have set."""
        self._ranks.append(self._reference.rank(value) - 0.5)
        if len(self._ranks) < self._reference.block:
            return
        shift, width = float(np.mean(self._ranks)), float(np.mean(np.abs(self._ranks))) - 0.25
        allowed = self._reference.tolerance
        # The distance from the middle varies half as much as the rank. Both are scaled to lose no more than 1.
        deviations = [shift, -shift, 2 * width, -2 * width]
        results = [(deviation - allowed) / (0.5 + allowed) for deviation in deviations]
        self.process.settle(0, self.process.stakes(), np.clip(results, -1, 1))
        self._ranks = []

    def state(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {"process": self.process.state(), "ranks": self._ranks}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self.process = self.process.restored(state["process"])
        ranks = _numbers(state["ranks"], "ranks")
        if ranks.size >= self._reference.block or not (np.abs(ranks) <= 0.5).all():
            raise DatasetError("the ranks of a block must be fewer than the block's, and from -0.5 to 0.5.")
        self._ranks = ranks.tolist()


def _is_number(value: Any) -> bool:
    """Return whether a value is a real number; numpy's bool is one, as Python's own is."""
    return isinstance(value, Real | np.bool_)


def _number(value: Any, name: str) -> float:
    """Return a finite number, or raise DatasetError."""
    if not _is_number(value) or not math.isfinite(value):
        raise DatasetError(f"{name} must be a finite number; it is {value!r}.")
    return float(value)


def _whole(value: Any, name: str, least: int | None = None) -> int:
    """Return a whole number, or raise DatasetError."""
    if not isinstance(value, Integral) or (least is not None and value < least):
        bound = "" if least is None else f" of at least {least}"
        raise DatasetError(f"{name} must be a whole number{bound}; it is {value!r}.")
    return int(value)


def _numbers(values: Any, name: str, *, finite: bool = True) -> Floats:
    """Return an array of numbers, or raise DatasetError."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DatasetError(f"the {name} must be numbers: {error}.") from error
    if finite and not np.isfinite(found).all():
        raise DatasetError(f"the {name} must be finite numbers.")
    return found


def _memory(ranks: Floats) -> float:
    """Return the integrated autocorrelation time of a series, at least 1.

    The sum runs until the first autocorrelation that is not positive (Geyer, Statistical Science 1992).
    """
    centred = ranks - ranks.mean()
    n = centred.size
    spectrum = np.abs(np.fft.rfft(centred, 2 * n)) ** 2
    correlation = np.fft.irfft(spectrum)[:n] / (centred @ centred)
    negative = np.flatnonzero(correlation <= 0)
    end = int(negative[0]) if negative.size else n
    return max(1.0, float(1 + 2 * correlation[1:end].sum()))
