"""Measures what Jesse's indicators return, and writes it down for the tests.

Run with the Python of an environment in which Jesse 3.5.3 is installed, from an empty folder (Jesse makes some)::

    python /path/to/tests/golden/indicators/regenerate.py

It calls the public functions of ``jesse.indicators`` and nothing else. It writes, beside itself, `markets.npz` (the
candles, made from seeds) and `values.npz`: all results in one array, and an index of which slice belongs to which call.
Of real candles (../shared/data, or LIVERMORE_DATA) only the results are written.
"""

import gzip
import inspect
import json
import os
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
MATYPES = [t for t in range(40) if t not in (7, 8, 19)]
SOURCES = ["open", "high", "low", "volume", "hl2", "hlc3", "ohlc4"]
WINDOW = 240
FIRST, LAST = 130, 30  # rows of a long result that are kept


def market(seed, rows, *, volatility=0.01, drift=0.0, tick=0.01):
    """Candles of a random walk whose prices are multiples of a tick."""
    rng = np.random.default_rng(seed)
    close = 100 + np.cumsum(rng.integers(-100, 101, rows)) * volatility + drift * np.arange(rows)
    opening = np.concatenate([[100.0], close[:-1]]) + rng.integers(-9, 10, rows) * volatility
    high = np.maximum(opening, close) + rng.integers(0, 80, rows) * volatility
    low = np.minimum(opening, close) - rng.integers(0, 80, rows) * volatility
    volume = rng.integers(1, 100_000, rows) / 1000
    prices = np.round(np.column_stack([opening, close, high, low]) / tick) * tick
    time = 1_650_000_000_000 + np.arange(rows) * 3_600_000
    return np.column_stack([time, prices, volume]).astype(np.float64)


def markets():
    """The seeded candles, by name."""
    flat = market(3, 330)
    flat[120:190, 1:5] = flat[120, 2]
    flat[120:175, 5] = 0
    constant = market(4, 130)
    constant[:, 1:5] = 100.1
    constant[:, 5] = 0
    return {
        "random": market(1, 400),
        "trend": market(2, 300, drift=0.9),
        "down": market(7, 220, drift=-0.25, volatility=0.002),
        "flat": flat,
        "constant": constant,
        "coarse": market(5, 330, volatility=0.005, tick=0.5),
        "short": market(6, 9),
        "tiny": market(8, 2),
    }


