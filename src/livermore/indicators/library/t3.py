"""Tillson T3 moving average."""

from typing import Annotated

from livermore.indicators._kernels import averages
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Number
from livermore.indicators._source import Series, source


@indicator(series_ok=True, batched=True)
def t3(
    candles: Series,
    period: int = 5,
    vfactor: Annotated[float, Number(-1e100, 1e100)] = 0,
    source_type: str = "close",
    sequential: bool = False,
) -> Series:
    """Compute the Tillson T3 moving average.

    Six exponential averages, e1 to e6, each of the one before; -b³·e6 + (3b² + 3b³)·e5 + (-6b² - 3b -
    3b³)·e4 + (1 + 3b + b³ + 3b²)·e3, b = `vfactor`.

    Parameters
    ----------
    candles : ndarray of shape (n, 6) or (n,)
        Candles, or a series of values.
    period : int, default 5
        Number of bars in the window.
    vfactor : float, default 0
        Volume factor: 0 is a triple smoothing, 1 the triple of DEMA.
    source_type : str, default "close"
        Price source, such as "close" or "hl2"; see `livermore.indicators.source`.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    float, or ndarray of shape (n,) with ``sequential=True``
        Defined from the first row on.

    Notes
    -----
    As in Jesse, source_type "volume" means "close" here.

    References
    ----------
    T. Tillson, Better Moving Averages, Stocks & Commodities, 1998.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> print(f"{ta.t3(ta.example_candles()):.4f}")
    113.4395
    """
    b = vfactor
    stages = [averages.ema(source(candles, "close" if source_type == "volume" else source_type), period)]
    for _ in range(5):
        stages.append(averages.ema(stages[-1], period))
    return (
        -(b**3) * stages[5]
        + (3 * b**2 + 3 * b**3) * stages[4]
        + (-6 * b**2 - 3 * b - 3 * b**3) * stages[3]
        + (1 + 3 * b + b**3 + 3 * b**2) * stages[2]
    )
