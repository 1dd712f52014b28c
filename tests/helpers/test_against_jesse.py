"""`livermore.helpers` returns what Jesse's helpers return."""

import json
from pathlib import Path

import numpy as np
import pytest

import livermore.helpers as jh

GOLDENS = json.loads((Path(__file__).parents[1] / "golden" / "utils" / "helpers.json").read_text())
TAKE_LISTS = {"unique_list", "binary_search", "max_timeframe"}


@pytest.mark.parametrize("name", sorted({case["call"] for case in GOLDENS}))
def test_measured_results(name):
    for case in (case for case in GOLDENS if case["call"] == name):
        is_array = name not in TAKE_LISTS
        arguments = [np.array(a) if is_array and isinstance(a, list) else a for a in case["arguments"]]
        result = getattr(jh, name)(*arguments)
        if isinstance(case["result"], (str, bool)):
            assert result == case["result"], case
        else:
            np.testing.assert_allclose(result, case["result"], rtol=1e-12, atol=1e-12, err_msg=str(case))
