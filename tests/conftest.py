"""Fixtures of several rooms: made-up one-minute candles."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

START = 1_640_995_200_000  # 2022-01-01 00:00 UTC


@pytest.fixture(scope="session")
def minutes() -> Callable[..., np.ndarray]:
    """Make one-minute candles from rows of (open, close, high, low)."""

    def make(prices: Sequence[Sequence[float]], start: int = START) -> np.ndarray:
        table = np.array(prices, dtype=float).reshape(-1, 4)
        times = start + 60_000 * np.arange(len(table))
        return np.column_stack([times, table, np.ones(len(table))])

    return make


@pytest.fixture(scope="session")
def random_minutes() -> Callable[..., np.ndarray]:
    """Make a seeded random walk of one-minute candles, with opening gaps if asked for."""

    def make(seed: int, count: int, *, gaps: float = 0.0, start: int = START) -> np.ndarray:
        rng = np.random.default_rng(seed)
        close = 100 + np.cumsum(rng.normal(0, 0.1, count))
        opening = np.r_[100.0, close[:-1]] + rng.normal(0, 0.3, count) * (rng.random(count) < gaps)
        high = np.maximum(opening, close) + np.abs(rng.normal(0, 0.1, count))
        low = np.minimum(opening, close) - np.abs(rng.normal(0, 0.1, count))
        times = start + 60_000 * np.arange(count)
        return np.column_stack([times, np.column_stack([opening, close, high, low]).round(6), rng.random(count)])

    return make
