"""Calls indicators with hostile candles, slices and parameters; a crash, a wrong error or a wrong value is a failure.

Each case is made from a seed and its number alone, so a failure is repeated by its number::

    python tests/indicators/fuzz.py --cases 20000
    python tests/indicators/fuzz.py --first 1234 --cases 1

A case is one indicator with one set of parameters in one session. The call on a slice of the session's candles must
give what the same call on a plain copy of these rows gives: the same values, or both an `IndicatorError`. A plain copy
has no future, so equality also shows that nothing looks ahead. The cases run in a process of their own, which writes
down each call before it makes it; where the process dies or hangs, the last line names the call.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import livermore.indicators as ta
from livermore.errors import IndicatorError
from livermore.market.indicator_window import indicator_window
from livermore.market.series import CandleSeries
from livermore.testing._indicators import _different, _fields

NAMES = sorted(name for name in ta.__all__ if hasattr(getattr(ta, name), "spec"))
SECOND_SERIES = ("benchmark_candles", "candles_compare")
PLAIN = (1, 2, 3, 5, 9, 14, 21, 33, 60)
HOSTILE = (0, -1, -100, 1.5, True, None, "x", "close", float("nan"), float("inf"), -float("inf"), 10**9, 10**30, 2**63)
NUMPY = (np.int64(7), np.uint8(9), np.float32(5), np.float64(2.5), np.bool_(True), np.int8(-3))
LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "whole": lambda rows: rows,
    "without the last": lambda rows: rows[:-1],
    "60 bars ago": lambda rows: rows[:-60],
    "the last 60": lambda rows: rows[-60:],
    "from the middle": lambda rows: rows[len(rows) // 2 :],
    "the middle": lambda rows: rows[len(rows) // 3 : -len(rows) // 3],
    "slice of a slice": lambda rows: rows[1:][:-1],
    "the last row": lambda rows: rows[-1:],
    "nothing": lambda rows: rows[:0],
    "nothing at the end": lambda rows: rows[len(rows) :],
    "reversed": lambda rows: rows[::-1],
    "every second": lambda rows: rows[::2],
    "two columns": lambda rows: rows[:, :2],
    "columns reversed": lambda rows: rows[:, ::-1],
    "a column": lambda rows: rows[:, 2],
    "Fortran order": lambda rows: np.asfortranarray(rows),
    "transposed": lambda rows: rows.T,
    "picked rows": lambda rows: rows[np.arange(len(rows)) % 3 > 0],
    "one row as a vector": lambda rows: rows[-1],
}


def market(rng: random.Random) -> np.ndarray:
    """Make candles: a walk, or one that stands still, has gaps, or is not finite."""
    rows = rng.choice((1, 2, 3, 8, 40, 90, 130, 260))
    noise = np.random.default_rng(rng.getrandbits(32))
    close = 100 + np.cumsum(noise.normal(0, 0.6, rows))
    opening = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(opening, close) + noise.exponential(0.3, rows)
    low = np.minimum(opening, close) - noise.exponential(0.3, rows)
    time = 1_650_000_000_000.0 + 3_600_000 * np.arange(rows)
    made = np.column_stack([time, np.round(np.column_stack([opening, close, high, low]), 2), noise.uniform(0, 9, rows)])
    kind = rng.choice(("walk", "walk", "walk", "coarse", "flat", "part flat", "NaN", "holes", "inf", "huge", "zero"))
    first, stop = sorted((rng.randrange(rows + 1), rng.randrange(rows + 1)))
    if kind == "coarse":
        made[:, 1:5] = np.round(made[:, 1:5])
    elif kind in ("flat", "part flat"):
        made[slice(None) if kind == "flat" else slice(first, stop), 1:6] = [100.1, 100.1, 100.1, 100.1, 0]
    elif kind == "NaN":
        made[:, 1:] = np.nan
    elif kind in ("holes", "inf", "zero"):
        made[first:stop, rng.randrange(1, 6)] = {"holes": np.nan, "inf": np.inf, "zero": 0.0}[kind]
    elif kind == "huge":
        made[:, 1:5] *= 1e300
    return made


def parameters(rng: random.Random, name: str, candles: np.ndarray, window: int) -> dict[str, Any]:
    """Choose parameters: mostly plain ones, lengths around those of the candles and the window, and hostile values."""
    chosen: dict[str, Any] = {}
    edges = tuple(n for size in (len(candles), window) for n in (size - 1, size, size + 1) if n > 0)
    for key, parameter in list(getattr(ta, name).spec.signature.parameters.items())[1:]:
        default = parameter.default
        if key in SECOND_SERIES:
            chosen[key] = (
                candles if rng.random() < 0.8 else rng.choice((candles[:-1], candles[:, 2], None, candles[:0]))
            )
        elif key == "sequential":
            chosen[key] = rng.random() < 0.5
        elif rng.random() < 0.5:
            if key.endswith("type") and not isinstance(default, str):
                pool: tuple[Any, ...] = tuple(range(40))
            elif key == "source_type":
                pool = ("open", "high", "volume", "hl2", "hlc3", "ohlc4")
            elif isinstance(default, bool | str):
                pool = (default,)
            elif isinstance(default, float):
                pool = (0.0, 0.3, 1.0, 2.5, -1.0, 1e-300, 1e300, 50.0, default)
            else:
                pool = (*PLAIN, *edges, default)
            hostile = rng.random() < 0.12
            chosen[key] = rng.choice((*HOSTILE, *NUMPY)) if hostile else rng.choice(pool)
    return chosen


def outcome(name: str, candles: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a result, or the fact that the indicator refused."""
    try:
        return _fields(getattr(ta, name)(candles, **given))
    except IndicatorError:
        return {"refused": 0.0}


