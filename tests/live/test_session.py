"""Live sessions on paper: equal to the backtest, also after stops and kills, and stopped by the kill switch."""

import os
import random
import sqlite3
import stat
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livermore.engine import BacktestSpec
from livermore.errors import CandleError, ConfigError, JournalError, LiveError, StrategyError
from livermore.live import KillSwitch, LiveSession, ManualClock, Minute, RowsFeed, StoredFeed, check_parity
from livermore.live._journal import Journal, JournalMinute
from livermore.live._kill_switch import FLATTEN
from livermore.strategies import Strategy


def candles_of(spec: BacktestSpec) -> dict[str, np.ndarray]:
    return {entry["symbol"]: entry["candles"] for entry in (spec.candles or {}).values()}


def first_minute(spec: BacktestSpec) -> int:
    return min(int(rows[0, 0]) for rows in candles_of(spec).values())


def live(spec: BacktestSpec, folder: Path, **options: Any) -> LiveSession:
    return LiveSession(spec, StoredFeed(candles_of(spec)), folder, start=first_minute(spec), **options)


class Idle(Strategy):
    def should_long(self) -> bool:
        return False

    def go_long(self) -> None: ...


class Buyer(Strategy):
    """Buys whenever it may, with a stop far away, and never sells."""

    def should_long(self) -> bool:
        return True

    def go_long(self) -> None:
        self.buy = 1, self.price
        self.stop_loss = 1, self.price * 0.5


@pytest.fixture
def buyer(minutes: Any, spec_of: Any) -> BacktestSpec:
    spec: BacktestSpec = spec_of({"BTC-USDT": Buyer}, {"BTC-USDT": minutes(1, 60)})
    return spec


KINDS = {
    "cross": {},
    "isolated": {"futures_leverage": 100, "futures_leverage_mode": "isolated"},
    "spot": {"type": "spot"},
}


