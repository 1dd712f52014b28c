"""``livermore candles export``: stored candles to a file that other programs read."""

import argparse
from pathlib import Path

from livermore.cli._parsing import Commands, add_base, add_calendar, add_command, add_folder
from livermore.console import print_text

__all__ = ["add_command_to"]


def add_command_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "export", _export, "Write stored candles to a CSV or Parquet file.")
    parser.add_argument("exchange", help="the exchange, as `candles list` shows it")
    parser.add_argument("symbol", help="the symbol, as `candles list` shows it")
    parser.add_argument("file", type=Path, help="a file that ends in .csv, .csv.gz or .parquet")
    parser.add_argument("--timeframe", help="of the bars (default: that of the base)")
    parser.add_argument("--start", metavar="DAY", help="the first day, UTC (default: the first that is stored)")
    parser.add_argument("--finish", metavar="DAY", help="the day after the last (default: all that is stored)")
    add_base(parser)
    add_calendar(parser)
    add_folder(parser, argparse.SUPPRESS)


def _export(options: argparse.Namespace) -> int:
    from livermore.research import export_candles

    count = export_candles(
        options.exchange,
        options.symbol,
        options.file,
        timeframe=options.timeframe,
        base=options.base,
        calendar=options.calendar,
        start_date=options.start,
        finish_date=options.finish,
        root=options.folder,
    )
    print_text(f"wrote {count:,} candles of {options.timeframe or options.base} to {options.file}")
    return 0
