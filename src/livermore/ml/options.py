"""The options of a training, and the name of the file in which its test-set evaluation is counted."""

import math
import operator
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

from livermore.errors import ConfigError, TrainingError

__all__ = ["LEDGER_NAME", "TrainingOptions", "check_embargo", "checked_n_jobs"]

# Here and not beside the ledger, so that a folder without one is recognised without loading scikit-learn.
LEDGER_NAME = "ml_ledger.jsonl"


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """The options of a training.

    Attributes
    ----------
    test_ratio : float
        Share of the samples, the latest, that form the test part.
    importance : bool
        Whether to compute the four-method importance table.
    impact : bool
        Whether to refit the estimator without each feature.
    purge : bool
        Whether to remove training samples whose labels became known only in the test period.
    assess : bool
        Whether to compute the evidence: out-of-fold choices, intervals, diagnostics, verdict.
    judge_features : bool
        Whether the evidence includes verdicts on features, which take six more fits.
    forward : bool
        Whether the verdict rests on refits forward in time, and not on the test part alone.
    volatility_features : tuple of str
        Features that measure volatility, for the baseline that predicts from it alone.
    embargo : int
        Seconds after each test block of the inner folds in which no training sample may start.
    calibrate : str or None
        "sigmoid" or "isotonic": calibrate probabilities on purged folds of the training part.
    unique_weights : bool
        Whether to weight training samples by the average uniqueness of their labels.
    weight_metrics : bool
        Whether to weight test samples in the same way, in metrics and their intervals.
    cost : float
        Cost of acting on a signal beyond what its payoff includes, as a fraction.
    n_jobs : int or None
        Number of worker processes or threads, as in joblib; None is all cores if the fits take long enough.
    title : str
        Name of the model in the report.
    verbose : bool
        Whether to print the report.
    save_to : Path or None
        Folder in which the model is saved.
    safe : bool
        Whether it is saved without pickle.
    user_ledger : bool
        Whether the evaluation is recorded in the user's ledger, beside that of the model's folder.
    dtype : str
        "float64", or "float32": the model rounds its features to 32 bits, in training and ever after.

    Examples
    --------
    >>> options = TrainingOptions(test_ratio=0.3, importance=False)
    >>> options.test_ratio, options.purge
    (0.3, True)
    """

    test_ratio: float = 0.2
    importance: bool = True
    impact: bool = True
    purge: bool = True
    assess: bool = True
    judge_features: bool = True
    forward: bool = True
    volatility_features: tuple[str, ...] = ()
    embargo: int = 0
    calibrate: str | None = None
    unique_weights: bool = False
    weight_metrics: bool = False
    cost: float = 0.0
    n_jobs: int | None = None
    title: str = ""
    verbose: bool = False
    save_to: Path | None = None
    safe: bool = False
    user_ledger: bool = True
    dtype: str = "float64"

    def __post_init__(self) -> None:
        """Refuse numbers that are none, and names that are no names."""
        cost, names = _any(self.cost), _any(self.volatility_features)
        if not isinstance(cost, Real) or not math.isfinite(cost) or cost < 0:
            raise TrainingError(f"cost must be a fraction of the amount traded, 0 or more; it is {cost!r}.")
        check_embargo(self.embargo)
        checked_n_jobs(self.n_jobs)
        if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
            raise TrainingError(f"volatility_features must be a list of names of features; it is {names!r}.")


def check_embargo(embargo: Any) -> None:
    """Raise `TrainingError` if an embargo is no finite number.

    Examples
    --------
    >>> check_embargo(3600)
    >>> check_embargo(float("nan"))
    Traceback (most recent call last):
    ...
    livermore.errors.TrainingError: embargo must be whole seconds, 0 or more; it is nan.
    """
    if isinstance(embargo, bool) or not isinstance(embargo, Real) or not math.isfinite(embargo):
        raise TrainingError(f"embargo must be whole seconds, 0 or more; it is {embargo!r}.")


def checked_n_jobs(n_jobs: Any) -> int | None:
    """Return a number of workers as joblib takes it, or None.

    Raises
    ------
    ConfigError
        If it is no whole number, or 0, of which joblib says no more than that it has no meaning.

    Examples
    --------
    >>> checked_n_jobs(-1), checked_n_jobs(None)
    (-1, None)
    """
    if n_jobs is None:
        return None
    try:
        n = operator.index(n_jobs)
    except TypeError:
        n = 0
    if n == 0:
        raise ConfigError(
            f"n_jobs must be a number of workers, such as 4, -1 for all cores, or None to choose by the work; it is "
            f"{n_jobs!r}."
        )
    return n


def _any(value: Any) -> Any:
    """Return a value whose type is not taken for granted, since users pass it."""
    return value
