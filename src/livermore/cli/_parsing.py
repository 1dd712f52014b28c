"""What the modules of commands share: how a command is added, and the exit status of a failure."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

__all__ = ["FAILED", "Command", "Commands", "add_base", "add_calendar", "add_command", "add_folder", "with_default"]

Command: TypeAlias = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

FAILED = 1


def with_default(text: str) -> str:
    """Return the help of an option, with its default."""
    return f"{text} (default: %(default)s)"


def add_command(commands: Commands, name: str, command: Command, sentence: str) -> argparse.ArgumentParser:
    """Add a command; its description is one sentence."""
    parser = commands.add_parser(name, help=sentence.rstrip("."), description=sentence)
    parser.set_defaults(command=command)
    return parser


def add_base(parser: argparse.ArgumentParser) -> None:
    """Add the option that says of which timeframe the stored candles are."""
    parser.add_argument("--base", default="1m", metavar="TIMEFRAME", help=with_default("timeframe of the candles"))


def add_calendar(parser: argparse.ArgumentParser) -> None:
    """Add the option that says which sessions the stored candles align to."""
    parser.add_argument("--calendar", help="sessions that they align to, such as XNYS (default: the clock in UTC)")


def add_folder(parser: argparse.ArgumentParser, default: Path | str = Path()) -> None:
    """Add the option that names the project folder.

    A command of a group whose own parser has the option gives ``argparse.SUPPRESS`` as the default: without it, the
    default of the command would replace what was given to the group.
    """
    parser.add_argument("--folder", type=Path, default=default, help="the project folder (default: .)")
