"""The command ``gather``: samples of many symbols, in parallel."""

import argparse
import os
import sys
import warnings
from pathlib import Path

from livermore.cli._parsing import FAILED, Commands, add_command
from livermore.cli._reports import add_no_report
from livermore.errors import ConfigError, LivermoreWarning

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add the command of this module."""
    gather = add_command(
        commands, "gather", _gather, "Gather the samples of a strategy on many symbols, on the training days."
    )
    add = gather.add_argument
    add("strategy", nargs="?", help="a strategy in strategies/ (default: STRATEGY of settings.py)")
    add("--symbols", nargs="+", metavar="SYMBOL", help="(default: all of the exchange that are stored)")
    add("--exchange", help="(default: EXCHANGE of settings.py)")
    add("--timeframe", help="(default: TIMEFRAME of settings.py, else 15m)")
    add("--start", help="first day, YYYY-MM-DD, UTC (default: TRAINING of settings.py)")
    add("--finish", help="the day after the last (default: TRAINING of settings.py)")
    add("--parts", type=int, default=1, help="in how many parts the period is divided (default: %(default)s)")
    add("--n-jobs", type=int, help="number of worker processes (default: all cores)")
    add("--out", type=Path, help="folder of the samples (default: storage/samples/STRATEGY)")
    add_no_report(gather)


def _gather(options: argparse.Namespace) -> int:
    from livermore.research import StoredRun, gather_universe, save_report

    names = ("strategy", "exchange", "timeframe", "start", "finish")
    run = StoredRun.of_project(period="training", **{name: getattr(options, name) for name in names})
    if run.exchange is None:
        raise ConfigError("name the exchange with --exchange, or set EXCHANGE in settings.py")
    if run.start is None or run.finish is None:
        raise ConfigError("give --start and --finish, or set TRAINING in settings.py")
    with warnings.catch_warnings():
        # The failures are listed below.
        warnings.filterwarnings("ignore", ".*could not be gathered", LivermoreWarning)
        universe = gather_universe(
            run.strategy,
            options.symbols,
            run.start,
            run.finish,
            run.config_on(run.exchange),
            timeframe=run.timeframe,
            parts=options.parts,
            folder=options.out,
            n_jobs=options.n_jobs,
        )
    print(f"{len(universe):,} samples of {len(universe.symbols)} symbols are in {universe.folder}")
    print(f"to train on them: train_model(read_universe({str(universe.folder)!r}).dataset(), ...), see docs/scale.md")
    if universe.silent:
        print(f"no sample was recorded on {', '.join(universe.silent)}")
    for failure in universe.failures:
        print(f"{failure.symbol}: {failure.error}", file=sys.stderr)
        if os.environ.get("LIVERMORE_DEBUG") == "1":
            print(failure.traceback, file=sys.stderr)
    if options.report:
        save_report(universe, f"{run.strategy}-samples")
    return FAILED if universe.failures else 0
