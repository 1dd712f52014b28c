"""How gathering grows with the number of symbols, and training with the number of samples.

    python benchmarks/scale.py                       # gathering on loky, 1 to 100 symbols of a year
    python benchmarks/scale.py --symbols 500 --days 90 --memory 2
    python benchmarks/scale.py --engines loky dask ray --symbols 10
    python benchmarks/scale.py --part training --samples 2000 20000 200000 1000000 [--full]

Each row runs in a process of its own, which reports its wall time, the CPU time of itself and its workers, and the peak
memory of both. The candles are synthetic, one-minute, with a factor that all symbols share; they are written once, to a
folder that `--folder` keeps for the next time. The daemons of Dask and Ray are not counted.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import livermore.indicators as ta
from livermore import Strategy
from livermore.candles import project_store
from livermore.ml.labels import TripleBarrier

CONFIG = {
    "exchange": "Sandbox",
    "type": "futures",
    "starting_balance": 10_000,
    "fee": 0.0005,
    "futures_leverage": 2,
    "futures_leverage_mode": "cross",
    "warm_up_candles": 210,
}
START = 1_609_459_200_000  # 2021-01-01
DAY_MS = 86_400_000
WARM_UP_DAYS = 5
FEATURES = 18


class Observer(Strategy):
    """Records eight features on each fourth bar, and labels them by a triple barrier."""

    label = TripleBarrier(upper=0.01, lower=0.01, bars=32, unit="fraction")

    def ml_features(self) -> dict[str, float]:
        """Return eight features of the bar."""
        candles = self.candles
        close = candles[:, 2]
        return {
            "rsi": ta.rsi(candles, 14) / 100,
            "adx": ta.adx(candles, 14) / 100,
            "cci": ta.cci(candles, 20) / 100,
            "ema": ta.ema(candles, 50) / self.price - 1,
            "atr": ta.atr(candles, 14) / self.price,
            "return_1": close[-1] / close[-2] - 1,
            "return_8": close[-1] / close[-9] - 1,
            "return_96": close[-1] / close[-97] - 1,
        }

    def before(self) -> None:
        """Observe each fourth bar."""
        if self.index % 4 == 0:
            self.observe(self.ml_features, self.label)

    def should_long(self) -> bool:
        """Never trade."""
        return False

    def go_long(self) -> None:
        """Do nothing."""


def symbol_names(count: int) -> list[str]:
    return [f"S{number:03d}-USDT" for number in range(count)]


def write_candles(root: Path, count: int, days: int, seed: int = 7) -> None:
    """Store one-minute candles of `count` symbols; half the variance of each is a factor that all share."""
    minutes = (days + WARM_UP_DAYS) * 1440
    factor = np.random.default_rng([seed, 0]).standard_normal(minutes)
    store = project_store(root)
    there = {symbol for _, symbol in store.symbols()}
    for number, symbol in enumerate(symbol_names(count), start=1):
        if symbol not in there:
            store.write(_candles(factor, np.random.default_rng([seed, number])), "Sandbox", symbol)


def _candles(factor: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    own = rng.standard_normal(len(factor))
    log_price = math.log(100) + np.cumsum(0.0007 * (factor + own) / math.sqrt(2))
    close = np.exp(log_price)
    open_ = np.r_[100.0, close[:-1]]
    spread = 1 + 0.0004 * np.abs(rng.standard_normal(len(factor)))
    high, low = np.maximum(open_, close) * spread, np.minimum(open_, close) / spread
    times = START + 60_000 * np.arange(len(factor), dtype=np.float64)
    return np.column_stack([times, open_, close, high, low, 100 * rng.random(len(factor))])


@contextmanager
def engine(name: str, n_jobs: int) -> Iterator[None]:
    """Make joblib use an engine, started for this block."""
    import joblib

    if name == "loky":
        yield
        return
    with (_dask if name == "dask" else _ray)(n_jobs), joblib.parallel_config(backend=name, n_jobs=n_jobs):
        yield


@contextmanager
def _dask(n_jobs: int) -> Iterator[None]:
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=n_jobs, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        yield


@contextmanager
def _ray(n_jobs: int) -> Iterator[None]:
    import ray
    from ray.util.joblib import register_ray

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(num_cpus=n_jobs, include_dashboard=False, log_to_driver=False)
    register_ray()
    yield
    ray.shutdown()


def usage(work: Callable[[], int], *, before_end: Callable[[], None] = lambda: None) -> dict[str, float]:
    """Run `work`, and return what it took: seconds of wall and CPU time, peak MB of this process and of a worker."""
    start = time.perf_counter()
    count = work()
    wall = time.perf_counter() - start
    before_end()
    own, workers = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "samples": count,
        "wall": wall,
        "cpu": own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime,
        "driver_mb": own.ru_maxrss / 1024,
        "worker_mb": workers.ru_maxrss / 1024,
    }


def gather(root: Path, count: int, days: int, name: str, n_jobs: int, parts: int) -> dict[str, float]:
    from joblib.externals.loky import get_reusable_executor

    from livermore.scale import gather_universe

    first = np.datetime64(START, "ms").astype("datetime64[D]") + np.timedelta64(WARM_UP_DAYS, "D")
    period = str(first), str(first + np.timedelta64(days, "D"))
    with tempfile.TemporaryDirectory() as folder, engine(name, n_jobs):

        def work() -> int:
            options = {"root": root, "folder": folder, "n_jobs": n_jobs, "parts": parts, "verbose": False}
            return len(gather_universe(Observer, symbol_names(count), *period, CONFIG, **options).check())

        # Its workers must have ended for their memory to be counted.
        return usage(work, before_end=lambda: get_reusable_executor().shutdown(wait=True) if name == "loky" else None)


def in_own_process(arguments: Sequence[Any], memory_gb: float | None) -> dict[str, Any]:
    """Run one row in a process of its own, under a limit of its address space and that of its workers."""

    def limit() -> None:
        if memory_gb is not None:
            resource.setrlimit(resource.RLIMIT_AS, (int(memory_gb * 2**30),) * 2)

    command = [sys.executable, __file__, "--row", json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    return json.loads(done.stdout.splitlines()[-1])


def table(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows as Markdown."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    print("| " + " | ".join(names) + " |")
    print("|" + " --- |" * len(names))
    for row in rows:
        cells = [f"{v:,.2f}" if isinstance(v := row.get(name, ""), float) else str(v) for name in names]
        print("| " + " | ".join(cells) + " |", flush=True)


def exponent(rows: Sequence[dict[str, Any]], size: str, cost: str) -> float:
    """Return the slope of log cost over log size."""
    points = [(math.log(row[size]), math.log(row[cost])) for row in rows if row.get(cost)]
    return float(np.polyfit(*zip(*points, strict=True), 1)[0]) if len(points) > 1 else math.nan


def gather_table(options: argparse.Namespace) -> None:
    write_candles(options.folder, max(options.symbols), options.days)
    rows = []
    for name in options.engines:
        for count in options.symbols:
            for n_jobs in options.n_jobs:
                given = ["gather", str(options.folder), count, options.days, name, n_jobs, options.parts]
                about = {"engine": name, "symbols": count, "days": options.days, "workers": n_jobs}
                rows.append(about | in_own_process(given, options.memory))
    table(rows)
    for name in options.engines:
        own = [row for row in rows if row["engine"] == name and row["workers"] == options.n_jobs[-1]]
        print(
            f"{name}: CPU time grows with the number of symbols to the power of {exponent(own, 'symbols', 'cpu'):.2f}"
        )


def training_table(options: argparse.Namespace) -> None:
    given = [FEATURES, options.trees, options.dtype]
    sizes = [*options.samples, *([5_000_000] if options.full else [])]
    rows = [in_own_process(["train", samples, *given], options.memory) for samples in sizes]
    table([{name: value for name, value in row.items() if not name.endswith(" s")} for row in rows])
    print()
    costs = [name for name in rows[-1] if name.endswith(" s") or name == "cpu"]
    # Below some 20,000 samples most of the time is that of calls, not of samples.
    large = [row for row in rows if row.get("samples", 0) >= options.samples[-1] / 100]
    table(
        [
            {
                "CPU seconds": cost.removesuffix(" s"),
                **{f"{row['samples']:,}": row.get(cost, 0.0) for row in rows if "samples" in row},
                "exponent": exponent(large, "samples", cost),
            }
            for cost in costs
        ]
    )


def main() -> None:
    # Made-up days do not belong into the user's ledger.
    os.environ["LIVERMORE_LEDGER"] = "off"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=["gather", "training"], default="gather")
    parser.add_argument("--symbols", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--engines", nargs="+", choices=["loky", "dask", "ray"], default=["loky"])
    parser.add_argument("--n-jobs", type=int, nargs="+", default=[2])
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--samples", type=int, nargs="+", default=[2_000, 20_000, 200_000])
    parser.add_argument("--full", action="store_true", help="5,000,000 samples as well")
    parser.add_argument("--trees", type=int, default=100, help="of LightGBM")
    parser.add_argument("--dtype", default="float64")
    parser.add_argument("--memory", type=float, help="limit of each process, GB")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "livermore-scale")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        from scale_training import train as training_row

        kind, *given = json.loads(options.row)
        print(json.dumps(gather(Path(given[0]), *given[1:]) if kind == "gather" else training_row(*given)))
    elif options.part == "gather":
        gather_table(options)
    else:
        training_table(options)


if __name__ == "__main__":
    main()
