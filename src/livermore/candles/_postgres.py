"""Candles of Jesse's PostgreSQL database (the extra ``postgres``), streamed into the store month by month."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.candles._check import each_once, utc_text
from livermore.candles._columns import COLUMN_NAMES, TIMESTAMP
from livermore.candles._month_file import by_month
from livermore.candles._quality import Quality, gaps_text
from livermore.candles._store import CandleStore, check_symbol
from livermore.errors import CandleError, CandlesNotFoundError, ConfigError, DatabaseError, MissingExtraError
from livermore.typing import Rows

if TYPE_CHECKING:
    import psycopg

__all__ = ["DatabaseImport", "JesseDatabase", "import_markets", "is_postgres", "open_database"]

_SCHEMES = ("postgres://", "postgresql://")
# What Jesse's own settings are called in the environment, and in libpq.
_VARIABLES = {
    "host": "POSTGRES_HOST",
    "port": "POSTGRES_PORT",
    "dbname": "POSTGRES_NAME",
    "user": "POSTGRES_USERNAME",
    "password": "POSTGRES_PASSWORD",
}
_TABLE = "candle"
_MARKET = ("exchange", "symbol")
_ROWS_A_FETCH = 50_000
#: Called with the number of candles that have been read, and that of all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DatabaseImport:
    """What an import of one market from a database found and stored; as text, some lines.

    Attributes
    ----------
    exchange, symbol : str
        Which market.
    new_rows : int
        How many candles were not stored before, or were stored with other values.
    quality : Quality
        Counts of all candles that were read.
    single_precision : Sequence of str
        The columns that the database holds in four bytes, of which about seven figures are right.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.array([[0, 10, 11, 12, 9, 5], [60_000, 11, 12, 12, 11, 3]], dtype=float)
    >>> print(DatabaseImport("Binance Spot", "BTC-USDT", 2, Quality.of(rows), ["close"]))
    Binance Spot BTC-USDT: 2 one-minute candles, 1970-01-01 00:00 UTC to 1970-01-01 00:01 UTC (2 of them new)
      close: stored there in 4 bytes (float4), of which 6 to 7 figures are right; the shortest decimal of each was taken
    """

    exchange: str
    symbol: str
    new_rows: int
    quality: Quality
    single_precision: Sequence[str]

    def __str__(self) -> str:
        """Return the summary, with what Jesse's database has changed."""
        found = self.quality
        lines = [
            f"{self.exchange} {self.symbol}: {found.rows:,} one-minute candles, {utc_text(found.first)} to "
            f"{utc_text(found.last)} ({self.new_rows:,} of them new)"
        ]
        if self.single_precision:
            lines.append(
                f"  {', '.join(self.single_precision)}: stored there in 4 bytes (float4), of which 6 to 7 figures are "
                "right; the shortest decimal of each was taken"
            )
        if found.filled:
            lines.append(
                f"  {found.filled:,} candles are flat, without volume and at the close before them: Jesse fills them "
                "in where nothing was traded, or where a minute is missing"
            )
        if found.gaps:
            lines.append(f"  {gaps_text(found.gaps, found.missing_minutes, found.longest_gap_minutes)}")
        return "\n".join(lines)


def is_postgres(text: str) -> bool:
    """Return whether a text is the address of a PostgreSQL database.

    Examples
    --------
    >>> is_postgres("postgres://me@localhost/jesse_db"), is_postgres("candles.csv")
    (True, False)
    """
    return text.lower().startswith(_SCHEMES)


class JesseDatabase:
    """Jesse's table of candles in an open connection.

    Parameters
    ----------
    connection : psycopg.Connection
        To the database.

    Raises
    ------
    CandlesNotFoundError
        If the database has no table `candle` with the columns of candles.
    """

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        self._types = self._column_types()
        missing = [name for name in (*COLUMN_NAMES, *_MARKET) if name not in self._types]
        if missing:
            raise CandlesNotFoundError(
                f"the database {connection.info.dbname!r} at {connection.info.host!r} has no table {_TABLE!r} with the "
                f"columns {', '.join(missing)}: it is not Jesse's, or Jesse has not made its tables yet."
            )

    @property
    def single_precision(self) -> Sequence[str]:
        """The columns of prices and volumes that are held in four bytes."""
        return [name for name in COLUMN_NAMES if self._types[name] == "real"]

    def markets(self) -> Sequence[tuple[str, str]]:
        """Return the markets that have one-minute candles, as sorted (exchange, symbol) pairs.

        Raises
        ------
        CandleError
            If candles have no exchange or no symbol.
        """
        found = self._connection.execute(
            f"SELECT DISTINCT exchange, symbol FROM {_TABLE} WHERE {self._is_minute} ORDER BY exchange, symbol"
        )
        markets = found.fetchall()
        if any(name is None for market in markets for name in market):
            raise CandleError(f"the table {_TABLE!r} has candles without an exchange or a symbol. Delete them there.")
        return [(str(exchange), str(symbol)) for exchange, symbol in markets]

    def count(self, exchange: str, symbol: str) -> int:
        """Return how many one-minute candles a market has."""
        found = self._connection.execute(
            f"SELECT count(*) FROM {_TABLE} WHERE exchange = %s AND symbol = %s AND {self._is_minute}",
            (exchange, symbol),
        ).fetchone()
        return 0 if found is None else int(found[0])

    def months(self, exchange: str, symbol: str) -> Iterator[Rows]:
        """Yield the one-minute candles of a market, a month at a time, in the order of time.

        Raises
        ------
        CandleError
            If two candles of one time differ.
        """
        rest = np.empty((0, 6))
        for rows in self._stream(exchange, symbol):
            *complete, (_, rest) = by_month(np.concatenate([rest, rows]))
            for _, month in complete:
                yield _once(month, f"{exchange}-{symbol}")
        if len(rest):
            yield _once(rest, f"{exchange}-{symbol}")

    @property
    def _is_minute(self) -> str:
        """The condition of rows of one minute; old rows have no timeframe, and old tables no column for it."""
        return "(timeframe = '1m' OR timeframe IS NULL)" if "timeframe" in self._types else "TRUE"

    def _stream(self, exchange: str, symbol: str) -> Iterator[Rows]:
        """Yield candles in the order of time, some thousand at a time: the server holds the rest."""
        columns = ", ".join(self._exactly(name) for name in COLUMN_NAMES)
        query = (
            f"SELECT {columns} FROM {_TABLE} WHERE exchange = %s AND symbol = %s AND {self._is_minute} "
            "ORDER BY timestamp"
        )
        with self._connection.cursor(name="livermore_candles", binary=True) as cursor:
            cursor.execute(query, (exchange, symbol))
            while rows := cursor.fetchmany(_ROWS_A_FETCH):
                block = np.array(rows, dtype=np.float64)
                if np.isnan(block[:, TIMESTAMP]).any():
                    raise CandleError(f"{exchange}-{symbol}: there are candles without a time. Delete them there.")
                yield block

    def _exactly(self, name: str) -> str:
        """Return the expression of a column as a number of eight bytes.

        Of a number of four bytes the text is the shortest decimal that gives the same four bytes (PostgreSQL, "8.1.3
        Floating-Point Types"): what was stored, if that had six figures, and nearly always if it had seven.
        """
        return f"{name}::text::float8" if self._types[name] == "real" else f"{name}::float8"

    def _column_types(self) -> Mapping[str, str]:
        found = self._connection.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
            (_TABLE,),
        )
        return {str(name): str(kind) for name, kind in found}


