"""Measures what Jesse's `utils` and `helpers` return, for seeded random arguments; writes utils.json and helpers.json.

Run with the Python of an environment in which Jesse 3.5.3 is installed:

    cd "$(mktemp -d)" && path/to/jesse/bin/python path/to/tests/golden/utils/regenerate.py
"""

import json
from pathlib import Path

import jesse.helpers
import jesse.utils
import numpy as np

rng = np.random.default_rng(20260101)
HERE = Path(__file__).parent
CASES = 12


def number(low, high, decimals=6):
    return round(float(rng.uniform(low, high)), decimals)


def walk(n=40):
    return (100 + np.cumsum(rng.normal(size=n))).round(4).tolist()


def steps(n=30):
    return rng.integers(-2, 3, n).astype(float).tolist()


def prices():
    return number(10, 200, 2), number(10, 200, 2)


def side():
    return str(rng.choice(["long", "short"]))


def candles(n=6):
    return rng.uniform(1, 9, (n, 6)).round(3).tolist()


SCHEDULES = [
    {"timezone": "America/New_York", "hours": {"Mon-Fri": "09:30-16:00"}},
    {"timezone": "Europe/Berlin", "hours": {"Mon-Thu": ["08:00-12:00", "13:00-17:30"], "Fri": "08:00-14:00"}},
    {"timezone": "UTC", "hours": {"Sun-Thu": "22:00-21:00"}, "closed": ["2024-03-29"]},
    {
        "timezone": "Australia/Sydney",
        "hours": {"Mon,Wed,Fri": "00:00-24:00", "Sat": "20:00-04:00"},
        "closed": ["2024-04-01", "2024-03-30"],
        "overrides": {"2024-04-02": "10:00-11:00", "2024-04-05": ["01:00-02:00", "23:00-05:00"]},
    },
]


def random_time():
    # Around the days when clocks are changed in Europe, America and Australia.
    return int(rng.integers(1_709_900_000, 1_712_700_000)) // 60 * 60_000


