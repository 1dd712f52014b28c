"""Checks for labels, ours and yours: observed candle by candle and computed at once, they must agree."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from livermore.ml.labels import Outcome
from livermore.ml.labels._checks import known_times
from livermore.testing._indicators import sample_markets
from livermore.typing import Rows

__all__ = ["LabelSuite"]

# How many rows of each market a sample starts at, and how many candles each observer is fed at most.
N_STARTS = 25
N_FED = 400


class LabelSuite:
    """Tests that every label should pass; inherit them and say which label.

    A label has a `name`, a `side`, and `start`, which returns an observer that is fed candle by candle, each with the
    time of its end (see `livermore.ml.labels.Label`). If it also has `many`, which labels many rows of an array at
    once, both must agree.

    Examples
    --------
    >>> from livermore.ml.labels import FixedHorizon
    >>> class TestThreeBars(LabelSuite):
    ...     @pytest.fixture
    ...     def label(self):
    ...         return FixedHorizon(bars=3)
    """

    @pytest.fixture
    def label(self) -> Any:
        """Return the label under test; a suite must say which it is."""
        raise NotImplementedError("a LabelSuite needs a fixture `label` that returns the label")

    def test_says_what_it_is(self, label: Any) -> None:
        """The name is a text, and the side is "long", "short" or None."""
        assert isinstance(label.name, str)
        assert label.name
        assert label.side in ("long", "short", None)

    def test_outcomes_are_plain_and_known_after_the_sample(self, label: Any) -> None:
        """An outcome has a bool, int or float, a whole time after the sample's own, and a finite payoff."""
        for candles, row in _starts():
            outcome, _ = _observed(label, candles, row)
            if outcome is not None:
                assert type(outcome.value) in (bool, int, float), f"{outcome.value!r} is no plain number"
                assert math.isfinite(outcome.value)
                assert math.isfinite(outcome.payoff)
                assert type(outcome.time) is int
                end = known_times(candles, np.arange(len(candles)))[row]
                assert outcome.time > end, "the label was known before any later candle was"

    def test_observers_do_not_share_anything(self, label: Any) -> None:
        """Two observers that are fed in turn give what each gives alone."""
        for candles, row in _starts():
            alone = _observed(label, candles, row)
            other = label.start(float(candles[0, 2]), 0)
            assert _observed(label, candles, row, beside=other) == alone

    def test_many_agrees_with_the_observer(self, label: Any) -> None:
        """Labels computed at once are those observed candle by candle: value, type, row, time and payoff."""
        for candles in _markets(label):
            rows = _rows(candles)
            outcomes = label.many(candles, rows)
            for i, row in enumerate(rows):
                outcome, known = _observed(label, candles, row, fed=len(candles))
                assert outcomes.row[i] == known, f"row {row}: decided by row {outcomes.row[i]}, observed at {known}"
                if outcome is not None:
                    assert type(outcomes.value[i].item()) is type(outcome.value)
                    assert outcomes.value[i] == pytest.approx(outcome.value, rel=1e-12, abs=1e-12)
                    assert outcomes.payoff[i] == pytest.approx(outcome.payoff, rel=1e-12, abs=1e-12)
                    assert outcomes.time[i] == outcome.time

    def test_many_does_not_look_beyond_the_candle_that_decides(self, label: Any) -> None:
        """Without the candles after the deciding one, the outcome is the same; without that one, it is open."""
        for candles in _markets(label):
            for row in _rows(candles)[:5]:
                whole = label.many(candles, [row])
                known = int(whole.row[0])
                if known < 0:
                    continue
                cut = label.many(candles[: known + 1], [row])
                assert (cut.row[0], cut.value[0], cut.payoff[0]) == (known, whole.value[0], whole.payoff[0])
                assert label.many(candles[:known], [row]).row[0] == -1

    def test_many_leaves_its_input_alone(self, label: Any) -> None:
        """Candles that cannot be written to are labelled, too, and not changed."""
        for candles in _markets(label):
            before = candles.copy()
            candles.flags.writeable = False
            label.many(candles, _rows(candles))
            np.testing.assert_array_equal(candles, before)


def _markets(label: Any) -> Iterator[Rows]:
    if not hasattr(label, "many"):
        pytest.skip("the label has no `many`")
    yield from (market.copy() for market in sample_markets().values())


def _rows(candles: Rows) -> list[int]:
    """Return rows to start at, the last one included."""
    return sorted({*np.linspace(0, len(candles) - 1, N_STARTS).astype(int).tolist(), len(candles) - 1})


def _starts() -> Iterator[tuple[Rows, int]]:
    for candles in sample_markets().values():
        for row in _rows(candles):
            yield candles, row


def _observed(
    label: Any, candles: Rows, row: int, *, fed: int = N_FED, beside: Any = None
) -> tuple[Outcome | None, int]:
    """Feed one observer, and another one beside it; return the outcome and the row that decided it (-1 while open)."""
    ends = known_times(candles, np.arange(len(candles)))
    observer = label.start(float(candles[row, 2]), int(ends[row]))
    for later in range(row + 1, min(len(candles), row + 1 + fed)):
        open_, close, high, low = candles[later, 1:5].tolist()
        outcome = observer.update(open_, close, high, low, int(ends[later]))
        if beside is not None and beside.update(open_, close, high, low, int(ends[later])) is not None:
            beside = None
        if outcome is not None:
            return outcome, later
    return None, -1
