"""Labelled samples as arrays: the form in which models are fitted and evaluated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from livermore.ml.labels import LabelWindows
from livermore.typing import Array, Floats, Integers

__all__ = ["LabelledSamples"]


@dataclass(frozen=True, eq=False)
class LabelledSamples:
    """Labelled samples in order of time, such as the training part of a split.

    Parameters
    ----------
    X : ndarray of shape (n, f)
        Features as recorded, not scaled.
    y : ndarray of shape (n,)
        Encoded labels.
    time : ndarray of shape (n,), int64
        When each sample was taken, in UTC seconds, increasing.
    label_time : ndarray of shape (n,), int64, or None
        When each label became known, in UTC seconds.
    weight : ndarray of shape (n,) or None
        Sample weights: of the fit in the training part, of the metrics in the test part. None weighs all alike.
    payoff : ndarray of shape (n,) or None
        Return of acting on each signal after costs, as a fraction.

    Examples
    --------
    >>> samples = LabelledSamples(np.eye(3), np.array([0, 1, 1]), np.array([0, 60, 120]), np.array([60, 120, 180]))
    >>> samples.columns([0, 2]).X.shape, len(samples.windows)
    ((3, 2), 3)
    """

    X: Floats
    y: Array
    time: Integers
    label_time: Integers | None = None
    weight: Floats | None = None
    payoff: Floats | None = None

    @property
    def windows(self) -> LabelWindows:
        """The label intervals."""
        return LabelWindows.of(self.time, self.label_time)

    def columns(self, chosen: Sequence[int] | Integers) -> "LabelledSamples":
        """Return the same samples with some of the features only."""
        return replace(self, X=self.X[:, np.asarray(chosen)])
