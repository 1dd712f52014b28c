"""The command ``run``: scripts that were written for Jesse."""

import argparse
import runpy
import sys
import traceback
from pathlib import Path

from livermore.cli._parsing import FAILED, Commands, add_command
from livermore.compat import install_as_jesse
from livermore.errors import ConfigError, LivermoreError

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add the commands of this module."""
    run = add_command(commands, "run", _run, "Run a script in which `import jesse` means livermore.")
    run.add_argument("script", type=Path, help="a Python script")
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="the script's own arguments")


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
