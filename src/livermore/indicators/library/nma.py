"""Natural moving average."""

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: period + 2)
def nma(candles: Series, period: int = 40, source_type: str = "close", sequential: bool = False) -> Series:
    """Compute the natural moving average.

    w[i] = 1000·|Δ ln x| i rows ago; r = Σ w[i]·(√(i+1) - √i) / Σ w; r·x[t-period+1] + (1 - r)·x[t-period].

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 40
        Number of bars in the window.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period + 1.

    References
    ----------
    J. Sloman, Ocean Theory.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.nma(ta.example_candles()):.4f}")
    116.4751
    """
    return _averages.nma(source(candles, source_type), period)
