"""The command line: parses, calls `livermore.research`, prints. No logic of its own.

Errors that livermore raises on purpose are printed as one line; set ``LIVERMORE_DEBUG=1`` to see where they came from.
"""

import argparse
import dataclasses
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import livermore
from livermore.errors import ConfigError, LivermoreError
from livermore.jesse.compat import install_as_jesse

__all__ = ["main"]

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the entry point of the ``livermore`` script.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        Exit status: 0, 1 for an error of livermore's, 130 after Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        return command(options)
    except LivermoreError as error:
        if os.environ.get("LIVERMORE_DEBUG") == "1":
            raise
        lines = [f"error: {error}", *(f"  {note}" for note in getattr(error, "__notes__", ()))]
        print(*lines, sep="\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="livermore", description=livermore.__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=f"livermore {livermore.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    demo = _add(commands, "demo", _demo, "write a project with candles of its own making, then gather, train, compare")
    demo.add_argument("folder", nargs="?", type=Path, default=Path("livermore-demo"), help="where to write the project")
    demo.add_argument("--seed", type=int, default=7, help="seed of the candles")

    new = _add(commands, "new", _new, "write a strategy, its scripts and candles to try them on; run nothing")
    new.add_argument("name", help="name of the strategy, such as TrendFilter")
    new.add_argument("--folder", type=Path, default=Path(), help="the project folder")

    candles = _add(commands, "import-candles", _import_candles, "read a file of one-minute candles into the store")
    candles.add_argument("file", type=Path, help="CSV (also gzipped) or Parquet file")
    candles.add_argument("--exchange", required=True, help="name of the exchange, as routes will say it")
    candles.add_argument("--symbol", required=True, help="symbol with a dash, such as BTC-USDT")
    candles.add_argument("--folder", type=Path, default=Path(), help="the project folder")

    check = _add(
        commands, "check", _check, "look for what makes a backtest of a strategy better than the future will be"
    )
    _add_run_options(check)

    compare = _add(commands, "compare", _compare, "backtest a strategy with and without its model: did it help?")
    _add_run_options(compare)
    compare.add_argument("--model", type=Path, help="the model's folder; by default the strategy's own")
    compare.add_argument("--html", type=Path, help="write the report to this file, too")

    models = _add(commands, "models", _models, "list, compare, roll back or trust the models of a folder")
    models.add_argument("folder", type=Path, help="the model folder, such as strategies/TrendFilter")
    act = models.add_mutually_exclusive_group()
    act.add_argument("--compare", nargs=2, metavar="VERSION", help="two versions, or the beginnings of their names")
    act.add_argument("--rollback", nargs="?", const="", metavar="VERSION", help="make an earlier version current")
    act.add_argument("--trust", action="store_true", help="let a model that was saved elsewhere be loaded")

    run = _add(commands, "run", _run, "run a script in which `import jesse` means livermore")
    run.add_argument("script", type=Path, help="a Python script")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="the script's own arguments")
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, help_text: str
) -> argparse.ArgumentParser:
    """Add a command."""
    parser = commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
    parser.set_defaults(command=command)
    return parser


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add what describes a backtest over stored candles."""
    parser.add_argument("strategy", help="name of a strategy in strategies/ of the working directory")
    parser.add_argument("--exchange", help="by default the only one in the store")
    parser.add_argument("--symbol", help="by default the only one in the store")
    parser.add_argument("--timeframe", default="15m")
    parser.add_argument("--start", help="first day, YYYY-MM-DD (UTC)")
    parser.add_argument("--finish", help="the day after the last")
    parser.add_argument("--warm-up-candles", type=int, default=210, help="bars before the first")
    parser.add_argument("--starting-balance", type=float, default=10_000.0)
    parser.add_argument("--fee", type=float, default=0.0006, help="of a fill, as a fraction")
    parser.add_argument("--market", choices=["futures", "spot"], default="futures")
    parser.add_argument("--leverage", type=int, default=1)


def _stored_run(options: argparse.Namespace) -> dict[str, Any]:
    """Read the options of `_add_run_options`."""
    from livermore.research import StoredRun

    names = [field.name for field in dataclasses.fields(StoredRun)]
    return StoredRun(**{name: getattr(options, name) for name in names}).arguments()


def _check(options: argparse.Namespace) -> int:
    from livermore.research import check_strategy

    checked = check_strategy(None, **_stored_run(options))
    print(checked)
    return 0 if checked["ok"] else 1


def _compare(options: argparse.Namespace) -> int:
    from livermore.research import compare_backtests

    comparison = compare_backtests(None, options.model, **_stored_run(options))
    if options.html is not None:
        comparison.to_html(options.html)
    return 0


def _demo(options: argparse.Namespace) -> int:
    from livermore.research import run_demo

    run_demo(options.folder, seed=options.seed)
    return 0


def _new(options: argparse.Namespace) -> int:
    from livermore.research import new_project

    for path in new_project(options.name, options.folder):
        print(f"wrote {path}")
    return 0


def _import_candles(options: argparse.Namespace) -> int:
    from livermore.research import import_candles_file

    print(import_candles_file(options.file, options.exchange, options.symbol, root=options.folder))
    return 0


def _models(options: argparse.Namespace) -> int:
    from livermore.research import compare_models_on_disk, list_models, rollback_model, trust_model

    if options.compare:
        print(compare_models_on_disk(options.folder, *options.compare))
    elif options.rollback is not None:
        print(f"current: {rollback_model(options.folder, options.rollback or None)}")
    elif options.trust:
        print(f"trusted: {', '.join(trust_model(options.folder))}")
    else:
        print(list_models(options.folder))
    return 0


def _run(options: argparse.Namespace) -> int:
    if not options.script.is_file():
        raise ConfigError(f"{options.script} is not a file; name a Python script")
    install_as_jesse(replace=True)
    sys.argv = [str(options.script), *options.arguments]
    sys.path.insert(0, str(options.script.resolve().parent))
    try:
        runpy.run_path(str(options.script), run_name="__main__")
    except LivermoreError:
        # In a user's own script, the line that failed is what he wants to see.
        traceback.print_exc()
        return 1
    return 0
