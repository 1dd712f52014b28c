"""Predictive leakage: features and entries that predict prices better than is plausible without look-ahead.

Replacing later candles shows which features read them. Data from elsewhere, such as a file whose rows are shifted by
one, do not change with the candles; they show by how well they predict returns.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from livermore.audit.event_log import Candles, Event, EventLog

__all__ = ["Foresight", "foresight"]

Floats = npt.NDArray[np.float64]

# How many bars ahead returns are measured.
HORIZONS = (1, 2, 4, 8, 16)
# With fewer bars nothing is concluded.
FEWEST = 40
# The best features of real markets explain about 1 % of the next return's variance. The bid-ask bounce, which the
# control regressors cover, explains a quarter at most.
EXPLAINED = 0.3
P_VALUE = 1e-6
# Share of entries that go the right way: more is implausible.
RIGHT = 0.85


@dataclass(frozen=True, slots=True)
class Foresight:
    """A feature, or the entries, that predict returns implausibly well.

    Attributes
    ----------
    event : Event
        Its first event.
    name : str
        Name of the feature, or "order".
    horizon : int
        How many bars ahead.
    share : float
        Share of the next return's variance that it explains, or share of entries that go the right way.
    n : int
        Number of bars, spaced so that their returns do not overlap.
    """

    event: Event
    name: str
    horizon: int
    share: float
    n: int


def foresight(log: EventLog, candles: Candles) -> list[Foresight]:
    """Return the features and entries that predict returns implausibly well, each at its best horizon."""
    found = []
    for entry in candles.values():
        symbol = entry["symbol"]
        if symbol not in log.timeframes:
            continue
        market = _Prices(np.asarray(entry["candles"], dtype=np.float64), log.timeframes[symbol])
        own = [event for event in log.events if event.symbol == symbol]
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
class _Prices:
    """One-minute candles, and the length of a route's bars in ms."""

    rows: Floats
    span: int

    def price(self, time: Floats) -> Floats:
        """Return the last close known at each time; NaN before the first candle and after the last."""
        known = np.searchsorted(self.rows[:, 0], time, side="left") - 1
        inside = (known >= 0) & (time <= self.rows[-1, 0] + 60_000)
        return np.where(inside, self.rows[np.maximum(known, 0), 2], np.nan)


def _best_feature(name: str, events: Sequence[Event], market: _Prices) -> Foresight | None:
    """Return the horizon at which a feature explains most, if that is implausibly much."""
    values = np.array([_number(event.values[name]) for event in events])
    time = np.array([event.time for event in events])
    found = []
    for horizon in HORIZONS:
        rows = _apart(time, horizon * market.span)
        share, n = _explained(values[rows], time[rows], market, horizon)
        if share > EXPLAINED:
            found.append(Foresight(events[0], name, horizon, share, n))
    return max(found, key=lambda one: one.share, default=None)


def _best_entries(events: Sequence[Event], market: _Prices) -> Foresight | None:
    """Return the horizon at which entries are right most often, if that is implausibly often."""
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


def _explained(values: Floats, time: Floats, market: _Prices, horizon: int) -> tuple[float, int]:
    """Return the share of the next return that a feature explains beyond past prices (F-test); 0 if not significant."""
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
    """Return rows that are at least `distance` ms apart, so that the returns after them do not overlap."""
    rows, last = [], -np.inf
    for row, at in enumerate(time):
        if at >= last + distance:
            rows.append(row)
            last = at
    return np.array(rows, dtype=np.intp)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, bool | int | float) else float("nan")
