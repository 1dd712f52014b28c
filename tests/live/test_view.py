"""What another process sees of a session: position, orders, model, and why nothing is opened."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from livermore.engine import BacktestSpec
from livermore.errors import JournalError, LiveError
from livermore.live import (
    LiveSession,
    ManualClock,
    RowsFeed,
    StoredFeed,
    check_parity,
    live_samples,
    session_view,
)
from livermore.strategies import Strategy

MINUTE = 60_000


class Patient(Strategy):
    """Waits below the market from the third bar on, and never gets its price."""

    def should_long(self) -> bool:
        return self.index >= 2

    def go_long(self) -> None:
        self.buy = 1, self.price * 0.5


class Holder(Strategy):
    """Buys at once, with a stop and a target."""

    def should_long(self) -> bool:
        return True

    def go_long(self) -> None:
        self.buy = 1, self.price

    def on_open_position(self, order: Any) -> None:
        self.stop_loss = 1, self.price * 0.5
        self.take_profit = 1, self.price * 2


class Failing(Strategy):
    def should_long(self) -> bool:
        if self.index == 3:
            raise ValueError("no such thing")
        return False

    def go_long(self) -> None:
        raise AssertionError


class Above:
    version = "above"

    def predict_proba(self, features: dict[str, float]) -> dict[int, float]:
        return {0: 0.7, 1: 0.3}


class Predicting(Patient):
    def ml_features(self) -> dict[str, float]:
        return {"body": self.close / self.open - 1}

    def should_long(self) -> bool:
        return self.ml_predict_proba()[1] > 0.5


def start_of(spec: BacktestSpec) -> int:
    candles = next(iter((spec.candles or {}).values()))["candles"]
    return int(candles[0, 0])


def live(spec: BacktestSpec, folder: Path, **options: Any) -> LiveSession:
    candles = {entry["symbol"]: entry["candles"] for entry in (spec.candles or {}).values()}
    return LiveSession(spec, StoredFeed(candles), folder, start=start_of(spec), **options)


def why(spec: BacktestSpec, folder: Path, minute: int) -> list[str]:
    """Why each route opens nothing, ten seconds after a minute."""
    view = session_view(folder, now=start_of(spec) + minute * MINUTE + 10_000)
    return [route.why_no_trade for route in view.routes]


@pytest.fixture
def spec(minutes: Any, spec_of: Any) -> BacktestSpec:
    symbols = {"A-USDT": Patient, "B-USDT": Holder, "C-USDT": Failing}
    made: BacktestSpec = spec_of(symbols, {symbol: minutes(3, 20) for symbol in symbols})
    return made


def test_positions_orders_and_errors_are_those_of_the_session(spec: BacktestSpec, tmp_path: Path) -> None:
    with live(spec, tmp_path / "s") as session:
        session.run()
        view = session_view(tmp_path / "s")
        status = session.status()
        assert {r.symbol: r.position for r in view.routes} == status["positions"]
        assert (
            {r.symbol: len(r.orders) for r in view.routes}
            == status["orders"]
            == {
                "A-USDT": 1,
                "B-USDT": 2,
                "C-USDT": 0,
            }
        )
        assert view.routes[1].entry_price == session.session.runners[1].position.entry_price
    assert {order.type for order in view.routes[1].orders} == {"STOP", "LIMIT"}
    assert all(order.reduce_only for order in view.routes[1].orders)
    assert "ValueError: no such thing" in (view.routes[2].stopped or "")
    assert json.loads(json.dumps(view.as_dict()))["routes"][0]["orders"][0]["qty"] == 1


def test_why_no_trade_has_an_answer_at_any_time(spec: BacktestSpec, tmp_path: Path) -> None:
    """Complaint 6."""
    start = start_of(spec)
    with live(spec, tmp_path / "s") as session:
        assert why(spec, tmp_path / "s", 0) == ["there was no minute yet"] * 3
        session.run(until=start + 2 * MINUTE)
        asked = "asked at the end of its last bar, 2024-01-01 00:02 UTC, its strategy did not enter"
        assert why(spec, tmp_path / "s", 2) == [asked, "it has a position of 1", asked]
        session.run(until=start + 5 * MINUTE)
        first, _, third = why(spec, tmp_path / "s", 5)
        assert first.startswith("waiting: LIMIT 1 at ")
        assert third.startswith("its strategy has raised ValueError: no such thing")
        assert why(spec, tmp_path / "s", 9)[0] == "the last candle has been over for 250 s"
        session.kill_switch.set()
        assert why(spec, tmp_path / "s", 5)[0] == "kill switch: cancel"
        session.kill_switch.release()
    assert why(spec, tmp_path / "s", 5)[0] == "no process runs the session"


def test_late_candles_are_the_reason_until_the_next_bar(minutes: Any, spec_of: Any, tmp_path: Path) -> None:
    rows = minutes(3, 20)
    spec = spec_of({"A-USDT": Patient}, {"A-USDT": rows}, timeframe="5m")
    clock = ManualClock(int(rows[0, 0]))

    def fed(stop: int) -> Any:
        for number, row in enumerate(rows[:stop]):
            clock.sleep_until(int(row[0]) + (3 if number == 9 else 1) * MINUTE)
            yield {"A-USDT": row}

    folder = tmp_path / "s"
    with LiveSession(spec, RowsFeed(fed(10), clock=clock), folder, start=int(rows[0, 0])) as session:
        session.run()
        assert why(spec, folder, 10) == ["the candles of 2024-01-01 00:09 UTC came 120 s after their end"]
    with LiveSession(spec, RowsFeed(fed(12), clock=clock), folder) as session:
        session.run()
        (found,) = why(spec, folder, 12)
    assert found == "it was not asked at the end of its last bar, 2024-01-01 00:10 UTC: nothing could be opened then"
    view = session_view(folder)
    assert view.entries == "allowed"
    assert view.routes[0].next_bar_at == int(rows[0, 0]) + 15 * MINUTE


def test_the_model_in_force_and_its_last_prediction_are_shown(minutes: Any, spec_of: Any, tmp_path: Path) -> None:
    spec = spec_of({"A-USDT": Predicting}, {"A-USDT": minutes(3, 20)}).with_(ml_mode="deploy", model=Above())
    with live(spec, tmp_path / "s") as session:
        session.run()
        assert why(spec, tmp_path / "s", 20)[0].endswith(
            "its model said P(0) = 0.7, P(1) = 0.3 at 2024-01-01 00:20 UTC"
        )
    view = session_view(tmp_path / "s")
    assert [(model.route, model.version, model.alarms) for model in view.models] == [("A-USDT", "above", ())]
    prediction = view.routes[0].prediction
    assert prediction is not None
    assert prediction.result == {"0": 0.7, "1": 0.3}
    assert list(prediction.features) == ["body"]


def test_looking_does_not_keep_a_session_from_starting(spec: BacktestSpec, tmp_path: Path) -> None:
    with live(spec, tmp_path / "s") as session:
        session.run()
    for _ in range(20):
        assert not session_view(tmp_path / "s").is_running
        with live(spec, tmp_path / "s"):
            assert session_view(tmp_path / "s").is_running


def test_looking_writes_nothing(spec: BacktestSpec, tmp_path: Path) -> None:
    empty = tmp_path / "s" / "journal.sqlite"
    empty.parent.mkdir()
    empty.touch()
    with pytest.raises(LiveError, match="ended before it had begun"):
        session_view(tmp_path / "s")
    assert empty.read_bytes() == b""


def test_many_may_look_at_once(spec: BacktestSpec, tmp_path: Path) -> None:
    with live(spec, tmp_path / "s") as session:
        session.run(until=start_of(spec) + 60 * MINUTE)
    with ThreadPoolExecutor(4) as pool:
        views = list(pool.map(session_view, [tmp_path / "s"] * 40))
    assert not any(view.is_running for view in views)


def test_a_journal_of_before_a_table_was_added_is_read_as_it_is(spec: BacktestSpec, tmp_path: Path) -> None:
    with live(spec, tmp_path / "s") as session:
        session.run(until=start_of(spec) + 60 * MINUTE)
    path = tmp_path / "s" / "journal.sqlite"
    with closing(sqlite3.connect(path)) as journal:
        journal.execute("DROP TABLE model_events")
        before = journal.execute("PRAGMA schema_version").fetchone()
    assert session_view(tmp_path / "s").models == ()
    with closing(sqlite3.connect(path)) as journal:
        assert journal.execute("PRAGMA schema_version").fetchone() == before


def test_a_version_that_is_no_number_is_a_damaged_journal(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as journal:
        journal.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        journal.execute("INSERT INTO meta VALUES ('version', 'two')")
        journal.commit()
    with pytest.raises(JournalError, match="is damaged: its version is 'two'"):
        session_view(tmp_path)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE meta SET value = 'x' WHERE key = 'start'",
        "UPDATE meta SET value = '7' WHERE key = 'config'",
        "DELETE FROM meta WHERE key = 'routes'",
        "UPDATE events SET data = '{'",
        "UPDATE events SET data = '[]'",
        "UPDATE minutes SET rows = x'00'",
    ],
)
def test_a_journal_that_was_edited_is_damaged_for_whoever_reads_it(
    edit: str, spec: BacktestSpec, tmp_path: Path
) -> None:
    with live(spec, tmp_path / "s") as session:
        session.run(until=start_of(spec) + 10 * MINUTE)
    with closing(sqlite3.connect(tmp_path / "s" / "journal.sqlite", isolation_level=None)) as journal:
        for (name,) in journal.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            journal.execute(f"DROP TRIGGER {name}")
        journal.execute(edit)
    with pytest.raises(JournalError, match="damaged"):
        check_parity(tmp_path / "s", spec)
    with pytest.raises(JournalError, match="damaged"), live(spec, tmp_path / "s"):
        pass


def test_an_empty_journal_is_one_of_a_session_that_never_began(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").touch()
    for read in (check_parity, live_samples, session_view):
        with pytest.raises(LiveError, match="ended before it had begun"):
            read(tmp_path)


def test_there_is_nothing_to_see_of_a_session_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LiveError, match="there is no session"):
        session_view(tmp_path)
