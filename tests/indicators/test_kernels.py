"""Kernels give the same bits compiled and as plain Python, and for lanes side by side what each lane alone gives."""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from livermore.testing._kernels import uncompiled

RNG = np.random.default_rng(5)
X = 100 + np.round(RNG.normal(0, 1, (60, 3)).cumsum(axis=0), 2)
X[20:30] = X[20]  # a flat stretch: rounding alone decides there
HIGH, LOW, VOLUME = X + RNG.exponential(0.5, X.shape), X - RNG.exponential(0.5, X.shape), RNG.uniform(1, 9, X.shape)
RATE = RNG.uniform(0, 1, X.shape)
HOLES = np.where(RNG.uniform(size=X.shape) < 0.1, np.nan, X)

CALLS: dict[str, list[tuple[str, tuple[Any, ...]]]] = {
    "averages": [
        ("ema", (X, 5)),
        ("wilder", (X, 5)),
        ("smma", (X, 5)),
        ("wilders", (X, 5)),
        ("fading_sum", (X, 5)),
        ("adaptive", (X, RATE, 5)),
        ("blended", (X, RATE)),
        ("efficiency", (X, 5)),
        ("jurik", (X, 0.4, 0.2, 1.5)),
        ("holt_winter", (X, 0.2, 0.1, 0.1)),
        ("mcginley", (X, 5, 0.6)),
        ("distance_coefficients", (X, 5)),
        ("natural", (X, np.log(X), 5)),
        ("variable_length", (X, X * 1.001, RATE, 3, 9)),
    ],
    "windows": [
        ("weighted", (X, [1.0, 2.0, 3.0])),
        ("total", (X, 7)),
        ("total_so_far", (X, 7)),
        ("deviation", (X, 9)),
        ("deviation_so_far", (X, 9)),
        ("variance", (X, 9)),
        ("average", (X, 9)),
        ("distance", (X, 9)),
        ("median_distance", (X, 9)),
        ("regression_end", (X, 9)),
        ("regression_line", (X, 9)),
        ("regression_slope", (X, 9)),
    ],
    "statistics": [
        ("covariance_sums", (X, HIGH, 7)),
        ("central_powers", (X, 7)),
        ("running_deviation", (X, 7)),
        ("deviation_by_differences", (X, 7)),
    ],
    "rolling": [
        ("mean", (HOLES, 7)),
        ("mean", (X, 7)),
        ("mean_by_differences", (X, 7)),
        ("total", (X, 7)),
        ("total_so_far", (X, 7)),
        ("highest", (X, 7)),
        ("lowest_so_far", (X, 7)),
        ("since_extremes", (HIGH, LOW, 7, True)),
        ("turning_points", (X, 3)),
        ("mean_of_all", (X, 7)),
        ("mean_of_numbers", (HOLES, 4)),
        ("skipping_mean", (HOLES, 7)),
        ("position", (X, LOW, HIGH)),
    ],
    "filters": [
        ("linear", (X, X, [0.2, 0.1], [0.5, -0.1], 2)),
        ("fading_peak", (X - 100, 0.9)),
        ("last_turns", (X,)),
        ("flex", (X, 7, 1.0)),
        ("laguerre_strength", (X, 0.2)),
        ("predictor", (X, 9)),
    ],
    "volumes": [("anchored", (X, VOLUME, np.floor(RATE * 2))), ("compounded", (X, VOLUME, True))],
    "elementwise": [("ratio", (X, X - 100, 0.0)), ("quotient", (X, X - X[20]))],
}


@pytest.mark.parametrize(
    ("kernel", "name", "args"), [(k, *call) for k, calls in CALLS.items() for call in calls], ids=lambda x: str(x)[:20]
)
def test_compiled_plain_and_single_lanes_are_equal(kernel: str, name: str, args: tuple[Any, ...]) -> None:
    module = importlib.import_module(f"livermore.indicators._kernels.{kernel}")
    compiled = as_list(getattr(module, name), args)
    for found, expected in zip(as_list(getattr(uncompiled(module), name), args), compiled, strict=True):
        np.testing.assert_array_equal(found, expected)
    for lane in range(X.shape[1]):
        alone = tuple(x[:, lane] if isinstance(x, np.ndarray) else x for x in args)
        for found, expected in zip(as_list(getattr(module, name), alone), compiled, strict=True):
            np.testing.assert_array_equal(found, expected[:, lane])


def as_list(function: Callable[..., Any], args: tuple[Any, ...]) -> list[np.ndarray]:
    with np.errstate(all="ignore"):
        result = function(*args)
    return list(result) if isinstance(result, list) else [result]