def differ(found: dict[str, Any], expected: dict[str, Any]) -> str | None:
    """Say how two results differ; None if they do not."""
    if found.keys() != expected.keys():
        return f"fields {list(found)} instead of {list(expected)}"
    for field, value in expected.items():
        if np.shape(found[field]) != np.shape(value):
            return f"{field}: shape {np.shape(found[field])} instead of {np.shape(value)}"
        row = _different(np.atleast_1d(np.asarray(found[field])), np.atleast_1d(np.asarray(value)))
        if row is not None:
            return f"{field}: {found[field]} instead of {value}, first at {row}"
    return None


def session(rng: random.Random) -> tuple[str, dict[str, Any], np.ndarray, int]:
    """Choose the indicator, its parameters, the candles and the window of a case."""
    candles, window = market(rng), rng.choice((0, 1, 2, 30, 60, 240))
    name = rng.choice(NAMES)
    return name, parameters(rng, name, candles, window), candles, window


def calls(rng: random.Random, candles: np.ndarray, window: int) -> Iterator[tuple[str, Any, Any]]:
    """Yield slices of a session's candles, as the session shows them and as plain copies."""
    series = CandleSeries(candles, exchange="X", symbol="A-B", timeframe="1h", warm_up_candles=window)
    ends = sorted({rng.randrange(1, len(candles) + 1) for _ in range(4)})
    for end in ends:
        for layout in ["whole", *rng.sample(sorted(LAYOUTS), 4)]:
            shown = LAYOUTS[layout](series.view(end))
            yield f"{layout} of {end}", shown, np.array(LAYOUTS[layout](candles[:end].copy()))
        if rng.random() < 0.3:
            bar = candles[end - 1] * [1, 1, 1.001, 1.002, 0.999, 0.5]
            plain = np.vstack([candles[: end - 1], bar])
            yield f"forming {end}", series.view_forming(end - 1, bar), plain


def run_case(seed: int, number: int, note: Callable[[str], None], count: Counter[str]) -> list[str]:
    """Run one case; return what was wrong with it."""
    rng = random.Random(f"{seed} {number}")
    name, given, candles, window = session(rng)
    shown_parameters = {k: v for k, v in given.items() if k not in SECOND_SERIES}
    failures: dict[str, str] = {}  # the first of each kind
    token = indicator_window.set(window)
    try:
        for where, shown, plain in calls(rng, candles, window):
            call = f"case {number}: {name}({where}, {shown_parameters}), {len(candles)} rows, window {window}"
            note(call)
            if any(k in given for k in SECOND_SERIES) and plain.ndim == 2 and plain.shape[1] == 6:
                key = next(k for k in SECOND_SERIES if k in given)
                given = {**given, key: given[key] if given[key] is None else np.asarray(given[key])}
            try:
                expected = outcome(name, plain, given)
                for _ in range(2):  # computed, and looked up
                    wrong = differ(outcome(name, shown, given), expected)
                    count["calls"] += 1
                    if wrong:
                        failures.setdefault("differs", f"{call}: {wrong}")
                        break
                count["refused"] += "refused" in expected
            except Exception as error:
                failures.setdefault(type(error).__name__, f"{call}: {type(error).__name__}: {error}")
    finally:
        indicator_window.reset(token)
    return list(failures.values())


def work(seed: int, first: int, cases: int, log: Path) -> int:
    """Run cases in this process; the log holds the call that is being made."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    count: Counter[str] = Counter()
    failures: list[str] = []
    with log.open("w") as file:

        def note(call: str) -> None:
            file.seek(0)
            file.write(call.ljust(600)[:600] + "\n")
            file.flush()

        for number in range(first, first + cases):
            failures += run_case(seed, number, note, count)
    for failure in failures[:40]:
        print(failure[:500])
    print(f"{count['calls']:,} calls, {count['refused']:,} refused, {len(failures)} failures")
    return min(len(failures), 1)


def fuzz(seed: int, first: int, cases: int, timeout: float | None = None) -> tuple[int, str]:
    """Run cases in a process of their own; return its exit code and its report."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "call.txt"
        command = [sys.executable, __file__, "--worker", str(log), "--seed", str(seed)]
        command += ["--first", str(first), "--cases", str(cases)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            return 1, f"no answer: {log.read_text().strip()}"
        report = done.stdout + done.stderr[-3000:]
        if done.returncode not in (0, 1):
            report += f"\nprocess ended with {done.returncode}: {log.read_text().strip()}"
        # Errors in C functions that cannot raise are printed and ignored; they count all the same.
        return done.returncode or int(bool(done.stderr)), report


def main() -> int:
    """Run the cases that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--timeout", type=float, default=None, help="seconds for all cases; none by default")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker is not None:
        return work(args.seed, args.first, args.cases, args.worker)
    code, report = fuzz(args.seed, args.first, args.cases, args.timeout)
    print(report)
    return code


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
