"""McGinley dynamic."""

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def mcginley_dynamic(
    candles: Series, period: int = 10, k: float = 0.6, source_type: str = "close", sequential: bool = False
) -> Series:
    """Compute the McGinley dynamic.

    y += (x - y) / max(k·period·(x / y)⁴, 1), seeded with the first value.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 10
        Number of bars in the window.
    k : float, default 0.6
        Share of the period that counts.
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
    J. McGinley, Journal of Technical Analysis, 1991.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.mcginley_dynamic(ta.example_candles()):.4f}")
    110.8601
    """
    return averages.mcginley(source(candles, source_type), period, k)
