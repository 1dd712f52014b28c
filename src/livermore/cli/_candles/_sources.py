"""``livermore candles sources``: the sources of files that are known."""

import argparse

from livermore.cli._parsing import Commands, add_command
from livermore.console import print_text

__all__ = ["add_command_to"]


def add_command_to(commands: Commands) -> None:
    """Add the command."""
    add_command(commands, "sources", _sources, "List the sources of candle files that `candles import` knows.")


def _sources(options: argparse.Namespace) -> int:
    from livermore.candles import known_sources

    known = known_sources()
    width = max(len(source.name) for source in known)
    print_text("\n".join(f"{source.name:<{width}}  {source.about}" for source in known))
    return 0
