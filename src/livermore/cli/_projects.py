"""Commands that write projects: ``demo`` and ``new``."""

import argparse
from pathlib import Path

from livermore.cli._parsing import FAILED, Commands, add_command, add_folder, with_default
from livermore.cli._reports import add_no_report
from livermore.console import print_text

__all__ = ["add_commands"]


def add_commands(commands: Commands) -> None:
    """Add the commands of this module."""
    demo = add_command(
        commands, "demo", _demo, "Write a project with synthetic candles, then gather, train and compare."
    )
    demo.add_argument(
        "folder", nargs="?", type=Path, default=Path("livermore-demo"), help=with_default("the project folder")
    )
    demo.add_argument("--live", action="store_true", help="show a day of trading on paper instead; writes nothing")
    demo.add_argument("--seed", type=seed, default=7, help=with_default("seed of the candles"))
    add_no_report(demo)

    new = add_command(commands, "new", _new, "Write a project to start from; in a project, write another strategy.")
    new.add_argument("name", help="name of the strategy, such as TrendFilter; the project is written to --folder")
    add_folder(new)


def seed(text: str) -> int:
    """Read a seed; the name of this function is part of argparse's message."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or more, not {value}")
    return value


def _demo(options: argparse.Namespace) -> int:
    from livermore.research import run_demo

    if options.live:
        from livermore.testing.loopback import run_live_demo

        return 0 if run_live_demo(seed=options.seed, say=print_text) else FAILED
    run_demo(options.folder, seed=options.seed, report=options.report)
    return 0


def _new(options: argparse.Namespace) -> int:
    from livermore.research import new_project

    written = new_project(options.name, options.folder)
    for path in written:
        print(f"wrote {path}")
    if any(path.name == "gather.py" for path in written):
        where = "" if options.folder == Path() else f", in {options.folder}"
        print(f"next{where}: python gather.py, python train.py, python compare.py; README.md says what they do")
    return 0
