"""Bet sizing: position sizes from the probabilities of a model, for meta-labels and by a linear rule.

It imports numpy alone, so that a strategy can size its orders with it in deploy mode.
"""

import math
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError
from livermore.typing import Array, Floats

__all__ = ["average_open_bets", "bet_size", "discretise", "linear_risk"]

Number = float | int | np.floating[Any] | np.integer[Any]
NUMBERS = (float, int, np.floating, np.integer)


@overload
def bet_size(probability: Number, side: Number = ..., *, n_classes: int = ..., step: float = ...) -> float: ...
@overload
def bet_size(
    probability: npt.ArrayLike,
    side: npt.ArrayLike = ...,
    *,
    n_classes: int = ...,
    step: float = ...,
    time: npt.ArrayLike | None = ...,
    label_time: npt.ArrayLike | None = ...,
) -> Floats: ...
def bet_size(
    probability: Any,
    side: Any = 1,
    *,
    n_classes: int = 2,
    step: float = 0.0,
    time: Any = None,
    label_time: Any = None,
) -> Any:
    """Return the size of a bet, between -1 and 1, from the probability of the predicted class.

    Parameters
    ----------
    probability : float or array-like of shape (n,)
        Probability of the predicted class, 0 to 1. For a meta-label (did the signal succeed?) that is the probability
        of class 1. NaN, the result of a skipped prediction, gives size 0.
    side : float or array-like of shape (n,)
        1 to bet long, -1 to bet short, 0 for no bet; for a meta-label the side of the primary signal.
    n_classes : int
        Number of classes K of the model. At probability 1/K the prediction carries no information and the size is 0.
    step : float
        Sizes are rounded to multiples of it, so that small changes of the probability do not trade; 0 does not round.
    time, label_time : array-like of shape (n,), optional
        When each bet was placed and when it ended, both in one unit. With them each size is the mean over all bets that
        were open when the bet was placed, itself included; see `average_open_bets`.

    Returns
    -------
    float or ndarray of shape (n,)
        A float for a single probability.

    Raises
    ------
    DatasetError
        If a probability is below 0 or above 1, a side is none of 1, 0 and -1, or `step` is not from 0 to 1.

    Notes
    -----
    López de Prado, *Advances in Financial Machine Learning* (2018), chapter 10: with z = (p - 1/K) / sqrt(p (1 - p))
    the size is side · (2 Φ(z) - 1) (section 10.3, snippet 10.1), averaged over open bets (snippet 10.2), then rounded
    (snippet 10.3).

    **A probability below 1/K gives a size of the opposite sign.** The predicted class of a model always has a larger
    one. For a meta-label it means that the signal is more likely to fail than not; to avoid a bet against the signal,
    use ``max(0.0, bet_size(p))``, or a threshold.

    Examples
    --------
    >>> round(bet_size(0.75), 4)
    0.4363
    >>> bet_size([0.5, 0.75, 0.95], side=[1, -1, 1], step=0.1)
    array([ 0. , -0.4,  1. ])
    >>> bet_size(0.5, n_classes=3) > 0
    True
    """
    if n_classes < 2 or int(n_classes) != n_classes:
        raise DatasetError(f"n_classes must be a whole number, 2 or more; it is {n_classes!r}.")
    if time is None and label_time is None and isinstance(probability, NUMBERS) and isinstance(side, NUMBERS):
        return _rounded(_one_size(float(probability), float(side), n_classes), step)
    p, sides = _probabilities(probability), _sides(side)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (p - 1.0 / n_classes) / np.sqrt(p * (1.0 - p))
    sizes = np.where(np.isnan(p), 0.0, sides * _erf(z / math.sqrt(2.0)))
    if time is not None or label_time is not None:
        sizes = _averaged(sizes, time, label_time)
    return discretise(sizes, step)


def average_open_bets(
    size: npt.ArrayLike, time: npt.ArrayLike, label_time: npt.ArrayLike, at: npt.ArrayLike | None = None
) -> Floats:
    """Return the mean size of the bets that are open at given times; 0 where none is.

    Bets overlap. The sum of their sizes is unbounded, and following only the newest one trades with each bet; the mean
    avoids both (*Advances in Financial Machine Learning*, snippet 10.2).

    Parameters
    ----------
    size : array-like of shape (n,)
        Size of each bet, with its side's sign.
    time, label_time : array-like of shape (n,)
        When each bet was placed and when it ended, in one unit. A bet is open from `time` on, and no longer at
        `label_time`.
    at : array-like of shape (m,), optional
        The times at which the mean is taken; by default each bet's own `time`.

    Returns
    -------
    ndarray of shape (m,)

    Raises
    ------
    DatasetError
        If the shapes differ, or a bet ends before it was placed.

    Examples
    --------
    >>> average_open_bets([1.0, -0.5, 0.2], time=[0, 10, 30], label_time=[20, 20, 40])
    array([1.  , 0.25, 0.2 ])
    >>> average_open_bets([1.0, -0.5], time=[0, 10], label_time=[20, 20], at=[15, 20])
    array([0.25, 0.  ])
    """
    sizes = np.atleast_1d(np.asarray(size, dtype=np.float64))
    start, end = np.atleast_1d(np.asarray(time)), np.atleast_1d(np.asarray(label_time))
    if not sizes.shape == start.shape == end.shape or sizes.ndim != 1:
        raise DatasetError(
            f"size, time and label_time must have one shape (n,); they have {sizes.shape}, {start.shape}, {end.shape}."
        )
    early = np.flatnonzero(end < start)
    if early.size:
        row = early[0]
        raise DatasetError(f"Bet {row} ends at {end[row]}, before it was placed at {start[row]}.")
    times = start if at is None else np.atleast_1d(np.asarray(at))
    n_opened, opened = _up_to(sizes, start, times)
    n_closed, closed = _up_to(sizes, end, times)
    n_open = n_opened - n_closed
    return np.where(n_open > 0, (opened - closed) / np.maximum(n_open, 1), 0.0)


