"""Parameters are checked once, by kinds, for every indicator and however it is called."""

import inspect
from typing import Annotated, Any

import numpy as np
import pytest

import livermore.indicators as ta
from livermore.errors import IndicatorError
from livermore.indicators import _kernels as kernels
from livermore.indicators._averages import pascal
from livermore.indicators._parameters import Choice, Whole, kind_of
from livermore.market.series import CandleSeries

NAMES = sorted(name for name in ta.__all__ if hasattr(getattr(ta, name), "spec"))
CANDLES = ta.example_candles(120)
BAD = (0, -1, -100, 1.5, True, np.True_, None, "9", float("nan"), float("inf"), [9], 10**30, 9j)


def view() -> Any:
    return CandleSeries(CANDLES, exchange="X", symbol="A-B", timeframe="1h", warm_up_candles=60).view(100)


def periods() -> list[tuple[str, str]]:
    found = []
    for name in NAMES:
        for key, parameter in list(inspect.signature(getattr(ta, name).compute).parameters.items())[1:]:
            if isinstance(kind := kind_of(key, parameter.annotation), Whole) and kind.least == 1:
                found.append((name, key))
    return found


def call(name: str, candles: Any, **kwargs: Any) -> Any:
    needs = {"beta": "benchmark_candles", "rsmk": "candles_compare"}
    return getattr(ta, name)(candles, **({needs[name]: CANDLES} if name in needs else {}), **kwargs)


def test_every_parameter_of_every_indicator_has_a_kind() -> None:
    for name in NAMES:
        for key, parameter in list(inspect.signature(getattr(ta, name).compute).parameters.items())[1:]:
            if key not in ("benchmark_candles", "candles_compare"):
                assert kind_of(key, parameter.annotation) is not None, f"{name}: {key}: {parameter.annotation}"


@pytest.mark.parametrize(("name", "key"), periods(), ids=str)
def test_a_period_is_a_whole_number_from_one(name: str, key: str) -> None:
    for candles in (CANDLES, view()):
        for value in BAD:
            with pytest.raises(IndicatorError, match=rf"^{name}: {key}=.* must be a whole number from 1 to"):
                call(name, candles, **{key: value})
        default = inspect.signature(getattr(ta, name)).parameters[key].default
        whole = repr(call(name, CANDLES, **{key: default}))
        for same in (np.int64(default), np.uint8(default), float(default), np.float32(default)):
            if int(same) == default:
                assert repr(call(name, CANDLES, **{key: same})) == whole


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("supertrend", {"factor": float("nan")}, "factor=nan is not allowed; it must be a finite number"),
        ("supertrend", {"factor": "3"}, "factor='3' is not allowed; it must be a finite number"),
        ("bollinger_bands", {"devup": 10**400}, "devup=10+...0+ is not allowed"),
        ("ma", {"matype": True}, "matype=True is unknown; choose one of: 0, 1"),
        ("ma", {"matype": 1.5}, "matype=1.5 is unknown"),
        ("zscore", {"devtype": 3}, "devtype=3 is unknown; choose 0 \\(standard\\), 1"),
        ("chande", {"direction": "up"}, "direction='up' is unknown; choose one of: long, short"),
        ("ema", {"source_type": ["close"]}, r"source_type=\['close'\] is not allowed; it must be a string"),
        ("ema", {"sequential": "yes"}, "sequential='yes' is not allowed; it must be True or False"),
        ("vwap", {"anchor": 1}, "anchor=1 is not allowed; it must be a string"),
        ("hurst_exponent", {"num_chunksize": 10**6}, "num_chunksize=1000000 is not allowed"),
    ],
)
def test_other_kinds_say_what_they_allow(name: str, parameters: dict[str, Any], message: str) -> None:
    for candles in (CANDLES, view()):
        with pytest.raises(IndicatorError, match=f"^{name}: {message}"):
            call(name, candles, **parameters)


