"""Where prices stand still, indicators return what Jesse 3.5.3 returned; `regenerate_flat.py` measured it."""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import livermore.indicators as ta

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "indicators"
# All others are equal to the bit: an arc tangent, a filter and a correlation whose order of operations is not known.
CLOSE = ("linearreg_angle", "damiani_volatmeter vol", "correlation_cycle")


@cache
def script() -> Any:
    spec = importlib.util.spec_from_file_location("regenerate_flat", FOLDER / "regenerate_flat.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", script().NAMES)
def test_equals_jesse_where_prices_stand_still(name: str) -> None:
    with np.load(FOLDER / "flat.npz") as stored:
        for market, rows in script().markets().items():
            result = getattr(ta, name)(rows, sequential=True)
            fields = result._asdict() if hasattr(result, "_asdict") else {"value": result}
            for field, values in fields.items():
                expected, where = stored[f"{name} {market} {field}"], f"{name} {market} {field}"
                found = np.asarray(values, dtype=np.float64)
                if name in CLOSE or f"{name} {field}" in CLOSE:
                    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-10, err_msg=where)
                else:
                    np.testing.assert_array_equal(found, expected, err_msg=where)
