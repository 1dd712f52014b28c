"""Features and decisions that know too much: what foretells prices as nothing honest does.

Candles can be changed to see who reads the future ones. What a strategy reads from elsewhere, such as a file whose rows
are one too far, changes with nothing; but it gives itself away by being right.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.research._traces import Candles, Event, Trace

__all__ = ["Foresight", "foresight"]

Floats = npt.NDArray[np.float64]

# In bars of the route.
HORIZONS = (1, 2, 4, 8, 16)
# Fewer moments tell nothing.
FEWEST = 40
# The best features of real markets explain a hundredth of the next return; the bounce between bid and ask, which the
# controls hold already, at most a quarter.
EXPLAINED = 0.3
P_VALUE = 1e-6
# Share of entries that go the right way.
RIGHT = 0.85


@dataclass(frozen=True, slots=True)
class Foresight:
    """A feature, or the entries, that foretell the price.

    Attributes
    ----------
    event : Event
        The first one looked at.
    name : str
        Of the feature, or "order".
    horizon : int
        How many bars ahead.
    share : float
        How much of the coming return it explains, or how many entries go the right way.
    n : int
        Moments, far enough apart to count one by one.
    """

    event: Event
    name: str
    horizon: int
    share: float
    n: int


def foresight(trace: Trace, candles: Candles) -> list[Foresight]:
    """Return what foretells prices, each with the horizon at which it does best."""
    found = []
    for entry in candles.values():
        symbol = entry["symbol"]
        if symbol not in trace.timeframes:
            continue
        market = _Market(np.asarray(entry["candles"], dtype=np.float64), trace.timeframes[symbol])
        own = [event for event in trace.events if event.symbol == symbol]
        series: dict[str, list[Event]] = defaultdict(list)
        for event in own:
            if event.kind in ("features", "recorded"):
                for name in event.values:
                    series[name].append(event)
        found += [best for name, events in series.items() if (best := _best_feature(name, events, market))]
        entries = [event for event in own if event.kind == "order" and not event.values["reduce_only"]]
        if best := _best_entries(entries, market):
            found.append(best)
    return found


@dataclass(frozen=True, eq=False)
class _Market:
    """One-minute candles, and the length of a route's bars in ms."""

    rows: Floats
    span: int

    def price(self, time: Floats) -> Floats:
        """Return the last close known at each time, NaN before the first and behind the last."""
        known = np.searchsorted(self.rows[:, 0], time, side="left") - 1
        inside = (known >= 0) & (time <= self.rows[-1, 0] + 60_000)
        return np.where(inside, self.rows[np.maximum(known, 0), 2], np.nan)


def _best_feature(name: str, events: Sequence[Event], market: _Market) -> Foresight | None:
    """Return the horizon at which a feature explains most, if that is too much."""
    values = np.array([_number(event.values[name]) for event in events])
    time = np.array([event.time for event in events])
    found = []
    for horizon in HORIZONS:
        rows = _apart(time, horizon * market.span)
        share, n = _explained(values[rows], time[rows], market, horizon)
        if share > EXPLAINED:
            found.append(Foresight(events[0], name, horizon, share, n))
    return max(found, key=lambda one: one.share, default=None)


def _best_entries(events: Sequence[Event], market: _Market) -> Foresight | None:
    """Return the horizon at which entries are most often right, if that is too often."""
    time = np.array([event.time for event in events])
    sides = np.array([1.0 if event.values["qty"] > 0 else -1.0 for event in events])
    found = []
    for horizon in HORIZONS:
        rows = _apart(time, horizon * market.span)
        gain = sides[rows] * np.log(market.price(time[rows] + horizon * market.span) / market.price(time[rows]))
        gain = gain[np.isfinite(gain) & (gain != 0)]
        if gain.size >= FEWEST and np.mean(gain > 0) >= RIGHT:
            found.append(Foresight(events[0], "order", horizon, float(np.mean(gain > 0)), gain.size))
    return max(found, key=lambda one: one.share, default=None)


def _explained(values: Floats, time: Floats, market: _Market, horizon: int) -> tuple[float, int]:
    """Return how much of coming returns a feature explains beyond prices so far; 0 if that may be chance."""
    from scipy.stats import f as f_distribution

    price = market.price(time)
    coming = np.log(market.price(time + horizon * market.span) / price)
    past = [np.log(price / market.price(time - k * market.span)) for k in (1, 5)]
    controls = np.column_stack([np.ones(time.size), np.log(price), *past])
    with_feature = np.column_stack([controls, values, values / price])
    good = np.isfinite(with_feature).all(axis=1) & np.isfinite(coming)
    n = int(good.sum())
    if n < FEWEST or np.ptp(values[good]) == 0:
        return 0.0, n
    without, left = (_unexplained(X[good], coming[good]) for X in (controls, with_feature))
    total = float(np.sum((coming[good] - coming[good].mean()) ** 2))
    share = (without - left) / total if total > 0 else 0.0
    degrees = n - with_feature.shape[1]
    statistic = ((without - left) / 2) / max(left / degrees, 1e-300)
    return (float(share), n) if f_distribution.sf(statistic, 2, degrees) < P_VALUE else (0.0, n)


def _unexplained(X: Floats, y: Floats) -> float:
    """Return the sum of squared residuals of a linear fit."""
    scale = np.abs(X).max(axis=0)
    fit = np.linalg.lstsq(X / np.where(scale > 0, scale, 1.0), y, rcond=None)[0]
    return float(np.sum((y - X / np.where(scale > 0, scale, 1.0) @ fit) ** 2))


def _apart(time: Floats, distance: float) -> npt.NDArray[np.intp]:
    """Return rows that are at least so far apart, so that what follows each is its own."""
    rows, last = [], -np.inf
    for row, moment in enumerate(time):
        if moment >= last + distance:
            rows.append(row)
            last = moment
    return np.array(rows, dtype=np.intp)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, bool | int | float) else float("nan")