def test_an_indicator_of_ones_own_is_checked_by_its_annotations() -> None:
    @ta.indicator
    def band(
        candles, period: int = 5, shift: Annotated[int, Whole(0, 3)] = 0, scale: float = 1.0, other=None, n: int = 0
    ):
        return candles[:, 2] * scale + shift

    assert band(CANDLES, 5.0, np.int64(3), 2, other=[1]) == CANDLES[-1, 2] * 2 + 3
    for wrong in ({"period": 0}, {"shift": 4}, {"shift": 0.5}, {"scale": float("inf")}, {"scale": None}):
        with pytest.raises(IndicatorError, match=f"^band: {next(iter(wrong))}="):
            band(CANDLES, **wrong)


def test_annotations_that_are_strings_are_resolved() -> None:
    def compute(candles: np.ndarray, period: "int" = 5, unknown: "Missing" = 1) -> Any:  # type: ignore[name-defined]  # noqa: F821
        return candles[:, 2]

    def known(candles: np.ndarray, period: "int" = 5) -> Any:
        return candles[:, 2]

    assert ta.indicator(compute)(CANDLES, period=0) == CANDLES[-1, 2]  # one name is unknown, so none is resolved
    with pytest.raises(IndicatorError, match="period=0"):
        ta.indicator(known)(CANDLES, period=0)


def test_the_default_is_always_allowed() -> None:
    @ta.indicator
    def own(candles, period: int = 0, scale: float = None):  # type: ignore[assignment]  # noqa: RUF013
        return candles[:, 2]

    assert own(CANDLES) == own(CANDLES, 0, None) == CANDLES[-1, 2]
    assert isinstance(kind_of("matype", int), Choice)


@pytest.mark.parametrize("name", ["beta", "rsmk"])
def test_a_second_series_must_be_as_long(name: str) -> None:
    key = {"beta": "benchmark_candles", "rsmk": "candles_compare"}[name]
    for rows in (0, 1, 10, 119):
        with pytest.raises(IndicatorError, match=f"^{name}: {key} has {rows} rows, fewer than the 120 rows"):
            getattr(ta, name)(CANDLES, **{key: CANDLES[:rows]})
    for wrong in (None, CANDLES[:, :5], CANDLES.T, "x", 7):
        with pytest.raises(IndicatorError, match=f"^{name}: {key}"):
            getattr(ta, name)(CANDLES, **{key: wrong})
    longer = np.vstack([CANDLES[:7], CANDLES])
    assert repr(getattr(ta, name)(CANDLES, **{key: longer})) == repr(getattr(ta, name)(CANDLES, **{key: CANDLES}))


@pytest.mark.parametrize("name", ["ema", "atr", "squeeze_momentum", "hurst_exponent"])
@pytest.mark.parametrize("wrong", [CANDLES[:, :5], CANDLES.T, np.ones((3, 7)), None, "x", [[1, 2], [3]], 5], ids=str)
def test_candles_are_rows_of_six_numbers(name: str, wrong: Any) -> None:
    with pytest.raises(IndicatorError, match=f"^{name}"):
        getattr(ta, name)(wrong)


@pytest.mark.parametrize(("name", "key"), periods(), ids=str)
def test_a_period_longer_than_the_series_has_an_answer_at_once(name: str, key: str) -> None:
    if name == "hurst_exponent" and key != "max_chunksize":
        with pytest.raises(IndicatorError, match=f"{key}=1000000000 is"):
            call(name, CANDLES, **{key: 10**9})
        return
    for candles in (CANDLES, view()):
        call(name, candles, **{key: 10**9})
        if "sequential" in inspect.signature(getattr(ta, name)).parameters:
            call(name, candles, **{key: 10**9}, sequential=True)


@pytest.mark.parametrize("name", ["fwma", "pwma", "sinwma", "wma", "trima", "alma", "linearreg", "cg", "edcf"])
def test_windows_that_the_series_does_not_fill_are_nan(name: str) -> None:
    assert np.isnan(call(name, CANDLES, period=121))
    assert np.isnan(call(name, CANDLES, period=10**9))


