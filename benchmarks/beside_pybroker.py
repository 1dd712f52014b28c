"""The same work in PyBroker and in livermore: eight features recorded on each fourth of a year's 15-minute bars.

    python benchmarks/beside_pybroker.py --pybroker PYTHON [--symbols 10]

PYTHON has PyBroker (`pip install lib-pybroker`). Each side runs in a process of its own, on one core, with eight
indicators of its own library, on the same synthetic bars; imports are not counted, the first run of compiled functions
is reported apart. PyBroker does not record labels that become known later; livermore labels each sample as well (a
triple barrier). FreqAI is no side: it trains inside of a trading bot with its own configuration and data folder, and
records samples nowhere else.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from typing import Any

import numpy as np

BARS = 35_040
EVERY = 4


def bars(symbol: int) -> np.ndarray:
    """Draw bars of a symbol: open, close, high, low, volume."""
    random = np.random.default_rng([9, symbol])
    close = 100 * np.exp(np.cumsum(0.003 * random.standard_normal(BARS)))
    opened = np.r_[100.0, close[:-1]]
    spread = 1 + 0.001 * np.abs(random.standard_normal(BARS))
    high, low = np.maximum(opened, close) * spread, np.minimum(opened, close) / spread
    return np.column_stack([opened, close, high, low, 100 * random.random(BARS)])


def pybroker_side(symbols: int) -> tuple[Any, list[Any]]:
    """Return a function that runs PyBroker, and the list that it fills."""
    import pandas as pd
    import pybroker
    from pybroker import indicator as of

    every = pd.date_range("2021-01-01", periods=BARS, freq="15min")
    frames = []
    for number in range(symbols):
        opened, close, high, low, volume = bars(number).T
        columns = {"open": opened, "high": high, "low": low, "close": close, "volume": volume}
        frames.append(pd.DataFrame({"symbol": f"S{number}", "date": every, **columns}))
    frame = pd.concat(frames)
    make = sys.modules[of.__module__]
    indicators = [
        make.detrended_rsi("rsi", "close", 14, 28, 50),
        make.adx("adx", 14),
        make.stochastic("stochastic", 14, 1),
        make.close_minus_ma("ma", 50, 14),
        make.macd("macd", 12, 26),
        make.linear_trend("trend", "close", 20, 14),
        make.highest("highest", "high", 20),
        make.lowest("lowest", "low", 20),
    ]
    names = [one.name for one in indicators]
    found: list[Any] = []

    def record(ctx: Any) -> None:
        if ctx.bars % EVERY == 0:
            found.append({name: float(ctx.indicator(name)[-1]) for name in names})

    pybroker.disable_logging()
    pybroker.disable_progress_bar()
    strategy = pybroker.Strategy(frame, every[0], every[-1])
    strategy.add_execution(record, [f"S{number}" for number in range(symbols)], indicators=indicators)
    return lambda: strategy.backtest(calc_bootstrap=False), found


def livermore_side(symbols: int) -> tuple[Any, list[Any]]:
    """Return a function that gathers with livermore, and the list that it fills."""
    import livermore.indicators as ta
    from livermore import Strategy
    from livermore.ml.labels import TripleBarrier
    from livermore.research import gather_ml_data

    class Records(Strategy):
        label = TripleBarrier(upper=0.01, lower=0.01, bars=32, unit="fraction")

        def ml_features(self) -> dict[str, float]:
            candles = self.candles
            return {
                "rsi": ta.rsi(candles, 14),
                "adx": ta.adx(candles, 14),
                "stochastic": ta.stoch(candles).k,
                "ma": self.close / ta.sma(candles, 50),
                "macd": ta.macd(candles).hist,
                "trend": ta.linearreg_slope(candles, 20),
                "highest": ta.donchian(candles, 20).upperband,
                "lowest": ta.donchian(candles, 20).lowerband,
            }

        def before(self) -> None:
            if self.index % EVERY == 0:
                self.observe(self.ml_features, self.label)

        def should_long(self) -> bool:
            return False

        def go_long(self) -> None:
            pass

    config = {"exchange": "Sandbox", "type": "spot", "starting_balance": 1e4, "fee": 0, "warm_up_candles": 210}
    config["base"] = "15m"
    times = 1_609_459_200_000 + 900_000 * np.arange(BARS, dtype=np.float64)
    candles = {number: np.column_stack([times, bars(number)]) for number in range(symbols)}
    found: list[Any] = []

    def gather() -> None:
        for number, rows in candles.items():
            market = {"exchange": "Sandbox", "symbol": f"S{number}-USDT"}
            warm_up, traded = (
                {f"Sandbox-S{number}-USDT": {**market, "candles": part}} for part in (rows[:210], rows[210:])
            )
            route = {**market, "timeframe": "15m", "strategy": Records}
            gathered = gather_ml_data(config, [route], [], traded, warm_up, csv_path=None, verbose=False)
            found.extend(gathered["data_points"])

    return gather, found


SIDES = {"pybroker": pybroker_side, "livermore": livermore_side}


def run_side(name: str, symbols: int) -> dict[str, float]:
    """Run a side twice, and return seconds of CPU and wall time of both runs, and the samples of one."""
    row: dict[str, float] = {}
    for run in ("first", "second"):
        work, found = SIDES[name](symbols)
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        row |= {
            f"{run} cpu": time.process_time() - cpu,
            f"{run} wall": time.perf_counter() - wall,
            "samples": len(found),
        }
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pybroker", help="a Python that has PyBroker")
    parser.add_argument("--symbols", type=int, default=10)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(run_side(options.side, options.symbols)))
        return
    if not options.pybroker:
        parser.error("--pybroker PYTHON: a Python that has PyBroker (pip install lib-pybroker)")
    rows = {}
    for name, python in (("pybroker", options.pybroker), ("livermore", sys.executable)):
        command = [python, __file__, "--side", name, "--symbols", str(options.symbols)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        rows[name] = json.loads(done.stdout.splitlines()[-1])
        print(name, {key: round(value, 2) for key, value in rows[name].items()}, flush=True)
    ratio = rows["pybroker"]["second cpu"] / rows["livermore"]["second cpu"]
    print(f"PyBroker / livermore, CPU time of the second run: {ratio:.1f}")


if __name__ == "__main__":
    main()
