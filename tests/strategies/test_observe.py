"""Observing: every observation is decided by the candles and trades after it, however many are open."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.candles import resample
from livermore.engine import SessionResult, open_fed_session, open_session
from livermore.errors import DatasetError, FeatureError
from livermore.ml.labels import FixedHorizon, Outcome, TradeOutcome, TripleBarrier
from livermore.strategies import Strategy, state_of

START = 1_640_995_200_000
EXCHANGE, BTC, ETH = "Sandbox", "BTC-USDT", "ETH-USDT"
MINUTES, SPAN = 400, 5
CONFIG = {
    "starting_balance": 10_000,
    "fee": 0.001,
    "futures_leverage": 1,
    "futures_leverage_mode": "cross",
    "exchange": EXCHANGE,
    "warm_up_candles": 0,
}


class Idle(Strategy):
    """Never trades."""

    def should_long(self) -> bool:
        return False

    def go_long(self) -> None: ...


class Trader(Strategy):
    """Gives a signal every fourth bar, by turns long and short; its limit orders may not fill."""

    def should_long(self) -> bool:
        return self.index % 8 == 2

    def should_short(self) -> bool:
        return self.index % 8 == 6

    def should_cancel_entry(self) -> bool:
        return True

    def go_long(self) -> None:
        self.buy = 1, self.price - 0.3

    def go_short(self) -> None:
        self.sell = 1, self.price + 0.3

    def on_open_position(self, order: Any) -> None:
        reach = 0.5 if self.is_long else -0.5
        self.take_profit = 1, self.position.entry_price + reach
        self.stop_loss = 1, self.position.entry_price - reach


def walk(seed: int, count: int = MINUTES) -> np.ndarray:
    rng = np.random.default_rng(seed)
    close = (100 + np.cumsum(rng.normal(0, 0.12, count))).round(3)
    opening = np.r_[100.0, close[:-1]]
    high = np.maximum(opening, close) + rng.random(count).round(3) / 5
    low = np.minimum(opening, close) - rng.random(count).round(3) / 5
    return np.column_stack([START + 60_000.0 * np.arange(count), opening, close, high, low, np.ones(count)])


def with_hooks(base: type[Strategy], **hooks: Any) -> type[Strategy]:
    return type(base.__name__, (base,), hooks)


def arguments(strategies: dict[str, type[Strategy]], timeframe: str) -> tuple[Any, ...]:
    routes = [
        {"exchange": EXCHANGE, "strategy": strategy, "symbol": symbol, "timeframe": timeframe}
        for symbol, strategy in strategies.items()
    ]
    return CONFIG, routes, []


def run(
    strategies: type[Strategy] | dict[str, type[Strategy]],
    candles: np.ndarray | dict[str, np.ndarray],
    timeframe: str = "5m",
) -> SessionResult:
    """Run strategies in one go."""
    by_symbol = strategies if isinstance(strategies, dict) else {BTC: strategies}
    rows = candles if isinstance(candles, dict) else {BTC: candles}
    named = {symbol: {"exchange": EXCHANGE, "symbol": symbol, "candles": rows[symbol]} for symbol in by_symbol}
    session = open_session(*arguments(by_symbol, timeframe), named)
    session.run()
    return SessionResult.of(session)


def feed(strategies: dict[str, type[Strategy]], candles: dict[str, np.ndarray], timeframe: str = "5m") -> SessionResult:
    """Run strategies minute by minute."""
    session = open_fed_session(*arguments(strategies, timeframe), start=START)
    with session.running():
        session.start()
        for minute in zip(*candles.values(), strict=True):
            session.feed(dict(zip(candles, minute, strict=True)))
        session.finish()
    return SessionResult.of(session)


def bars_of(candles: np.ndarray) -> np.ndarray:
    return resample(candles, "5m")


# --- The same as by hand --------------------------------------------------------------------------------------------


class ByHand(Idle):
    """Triple barriers on the close, and then horizons, by a state machine each: one open at a time."""

    width, horizon = 0.5, 6
    kind = "barrier"

    def __init__(self) -> None:
        super().__init__()
        self.anchor: tuple[int, float] | None = None

    def before(self) -> None:
        if self.anchor is not None:
            value = getattr(self, self.kind)(*self.anchor)
            if value is not None:
                self.record_label(self.kind, value)
                self.anchor = None
        if self.anchor is None:
            self.anchor = self.index, self.price
            self.record_features({"price": self.price})

    def barrier(self, start: int, price: float) -> int | None:
        if self.price >= price + self.width:
            return 1
        if self.price <= price - self.width:
            return -1
        return 0 if self.index - start >= self.horizon else None

    def window(self, start: int, price: float) -> float | None:
        return math.log(self.price / price) if self.index - start >= self.horizon else None


BARRIER = TripleBarrier(upper=0.5, lower=0.5, bars=6, unit="distance", on="close", name="barrier")
HORIZON = FixedHorizon(bars=6, name="window")


@pytest.mark.parametrize(("kind", "label"), [("barrier", BARRIER), ("window", HORIZON)])
@pytest.mark.parametrize("seed", range(3))
def test_one_at_a_time_is_the_state_machine_by_hand(kind: str, label: Any, seed: int) -> None:
    def observe(self: Any) -> None:
        if not state_of(self).open_observations:
            self.observe({"price": self.price}, label=label)

    candles = walk(seed)
    by_hand = run(with_hooks(ByHand, kind=kind), candles)
    observed = run(with_hooks(Idle, before=observe), candles)
    assert len(by_hand.data_points) > 10
    assert [{**sample, "payoff": None} for sample in observed.data_points] == [
        {**sample, "label": {"name": kind, "value": pytest.approx(sample["label"]["value"], rel=1e-12)}, "payoff": None}
        for sample in by_hand.data_points
    ]
    assert observed.open_points == by_hand.open_points == 1


def test_trade_outcomes_are_those_of_on_close_position() -> None:
    def by_hand(self: Any) -> None:
        self.record_features({"price": self.price})

    def observe(self: Any) -> None:
        self.observe({"price": self.price}, label=TradeOutcome(name="win"), key="entry")

    def label(self: Any, order: Any, trade: Any) -> None:
        self.record_label("win", trade.pnl > 0)

    candles = walk(4)
    expected = run(with_hooks(Trader, filters=signal(by_hand), on_close_position=label), candles)
    found = run(with_hooks(Trader, filters=signal(observe)), candles)
    assert len(expected.data_points) > 5
    assert len(expected.data_points) < MINUTES // SPAN // 4
    payoffs = [sample.pop("payoff") for sample in found.data_points]
    assert [sample.pop("key") for sample in found.data_points] == ["entry"] * len(payoffs)
    assert found.data_points == expected.data_points
    np.testing.assert_allclose(payoffs, [trade.pnl_percentage / 100 for trade in found.closed_trades])


def test_without_a_key_a_trade_labels_only_what_was_observed_before_it_opened() -> None:
    def observe(self: Any) -> None:
        self.observe({"index": self.index}, label=TradeOutcome("pnl"))

    result = run(with_hooks(Trader, before=observe), walk(4))
    trades = [trade for trade in result.closed_trades if trade.closed_at is not None]
    assert len(trades) > 5
    assert max(trade.closed_at - trade.opened_at for trade in trades) > 60_000 * SPAN
    seen = 0
    for sample in result.data_points:
        at = 1000 * sample["time"] + 60_000 * SPAN
        own = next(trade for trade in trades if trade.opened_at >= at)
        assert (sample["label"]["value"], 1000 * sample["label_time"]) == (own.pnl, own.closed_at)
        seen += 1
    assert seen > len(trades)


def test_the_opening_of_a_position_observes_its_own_trade() -> None:
    def observe(self: Any, order: Any) -> None:
        Trader.on_open_position(self, order)
        self.observe({"index": self.index}, label=TradeOutcome("pnl"))

    result = run(with_hooks(Trader, on_open_position=observe), walk(4))
    assert len(result.data_points) > 5
    assert [sample["label"]["value"] for sample in result.data_points] == [trade.pnl for trade in result.closed_trades]
    assert result.open_points == 0


def signal(record: Any) -> Any:
    """Make a `filters` that records each signal and lets it pass."""

    def filters(self: Any) -> list[Any]:
        record(self)
        return []

    return filters


# --- Many at once ---------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    starts=st.sets(st.integers(0, MINUTES // SPAN - 1), min_size=1),
    label=st.one_of(
        st.builds(FixedHorizon, bars=st.integers(1, 20), kind=st.sampled_from(["log", "simple"])),
        st.builds(
            TripleBarrier,
            upper=st.floats(0.05, 2),
            lower=st.floats(0.05, 2),
            bars=st.integers(1, 20),
            unit=st.just("distance"),
            on=st.sampled_from(["path", "close"]),
            side=st.sampled_from(["long", "short", None]),
            fee=st.sampled_from([0.0, 0.001]),
        ),
    ),
    base=st.sampled_from([Idle, Trader]),
)
def test_overlapping_observations_agree_with_the_label_over_all_candles(
    seed: int, starts: set[int], label: Any, base: type[Strategy]
) -> None:
    def observe(self: Any) -> None:
        if self.index in starts:
            self.observe({"index": self.index}, label=label)

    candles = walk(seed)
    result = run(with_hooks(base, before=observe), candles)
    expected = label.many(bars_of(candles), sorted(starts))
    assert result.open_points == expected.n_open
    found = {sample["features"]["index"]: sample for sample in result.data_points}
    known = {start: i for i, start in enumerate(sorted(starts)) if expected.known[i]}
    assert found.keys() == known.keys()
    for start, i in known.items():
        sample = found[start]
        assert sample["time"] == START // 1000 + 60 * SPAN * start
        assert sample["label_time"] == START // 1000 + 60 * SPAN * (expected.row[i] + 1)
        assert sample["label"] == {"name": label.name, "value": pytest.approx(expected.value[i].item())}
        assert sample["payoff"] == pytest.approx(expected.payoff[i])
        assert sample.get("side") == label.side
    times = [sample["label_time"] for sample in result.data_points]
    assert times == sorted(times)


def test_minute_by_minute_gives_the_same_samples() -> None:
    def observe(self: Any) -> None:
        self.observe({"index": self.index}, label=TripleBarrier(0.4, 0.6, bars=9, unit="distance"))
        self.observe({"index": self.index}, label=FixedHorizon(bars=4))
        self.observe({"index": self.index}, label=TradeOutcome())

    strategies = {BTC: with_hooks(Trader, before=observe), ETH: with_hooks(Idle, before=observe)}
    candles = {BTC: walk(1), ETH: walk(2)}
    at_once, fed = run(strategies, candles), feed(strategies, candles)
    assert at_once.data_points == fed.data_points
    assert at_once.open_points == fed.open_points
    assert {sample["label"]["name"] for sample in fed.data_points} == {
        "triple_barrier",
        "fixed_horizon",
        "trade_outcome",
    }


def test_each_route_decides_its_own() -> None:
    def observe(self: Any) -> None:
        self.observe({"index": self.index}, label=BARRIER)

    strategy = with_hooks(Idle, before=observe)
    candles = {BTC: walk(1), ETH: walk(2)}
    both = run({BTC: strategy, ETH: strategy}, candles)
    for symbol in candles:
        alone = run({symbol: strategy}, candles)
        assert [sample for sample in both.data_points if sample["symbol"] == symbol] == alone.data_points


def test_an_idle_strategy_that_only_answers_is_shown_every_candle() -> None:
    def should_long(self: Any) -> bool:
        if self.index in (3, 40):
            self.observe({"a": 1}, label=FixedHorizon(bars=2))
        return False

    result = run(with_hooks(Idle, should_long=should_long), walk(0))
    assert [sample["label_time"] - sample["time"] for sample in result.data_points] == [900, 900]


# --- The rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("close", "side", "value"), [(100.2, "long", False), (99.8, "long", True)])
def test_both_barriers_in_one_candle_follow_the_engines_path(close: float, side: str, value: bool) -> None:
    """A candle that closes above its open goes to its low first, one that closes below to its high."""
    rows = np.full((2, 6), 100.0)
    rows[:, 0] = START + 60_000 * np.arange(2)
    rows[1, 1:5] = 100.0, close, 102.0, 98.0

    def observe(self: Any) -> None:
        if self.index == 0:
            self.observe({"a": 1}, label=TripleBarrier(upper=101.0, lower=99.0, bars=1), side=side)

    class Bracket(Strategy):
        """What an order at each barrier comes to."""

        def should_long(self) -> bool:
            return self.index == 0

        def go_long(self) -> None:
            self.buy = 1, self.price
            self.take_profit = 1, 101.0
            self.stop_loss = 1, 99.0

    result = run(with_hooks(Bracket, before=observe), rows, "1m")
    [sample] = result.data_points
    assert sample["label"]["value"] is value
    assert (result.closed_trades[0].pnl > 0) is value
    assert sample["payoff"] == pytest.approx(0.01 if value else -0.01)


def test_an_observation_from_within_a_candle_does_not_see_that_candle() -> None:
    """The candle of the fill is half past: what it did before the fill decides nothing."""

    def observe(self: Any, order: Any) -> None:
        Trader.on_open_position(self, order)
        self.observe({"a": 1}, label=FixedHorizon(bars=1))

    candles = walk(7)
    result = run(with_hooks(Trader, on_open_position=observe), candles)
    bars = bars_of(candles)
    assert len(result.data_points) > 3
    for sample in result.data_points:
        row = int(np.flatnonzero(bars[:, 0] == 1000 * sample["time"])[0])
        assert sample["label_time"] == bars[row + 1, 0] // 1000 + 60 * SPAN


def test_a_candle_without_a_bar_of_its_own_still_decides() -> None:
    """A bar whose last minute is missing runs no hooks; price met the barrier in it all the same."""
    candles = walk(0, 60)
    candles[:, 1:5] = 100.0
    candles[11, 3] = 103.0
    gappy = np.delete(candles, 14, axis=0)

    def observe(self: Any) -> None:
        if self.index == 0:
            self.observe({"a": 1}, label=TripleBarrier(upper=102.0, lower=98.0, bars=3))

    [sample] = run(with_hooks(Idle, before=observe), gappy).data_points
    assert sample["label"]["value"] == 1
    assert sample["label_time"] == START // 1000 + 20 * 60


def test_a_key_replaces_what_is_open_under_it() -> None:
    def observe(self: Any) -> None:
        if self.index in (0, 2, 3):
            self.observe({"index": self.index}, label=FixedHorizon(bars=3), key="a" if self.index < 3 else "b")

    result = run(with_hooks(Idle, before=observe), walk(0))
    assert [(sample["features"]["index"], sample["key"]) for sample in result.data_points] == [(2, "a"), (3, "b")]
    assert result.open_points == 0


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("label", [replace(BARRIER, fee=0.001), HORIZON])
def test_a_side_is_as_if_the_label_had_been_made_with_it(side: Any, label: Any) -> None:
    def given(self: Any) -> None:
        self.observe({"index": self.index}, label=label, side=side)

    def own(self: Any) -> None:
        self.observe({"index": self.index}, label=replace(label, side=side))

    candles = walk(0)
    samples = run(with_hooks(Idle, before=given), candles).data_points
    assert samples == run(with_hooks(Idle, before=own), candles).data_points
    assert {sample["side"] for sample in samples} == {side}


def test_deploy_mode_asks_for_no_features() -> None:
    def observe(self: Any) -> None:
        self.observe(self.ml_features, label=BARRIER)

    def gathering(self: Any) -> dict[str, float]:
        return {"price": self.price}

    deployed = run(with_hooks(Idle, ml_mode="deploy", before=observe), walk(0))
    assert (deployed.data_points, deployed.open_points) == ([], 0)
    gathered = run(with_hooks(Idle, ml_mode="gather", ml_features=gathering, before=observe), walk(0))
    first = min(gathered.data_points, key=lambda sample: sample["time"])
    assert first["features"] == {"price": bars_of(walk(0))[0, 2]}


def test_a_label_of_ones_own_will_do() -> None:
    @dataclass
    class Watch:
        seen: int = 0

        def update(self, open: float, close: float, high: float, low: float, time: int) -> Outcome | None:
            self.seen += 1
            return Outcome(np.float64(high - low), time, 0.5) if self.seen == 2 else None

        def trade_closed(self, trade: Any, time: int) -> None: ...

    class NextButOneRange:
        name, side = "range", None

        def start(self, price: float, time: int) -> Watch:
            return Watch()

    def observe(self: Any) -> None:
        if self.index == 4:
            self.observe({"a": 1}, label=NextButOneRange(), side="short")

    candles = walk(0)
    [sample] = run(with_hooks(Idle, before=observe), candles).data_points
    bar = bars_of(candles)[6]
    assert sample["label"] == {"name": "range", "value": pytest.approx(bar[3] - bar[4])}
    assert type(sample["label"]["value"]) is float
    assert (sample["side"], sample["payoff"]) == ("short", 0.5)


@pytest.mark.parametrize(
    ("features", "label", "side", "error", "message"),
    [
        ({"a": "x"}, BARRIER, None, FeatureError, r"Idle on BTC-USDT at 2022-01-01 00:00 UTC: the feature 'a'"),
        ({"a": 1}, "win", None, DatasetError, r"Idle on BTC-USDT.*label must be a label such as TripleBarrier"),
        ({"a": 1}, TradeOutcome, None, DatasetError, r"label must be a label such as"),
        ({"a": 1}, TradeOutcome(side="long"), "short", DatasetError, r"side is 'short', but the label's own is 'long'"),
        ({"a": 1}, TradeOutcome(), "up", DatasetError, r"side must be one of 'long', 'short', None; it is 'up'"),
        ({"a": 1}, TripleBarrier(2.0, 1.0, bars=3), None, DatasetError, r"do not enclose the starting price"),
    ],
)
def test_what_cannot_be_observed_is_refused(
    features: Any, label: Any, side: Any, error: type[Exception], message: str
) -> None:
    def observe(self: Any) -> None:
        self.observe(features, label=label, side=side)

    with pytest.raises(error, match=message):
        run(with_hooks(Idle, before=observe), walk(0))
