"""Ease of movement."""

from livermore.indicators._kernels import elementwise, windows
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Amount
from livermore.indicators._source import HIGH, LOW, VOLUME, Series


@indicator(batched=True, lookback=lambda length, **_: length + 1)
def emv(candles: Series, length: int = 14, div: Amount = 10000, sequential: bool = False) -> Series:
    """Compute the ease of movement.

    Mean over `length` rows of div·Δ((high + low) / 2)·(high - low) / volume, 0 before row length - 1.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    length : int, default 14
        Number of bars.
    div : int, default 10000
        Scale of the volume.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    References
    ----------
    R. Arms.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.emv(ta.example_candles()):.4f}")
    -20.3160
    """
    high, low = candles[:, HIGH], candles[:, LOW]
    step = elementwise.change((high + low) / 2, before=0.0)
    ease = elementwise.ratio(div * step * (high - low), candles[:, VOLUME], 0.0)
    return elementwise.filled(windows.total(ease, length) / length, 0.0)
