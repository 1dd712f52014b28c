"""The deviations that other indicators choose by number (``devtype``)."""

import numpy as np

from livermore.errors import IndicatorError
from livermore.indicators import _kernels as kernels
from livermore.indicators._source import Series


def deviation(values: Series, period: int, devtype: int) -> Series:
    """Measure how far values stray over the last `period` rows.

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
        The deviation.

    Raises
    ------
    IndicatorError
        If there is no such deviation.
    """
    if devtype == 0:
        return kernels.windows.deviation(values, period)
    if devtype == 1:
        return mean_absolute(values, period)
    if devtype == 2:
        return kernels.windows.median_distance(values, period)
    raise IndicatorError(
        f"devtype={devtype!r} is unknown; choose 0 (standard), 1 (mean absolute) or 2 (median absolute)"
    )


def mean_absolute(values: Series, period: int) -> Series:
    """Mean distance of each value from the trailing mean of its own row."""
    return kernels.rolling.mean(np.abs(values - kernels.rolling.mean(values, period)), period)
