"""The command ``report``: lists and opens the reports of a project."""

import argparse
import os
import sys
from pathlib import Path

from livermore.cli._parsing import FAILED, Commands, add_command, add_folder
from livermore.console import print_text
from livermore.errors import ConfigError

__all__ = ["add_commands", "add_no_report", "has_display"]


def add_commands(commands: Commands) -> None:
    """Add the command of this module."""
    report = add_command(commands, "report", _report, "List the reports of the project, newest first, or open one.")
    report.add_argument(
        "--open",
        nargs="?",
        const="",
        metavar="NAME",
        help="open the newest report, or the newest with NAME in it",
    )
    add_folder(report)


def add_no_report(parser: argparse.ArgumentParser) -> None:
    """Add the option of commands that write reports."""
    parser.add_argument("--no-report", dest="report", action="store_false", help="write no page to reports/")


def _report(options: argparse.Namespace) -> int:
    from livermore.ml.report import render_reports
    from livermore.research import list_reports

    reports = list_reports(options.folder)
    if options.open is None:
        print_text(render_reports(reports))
        return 0
    name = Path(options.open).name
    for report in reports:
        if name in report.path.name:
            return _open(report.path)
    raise ConfigError(f"there is no report {options.open}".rstrip() + "; `livermore report` lists those that there are")


def _open(path: Path) -> int:
    import webbrowser

    print_text(path)
    if has_display() and webbrowser.open(path.resolve().as_uri()):
        return 0
    print_text("there is no display or browser to open it with", sys.stderr)
    return FAILED


def has_display() -> bool:
    """Whether a browser has a place to open: without one, `webbrowser` would start one in the terminal, or wait."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