@overload
def discretise(size: Number, step: float) -> float: ...
@overload
def discretise(size: npt.ArrayLike, step: float) -> Floats: ...
def discretise(size: Any, step: float) -> Any:
    """Round sizes to multiples of `step`, clipped to [-1, 1] (snippet 10.3 of the same book).

    Parameters
    ----------
    size : float or array-like of shape (n,)
        Sizes between -1 and 1.
    step : float
        From 0 to 1; 0 leaves sizes as they are.

    Returns
    -------
    float or ndarray of shape (n,)

    Raises
    ------
    DatasetError
        If `step` is not from 0 to 1.

    Examples
    --------
    >>> discretise(0.46, 0.25)
    0.5
    """
    if isinstance(size, NUMBERS):
        return _rounded(float(size), step)
    _check_step(step)
    sizes = np.asarray(size, dtype=np.float64)
    if step == 0:
        return sizes
    return np.clip(np.round(sizes / step) * step, -1.0, 1.0) + 0.0  # + 0.0: no negative zeros


@overload
def linear_risk(probability: Number, threshold: float = ..., *, low: float = ..., high: float = ...) -> float: ...
@overload
def linear_risk(
    probability: npt.ArrayLike, threshold: float = ..., *, low: float = ..., high: float = ...
) -> Floats: ...
def linear_risk(probability: Any, threshold: float = 0.5, *, low: float = 1.0, high: float = 2.0) -> Any:
    """Return the risk of a trade, linear in the probability from `low` at the threshold to `high` at 1.

    Parameters
    ----------
    probability : float or array-like of shape (n,)
        Probability that the signal succeeds. Below the threshold, and where it is NaN, the risk is 0: no trade.
    threshold : float
        From 0, and below 1.
    low, high : float
        Risk at the threshold and at probability 1, in percent of the capital; for `utils.risk_to_qty`.

    Returns
    -------
    float or ndarray of shape (n,)
        In percent of the capital.

    Raises
    ------
    DatasetError
        If a probability is below 0 or above 1, or the threshold is not from 0 to below 1.

    Examples
    --------
    >>> linear_risk(0.6, threshold=0.6), linear_risk(0.8, threshold=0.6), linear_risk(0.59, threshold=0.6)
    (1.0, 1.5, 0.0)
    >>> linear_risk([0.5, 0.75, 1.0])
    array([1. , 1.5, 2. ])
    """
    if not 0 <= threshold < 1:
        raise DatasetError(f"threshold must be from 0 to below 1; it is {threshold!r}.")
    p = _probabilities(probability)
    with np.errstate(invalid="ignore"):
        risk = np.where(p >= threshold, low + (high - low) * ((p - threshold) / (1.0 - threshold)), 0.0)
    return float(risk) if isinstance(probability, NUMBERS) else risk


def _one_size(probability: float, side: float, n_classes: int) -> float:
    """Compute one size without arrays, since a strategy calls it on each bar."""
    if side not in (-1.0, 0.0, 1.0):
        raise DatasetError(f"side must be 1, 0 or -1; it is {side}.")
    if math.isnan(probability):
        return 0.0
    if not 0.0 <= probability <= 1.0:
        raise DatasetError(f"A probability is from 0 to 1; it is {probability}.")
    spread = math.sqrt(probability * (1.0 - probability))
    edge = probability - 1.0 / n_classes
    # 2 Φ(z) - 1 is erf(z / √2).
    return side * (math.erf(edge / spread / math.sqrt(2.0)) if spread > 0 else math.copysign(1.0, edge))


def _rounded(size: float, step: float) -> float:
    """Round one size to a multiple of `step`."""
    _check_step(step)
    return size + 0.0 if step == 0 else min(1.0, max(-1.0, round(size / step) * step)) + 0.0


def _check_step(step: float) -> None:
    """Raise DatasetError for a step outside of [0, 1]."""
    if not 0 <= step <= 1:
        raise DatasetError(f"step must be from 0 (no rounding) to 1; it is {step!r}.")


def _probabilities(values: Any) -> Floats:
    """Return probabilities as an array, all of them NaN or from 0 to 1."""
    p = np.asarray(values, dtype=np.float64)
    wrong = p[(p < 0) | (p > 1)]
    if wrong.size:
        raise DatasetError(f"A probability is from 0 to 1; it is {wrong.flat[0]}.")
    return p


def _sides(values: Any) -> Floats:
    """Return sides as an array of 1, 0 and -1."""
    sides = np.asarray(values, dtype=np.float64)
    wrong = sides[~np.isin(sides, (-1.0, 0.0, 1.0))]
    if wrong.size:
        raise DatasetError(f"side must be 1, 0 or -1; it is {wrong.flat[0]}.")
    return sides


def _erf(values: Floats) -> Floats:
    """Apply the error function to each value."""
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(values), dtype=np.float64)


def _averaged(sizes: Floats, time: Any, label_time: Any) -> Floats:
    """Average over open bets; raise DatasetError if one of the times is missing."""
    if time is None or label_time is None:
        raise DatasetError("To average over open bets, give both time and label_time.")
    return average_open_bets(sizes, time, label_time)


def _up_to(sizes: Floats, events: Array, times: Array) -> tuple[npt.NDArray[np.intp], Floats]:
    """Return the number of events, and the sum of their sizes, up to and including each time."""
    order = np.argsort(events, kind="stable")
    count = np.searchsorted(events[order], times, side="right")
    return count, np.concatenate([[0.0], np.cumsum(sizes[order])])[count]
