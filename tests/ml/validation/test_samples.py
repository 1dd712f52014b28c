"""Labelled samples: when decisions were taken, and how much labels overlap from then on."""

import numpy as np
import pytest

from livermore.ml.dataset import Dataset
from livermore.ml.labels import effective_sample_size
from livermore.ml.split import SplitPart
from livermore.ml.validation import LabelledSamples

MINUTES = 15


def gathered(n: int, bars: int, *, timeframe: str | None = "15m") -> LabelledSamples:
    """Samples as `gather_ml_data` stamps them: time is the opening of the bar, label_time the end of a later one."""
    step = 60 * MINUTES
    samples = [
        {
            "time": step * i,
            "features": {"x": float(i)},
            "label": {"name": "up", "value": i % 2 == 0},
            "label_time": step * (i + 1 + bars),
            **({} if timeframe is None else {"timeframe": timeframe}),
        }
        for i in range(n)
    ]
    data = Dataset.from_samples(samples)
    return SplitPart(data, np.arange(n) % 2, data.X).samples()


def test_labels_that_are_known_a_bar_later_are_independent():
    assert effective_sample_size(gathered(600, 1).windows) == pytest.approx(600)


@pytest.mark.parametrize("bars", [2, 5, 20])
def test_labels_of_h_bars_are_as_many_as_fit_side_by_side(bars):
    n = 600
    # All but those at both ends overlap h - 1 others.
    assert effective_sample_size(gathered(n, bars).windows) == pytest.approx(n / bars, abs=1.5 + 0.6 * bars**0.5)


def test_without_a_timeframe_the_time_itself_is_the_decision():
    samples = gathered(20, 1, timeframe=None)
    np.testing.assert_array_equal(samples.decided, samples.time)


def test_a_label_that_is_known_within_the_bar_ends_there():
    """A trade that opened and closed within one bar was decided no later than it closed."""
    samples = LabelledSamples(
        np.zeros((2, 1)), np.array([0, 1]), np.array([0, 900]), np.array([300, 2700]), bar_end=np.array([900, 1800])
    )
    assert samples.decided.tolist() == [300, 1800]
    assert (samples.windows.end > samples.windows.start).all()


def test_bars_of_several_timeframes_end_when_each_does():
    rows = [
        {"time": 0, "features": {"x": 1.0}, "label": {"name": "up", "value": True}, "timeframe": name}
        for name in ("1m", "4h", "1D", "a timeframe of my own")
    ]
    assert Dataset.from_samples(rows).bar_end.tolist() == [60, 14400, 86400, 0]
