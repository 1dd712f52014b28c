"""The parser of all commands, and what becomes of their errors.

Errors of livermore are printed as one line; set ``LIVERMORE_DEBUG=1`` to see where they came from.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from livermore._version import __version__
from livermore.cli import (
    _backtests,
    _candles,
    _gather,
    _live,
    _live_status,
    _models,
    _projects,
    _reports,
    _scripts,
    _ui,
)
from livermore.cli._parsing import FAILED, Command
from livermore.errors import LivermoreError

__all__ = ["main"]

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
    # In the order of the help.
    for group in (_projects, _candles, _gather, _backtests, _reports, _models, _live, _live_status, _ui, _scripts):
        group.add_commands(commands)
    return parser
