"""Commands that run backtests over stored candles: ``check`` and ``compare``."""

import argparse
from pathlib import Path
from typing import Any, Literal

from livermore.cli._parsing import FAILED, Commands, add_command
from livermore.cli._reports import add_no_report
from livermore.console import print_text
from livermore.files import check_writable

__all__ = ["RUN_OPTIONS", "add_commands", "add_run_options"]

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
    "base",
    "calendar",
)


def add_commands(commands: Commands) -> None:
    """Add the commands of this module."""
    check = add_command(commands, "check", _check, "Look for look-ahead in a strategy, on the training days.")
    add_run_options(check)

    compare = add_command(
        commands, "compare", _compare, "Backtest a strategy with and without its model, on the test days."
    )
    add_run_options(compare)
    compare.add_argument("--model", type=Path, help="the model's folder (default: the strategy's own)")
    compare.add_argument("--html", type=Path, help="also write the report to this file")
    add_no_report(compare)


def add_run_options(parser: argparse.ArgumentParser) -> None:
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
    add("--base", help=f"timeframe of the stored candles {default('CONFIG', '1m')}")
    add("--calendar", help=f"sessions that bars align to, such as XNYS {default('CONFIG', 'the clock in UTC')}")


def _run_arguments(options: argparse.Namespace, period: Literal["training", "test"]) -> dict[str, Any]:
    """Return what `backtest` takes, from the options of `add_run_options` and the project's settings."""
    from livermore.research import StoredRun

    given = {name: getattr(options, name) for name in RUN_OPTIONS}
    return StoredRun.of_project(period=period, **given).arguments()


def _check(options: argparse.Namespace) -> int:
    from livermore.research import check_strategy

    checked = check_strategy(None, **_run_arguments(options, "training"))
    print_text(checked)
    return 0 if checked["ok"] else FAILED


def _compare(options: argparse.Namespace) -> int:
    from livermore.research import compare_backtests, save_report

    if options.html is not None:
        # Before the backtests, and before the ledger counts this evaluation.
        options.html.parent.mkdir(parents=True, exist_ok=True)
        check_writable(options.html)
    comparison = compare_backtests(None, options.model, **_run_arguments(options, "test"))
    if options.html is not None:
        comparison.to_html(options.html)
        print(f"wrote {options.html}")
    if options.report:
        save_report(comparison, f"{comparison['name']}-comparison")
    return 0
