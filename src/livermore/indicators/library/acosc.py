"""Accelerator oscillator."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import elementwise, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._source import Series
from livermore.indicators.library.ao import awesome


class AC(NamedTuple):
    """Accelerator oscillator: floats, or arrays with ``sequential=True``."""

    osc: Any
    change: Any


@indicator(batched=True)
def acosc(candles: Series, sequential: bool = False) -> AC:
    """Compute the accelerator oscillator.

    The awesome oscillator minus its mean over 5 rows.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    AC
        `osc` is the oscillator; `change` its change from the row before. Floats, or arrays of shape (n,). NaN
        before row 37.

    References
    ----------
    B. Williams, New Trading Dimensions, 1998.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.acosc(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    osc=-3.0515 change=-0.0972
    """
    line = awesome(candles)
    osc = line - rolling.mean_of_all(line, 5)
    return AC(osc, elementwise.change(osc))
