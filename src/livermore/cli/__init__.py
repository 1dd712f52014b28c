"""The command line: it parses, calls `livermore.research`, and prints.

A module holds a group of commands: a function ``add_commands``, which adds them to the parser, and a function per
command.
"""

from livermore.cli._main import main as main

__all__ = ["main"]
