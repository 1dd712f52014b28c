"""Forward scores, and the test of whether they have a positive mean.

A forward score compares a prediction with its outcome at the time at which it was made: the model was trained on
earlier samples, and whatever is subtracted from either of them was known by then. Without skill such scores are
martingale differences, whatever the memory of features and labels. A correlation over a whole test period is not: it
subtracts the period's own mean, which lies in the future of most of its samples.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import stats

from livermore.errors import TrainingError
from livermore.ml.evidence._memory import cosine_transforms
from livermore.typing import Floats, Integers

__all__ = [
    "GUARDS",
    "CosineTest",
    "ForwardScores",
    "ForwardTest",
    "cosine_error",
    "cosine_test",
    "forward_test",
    "summed_by",
]

#: What the two columns of the scores compare a model with.
GUARDS = ("constant", "past labels")

# Cosines of which the long-run variance is estimated; Lazarus, Lewis, Stock and Watson (2018), section 4.
MAX_DEGREES = 12
MIN_DEGREES = 4
RATE = 0.41
# Fewer times than this make no test: the fewest cosines would not be independent of the mean.
MIN_TIMES = 2 * MIN_DEGREES
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class ForwardScores:
    """The scores of predictions that were made forward in time, summed over the symbols of each time.

    Parameters
    ----------
    time : ndarray of shape (m,), int64
        Times of the decisions, in UTC seconds, ascending and each once.
    u : ndarray of shape (m, 2)
        Scores against a constant, and against what past labels predict. Without skill each column is a martingale
        difference; with skill its mean is positive.
    label_length : float
        Mean number of decision times that a label spans, at least 1.

    Raises
    ------
    TrainingError
        If shapes do not fit, times are not ascending, or a score is not finite.

    Examples
    --------
    >>> scores = ForwardScores(60 * np.arange(4), np.array([[1.0, 0.5], [2.0, 0.0], [-1.0, 0.0], [3.0, 1.0]]))
    >>> edges, sums = scores.cells(2)
    >>> edges.tolist(), sums.tolist()
    ([0, 90, 181], [[3.0, 0.5], [2.0, 1.0]])
    """

    time: Integers
    u: Floats
    label_length: float = 1.0

    def __post_init__(self) -> None:
        if self.time.ndim != 1 or self.u.shape != (self.time.size, len(GUARDS)):
            raise TrainingError(
                f"forward scores need times of shape (m,) and scores of shape (m, {len(GUARDS)}); their shapes are "
                f"{self.time.shape} and {self.u.shape}."
            )
        if not (np.diff(self.time) > 0).all():
            raise TrainingError("the times of forward scores must be ascending, each once: sum scores of one time.")
        if not np.isfinite(self.u).all():
            row = int(np.flatnonzero(~np.isfinite(self.u).all(axis=1))[0])
            raise TrainingError(f"the forward score at {self.time[row]} is {self.u[row]}; scores must be finite.")
        if not self.label_length >= 1:
            raise TrainingError(f"label_length must be at least 1; it is {self.label_length}.")

    def __len__(self) -> int:
        return self.time.size

    @classmethod
    def summed(cls, time: Integers, u: Floats, label_length: float = 1.0) -> "ForwardScores":
        """Sum the scores of samples by time.

        Parameters
        ----------
        time : ndarray of shape (n,), int64
            When each sample was taken, in any order.
        u : ndarray of shape (n, 2)
            Scores of the samples.
        label_length : float
            As for the class.

        Examples
        --------
        >>> ForwardScores.summed(np.array([60, 0, 60]), np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 4.0]])).u.tolist()
        [[2.0, 2.0], [4.0, 5.0]]
        """
        every, sums = np.unique(time), [summed_by(time, column)[1] for column in u.T]
        return cls(every, np.column_stack(sums) if sums else np.empty((every.size, 0)), label_length)

    def cells(self, n: int) -> tuple[Integers, Floats]:
        """Return the sums of the scores over n slices of equal time.

        Parameters
        ----------
        n : int
            Number of slices, at least 1.

        Returns
        -------
        edges : ndarray of shape (n + 1,), int64
            Begin of each slice, and the end of the last, exclusive; in UTC seconds.
        sums : ndarray of shape (n, 2)
            Sums of the scores; 0 where a slice has no decision.
        """
        if n < 1 or not self.time.size:
            raise TrainingError(f"cannot cut {self.time.size} forward scores into {n} slices.")
        edges = np.linspace(self.time[0], self.time[-1] + 1, n + 1).round().astype(np.int64)
        slices = np.searchsorted(edges, self.time, side="right") - 1
        sums = [np.bincount(slices, column, n) for column in self.u.T]
        return edges, np.column_stack(sums)


def summed_by(time: Integers, values: Floats) -> tuple[Integers, Floats]:
    """Return the distinct times, ascending, and the sum of the values of each.

    Examples
    --------
    >>> summed_by(np.array([60, 0, 60]), np.array([1.0, 2.0, 3.0]))[1].tolist()
    [2.0, 4.0]
    """
    every, place = np.unique(time, return_inverse=True)
    return every, np.bincount(place, values, every.size).astype(np.float64)


class CosineTest(NamedTuple):
    """Outcome of `cosine_test`.

    Attributes
    ----------
    t : float
        Student's t of the mean; 0 for a series that is zero throughout, and for one that is too short.
    degrees : int
        Its degrees of freedom; 0 where the series is too short.
    p : float
        One-sided p-value of a mean that is not positive.

    Examples
    --------
    >>> from livermore.ml.evidence import cosine_test
    >>> cosine_test(np.zeros(100)).t
    0.0
    >>> found = cosine_test(0.2 + np.random.default_rng(0).standard_normal(500))
    >>> found.degrees, found.p < 0.05
    (12, True)
    """

    t: float
    degrees: int
    p: float


def cosine_test(u: Floats, label_length: float = 1.0) -> CosineTest:
    """Test whether an autocorrelated series has a positive mean (equal-weighted cosines).

    Parameters
    ----------
    u : ndarray of shape (m,)
        The series, in order of time.
    label_length : float
        How many terms a label spans: shorter waves than two of them carry no information on the long-run variance.

    Returns
    -------
    CosineTest
        With p-value 1 for fewer than 8 terms, and for a series that is zero throughout.

    Raises
    ------
    TrainingError
        If the series has another shape or a value that is not finite.

    Notes
    -----
    The long-run variance is the mean square of the first v cosine transforms of the series, which are orthogonal to its
    mean, so that the ratio has Student's distribution with v degrees of freedom: Müller, J. Econometrics 2004; Lazarus,
    Lewis, Stock and Watson, JBES 2018, sections 3 and 4. Here v is the least of 12, ``0.41 m^(2/3)`` and ``m / 2 L``,
    and at least 4.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal(500)
    >>> cosine_test(noise).p > 0.05, cosine_test(noise + 0.2).p < 0.05, cosine_test(noise).degrees
    (True, True, 12)
    """
    error, degrees = cosine_error(u, label_length)
    mean = float(u.mean()) if degrees else 0.0
    if not degrees or (not mean and not error):
        return CosineTest(0.0, degrees, 1.0)
    # The transforms of a constant series are zero but for rounding.
    t = mean / error if error > TINY * abs(mean) else float(np.copysign(np.inf, mean))
    return CosineTest(t, degrees, float(stats.t.sf(t, degrees)))


def cosine_error(u: Floats, label_length: float = 1.0) -> tuple[float, int]:
    """Return the standard error of the mean of an autocorrelated series, and its degrees of freedom.

    Parameters
    ----------
    u, label_length
        As for `cosine_test`, whose denominator this is.

    Returns
    -------
    (error, degrees)
        (NaN, 0) for fewer than 8 terms.

    Raises
    ------
    TrainingError
        If the series has another shape or a value that is not finite.

    Examples
    --------
    >>> error, degrees = cosine_error(np.random.default_rng(0).standard_normal(400))
    >>> round(error, 3), degrees
    (0.039, 12)
    """
    if u.ndim != 1 or not np.isfinite(u).all():
        raise TrainingError(f"the cosine test needs a finite series of shape (m,); its shape is {u.shape}.")
    m = u.size
    if m < MIN_TIMES:
        return float("nan"), 0
    degrees = max(int(min(MAX_DEGREES, RATE * m ** (2 / 3), m / (2 * label_length))), MIN_DEGREES)
    return float(np.sqrt((cosine_transforms(u, degrees) ** 2).mean() / m)), degrees


@dataclass(frozen=True)
class ForwardTest:
    """Whether predictions were better than a constant and better than past labels.

    Parameters
    ----------
    p1, p2 : float
        One-sided p-values against the constant and against past labels.
    p : float
        The larger one: both must be beaten.
    t : tuple of float
        Student's t of both.
    degrees : int
        Degrees of freedom.
    effect : float
        Mean score over its root mean square, of the guard with the larger p-value: 0 is no skill, 1 the most.
    effect_low, effect_high : float
        95 % interval of the effect; (-1, 1) where there are too few times.

    Examples
    --------
    >>> found = ForwardTest(0.001, 0.2, 0.2, (3.7, 0.9), 12, effect=0.03, effect_low=-0.04, effect_high=0.1)
    >>> found.p == max(found.p1, found.p2)
    True
    """

    p1: float
    p2: float
    p: float
    t: tuple[float, float]
    degrees: int
    effect: float
    effect_low: float
    effect_high: float


def forward_test(scores: ForwardScores) -> ForwardTest:
    """Test whether forward scores have a positive mean, against both guards.

    Parameters
    ----------
    scores : ForwardScores
        Of the judged samples.

    Returns
    -------
    ForwardTest

    Notes
    -----
    An intersection-union test (Berger, Technometrics 1982): each guard protects against another way to look good
    without skill, both tests have level 5 %, and so has the larger p-value, without a correction.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> scores = ForwardScores(60 * np.arange(400), 0.2 + random.standard_normal((400, 2)))
    >>> found = forward_test(scores)
    >>> found.p == max(found.p1, found.p2) < 0.05, found.effect_low < found.effect < found.effect_high
    (True, True)
    """
    first, second = (cosine_test(column, scores.label_length) for column in scores.u.T)
    binding, column = (first, scores.u[:, 0]) if first.p >= second.p else (second, scores.u[:, 1])
    effect, low, high = _effect(column, binding, scores.label_length)
    return ForwardTest(
        first.p, second.p, max(first.p, second.p), (first.t, second.t), binding.degrees, effect, low, high
    )


def _effect(u: Floats, test: CosineTest, label_length: float) -> tuple[float, float, float]:
    """Return the mean over the root mean square, with its 95 % interval."""
    scale = float(np.sqrt((u**2).mean())) if u.size else 0.0
    if not scale > 0:
        return 0.0, -1.0, 1.0
    effect = float(u.mean()) / scale
    if not test.degrees:
        return effect, -1.0, 1.0
    error, _ = cosine_error(u, label_length)
    half = float(stats.t.ppf(0.975, test.degrees)) * error / scale
    return effect, max(-1.0, effect - half), min(1.0, effect + half)
