"""Ichimoku cloud."""

from typing import Any, NamedTuple

from livermore.indicators._kernels import elementwise, rolling
from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._source import CLOSE, HIGH, LOW, Series


class IchimokuCloud(NamedTuple):
    """Ichimoku cloud: floats, or arrays with ``sequential=True``."""

    conversion_line: Any
    base_line: Any
    span_a: Any
    span_b: Any
    lagging_line: Any
    future_span_a: Any
    future_span_b: Any


def rows_needed(
    conversion_line_period: int, base_line_period: int, lagging_line_period: int, displacement: int, **_: object
) -> int:
    """Return how many rows the last values depend on."""
    return max(conversion_line_period, base_line_period, lagging_line_period) + displacement


@indicator(batched=True, lookback=rows_needed)
def ichimoku_cloud_seq(
    candles: Series,
    conversion_line_period: int = 9,
    base_line_period: int = 26,
    lagging_line_period: int = 52,
    displacement: Period = 26,
    sequential: bool = False,
) -> IchimokuCloud:
    """Compute the Ichimoku cloud.

    Each line is (highest high + lowest low) / 2 over its window. The spans are given as they are plotted at
    this row, computed `displacement` rows ago, and as they are plotted `displacement` rows ahead.

    Parameters
    ----------
    candles : ndarray of shape (n, 6)
        Candles: timestamp, open, close, high, low, volume.
    conversion_line_period : int, default 9
        Number of bars of the short window.
    base_line_period : int, default 26
        Number of bars of the middle window.
    lagging_line_period : int, default 52
        Number of bars of the long window.
    displacement : int, default 26
        Number of bars by which the spans are shifted.
    sequential : bool, default False
        Whether to return a value for each row instead of the last one only.

    Returns
    -------
    IchimokuCloud
        `conversion_line` is over the short window; `base_line` over the medium one; `span_a` the mean of
        both, `displacement` rows ago; `span_b` over the long window, `displacement` rows ago; `lagging_line`
        the close displacement - 1 rows ago; `future_span_a` and `future_span_b` the spans computed at this
        row. Floats, or arrays of shape (n,). NaN in the first rows, by window and displacement.

    References
    ----------
    G. Hosoda, 1969.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> cloud = ta.ichimoku_cloud_seq(ta.example_candles())
    >>> print(f"{cloud.conversion_line:.4f} {cloud.base_line:.4f} {cloud.span_a:.4f} {cloud.span_b:.4f}")
    112.2700 110.2750 108.3025 108.5350
    """
    high, low = candles[:, HIGH], candles[:, LOW]
    conversion, base, far = (
        (rolling.highest(high, span) + rolling.lowest(low, span)) / 2
        for span in (conversion_line_period, base_line_period, lagging_line_period)
    )
    ahead = (conversion + base) / 2
    return IchimokuCloud(
        conversion,
        base,
        elementwise.lag(ahead, displacement),
        elementwise.lag(far, displacement),
        elementwise.lag(candles[:, CLOSE], displacement - 1),
        ahead,
        far,
    )
