"""The data set that models are trained on: samples as arrays, sorted by time, checked once."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.dates import TIMEFRAMES
from livermore.errors import LivermoreWarning
from livermore.ml.dataset import _samples
from livermore.ml.dataset._rows import consecutive
from livermore.ml.dataset._samples import Label, Sample
from livermore.typing import Floats, Integers

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
    key : ndarray of shape (n,) of object, or None
        The key that each sample was recorded with; None where it had none.
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
    key: npt.NDArray[np.object_] | None = None
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
            ``label_time`` (UTC seconds), ``exchange``, ``symbol``, ``timeframe``, ``side``, ``weight``, ``payoff``,
            ``key``. A feature is a real number, a bool, or None where it is missing. Integers that no float is exactly
            (beyond 2**53) are refused.

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
        checked = _samples.checked_samples(samples)
        return cls.from_columns(checked, _samples.feature_columns(checked)).sorted_by_time()

    @classmethod
    def from_columns(cls, samples: Sequence[dict[str, Any]], features: _samples.FeatureColumns) -> "Dataset":
        """Make a data set of samples whose features have been checked, in the order of the samples."""
        label_name, labels = _samples.labels_of(samples)
        time = _samples.times_of(samples)
        return cls(
            X=features.values,
            feature_names=features.names,
            labels=labels,
            label_name=label_name,
            time=time,
            label_time=_label_times(samples, time),
            bool_features=features.booleans,
            **_samples.optional_columns(samples),
        )

    def sorted_by_time(self) -> "Dataset":
        """Return the same samples in order of time; those of the same time keep their order."""
        if (self.time[1:] >= self.time[:-1]).all():
            return self
        return self.take(np.argsort(self.time, kind="stable"))

    @classmethod
    def from_file(cls, path: Path | str) -> "Dataset":
        """Read a data set from a file that `gather_ml_data` or `write_samples` wrote, without making dicts of it.

        Parameters
        ----------
        path : path-like
            A CSV of samples, written here or by Jesse, or the Parquet file that lies beside one.

        Returns
        -------
        Dataset
            The same as `Dataset.from_samples` of what `read_samples` returns.

        Raises
        ------
        DatasetNotFoundError
            If there is no such file.
        DatasetError
            If it is damaged, or no file of samples.

        Examples
        --------
        >>> import tempfile
        >>> from livermore.ml.dataset import write_samples
        >>> sample = {"time": 60, "features": {"rsi": 61.5}, "label": {"name": "win", "value": True}}
        >>> Dataset.from_file(write_samples([sample], Path(tempfile.mkdtemp()) / "Trend_data.csv"))
        Dataset(1 samples × 1 features, label 'win')
        """
        from livermore.ml.dataset._files import read_dataset  # loads pyarrow

        return read_dataset(path)

    @classmethod
    def from_frame(
        cls,
        features: Any,
        label: Any = "label",
        *,
        label_time: Any = None,
        time: Any = None,
        label_name: str | None = None,
        **context: Any,
    ) -> "Dataset":
        """Make a data set of a frame of pandas, Polars or Arrow, a row per sample.

        Parameters
        ----------
        features : DataFrame or Table of n rows
            Each column is a feature, of numbers or bools, save those named below.
        label : str or array-like of shape (n,)
            The labels: a column of the frame, or values.
        label_time : str or array-like of shape (n,), optional
            When each label became known: times (without a zone: UTC) or UTC seconds. By default the column
            ``label_time``, if there is one; without it nothing can be purged.
        time : str or array-like of shape (n,), optional
            When the features were recorded, as `label_time`. By default the column ``time``, else the index of pandas.
        label_name : str, optional
            What the label is called; by default the name of its column.
        **context
            exchange, symbol, timeframe, side, weight, payoff, key: a column of the frame, or values. Columns of these
            names are taken without being named.

        Returns
        -------
        Dataset
            Sorted by time.

        Raises
        ------
        FeatureError
            If a column is no number or bool, or holds an infinite value.
        DatasetError
            If times or labels are missing or cannot be used.

        Examples
        --------
        >>> import pyarrow as pa
        >>> frame = pa.table({"time": [120, 60], "rsi": [61.5, None], "win": [False, True], "symbol": ["A-B", "A-B"]})
        >>> data = Dataset.from_frame(frame, label="win", label_time=[180, 120])
        >>> data.feature_names, data.X.tolist(), data.labels, data.label_time.tolist()
        (('rsi',), [[nan], [61.5]], (True, False), [120, 180])
        """
        from livermore.ml.dataset._frames import dataset_from_frame

        unknown = sorted(context.keys() - _samples.OPTIONAL.keys())
        if unknown:
            raise TypeError(f"from_frame has no parameter {unknown[0]!r}; there are {', '.join(_samples.OPTIONAL)}.")
        return dataset_from_frame(features, label, label_time, time, label_name, context)

    def to_frame(self, backend: str | None = None) -> Any:
        """Return all samples as a frame: times, labels (under their name), what else is known, and the features.

        Parameters
        ----------
        backend : {"pandas", "polars", "pyarrow"}, optional
            Whose frame; pandas by default.

        Returns
        -------
        DataFrame or Table of n rows
            `Dataset.from_frame` with ``label=data.label_name`` makes the same data set of it.

        Raises
        ------
        DatasetError
            If a feature has the name of another column, such as ``side``.

        Examples
        --------
        >>> sample = {"time": 60, "features": {"rsi": 61.5}, "label": {"name": "win", "value": True}}
        >>> Dataset.from_samples([sample]).to_frame("pyarrow").column_names
        ['time', 'win', 'rsi']
        """
        from livermore.ml.dataset._frames import frame_from_dataset

        return frame_from_dataset(self, backend)

    def _repr_html_(self) -> str:
        from livermore.ml.dataset._html import dataset_html

        return dataset_html(self)

    def take(self, indices: npt.ArrayLike) -> "Dataset":
        """Return the samples at `indices` (integers, shape (m,)), in the order given, as a data set of their own.

        Arrays of samples that follow one another are views of those here.
        """
        at = np.asarray(indices, dtype=np.int64)
        found = consecutive(at)
        labels = tuple(self.labels[i] for i in at) if found is None else self.labels[found]
        changed: dict[str, Any] = {"labels": labels}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                changed[field.name] = value[at if found is None else found]
        return Dataset(**({field.name: getattr(self, field.name) for field in fields(self)} | changed))

    def to_samples(self) -> list[Sample]:
        """Return the samples as a list of dicts, in order of time.

        Missing features are NaN, and those that were recorded as bool are bool again, or None where they are missing.
        Sides are ``"long"`` and ``"short"``, as strategies record them.
        """
        columns = map(self.feature, self.feature_names)
        names, label_name = self.feature_names, self.label_name
        samples: list[Sample] = [
            {
                "time": time,
                "features": dict(zip(names, row, strict=True)),
                "label": {"name": label_name, "value": label},
            }
            for time, label, *row in zip(self.time.tolist(), self.labels, *columns, strict=True)
        ]
        for key, values in self._optional():
            for sample, value in zip(samples, values, strict=True):
                if value is not None:
                    sample[key] = value
        return samples

    def feature(self, name: str) -> list[float | bool | None]:
        """Return the values of one feature: floats, or bools where it was recorded so (None where it is missing)."""
        values = self.X[:, self.feature_names.index(name)].tolist()
        if name in self.bool_features:
            return [None if value != value else bool(value) for value in values]
        return list(values)

    @property
    def bar_end(self) -> Integers:
        """When the bar of each sample was complete, in UTC seconds; shape (n,).

        Samples are stamped with the opening of their bar, as in Jesse. Where the timeframe is not known, this is their
        own time.

        Examples
        --------
        >>> sample = {"time": 60, "features": {"rsi": 61.5}, "label": {"name": "win", "value": True}, "timeframe": "5m"}
        >>> Dataset.from_samples([sample]).bar_end
        array([360])
        """
        if self.timeframe is None:
            return self.time
        names, number = np.unique(self.timeframe, return_inverse=True)
        seconds = np.array([60 * TIMEFRAMES.get(str(name), 0) for name in names], dtype=np.int64)
        return np.asarray(self.time + seconds[number], dtype=np.int64)

    @property
    def market(self) -> Integers | None:
        """A number for each exchange and symbol, of each sample; shape (n,). None for one market, or unknown ones.

        Examples
        --------
        >>> sample = {"time": 60, "features": {"rsi": 61.5}, "label": {"name": "win", "value": True}}
        >>> Dataset.from_samples([sample | {"symbol": name} for name in ("ETH-USDT", "BTC-USDT")]).market
        array([1, 0])
        """
        if self.symbol is None:
            return None
        names, number = np.unique(self.symbol, return_inverse=True)
        if self.exchange is not None:
            exchanges, place = np.unique(self.exchange, return_inverse=True)
            names, number = np.unique(number * exchanges.size + place, return_inverse=True)
        return np.asarray(number, dtype=np.int64) if names.size > 1 else None

    def missing(self) -> dict[str, int]:
        """Return how many values are missing, for each feature that has any missing."""
        counts = np.isnan(self.X).sum(axis=0)
        return {name: int(count) for name, count in zip(self.feature_names, counts, strict=True) if count}

    def fingerprint(self) -> str:
        """Return a SHA-256 over names, values, labels and times, by which a model knows what it was trained on."""
        import hashlib  # loads OpenSSL, which a run that only gathers does without

        digest = hashlib.sha256(repr((self.feature_names, self.label_name, self.labels)).encode())
        for array in (self.X, self.time, self.label_time):
            digest.update(b"none" if array is None else np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def _optional(self) -> Iterator[tuple[str, list[Any]]]:
        """Yield what samples carry beyond Jesse's three keys, None where a sample has none."""
        if self.label_time is not None:
            yield "label_time", self.label_time.tolist()
        for key in ("exchange", "symbol", "timeframe"):
            texts = getattr(self, key)
            if texts is not None:
                yield key, [text or None for text in texts.tolist()]
        if self.side is not None:
            yield "side", [_samples.SIDE_NAMES.get(side) for side in self.side.tolist()]
        if self.weight is not None:
            yield "weight", self.weight.tolist()
        if self.payoff is not None:
            yield "payoff", [None if payoff != payoff else payoff for payoff in self.payoff.tolist()]
        if self.key is not None:
            yield "key", self.key.tolist()


def _label_times(samples: Sequence[dict[str, Any]], time: Integers) -> Integers | None:
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
