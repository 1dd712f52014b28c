"""Example candles for docstrings."""

import numpy as np

from livermore.indicators._source import Series


def example_candles(rows: int = 240) -> Series:
    """Make example candles: a price that oscillates around a slow rise.

    Parameters
    ----------
    rows : int
        Number of one-hour candles.

    Returns
    -------
    ndarray of shape (rows, 6)
        Timestamp (ms), open, close, high, low, volume. Every call returns the same values.

    Examples
    --------
    >>> example_candles(2).tolist()
    [[0.0, 100.0, 100.0, 100.5, 99.5, 1000.0], [3600000.0, 100.0, 101.98, 102.6, 99.0, 1079.0]]
    """
    bar = np.arange(rows)
    close = np.round(100 + 0.05 * bar + 8 * np.sin(bar / 5) + 3 * np.sin(bar * 0.9) * (bar % 7) / 7, 2)
    opening = np.concatenate([close[:1], close[:-1]])
    high = np.round(np.maximum(opening, close) + 0.5 + 0.12 * (bar % 5), 2)
    low = np.round(np.minimum(opening, close) - 0.5 - 0.5 * (bar % 3), 2)
    volume = 1000.0 + 79 * (bar % 11)
    return np.column_stack([bar * 3_600_000.0, opening, close, high, low, volume])
