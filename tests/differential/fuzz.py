"""Compares livermore with Jesse on random strategies and candles until enough trades have been compared.

Run it with the Python of an environment that has livermore:

    python tests/differential/fuzz.py --trades 20000 --seed 0 --oracle JESSE_VENV/bin/python

The oracle's Python may also be given as LIVERMORE_ORACLE. It prints runs, trades, fills and named differences, and ends
with status 1 if a difference is not named. `--case single-17` runs one case and shows where it differs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from diff_candles import BTC_FILE, data_folder  # noqa: E402
from diff_cases import EXACT, FAMILIES, NAMED, make_case  # noqa: E402
from diff_compare import Difference, Verdict, compare  # noqa: E402
from diff_run import run_case  # noqa: E402

BATCH = 40
MOST_UNNAMED = 30
NO_ORACLE = "set LIVERMORE_ORACLE, or --oracle, to the Python of an environment that has Jesse 3.5.3"


def main() -> int:
    """Compare, print the figures, and return the exit status."""
    options = _parser().parse_args()
    if not options.oracle:
        print(NO_ORACLE, file=sys.stderr)
        return 2
    started = time.monotonic()
    if options.case:
        family, number = options.case.rsplit("-", 1)
        batches = [[make_case(family, int(number))]]
    else:
        batches = _batches(options.seed, options.family or _families())
    verdicts: list[Verdict] = []
    seconds = Counter()
    for cases in batches:
        for case, theirs, ours in _outcomes(cases, options.oracle, seconds):
            verdicts.append(compare(case, theirs, ours, rerun=run_ours))
            if verdicts[-1].unnamed:
                print(f"UNNAMED {case['name']}: {_shown(verdicts[-1].unnamed)}", flush=True)
        trades = sum(verdict.trades for verdict in verdicts)
        print(f"{len(verdicts)} runs, {trades} trades so far", file=sys.stderr, flush=True)
        if trades >= options.trades or sum(bool(verdict.unnamed) for verdict in verdicts) >= MOST_UNNAMED:
            break
    _print_figures(verdicts, seconds, time.monotonic() - started)
    return 1 if any(verdict.unnamed for verdict in verdicts) else 0


def run_ours(case: dict) -> dict:
    """Run a case on livermore."""
    from livermore.research import backtest
    from livermore.strategies import Strategy

    return run_case(json.loads(json.dumps(case)), backtest, Strategy)


def run_theirs(cases: list[dict], oracle: str) -> list[dict]:
    """Run cases in Jesse."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "outcomes.jsonl"
        lines = "".join(json.dumps(case) + "\n" for case in cases)
        command = [oracle, str(HERE / "oracle_batch.py"), str(out)]
        environment = {**os.environ, "LIVERMORE_DATA": str(data_folder())}
        done = subprocess.run(command, input=lines, text=True, capture_output=True, env=environment, check=False)
        if done.returncode:
            raise SystemExit(f"the oracle failed:\n{done.stderr[-2000:]}")
        return [json.loads(line) for line in out.read_text().splitlines()]


def _families() -> list[str]:
    """Return the families that can run here, exact ones more often than those that provoke named differences."""
    names = [family.__name__ for family in EXACT] * 3 + [family.__name__ for family in NAMED]
    if not (data_folder() / BTC_FILE).exists():
        names = [name for name in names if not name.startswith("real")]
    return names


def _batches(seed: int, names: list[str]):
    number = seed * 1_000_000
    while True:
        cases = []
        while len(cases) < BATCH:
            cases.append(make_case(names[number % len(names)], number))
            number += 1
        yield cases


def _outcomes(cases: list[dict], oracle: str, seconds: Counter):
    start = time.perf_counter()
    theirs = run_theirs(cases, oracle)
    seconds["theirs"] += time.perf_counter() - start
    for case, outcome in zip(cases, theirs, strict=True):
        start = time.perf_counter()
        ours = run_ours(case)
        seconds["ours"] += time.perf_counter() - start
        yield case, outcome, ours


def _shown(found: Difference) -> str:
    return f"{found.where}\n    Jesse: {str(found.theirs)[:700]}\n    ours:  {str(found.ours)[:700]}"


def _print_figures(verdicts: list[Verdict], seconds: Counter, total: float) -> None:
    named = Counter(name for verdict in verdicts for name in verdict.named)
    unnamed = [verdict for verdict in verdicts if verdict.unnamed]
    compared = [verdict for verdict in verdicts if not verdict.named - {"serenity_index is a number"}]
    print(f"runs                         {len(verdicts):>8}")
    print(f"trades                       {sum(verdict.trades for verdict in verdicts):>8}")
    print(f"fills                        {sum(verdict.fills for verdict in verdicts):>8}")
    print(f"runs equal to the last bit   {sum(verdict.identical for verdict in verdicts):>8}")
    print(f"runs without a named trade difference {len(compared):>3}, with {sum(v.trades for v in compared)} trades")
    print(f"runs with an unnamed difference {len(unnamed):>5}")
    for name, count in sorted(named.items()):
        print(f"named: {name:<55} {count:>5} runs")
    per_family = Counter(verdict.case.rsplit("-", 1)[0] for verdict in verdicts)
    trades = Counter()
    for verdict in verdicts:
        trades[verdict.case.rsplit("-", 1)[0]] += verdict.trades
    for family in FAMILIES:
        if per_family[family]:
            print(f"  {family:<28} {per_family[family]:>5} runs {trades[family]:>7} trades")
    print(f"seconds: Jesse {seconds['theirs']:.0f}, ours {seconds['ours']:.0f}, all {total:.0f}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trades", type=int, default=20_000, help="stop after so many (default 20000)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other cases")
    parser.add_argument("--family", action="append", choices=list(FAMILIES), help="only this family; may be repeated")
    parser.add_argument("--case", help="one case by its name, such as single-17")
    parser.add_argument("--oracle", default=os.environ.get("LIVERMORE_ORACLE"), help="Python of Jesse's environment")
    return parser


if __name__ == "__main__":
    sys.exit(main())
