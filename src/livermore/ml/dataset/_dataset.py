"""The data set that models are trained on: samples as arrays, sorted by time, checked once."""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.errors import LivermoreWarning
from livermore.ml.dataset import _samples
from livermore.ml.dataset._samples import Floats, Integers, Label, Sample

__all__ = ["Dataset", "Sample"]

Texts = npt.NDArray[np.str_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Dataset:
    """Labelled samples as read-only arrays, sorted by time; samples of the same time keep the order of the recording.

    Make one with `Dataset.from_samples`, which checks everything.

    Attributes
    ----------
    X : ndarray of shape (n, f)
        Features as float64; NaN where a value is missing.
    feature_names : tuple of str
        Names of the f columns of `X`, sorted.
    labels : tuple of bool, int or float
        The n labels as they were recorded.
    label_name : str
        What the label is called.
    time : ndarray of shape (n,)
        When the features were recorded: opening time of that bar in UTC seconds.
    label_time : ndarray of shape (n,) or None
        When each label became known, in UTC seconds; None if that was not recorded, and then nothing can be purged.
    exchange, symbol, timeframe : ndarray of shape (n,) of str, or None
        Where each sample comes from.
    side : ndarray of shape (n,) or None
        Side of each signal: 1 long, -1 short, 0 not given.
    weight : ndarray of shape (n,) or None
        Weight of each sample.
    payoff : ndarray of shape (n,) or None
        Return of acting on each signal, as a fraction; NaN where it is not known.
    bool_features : frozenset of str
        Features that were recorded as bool throughout. In `X` they are 0 and 1.

    Examples
    --------
    >>> data = Dataset.from_samples(
    ...     [
    ...         {"time": 120, "features": {"rsi": 61.5, "trend": True}, "label": {"name": "win", "value": False}},
    ...         {"time": 60, "features": {"rsi": None, "trend": False}, "label": {"name": "win", "value": True}},
    ...     ]
    ... )
    >>> data.feature_names, data.X.tolist(), data.labels, data.time.tolist()
    (('rsi', 'trend'), [[nan, 0.0], [61.5, 1.0]], (True, False), [60, 120])
    >>> data.to_samples()[1]
    {'time': 120, 'features': {'rsi': 61.5, 'trend': True}, 'label': {'name': 'win', 'value': False}}
    """

    X: Floats
    feature_names: tuple[str, ...]
    labels: tuple[Label, ...]
    label_name: str
    time: Integers
    label_time: Integers | None = None
    exchange: Texts | None = None
    symbol: Texts | None = None
    timeframe: Texts | None = None
    side: Integers | None = None
    weight: Floats | None = None
    payoff: Floats | None = None
    bool_features: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"Dataset({len(self)} samples × {len(self.feature_names)} features, label {self.label_name!r})"

    @classmethod
    def from_samples(cls, samples: Sequence[Mapping[str, Any]]) -> "Dataset":
        """Check samples and turn them into a data set.

        Parameters
        ----------
        samples : sequence of dict
            Each ``{"time": UTC seconds, "features": {name: number}, "label": {"name": …, "value": …}}``, and optionally
            ``label_time`` (UTC seconds), ``exchange``, ``symbol``, ``timeframe``, ``side``, ``weight``, ``payoff``. A
            feature is a real number, a bool, or None where it is missing.

        Returns
        -------
        Dataset
            Sorted by time; other keys of the samples are left out.

        Raises
        ------
        FeatureError
            If names differ between samples, or a value is infinite or no number; sample and feature are named.
        DatasetError
            If there are no samples, or times, labels or anything else cannot be used.
        """
        _samples.check_shape(samples)
        features = _samples.feature_columns(samples)
        label_name, labels = _samples.labels_of(samples)
        time = _samples.times_of(samples)
        data = cls(
            X=features.values,
            feature_names=features.names,
            labels=labels,
            label_name=label_name,
            time=time,
            label_time=_label_times(samples, time),
            exchange=_samples.texts_of(samples, "exchange"),
            symbol=_samples.texts_of(samples, "symbol"),
            timeframe=_samples.texts_of(samples, "timeframe"),
            side=_samples.sides_of(samples),
            weight=_samples.weights_of(samples),
            payoff=_samples.payoffs_of(samples),
            bool_features=features.booleans,
        )
        is_sorted = bool((time[1:] >= time[:-1]).all())
        return data if is_sorted else data.take(np.argsort(time, kind="stable"))

    def take(self, indices: npt.ArrayLike) -> "Dataset":
        """Return the samples at `indices` (integers, shape (m,)), in the order given, as a data set of their own."""
        at = np.asarray(indices, dtype=np.int64)
        changed: dict[str, Any] = {"labels": tuple(self.labels[i] for i in at)}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                changed[field.name] = value[at]
        return Dataset(**({field.name: getattr(self, field.name) for field in fields(self)} | changed))

    def to_samples(self) -> list[Sample]:
        """Return the samples as a list of dicts, in order of time.

        Missing features are NaN, and those that were recorded as bool are bool again, or None where they are missing.
        """
        rows = self.X.tolist()
        flags = [name in self.bool_features for name in self.feature_names]
        return [
            {
                "time": time,
                "features": dict(zip(self.feature_names, map(_feature, rows[index], flags), strict=True)),
                "label": {"name": self.label_name, "value": self.labels[index]},
            }
            | self._context(index)
            for index, time in enumerate(self.time.tolist())
        ]

    def missing(self) -> dict[str, int]:
        """Return how many values are missing, for each feature that has any missing."""
        counts = np.isnan(self.X).sum(axis=0)
        return {name: int(count) for name, count in zip(self.feature_names, counts, strict=True) if count}

    def fingerprint(self) -> str:
        """Return a SHA-256 over names, values, labels and times, by which a model knows what it was trained on."""
        import hashlib  # loads OpenSSL, which a run that only gathers does without

        digest = hashlib.sha256(repr((self.feature_names, self.label_name, self.labels)).encode())
        for array in (self.X, self.time, self.label_time):
            digest.update(b"none" if array is None else np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def _context(self, index: int) -> Sample:
        """Return what one sample carries beyond Jesse's three keys."""
        found: Sample = {}
        if self.label_time is not None:
            found["label_time"] = int(self.label_time[index])
        for key in ("exchange", "symbol", "timeframe"):
            texts = getattr(self, key)
            if texts is not None and texts[index]:
                found[key] = str(texts[index])
        if self.side is not None and self.side[index]:
            found["side"] = int(self.side[index])
        if self.weight is not None:
            found["weight"] = float(self.weight[index])
        if self.payoff is not None and not math.isnan(self.payoff[index]):
            found["payoff"] = float(self.payoff[index])
        return found


def _label_times(samples: Sequence[Mapping[str, Any]], time: Integers) -> Integers | None:
    """Return the label times, and say so when only some samples have one."""
    label_time = _samples.label_times_of(samples, time)
    if label_time is not None:
        return label_time
    known = sum(sample.get("label_time") is not None for sample in samples)
    if known:
        warnings.warn(
            f"only {known} of {len(samples)} samples have a label_time, so it is not used: nothing can be purged. "
            "Gather the others again, or leave them out.",
            LivermoreWarning,
            stacklevel=3,
        )
    return None


def _feature(value: float, is_bool: bool) -> float | bool | None:
    """Return one cell of the matrix as it was recorded."""
    if not is_bool:
        return value
    return None if math.isnan(value) else bool(value)
