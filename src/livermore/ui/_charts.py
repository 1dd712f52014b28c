"""What charts draw, as plain values: ``static/charts.js`` reads them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.typing import Floats, Rows

__all__ = ["candle_series", "line_series", "rolling_mean"]


def candle_series(rows: Rows, title: str, markers: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return candles as a series of a chart.

    Parameters
    ----------
    rows : ndarray of shape (n, 6)
        The candles; opening times in UTC ms.
    title : str
        What they are.
    markers : sequence of mapping
        `time` (UTC s), `text`, `position` ("aboveBar", "belowBar"), `shape` ("arrowUp", "arrowDown", "circle") and
        `color` of each sign on a candle.
    """
    data = [
        {"time": int(time // 1000), "open": opening, "close": close, "high": high, "low": low}
        for time, opening, close, high, low in rows[:, :5].tolist()
    ]
    return {"kind": "candles", "title": title, "data": data, "markers": list(markers)}


def line_series(time: Iterable[float], values: npt.ArrayLike, title: str, color: str = "accent") -> dict[str, Any]:
    """Return a line as a series of a chart; one value per time, the last one if there are several.

    Parameters
    ----------
    time : iterable of float
        UTC s, in order.
    values : array-like
        What is drawn; values that are not finite leave a gap.
    title : str
        What it is.
    color : str
        A name of the style sheet: "accent", "muted" or "warning".
    """
    points = {
        int(at): value if np.isfinite(value) else None
        for at, value in zip(time, np.asarray(values, dtype=float).tolist(), strict=True)
    }
    data = [{"time": at} if value is None else {"time": at, "value": value} for at, value in points.items()]
    return {"kind": "line", "title": title, "data": data, "color": color}


def rolling_mean(values: Floats, window: int) -> Floats:
    """Return the means of all runs of `window` values; empty if there are fewer.

    Examples
    --------
    >>> rolling_mean(np.array([1.0, 3.0, 5.0]), 2).tolist()
    [2.0, 4.0]
    """
    if len(values) < window:
        return np.empty(0)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(values, window).mean(axis=1))
