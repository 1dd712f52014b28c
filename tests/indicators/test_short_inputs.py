"""Empty and short inputs have one answer, whatever they are slices of, and no value comes from a later bar."""

import inspect
from typing import Any

import numpy as np
import pytest

import livermore.indicators as ta
from livermore.candles import synthetic_candles
from livermore.errors import IndicatorError
from livermore.indicators._kernels.cache import Chunk
from livermore.market.indicator_window import indicator_window
from livermore.market.series import CandleSeries
from livermore.market.view import CandleView

WINDOW = 210
CANDLES = synthetic_candles(400, seed=1)
NAMES = sorted(name for name in ta.__all__ if hasattr(getattr(ta, name), "compute"))


@pytest.fixture(autouse=True)
def _window() -> Any:
    token = indicator_window.set(WINDOW)
    yield
    indicator_window.reset(token)


def series_of(candles: np.ndarray) -> CandleSeries:
    return CandleSeries(candles, exchange="E", symbol="A-B", timeframe="1h", warm_up_candles=WINDOW)


def needed(name: str, candles: np.ndarray) -> dict[str, Any]:
    """The parameters without a default: benchmark candles of the same length."""
    parameters = list(inspect.signature(getattr(ta, name)).parameters.values())[1:]
    return {p.name: candles for p in parameters if p.default is p.empty}


def fields(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple) else [value]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_no_candles_give_nan_and_series_without_rows(name: str) -> None:
    indicator, view = getattr(ta, name), series_of(CANDLES).view(1)
    for candles in (view[:-1], view[:-60], CANDLES[:0]):
        for value in fields(indicator(candles, **needed(name, candles))):
            assert value is None or not isinstance(value, float) or np.isnan(value)
        if "sequential" in inspect.signature(indicator).parameters:
            for value in fields(indicator(candles, sequential=True, **needed(name, candles))):
                assert not isinstance(value, np.ndarray) or len(value) == 0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_slices_give_what_their_copies_give(name: str) -> None:
    indicator = getattr(ta, name)
    for end in (1, 2, 61, 300):
        view = series_of(CANDLES).view(end)
        for part in (slice(0, -1), slice(0, -60), slice(1, None), slice(-3, None), slice(5, 3), slice(0, 0)):
            found = indicator(view[part], **needed(name, view[part]))
            copy = np.array(view[part])
            direct = indicator(copy, **needed(name, copy))
            assert repr(found) == repr(direct)


@pytest.mark.parametrize("name", ["ema", "bollinger_bands", "zscore", "keltner", "hma", "dema", "kdj", "tema", "zlema"])
def test_a_period_above_the_window_gives_what_the_window_alone_gives(name: str) -> None:
    indicator, series = getattr(ta, name), series_of(CANDLES)
    parameter = "slowk_period" if name == "kdj" else "period"
    for end in (1, 209, 210, *range(211, 312, 9), 399, 400):
        found = indicator(series.view(end), **{parameter: 300})
        assert repr(found) == repr(indicator(CANDLES[max(end - WINDOW, 0) : end].copy(), **{parameter: 300}))


def test_a_feature_of_sixty_bars_ago_is_nan_until_there_are_so_many() -> None:
    series = series_of(CANDLES)
    for end in range(1, 130):
        view = series.view(end)
        now, then = ta.sma(view, 1), ta.sma(view[:-60], 1)
        assert now == CANDLES[end - 1, 2]
        assert then == CANDLES[end - 61, 2] if end > 60 else np.isnan(then)


def test_wrong_parameters_are_refused_without_candles() -> None:
    for candles in (series_of(CANDLES).view(1)[:0], CANDLES[:0]):
        with pytest.raises(IndicatorError, match="source_type='x' is unknown"):
            ta.ema(candles, source_type="x")


@pytest.mark.parametrize("name", ["ema", "sma", "donchian", "supertrend", "kama"])
@pytest.mark.parametrize("end", [-5, 0, 2, 401, 10**9])
def test_a_view_whose_attributes_were_changed_reads_nothing_out_of_range(name: str, end: int) -> None:
    indicator = getattr(ta, name)
    for forming in (False, True):
        series = series_of(CANDLES)
        view = series.view_forming(300, CANDLES[300]) if forming else series.view(300)
        # Once computed, once remembered, once found in the compiled code.
        for _ in range(3):
            indicator(view)
        CandleView.__dict__["end"].__set__(view, end)
        try:
            value = repr(indicator(view))
        except IndicatorError as error:
            value = str(error)
        if "there is no bar" not in value:
            right = view.view(np.ndarray) if forming else CANDLES[: max(end, 0) or 300]
            assert value == repr(indicator(np.array(right)))


@pytest.mark.parametrize("row", [-1, 3, 10**9])
def test_a_chunk_has_no_rows_out_of_range(row: int) -> None:
    with pytest.raises(IndexError, match=f"no row {row}"):
        Chunk(5, 1, 3, [np.arange(3.0)]).value(row)
