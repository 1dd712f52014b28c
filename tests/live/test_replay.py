"""A restart runs the journal in blocks of minutes: it must end where the session was, however the blocks fall."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livermore.candles import CandleStore
from livermore.engine import BacktestSpec
from livermore.errors import JournalError
from livermore.live import LiveSession, ManualClock, RowsFeed, StoredFeed
from livermore.live import _journal as journal_module
from livermore.live import _journal_blocks as journal_blocks
from livermore.live._journal import Journal, open_journal

MINUTE = 60_000


@pytest.fixture
def spec(minutes: Any, spec_of: Any, restless: Any) -> BacktestSpec:
    rows = {"BTC-USDT": minutes(1, 900), "ETH-USDT": minutes(2, 900), "SOL-USDT": minutes(3, 900)}
    # Minutes are missing of one symbol, of another, and of all.
    rows["ETH-USDT"] = np.delete(rows["ETH-USDT"], [14, 15, 100, *range(300, 330)], axis=0)
    first, stop = rows["BTC-USDT"][[500, 520], 0]
    rows = {s: table[(table[:, 0] < first) | (table[:, 0] >= stop)] for s, table in rows.items()}
    made: BacktestSpec = spec_of({"BTC-USDT": restless.Restless, "ETH-USDT": restless.Restless}, rows, "5m")
    return made


def candles_of(spec: BacktestSpec) -> dict[str, np.ndarray]:
    return {entry["symbol"]: entry["candles"] for entry in (spec.candles or {}).values()}


def start_of(spec: BacktestSpec) -> int:
    return int(candles_of(spec)["BTC-USDT"][0, 0])


def state_of(session: LiveSession) -> Any:
    """All that must be as it was."""
    engine = session.session
    return (
        dict(session.status()) | {"process": None},
        [(r.strategy.seen, r.strategy.index, r.strategy.draws) for r in engine.runners],
        [[(o.type, o.qty, o.price, o.created_at) for o in r.book.waiting()] for r in engine.runners],
        engine.data_points,
        engine.balances,
        engine.account.balance,
    )


@pytest.mark.parametrize("longest", [1, 7, 64, 1440])
def test_a_restart_is_where_the_session_was(
    longest: int, spec: BacktestSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_blocks, "LONGEST", longest)
    monkeypatch.setattr(journal_blocks, "AT_ONCE", 50)
    # Late minutes and commands split blocks.
    clock = ManualClock(start_of(spec))
    times = np.unique(np.concatenate([rows[:, 0] for rows in candles_of(spec).values()]))

    def fed() -> Any:
        for number, time in enumerate(times):
            clock.sleep_until(int(time) + (5 if number == 200 else 1) * MINUTE)
            if number in (250, 400):
                session.kill_switch.set("cancel" if number == 250 else "flatten")
            if number in (260, 405):
                session.kill_switch.release()
            yield {
                symbol: rows[rows[:, 0] == time][0] for symbol, rows in candles_of(spec).items() if time in rows[:, 0]
            }

    with LiveSession(spec, RowsFeed(fed(), clock=clock), tmp_path / "s", start=start_of(spec)) as session:
        session.run()
        before = state_of(session)
    with LiveSession(spec, RowsFeed([], clock=clock), tmp_path / "s") as again:
        assert state_of(again) == before
    assert before[0]["trades"] > 20


def test_minutes_are_read_as_they_were_written(spec: BacktestSpec, tmp_path: Path) -> None:
    with LiveSession(spec, StoredFeed(candles_of(spec)), tmp_path / "s", start=start_of(spec)) as session:
        session.run()
    with open_journal(tmp_path / "s") as journal:
        read = list(journal.minutes())
        found = {s: np.array([m.minute.rows[s] for m in read if s in m.minute.rows]) for s in candles_of(spec)}
        last = journal.last_candles("ETH-USDT", 5)
    for symbol, rows in candles_of(spec).items():
        np.testing.assert_array_equal(found[symbol], rows)
    np.testing.assert_array_equal(last, candles_of(spec)["ETH-USDT"][-5:])


def test_what_is_written_while_a_journal_is_read_does_not_change_what_is_read(
    spec: BacktestSpec, tmp_path: Path
) -> None:
    with LiveSession(spec, StoredFeed(candles_of(spec)), tmp_path / "s", start=start_of(spec)) as session:
        session.run(until=start_of(spec) + 100 * MINUTE)
        blocks = session.journal.blocks()
        first = next(blocks)
        session.run()
        assert len(first.times) + sum(len(block.times) for block in blocks) == 100
        assert sum(len(block.times) for block in session.journal.blocks()) == 880


def test_a_journal_of_another_version_is_refused_as_it_is(tmp_path: Path) -> None:
    for version, words in [(1, "an earlier version"), (3, "a later version")]:
        path = tmp_path / f"{version}.sqlite"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
            connection.execute("INSERT INTO meta VALUES ('version', ?)", (str(version),))
        connection.close()
        with pytest.raises(JournalError, match=rf"{words}.*\(journal {version}, not 2\); go on with that one"):
            Journal(path)
        with sqlite3.connect(path) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        connection.close()
        assert tables == [("meta",)]


def test_a_restart_stores_the_candles_that_were_not_stored(spec: BacktestSpec, tmp_path: Path) -> None:
    candles, folder = candles_of(spec), tmp_path / "s"
    until = start_of(spec) + 200 * MINUTE
    with LiveSession(spec, StoredFeed(candles), folder, start=start_of(spec)) as session:
        session.run(until=until)
    store = CandleStore(tmp_path / "store")
    store.write(candles["BTC-USDT"][:150], "Sandbox", "BTC-USDT")
    with LiveSession(spec, StoredFeed(candles), folder, store=store):
        pass
    for symbol, rows in candles.items():
        np.testing.assert_array_equal(store.read("Sandbox", symbol), rows[rows[:, 0] < until])


def test_a_session_that_waits_moves_its_log_to_the_file(
    spec: BacktestSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "REST_AFTER", 100)
    with LiveSession(spec, StoredFeed(candles_of(spec)), tmp_path / "s", start=start_of(spec)) as session:
        session.run()
        copy = tmp_path / "copy.sqlite"
        # Without the log, a copy has what was moved.
        copy.write_bytes(session.journal.path.read_bytes())
    with sqlite3.connect(copy) as connection:
        (events,) = connection.execute("SELECT count(*) FROM events").fetchone()
    connection.close()
    assert events > 500
