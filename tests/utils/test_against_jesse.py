"""`livermore.utils` returns what Jesse's utils return."""

import json
from pathlib import Path

import numpy as np
import pytest

from livermore import utils

GOLDENS = json.loads((Path(__file__).parents[1] / "golden" / "utils" / "utils.json").read_text())


@pytest.mark.parametrize("name", sorted({case["call"] for case in GOLDENS}))
def test_measured_results(name):
    for case in (case for case in GOLDENS if case["call"] == name):
        arguments = [np.array(a) if isinstance(a, list) else a for a in case["arguments"]]
        result = getattr(utils, name)(*arguments)
        if isinstance(case["result"], (str, bool)):
            assert result == case["result"], case
        else:
            np.testing.assert_allclose(result, case["result"], rtol=1e-12, atol=1e-12, err_msg=str(case))


def test_every_function_but_those_that_print_or_need_pandas_was_measured():
    measured = {case["call"] for case in GOLDENS}
    assert set(utils.__all__) - measured == {"dd", "filter_candles_by_hours", "numpy_candles_to_dataframe"}
