"""Barriers and horizons: tables of cases, and the fast pass against the candle-by-candle one."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import DatasetError
from livermore.ml.labels import FixedHorizon, Outcome, TradeOutcome, TripleBarrier
from livermore.ml.schedule import RetrainSchedule


def candles_of(rows):
    """Rows are (open, close, high, low); one per minute."""
    table = np.array(rows, dtype=float)
    return np.column_stack([np.arange(len(table)) * 60_000.0, table, np.ones(len(table))])


@st.composite
def random_candles(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(2, 40))
    # A coarse grid makes exact touches and equal prices frequent.
    open_ = 100 + random.integers(-3, 4, n).cumsum() * 0.5
    close = open_ + random.integers(-3, 4, n) * 0.5
    high = np.maximum(open_, close) + random.integers(0, 4, n) * 0.5
    low = np.minimum(open_, close) - random.integers(0, 4, n) * 0.5
    return candles_of(np.column_stack([open_, close, high, low]))


def observed(label, candles, row):
    """Feed one observer by hand."""
    observer = label.start(price=candles[row, 2], time=int(candles[row, 0] // 1000) + 60)
    for later in range(row + 1, len(candles)):
        open_, close, high, low = candles[later, 1:5]
        outcome = observer.update(open_, close, high, low, time=int(candles[later, 0] // 1000) + 60)
        if outcome is not None:
            return outcome, later
    return None, -1


# (open, close, high, low) of one candle; start at 100, barriers 98 and 103 → (touched, exit price)
PATH_CASES = [
    ("nothing", (100, 101, 102, 99), (0, 101)),
    ("upper alone, exactly", (100, 102, 103, 99), (1, 103)),
    ("lower alone, exactly", (100, 99, 101, 98), (-1, 98)),
    ("both, rising: the low comes first", (100, 102, 104, 97), (-1, 98)),
    ("both, falling: the high comes first", (100, 99, 104, 97), (1, 103)),
    ("both, closing at its open counts as rising", (100, 100, 104, 97), (-1, 98)),
    ("gap over the upper", (105, 99, 106, 97), (1, 105)),
    ("gap under the lower", (96, 104, 105, 95), (-1, 96)),
    ("opens at the upper", (103, 97, 103, 96), (1, 103)),
    ("opens at the lower", (98, 104, 105, 98), (-1, 98)),
]


@pytest.mark.parametrize(
    ("candle", "expected"), [case[1:] for case in PATH_CASES], ids=[case[0] for case in PATH_CASES]
)
def test_which_barrier_a_candles_path_meets_first(candle, expected):
    label = TripleBarrier(upper=103, lower=98, bars=1)
    outcome = label.start(100, 0).update(*candle, time=120)
    assert outcome == Outcome(value=expected[0], time=120, payoff=pytest.approx(expected[1] / 100 - 1))
    batch = label.many(candles_of([(100, 100, 100, 100), candle]), [0])
    assert (batch.value[0], batch.row[0], batch.time[0]) == (expected[0], 1, 120)
    assert batch.payoff[0] == pytest.approx(outcome.payoff)


# Everything that changes how a label is made.
LABELS = [
    TripleBarrier(0.02, 0.015, bars=5, unit="fraction"),
    TripleBarrier(0.02, 0.015, bars=5, unit="fraction", on="close"),
    TripleBarrier(1.5, 1.5, bars=4, unit="distance", side="long"),
    TripleBarrier(1.5, 1.0, bars=4, unit="distance", side="short", fee=0.001),
    TripleBarrier(1.5, 1.0, bars=3, unit="atr", atr=1.25, vertical="sign"),
    TripleBarrier(0.05, 0.05, bars=2, unit="fraction", side="short", vertical="sign", fee=0.002),
    FixedHorizon(bars=3),
    FixedHorizon(bars=1, kind="simple", side="short", fee=0.001),
    FixedHorizon(bars=2, kind="atr", atr=0.5),
]


@pytest.mark.parametrize("label", LABELS, ids=repr)
@given(candles=random_candles())
def test_the_fast_pass_agrees_with_the_observer(label, candles):
    batch = label.many(candles, np.arange(len(candles)))
    for row in range(len(candles)):
        outcome, known = observed(label, candles, row)
        assert batch.row[row] == known
        if outcome is not None:
            assert type(batch.value[row].item()) is type(outcome.value)
            assert batch.value[row] == pytest.approx(outcome.value)
            assert batch.time[row] == outcome.time
            assert batch.payoff[row] == pytest.approx(outcome.payoff)
    assert batch.n_open == np.count_nonzero(~batch.known)


@given(candles=random_candles(), bars=st.integers(1, 8))
def test_on_close_is_the_seeds_recipe(candles, bars):
    label = TripleBarrier(upper=2.0, lower=1.5, bars=bars, unit="distance", on="close")
    batch = label.many(candles, np.arange(len(candles)))
    for row in range(len(candles)):
        entry, value, known = candles[row, 2], 0, -1
        for later in range(row + 1, len(candles)):
            price = candles[later, 2]
            if price >= entry + 2.0:
                value, known = 1, later
            elif price <= entry - 1.5:
                value, known = -1, later
            elif later - row >= bars:
                value, known = 0, later
            if known >= 0:
                break
        assert batch.row[row] == known
        if known >= 0:
            assert batch.value[row] == value


def test_a_label_never_reads_past_its_vertical_barrier():
    quiet = [(100, 100, 100, 100)] * 4
    label = TripleBarrier(0.02, 0.02, bars=3, unit="fraction")
    wild = label.many(candles_of([*quiet, (200, 200, 200, 200)]), [0])
    assert (wild.value[0], wild.row[0]) == (0, 3)


def test_the_samples_own_candle_is_not_watched():
    candles = candles_of([(100, 100, 150, 50), (100, 100, 100, 100)])
    assert TripleBarrier(0.02, 0.02, bars=1, unit="fraction").many(candles, [0]).value[0] == 0


def test_a_target_that_fees_eat_up_counts_as_missed():
    up = (100, 101, 101, 100)
    free = TripleBarrier(101, 99, bars=1, side="long").start(100, 0).update(*up, time=1)
    costly = TripleBarrier(101, 99, bars=1, side="long", fee=0.006).start(100, 0).update(*up, time=1)
    assert free.value is True
    assert costly.value is False
    assert costly.payoff == pytest.approx(0.01 - 0.006 * 2.01)


def test_side_turns_the_target_round():
    down = (100, 99, 100, 99)
    assert TripleBarrier(101, 99, bars=1, side="short").start(100, 0).update(*down, time=1).value is True
    assert TripleBarrier(101, 99, bars=1, side="long").start(100, 0).update(*down, time=1).value is False


def test_atr_may_differ_from_row_to_row():
    candles = candles_of([(100, 100, 100, 100), (100, 101, 101, 100), (101, 102, 102, 101), (102, 103, 103, 102)])
    batch = TripleBarrier(1, 1, bars=3, unit="atr").many(candles, [0, 0], atr=[1.0, 3.0])
    assert batch.row.tolist() == [1, 3]


def test_log_horizon_is_the_seeds_number():
    outcome = FixedHorizon(bars=1).start(100, 0).update(100, 110, 111, 99, time=60)
    assert outcome.value == np.log(110 / 100)


def test_trade_outcome_reads_the_closed_trade():
    trade = SimpleNamespace(pnl=-3.0, pnl_percentage=-1.5)
    assert TradeOutcome().start(1, 0).trade_closed(trade, 9) == Outcome(False, 9, -0.015)
    assert TradeOutcome("pnl").start(1, 0).trade_closed(trade, 9).value == -3.0
    assert TradeOutcome("return").start(1, 0).trade_closed(trade, 9).value == -0.015


@pytest.mark.parametrize(
    ("opened_at", "counts"), [(540_000, False), (599_999, False), (600_000, True), (660_000, True)]
)
def test_a_trade_that_was_running_at_the_observation_is_not_its_own(opened_at, counts):
    trade = SimpleNamespace(pnl=1.0, pnl_percentage=1.0, opened_at=opened_at)
    assert (TradeOutcome().start(1, 600).trade_closed(trade, 900) is not None) is counts
    assert TripleBarrier(2, 1, bars=1).start(1.5, 0).trade_closed(trade, 9) is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TripleBarrier(1, 1, bars=0), "bars must be a whole number of candles, at least 1; it is 0"),
        (lambda: TripleBarrier(0, 1, bars=1), "must be positive numbers; they are 0 and 1"),
        (lambda: TripleBarrier(1, 1, bars=1, unit="fractions"), "Did you mean 'fraction'"),
        (lambda: TripleBarrier(1, 1, bars=1, side="buy"), "side must be one of"),
        (lambda: TripleBarrier(1, 1, bars=1, fee=2), "fee must be a rate"),
        (lambda: TripleBarrier(0.02, 0.01, bars=1).start(100, 0), "use unit='distance', 'fraction' or 'atr'"),
        (lambda: TripleBarrier(1, 1, bars=1, unit="atr").start(100, 0), "needs the average true range"),
        (lambda: FixedHorizon(1, kind="atr").start(100, 0), "needs a positive average true range"),
        (lambda: FixedHorizon(1.5), "bars must be a whole number"),
        (lambda: TradeOutcome("wins"), "Did you mean 'win'"),
        (lambda: FixedHorizon(1).many(candles_of([(1, 1, 1, 1)]), [3]), "Row 3 does not exist: there are 1 candles"),
    ],
)
def test_what_a_label_cannot_be(make, message):
    with pytest.raises(DatasetError, match=message):
        make()


MANY = candles_of(
    [(100, 101, 102, 99), (101, 103, 104, 100), (103, 99, 103, 98), (99, 100, 101, 97), (100, 100, 101, 99)]
)


@pytest.mark.parametrize("label", LABELS, ids=repr)
def test_a_mask_chooses_rows(label):
    mask = np.array([False, True, False, True, True])
    chosen, expected = label.many(MANY, mask), label.many(MANY, [1, 3, 4])
    for name in ("value", "row", "time", "payoff"):
        np.testing.assert_array_equal(getattr(chosen, name), getattr(expected, name))


@pytest.mark.parametrize("label", LABELS, ids=repr)
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0.5], "rows must be whole numbers"),
        ([np.nan], "rows must be whole numbers"),
        ([True, False], "a mask of rows needs an entry for each of the 5 candles; it has 2"),
        ([-1], "Row -1 does not exist"),
        ([5], "Row 5 does not exist"),
        ([2.0**63], "does not exist"),
        (["1"], "whole numbers or a mask of bools"),
        ([[1, 2]], "one-dimensional"),
    ],
)
def test_what_is_no_row_is_refused(label, rows, message):
    with pytest.raises(DatasetError, match=message):
        label.many(MANY, rows)


@pytest.mark.parametrize("label", LABELS, ids=repr)
@pytest.mark.parametrize(
    ("candles", "message"),
    [
        (MANY[:, :3], r"rows of 6 numbers .* shape \(5, 3\)"),
        (np.column_stack([MANY, MANY[:, 0]]), r"rows of 6 numbers .* shape \(5, 7\)"),
        (MANY.T.copy(), "rows of 6 numbers"),
        (MANY[0], "rows of 6 numbers"),
        (MANY.astype(str), "rows of 6 numbers"),
        (np.where(np.arange(5)[:, None] == 3, np.nan, MANY), "candle 3 has a time or price that is no finite number"),
        (np.ma.masked_array(MANY, mask=MANY == 103), "masked"),
    ],
)
def test_what_are_no_candles_is_refused(label, candles, message):
    with pytest.raises(DatasetError, match=message):
        label.many(candles, [0, 1])


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda rows: np.repeat(rows, 2, axis=0)[::2], pd.DataFrame])
@pytest.mark.parametrize("label", LABELS, ids=repr)
def test_candles_of_any_memory_layout_and_frames_give_the_same(label, layout):
    names = ["timestamp", "open", "close", "high", "low", "volume"]
    candles = pd.DataFrame(MANY, columns=names) if layout is pd.DataFrame else layout(MANY)
    np.testing.assert_array_equal(label.many(candles, [0, 1]).payoff, label.many(MANY, [0, 1]).payoff)


@pytest.mark.parametrize("bars", [10**6, 2**31, 2**63 - 1, 2**63, 2**70])
def test_any_number_of_bars_ends(bars):
    assert TripleBarrier(0.5, 0.5, bars=bars, unit="fraction").many(MANY, [0, 4]).row.tolist() == [-1, -1]
    assert FixedHorizon(bars=bars).many(MANY, [0, 4]).row.tolist() == [-1, -1]


@pytest.mark.parametrize("bars", [0, -1, 1.5, True, float("inf"), float("nan"), "3", None])
def test_what_is_no_number_of_bars_is_refused(bars):
    for make in (lambda: TripleBarrier(1, 1, bars=bars), lambda: FixedHorizon(bars=bars)):
        with pytest.raises(DatasetError, match="bars must be a whole number of candles"):
            make()


def test_an_average_true_range_per_row_needs_one_for_each():
    label = TripleBarrier(1, 1, bars=2, unit="atr")
    assert label.many(MANY, [0, 1], atr=[1.5, 1.5]).row.tolist() == label.many(MANY, [0, 1], atr=1.5).row.tolist()
    for one in (label, FixedHorizon(bars=1, kind="atr")):
        with pytest.raises(DatasetError, match="one for each of the 2 rows"):
            one.many(MANY, [0, 1], atr=[1.0, 1.5, 2.0])


@pytest.mark.parametrize("price", [float("nan"), float("inf")])
def test_a_starting_price_that_is_no_number_is_refused(price):
    for label in (TripleBarrier(0.1, 0.1, bars=2, unit="fraction"), FixedHorizon(bars=2)):
        with pytest.raises(DatasetError, match="starting price must be a finite number"):
            label.start(price, 0)


@pytest.mark.parametrize("order", [slice(None, None, -1), [0, 1, 1, 2], [0, 2, 1]])
@pytest.mark.parametrize("label", [TripleBarrier(0.1, 0.1, 2, unit="fraction"), FixedHorizon(2)])
def test_candles_out_of_order_are_refused(label, order):
    candles = candles_of([(100, 100, 100, 100)] * 4)
    with pytest.raises(DatasetError, match="not later than the one before it"):
        label.many(candles[order], [0])


@pytest.mark.parametrize("rows", [np.ma.array([1, 2], mask=[0, 1]), [[1], [2, 3]]])
def test_masked_and_ragged_rows_are_refused(rows):
    with pytest.raises(DatasetError, match="rows"):
        FixedHorizon(2).many(candles_of([(100, 100, 100, 100)] * 4), rows)


@pytest.mark.parametrize(
    "value", ["x", 10**400, np.array([1]), None, True, [1]], ids=lambda value: type(value).__name__
)
@pytest.mark.parametrize("name", ["upper", "lower", "fee", "atr"])
def test_parameters_that_are_no_number_are_refused(name, value):
    if name == "atr" and value is None:
        return
    with pytest.raises(DatasetError, match=name):
        TripleBarrier(**{"upper": 0.1, "lower": 0.1, "bars": 2, "unit": "fraction", name: value})


@pytest.mark.parametrize("atr", ["x", 10**400, np.ma.array([1.0], mask=[1])], ids=["text", "large", "masked"])
def test_an_atr_that_is_no_number_is_refused(atr):
    with pytest.raises(DatasetError, match="atr"):
        FixedHorizon(2, kind="atr").many(candles_of([(100, 100, 100, 100)] * 4), [0], atr=atr)


@pytest.mark.parametrize("label", [FixedHorizon(bars=1), TripleBarrier(0.5, 0.5, bars=1, unit="fraction")], ids=repr)
def test_a_label_is_known_when_the_candle_that_decides_ends(label):
    """Its close is not known at its opening: a training at that time must not use the sample."""
    candles = candles_of([(100, 100, 100, 100)] * 20)
    batch = label.many(candles, np.arange(20))
    assert batch.time.tolist() == [60 * (row + 2) for row in range(19)] + [0]
    schedule = RetrainSchedule(every=timedelta(minutes=1), min_samples=2)
    opening = int(candles[12, 0] // 1000)
    used = schedule.known(candles[:19, 0] // 1000, batch.time[:19], opening)
    assert batch.row[used].max() == 11


def test_the_end_of_a_candle_before_a_gap_is_not_the_opening_after_it():
    candles = candles_of([(100, 100, 100, 100)] * 6)
    candles[3:, 0] += 600_000
    assert FixedHorizon(bars=1).many(candles, [0, 1, 2]).time.tolist() == [120, 180, 840]


def test_candles_of_any_length_end_when_the_next_one_opens():
    candles = candles_of([(100, 100, 100, 100)] * 4)
    candles[:, 0] = [0, 1000, 61_000, 95_500]
    assert FixedHorizon(bars=1).many(candles, [0, 1, 2]).time.tolist() == [61, 96, 156]


def test_no_candles_have_no_labels():
    assert FixedHorizon(bars=1).many(np.empty((0, 6)), np.empty(0, dtype=int)).time.tolist() == []


def test_a_mask_is_named_and_not_taken_for_text() -> None:
    # The refusal is a ValueError, and was once caught as one and replaced.
    masked = np.ma.array([0, 1], mask=[False, True])
    with pytest.raises(DatasetError, match="masked in places"):
        FixedHorizon(2).many(candles_of([(100, 100, 100, 100)] * 4), masked)
