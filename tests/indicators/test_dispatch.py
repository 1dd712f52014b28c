"""The functions that users call behave like functions in Python, whether the lookup is compiled or not."""

import copy
import gc
import inspect
import pickle
import typing
import weakref
from typing import Any, NamedTuple

import numpy as np
import pytest

import livermore.indicators as ta
from livermore.candles import synthetic_candles
from livermore.errors import IndicatorError
from livermore.indicators import _cached_values, _dispatch, _memo
from livermore.indicators._kernels import cache as cache_kernel
from livermore.indicators._kernels.cache import MOST_CALLS
from livermore.market.series import CandleSeries
from livermore.testing._kernels import uncompiled

WINDOW = 60
CANDLES = synthetic_candles(600, seed=5)


@pytest.fixture(params=["compiled", "plain"])
def lookup(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Indicators made during the test look their values up in the compiled code, or in the same file as Python."""
    if request.param == "plain":
        plain = uncompiled(cache_kernel)
        monkeypatch.setattr(_dispatch, "Finder", plain.Finder)
        monkeypatch.setattr(_dispatch, "fast_callable", plain.fast_callable)
        monkeypatch.setattr(_memo, "Tables", plain.Tables)
        for name in ("Chunk", "PartialBarValues", "Prefixes", "Values"):
            monkeypatch.setattr(_cached_values, name, getattr(plain, name))
    return str(request.param)


def series_of(candles: np.ndarray) -> CandleSeries:
    return CandleSeries(candles, exchange="E", symbol="A-B", timeframe="15m", warm_up_candles=WINDOW)


class Pair(NamedTuple):
    first: Any
    second: Any


@pytest.mark.usefixtures("lookup")
def test_all_spellings_of_a_call() -> None:
    @ta.indicator
    def scaled(candles: np.ndarray, by: float, plus: float = 0.5, *, less: float = 0, sequential: bool = False) -> Any:
        return candles[:, 2] * by + plus - less

    series = series_of(CANDLES)
    for end in range(100, 140):
        view, close = series.view(end), CANDLES[end - 1, 2]
        assert scaled(view, 2) == scaled(view, by=2) == scaled(view, 2, 0.5, sequential=False) == close * 2 + 0.5
        assert scaled(view, plus=3, by=2) == scaled(by=2, candles=view, plus=3) == close * 2 + 3
        assert scaled(view, 2, less=1) == close * 2 + 0.5 - 1
        assert scaled(view, 2, **{"".join(["le", "ss"]): 1}) == close * 2 + 0.5 - 1
        whole = scaled(view, 2, sequential=True)
        np.testing.assert_array_equal(whole, CANDLES[:end, 2] * 2 + 0.5)
        for args, kwargs, message in (
            ((), {}, "missing 1 required positional argument: 'by'"),
            ((2, 3, 4), {}, "positional"),
            ((2,), {"by": 2}, "multiple values for argument 'by'"),
            ((2,), {"times": 2}, "unexpected keyword argument 'times'"),
        ):
            with pytest.raises(TypeError, match=message):
                scaled(view, *args, **kwargs)


@pytest.mark.usefixtures("lookup")
def test_more_calls_than_are_recognised_by_identity() -> None:
    @ta.indicator
    def scaled(candles: np.ndarray, by: float = 1.0, sequential: bool = False) -> np.ndarray:
        return candles[:, 2] * by

    series = series_of(CANDLES)
    for end in range(100, 110):
        for by in np.linspace(1, 2, 3 * MOST_CALLS).tolist():
            assert scaled(series.view(end), by + 0.0) == CANDLES[end - 1, 2] * by


@pytest.mark.usefixtures("lookup")
def test_equal_parameters_of_another_type_are_other_parameters() -> None:
    @ta.indicator
    def scaled(candles: np.ndarray, period: int = 1, sequential: bool = False) -> np.ndarray:
        assert type(period) is int
        return candles[:, 2] * period

    series = series_of(CANDLES)
    for end in range(100, 104):
        view = series.view(end)
        assert scaled(view, 1) == scaled(view, 1.0) == scaled(view, np.int64(1)) == CANDLES[end - 1, 2]
        with pytest.raises(IndicatorError, match="period=True is not allowed"):
            scaled(view, True)


@pytest.mark.usefixtures("lookup")
def test_fields_numbers_and_other_values() -> None:
    @ta.indicator(batched=True)
    def pair(candles: np.ndarray, sequential: bool = False) -> Pair:
        return Pair(candles[:, 2] * 2, candles[:, 3] - candles[:, 4])

    @ta.indicator(batched=True)
    def mixed(candles: np.ndarray, sequential: bool = False) -> Pair:
        return Pair(candles[:, 2] > 0, candles[:, 3])

    series = series_of(CANDLES)
    for end in range(1, 200):
        row, view = CANDLES[end - 1], series.view(end)
        assert repr(pair(view)) == repr(Pair(row[2] * 2, row[3] - row[4]))
        assert repr(mixed(view)) == repr(Pair(np.True_, row[3]))
        whole = pair(view, sequential=True)
        assert type(whole) is Pair
        assert len(whole.first) == len(whole.second) == end
        np.testing.assert_array_equal(whole.second, CANDLES[:end, 3] - CANDLES[:end, 4])


@pytest.mark.usefixtures("lookup")
def test_slices_and_partial_bars_are_not_looked_up_as_their_series() -> None:
    @ta.indicator
    def newest(candles: np.ndarray, sequential: bool = False) -> np.ndarray:
        return candles[:, 2] * 1

    series = series_of(CANDLES)
    for end in range(100, 110):
        view = series.view(end)
        assert newest(view) == CANDLES[end - 1, 2]
        assert newest(view[:-3]) == CANDLES[end - 4, 2]
        assert newest(series.view_forming(end, CANDLES[end] + 1)) == CANDLES[end, 2] + 1


def test_an_indicator_can_be_used_like_a_function() -> None:
    assert ta.atr.__name__ == ta.atr.__qualname__ == "atr"
    assert ta.atr.__module__ == "livermore.indicators.library.atr"
    assert ta.atr.__doc__ == ta.atr.compute.__doc__
    assert repr(ta.atr).startswith("<function atr")
    assert inspect.isroutine(ta.atr)
    assert list(inspect.signature(ta.atr).parameters) == ["candles", "period", "sequential"]
    assert typing.get_type_hints(ta.atr)["period"] is int
    assert pickle.loads(pickle.dumps(ta.atr)) is copy.deepcopy(ta.atr) is ta.atr

    class Owner:
        average = ta.indicator(lambda owner, sequential=False: np.zeros(3))

    assert Owner.average(CANDLES) == 0.0
    with pytest.raises(TypeError, match="Owner"):
        Owner().average()


def test_an_indicator_that_refers_to_itself_is_collected() -> None:
    def make() -> weakref.ref[Any]:
        def body(candles: np.ndarray, sequential: bool = False) -> np.ndarray:
            return candles[:, 2] if made is body else candles[:, 1]

        made = ta.indicator(body)
        return weakref.ref(body)

    forgotten = make()
    gc.collect()
    assert forgotten() is None


def test_arithmetic_on_views_is_plain() -> None:
    view = series_of(CANDLES).view(90)
    plain = np.array(view)
    for result in (view[-2:, 2] > plain[-2:, 1], view[:, 2] - view[:, 1], 2.0 * view, -view, view.mean(axis=0)):
        assert type(result) is np.ndarray
    assert type(view[:, 2].sum()) is type(view[:, 2].max()) is np.float64
    np.testing.assert_array_equal(np.linalg.svd(view)[1], np.linalg.svd(plain)[1])
    own = other = view.copy()
    own *= 2
    np.testing.assert_array_equal(own, plain * 2)
    np.testing.assert_array_equal(other, plain * 2)


class Changeable:
    """An integer by `__index__` that can change."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


@pytest.mark.usefixtures("lookup")
@pytest.mark.parametrize("sequential", [False, True])
def test_parameters_that_change_between_calls(sequential: bool) -> None:
    @ta.indicator
    def mean(candles: np.ndarray, period: int = 5, back: int = 0, sequential: bool = False) -> Any:
        close = candles[:, 2]
        return np.array([close[max(0, i + 1 - period) : i + 1].mean() for i in range(len(close))]) + back

    view = series_of(CANDLES).view(200)
    array, number = np.array(14), Changeable(1)
    for _ in range(2):
        before = np.array(mean(view, array, number, sequential=sequential))
        np.testing.assert_array_equal(before, mean(view, 14, 1, sequential=sequential))
    array[...], number.number = 30, 2
    after = np.array(mean(view, array, number, sequential=sequential))
    np.testing.assert_array_equal(after, mean(view, 30, 2, sequential=sequential))
    assert (before[..., None] != after[..., None]).any()
    with pytest.raises(IndicatorError, match="period=array"):
        mean(view, np.array(14.5))