UTILS = {
    "risk_to_qty": lambda: [number(1e3, 1e5), number(0.1, 5), *prices(), int(rng.integers(0, 9)), number(0, 0.002)],
    "risk_to_size": lambda: [number(1e3, 1e5), number(0.1, 5), number(0.01, 50), number(1, 200)],
    "size_to_qty": lambda: [number(-1e4, 1e4), number(0.5, 5e4), int(rng.integers(0, 9)), number(0, 0.002)],
    "qty_to_size": lambda: [number(-5, 5), number(1, 1e4)],
    "kelly_criterion": lambda: [number(0, 1), number(0.1, 5)],
    "estimate_risk": lambda: list(prices()),
    "limit_stop_loss": lambda: [*prices(), side(), number(0.5, 30)],
    "crossed": lambda: [steps(), steps(), rng.choice(["above", "below", None]), bool(rng.random() < 0.7)],
    "prices_to_returns": lambda: [walk()],
    "z_score": lambda: [walk()],
    "streaks": lambda: [steps(), bool(rng.random() < 0.5)],
    "strictly_increasing": lambda: [steps(6), int(rng.integers(1, 8))],
    "strictly_decreasing": lambda: [steps(6), int(rng.integers(1, 8))],
    "signal_line": lambda: [walk(), int(rng.integers(2, 12)), int(rng.integers(0, 3))],
    "sum_floats": lambda: [number(-1e3, 1e3, 4), float(rng.normal()) * 10.0 ** rng.integers(-30, 12)],
    "subtract_floats": lambda: [number(-1e3, 1e3, 4), float(rng.normal()) * 10.0 ** rng.integers(-30, 12)],
    "anchor_timeframe": lambda: [str(rng.choice(["1m", "3m", "5m", "15m", "30m", "45m", "1h", "2h", "6h", "12h"]))],
    "timeframe_to_one_minutes": lambda: [str(rng.choice(["1m", "45m", "6h", "1D", "3D", "1W", "1M"]))],
    "are_cointegrated": lambda: [walk(80), walk(80)],
    "calculate_alpha_beta": lambda: [walk(), walk()],
    "combinations_without_repeat": lambda: [[1, 2, 3, 4], int(rng.integers(2, 5))],
    "is_in_trading_hours": lambda: [random_time(), SCHEDULES[rng.integers(len(SCHEDULES))]],
}
HELPERS = {
    "key": lambda: ["Binance Spot", "BTC-USDT", rng.choice([None, "4h"])],
    "date_to_timestamp": lambda: [f"20{rng.integers(10, 30)}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}"],
    "timestamp_to_date": lambda: [random_time()],
    "timestamp_to_time": lambda: [random_time()],
    "base_asset": lambda: [str(rng.choice(["BTC-USDT", "ETH-BTC", "A-B-C"]))],
    "quote_asset": lambda: [str(rng.choice(["BTC-USDT", "ETH-BTC", "A-B-C"]))],
    "dashless_symbol": lambda: [str(rng.choice(["BTC-USDT", "ETH-BTC", "A-B-C"]))],
    "dashy_symbol": lambda: [str(rng.choice(["BTCUSDT", "ETHBTC", "1000SHIBUSDT", "BTC-EUR", "SOLUSDC", "XYZQQ"]))],
    "timeframe_to_one_minutes": lambda: [str(rng.choice(["1m", "45m", "6h", "1D", "3D", "1W", "1M"]))],
    "max_timeframe": lambda: [rng.choice(["1m", "5m", "45m", "1h", "12h", "1D"], 3).tolist()],
    "get_candle_source": lambda: [candles(), str(rng.choice(["close", "high", "volume", "hl2", "hlc3", "ohlc4"]))],
    "np_shift": lambda: [walk(6), int(rng.integers(-8, 9)), number(0, 1)],
    "np_ffill": lambda: [np.where(rng.random((5, 4)) < 0.5, np.nan, 1.0 * np.arange(20).reshape(5, 4)).tolist(), 0],
    "same_length": lambda: [walk(9), walk(int(rng.integers(1, 10)))],
    "floor_with_precision": lambda: [number(-10, 10), int(rng.integers(0, 5))],
    "round_decimals_down": lambda: [number(-10, 10), int(rng.integers(0, 5))],
    "normalize": lambda: [number(0, 9), number(0, 4), number(5, 9)],
    "convert_number": lambda: [119, 40, number(50, 100), number(0, 40), int(rng.integers(40, 120))],
    "binary_search": lambda: [[1, 3, 5, 7, 9], int(rng.integers(0, 11))],
    "unique_list": lambda: [rng.integers(0, 5, 8).tolist()],
    "estimate_average_price": lambda: [number(-5, 5), number(1, 100), number(-5, 5), number(1, 100)],
    "estimate_PNL": lambda: [number(-5, 5), *prices(), side(), number(0, 0.002)],
    "estimate_PNL_percentage": lambda: [number(-5, 5), *prices(), side()],
    "is_price_near": lambda: [100.0, number(99.97, 100.03)],
    "opposite_side": lambda: [str(rng.choice(["buy", "sell"]))],
    "opposite_type": lambda: [side()],
    "side_to_type": lambda: [str(rng.choice(["buy", "sell"]))],
    "type_to_side": lambda: [side()],
    "closing_side": lambda: [side()],
    "prepare_qty": lambda: [number(-5, 5), str(rng.choice(["buy", "sell", "long", "short", "close"]))],
    "readable_duration": lambda: [int(rng.integers(1, 10 ** rng.integers(2, 8))), int(rng.integers(1, 5))],
    "format_currency": lambda: [number(-1e6, 1e6, int(rng.integers(0, 5)))],
    "insecure_hash": lambda: [f"text {rng.integers(100)}"],
    "secure_hash": lambda: [f"text {rng.integers(100)}"],
}


def plain(value):
    """A value as JSON can hold it."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def arrays(value):
    """Arguments as they are given: lists of numbers are arrays."""
    is_numbers = isinstance(value, list) and value and not isinstance(value[0], str)
    return np.array(value) if is_numbers else value


def measure(module, makers):
    cases = []
    for name, make in makers.items():
        for _ in range(CASES):
            arguments = plain(make())
            given = arguments if name in ("unique_list", "binary_search") else [arrays(a) for a in arguments]
            cases.append({"call": name, "arguments": arguments, "result": plain(getattr(module, name)(*given))})
    return cases


for file, module, makers in (("utils", jesse.utils, UTILS), ("helpers", jesse.helpers, HELPERS)):
    lines = ",\n".join(json.dumps(case) for case in measure(module, makers))
    (HERE / f"{file}.json").write_text(f"[\n{lines}\n]\n")
