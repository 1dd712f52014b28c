"""How much information the samples of several symbols carry together.

Symbols move together, but not as one: labels of the same hour are neither as many samples as there are symbols nor one.
"""

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError
from livermore.ml.labels._weights import average_uniqueness, effective_sample_size
from livermore.ml.labels._windows import LabelWindows
from livermore.typing import Floats, Integers

__all__ = ["pooled_sample_size", "pooled_uniqueness", "symbol_correlation"]


def symbol_correlation(windows: LabelWindows, symbol: npt.ArrayLike, values: npt.ArrayLike) -> float:
    """Return the correlation of what different symbols show at the same time, at least 0.

    Parameters
    ----------
    windows : LabelWindows
        The label intervals of n samples.
    symbol : array-like of shape (n,)
        Which symbol each sample is of.
    values : array-like of shape (n,) or (n, k)
        Outcomes, such as labels or payoffs; several columns, such as indicators of classes, count together.

    Returns
    -------
    float
        In [0, 1]; 0 where no two symbols have samples at the same time, or no value varies.

    Raises
    ------
    DatasetError
        If lengths differ, or a value is not finite.

    Notes
    -----
    Time is divided into slices of one label's length (the median), and values of a symbol, less their mean, are
    averaged in each slice. With c_i such an average of one of the m symbols of a slice, the estimate is
    ``sum (sum c_i)^2 - sum c_i^2`` over ``sum (m - 1) sum c_i^2``, outer sums over slices: the analysis of variance
    estimator of an intraclass correlation (Donner, International Statistical Review 1986) without its correction for
    few slices.

    Examples
    --------
    >>> common = np.repeat(np.random.default_rng(0).normal(size=200), 2)
    >>> time, symbol = np.repeat(60 * np.arange(200), 2), np.tile([0, 1], 200)
    >>> symbol_correlation(LabelWindows.of(time, time + 60), symbol, common)
    1.0
    """
    _, cell, mean = _cells(windows, symbol, values)
    return _correlation(cell, mean)


def pooled_sample_size(windows: LabelWindows, symbol: npt.ArrayLike | None, values: npt.ArrayLike) -> float:
    """Return how many independent samples carry the information of samples of one or several symbols.

    Parameters
    ----------
    windows, symbol, values
        As for `symbol_correlation`. Without symbols all samples share one clock, as in `effective_sample_size`.

    Returns
    -------
    float
        The sum of the average uniqueness within each symbol, divided by the design effect over symbols; never less than
        if all symbols were one.

    Raises
    ------
    DatasetError
        As `symbol_correlation`.

    Notes
    -----
    The design effect is ``1 + (m - 1) rho`` (Kish, *Survey Sampling*, 1965, section 5.4), rho the correlation of the
    symbols, and m the mean number of symbols in a slice of time, weighted by itself, since slices differ in it.

    Examples
    --------
    Ten symbols in 200 hours: independent ones, and such that are all the same.

    >>> random = np.random.default_rng(0)
    >>> time, symbol = np.repeat(3600 * np.arange(200), 10), np.tile(np.arange(10), 200)
    >>> windows = LabelWindows.of(time, time + 3600)
    >>> own, common = random.normal(size=2000), np.repeat(random.normal(size=200), 10)
    >>> pooled_sample_size(windows, symbol, own) > 1500, pooled_sample_size(windows, symbol, common)
    (True, 200.0)
    """
    one_clock = effective_sample_size(windows)
    if symbol is None or np.unique(np.asarray(symbol)).size < 2:
        return one_clock
    present, cell, mean = _cells(windows, symbol, values)
    per_slice = np.bincount(present).astype(np.float64)
    symbols_at_once = float((per_slice**2).sum() / per_slice.sum())
    effect = 1.0 + (symbols_at_once - 1.0) * _correlation(cell, mean)
    return max(one_clock, effective_sample_size(windows, symbol) / effect)


