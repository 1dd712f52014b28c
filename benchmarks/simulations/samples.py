"""Arrays as the labelled samples that `train_model` takes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.ml.dataset import Dataset

__all__ = ["BAR", "labels_of", "samples"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

BAR = 900
# Thirds of a standard normal outcome.
THIRD = 0.43


def labels_of(outcome: Floats, task: str) -> tuple[Any, ...]:
    """Turn outcomes of about unit variance into the labels of a task."""
    made: dict[str, Callable[[], list[Any]]] = {
        "binary": lambda: [bool(value > 0) for value in outcome],
        "multiclass": lambda: (np.digitize(outcome, [-THIRD, THIRD]) - 1).tolist(),
        "regression": lambda: (0.01 * outcome).tolist(),
    }
    return tuple(made[task]())


def samples(
    X: Floats,
    labels: tuple[Any, ...],
    horizon: int | Integers,
    *,
    payoff: Floats | None = None,
    time: Integers | None = None,
    symbol: npt.NDArray[np.str_] | None = None,
    says_when_known: bool = True,
) -> Dataset:
    """Make a data set of one sample a bar, each label known `horizon` bars after its sample.

    Parameters
    ----------
    X : ndarray of shape (n, f)
        Features.
    labels : tuple of length n
        Labels, as they would be recorded.
    horizon : int or ndarray of shape (n,)
        Bars until the label of a sample is known.
    payoff : ndarray of shape (n,), optional
        Return of acting on each sample.
    time : ndarray of shape (n,), optional
        UTC seconds, if it is not one sample a bar.
    symbol : ndarray of shape (n,), optional
        The market of each sample.
    says_when_known : bool
        Whether the samples say when their labels became known.
    """
    at = BAR * np.arange(len(X), dtype=np.int64) if time is None else time
    return Dataset(
        X=X,
        feature_names=tuple(f"feature_{k:02}" for k in range(X.shape[1])),
        labels=labels,
        label_name="outcome",
        time=at,
        label_time=at + BAR * np.asarray(horizon, dtype=np.int64) if says_when_known else None,
        symbol=symbol,
        payoff=payoff,
    )