def test_weights_that_overflow_are_scaled() -> None:
    values = 100 + np.sin(np.arange(4000) / 50)
    # A thousand Fibonacci numbers weigh the last few rows alone; a long row of Pascal's triangle is a narrow bell.
    short, long = (call("fwma", values, period=period, sequential=True)[-1] for period in (999, 1500))
    assert long == pytest.approx(short, rel=1e-12)
    short, long = (call("pwma", values, period=period, sequential=True) for period in (1001, 1003))
    assert long[-1] == pytest.approx(short[-2], rel=1e-4)
    np.testing.assert_allclose(pascal(1001).sum(), 1.0, rtol=1e-10)


def test_edcf_is_ehlers_sum_over_squared_distances() -> None:
    close, period = CANDLES[:, 2], 7
    found = call("edcf", CANDLES, period=period, source_type="close", sequential=True)
    for t in range(2 * period, len(close)):
        weights = [sum((close[t - i] - close[t - i - k]) ** 2 for k in range(1, period)) for i in range(period)]
        total = sum(weight * close[t - i] for i, weight in enumerate(weights))
        assert found[t] == pytest.approx(total / sum(weights) if sum(weights) else 0.0, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("hull_suit", {"length_mult": 0}),
        ("hull_suit", {"length_mult": -1.0}),
        ("bandpass", {"bandwidth": 0.0}),
        ("alma", {"sigma": 0}),
        ("t3", {"vfactor": 1e300}),
        ("chop", {"period": 1}),
        ("dec_osc", {"hp_period": 1}),
        ("frama", {"SC": 1}),
        ("epma", {"offset": -1}),
    ],
)
def test_parameters_without_a_result_are_refused(name: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(IndicatorError, match=f"^{name}: {next(iter(parameters))}="):
        call(name, CANDLES, **parameters)


def test_kernels_refuse_series_of_different_shapes() -> None:
    long, short = np.ones(20), np.ones(19)
    for kernel in (
        lambda: kernels.statistics.covariance_sums(long, short, 5),
        lambda: kernels.averages.adaptive(long, short, 2),
        lambda: kernels.trend.true_range(long, long, short),
        lambda: kernels.rolling.since_extremes(long, short, 5, True),
        lambda: kernels.elementwise.ratio(long, short, 0.0),
        lambda: kernels.volumes.anchored(long, short, long),
    ):
        with pytest.raises(IndicatorError, match=r"must have one shape, not \(20, 1\), .*\(19, 1\)"):
            kernel()


def test_kernels_of_no_rows_give_no_rows() -> None:
    none = np.ones(0)
    for values in (
        kernels.averages.ema(none, 5),
        kernels.averages.wilders(none, 5),
        kernels.averages.jurik(none, 0.5, 0.5, 1.0),
        kernels.averages.holt_winter(none, 0.2, 0.1, 0.1),
        kernels.trend.true_range(none, none, none),
        kernels.volumes.compounded(none, none, True),
        kernels.filters.laguerre_strength(none, 0.2),
        kernels.windows.deviation_so_far(none, 5),
        kernels.rolling.mean_by_differences(none, 5),
    ):
        assert values.shape == (0,)


@pytest.mark.parametrize("name", ["kdj", "stoch"])
@pytest.mark.parametrize("key", ["slowk_matype", "slowd_matype"])
def test_averages_by_volume_are_refused_where_there_are_only_values(name: str, key: str) -> None:
    series = CandleSeries(CANDLES, exchange="X", symbol="A-B", timeframe="1h", warm_up_candles=2)
    for candles in (CANDLES, *(series.view(end) for end in range(1, 40))):
        with pytest.raises(IndicatorError, match="matype=24 averages by volume"):
            call(name, candles, **{key: 24})
