"""Measures of dispersion and their numbers: the parameter ``devtype`` of other indicators."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from livermore.indicators import _kernels as kernels
from livermore.indicators._source import Series


def deviation(values: Series, period: int, devtype: int) -> Series:
    """Compute the dispersion of the last `period` rows.

    Parameters
    ----------
    values : ndarray of shape (n,)
        A series.
    period : int
        Number of rows.
    devtype : {0, 1, 2}
        Population standard deviation, mean or median absolute deviation.

    Returns
    -------
    ndarray of shape (n,)
        The dispersion; NaN before row period - 1.
    """
    return DEVIATIONS[devtype](values, period)


def mean_absolute(values: Series, period: int) -> Series:
    """Mean distance of each value from the rolling mean that ends with it."""
    return kernels.rolling.mean(np.abs(values - kernels.rolling.mean(values, period)), period)


DEVIATIONS: Mapping[int, Callable[[Series, int], Series]] = MappingProxyType(
    {
        0: lambda values, period: kernels.windows.deviation(values, period),
        1: mean_absolute,
        2: lambda values, period: kernels.windows.median_distance(values, period),
    }
)
