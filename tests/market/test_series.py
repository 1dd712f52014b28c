"""Views of a run's candles: what they show, what they must not show, and where their slices come from."""

import contextlib
import warnings
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import livermore.indicators as ta
from livermore.candles import synthetic_candles
from livermore.errors import CandleError
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
        assert (view._series, view.end, view.forming) == (run, end, False)
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


@pytest.mark.parametrize("end", [-5, -1, 31, 10**6, 2**62, -(10**6)])
def test_bars_that_a_series_does_not_have_are_refused(end):
    run = series()
    run.view(9)
    with pytest.raises(IndexError, match=f"there are 30 bars of A-B, 1m, not {end}"):
        run.view(end)
    with pytest.raises(IndexError, match=f"there are 30 bars of A-B, 1m, not {end}"):
        run.view_forming(end, BARS[0])
    assert np.array_equal(run.view(10), BARS[:10])


def test_bars_of_another_width_are_refused():
    run = series()
    with pytest.raises(CandleError, match="a bar has 6 values, not 2"):
        run.view_forming(3, BARS[0, :2].copy())
    with pytest.raises(CandleError, match="a bar has 6 values, not 2"):
        run.append(BARS[0, :2])
    with pytest.raises(CandleError, match=r"not an array of shape \(30, 5\)"):
        series(BARS[:, :5])


def test_the_bars_of_a_series_cannot_be_changed():
    run = series()
    with pytest.raises(ValueError, match="read-only"):
        run.bars[3, 2] = 1.0
    with pytest.raises(ValueError, match="WRITEABLE"):
        run.bars.setflags(write=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        run.bars.dtype = np.int64
    assert np.array_equal(run.bars, BARS)
    with pytest.raises(CandleError, match="has its bars already"):
        run.__init__(BARS[:3], exchange="E", symbol="A-B", timeframe="1m", warm_up_candles=0)
    assert np.array_equal(run.view(30), BARS)


def test_a_view_has_no_public_way_to_its_series():
    assert not hasattr(series().view(5), "series")


@pytest.mark.parametrize(("name", "value"), [("shape", (6, -1)), ("strides", (0, 0)), ("dtype", np.int64)])
def test_the_memory_that_views_share_keeps_its_layout(name, value):
    run = series()
    root = run.view(5).base
    with pytest.raises(AttributeError, match=f"candles.base.{name} cannot be set"):
        setattr(root, name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        np.ndarray.__dict__[name].__set__(root, value)
    assert np.array_equal(run.view(6), BARS[:6])
    assert origin_of(run.view(6)[1:])[1:] == (1, 6)


def test_a_slice_with_a_forming_bar_stays_what_it_is_when_the_series_grows():
    run = series(BARS[:20])
    with_forming, completed = run.view_forming(20, BARS[20] * 2)[1:], run.view(20)[1:]
    forming_mean = with_forming[-5:, 2].mean()
    for row in BARS[20:]:
        run.append(row)
    assert np.array_equal(run.view(30), BARS)
    assert origin_of(with_forming) is None
    assert origin_of(completed)[1:] == (1, 20)
    assert ta.sma(with_forming, 5) == pytest.approx(forming_mean, rel=1e-12)
    assert ta.sma(run.view(20)[1:].base, 5) == ta.sma(np.array(run.view(20)[1:].base), 5)
    assert ta.sma(with_forming.base, 5) == ta.sma(np.array(with_forming.base), 5)


@pytest.mark.parametrize("entry", [5, (1,), (1, 2), ({}, [5]), ({}, [(1, 2)]), ({}, [((), 2)])])
def test_a_memo_that_was_changed_does_not_crash(entry):
    run = series()
    view = run.view(20)
    ta.sma(view, 5)
    run.memo[ta.sma.spec] = entry
    with contextlib.suppress(Exception):
        ta.sma(view, 5)
