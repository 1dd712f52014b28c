"""A session's journal against a replay and a backtest: equal, or the first difference is named."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livermore.candles import MINUTE_MS, CandleStore, synthetic_candles
from livermore.engine import BacktestSpec
from livermore.errors import CandlesNotFoundError, LiveError
from livermore.live import LiveSession, ManualClock, StoredFeed, check_parity, warm_up_candles
from livermore.strategies import Strategy
from livermore.testing import example_backtest
from livermore.trading.clock import session_clock


def run_session(spec: BacktestSpec, folder: Path, clock: ManualClock | None = None) -> None:
    candles = {entry["symbol"]: entry["candles"] for entry in (spec.candles or {}).values()}
    start = int(next(iter(candles.values()))[0, 0])
    with LiveSession(spec, StoredFeed(candles, clock=clock), folder, start=start) as session:
        session.run()


@pytest.fixture
def spec(minutes: Any, spec_of: Any, restless: Any) -> BacktestSpec:
    rows = {"BTC-USDT": minutes(1, 900), "ETH-USDT": minutes(2, 900)}
    made: BacktestSpec = spec_of(
        {"BTC-USDT": restless.Restless, "ETH-USDT": restless.Restless}, rows, "5m", warm_up=100
    )
    return made


def raised(rows: bytes) -> bytes:
    """The candles of a minute with other closes and highs."""
    table = np.frombuffer(rows).reshape(-1, 5) * [1, 1.001, 1.01, 1, 1]
    return table.tobytes()


def change_journal(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "journal.sqlite") as connection:
        for change in ("update", "delete"):
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                if name.startswith(f"no_{change}"):
                    connection.execute(f"DROP TRIGGER {name}")
        connection.create_function("raised", 1, raised)
        connection.execute(statement)
    connection.close()


def test_a_paper_session_is_equal_to_replay_and_backtest(tmp_path: Path, spec: BacktestSpec) -> None:
    run_session(spec, tmp_path / "s")
    parity = check_parity(tmp_path / "s", spec)
    assert parity.is_equal
    assert parity.trades > 50
    assert "replay and backtest: equal to the bit" in str(parity)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE events SET data = replace(data, '\"fee\": 0', '\"fee\": 1') WHERE kind = 'order_filled'",
            "order filled: fee is",
        ),
        ("DELETE FROM events WHERE kind = 'order_canceled'", "order canceled"),
        (
            "UPDATE minutes SET rows = raised(rows)",
            "the journal",
        ),
    ],
)
def test_a_difference_is_named(statement: str, words: str, tmp_path: Path, spec: BacktestSpec) -> None:
    run_session(spec, tmp_path / "s")
    change_journal(tmp_path / "s", statement)
    parity = check_parity(tmp_path / "s", spec)
    assert not parity.is_equal
    assert words in parity.differences[0]
    assert "DIFFERENT" in str(parity)


def test_a_backtest_that_differs_from_the_replay_is_found(tmp_path: Path, minutes: Any, spec_of: Any) -> None:
    class Peeking(Strategy):
        """Looks at what only a backtest has: how many minutes there will be."""

        def should_long(self) -> bool:
            clock = session_clock.get()
            return self.index == 3 and clock is not None and isinstance(clock.ends, range)

        def go_long(self) -> None:
            self.buy = 1, self.price

    spec = spec_of({"BTC-USDT": Peeking}, {"BTC-USDT": minutes(1, 50)})
    run_session(spec, tmp_path / "s")
    differences = check_parity(tmp_path / "s", spec).differences
    assert any("only in the backtest: BTC-USDT order submitted" in difference for difference in differences)


def test_minutes_in_which_nothing_could_be_opened_are_replayed_and_counted(tmp_path: Path, spec: BacktestSpec) -> None:
    start = int(next(iter((spec.candles or {}).values()))["candles"][0, 0])
    # At the start of the session, the first hour is over already.
    run_session(spec, tmp_path / "s", ManualClock(start + 60 * MINUTE_MS))
    parity = check_parity(tmp_path / "s", spec)
    assert parity.is_equal
    assert parity.closed_minutes == 58
    assert "in 58 minutes nothing could be opened" in str(parity)


def test_the_spec_is_read_from_the_journal_with_strategies_of_the_project(tmp_path: Path) -> None:
    folder = tmp_path / "strategies" / "Buyer"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(
        "from livermore import Strategy\n\n\nclass Buyer(Strategy):\n"
        "    def should_long(self): return self.close > self.open\n"
        "    def go_long(self): self.buy = 0.1, self.price\n"
        "    def update_position(self): self.liquidate()\n"
    )
    given = example_backtest(days=1)
    given["routes"][0]["strategy"] = "Buyer"
    run_session(BacktestSpec(**given, root=tmp_path), tmp_path / "s")
    parity = check_parity(tmp_path / "s", root=tmp_path)
    assert parity.is_equal
    assert parity.trades > 10


def test_a_session_that_does_not_exist_or_has_no_minute_is_an_error(tmp_path: Path, spec: BacktestSpec) -> None:
    with pytest.raises(LiveError, match="there is no session"):
        check_parity(tmp_path / "missing", spec)
    assert not (tmp_path / "missing").exists()
    rows = {entry["symbol"]: entry["candles"] for entry in (spec.candles or {}).values()}
    with LiveSession(spec, StoredFeed(rows), tmp_path / "s"):
        pass
    with pytest.raises(LiveError, match="has no minute yet"):
        check_parity(tmp_path / "s", spec)


class Past:
    """Serves candles from a given one on."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows

    def history(self, symbol: str, start: int, end: int) -> np.ndarray:
        return self.rows[(self.rows[:, 0] >= start) & (self.rows[:, 0] < end)]


def test_warm_up_comes_from_the_store_and_its_end_from_the_exchange(tmp_path: Path) -> None:
    rows = synthetic_candles(3000, seed=1)
    store = CandleStore(tmp_path)
    store.write(rows[:2000], "Sandbox", "BTC-USDT")
    start = int(rows[2990, 0])
    asked = {"markets": [("Sandbox", "BTC-USDT")], "timeframes": ["5m", "15m"], "bars": 100, "start": start}
    found = warm_up_candles(store, Past(rows), **asked)
    assert found is not None
    warm_up = found["Sandbox-BTC-USDT"]["candles"]
    first = (start - 1500 * MINUTE_MS) // 900_000 * 900_000
    assert np.array_equal(warm_up, rows[(rows[:, 0] >= first) & (rows[:, 0] < start)])
    assert store.interval("Sandbox", "BTC-USDT")[1] == start
    assert warm_up_candles(store, None, **asked | {"bars": 0}) is None


def test_a_hole_in_the_warm_up_is_an_error_that_names_it(tmp_path: Path) -> None:
    rows = synthetic_candles(3000, seed=1)
    store = CandleStore(tmp_path)
    asked = {"markets": [("Sandbox", "BTC-USDT")], "timeframes": ["15m"], "bars": 100, "start": int(rows[2990, 0])}
    with pytest.raises(CandlesNotFoundError, match="needs candles from 2021-01-02 00:45 UTC"):
        warm_up_candles(store, None, **asked)
    store.write(rows[:2000], "Sandbox", "BTC-USDT")
    with pytest.raises(CandlesNotFoundError, match=r"from 2021-01-02 09:20 UTC to 2021-01-02 13:20 UTC are missing"):
        warm_up_candles(store, Past(rows[2240:]), **asked)
