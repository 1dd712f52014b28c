"""Diagnostics: each planted fault is found and named, and sound features are left in peace."""

import numpy as np
import pytest

from livermore.ml.evidence import diagnose_features, population_stability_index, stationarity

N = 800


def autoregression(memory, random, n=N):
    x = np.zeros(n)
    for i, shock in enumerate(random.standard_normal(n - 1)):
        x[i + 1] = memory * x[i] + shock
    return x


def planted():
    """Return features with one fault each, and what that fault is."""
    random = np.random.default_rng(5)
    good = random.standard_normal(N)
    y = (random.standard_normal(N) > 0).astype(int)
    time = np.arange(N)
    columns = {
        "good": (good, set()),
        "flat": (np.full(N, 3.0), {"constant"}),
        "copy": (2 * good + 1, {"duplicate"}),
        "leak": (y + 0.1 * random.standard_normal(N), {"near-label"}),
        "clock": (time * 1.0, {"time-like"}),
        "price": (random.standard_normal(N).cumsum(), {"unit root"}),
        "volume": (random.standard_normal(N) * np.linspace(0.3, 3, N), {"changing scale"}),
    }
    return y, time, columns


def test_each_planted_fault_is_found_and_comes_with_advice():
    y, time, columns = planted()
    X = np.column_stack([values for values, _ in columns.values()])
    found = diagnose_features(X, y, time, X, list(columns))
    for diagnosis, (name, (_, expected)) in zip(found, columns.items(), strict=True):
        assert diagnosis.feature == name
        assert expected <= set(diagnosis.flags), name
        assert bool(diagnosis.advice) == bool(diagnosis.flags)
    assert found[0].flags == ()
    assert "copy" not in found[0].advice
    assert "good" in found[2].advice


def test_drift_between_the_sides_is_found():
    random = np.random.default_rng(0)
    X = random.standard_normal((N, 2))
    test = np.column_stack([random.standard_normal(300), 2 + random.standard_normal(300)])
    same, moved = diagnose_features(X, np.arange(N) % 2, np.arange(N), test, ["same", "moved"])
    assert (same.flags, moved.flags) == ((), ("drift",))


def test_a_continuous_label_in_a_feature_is_found():
    random = np.random.default_rng(0)
    y = random.standard_normal(N)
    X = np.column_stack([y + 0.1 * random.standard_normal(N), y + random.standard_normal(N)])
    leak, honest = diagnose_features(X, y, np.arange(N), X, ["leak", "honest"])
    assert "near-label" in leak.flags
    assert "near-label" not in honest.flags


@pytest.mark.parametrize(("memory", "reading"), [(0.0, "stationary"), (0.7, "stationary"), (1.0, "unit root")])
def test_both_tests_together_read_most_series_right(memory, reading):
    random = np.random.default_rng(int(10 * memory))
    readings = [stationarity(autoregression(memory, random))[0] for _ in range(30)]
    assert np.mean([found == reading for found in readings]) >= 0.8


@pytest.mark.parametrize("series", [np.ones(100), np.arange(10.0), []])
def test_what_cannot_be_tested_is_not_judged(series):
    assert stationarity(series)[0] == "cannot tell"


def test_missing_values_are_left_out():
    random = np.random.default_rng(0)
    X = random.standard_normal((N, 1))
    X[::3] = np.nan
    (found,) = diagnose_features(X, np.arange(N) % 2, np.arange(N), np.full((5, 1), np.nan), ["gaps"])
    assert found.stationarity == "stationary"
    assert np.isnan(found.psi)


def test_the_stability_index_by_hand():
    # Two bins; all of one half moves to the other: shares (1/2, 1/2) and (3/4, 1/4), each with half a sample added.
    reference, current = [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 1.0]
    p, q = np.array([2.5, 2.5]) / 5, np.array([3.5, 1.5]) / 5
    assert population_stability_index(reference, current, n_bins=2) == pytest.approx(np.sum((q - p) * np.log(q / p)))
