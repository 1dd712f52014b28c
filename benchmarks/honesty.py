"""Can it be fooled, and does it see what is there: simulations with known truth.

    python benchmarks/honesty.py [--part nulls looks …] [--only TEXT] [--sets 200] [--jobs 2] [--seed 0]

Parts: nulls (nothing to predict, or nothing to earn), features (none helps), carriers (four of 18 help), looks (the
same days looked at again and again), choice (the best of ten models), signal (a planted edge: power), coverage (do the
intervals hold the truth), symbols (many of them, with a common factor), planner (is the number of samples that it asks
for enough), drift (flags without and with a shift), leak (folds with and without purging). Without ``--part`` all are
run. Prints a Markdown table for each; a figure stands with its standard error.

Each set is kept in a file of JSON lines as soon as it is done (``--results``), so that what was interrupted goes on,
and a larger ``--sets`` adds to what is there. Sets that other code has simulated are not used. Seeds are fixed: the
same command prints the same table.
"""

import argparse
import os
import time
from pathlib import Path

from simulations.parts import PARTS
from simulations.runs import Results, fingerprint, run
from simulations.tables import table


def main() -> None:
    """Run the parts asked for, and print one table each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS), help="which; all by default")
    parser.add_argument("--only", default="", help="cells whose names contain this text")
    parser.add_argument("--sets", type=int, default=200, help="data sets per cell")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--seed", type=int, default=0, help="the first seed; sets have this one and those after it")
    parser.add_argument("--results", type=Path, default=Path("honesty.jsonl"), help="file of what was simulated")
    asked = parser.parse_args()
    results = Results(asked.results, fingerprint())
    for part in asked.part:
        started = time.perf_counter()
        cells = [cell for cell in PARTS[part]() if asked.only in cell.name]
        run(cells, range(asked.seed, asked.seed + asked.sets), results, asked.jobs)
        found = {cell.name: results.of(cell.name) for cell in cells}
        print(f"\n## {part} ({time.perf_counter() - started:.0f} s, code {results.code})\n")
        print(table(cells, found), flush=True)


if __name__ == "__main__":
    # One process a core: threads of the linear algebra would only wait for one another.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
