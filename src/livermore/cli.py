"""The command line: it parses, calls `livermore.research`, and prints.

Errors of livermore are printed as one line; set ``LIVERMORE_DEBUG=1`` to see where they came from.
"""

import argparse
import os
import runpy
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from livermore._version import __version__
from livermore.compat import install_as_jesse
from livermore.console import print_text
from livermore.errors import ConfigError, LivermoreError, ModelNotFoundError
from livermore.files import check_writable

__all__ = ["main"]

Command = Callable[[argparse.Namespace], int]

FAILED = 1
INTERRUPTED = 130

DESCRIPTION = "Machine learning for rule-based trading strategies, from a labelled backtest to a deployed model."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the entry point of the ``livermore`` script.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        Exit status: 0, 1 for an error, 130 after Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal without box lines or mathematical signs gets question marks, not an error after an hour of work.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        status = command(options)
        sys.stdout.flush()
    except LivermoreError as error:
        return _failed(error)
    except BrokenPipeError:
        # Whoever read the output has read enough (`livermore models . | head -1`). Python flushes once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return _failed(error)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    return status


def _failed(error: Exception) -> int:
    """Print an error as one line, with its notes."""
    if os.environ.get("LIVERMORE_DEBUG") == "1":
        raise error
    lines = [f"error: {error}", *(f"  {note}" for note in getattr(error, "__notes__", ()))]
    print(*lines, sep="\n", file=sys.stderr)
    if isinstance(error, OSError):
        # Standard output may be what could not be written to; what is left in its buffer is given up.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="livermore", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"livermore {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    demo = _add(commands, "demo", _demo, "Write a project with synthetic candles, then gather, train and compare.")
    demo.add_argument("folder", nargs="?", type=Path, default=Path("livermore-demo"), help=_help("the project folder"))
    demo.add_argument("--seed", type=seed, default=7, help=_help("seed of the candles"))

    new = _add(commands, "new", _new, "Write a project to start from; in a project, write another strategy.")
    new.add_argument("name", help="name of the strategy, such as TrendFilter")
    new.add_argument("--folder", type=Path, default=Path(), help=_help("the project folder"))

    candles = _add(commands, "import-candles", _import_candles, "Read a file of one-minute candles into the project.")
    candles.add_argument("file", type=Path, help="a CSV (also gzipped) or Parquet file")
    candles.add_argument("--exchange", required=True, help="name of the exchange, as routes will say it")
    candles.add_argument("--symbol", required=True, help="symbol with a dash, such as BTC-USDT")
    candles.add_argument("--folder", type=Path, default=Path(), help=_help("the project folder"))

    stored = _add(commands, "candles", _candles, "List the candles that the project has stored, or remove some.")
    stored.add_argument("--remove", nargs=2, metavar=("EXCHANGE", "SYMBOL"), help="remove all candles of a market")
    stored.add_argument("--folder", type=Path, default=Path(), help=_help("the project folder"))

    check = _add(commands, "check", _check, "Look for look-ahead in a strategy, on the training days.")
    _add_run_options(check)

    compare = _add(commands, "compare", _compare, "Backtest a strategy with and without its model, on the test days.")
    _add_run_options(compare)
    compare.add_argument("--model", type=Path, help="the model's folder (default: the strategy's own)")
    compare.add_argument("--html", type=Path, help="also write the report to this file")

    models = _add(commands, "models", _models, "List, compare, roll back or trust the models of a folder.")
    models.add_argument("folder", type=Path, help="the model folder, such as strategies/TrendFilter")
    act = models.add_mutually_exclusive_group()
    act.add_argument("--compare", nargs=2, metavar="VERSION", help="two versions, or the beginnings of their names")
    act.add_argument("--rollback", nargs="?", const="", metavar="VERSION", help="make an earlier version current")
    act.add_argument("--trust", action="store_true", help="let a model that was saved elsewhere be loaded")

    run = _add(commands, "run", _run, "Run a script in which `import jesse` means livermore.")
    run.add_argument("script", type=Path, help="a Python script")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="the script's own arguments")
    return parser


