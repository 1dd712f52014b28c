"""Measures the candle store: reading ten years beside `numpy.load` and beside the disk, and adding a day to them.

    python benchmarks/candle_store.py [--years 10] [--runs 5] [--folder .]

Reading is measured twice: with all files in the memory of the system, and after the system was asked to forget them, so
that the disk is read. Adding a day is measured for stores of a month, a year and all years: it must not depend on them.
Each figure is the fastest of some runs, as wall time and as CPU time; on a machine with other work, trust the CPU time.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from livermore.candles import CandleStore, synthetic_candles

DAY = 1440
MARKET = ("Sandbox", "BTC-USDT")


def fastest(call: Callable[[], Any], runs: int, prepare: Callable[[], None] = lambda: None) -> tuple[float, float]:
    """Return the least wall time and the least CPU time of `call`, in seconds."""
    walls, cpus = [], []
    for _ in range(runs):
        prepare()
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def forget(folder: Path) -> None:
    """Ask the system to drop the files of a folder from its memory."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_bytes(folder: Path) -> int:
    """Read all files of a folder and do nothing with them: what the disk and the system cost."""
    return sum(len(path.read_bytes()) for path in folder.rglob("*.parquet"))


def size(folder: Path, pattern: str) -> float:
    """Return the size of files in MB."""
    return sum(path.stat().st_size for path in folder.rglob(pattern)) / 1e6


def compare_reading(folder: Path, candles: Any, runs: int) -> None:
    """Print how long reading takes, beside numpy.load and beside the plain bytes of the files."""
    store = CandleStore(folder / "store")
    store.write(candles, *MARKET)
    np.save(folder / "candles.npy", candles)
    assert np.array_equal(store.read(*MARKET), candles)
    print(f"{len(candles):,} candles; store {size(folder, '*.parquet'):.0f} MB, .npy {size(folder, '*.npy'):.0f} MB")
    calls = {
        "numpy.load": lambda: np.load(folder / "candles.npy"),
        "bytes of the store's files": lambda: read_bytes(folder),
        "CandleStore.read": lambda: store.read(*MARKET),
    }
    for state, prepare in (("in memory", lambda: None), ("from disk", lambda: forget(folder))):
        loaded, loaded_cpu = fastest(calls["numpy.load"], runs, prepare)
        for name, call in calls.items():
            wall, cpu = fastest(call, runs, prepare)
            ratio = f"{loaded / wall:5.2f} x numpy.load (CPU {loaded_cpu / cpu:.2f} x)"
            print(f"{state}  {name:28} {1e3 * wall:8.1f} ms wall {1e3 * cpu:8.1f} ms CPU  {ratio}")


def compare_updates(folder: Path, candles: Any, runs: int) -> None:
    """Print how long it takes to add a day to stores of different lengths."""
    for days in (31, 365, len(candles) // DAY - 1):
        store = CandleStore(folder / f"days-{days}")
        # The same last month in each store: only the time before it differs.
        old, day = candles[-(days + 1) * DAY : -DAY], candles[-DAY:]
        store.write(old, *MARKET)
        months = store.months(*MARKET)
        last = months[-1].read_bytes()

        def restore(path: Path = months[-1], content: bytes = last) -> None:
            path.write_bytes(content)

        wall, cpu = fastest(lambda store=store, day=day: store.write(day, *MARKET), runs, restore)
        print(f"a day into {days:5,} days: {1e3 * wall:6.1f} ms wall {1e3 * cpu:6.1f} ms CPU, {len(months)} months")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where to write (default: the system's folder for such files)")
    options = parser.parse_args()
    days = max(366, 365 * options.years)
    # Prices and volumes with as many digits as exchanges give.
    candles = np.round(synthetic_candles(days * DAY, seed=1), 2)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        compare_reading(folder, candles, options.runs)
        compare_updates(folder, candles, options.runs)


if __name__ == "__main__":
    main()
