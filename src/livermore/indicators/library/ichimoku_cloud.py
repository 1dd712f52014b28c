"""Ichimoku cloud, now."""

import math
from typing import Any, NamedTuple

from livermore.indicators._memo import indicator
from livermore.indicators._parameters import Period
from livermore.indicators._postprocess import itself
from livermore.indicators._source import HIGH, LOW, Series


class IchimokuCloud(NamedTuple):
    """Ichimoku cloud, now: floats, or arrays with ``sequential=True``."""

    conversion_line: Any
    base_line: Any
    span_a: Any
    span_b: Any


@indicator(last=itself)
def ichimoku_cloud(
    candles: Series,
    conversion_line_period: int = 9,
    base_line_period: int = 26,
    lagging_line_period: int = 52,
    displacement: Period = 26,
) -> IchimokuCloud:
    """Compute the Ichimoku cloud, now.

    Each line is (highest high + lowest low) / 2 over its window; the spans are those of displacement - 1 rows
    ago. Needs at least 80 rows and uses the last 80 only.

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

    Returns
    -------
    IchimokuCloud
        `conversion_line` is over the short window; `base_line` over the medium one; `span_a` the mean of
        both; `span_b` over the long window. NaN with fewer than 80 rows.

    References
    ----------
    G. Hosoda, 1969.

    Examples
    --------
    >>> import livermore.indicators as ta
    >>> result = ta.ichimoku_cloud(ta.example_candles())
    >>> print(*(f"{name}={value:.4f}" for name, value in result._asdict().items()))
    conversion_line=112.2700 base_line=110.2750 span_a=107.7825 span_b=108.5350
    """
    rows = candles[-80:]
    if len(rows) < 80:
        return IchimokuCloud(math.nan, math.nan, math.nan, math.nan)
    earlier = rows[: max(len(rows) - (displacement - 1), 0)]
    conversion, base = middle(rows, conversion_line_period), middle(rows, base_line_period)
    span_a = (middle(earlier, conversion_line_period) + middle(earlier, base_line_period)) / 2
    return IchimokuCloud(conversion, base, span_a, middle(earlier, lagging_line_period))


def middle(rows: Series, span: int) -> float:
    """Return the middle of the range of the last rows."""
    if len(rows) < span:
        return math.nan
    return float((rows[-span:, HIGH].max() + rows[-span:, LOW].min()) / 2)
