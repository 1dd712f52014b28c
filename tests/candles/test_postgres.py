"""Candles of Jesse's database, from a real PostgreSQL server that the tests start."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

pytest.importorskip("psycopg", reason="needs psycopg: pip install 'livermore[postgres]'")

import psycopg
from tests.candles.postgres_server import PASSWORD, PROGRAMS, USER, running_server

from livermore.candles import CandleStore, open_database, project_store, synthetic_candles
from livermore.cli import main
from livermore.errors import CandleError, CandlesNotFoundError, ConfigError, DatabaseError
from livermore.research import import_candles_postgres
from livermore.typing import Rows

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(PROGRAMS is None, reason="needs a PostgreSQL server: apt-get install postgresql"),
]

# As Jesse 3.5 makes it.
TABLE = """
CREATE TABLE candle (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), timestamp bigint NOT NULL, open real NOT NULL, close real NOT NULL,
    high real NOT NULL, low real NOT NULL, volume real NOT NULL, exchange varchar NOT NULL, symbol varchar NOT NULL,
    timeframe varchar);
CREATE UNIQUE INDEX ON candle (exchange, symbol, timeframe, timestamp);
"""
# Sixty thousand minutes from 2021-01-01 on: more than one fetch, and parts of two months.
CANDLES = np.round(synthetic_candles(60_000, seed=5), 1)


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with running_server() as folder:
        connection = psycopg.connect(host=str(folder), user=USER, password=PASSWORD, dbname="postgres", autocommit=True)
        with connection:
            connection.execute("CREATE DATABASE jesse_db")
        connection.close()
        yield folder


class Database:
    """Jesse's database on the server, empty at first."""

    def __init__(self, folder: Path) -> None:
        self.url = f"postgres://{USER}:{quote(PASSWORD, safe='')}@/jesse_db?host={quote(str(folder), safe='')}"
        self.environment = {
            "POSTGRES_HOST": str(folder),
            "POSTGRES_PORT": "5432",
            "POSTGRES_NAME": "jesse_db",
            "POSTGRES_USERNAME": USER,
            "POSTGRES_PASSWORD": PASSWORD,
        }
        self.run("DROP TABLE IF EXISTS candle", TABLE)

    def run(self, *commands: str) -> None:
        with psycopg.connect(self.url) as connection:
            for command in commands:
                connection.execute(command)

    def add(self, rows: Rows, symbol: str = "BTC-USDT", timeframe: str | None = "1m", exchange: str = "Bybit") -> None:
        columns = "(timestamp, open, close, high, low, volume, exchange, symbol, timeframe)"
        with (
            psycopg.connect(self.url) as connection,
            connection.cursor() as cursor,
            cursor.copy(f"COPY candle {columns} FROM STDIN") as copy,
        ):
            for row in rows.tolist():
                copy.write_row((int(row[0]), *row[1:], exchange, symbol, timeframe))


@pytest.fixture
def database(server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.chdir(tmp_path)
    return Database(server)


@pytest.fixture
def store(database: Database) -> CandleStore:
    return project_store()


def test_all_markets_come_with_the_digits_that_were_stored(database: Database, store: CandleStore) -> None:
    database.add(CANDLES)
    database.add(CANDLES[:100], "ETH-USDT", exchange="Binance Spot")
    found = import_candles_postgres(database.url)
    assert [(one.exchange, one.symbol, one.new_rows) for one in found] == [
        ("Binance Spot", "ETH-USDT", 100),
        ("Bybit", "BTC-USDT", 60_000),
    ]
    assert np.array_equal(store.read("Bybit", "BTC-USDT"), CANDLES)
    text = str(found[1])
    assert "60,000 one-minute candles, 2021-01-01 00:00 UTC to 2021-02-11 15:59 UTC (60,000 of them new)" in text
    assert "open, close, high, low, volume: stored there in 4 bytes (float4)" in text
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("*.parquet")}
    assert [one.new_rows for one in import_candles_postgres(database.url)] == [0, 0]
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("*.parquet")} == before


