"""Gaussian filter."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def gauss(
    candles: Series, period: int = 14, poles: Period = 4, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the Gaussian filter.

    b = (1 - cos(2π/period)) / (2^(1/poles) - 1), a = -b + √(b² + 2b); y = a^poles·x + Σ (-1)^(k+1)·C(poles,
    k)·(1 - a)^k·y[t-k], starting from zero.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 14
        Number of bars in the window.
    poles : int, default 4
        Number of poles; more than 4 count as 4 in the recursion.
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
    J. Ehlers, Gaussian and Other Low Lag Filters.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.gauss(ta.example_candles()):.4f}")
    109.7098
    """
    return _averages.gauss(source(candles, source_type), period, poles)
