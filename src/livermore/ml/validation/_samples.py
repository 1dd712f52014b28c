"""Labelled samples as arrays: the form in which models are fitted and evaluated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from livermore.ml.dataset import consecutive
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
    bar_end : ndarray of shape (n,), int64, or None
        When the bar of each sample was complete, in UTC seconds: the decision could be taken then. None: at its time.
    market : ndarray of shape (n,), int64, or None
        A number for each exchange and symbol. None: one market, or unknown ones, which then share one clock.

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
    bar_end: Integers | None = None
    market: Integers | None = None

    @property
    def decided(self) -> Integers:
        """When each decision could be taken, in UTC seconds: the end of its bar, but not after its label was known."""
        if self.bar_end is None:
            return self.time
        return self.bar_end if self.label_time is None else np.minimum(self.bar_end, self.label_time)

    @property
    def windows(self) -> LabelWindows:
        """The label intervals, from the decision on.

        How much labels overlap is counted from there: one that is known a bar later shares no time with the next one.
        Splitters purge by `time`, which removes a bar more than that.
        """
        return LabelWindows.of(self.decided, self.label_time)

    def columns(self, chosen: Sequence[int] | Integers) -> "LabelledSamples":
        """Return the same samples with some of the features only."""
        return replace(self, X=self.X[:, np.asarray(chosen)])

    def take(self, rows: Integers) -> "LabelledSamples":
        """Return some of the samples, in the order asked for; views of the arrays where they follow one another.

        Examples
        --------
        >>> samples = LabelledSamples(np.eye(3), np.array([0, 1, 1]), np.array([0, 60, 120]))
        >>> samples.take(np.array([2, 0])).y.tolist()
        [1, 0]
        """
        found = consecutive(rows)
        at = rows if found is None else found
        taken: dict[str, Any] = {name: None if values is None else values[at] for name, values in vars(self).items()}
        return LabelledSamples(**taken)
