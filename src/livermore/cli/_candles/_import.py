"""``livermore candles import``: candles of a file into the project."""

import argparse
from pathlib import Path

from livermore.cli._parsing import Commands, add_base, add_command, add_folder

__all__ = ["add_command_to"]


def add_command_to(commands: Commands, name: str = "import") -> argparse.ArgumentParser:
    """Add the command, and return its parser."""
    parser = add_command(commands, name, _import, "Read a file of candles into the project.")
    parser.add_argument("file", type=Path, help="a CSV (also gzipped) or Parquet file")
    parser.add_argument("--exchange", required=True, help="name of the exchange, as routes will say it")
    parser.add_argument("--symbol", required=True, help="symbol with a dash, such as BTC-USDT")
    add_base(parser)
    add_folder(parser, argparse.SUPPRESS)
    return parser


def _import(options: argparse.Namespace) -> int:
    from livermore.research import import_candles_file

    print(
        import_candles_file(
            options.file,
            options.exchange,
            options.symbol,
            base=options.base,
            calendar=options.calendar,
            root=options.folder,
        )
    )
    return 0