@contextmanager
def open_database(url: str | None, environment: Mapping[str, str] | None = None) -> Iterator[JesseDatabase]:
    """Open Jesse's database for reading.

    Parameters
    ----------
    url : str, optional
        ``postgres://USER:PASSWORD@HOST:PORT/NAME``. What it leaves out, all of it for ``postgres://`` and None, comes
        from Jesse's variables POSTGRES_HOST, POSTGRES_PORT, POSTGRES_NAME, POSTGRES_USERNAME, POSTGRES_PASSWORD.
    environment : mapping of str to str, optional
        The variables; by default those of the process.

    Raises
    ------
    MissingExtraError
        If psycopg is not installed.
    ConfigError
        If the address cannot be read, or names no database.
    DatabaseError
        If the database cannot be reached, refuses, or fails while it is read.
    CandlesNotFoundError
        If it has no table of candles.
    """
    try:
        import psycopg
    except ImportError as error:
        raise MissingExtraError.of("psycopg", extra="postgres") from error
    settings = _settings(url or _SCHEMES[0], os.environ if environment is None else environment)
    where = f"the database {settings['dbname']!r} at {settings.get('host', 'this machine')!r}"
    try:
        with psycopg.connect(**settings) as connection:
            connection.read_only = True
            # Servers before 12 print six figures of a number of four bytes unless they are asked for seven.
            connection.execute("SET extra_float_digits = 1")
            yield JesseDatabase(connection)
    except psycopg.Error as error:
        # The message of libpq names host, user and database, and no password.
        raise DatabaseError(f"{where}: {' '.join(str(error).split())}") from error


def import_markets(
    store: CandleStore,
    database: JesseDatabase,
    markets: Sequence[tuple[str, str]],
    progress: Progress,
    *,
    replace: bool = False,
) -> Iterator[DatabaseImport]:
    """Store markets of a database, one after the other, and yield what was found of each."""
    for _, symbol in markets:
        check_symbol(symbol)
    total, done = sum(database.count(*market) for market in markets), 0
    for exchange, symbol in markets:
        quality: Quality | None = None
        last: Rows | None = None
        new_rows = 0
        for rows in database.months(exchange, symbol):
            new_rows += store.write_sparse(rows, exchange, symbol, replace=replace)
            month = Quality.of(rows, last)
            quality = month if quality is None else quality + month
            last = rows[-1]
            done += len(rows)
            progress(done, total)
        if quality is not None:
            yield DatabaseImport(exchange, symbol, new_rows, quality, database.single_precision)


def _settings(url: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of a connection, from its address and from Jesse's variables."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    if not is_postgres(url):
        raise ConfigError("the address of a database begins with postgres:// or postgresql://.")
    try:
        # With a second @, a part of the password would be taken for the host, and shown.
        given = {} if url in _SCHEMES else dict(conninfo_to_dict(url)) if url.count("@") <= 1 else None
    except (psycopg.ProgrammingError, UnicodeError):
        given = None
    if given is None:
        # The message of libpq is not shown: it repeats the address, and with it the password.
        raise ConfigError(
            "the address of the database cannot be read. It is postgres://USER:PASSWORD@HOST:PORT/NAME, and signs "
            "such as @, : and / in a password are written as %40, %3A and %2F."
        )
    jesse = {name: environment[variable] for name, variable in _VARIABLES.items() if environment.get(variable)}
    settings = jesse | given
    if "dbname" not in settings:
        raise ConfigError(
            "no database is named: give postgres://USER:PASSWORD@HOST:PORT/NAME, or set "
            f"{', '.join(_VARIABLES.values())}."
        )
    return settings


def _once(rows: Rows, name: str) -> Rows:
    """Return candles with each time once; the same candle may be there with and without its timeframe."""

    def conflict(time: str, values: str) -> CandleError:
        return CandleError(
            f"{name}: the database has two candles of {time} that differ {values}. Delete the wrong one there."
        )

    return each_once(rows, conflict)
