"""``livermore candles check``: gaps, jumps, minutes without trades and damage."""

import argparse

from livermore.cli._parsing import FAILED, Commands, add_base, add_calendar, add_command, add_folder
from livermore.console import print_text

__all__ = ["add_command_to"]


def add_command_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "check", _check, "Look for gaps, jumps and damage in stored candles, month by month."
    )
    parser.add_argument("exchange", nargs="?", help="only markets of this exchange")
    parser.add_argument("symbol", nargs="?", help="only this symbol")
    add_base(parser)
    add_calendar(parser)
    add_folder(parser, argparse.SUPPRESS)


def _check(options: argparse.Namespace) -> int:
    from livermore.research import check_stored_candles

    reports = check_stored_candles(
        options.exchange, options.symbol, base=options.base, calendar=options.calendar, root=options.folder
    )
    print_text("\n\n".join(map(str, reports)))
    return FAILED if any(report.problems for report in reports) else 0
