"""Measures what Jesse makes of a sample of differential cases, and writes cases and outcomes to cases.json.gz.

Run it with the Python of an environment that has livermore; it starts Jesse 3.5.3 in an environment of its own:

    python tests/golden/differential/regenerate.py JESSE_VENV/bin/python

Only cases on candles from a seed are taken, of each family the first with a moderate number of trades. What the
strategies saw is cut to its beginning, to keep the file small; the fuzzer compares all of it.
"""

import gzip
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "differential"))

from diff_cases import EXACT, NAMED, make_case  # noqa: E402
from diff_run import shortened  # noqa: E402
from fuzz import run_theirs  # noqa: E402

TRIED, TAKEN_OF_EXACT, TAKEN_OF_NAMED = 14, 4, 2
FEWEST, MOST = 8, 110


def main(oracle: str) -> None:
    """Write the file."""
    entries = []
    for family in EXACT + NAMED:
        if family.__name__.startswith("real"):
            continue
        cases = [make_case(family.__name__, number) for number in range(TRIED)]
        outcomes = [shortened(outcome) for outcome in run_theirs(cases, oracle)]
        wanted = TAKEN_OF_EXACT if family in EXACT else TAKEN_OF_NAMED
        pairs = list(zip(cases, outcomes, strict=True))
        good = [pair for pair in pairs if FEWEST <= len(pair[1]["trades"]) <= MOST or pair[1]["error"]]
        chosen = (good + [pair for pair in pairs if pair not in good])[:wanted]
        entries += [{"case": case, "outcome": outcome} for case, outcome in chosen]
        print(family.__name__, [len(outcome["trades"]) for _, outcome in chosen])
    with open(HERE / "cases.json.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(json.dumps(entries, separators=(",", ":")).encode())


if __name__ == "__main__":
    main(sys.argv[1])
