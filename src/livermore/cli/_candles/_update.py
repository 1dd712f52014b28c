"""``livermore candles update``: candles from exchanges."""

import argparse

from livermore.cli._parsing import Commands, add_base, add_command, add_folder
from livermore.console import print_text
from livermore.errors import ConfigError

__all__ = ["add_command_to"]


def add_command_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "update", _update, "Download what exchanges have beyond the stored candles.")
    parser.add_argument("exchange", nargs="?", help="only markets of this exchange, by Jesse's name or ccxt's")
    parser.add_argument("symbol", nargs="?", help="only this symbol, with a dash, such as BTC-USDT")
    parser.add_argument(
        "--start",
        metavar="DAY",
        help="download all of one market that is not stored from this day on, or minute ('2024-01-31 14:30'), UTC",
    )
    add_base(parser)
    add_folder(parser, argparse.SUPPRESS)


def _update(options: argparse.Namespace) -> int:
    from livermore.research import import_candles, update_candles

    if options.start is None:
        done = update_candles(options.exchange, options.symbol, base=options.base, root=options.folder)
        print_text("\n".join(map(str, done)))
        return 0
    if options.exchange is None or options.symbol is None:
        raise ConfigError("--start needs a market: livermore candles update EXCHANGE SYMBOL --start DAY")
    print_text(import_candles(options.exchange, options.symbol, options.start, base=options.base, root=options.folder))
    return 0
