"""Indicators return what Jesse 3.5.3 returned; see tests/golden/indicators/regenerate.py."""

import importlib.util
import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import livermore.indicators as ta
from livermore.errors import IndicatorError

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "indicators"
RELATIVE = 1e-9
# Below this, a difference is rounding of prices of about 100 that were subtracted.
ABSOLUTE = 1e-10
# A regression by running sums, as Jesse's, loses more digits the longer it runs; ours has sums per window.
LOOSE = {"cfo": 1e-9}

# Where we differ on purpose: not the same rows, or other values throughout. The last value, where "sequential", agrees.
DIFFERENT = {
    "rma": "all",  # Jesse seeds it with the last value of the series
    "dx": "all",  # the same
    "er": "all",  # Jesse divides by a sum over the whole series
    "mab": "sequential",  # Jesse uses the last row's deviation for all rows
    "minmax": "sequential",  # Jesse states an extreme on its own row, before it can be known
}

# Quotients of two numbers that are 0 but for rounding.
NOISE_ON_CONSTANT = {"cfo", "rvi", "zscore"}


def excused(call: dict[str, Any], field: str) -> str | None:
    """Why a result is not compared, or None."""
    name, market, kwargs = call["name"], call["market"], call["kwargs"]
    scope = DIFFERENT.get(name)
    if scope == "all" or (scope == "sequential" and call.get("sequential")):
        return "differs on purpose"
    if name == "mfi" and market in ("short", "tiny"):
        return "Jesse returns more rows than there are candles"
    if market == "constant" and name in NOISE_ON_CONSTANT:
        return "0 / 0 but for rounding"
    if (name, kwargs.get("matype")) == ("rvi", 30) or (name, kwargs.get("slowd_matype")) == ("kdj", 30):
        return "the logarithm of a series that begins with 0 or NaN"
    return None


@cache
def generator() -> Any:
    """The script that made the goldens: it makes the markets, too."""
    spec = importlib.util.spec_from_file_location("regenerate_indicators", GOLDEN / "regenerate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def markets() -> dict[str, Any]:
    with np.load(GOLDEN / "markets.npz") as made:
        return {**made, "real": generator().real_market()}


@cache
def recorded() -> tuple[list[str], dict[str, list[dict[str, Any]]], np.ndarray]:
    """The words, the calls by indicator, and all numbers."""
    with np.load(GOLDEN / "values.npz") as stored:
        words, index = json.loads(str(stored["index"]))
        values = stored["values"]
    calls = defaultdict(list)
    for entry in index:
        calls[entry["call"]["name"]].append(entry)
    return words, calls, values


def call_ours(call: dict[str, Any]) -> Any:
    candles = markets()[call["market"]]
    function = getattr(ta, call["name"])
    extra = []
    if generator().takes_benchmark(function):
        extra = [candles * 1.01 + np.sin(np.arange(len(candles)))[:, None]]
    kwargs = dict(call["kwargs"])
    if "sequential" in call:
        kwargs["sequential"] = call["sequential"]
    return function(candles, *extra, **kwargs)


def as_numbers(field: Any) -> np.ndarray:
    words = recorded()[0]

    def number(value: Any) -> float:
        if value is None:
            return np.nan
        return 1000.0 + words.index(value) if isinstance(value, str) else float(value)

    return np.array([number(value) for value in np.atleast_1d(np.array(field, dtype=object))])


def assert_close(name: str, field: Any, stored: list[Any] | None, where: str) -> None:
    if stored is None:
        assert field is None, f"{where} is {field}, Jesse's None"
        return
    start, stop, length, kind = stored
    ours_kind = "list" if isinstance(field, list) else "array" if isinstance(field, np.ndarray) else "number"
    assert ours_kind == kind, f"{where} is a {ours_kind}, Jesse's a {kind}"
    ours = as_numbers(field)
    assert len(ours) == length, f"{where} has {len(ours)} rows, Jesse's {length}"
    first, last = generator().FIRST, generator().LAST
    if length > first + last:
        ours = np.concatenate([ours[:first], ours[-last:]])
    theirs = recorded()[2][start:stop]
    if name == "sar" and kind == "array":  # Jesse's first row depends on the second
        ours, theirs = ours[1:], theirs[1:]
    np.testing.assert_allclose(ours, theirs, rtol=RELATIVE, atol=LOOSE.get(name, ABSOLUTE), err_msg=where)


def refuses(call: dict[str, Any], error: str) -> bool:
    """Whether Jesse's error is a wrong argument, and not just too few rows or a crash."""
    types = [value for key, value in call["kwargs"].items() if key.endswith("matype")]
    return error == "ValueError" and (24 in types or 29 in types) and call["name"] in ("stoch", "stochf", "kdj")


@pytest.mark.parametrize("name", sorted(recorded()[1]))
def test_equals_jesse(name: str) -> None:
    compared = 0
    for entry in recorded()[1][name]:
        call = entry["call"]
        if markets()[call["market"]] is None:
            continue
        where = f"{name}({call['market']}, {call['kwargs']}, sequential={call.get('sequential')})"
        if "error" in entry:
            if refuses(call, entry["error"]):
                with pytest.raises(IndicatorError):
                    call_ours(call)
            continue
        result = call_ours(call)
        names = list(getattr(result, "_fields", [""]))
        assert names == list(entry["fields"]), where
        for field, value in zip(names, result if isinstance(result, tuple) else [result], strict=True):
            if excused(call, field) is None:
                assert_close(name, value, entry["fields"][field], f"{where}.{field}")
                compared += 1
    assert compared or DIFFERENT.get(name) == "all"


def test_every_indicator_of_jesse_is_here() -> None:
    assert set(recorded()[1]) <= set(ta.__all__)


def test_real_candles_were_compared() -> None:
    if markets()["real"] is None:
        pytest.skip("no real candles: put ../shared/data beside the repository or set LIVERMORE_DATA")
    assert sum(entry["call"]["market"] == "real" for calls in recorded()[1].values() for entry in calls) > 400
