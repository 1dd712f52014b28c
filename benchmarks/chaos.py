"""Live sessions under random faults and kills, each from a seed, and what must not be at their end.

usage: chaos.py [--sessions N] [--first SEED] [--on paper ...] [--smoke]

A session that fails prints its seed and what was wrong with it, and the command fails; `tests/live/chaos.py` says what
goes wrong by script, and what is looked at.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.live.chaos import RUNS


def run(kind: str, seeds: range) -> int:
    """Run sessions of one kind, and return how many failed."""
    begun, failed = time.perf_counter(), 0
    starts = kills = orders = trades = unprotected = 0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            outcome = RUNS[kind](seed, folder)
        failed += bool(outcome.problems)
        for problem in outcome.problems:
            print(f"{kind} {seed}: {problem}", flush=True)
        starts, kills = starts + outcome.starts, kills + outcome.kills
        orders, trades = orders + outcome.orders, trades + outcome.trades
        unprotected = max(unprotected, outcome.unprotected_ms)
    print(
        f"{kind}: {len(seeds)} sessions, {failed} with a problem; {starts:,} starts, {kills:,} kills, {orders:,} "
        f"orders at the exchange, {trades:,} trades; longest without a stop {unprotected / 1000:g} s; "
        f"{time.perf_counter() - begun:.0f} s"
    )
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=200, help="how many of each kind (default: 200)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first seed (default: 0)")
    parser.add_argument(
        "--on", nargs="+", choices=sorted(RUNS), default=["paper", "exchange"], help="kinds (default: paper exchange)"
    )
    parser.add_argument("--smoke", action="store_true", help="two sessions of each kind")
    options = parser.parse_args()
    seeds = range(options.first, options.first + (2 if options.smoke else options.sessions))
    return int(any([run(kind, seeds) for kind in options.on]))


if __name__ == "__main__":
    sys.exit(main())
