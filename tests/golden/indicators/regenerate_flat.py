"""Measures what Jesse's indicators return where prices stand still, and writes it down for the tests.

Run with the Python of an environment in which Jesse 3.5.3 is installed, from an empty folder (Jesse makes some)::

    python /path/to/tests/golden/indicators/regenerate_flat.py

There, results hang on the order of additions: a quotient of two rounding errors, or the sign of a difference that is 0
but for its last bit. It calls the public functions of ``jesse.indicators`` and writes `flat.npz` beside itself.
"""

from pathlib import Path

import numpy as np

NAMES = [
    "correlation_cycle",
    "damiani_volatmeter",
    "fosc",
    "linearreg",
    "linearreg_angle",
    "linearreg_intercept",
    "linearreg_slope",
    "mass",
    "tsf",
    "vwma",
    "vwmacd",
    "wt",
]


def candles(close):
    """Candles whose highs and lows are opens and closes, at a constant volume."""
    close = np.asarray(close, dtype=np.float64)
    opening = np.concatenate([close[:1], close[:-1]])
    high, low = np.maximum(opening, close), np.minimum(opening, close)
    return np.column_stack([60_000.0 * np.arange(len(close)), opening, close, high, low, np.full(len(close), 10.0)])


def markets():
    """Prices that stand still, at a round and at an odd price; that rise between; that walk in ticks between."""
    steps = np.random.default_rng(1).integers(-150, 151, 120) / 100
    return {
        "round": candles(np.full(150, 100.0)),
        "odd": candles(np.full(150, 100.1)),
        "rising": candles(np.concatenate([np.full(200, 100.0), 100 + np.arange(100) * 0.5, np.full(200, 150.0)])),
        "ticks": candles(np.concatenate([np.full(150, 100.1), 100.1 + np.cumsum(steps), np.full(150, 97.3)])),
    }


def main():
    """Call Jesse and write the file."""
    import jesse.indicators as ta

    measured = {}
    for name in NAMES:
        for market, rows in markets().items():
            result = getattr(ta, name)(rows, sequential=True)
            fields = result._asdict() if hasattr(result, "_asdict") else {"value": result}
            for field, values in fields.items():
                measured[f"{name} {market} {field}"] = np.asarray(values, dtype=np.float64)
    np.savez_compressed(Path(__file__).with_name("flat.npz"), **measured)


if __name__ == "__main__":
    main()