def test_one_market_and_the_variables_of_jesse(
    database: Database, store: CandleStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.add(CANDLES[:10])
    database.add(CANDLES[:10], "ETH-USDT")
    for name, value in database.environment.items():
        monkeypatch.setenv(name, value)
    assert len(import_candles_postgres(symbol="ETH-USDT")) == 1
    assert store.symbols() == [("Bybit", "ETH-USDT")]
    with pytest.raises(CandlesNotFoundError, match=r"of Bybit XRP-USDT\. It has: Bybit BTC-USDT; Bybit ETH-USDT"):
        import_candles_postgres("postgres://", "Bybit", "XRP-USDT")


@pytest.mark.parametrize("price", [65432.1, 0.00012345, 1.23457, 123456.0, 98765.43, 0.1, 3e-9])
def test_six_figures_come_back_as_they_were(price: float, database: Database, store: CandleStore) -> None:
    rows = np.array([[1_704_067_200_000, price, price, price, price, 0.3]])
    database.add(rows)
    import_candles_postgres(database.url)
    assert np.array_equal(store.read("Bybit", "BTC-USDT"), rows)


def test_columns_of_eight_bytes_keep_all_their_digits(database: Database, store: CandleStore) -> None:
    for column in ("open", "close", "high", "low", "volume"):
        database.run(f"ALTER TABLE candle ALTER COLUMN {column} TYPE double precision")
    rows = CANDLES[:500] + np.array([0, *[1 / 3] * 5])
    database.add(rows)
    (found,) = import_candles_postgres(database.url)
    assert np.array_equal(store.read("Bybit", "BTC-USDT"), rows)
    assert "4 bytes" not in str(found)


def test_minutes_alone_are_read_with_and_without_the_name_of_the_timeframe(
    database: Database, store: CandleStore
) -> None:
    database.add(CANDLES[:300], timeframe=None)
    database.add(CANDLES[200:600], timeframe="1m")  # a hundred of them are there twice
    database.add(CANDLES[:600:5] + np.array([0, 0, 0, 5, 0, 0]), timeframe="5m")
    database.add(CANDLES[:600:60], "XRP-USDT", timeframe="1h")
    (found,) = import_candles_postgres(database.url)
    assert found.new_rows == 600
    assert np.array_equal(store.read("Bybit", "BTC-USDT"), CANDLES[:600])
    database.run("DROP TABLE candle", TABLE, "ALTER TABLE candle DROP COLUMN timeframe")
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "INSERT INTO candle (timestamp, open, close, high, low, volume, exchange, symbol) "
            "VALUES (60000, 1, 1, 1, 1, 1, 'Old', 'A-B')"
        )
    import_candles_postgres(database.url)
    assert len(store.read("Old", "A-B")) == 1


def test_two_candles_of_one_time_that_differ_are_an_error(database: Database, store: CandleStore) -> None:
    database.add(CANDLES[:10])
    database.add(CANDLES[5:6] + np.array([0, 0, 0, 0, 0, 9]), timeframe=None)
    with pytest.raises(CandleError, match="two candles of 2021-01-01 00:05 UTC that differ"):
        import_candles_postgres(database.url)
    assert store.symbols() == []


def test_flat_minutes_that_jesse_filled_in_are_counted_and_gaps_are_told(database: Database) -> None:
    rows = CANDLES[:200].copy()
    rows[50:60, 1:5] = rows[49, 2]
    rows[50:60, 5] = 0
    database.add(np.delete(rows, range(100, 110), axis=0))
    (found,) = import_candles_postgres(database.url)
    assert "10 candles are flat, without volume" in str(found)
    assert "10 minutes are missing in 1 gaps" in str(found)


def test_stored_candles_change_only_when_told(database: Database, store: CandleStore) -> None:
    database.add(CANDLES[:10])
    other = CANDLES[:10].copy()
    other[3, 5] += 1
    store.write(other, "Bybit", "BTC-USDT")
    with pytest.raises(CandleError, match=r"2021-01-01 00:03 UTC: volume .* is stored, .* was given"):
        import_candles_postgres(database.url)
    assert np.array_equal(store.read("Bybit", "BTC-USDT"), other)
    assert import_candles_postgres(database.url, replace=True)[0].new_rows == 1
    assert np.array_equal(store.read("Bybit", "BTC-USDT"), CANDLES[:10])