def _help(text: str) -> str:
    return f"{text} (default: %(default)s)"


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, sentence: str
) -> argparse.ArgumentParser:
    """Add a command; its description is one sentence."""
    parser = commands.add_parser(name, help=sentence.rstrip("."), description=sentence)
    parser.set_defaults(command=command)
    return parser


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that describe a backtest over stored candles; what is not given comes from ``settings.py``."""

    def default(name: str, otherwise: str) -> str:
        return f"(default: {name} of settings.py, else {otherwise})"

    add = parser.add_argument
    add("strategy", nargs="?", help=f"a strategy in strategies/ {default('STRATEGY', 'it must be given')}")
    add("--exchange", help=default("EXCHANGE", "the only one in the store"))
    add("--symbol", help=default("SYMBOL", "the only one in the store"))
    add("--timeframe", help=default("TIMEFRAME", "15m"))
    add("--start", help=f"first day, YYYY-MM-DD, UTC {default('TRAINING or TEST', 'the first day after the warm-up')}")
    add("--finish", help=f"the day after the last {default('TRAINING or TEST', 'all that is stored')}")
    add("--warm-up-candles", type=int, help=f"bars before the first {default('WARM_UP_CANDLES', '210')}")
    add("--starting-balance", type=float, help=default("CONFIG", "10000"))
    add("--fee", type=float, help=f"of each fill, as a fraction {default('CONFIG', '0.0006')}")
    add("--market", choices=["futures", "spot"], help=default("CONFIG", "futures"))
    add("--leverage", type=int, help=f"of futures {default('CONFIG', '1')}")


RUN_OPTIONS = (
    "strategy",
    "exchange",
    "symbol",
    "timeframe",
    "start",
    "finish",
    "warm_up_candles",
    "starting_balance",
    "fee",
    "market",
    "leverage",
)


def _run_arguments(options: argparse.Namespace, period: Literal["training", "test"]) -> dict[str, Any]:
    """Return what `backtest` takes, from the options of `_add_run_options` and the project's settings."""
    from livermore.research import StoredRun

    given = {name: getattr(options, name) for name in RUN_OPTIONS}
    return StoredRun.of_project(period=period, **given).arguments()


def seed(text: str) -> int:
    """Read a seed; the name of this function is part of argparse's message."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or more, not {value}")
    return value


def _check(options: argparse.Namespace) -> int:
    from livermore.research import check_strategy

    checked = check_strategy(None, **_run_arguments(options, "training"))
    print_text(checked)
    return 0 if checked["ok"] else FAILED


def _compare(options: argparse.Namespace) -> int:
    from livermore.research import compare_backtests

    if options.html is not None:
        # Before the backtests, and before the ledger counts this evaluation.
        options.html.parent.mkdir(parents=True, exist_ok=True)
        check_writable(options.html)
    comparison = compare_backtests(None, options.model, **_run_arguments(options, "test"))
    if options.html is not None:
        comparison.to_html(options.html)
        print(f"wrote {options.html}")
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


def _candles(options: argparse.Namespace) -> int:
    from livermore.candles import project_store

    store = project_store(options.folder)
    if options.remove:
        n_months = store.remove(*options.remove)
        print_text(f"removed {' '.join(options.remove)}: {n_months} months")
        return 0
    stored = store.list()
    print_text("\n".join(map(str, stored)) if stored else "there are no candles; livermore import-candles brings some")
    return 0


def _models(options: argparse.Namespace) -> int:
    from livermore.research import compare_models_on_disk, list_models, rollback_model, trust_model

    if options.compare:
        print_text(compare_models_on_disk(options.folder, *options.compare))
    elif options.rollback is not None:
        print(f"current: {rollback_model(options.folder, options.rollback or None)}")
    elif options.trust:
        print(f"trusted: {', '.join(trust_model(options.folder))}")
    else:
        listed = list_models(options.folder)
        if not listed:
            raise ModelNotFoundError(_without_models(options.folder))
        print_text(listed)
    return 0


def _without_models(folder: Path) -> str:
    """Return the message for a folder that keeps no models, with the folders below it that do."""
    below = sorted(str(path.parent) for path in folder.glob("**/model.json") if "models" not in path.parts)
    hint = f"Models are in: {', '.join(below)}" if below else "train_model(..., save_to=FOLDER) saves one"
    return f"{folder} keeps no models. {hint}"


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
        return FAILED
    return 0
