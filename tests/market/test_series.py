"""Views of a run's candles: what they show, what they must not show, and where their slices come from."""

import warnings
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.candles import synthetic_candles
from livermore.market.series import CandleSeries
from livermore.market.view import origin_of

BARS = synthetic_candles(30, seed=1)


def series(bars=BARS):
    return CandleSeries(bars.copy(), exchange="E", symbol="A-B", timeframe="1m", warm_up_candles=10)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=20).map(sorted), st.booleans())
def test_a_view_shows_the_past_and_its_memory_nothing_of_the_future(ends, with_forming):
    run = series()
    for end in ends:
        if with_forming and end < 30:
            forming = run.view_forming(end, BARS[end] * 0.5)
            assert np.array_equal(forming[:-1], BARS[:end])
            assert np.array_equal(forming[-1], BARS[end] * 0.5)
            assert forming.forming
        view = run.view(end)
        assert np.array_equal(view, BARS[:end])
        assert (view.series, view.end, view.forming) == (run, end, False)
        # The whole buffer of the view, which `view.base` leads to.
        root = view.base
        shown = root[: end + 1 if with_forming else end]
        assert not root[len(shown) :].any()


def test_views_and_their_slices_cannot_be_written_to():
    view = series().view(5)
    with pytest.raises(ValueError, match="read-only"):
        view[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        view[1:3][0, 0] = 1


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30))
def test_slices_are_found_in_their_series(end, start, stop):
    run = series()
    part = run.view(end)[start:stop]
    origin = origin_of(part)
    assert origin is not None
    found, first, last = origin
    assert found is run
    assert np.array_equal(run.bars[first:last], part)


@pytest.mark.parametrize(
    "derive",
    [
        lambda view: view.copy(),
        lambda view: view[:, 2],
        lambda view: view[:, :5],
        lambda view: view[::2],
        lambda view: view[::-1],
        lambda view: view * 1.0,
        lambda view: view[[1, 2]],
        lambda view: view[3],
        lambda view: np.array(view),
    ],
)
def test_what_is_no_unbroken_run_of_rows_has_no_origin(derive):
    assert origin_of(derive(series().view(9))) is None
    assert origin_of(BARS) is None


def test_a_live_series_grows():
    run = series(BARS[:3])
    first = run.view(3)
    for row in BARS[3:]:
        run.append(row)
    assert run.size == 30
    assert np.array_equal(run.view(30), BARS)
    assert np.array_equal(first, BARS[:3])
    assert np.array_equal(run.view_forming(30, BARS[0])[-1], BARS[0])


def test_a_view_that_somebody_keeps_stays_as_it_is():
    run = series()
    kept, part, plain = run.view(5), run.view(6)[2:], np.asarray(run.view(7))
    seen = weakref.ref(run.view(8))
    for end in range(9, 12):
        run.view(end)
    assert [len(array) for array in (kept, part, plain)] == [5, 4, 7]
    assert (kept.end, kept.forming, seen()) == (5, False, None)


def test_a_view_that_nobody_keeps_is_taken_again_in_any_shape():
    run = series()
    for end in range(31):
        view = run.view(end)
        assert view.shape == (end, 6)
        assert view.flags.f_contiguous == np.zeros((end, 6)).flags.f_contiguous
        assert memoryview(view).shape == (end, 6)
        del view
    with warnings.catch_warnings():
        # numpy 2.5 deprecates setting a shape; older releases and strategies still do it.
        warnings.simplefilter("ignore", DeprecationWarning)
        run.view(20).shape = (60, 2)
    assert run.view(21).shape == (21, 6)
    run.view(22).dtype = np.int64
    assert run.view(23).dtype == np.float64


def test_a_forming_row_is_not_shown_as_completed():
    run = series()
    assert run.view(9).forming is False
    assert run.view_forming(8, BARS[8] * 0.5).forming is True
    assert np.array_equal(run.view(9), BARS[:9])
    assert run.view(9).forming is False
