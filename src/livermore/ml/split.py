"""The chronological train/test split: the earlier samples train the model, the later ones test it."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from sklearn.preprocessing import StandardScaler

from livermore.errors import FeatureError, LivermoreWarning, TrainingError
from livermore.ml.dataset import Dataset
from livermore.ml.labels import pooled_uniqueness
from livermore.ml.tasks import Task, takes_missing_values
from livermore.ml.validation import LabelledSamples, PurgedSplit, ScaledFeatures
from livermore.typing import Array, Floats, Integers

__all__ = ["SplitPart", "TrainTestSplit", "check_missing"]


@dataclass(frozen=True, eq=False)
class SplitPart:
    """One part of a split, train or test.

    Attributes
    ----------
    data : Dataset
        Its samples.
    y : ndarray of shape (n,)
        Encoded labels.
    X : ndarray of shape (n, f)
        Features as recorded.
    scaler : StandardScaler or None
        It scales by mean and standard deviation of the training part; None leaves features as they are.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import StandardScaler
    >>> samples = [
    ...     {"time": 60 * i, "features": {"rsi": float(i)}, "label": {"name": "up", "value": i != 1}}
    ...     for i in range(3)
    ... ]
    >>> data = Dataset.from_samples(samples)
    >>> part = SplitPart(data, np.array([1, 0, 1]), data.X, StandardScaler().fit(data.X))
    >>> part.scaled().all().round(2).tolist(), part.samples().X.tolist()
    ([[-1.22], [0.0], [1.22]], [[0.0], [1.0], [2.0]])
    """

    data: Dataset
    y: Array
    X: Floats
    scaler: StandardScaler | None = None

    def scaled(self, dtype: DTypeLike = np.float64) -> ScaledFeatures:
        """Return the scaled features, computed whenever they are asked for."""
        return ScaledFeatures(self.X, self.scaler, dtype)

    def uniqueness_weights(self) -> Floats:
        """Return the average uniqueness of each label interval, times the recorded weight; shape (n,).

        Notes
        -----
        López de Prado, *Advances in Financial Machine Learning* (2018), section 4.4. Labels of other symbols take from
        a sample what the correlation of the symbols' labels says: nothing if they are independent.
        """
        samples = self.samples()
        unique = pooled_uniqueness(samples.windows, samples.market, self.y)
        return unique if self.data.weight is None else self.data.weight * unique

    def samples(self, weight: Floats | None = None, cost: float = 0.0) -> LabelledSamples:
        """Return the samples as arrays, with features as recorded and payoffs after costs.

        Parameters
        ----------
        weight : ndarray of shape (n,), optional
            Sample weights.
        cost : float
            Cost of acting on a signal beyond what its payoff includes, as a fraction.

        Returns
        -------
        LabelledSamples
            Without payoffs unless every sample has one.
        """
        data = self.data
        known = data.payoff is not None and not np.isnan(data.payoff).any()
        payoff = data.payoff - cost if known and data.payoff is not None else None
        return LabelledSamples(data.X, self.y, data.time, data.label_time, weight, payoff, data.bar_end, data.market)


@dataclass(frozen=True, eq=False)
class TrainTestSplit:
    """A chronological split of a data set, purged and scaled.

    Attributes
    ----------
    train, test : SplitPart
        The earlier and the later samples.
    scaler : StandardScaler
        Fitted on the training part.
    n_purged : int
        Training samples that were removed because their labels became known only in the test period.
    rows : tuple of ndarray
        Rows of the data set that form the training part, and the test part.
    notes : tuple of str
        What a reader of the metrics must know about the split.

    Examples
    --------
    >>> from livermore.ml.dataset import Dataset
    >>> from livermore.ml.tasks import Binary
    >>> from livermore.testing import example_samples
    >>> data = Dataset.from_samples(example_samples())
    >>> split = TrainTestSplit.chronological(data, Binary(), test_ratio=0.2)
    >>> len(split.train.y) + len(split.test.y) + split.n_purged == len(data)
    True
    """

    train: SplitPart
    test: SplitPart
    scaler: StandardScaler
    n_purged: int
    rows: tuple[Integers, Integers]
    notes: tuple[str, ...] = ()

    @classmethod
    def chronological(cls, data: Dataset, task: Task, test_ratio: float, *, purge: bool = True) -> "TrainTestSplit":
        """Split samples in order of time, purge the training part, encode the labels and scale the features.

        Parameters
        ----------
        data : Dataset
            All samples.
        task : Task
            It encodes the labels.
        test_ratio : float
            Share of the samples, the latest, that form the test part.
        purge : bool
            Whether to remove training samples whose labels became known only in the test period.

        Returns
        -------
        TrainTestSplit

        Raises
        ------
        TrainingError
            If a part is too small, or the training part has a single class or a constant label.
        FeatureError
            If a feature is missing in all training samples.

        Warns
        -----
        LivermoreWarning
            If purging is asked for and the samples have no label times.

        Examples
        --------
        >>> from livermore.ml.tasks import task_named
        >>> samples = [
        ...     {
        ...         "time": 60 * i,
        ...         "features": {"momentum": float(i % 3)},
        ...         "label": {"name": "win", "value": i % 2 == 0},
        ...         "label_time": 60 * (i + 3),
        ...     }
        ...     for i in range(20)
        ... ]
        >>> split = TrainTestSplit.chronological(Dataset.from_samples(samples), task_named("binary"), test_ratio=0.25)
        >>> len(split.train.y), split.n_purged, len(split.test.y)
        (13, 2, 5)
        """
        is_number = isinstance(test_ratio, int | float | np.integer | np.floating)
        if not is_number or not 0 < test_ratio < 1:
            raise TrainingError(f"test_ratio must be a share between 0 and 1, not {test_ratio!r}.")
        cut = int(len(data) * (1 - test_ratio))
        if not 1 < cut < len(data):
            raise TrainingError(
                f"{len(data)} samples and test_ratio={test_ratio} leave {cut} to train on and {len(data) - cut} to "
                "test on: too few. Gather more samples (1,000 and more are a sound number), or change test_ratio."
            )
        rows, test_rows = np.arange(cut), np.arange(cut, len(data))
        notes: tuple[str, ...] = ()
        if purge:
            fold = next(PurgedSplit(data.time, data.label_time, test_size=test_ratio).folds())
            rows, test_rows = fold.train, fold.test
            notes = _purging_notes(data, cut - len(rows))
        y = task.encode(data.labels)
        task.check_target(y[rows])
        train, test = data.take(rows), data.take(test_rows)
        _check_no_feature_is_missing_throughout(train)
        scaler = StandardScaler().fit(train.X)
        return cls(
            SplitPart(train, y[rows], train.X, scaler),
            SplitPart(test, y[test_rows], test.X, scaler),
            scaler,
            n_purged=cut - len(rows),
            rows=(rows, test_rows),
            notes=notes,
        )


def check_missing(data: Dataset, estimator: Any) -> None:
    """Raise FeatureError if values are missing and the estimator cannot handle missing values.

    Examples
    --------
    >>> from livermore.ml.dataset import Dataset
    >>> from livermore.testing import example_samples
    >>> data = Dataset.from_samples(example_samples())
    >>> from sklearn.linear_model import LogisticRegression
    >>> check_missing(data, LogisticRegression())
    """
    missing = data.missing()
    if not missing or takes_missing_values(estimator):
        return
    counts = ", ".join(f"{name!r} in {count}" for name, count in missing.items())
    raise FeatureError(
        f"values are missing (of {len(data)} samples: {counts}), and {type(estimator).__name__} takes none. Use an "
        "estimator that does (such as HistGradientBoosting, LightGBM or XGBoost), fill them in with "
        "make_pipeline(SimpleImputer(), …), or record features only once their indicators have warmed up."
    )


def _purging_notes(data: Dataset, n_purged: int) -> tuple[str, ...]:
    """Return a note of how many samples were purged, or warn that nothing can be purged."""
    if data.label_time is None:
        warnings.warn(
            "the samples have no label_time, so it is unknown when their labels became known and nothing can be "
            "purged: training labels may overlap the test period and inflate the metrics. Gather again with "
            "livermore, or pass purge=False to state that labels do not overlap.",
            LivermoreWarning,
            stacklevel=5,
        )
        return ("Nothing could be purged: the samples do not say when their labels became known (label_time).",)
    if n_purged:
        samples = "1 training sample was" if n_purged == 1 else f"{n_purged:,} training samples were"
        return (f"{samples} purged: the label became known only in the test period.",)
    return ()


def _check_no_feature_is_missing_throughout(train: Dataset) -> None:
    """Raise FeatureError for a feature without a single value in the training part."""
    for name, count in train.missing().items():
        if count == len(train):
            raise FeatureError(
                f"feature {name!r} is missing in all {count} training samples: nothing can be learned from it. Record "
                "it, or leave it out of ml_features()."
            )
