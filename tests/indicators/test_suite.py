"""Every indicator passes the suite that users' own indicators pass."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import livermore.indicators as ta
from livermore.market.view import origin_of
from livermore.testing import IndicatorSuite, assert_causal, assert_memo_equals_direct, sample_markets

NAMES = sorted(name for name in ta.__all__ if hasattr(getattr(ta, name), "spec"))


class TestEveryIndicator(IndicatorSuite):
    @pytest.fixture(params=NAMES)
    def indicator(self, request: pytest.FixtureRequest) -> Callable[..., Any]:
        self.needs = list(getattr(ta, request.param).spec.signature.parameters)[1:2]
        return getattr(ta, request.param)

    def arguments(self, candles: np.ndarray) -> Mapping[str, Any]:
        if self.needs in (["benchmark_candles"], ["candles_compare"]):
            wave = 1.0 + 0.01 * np.sin(np.arange(len(candles)))[:, None]
            return {self.needs[0]: np.asarray(candles) * wave}
        return {}


class TestNonDefaultAverages(IndicatorSuite):
    """The averages by number, each in an indicator that computes windows side by side."""

    @pytest.fixture(params=[number for number in range(40) if number not in (7, 8, 19)])
    def indicator(self, request: pytest.FixtureRequest) -> Callable[..., Any]:
        self.matype = request.param
        return ta.ma

    def arguments(self, candles: np.ndarray) -> Mapping[str, Any]:
        return {"period": 9, "matype": self.matype}


def variations() -> list[tuple[str, dict[str, Any]]]:
    """Parameters that change the way of computing, and not only its numbers."""
    found: list[tuple[str, dict[str, Any]]] = []
    for name in NAMES:
        parameters = getattr(ta, name).spec.signature.parameters
        for key in parameters:
            if key.endswith("matype") and name not in ("ma", "stoch", "stochf"):
                found += [(name, {key: matype}) for matype in (1, 6, 10, 16, 25)]
            if key == "devtype":
                found += [(name, {key: 1}), (name, {key: 2})]
            if key == "direction":
                found.append((name, {key: "short"}))
            if key == "source_type":
                found.append((name, {key: "ohlc4"}))
    found += [("chop", {"drift": 3}), ("vidya", {"select": False}), ("vidya", {"fix_cmo": False})]
    found += [("pivot", {"mode": mode}) for mode in (1, 2, 3, 4)]
    found += [("hull_suit", {"mode_switch": mode}) for mode in ("Ehma", "Thma")]
    found += [("hurst_exponent", {"method": method}) for method in (0, 2)]
    return found


@pytest.mark.parametrize(("name", "params"), variations(), ids=str)
def test_other_ways_of_computing_are_causal_and_memoised(name: str, params: dict[str, Any]) -> None:
    market = sample_markets()["flat"]
    other = {"candles_compare": market[:, [0, 1, 1, 3, 4, 5]]} if name == "rsmk" else {}

    def arguments(candles: np.ndarray) -> Mapping[str, Any]:
        return {**params, **{key: value[: len(candles)] for key, value in other.items()}}

    assert_causal(getattr(ta, name), market, arguments=arguments)
    assert_memo_equals_direct(getattr(ta, name), market, arguments=arguments)


def test_a_slice_that_shows_the_future_is_found() -> None:
    def peek(candles: np.ndarray, sequential: bool = False) -> Any:
        origin = origin_of(candles)
        if origin is None or sequential:
            return candles[:, 2] if sequential else candles[-1, 2]
        series, _, end = origin
        return series.bars[min(end + 60, series.size - 1), 2]

    with pytest.raises(AssertionError, match=r"peek in a session, row .* reads the future"):
        assert_causal(peek)
    with pytest.raises(AssertionError, match="peek"):
        assert_memo_equals_direct(peek)


def test_a_parameter_that_is_out_of_range_is_found() -> None:
    def shorter(candles: np.ndarray, period: int = 3, sequential: bool = False) -> Any:
        values = candles[:, 2] - candles[:, 1]
        return values[1:] if period < 1 and sequential else values if sequential else values[-1]

    def outside(candles: np.ndarray, period: int = 3, sequential: bool = False) -> Any:
        values = candles[period - 300, 2] + candles[:, 2]
        return values if sequential else values[-1]

    for broken, error in ((shorter, AssertionError), (outside, IndexError)):
        with pytest.raises(error):
            IndicatorSuite().test_bad_parameters_are_refused_or_harmless(broken)
