"""Sessions whose orders are on an exchange: the loopback exchange in both dialects, through real ccxt."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.live.exchange_sessions import EXCHANGES, KEYS, START, SYMBOL, Scripted, Trial, candles, scripted, seen

from livermore.errors import JournalError, LiveError, ModelNotFoundError
from livermore.live import Limits, LiveSession, ManualClock, StoredFeed, check_parity
from livermore.live._orders import OrderResult, Outcome, client_id_of
from livermore.testing import LoopbackExchange
from livermore.testing.loopback import Disconnect, Edited, HttpError, Reply

ccxt = pytest.importorskip("ccxt", reason="needs the extra ccxt")

SUBMIT = {"kraken": "AddOrder", "binanceusdm": "rder"}
RISES = (100, 100, 100, 101, 104, 106, 106, 106, 106, 106)
FLAT = (100,) * 12
FALLS = (100, 100, 100, 99, 96, 94, 94, 94, 94, 94)


def enter(price: float = 100, qty: float = 1.0) -> dict[int, Callable[[Scripted], None]]:
    """Enter on the second bar."""
    return {1: lambda strategy: strategy.wish(qty, price)}


@pytest.fixture(params=sorted(EXCHANGES))
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Trial]]:
    """Make a trial on either exchange."""
    opened = []

    def make(
        strategy: type[Scripted],
        closes: tuple[float, ...] = RISES,
        rows: dict[str, np.ndarray] | None = None,
        **options: Any,
    ) -> Trial:
        shown = {SYMBOL: candles(*closes)} if rows is None else rows
        exchange = LoopbackExchange(shown, request.param, clock=ManualClock(START), balances={"USDT": 2_000, "BTC": 3})
        opened.append(exchange.__enter__())
        return Trial(exchange, tmp_path / "session", strategy, options, tuple(shown))

    yield make
    for exchange in opened:
        exchange.__exit__(None, None, None)
        assert exchange.unknown_requests == []


def held(trial: Trial) -> float:
    """Return what the account holds beyond what it owned before."""
    money = trial.exchange.account.money
    return float(money.balances["BTC"] - 3 if trial.exchange.name == "kraken" else money.positions.get(SYMBOL, 0))


def test_a_target_closes_what_a_market_order_opened(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95, target=105))
    session = run.run(9)
    assert seen(session) == [("opened", 1, 100), ("cancel",), ("closed", seen(session)[-1][1])]
    assert seen(session)[-1][1] >= 105
    assert held(run) == 0
    assert run.exchange.account.open_orders() == []
    # The journal's wallet is the exchange's.
    money = run.exchange.account.money
    wallet = money.balances["USDT"] if run.exchange.name == "kraken" else money.wallet["USDT"]
    assert session.session.account.balance - 1_000 == pytest.approx(float(wallet) - 2_000, abs=1e-6)


def test_a_stop_waits_at_the_exchange_and_closes(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95, target=105), FALLS)
    with run.open() as session:
        session.run(until=START + 60_000 * 3)
        waiting = [order for order in run.exchange.account.open_orders() if order.is_waiting]
        assert [(order.side, float(order.trigger or 0)) for order in waiting] == [("sell", 95)]
        session.run(until=START + 60_000 * 9)
    assert seen(session)[-1] == ("closed", 95)
    assert held(run) == 0
    assert run.exchange.account.open_orders() == []


def test_a_limit_entry_opens_between_two_minutes_and_is_protected_at_once(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(97), stop=90), FALLS)
    with run.open() as session:
        session.run(until=START + 60_000 * 4 + 50_000)
        position = session.session.runners[0].position
        assert (position.qty, position.entry_price) == (1, 97)
        assert [float(order.trigger or 0) for order in run.exchange.account.open_orders()] == [90]


def test_parts_of_a_fill_open_and_increase(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95, target=105))
    run.exchange.account.parts = 3
    session = run.run(9)
    steps = [kind for kind, *_ in seen(session)]
    assert steps[:3] == ["opened", "increased", "increased"]
    assert steps[-1] == "closed"
    trade = session.session.trades[0]
    assert (trade.qty, trade.entry_price) == (pytest.approx(1), pytest.approx(100))
    assert held(run) == pytest.approx(0)


def test_an_order_that_the_strategy_takes_back_is_cancelled(trial: Callable[..., Trial]) -> None:
    script = {**enter(90), 4: lambda strategy: strategy.broker.cancel_all_orders()}
    run = trial(scripted(script))
    with run.open() as session:
        session.run(until=START + 60_000 * 4)
        assert len(run.exchange.account.open_orders()) == 1
        session.run(until=START + 60_000 * 6)
    assert run.exchange.account.open_orders() == []


def test_a_stop_that_is_moved_is_replaced(trial: Callable[..., Trial]) -> None:
    def raise_stop(strategy: Scripted) -> None:
        strategy.stop_loss = strategy.position.qty, 99

    run = trial(scripted({**enter(), 4: raise_stop}, stop=95))
    with run.open() as session:
        session.run(until=START + 60_000 * 7)
    assert [float(order.trigger or 0) for order in run.exchange.account.open_orders()] == [99]


def test_a_cancellation_that_keeps_failing_holds_up_no_stop_and_no_close(
    trial: Callable[..., Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_stop(strategy: Scripted) -> None:
        strategy.stop_loss = strategy.position.qty, 99

    run = trial(scripted({**enter(), 4: raise_stop, 7: Scripted.liquidate}, stop=95), FLAT)
    with run.open() as session:
        session.run(until=START + 60_000 * 4)
        broker = session._trading._broker  # type: ignore[attr-defined]
        lost = OrderResult("", Outcome.UNRESOLVED, reason="no answer")
        monkeypatch.setattr(broker, "cancel", lambda name: lost._replace(name=name))
        session.run(until=START + 60_000 * 7)
        stops = sorted(float(order.trigger or 0) for order in run.exchange.account.open_orders())
        session.run(until=START + 60_000 * 9)
    if run.exchange.name == "kraken":
        # What the old stop has on sale cannot be on sale again; it goes on to protect the position.
        assert stops == [95]
    else:
        assert stops == [95, 99]
        assert held(run) == 0


def test_bug_09_a_time_out_neither_doubles_nor_loses_an_order(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95, target=105))
    with run.open() as session:
        run.exchange.faults.add(HttpError(502, is_refusal=False), path=SUBMIT[run.exchange.name], times=1)
        session.run(until=START + 60_000 * 9)
    assert seen(session)[0] == ("opened", 1, 100)
    assert seen(session)[-1][0] == "closed"
    ids = [order.client_id for order in run.exchange.account.orders.values()]
    assert len(ids) == len(set(ids))
    assert held(run) == 0


def test_an_entry_that_the_exchange_refuses_is_taken_out_of_the_books(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(qty=9)), limits=Limits(order_value=500))
    session = run.run(4)
    assert seen(session) == [("cancel",)]
    assert "500 is allowed" in run.kinds("order_rejected")[0].values["reason"]
    assert run.exchange.account.orders == {}


def test_an_entry_that_never_arrived_leaves_the_books_even_if_the_next_question_fails(
    trial: Callable[..., Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    def enter_unheard(strategy: Scripted) -> None:
        run.exchange.faults.add(HttpError(503), path=SUBMIT[run.exchange.name])
        strategy.wish(1, 100)

    run = trial(scripted({1: enter_unheard}))
    with run.open() as session:
        broker = session._trading._broker  # type: ignore[attr-defined]
        resolve = broker.resolve

        def resolve_and_fail() -> Any:
            if resolve():
                raise ccxt.NetworkError("the connection was lost")
            return []

        monkeypatch.setattr(broker, "resolve", resolve_and_fail)
        session.run(until=START + 60_000 * 3)
        assert session.session.runners[0].book.waiting() == []
    assert [event.kind for event in run.kinds("order_rejected")] == ["order_rejected"]


def test_a_position_whose_stop_is_refused_is_closed(trial: Callable[..., Trial]) -> None:
    # Beyond the market: the exchange refuses it.
    run = trial(scripted(enter(), stop=103), (100, 100, 100, 100, 100, 100))

    class Wrong(run.strategy):  # type: ignore[misc,name-defined]
        def on_open_position(self, order: Any) -> None:
            self.stop_loss = self.position.qty, 99.9
            run.exchange.faults.add(HttpError(503), path=SUBMIT[run.exchange.name], times=1)

    run.strategy = Wrong
    session = run.run(5)
    assert run.kinds("position_closing")
    assert session.session.runners[0].position.qty == 0
    assert held(run) == 0


@pytest.mark.parametrize("minute", [2, 3, 4])
def test_a_session_that_was_killed_goes_on_with_its_position(minute: int, trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95, target=105))
    run.run(minute)
    before = len(run.exchange.account.orders)
    # The exchange goes on while nobody looks: the stop would be there.
    session = run.run(9)
    assert seen(session)[-1][0] == "closed"
    assert held(run) == 0
    ids = [order.client_id for order in run.exchange.account.orders.values()]
    assert len(ids) == len(set(ids)) >= before


def test_bug_22_what_filled_while_the_session_was_away_enters_when_it_is_back(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95), FALLS)
    run.run(3)
    run.exchange.clock.sleep_until(START + 60_000 * 7)
    session = run.run(9)
    assert seen(session)[-1] == ("closed", 95)
    assert held(run) == 0


def test_bug_24_a_position_that_was_closed_by_hand_is_refused_or_adopted(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95))
    run.run(3)
    run.exchange.account.cancel_all()
    run.exchange.account.submit(SYMBOL, "sell", "market", run.exchange.account.trades[0].qty)
    with pytest.raises(LiveError, match="somebody else traded on the account: sell 1 BTC-USDT"):
        run.run(4)
    session = run.run(6, account={"on_mismatch": "adopt"})
    assert seen(session)[-1][0] == "closed"
    assert session.session.runners[0].position.qty == 0
    # It was journalled: the next start finds nothing wrong.
    session = run.run(8)
    assert seen(session)[-1][0] == "closed"


def test_bug_24_a_position_that_is_closed_by_hand_while_the_session_runs_stops_entries(
    trial: Callable[..., Trial],
) -> None:
    run = trial(scripted({**enter(), 6: lambda strategy: strategy.wish(1, 106)}, stop=95))
    with run.open() as session:
        session.run(until=START + 60_000 * 3)
        run.exchange.account.cancel_all()
        run.exchange.account.submit(SYMBOL, "sell", "market", run.exchange.account.trades[0].qty)
        session.run(until=START + 60_000 * 9)
        assert "somebody else traded" in session.status()["entries"]
    assert any("nothing is opened until" in text for _, text in _notes(run))


def _notes(run: Trial) -> list[tuple[int, str]]:
    from livermore.live._journal import open_journal

    with open_journal(run.folder) as journal:
        return journal.notes()


def test_an_order_of_somebody_else_is_refused_or_cancelled(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95))
    run.run(3)
    foreign = run.exchange.account.submit(SYMBOL, "buy", "limit", *_amounts("1"), price=_amounts("50")[0])
    with pytest.raises(LiveError, match="there is an order that is not of this session: buy 1 BTC-USDT at 50"):
        run.run(4)
    run.run(5, account={"on_mismatch": "close"})
    assert foreign.status == "canceled"


def test_an_order_without_a_quantity_is_an_order_of_somebody_else(trial: Callable[..., Trial]) -> None:
    def closing(answer: Any) -> Any:
        """Add an order that closes whatever position there is."""
        if isinstance(answer, list):
            shown = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "status": "NEW", "closePosition": True}
            return [*answer, {"orderId": 7, "stopPrice": "50", **shown}]
        terms = {"pair": "XBTUSDT", "type": "sell", "ordertype": "limit", "price": "50"}
        answer["result"]["open"]["7"] = {"descr": terms, "status": "open"}
        return answer

    run = trial(scripted(enter(), stop=95))
    run.exchange.faults.add(Edited(closing), path="penOrders", times=10)
    with pytest.raises(LiveError, match=r"there is an order that is not of this session: sell BTC-USDT at 50$"):
        run.run(4)


def _amounts(*texts: str) -> list[Any]:
    from decimal import Decimal

    return [Decimal(text) for text in texts]


def test_an_exchange_that_is_down_for_a_while_does_not_end_the_session(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95, target=105))
    with run.open() as session:
        run.exchange.faults.add(Disconnect(), path="rades", times=3)
        session.run(until=START + 60_000 * 9)
    assert seen(session)[-1][0] == "closed"
    assert any("the exchange could not be asked" in text for _, text in _notes(run))


def test_the_kill_switch_closes_at_the_exchange(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95))
    with run.open() as session:
        session.run(until=START + 60_000 * 3)
        session.kill_switch.set("flatten")
        session.run(until=START + 60_000 * 4)
    assert held(run) == 0
    assert run.exchange.account.open_orders() == []
    assert seen(session)[-1][0] == "closed"


def test_paper_and_exchange_run_the_same_hooks(trial: Callable[..., Trial], tmp_path: Path) -> None:
    """With quantities and prices that are whole steps and no fee, the trades are the same."""
    draw = np.random.default_rng(5)
    closes = tuple((100 * np.exp(np.cumsum(draw.normal(0, 0.004, 120)))).round(2))
    script: dict[int, Any] = {
        bar: lambda strategy: strategy.position.is_close and strategy.wish(1, strategy.price)
        for bar in range(1, 110, 7)
    }

    class Relative(Scripted):
        def on_open_position(self, order: Any) -> None:
            self.seen.append(("opened", self.position.qty))
            self.stop_loss = self.position.qty, math.floor(100 * self.position.entry_price * 0.99) / 100

        def on_close_position(self, order: Any, closed_trade: Any) -> None:
            self.seen.append(("closed", self.index))

    Relative.script = script
    run = trial(Relative, closes, poll_ms=20_000)
    session = run.run(119)
    rows = candles(*closes)[:119]
    with LiveSession(run.spec, StoredFeed({SYMBOL: rows}), tmp_path / "paper", start=START) as paper:
        paper.run()
    assert len(paper.session.trades) >= 5
    assert seen(session) == seen(paper)
    for ours, theirs in zip(session.session.trades, paper.session.trades, strict=True):
        assert (ours.entry_price, ours.qty) == (theirs.entry_price, theirs.qty)
        assert ours.exit_price == pytest.approx(theirs.exit_price, abs=0.011)
        assert math.ceil((ours.closed_at or 0) / 60_000) * 60_000 == theirs.closed_at


# --- What is refused before the first order --------------------------------------------------------------------------


def test_what_an_account_cannot_trade_is_refused_and_leaves_no_session(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter()))
    kind = EXCHANGES[run.exchange.name][1]
    cases: list[tuple[dict[str, Any], str]] = [
        ({"type": "spot" if kind == "futures" else "futures"}, f"is traded as {kind}"),
        ({"starting_balance": 5_000}, "has 2000 USDT free, and the config's starting_balance is 5000"),
    ]
    if kind == "futures":
        cases.append(({"futures_leverage": 126}, "refuses leverage 126"))
    for changes, words in cases:
        run.config = changes
        with pytest.raises(LiveError, match=words), run.open():
            pass
    run.config = {}
    assert run.exchange.account.orders == {}
    with run.open() as session:
        assert session.status()["last_minute"] is None


def test_a_key_that_may_not_trade_is_refused(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter()))
    denied = {
        "kraken": (Reply({"error": ["EGeneral:Permission denied"]}), "CancelOrder"),
        "binanceusdm": (
            Reply({"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}, 401),
            "/order",
        ),
    }
    reply, path = denied[run.exchange.name]
    run.exchange.faults.add(reply, path=path)
    with pytest.raises(LiveError, match="may not trade"), run.open():
        pass


def test_bug_27_a_clock_that_is_off_is_refused(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter()))
    run.exchange.skew_ms = 4_000
    with pytest.raises(LiveError, match="clock is"), run.open():
        pass


def test_hedge_mode_and_a_position_that_is_there_already_are_refused(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter()))
    if run.exchange.name == "kraken":
        pytest.skip("spot has neither")
    run.exchange.clock.advance(30_000)
    run.exchange.account.submit(SYMBOL, "buy", "market", *_amounts("1"))
    with pytest.raises(LiveError, match="there is a position of 1 BTC-USDT already"), run.open():
        pass
    run.exchange.faults.add(Reply({"dualSidePosition": True}), path="positionSide")
    with pytest.raises(LiveError, match="hedge mode"), run.open():
        pass


def test_one_session_trades_a_symbol_on_an_account(trial: Callable[..., Trial], tmp_path: Path) -> None:
    run = trial(scripted(enter()))
    with run.open():
        other = Trial(run.exchange, run.folder.parent / "other", run.strategy)
        with pytest.raises(LiveError, match="another session trades BTC-USDT on the account"), other.open():
            pass
    with other.open():
        pass


def test_a_session_stays_where_it_is(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95))
    run.run(3)
    with pytest.raises(JournalError, match=r"trades on the account .*, not on paper"), run.open(paper=True):
        pass
    with (
        pytest.raises(JournalError, match=r"trades on the account .*, not on the account other"),
        run.open(name="other"),
    ):
        pass


def test_no_secret_is_written_or_shown(trial: Callable[..., Trial], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    run = trial(scripted(enter(), stop=95))
    with run.open() as session:
        run.exchange.faults.add(HttpError(503), path=SUBMIT[run.exchange.name], after=2, times=3)
        session.run(until=START + 60_000 * 4)
        with pytest.raises(LiveError) as refused:
            session.finish()
    written = b"".join(path.read_bytes() for path in run.folder.iterdir() if path.is_file())
    for secret in KEYS.values():
        assert secret.encode() not in written
        shown = repr(session._trading._account) + repr(refused.value) + caplog.text  # type: ignore[attr-defined]
        assert shown.count(secret) == 0


def test_the_dead_man_switch_covers_entries_and_not_stops(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(97), stop=90), FALLS, dead_man_ms=30_000)
    with run.open() as session:
        session.run(until=START + 60_000 * 3)
        assert run.exchange.account.cancel_at is not None
        session.run(until=START + 60_000 * 5)
        assert session.session.runners[0].position.qty == 1
        assert run.exchange.account.cancel_at is None
        run.exchange.clock.advance(120_000)
        assert len(run.exchange.account.open_orders()) == 1


def test_a_stop_that_somebody_cancelled_closes_the_position(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95), check_ms=10_000)
    with run.open() as session:
        session.run(until=START + 60_000 * 3)
        run.exchange.account.cancel_all()
        session.run(until=START + 60_000 * 4)
    assert "does not have it any more" in run.kinds("position_closing")[0].values["reason"]
    assert held(run) == 0
    assert seen(session)[-1][0] == "closed"


def test_the_limit_of_a_position_counts_what_somebody_else_has_traded(trial: Callable[..., Trial]) -> None:
    script = {**enter(), 6: lambda strategy: strategy.wish(1, 106)}
    run = trial(scripted(script), limits=Limits(position_value=150), on_mismatch="adopt")
    with run.open() as session:
        session.run(until=START + 60_000 * 3)
        run.exchange.account.submit(SYMBOL, "sell", "market", *_amounts("1"))
        session.run(until=START + 60_000 * 9)
    assert run.kinds("foreign_trade")
    # With its own fills alone, the position would be worth 212.
    assert not run.kinds("order_rejected")
    assert session.session.runners[0].position.qty == 1


def test_a_comparison_asks_for_open_orders_once(trial: Callable[..., Trial], monkeypatch: pytest.MonkeyPatch) -> None:
    run = trial(scripted(enter(), stop=95), FLAT)
    with run.open() as session:
        session.run(until=START + 60_000 * 3)
        trading: Any = session._trading
        asked, open_orders = [], trading._broker.open_orders
        monkeypatch.setattr(trading._broker, "open_orders", lambda: asked.append(1) or open_orders())
        run.exchange.account.submit(SYMBOL, "buy", "limit", *_amounts("1"), price=_amounts("50")[0])
        ended, found = trading._state.compare(run.exchange.clock.now())
    assert (ended, [mismatch.symbol for mismatch in found]) == ([], [SYMBOL])
    assert asked == [1]


def test_a_process_that_dies_within_a_minute_runs_it_again_as_it_was(trial: Callable[..., Trial]) -> None:
    """Killed after the market order of a bar was sent and filled, before the minute was in the journal."""
    run = trial(scripted(enter(), stop=95, target=105))

    class Killed(BaseException):
        pass

    def die(*values: Any) -> None:
        raise Killed

    with run.open() as session:
        session.run(until=START + 60_000 + 30_000)
        session.journal.add_minute = die  # type: ignore[method-assign]
        with pytest.raises(Killed):
            session.run(until=START + 60_000 * 5)
    assert len(run.exchange.account.trades) == 1
    before = len(run.exchange.account.orders)
    session = run.run(9)
    assert seen(session)[0] == ("opened", 1, 100)
    assert seen(session)[-1][0] == "closed"
    assert held(run) == 0
    entries = [order for order in run.exchange.account.orders.values() if order.side == "buy"]
    assert len(entries) == 1
    # What was sent within that minute is known, and not sent again.
    ids = [order.client_id for order in run.exchange.account.orders.values()]
    assert len(ids) == len(set(ids)) >= before


def test_parity_splits_the_difference_to_paper(trial: Callable[..., Trial]) -> None:
    script = {**enter(), 6: lambda strategy: strategy.wish(1, 106)}
    run = trial(scripted(script, stop=95, target=105), (*RISES, 106, 106, 106))
    run.run(12)
    parity = check_parity(run.folder, run.spec)
    assert parity.is_equal, str(parity)
    gap = parity.gap
    assert gap is not None
    assert gap.paired >= 1
    assert gap.fee < 0
    assert gap.total == pytest.approx(gap.price + gap.qty + gap.fee + gap.trades)
    assert "the session's profit differs by" in str(parity)


def test_parity_finds_a_strategy_that_decides_otherwise_now(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(), stop=95, target=105))
    run.run(9)
    run.strategy = scripted(enter(qty=0.5), stop=95, target=105)
    parity = check_parity(run.folder, run.spec)
    assert not parity.is_equal
    assert "qty" in parity.differences[0]


def test_halves_of_a_position_leave_nothing_that_cannot_be_sold(trial: Callable[..., Trial]) -> None:
    class Halves(Scripted):
        def on_open_position(self, order: Any) -> None:
            half = self.position.qty / 2
            self.take_profit = [(half, 102), (half, 105)]

    Halves.script = enter(qty=0.78571)
    run = trial(Halves)
    session = run.run(9)
    assert [kind for kind, *_ in seen(session)] == ["reduced", "cancel", "closed"]
    assert held(run) == 0


def test_what_is_too_small_to_sell_is_written_off(trial: Callable[..., Trial]) -> None:
    run = trial(scripted({**enter(), 5: lambda strategy: strategy.liquidate()}, stop=95), on_mismatch="adopt")
    with run.open() as session:
        session.run(until=START + 60_000 * 3)
        # By hand, all but a part that no order can have.
        run.exchange.account.cancel_all()
        run.exchange.account.submit(SYMBOL, "sell", "market", *_amounts("0.99995"))
        session.run(until=START + 60_000 * 7)
    assert run.kinds("position_written_off")
    assert session.session.runners[0].position.qty == 0
    assert held(run) == pytest.approx(0.00005)
    # The next start knows of it.
    run.options = {}
    assert run.run(8).session.runners[0].position.qty == 0


def test_a_model_that_is_missing_is_refused_before_the_first_order(trial: Callable[..., Trial]) -> None:
    class Predicts(Scripted):
        def ml_features(self) -> dict[str, float]:
            return {"price": self.price}

    Predicts.script = enter()
    run = trial(Predicts)
    run.ml_mode = "deploy"
    with pytest.raises(ModelNotFoundError), run.open():
        pass
    assert run.exchange.account.orders == {}


def test_two_routes_share_an_account_and_keep_their_orders_apart(trial: Callable[..., Trial]) -> None:
    rows = {SYMBOL: candles(*RISES), "ETH-USDT": candles(*FALLS)}
    run = trial(scripted(enter(), stop=95, target=105), rows=rows)
    with run.open() as session:
        session.run(until=START + 60_000 * 9)
    hooks = [runner.strategy.seen for runner in session.session.runners]  # type: ignore[attr-defined]
    assert [[kind for kind, *_ in seen] for seen in hooks] == [["opened", "cancel", "closed"]] * 2
    assert hooks[1][-1] == ("closed", 95)
    assert run.exchange.account.open_orders() == []
    assert check_parity(run.folder, run.spec).is_equal


def test_bug_11_an_order_that_arrives_after_it_was_given_up_is_cancelled(trial: Callable[..., Trial]) -> None:
    run = trial(scripted(enter(90)), check_ms=10_000)
    with run.open() as session:
        run.exchange.faults.add(
            HttpError(503), path="AddOrder" if run.exchange.name == "kraken" else "v1/order", times=1
        )
        session.run(until=START + 60_000 * 3 + 30_000)
        assert run.kinds("order_rejected")[0].values["reason"] == "the exchange does not know it"
        # Now it does: as if the request had been on its way for so long.
        name = run.kinds("order_rejected")[0].values["name"]
        run.exchange.account.submit(
            SYMBOL, "buy", "limit", *_amounts("1"), price=_amounts("90")[0], client_id=client_id_of(name)
        )
        session.run(until=START + 60_000 * 6)
    assert run.exchange.account.open_orders() == []
