"""Alligator."""

from typing import Any, NamedTuple

import numpy as np

from livermore.indicators._kernels import elementwise, trend
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


class AG(NamedTuple):
    """Alligator: floats, or arrays with ``sequential=True``."""

    jaw: Any
    teeth: Any
    lips: Any


@indicator(batched=True, min_rows=lambda **_: 13)
def alligator(candles: Series, source_type: str = "hl2", sequential: bool = False) -> AG:
    """Compute the alligator.

    Wilder's averages over 13, 8 and 5 rows, shifted forward by 8, 5 and 3 rows. Each is seeded with the mean
    of its first rows; as in Jesse, all three continue only from row 13 on.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    source_type : str, default "hl2"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    AG
        `jaw` is the slow line; `teeth` the middle one; `lips` the fast one. Floats, or arrays of shape (n,).
        `jaw` is NaN before row 20, `teeth` before row 18 and `lips` before row 16, except for the seed.

    References
    ----------
    B. Williams, Trading Chaos, 1995.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.alligator(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    jaw=112.7521 teeth=115.1808 lips=114.4180
    """
    values = source(candles, source_type)
    if len(values) < 13:
        return AG(*(np.full(values.shape, np.nan) for _ in AG._fields))
    lines = [
        elementwise.lag(trend.seeded_later(values, period, 13), shift) for period, shift in ((13, 8), (8, 5), (5, 3))
    ]
    return AG(*lines)
