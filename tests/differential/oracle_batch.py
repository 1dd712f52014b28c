"""Runs many differential cases in the real Jesse, in one process, as a black box.

Run it with the Python of an environment that has Jesse 3.5.3; `fuzz.py` does. It reads cases from standard input, one
JSON object a line, and writes one outcome a line to the file that it is given, in the same order.
"""

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))


def main(out: str) -> None:
    """Run the cases of standard input."""
    target = Path(out).resolve()
    # Jesse makes folders where it is started.
    os.chdir(tempfile.mkdtemp(prefix="oracle-"))
    Path("strategies").mkdir()
    from diff_run import run_case
    from jesse.research import backtest
    from jesse.services.db import database
    from jesse.strategies import Strategy

    # A closed trade is written to PostgreSQL where Jesse takes the folder for a live project.
    database.open_connection = lambda: None
    with target.open("w") as file, contextlib.redirect_stdout(sys.stderr):
        for line in sys.stdin:
            file.write(json.dumps(run_case(json.loads(line), backtest, Strategy)) + "\n")
            file.flush()


if __name__ == "__main__":
    main(sys.argv[1])
