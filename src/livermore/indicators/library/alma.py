"""Arnaud Legoux moving average."""

from typing import Annotated

from livermore.indicators import _averages
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Number
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True, lookback=lambda period, **_: period)
def alma(
    candles: Series,
    period: int = 9,
    sigma: Annotated[float, Number(1e-6)] = 6.0,
    distribution_offset: float = 0.85,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the Arnaud Legoux moving average.

    Gaussian weights exp(-(k - m)² / (2s²)), m = offset·(period - 1), s = period / sigma, divided by their
    sum.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 9
        Number of bars in the window.
    sigma : float, default 6.0
        Sharpness: the window is so many standard deviations wide.
    distribution_offset : float, default 0.85
        Where in the window the weights peak, from 0, the oldest row, to 1, the latest.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        NaN before row period - 1.

    References
    ----------
    A. Legoux and D. Kouzis-Loukas, 2009.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.alma(ta.example_candles()):.4f}")
    108.5904
    """
    return _averages.alma(source(candles, source_type), period, sigma, distribution_offset)