@pytest.mark.parametrize("timeframe", ["1m", "5m", "15m"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_paper_session_gives_what_the_backtest_gives(
    kind: str, timeframe: str, tmp_path: Path, minutes: Any, spec_of: Any, restless: Any, summary: Any
) -> None:
    strategy = restless.RestlessSpot if kind == "spot" else restless.Restless
    spec = spec_of({"BTC-USDT": strategy}, {"BTC-USDT": minutes(7, 3000)}, timeframe, warm_up=600, **KINDS[kind])
    bulk = spec.run()
    assert len(bulk.trades) > 10
    with live(spec, tmp_path / "s") as session:
        session.run()
        assert summary(session.finish()) == summary(bulk)


def test_a_session_that_is_stopped_at_any_minute_goes_on_as_if_it_had_not(
    tmp_path: Path, minutes: Any, spec_of: Any, restless: Any, summary: Any
) -> None:
    rows = {symbol: minutes(seed, 1200) for seed, symbol in enumerate(["SOL-USDT", "BTC-USDT", "ETH-USDT"])}
    spec = spec_of({"SOL-USDT": restless.Restless, "BTC-USDT": restless.Restless}, rows, "5m", warm_up=100)
    bulk = spec.run()
    draw = random.Random(5)
    stops = sorted(draw.sample(range(1, 1100), 6))
    for stop in [*stops, None]:
        with live(spec, tmp_path / "s") as session:
            session.run(until=None if stop is None else first_minute(spec) + 60_000 * stop)
            if stop is None:
                assert summary(session.finish()) == summary(bulk)


def test_a_session_goes_on_with_what_its_strategies_kept_for_themselves(
    tmp_path: Path, minutes: Any, spec_of: Any
) -> None:
    class Counting(Idle):
        def before(self) -> None:
            self.vars["bars"] = self.vars.get("bars", 0) + 1
            self.shared_vars["last"] = self.price

    spec = spec_of({"BTC-USDT": Counting}, {"BTC-USDT": minutes(1, 50)})
    for stop in (20, 50):
        with live(spec, tmp_path / "s") as session:
            session.run(until=first_minute(spec) + 60_000 * stop)
            strategy = session.session.runners[0].strategy
            assert strategy.vars["bars"] == stop
            assert strategy.shared_vars["last"] == candles_of(spec)["BTC-USDT"][stop - 1, 2]


def test_a_strategy_that_decides_otherwise_is_refused_and_the_first_difference_named(
    tmp_path: Path, minutes: Any, spec_of: Any
) -> None:
    size = {"qty": 1.0}

    class Changing(Idle):
        def should_long(self) -> bool:
            return self.index == 5

        def go_long(self) -> None:
            self.buy = size["qty"], self.price

    spec = spec_of({"BTC-USDT": Changing}, {"BTC-USDT": minutes(1, 50)})
    with live(spec, tmp_path / "s") as session:
        session.run(until=first_minute(spec) + 60_000 * 20)
    size["qty"] = 2.0
    with pytest.raises(
        JournalError, match=r"00:06 UTC .* BTC-USDT order submitted: qty is 1.0 in the journal and 2.0 in the replay"
    ):
        live(spec, tmp_path / "s").__enter__()


def test_another_strategy_or_config_is_refused_by_name(tmp_path: Path, buyer: BacktestSpec) -> None:
    with live(buyer, tmp_path / "s") as session:
        session.run()

    class Another(Buyer):
        def before(self) -> None: ...

    route = {**buyer.routes[0], "strategy": Another}
    with pytest.raises(JournalError, match="strategy has changed"):
        live(buyer.with_(routes=[route]), tmp_path / "s").__enter__()
    with pytest.raises(JournalError, match=r"config\['fee'\] was 0.0007 .*, and is 0.1"):
        live(buyer.with_(config={**buyer.config, "fee": 0.1}), tmp_path / "s").__enter__()


def test_a_second_process_is_refused_while_the_first_runs(tmp_path: Path, buyer: BacktestSpec) -> None:
    with live(buyer, tmp_path / "s"), pytest.raises(LiveError, match="running in another process"):
        live(buyer, tmp_path / "s").__enter__()
    with live(buyer, tmp_path / "s"):
        pass


def test_nothing_is_opened_on_late_candles(tmp_path: Path, buyer: BacktestSpec) -> None:
    clock = ManualClock(first_minute(buyer))
    with LiveSession(
        buyer, StoredFeed(candles_of(buyer), clock=clock), tmp_path / "s", start=first_minute(buyer)
    ) as session:
        # Ten minutes come at once: the first eight of them are more than 90 s old.
        clock.advance(600_000)
        session.run(until=clock.now())
        trade = session.session.runners[0].position
        assert trade.opened_at == first_minute(buyer) + 60_000 * 9
        texts = [text for _, text in session.journal.notes()]
        assert "nothing is opened: the candles of 2024-01-01 00:00 UTC came 540 s after their end" in texts
        assert "entries are allowed" in texts
    # The replay forbids entries in the same minutes.
    with live(buyer, tmp_path / "s") as session:
        assert session.session.runners[0].position.opened_at == first_minute(buyer) + 60_000 * 9


@pytest.mark.parametrize("command", ["cancel", "flatten"])
def test_the_kill_switch_stops_trading_and_stays_set_over_restarts(
    command: str, tmp_path: Path, buyer: BacktestSpec
) -> None:
    start = first_minute(buyer)
    with live(buyer, tmp_path / "s") as session:
        session.run(until=start + 60_000 * 10)
        runner = session.session.runners[0]
        assert runner.position.qty == 1
        assert len(runner.book.waiting()) == 1
        session.kill_switch.set(command)
        session.run(until=start + 60_000 * 20)
        assert runner.position.qty == (0 if command == FLATTEN else 1)
        assert runner.book.waiting() == []
    with live(buyer, tmp_path / "s") as session:
        session.run(until=start + 60_000 * 30)
        runner = session.session.runners[0]
        assert runner.position.qty == (0 if command == FLATTEN else 1)
        assert runner.book.waiting() == []
        assert session.status()["entries"] == f"kill switch: {command}"
    KillSwitch(tmp_path / "s").release()
    with live(buyer, tmp_path / "s") as session:
        session.run(until=start + 60_000 * 40)
        assert session.session.runners[0].position.qty == 1
        # Set once more, it is obeyed once more.
        session.kill_switch.set(FLATTEN)
        session.run(until=start + 60_000 * 50)
        assert session.session.runners[0].position.qty == 0


def test_a_kill_switch_that_was_released_and_set_while_the_session_was_down_is_obeyed(
    tmp_path: Path, buyer: BacktestSpec
) -> None:
    start = first_minute(buyer)
    with live(buyer, tmp_path / "s") as session:
        session.kill_switch.set(FLATTEN)
        session.run(until=start + 60_000 * 5)
        session.kill_switch.release()
        session.run(until=start + 60_000 * 10)
        assert session.session.runners[0].position.qty == 1
        session.kill_switch.set(FLATTEN)
    with live(buyer, tmp_path / "s") as session:
        session.run(until=start + 60_000 * 12)
        assert session.session.runners[0].position.qty == 0


def test_an_unreadable_kill_switch_means_cancel(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    for content in (b"", b"flaten", b"\xff\xfe"):
        switch.path.write_bytes(content)
        assert switch.read() == "cancel"
    with pytest.raises(LiveError, match="'cancel' and 'flatten', not 'stop'"):
        switch.set("stop")
    with pytest.raises(LiveError, match="is not the folder of a session"):
        KillSwitch(tmp_path / "missing").set()


@pytest.mark.parametrize(
    "content", [b"flatten\r\n", b"FLATTEN", b"\xef\xbb\xbfflatten", "flatten\r\n".encode("utf-16")]
)
def test_a_kill_switch_is_read_as_editors_and_shells_write_it(content: bytes, tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    switch.path.write_bytes(content)
    assert switch.read() == FLATTEN


def test_a_kill_switch_that_is_no_file_means_cancel_and_says_that_it_stays(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    switch.path.mkdir()
    assert switch.read() == "cancel"
    with pytest.raises(LiveError, match="the kill switch is still set"):
        switch.release()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with a name")
def test_a_kill_switch_that_is_a_pipe_does_not_hold_up_a_session(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    os.mkfifo(switch.path)
    assert switch.read() == "cancel"


@pytest.mark.parametrize(
    "options", [{"start": "2024-01-01"}, {"max_age_ms": "90 s"}, {"max_age_ms": float("nan")}, {"account": "main"}]
)
def test_options_of_a_wrong_kind_are_refused(options: dict[str, Any], tmp_path: Path, buyer: BacktestSpec) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        LiveSession(buyer, StoredFeed({"BTC-USDT": np.zeros((1, 6))}), tmp_path, **options)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, buyer: BacktestSpec) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LiveError, match="cannot be the folder of a session"), live(buyer, tmp_path / "file" / "s"):
        pass


@pytest.mark.parametrize("given", [None, {"BTC-USDT": "10"}, {"BTC-USDT": [float("nan"), 1, 1, 1, 1, 1]}])
def test_a_minute_of_a_feed_that_is_no_candle_is_refused(given: Any) -> None:
    with pytest.raises(CandleError, match=r"a minute of a feed|the candle of BTC-USDT"):
        RowsFeed([given]).poll(0)


def test_orders_have_the_same_names_after_a_restart(tmp_path: Path, minutes: Any, spec_of: Any, restless: Any) -> None:
    spec = spec_of({"BTC-USDT": restless.Restless}, {"BTC-USDT": minutes(3, 300)})
    names: list[list[str]] = []
    for stops in ([300], [100, 200, 300]):
        folder = tmp_path / f"{len(stops)}" / "s"
        found: list[str] = []
        for stop in stops:
            events: list[Any] = []
            with live(spec, folder, on_event=events.append) as session:
                session.run(until=first_minute(spec) + 60_000 * stop)
            found += [event.values["name"] for event in events if event.kind == "order_submitted"]
        names.append(found)
    assert names[0] == names[1]
    assert len(set(names[0])) == len(names[0]) > 50


class Unlucky(Buyer):
    """Buys, adds an order far below the market, and raises at its seventh bar."""

    def go_long(self) -> None:
        self.buy = [(1, self.price), (1, self.price * 0.9)]
        self.stop_loss = 1, self.price * 0.995

    def before(self) -> None:
        if self.index == 7:
            raise StrategyError("out of ideas")


def test_a_strategy_that_raises_stops_its_route_and_no_other(
    tmp_path: Path, minutes: Any, spec_of: Any, summary: Any
) -> None:
    rows = {"BTC-USDT": minutes(1, 300), "ETH-USDT": minutes(2, 300)}
    spec = spec_of({"BTC-USDT": Unlucky, "ETH-USDT": Buyer}, rows)
    for stop in (50, None):
        with live(spec, tmp_path / "s") as session:
            session.run(until=None if stop is None else first_minute(spec) + 60_000 * stop)
            assert session.status()["stopped"] == ["BTC-USDT"]
            stopped, other = session.session.runners
            assert (stopped.strategy.index, other.strategy.index) == (7, stop or 300)
    events = [event for minute in journal_of(tmp_path / "s") for event in minute.events]
    (error,) = [event for event in events if event.kind == "route_stopped"]
    assert error.values["error"] == "StrategyError: out of ideas"
    assert "bar 7" in error.values["where"]
    assert error.values["position"] == 1
    after = [(e.kind, e.values.get("type")) for e in events[events.index(error) :] if e.route == "BTC-USDT"]
    # The waiting entry is cancelled, the stop is filled later, and nothing is opened again.
    assert [kind for kind, _ in after] == ["route_stopped", "order_canceled", "order_filled", "trade_closed"]
    assert check_parity(tmp_path / "s", spec).is_equal


@pytest.mark.parametrize("hook", ["should_long", "go_long", "on_open_position", "update_position", "on_close_position"])
def test_a_strategy_that_raises_in_any_hook_keeps_its_exits(
    hook: str, tmp_path: Path, minutes: Any, spec_of: Any
) -> None:
    class Failing(Buyer):
        def go_long(self) -> None:
            self.buy = 1, self.price
            self.stop_loss = 1, self.price * 0.998

    def fail(self: Strategy, *given: Any) -> bool:
        raise ZeroDivisionError("nothing to divide")

    setattr(Failing, hook, fail)
    spec = spec_of({"BTC-USDT": Failing}, {"BTC-USDT": minutes(1, 300)})
    with live(spec, tmp_path / "s") as session:
        session.run()
        assert session.status()["stopped"] == ["BTC-USDT"]
        assert session.status()["positions"] == {"BTC-USDT": 0}
        assert session.status()["orders"] == {"BTC-USDT": 0}
        assert session.status()["trades"] == (0 if hook in ("should_long", "go_long") else 1)
        session.finish()
    assert check_parity(tmp_path / "s", spec).is_equal


def journal_of(folder: Path) -> list[JournalMinute]:
    journal = Journal(folder / "journal.sqlite")
    found = list(journal.minutes())
    journal.close()
    return found


def test_a_users_own_rows_are_a_feed(tmp_path: Path, buyer: BacktestSpec, summary: Any) -> None:
    rows = candles_of(buyer)["BTC-USDT"]
    feed = RowsFeed({"BTC-USDT": row.tolist()} for row in rows)
    with LiveSession(buyer, feed, tmp_path / "s", start=first_minute(buyer)) as session:
        session.run()
        assert summary(session.finish()) == summary(buyer.run())
    with pytest.raises(CandleError, match="different times"):
        RowsFeed([{"A-B": rows[0], "C-D": rows[1]}]).poll(0)
    with pytest.raises(CandleError, match="six numbers"):
        RowsFeed([{"A-B": rows[0][:5]}]).poll(0)


def test_a_minute_without_a_candle_of_one_symbol_is_fed(tmp_path: Path, minutes: Any, spec_of: Any) -> None:
    rows = {"BTC-USDT": minutes(1, 30), "ETH-USDT": np.delete(minutes(2, 30), [10, 11, 20], axis=0)}
    spec = spec_of({"BTC-USDT": Idle, "ETH-USDT": Idle}, rows)
    with live(spec, tmp_path / "s") as session:
        session.run()
        assert session.session.runners[0].strategy.index == 30
        assert session.session.runners[1].strategy.index == 27


def test_the_journal_can_only_be_read_by_its_owner_and_only_be_added_to(tmp_path: Path, buyer: BacktestSpec) -> None:
    with live(buyer, tmp_path / "s") as session:
        session.run()
        path = session.journal.path
        for file in (path, path.with_name(path.name + "-wal")):
            assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    with sqlite3.connect(path) as connection:
        for statement in ("DELETE FROM minutes", "UPDATE events SET data = '{}'"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                connection.execute(statement)
    connection.close()


def test_a_damaged_journal_is_an_error_that_names_it(tmp_path: Path, buyer: BacktestSpec) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "journal.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(JournalError, match=r"journal.sqlite cannot be used as a journal: file is not a database"):
        live(buyer, tmp_path / "s").__enter__()
    # The lock was given back.
    (tmp_path / "s" / "journal.sqlite").unlink()
    with live(buyer, tmp_path / "s"):
        pass


def test_what_makes_no_session_is_refused(tmp_path: Path, buyer: BacktestSpec) -> None:
    feed = StoredFeed(candles_of(buyer))
    with pytest.raises(ConfigError, match="full minute"):
        LiveSession(buyer, feed, tmp_path / "s", start=1).__enter__()
    with pytest.raises(ConfigError, match="candles of one minute, not of 5m"):
        LiveSession(
            buyer.with_(
                config={**buyer.config, "base": "5m"}, routes=[{**route, "timeframe": "5m"} for route in buyer.routes]
            ),
            feed,
            tmp_path / "t",
        ).__enter__()
    with pytest.raises(ConfigError, match="max_age_ms"):
        LiveSession(buyer, feed, tmp_path / "s", max_age_ms=-1)
    with pytest.raises(CandleError):
        StoredFeed({})


def test_a_session_can_be_stopped_from_outside(tmp_path: Path, buyer: BacktestSpec) -> None:
    class Stopping:
        """A feed that stops the session while it works."""

        def __init__(self) -> None:
            self._feed = StoredFeed(candles_of(buyer))
            self.clock = self._feed.clock
            self.session: LiveSession | None = None

        def poll(self, earliest: int) -> list[Minute]:
            found = list(self._feed.poll(earliest))
            if found and found[0].time >= first_minute(buyer) + 60_000 * 5:
                assert self.session is not None
                self.session.stop()
            return found

        def due(self) -> int | None:
            return self._feed.due()

        def take_notes(self) -> list[str]:
            return []

    feed = Stopping()
    with LiveSession(buyer, feed, tmp_path / "s", start=first_minute(buyer)) as session:
        feed.session = session
        session.run()
        assert session.journal.last_minute() == first_minute(buyer) + 60_000 * 5