def test_the_command_imports_all_or_one_market_and_refuses_options_of_files(
    database: Database, store: CandleStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database.add(CANDLES[:10])
    database.add(CANDLES[:20], "ETH-USDT")
    assert main(["candles", "import", database.url, "--symbol", "ETH-USDT"]) == 0
    assert capsys.readouterr().out.startswith("Bybit ETH-USDT: 20 one-minute candles")
    for name, value in database.environment.items():
        monkeypatch.setenv(name, value)
    assert main(["candles", "import", "postgres://"]) == 0
    assert "Bybit BTC-USDT: 10 one-minute candles" in capsys.readouterr().out
    assert store.symbols() == [("Bybit", "BTC-USDT"), ("Bybit", "ETH-USDT")]
    assert main(["candles", "import", "postgres://", "--time-unit", "s"]) == 1
    assert "--time-unit is for files" in capsys.readouterr().err


def test_broken_candles_are_refused(database: Database, store: CandleStore) -> None:
    database.add(CANDLES[:10] * np.array([1, 1, 1, -1, 1, 1]))
    with pytest.raises(CandleError, match="Bybit-BTC-USDT: row 0 "):
        import_candles_postgres(database.url)
    assert store.symbols() == []


def test_what_cannot_be_opened_is_an_error_without_the_password(
    database: Database, server: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = []
    for url, kind, message in [
        (database.url.replace("secret", "wrong"), DatabaseError, "password authentication failed"),
        (database.url.replace("jesse_db", "other_db"), DatabaseError, 'database "other_db" does not exist'),
        (f"postgres://{USER}:{PASSWORD}@localhost/jesse_db", ConfigError, "cannot be read"),
        (f"postgres://{USER}:hidden@[::1/jesse_db", ConfigError, "cannot be read"),
        ("postgres://me@/", ConfigError, "no database is named"),
        ("jesse_db", ConfigError, "begins with postgres://"),
        (f"postgres://{USER}:hidden@localhost:1/jesse_db", DatabaseError, "'jesse_db' at 'localhost'"),
    ]:
        with pytest.raises(kind, match=message) as caught:
            import_candles_postgres(url)
        messages.append(str(caught.value))
    assert not any(word in message for message in messages for word in ("w:rd", "w%3Ard", "hidden"))
    database.run("DROP TABLE candle")
    with pytest.raises(CandlesNotFoundError, match="has no table 'candle'"):
        import_candles_postgres(database.url)


def test_a_connection_that_is_cut_leaves_whole_months(database: Database, store: CandleStore) -> None:
    database.add(CANDLES)
    with open_database(database.url) as opened:
        months = opened.months("Bybit", "BTC-USDT")
        store.write(next(months), "Bybit", "BTC-USDT")
        assert len(store.read("Bybit", "BTC-USDT")) == 31 * 1440

    def cut() -> Any:
        with open_database(database.url) as opened:
            database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            return list(opened.months("Bybit", "BTC-USDT"))

    with pytest.raises(DatabaseError, match="the database 'jesse_db' at"):
        cut()
    import_candles_postgres(database.url)
    assert np.array_equal(store.read("Bybit", "BTC-USDT"), CANDLES)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("ALTER TABLE candle ALTER timestamp DROP NOT NULL; UPDATE candle SET timestamp = NULL", "without a time"),
        ("ALTER TABLE candle ALTER exchange DROP NOT NULL; UPDATE candle SET exchange = NULL", "without an exchange"),
        ("UPDATE candle SET symbol = 'BTCUSDT'", "'BTCUSDT' needs a dash"),
    ],
)
def test_rows_that_belong_to_no_market_or_time_are_refused(
    command: str, message: str, database: Database, store: CandleStore
) -> None:
    """Candles without an exchange were left out without a word."""
    database.add(CANDLES[:3])
    database.run(*command.split(";"))
    with pytest.raises(CandleError, match=message):
        import_candles_postgres(database.url)
    assert not store.symbols()