def real_market():
    """Six weeks of BTC in hours, or None: built alike in the tests, and not written."""
    folder = Path(os.environ.get("LIVERMORE_DATA", HERE.parents[2] / ".." / "shared" / "data"))
    path = folder / "btc-perp-1m-2022-01.csv.gz"
    if not path.exists():
        return None
    with gzip.open(path, "rt") as lines:
        next(lines)
        prices = np.array([[float(v) for v in line.rstrip().split(",")[1:]] for line in lines])
    bars = prices[59:][: len(prices[59:]) // 60 * 60].reshape(-1, 60, 5)
    time = 1_640_995_200_000 + np.arange(len(bars)) * 3_600_000
    return np.column_stack(
        [time, bars[:, 0, 0], bars[:, -1, 3], bars[:, :, 1].max(1), bars[:, :, 2].min(1), bars[:, :, 4].sum(1)]
    ).astype(np.float64)


def variants(name, parameters):
    """Keyword arguments to try beside the defaults, and whether they are tried on all markets."""
    whole = {k: p.default for k, p in parameters.items() if type(p.default) is int and "type" not in k}
    if name == "pivot":
        whole = {}
    yield {}, True
    if whole:
        yield {k: max(2, round(v * 0.6)) for k, v in whole.items()}, True
        yield {k: max(2, round(v * 1.7)) for k, v in whole.items()}, False
    floats = {k: p.default for k, p in parameters.items() if type(p.default) is float}
    if floats:
        yield {k: v * 0.8 for k, v in floats.items()}, False
    if "source_type" in parameters:
        for source_type in SOURCES:
            yield {"source_type": source_type}, False
    yield from numbered(name, parameters)
    yield from SPECIAL.get(name, [])


def numbered(name, parameters):
    """Each moving average and each deviation that can be chosen by its number."""
    for k in parameters:
        if k.endswith("matype"):
            for matype in MATYPES:
                yield {k: matype}, name == "ma"
        if k == "devtype":
            for devtype in (1, 2):
                yield {k: devtype}, True


SPECIAL = {
    "chande": [({"direction": "short"}, True)],
    "devstop": [({"direction": "short"}, True), ({"mult": 2}, False)],
    "kaufmanstop": [({"direction": "short"}, True)],
    "safezonestop": [({"direction": "short"}, True)],
    "chop": [({"drift": 3}, True)],
    "hull_suit": [({"mode_switch": "Ehma"}, True), ({"mode_switch": "Thma"}, True), ({"length_mult": 1.5}, False)],
    "hurst_exponent": [({"method": 0}, True), ({"method": 2}, True)],
    "jma": [({"phase": -150}, False), ({"phase": 150}, False), ({"phase": -20, "power": 1}, False)],
    "pivot": [({"mode": mode}, True) for mode in range(1, 5)],
    "vidya": [({"fix_cmo": False}, True), ({"select": False}, True)],
    "vwap": [({"anchor": anchor}, False) for anchor in ("h", "4H", "12H", "W", "M", "MN", "x")],
    "gauss": [({"poles": poles}, False) for poles in (1, 2, 3)],
    "ma": [({"period": 7, "matype": matype}, False) for matype in MATYPES],
    "t3": [({"vfactor": 0.7}, True)],
    "bollinger_bands": [({"devup": 1, "devdn": 3}, False)],
    "supertrend": [({"factor": 1.5}, True)],
    "wt": [({"oblevel": 20, "oslevel": -20}, True)],
}


class Ledger:
    """Results, packed into one array and an index."""

    def __init__(self):
        self.values, self.index, self.size, self.words = [], [], 0, []

    def add(self, call, outcome):
        """Write down one call: its key, and the fields of its result, an error's name, or None."""
        entry = {"call": call}
        if isinstance(outcome, str):
            entry["error"] = outcome
        else:
            names = list(getattr(outcome, "_fields", [""]))
            fields = list(outcome) if isinstance(outcome, tuple) else [outcome]
            entry["fields"] = {name: self.store(field) for name, field in zip(names, fields, strict=True)}
        self.index.append(entry)

    def store(self, field):
        """Append numbers; the slice, the length before cutting, and the kind say how to read them."""
        if field is None:
            return None
        kind = "list" if isinstance(field, list) else ("array" if isinstance(field, np.ndarray) else "number")
        row = np.array([self.number(v) for v in np.atleast_1d(np.array(field, dtype=object))])
        length = len(row)
        if length > FIRST + LAST:
            row = np.concatenate([row[:FIRST], row[-LAST:]])
        self.values.append(row)
        self.size += len(row)
        return [self.size - len(row), self.size, length, kind]

    def number(self, value):
        """A value as a float; None as NaN, a word as 1000 plus its place among the words."""
        if value is None:
            return np.nan
        if isinstance(value, str):
            if value not in self.words:
                self.words.append(value)
            return 1000.0 + self.words.index(value)
        return float(value)


def measure(function, candles, kwargs):
    """The result, or the error's name."""
    extra = [candles * 1.01 + np.sin(np.arange(len(candles)))[:, None]] if takes_benchmark(function) else []
    try:
        with np.errstate(all="ignore"):
            return function(candles.copy(), *extra, **kwargs)
    except Exception as error:
        return type(error).__name__


def takes_benchmark(function):
    return list(inspect.signature(function).parameters)[1:2] in (["benchmark_candles"], ["candles_compare"])


def main():
    import warnings

    import jesse.indicators as ta

    warnings.simplefilter("ignore")
    made = markets()
    np.savez_compressed(HERE / "markets.npz", **made)
    real = real_market()
    everything = made if real is None else {**made, "real": real}
    ledger = Ledger()
    for name in sorted(n for n in dir(ta) if not n.startswith("_") and inspect.isfunction(getattr(ta, n))):
        function = getattr(ta, name)
        parameters = inspect.signature(function).parameters
        for kwargs, everywhere in variants(name, parameters):
            for market_name, candles in everything.items():
                if not everywhere and market_name != "random":
                    continue
                call = {"name": name, "kwargs": kwargs, "market": market_name}
                small = not everywhere and not set(kwargs).isdisjoint({"source_type", "matype"})
                if "sequential" not in parameters:
                    ledger.add(call, measure(function, candles, kwargs))
                    continue
                if not small:
                    whole = measure(function, candles, {**kwargs, "sequential": True})
                    ledger.add({**call, "sequential": True}, whole)
                ledger.add({**call, "sequential": False}, measure(function, candles, {**kwargs, "sequential": False}))
    np.savez_compressed(
        HERE / "values.npz", values=np.concatenate(ledger.values), index=json.dumps([ledger.words, ledger.index])
    )
    print(len(ledger.index), "calls,", ledger.size, "numbers")


if __name__ == "__main__":
    main()
