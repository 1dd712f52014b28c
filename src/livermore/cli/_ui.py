"""The command ``ui``: pages that show the project, on this machine only."""

import argparse
import sys

from livermore.cli._parsing import Commands, add_command, add_folder, with_default
from livermore.cli._reports import has_display
from livermore.console import print_text

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add the command of this module."""
    ui = add_command(commands, "ui", _ui, "Show the project in a browser, on this machine only.")
    ui.add_argument("--port", type=int, default=8765, help=with_default("port; 0 takes a free one"))
    ui.add_argument("--open", action="store_true", help="open a browser")
    add_folder(ui)


def _ui(options: argparse.Namespace) -> int:
    from livermore.ui import UiServer

    server = UiServer(options.folder, options.port)
    print_text(f"Open {server.address}\nWhoever has this address can use the kill switch. Ctrl-C ends it.")
    sys.stdout.flush()  # what reads a pipe gets the address now, not when the server ends
    if options.open and has_display():
        import webbrowser

        webbrowser.open(server.address)
    server.run()
    return 0
