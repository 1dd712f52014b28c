"""Moving average adaptive Q."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def maaq(
    candles: Series,
    period: int = 11,
    fast_period: int = 2,
    slow_period: int = 30,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the moving average adaptive Q.

    y += c·(x - y), c = (ER·2/(fast + 1) + 2/(slow + 1))², with ER the efficiency ratio over `period` rows.
    The first `period` values are x itself.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 11
        Number of bars in the window.
    fast_period : int, default 2
        Number of bars of the fast average.
    slow_period : int, default 30
        Number of bars of the slow average.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.maaq(ta.example_candles()):.4f}")
    109.1549
    """
    return _averages.maaq(source(candles, source_type), period, fast_period, slow_period)
