"""``livermore candles remove``: delete the candles of a market."""

import argparse

from livermore.cli._parsing import Commands, add_base, add_command, add_folder
from livermore.console import print_text

__all__ = ["add_command_to"]


def add_command_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "remove", _remove, "Remove all candles of a market from the project.")
    parser.add_argument("exchange", help="the exchange, as `candles list` shows it")
    parser.add_argument("symbol", help="the symbol, as `candles list` shows it")
    add_base(parser)
    add_folder(parser, argparse.SUPPRESS)


def _remove(options: argparse.Namespace) -> int:
    from livermore.research import remove_candles

    n_months = remove_candles(options.exchange, options.symbol, base=options.base, root=options.folder)
    print_text(f"removed {options.exchange} {options.symbol}: {n_months} months")
    return 0