def pooled_uniqueness(windows: LabelWindows, symbol: npt.ArrayLike | None, values: npt.ArrayLike) -> Floats:
    """Return for each sample of one or several symbols how much of its information is its own.

    Parameters
    ----------
    windows, symbol, values
        As for `symbol_correlation`. Without symbols all samples share one clock, as in `average_uniqueness`.

    Returns
    -------
    ndarray of shape (n,)
        In (0, 1]: the average uniqueness within the symbol where symbols are independent, that on one clock for all
        where they are copies.

    Raises
    ------
    DatasetError
        As `symbol_correlation`.

    Notes
    -----
    With u the average uniqueness of a sample within its symbol and v that on one clock, u / v symbols share its time,
    and u is divided by their design effect ``1 + (u / v - 1) rho`` (Kish, *Survey Sampling*, 1965, section 5.4).

    Examples
    --------
    Ten symbols in 200 hours: independent ones, and such that are all the same.

    >>> random = np.random.default_rng(0)
    >>> time, symbol = np.repeat(3600 * np.arange(200), 10), np.tile(np.arange(10), 200)
    >>> windows = LabelWindows.of(time, time + 3600)
    >>> own, common = random.normal(size=2000), np.repeat(random.normal(size=200), 10)
    >>> for values in (own, common):
    ...     print(round(float(pooled_uniqueness(windows, symbol, values).mean()), 2))
    1.0
    0.1
    """
    one_clock = average_uniqueness(windows)
    if symbol is None or np.unique(np.asarray(symbol)).size < 2:
        return one_clock
    within = average_uniqueness(windows, symbol)
    effect = 1.0 + (within / one_clock - 1.0) * symbol_correlation(windows, symbol, values)
    return np.asarray(within / effect, dtype=np.float64)


def _cells(windows: LabelWindows, symbol: npt.ArrayLike, values: npt.ArrayLike) -> tuple[Integers, Integers, Floats]:
    """Average each symbol's values in slices of time.

    Returns the slice of each pair of slice and symbol, then the same and the averages (one row for each) without
    symbols of a single slice, whose mean cannot be told from their value.
    """
    names = np.unique(np.asarray(symbol), return_inverse=True)[1].reshape(-1)
    shown = np.asarray(values, dtype=np.float64)
    shown = shown[:, None] if shown.ndim == 1 else shown
    if not len(windows) == names.size == len(shown):
        raise DatasetError(f"There are {len(windows)} intervals, {names.size} symbols and {len(shown)} values.")
    if not np.isfinite(shown).all():
        raise DatasetError("The correlation of symbols needs finite values; leave out samples without one.")
    if not names.size:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty((0, shown.shape[1]))
    length = max(int(np.median(windows.end - windows.start)), 1)
    places = np.unique((windows.start - windows.start.min()) // length, return_inverse=True)[1].reshape(-1)
    count = int(names.max()) + 1
    pair, inside = np.unique(places * count + names, return_inverse=True)
    averages = _averages(inside.reshape(-1), shown, pair.size)
    owner = pair % count
    centred = averages - _averages(owner, averages, count)[owner]
    several = np.bincount(owner)[owner] > 1
    return pair // count, (pair // count)[several], centred[several]


def _averages(group: Integers, values: Floats, count: int) -> Floats:
    """Return the mean of each column in each group."""
    size = np.maximum(np.bincount(group, minlength=count), 1)
    return np.column_stack([np.bincount(group, column, count) / size for column in values.T])


def _correlation(cell: Integers, centred: Floats) -> float:
    """Return the intraclass correlation of centred values in cells, all columns together, in [0, 1]."""
    if not cell.size:
        return 0.0
    count = np.bincount(cell).astype(np.float64)
    squares = np.bincount(cell, (centred**2).sum(axis=1))
    sums = sum(np.bincount(cell, column) ** 2 for column in centred.T)
    within = float(((count - 1) * squares).sum())
    # Values that are equal but for rounding do not vary.
    return float(np.clip((sums - squares).sum() / within, 0.0, 1.0)) if within > 1e-18 * cell.size else 0.0
