"""Our labels pass the suite that users run on theirs, and labels that are wrong do not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from livermore.ml.labels import FixedHorizon, Outcomes, TradeOutcome, TripleBarrier
from livermore.testing import LabelSuite


class TestTripleBarrier(LabelSuite):
    @pytest.fixture(
        params=[
            TripleBarrier(0.01, 0.01, bars=20, unit="fraction"),
            TripleBarrier(0.02, 0.01, bars=5, unit="fraction", side="short", vertical="sign", fee=0.001),
            TripleBarrier(0.01, 0.02, bars=9, unit="fraction", side="long", on="close"),
        ],
        ids=repr,
    )
    def label(self, request: pytest.FixtureRequest) -> Any:
        return request.param


class TestFixedHorizon(LabelSuite):
    @pytest.fixture(params=[FixedHorizon(bars=3), FixedHorizon(bars=1, kind="simple", side="short")], ids=repr)
    def label(self, request: pytest.FixtureRequest) -> Any:
        return request.param


class TestTradeOutcome(LabelSuite):
    @pytest.fixture
    def label(self) -> Any:
        return TradeOutcome()


@dataclass(frozen=True)
class OneRowLate(FixedHorizon):
    """Its `many` decides one candle later than its observer."""

    def many(self, candles: Any, rows: Any, atr: Any = None) -> Outcomes:
        return FixedHorizon(bars=self.bars + 1).many(candles, rows)


@dataclass(frozen=True)
class Peeking(FixedHorizon):
    """Its `many` looks at the last candle of all."""

    def many(self, candles: Any, rows: Any, atr: Any = None) -> Outcomes:
        found = super().many(candles, rows)
        return Outcomes(found.value + candles[-1, 2], found.row, found.time, found.payoff)


def test_labels_that_are_wrong_fail() -> None:
    with pytest.raises(AssertionError, match="decided by row"):
        LabelSuite().test_many_agrees_with_the_observer(OneRowLate(bars=2))
    with pytest.raises(AssertionError):
        LabelSuite().test_many_does_not_look_beyond_the_candle_that_decides(Peeking(bars=2))


def test_candles_that_are_read_only_are_labelled() -> None:
    candles = np.ones((5, 6))
    candles[:, 0] = np.arange(5) * 60_000
    candles.flags.writeable = False
    assert FixedHorizon(bars=1).many(candles, [0]).row.tolist() == [1]
