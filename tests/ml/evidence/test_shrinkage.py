"""Estimates of many similar things, drawn towards their mean."""

import numpy as np
import pytest

from livermore.errors import TrainingError
from livermore.ml.evidence import shrink


def test_shrunk_estimates_are_nearer_to_the_truth_and_their_intervals_cover():
    random = np.random.default_rng(0)
    error = random.uniform(0.05, 0.4, 40)
    raw, drawn, covered = [], [], []
    for _ in range(200):
        true = 0.1 + 0.1 * random.standard_normal(40)
        x = true + error * random.standard_normal(40)
        found = shrink(x, error)
        raw.append(np.mean((x - true) ** 2))
        drawn.append(np.mean((found.values - true) ** 2))
        covered.append(np.mean(np.abs(found.values - true) <= 1.96 * found.errors))
    assert np.mean(drawn) < 0.3 * np.mean(raw)
    assert 0.9 < np.mean(covered) < 0.98


def test_the_spread_is_that_of_what_is_estimated():
    random = np.random.default_rng(1)
    found = [
        shrink(0.2 * random.standard_normal(50) + 0.1 * random.standard_normal(50), np.full(50, 0.1)).spread
        for _ in range(50)
    ]
    assert np.mean(found) == pytest.approx(0.2, rel=0.05)


def test_exact_estimates_stay_and_pure_noise_becomes_the_mean():
    found = shrink([0.1, 0.5, -0.3], [1e-6] * 3)
    np.testing.assert_allclose(found.values, [0.1, 0.5, -0.3], atol=1e-6)
    np.testing.assert_allclose(shrink([0.1, 0.11, 0.09], [1.0] * 3).values, 0.1)


def test_one_estimate_stays_and_what_was_not_measured_is_the_mean_and_less_certain():
    assert shrink([0.3], [0.1]) == (pytest.approx([0.3]), pytest.approx([0.1]), pytest.approx(0.3), 0.0)
    found = shrink([0.5, -0.3, 0.0, 99.0], [0.01, 0.01, 0.01, np.inf])
    assert found.values[3] == pytest.approx(found.mean) == pytest.approx(0.2 / 3, abs=0.01)
    assert found.errors[3] > 20 * found.errors[0]


@pytest.mark.parametrize(
    ("x", "error"), [([], []), ([1.0], [0.1, 0.2]), ([np.nan], [1.0]), ([1.0], [0.0]), ([1.0], [np.inf])]
)
def test_what_cannot_be_shrunk(x, error):
    with pytest.raises(TrainingError, match="shrink needs"):
        shrink(x, error)
