"""Makes the candles that a differential case names: seeded random walks, or a stretch of real one-minute candles.

Everything is additions, multiplications and rounding of uniform numbers, so that a seed gives the same candles
everywhere.
"""

import csv
import gzip
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

MINUTE = 60_000
MISSING = "real candles are missing: set LIVERMORE_DATA to the folder that holds them"
BTC_FILE = "btc-perp-1m-2022-01.csv.gz"
# The file starts at 23:01; the first whole day starts here.
BTC_FIRST_MIDNIGHT = 59


def data_folder() -> Path:
    """Return where real candles are looked for."""
    default = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    return Path(os.environ.get("LIVERMORE_DATA", default))


def make_candles(spec: dict) -> np.ndarray:
    """Return the candles of a spec, shape (n, 6): ms, open, close, high, low, volume."""
    candles = {"walk": _walk, "btc": _btc}[spec["kind"]](spec)
    missing = spec.get("missing", 0.0)
    if missing:
        rng = np.random.default_rng(spec["seed"] + 1)
        keep = rng.random(len(candles)) >= missing
        for start in rng.integers(0, len(candles), size=spec.get("halts", 0)):
            keep[start : start + int(rng.integers(5, 90))] = False
        keep[0] = True
        candles = candles[keep]
    return candles


def _walk(spec: dict) -> np.ndarray:
    """A random walk: `vol` is the size of a minute's change, `tick` the price step, `gap` how often the open jumps."""
    rng = np.random.default_rng(spec["seed"])
    rows, vol, tick = spec["rows"], spec["vol"], spec["tick"]
    noise = rng.random((rows, 3)).sum(axis=1) - 1.5
    moves = vol * 2.0 * noise * (0.4 + 1.2 * rng.random(rows))
    moves[rng.random(rows) < spec.get("flat", 0.03)] = 0.0
    closes = _to_tick(spec.get("price", 100.0) * np.cumprod(1.0 + moves), tick)
    opens = np.concatenate(([_to_tick(np.array([spec.get("price", 100.0)]), tick)[0]], closes[:-1]))
    jumps = rng.random(rows) < spec.get("gap", 0.0)
    jumps[0] = False
    opens = np.where(jumps, _to_tick(opens * (1.0 + 3.0 * vol * (rng.random(rows) - 0.5) * 2.0), tick), opens)
    reach = vol * rng.random((2, rows)) * (rng.random((2, rows)) > 0.1)
    highs = np.maximum(_to_tick(np.maximum(opens, closes) * (1.0 + reach[0]), tick), np.maximum(opens, closes))
    lows = np.minimum(_to_tick(np.minimum(opens, closes) * (1.0 - reach[1]), tick), np.minimum(opens, closes))
    volumes = np.round(rng.random(rows) * 100.0, 3)
    times = spec["start"] + MINUTE * np.arange(rows, dtype=np.float64)
    return np.column_stack([times, opens, closes, highs, lows, volumes])


def _to_tick(prices: np.ndarray, tick: float) -> np.ndarray:
    """Round to whole price steps, at least one."""
    return np.round(np.maximum(np.round(prices / tick), 1.0) * tick, 8)


def _btc(spec: dict) -> np.ndarray:
    """`rows` rows of the real file from its row `first` on, counted from the first midnight."""
    first = BTC_FIRST_MIDNIGHT + spec["first"]
    return btc_candles()[first : first + spec["rows"]].copy()


@cache
def btc_candles() -> np.ndarray:
    """Return all rows of the real file."""
    path = data_folder() / BTC_FILE
    if not path.exists():
        raise FileNotFoundError(MISSING)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = np.array([[float(row[name]) for name in ("open", "close", "high", "low", "volume")] for row in rows])
    times = [datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC).timestamp() * 1000 for row in rows]
    return np.column_stack([np.array(times), table])
