"""Measures which samples strategies record in Jesse, and writes them to the .json.gz files beside this script.

Run it with the Python of an environment that has Jesse 3.5.3, anywhere; LIVERMORE_DATA names the folder of real
candles, whose cases are left out where it is missing:

    LIVERMORE_DATA=FOLDER python REPOSITORY/tests/golden/gather/regenerate.py [CASE ...]

Jesse's own gather function returns nothing (its routes are gone before it reads them), so the samples are read off the
strategies. It runs in step mode, which is what livermore follows.
"""

import gzip
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
TESTS = HERE.parents[1]
sys.path[:0] = [str(TESTS / "differential"), str(TESTS / "acceptance")]


def main(names: list[str]) -> None:
    """Write the goldens."""
    from diff_candles import BTC_FILE, data_folder
    from gather_cases import CASES, inputs_of, needs_real_candles

    has_real = (data_folder() / BTC_FILE).exists()
    work = Path(tempfile.mkdtemp(prefix="oracle-"))
    shutil.copytree(TESTS / "acceptance" / "strategies", work / "strategies")
    (work / "strategies" / "__init__.py").touch()
    os.chdir(work)
    sys.path.insert(0, str(work))
    for name in names or CASES:
        if has_real or not needs_real_candles(name):
            points, metrics = measure(inputs_of(name))
            write(name, {"data_points": points, "metrics": metrics})
            print(f"{name:<34} {len(points):>5} samples {metrics['total']:>4} trades")
    shutil.rmtree(work)


def measure(inputs: dict[str, Any]) -> tuple[list[dict], dict]:
    """Return the samples of all routes, route by route, and the metrics."""
    import jesse.strategies
    from jesse.research import backtest
    from jesse.services.db import database

    database.open_connection = lambda: None
    instances = []
    original = jesse.strategies.Strategy.__init__

    def remember(self, *args, **kwargs):
        original(self, *args, **kwargs)
        instances.append(self)

    jesse.strategies.Strategy.__init__ = remember
    try:
        result = backtest(**inputs, fast_mode=False)
    finally:
        jesse.strategies.Strategy.__init__ = original
    points = [{**point, "symbol": one.symbol} for one in instances for point in one._ml_data_points]
    return plain(points), plain(result["metrics"])


def write(name: str, content: dict) -> None:
    """Write JSON, compressed, without the time of writing."""
    with open(HERE / f"{name}.json.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(json.dumps(content, separators=(",", ":")).encode())


def plain(value: Any) -> Any:
    """Return the value in types that JSON knows."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


if __name__ == "__main__":
    main(sys.argv[1:])
