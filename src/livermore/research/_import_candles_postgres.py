"""`import_candles_postgres`: the candles of Jesse's database into the project's store."""

from collections.abc import Sequence
from pathlib import Path

from livermore.candles import DatabaseImport, project_store
from livermore.errors import CandlesNotFoundError

__all__ = ["import_candles_postgres"]


def import_candles_postgres(
    url: str | None = None,
    exchange: str | None = None,
    symbol: str | None = None,
    *,
    replace: bool = False,
    show_progressbar: bool = True,
    root: Path | str | None = None,
) -> Sequence[DatabaseImport]:
    """Read one-minute candles from Jesse's PostgreSQL database and store them in the project.

    Parameters
    ----------
    url : str, optional
        ``postgres://USER:PASSWORD@HOST:PORT/NAME``. What it leaves out comes from Jesse's variables POSTGRES_HOST,
        POSTGRES_PORT, POSTGRES_NAME, POSTGRES_USERNAME and POSTGRES_PASSWORD; without an address all of it.
    exchange, symbol : str, optional
        Only markets of this exchange, or of this symbol, as the database names them. By default all.
    replace : bool
        Let candles replace stored ones of the same time with other values. Without it they are refused.
    show_progressbar : bool
        Show how far it is, in a terminal or a notebook.
    root : path-like, optional
        The project folder; the working directory by default.

    Returns
    -------
    sequence of DatabaseImport
        What was read and stored of each market; as text, some lines.

    Raises
    ------
    MissingExtraError
        If psycopg is not installed.
    ConfigError
        If the address cannot be read, or no database is named.
    DatabaseError
        If the database cannot be reached or fails.
    CandlesNotFoundError
        If it has no candles of what was asked for.
    CandleError
        If candles break a rule, or are stored with other values. Earlier months are then stored; the same import again
        changes nothing of them.

    Notes
    -----
    Jesse keeps prices and volumes in four bytes, which hold six to seven figures: 65432.1 comes back as it was, of
    65432.123 the last figures are lost. Where nothing was traded, Jesse has filled in flat candles without volume; they
    are kept and counted.

    Examples
    --------
    >>> print(*import_candles_postgres("postgres://jesse_user@localhost/jesse_db"))  # doctest: +SKIP
    Binance Spot BTC-USDT: 43,200 one-minute candles, 2024-01-01 00:00 UTC to 2024-01-30 23:59 UTC (43,200 of them new)
    """
    from livermore.candles import import_markets, open_database
    from livermore.progress import ProgressBar

    with (
        open_database(url) as database,
        ProgressBar("Import", "candles", enabled=show_progressbar) as progress,
    ):
        stored = database.markets()
        markets = [market for market in stored if exchange in (None, market[0]) and symbol in (None, market[1])]
        if not markets:
            names = "; ".join(map(" ".join, stored[:10]))
            raise CandlesNotFoundError(
                f"the database has no one-minute candles of {exchange or 'any exchange'} {symbol or 'any symbol'}. "
                f"{f'It has: {names}' if stored else 'It has none at all'}."
            )
        return list(import_markets(project_store(root), database, markets, progress, replace=replace))
