"""Beta."""

import numpy as np

from livermore.indicators._kernels import elementwise, statistics
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import companion
from livermore.indicators._source import CLOSE, Series


@indicator
def beta(candles: Series, benchmark_candles: Series, period: int = 5, sequential: bool = False) -> Series:
    """Compute the beta.

    Covariance of the two closes divided by the benchmark's variance, over the last `period` rows.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    benchmark_candles : ndarray of shape (n, 6)
        Candles of the benchmark, ending with the same bar.
    period : int, default 5
        Number of bars in the window.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.beta(ta.example_candles(), benchmark_candles=ta.example_candles()):.4f}")
    1.0000
    """
    other = companion("beta", "benchmark_candles", candles, benchmark_candles)
    together, _, benchmark = statistics.covariance_sums(candles[:, CLOSE], other[:, CLOSE], period)
    return elementwise.ratio(together, benchmark, np.nan)
