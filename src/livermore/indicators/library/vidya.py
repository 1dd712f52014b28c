"""Variable index dynamic average."""

import numpy as np

from livermore.indicators._kernels import averages, elementwise, windows
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def vidya(
    candles: Series,
    length: int = 9,
    fix_cmo: bool = True,
    select: bool = True,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the variable index dynamic average.

    y = a·k·x + (1 - a·k)·y[t-1], a = 2 / (length + 1), seeded with the first value; k is the absolute
    Chande momentum, 0 to 1, or the standard deviation.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    length : int, default 9
        Number of bars of the average.
    fix_cmo : bool, default True
        Whether the momentum is over 9 rows, and not over `length`.
    select : bool, default True
        Whether k is the momentum, and not the standard deviation.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    T. Chande, Stocks & Commodities, 1992.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.vidya(ta.example_candles()):.4f}")
    111.3556
    """
    values = source(candles, source_type)
    if select:
        index = np.abs(momentum_share(values, 9 if fix_cmo else length))
    else:
        index = windows.deviation_so_far(values, length)
    rate = 2 / (length + 1) * index
    return averages.blended(values, elementwise.filled(rate, 0.0))


def momentum_share(values: Series, period: int) -> Series:
    """Chande's momentum over the rows so far, at most `period`, from -1 to 1."""
    step = elementwise.change(values, before=0.0)
    up = windows.total_so_far(np.maximum(step, 0.0), period)
    down = windows.total_so_far(np.maximum(-step, 0.0), period)
    return elementwise.ratio(up - down, up + down, 0.0)
