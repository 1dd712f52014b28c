"""``livermore candles list``: what the project has stored."""

import argparse

from livermore.cli._parsing import Commands, add_command, add_folder
from livermore.console import print_text

__all__ = ["add_command_to", "list_candles"]


def add_command_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "list", list_candles, "List the candles that the project has stored.")
    add_folder(parser, argparse.SUPPRESS)


def list_candles(options: argparse.Namespace) -> int:
    """Print a line per market."""
    from livermore.research import list_candles as stored_markets

    stored = stored_markets(root=options.folder)
    print_text("\n".join(map(str, stored)) if stored else "there are no candles; livermore candles import brings some")
    return 0
