"""Measures what Jesse makes of a sample of differential cases, and writes cases and outcomes to cases.json.gz.

Run it with the Python of an environment that has livermore; it starts Jesse 3.5.3 in an environment of its own:

    python tests/golden/differential/regenerate.py JESSE_VENV/bin/python

Only cases on candles from a seed are taken, of each family the first with a moderate number of trades and, in families
that have none, no named differences. What the strategies saw is cut to its beginning there, to keep the file small; the
fuzzer compares all of it.
"""

import gzip
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "differential"))

from diff_cases import EXACT, NAMED, make_case  # noqa: E402
from diff_compare import SERENITY, compare  # noqa: E402
from diff_run import shortened  # noqa: E402
from fuzz import run_ours, run_theirs  # noqa: E402

BATCH, BATCHES = 6, 4
FEWEST, MOST = 8, 110


def main(oracle: str) -> None:
    """Write the file."""
    entries = []
    for family in EXACT + NAMED:
        if not family.__name__.startswith("real"):
            entries += taken(family.__name__, oracle, exact=family in EXACT)
    with open(HERE / "cases.json.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(json.dumps(entries, separators=(",", ":")).encode())


def taken(family: str, oracle: str, *, exact: bool) -> list[dict]:
    """Return the first good cases of a family with their outcomes: four, or two of those with named differences."""
    good: list[dict] = []
    for batch in range(BATCHES):
        cases = [make_case(family, number) for number in range(batch * BATCH, (batch + 1) * BATCH)]
        for case, outcome in zip(cases, run_theirs(cases, oracle), strict=True):
            if not (FEWEST <= len(outcome["trades"]) <= MOST or outcome["error"]):
                continue
            verdict = compare(case, outcome, run_ours(case), run_ours)
            if verdict.unnamed:
                raise SystemExit(f"{case['name']} differs: {verdict.unnamed}")
            if not exact or verdict.named <= {SERENITY}:
                good.append({"case": case, "outcome": shortened(outcome) if exact else outcome})
        if len(good) >= (4 if exact else 2):
            break
    chosen = good[: 4 if exact else 2]
    print(family, [len(entry["outcome"]["trades"]) for entry in chosen], flush=True)
    return chosen


if __name__ == "__main__":
    main(sys.argv[1])
