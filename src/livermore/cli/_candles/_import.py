"""``livermore candles import``: candles of files, or of Jesse's database, into the project."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from livermore.cli._parsing import Commands, add_base, add_calendar, add_command, add_folder, with_default
from livermore.console import print_text
from livermore.errors import CandleError

__all__ = ["add_command_to"]

# The options that `import_candles_file` has, by their names there.
_OPTIONS = (
    "columns",
    "separator",
    "timezone",
    "stamp",
    "time_unit",
    "dates",
    "decimal",
    "price_scale",
    "ticker",
    "where",
    "member",
    "base",
    "calendar",
    "empty",
    "repeated_hour",
    "sort",
    "duplicates",
)

# What the options of files are where they were not given.
_DEFAULTS = (None, False, "refuse", "1m")


_SENTENCE = "Read files of candles, or Jesse's database, into the project."


def add_command_to(commands: Commands, name: str = "import", sentence: str = _SENTENCE) -> argparse.ArgumentParser:
    """Add the command, and return its parser."""
    parser = add_command(commands, name, _import, sentence)
    add = parser.add_argument
    add(
        "file",
        help="CSV, Parquet, Feather, JSON or DBN, also packed; or a folder of pairs; or Jesse's database: "
        "postgres://USER:PASSWORD@HOST:PORT/NAME, or postgres:// with Jesse's variables POSTGRES_HOST and so on",
        nargs="+",
    )
    add("--exchange", help="name of the exchange, as routes will say it; of a database, only that one")
    add("--symbol", help="symbol with a dash, such as BTC-USDT; left out for a folder of pairs, or all of a database")
    add("--source", help="where the files are from: a name of `candles sources`, or a TOML file of your own")
    add("--timezone", metavar="ZONE", help="of times without an offset: UTC, America/New_York, UTC+2")
    add("--stamp", choices=["start", "end"], help="which end of its candle a time is (default: start)")
    add("--columns", type=_columns, metavar="A,B,...", help="names of columns, or open=NAME,close=NAME,...")
    add("--separator", help="between the columns (default: found out)")
    add("--time-unit", choices=["s", "ms", "us", "ns", "mixed"], help="of times since 1970 (default: found out)")
    add("--dates", choices=["dmy", "mdy"], help="what dates such as 01/02/2024 begin with")
    add("--decimal", choices=[".", ","], help="the decimal sign (default: found out)")
    add("--price-scale", type=float, metavar="FACTOR", help="factor of all prices, such as 1e-9")
    add("--ticker", help="which instrument, in files of several")
    add("--where", action="append", type=_where, metavar="COLUMN=VALUE", help="read only such rows; may be repeated")
    add("--member", help="which files of an archive, with * and ?")
    add_base(parser)
    add_calendar(parser)
    add("--empty", choices=["refuse", "drop"], help="what to do about rows without prices (default: refuse)")
    add("--repeated-hour", choices=["refuse", "first", "second"], default="refuse", help="when clocks are set back")
    add("--sort", action="store_true", help="sort by time")
    add("--duplicates", choices=["refuse", "first", "last"], default="refuse", help=with_default("of one time"))
    add("--replace", action="store_true", help="replace stored candles that have other values")
    add_folder(parser, argparse.SUPPRESS)
    return parser


def _columns(text: str) -> list[str] | dict[str, str]:
    """Read names of columns, in order or by livermore's names."""
    parts = text.split(",")
    if all("=" in part for part in parts):
        named = dict(part.split("=", 1) for part in parts)
        if len(named) < len(parts):
            raise argparse.ArgumentTypeError(f"must name each column once, not {text!r}")
        return named
    return parts


def _where(text: str) -> tuple[str, str]:
    column, sign, value = text.partition("=")
    if not (column and sign):
        raise argparse.ArgumentTypeError(f"must be COLUMN=VALUE, not {text!r}")
    return column, value


def _import(options: argparse.Namespace) -> int:
    from livermore.candles import is_postgres

    for name in options.file:
        for done in _import_database(name, options) if is_postgres(name) else _import_file(name, options):
            print_text(str(done))
    return 0


def _import_database(url: str, options: argparse.Namespace) -> Iterable[object]:
    from livermore.research import import_candles_postgres

    of_files = [name for name in (*_OPTIONS, "source") if getattr(options, name) not in _DEFAULTS]
    if of_files:
        raise CandleError(f"--{of_files[0].replace('_', '-')} is for files, and a database was given. Leave it out.")
    return import_candles_postgres(url, options.exchange, options.symbol, replace=options.replace, root=options.folder)


def _import_file(name: str, options: argparse.Namespace) -> Iterable[object]:
    from livermore.research import import_candles_file, import_candles_folder

    if options.exchange is None:
        # An address, which may hold a password, is not repeated.
        shown = "candles" if "@" in name else name
        raise CandleError(f"{shown}: --exchange is missing: the name of the exchange, as routes will say it.")
    given: dict[str, Any] = {name: getattr(options, name) for name in _OPTIONS}
    conditions = given["where"] or []
    if len(dict(conditions)) < len(conditions):
        raise CandleError("--where names one column twice. Rows must have all values that are given; give one.")
    given |= {"where": dict(conditions), "root": options.folder, "replace": options.replace}
    if options.symbol is not None:
        return [import_candles_file(name, options.exchange, options.symbol, source=options.source, **given)]
    if Path(name).is_dir() and options.source is not None:
        return import_candles_folder(name, options.exchange, source=options.source, **given)
    raise CandleError(
        f"{name}: --symbol is missing. Without it, all pairs of a folder are imported, whose --source must be given."
    )
