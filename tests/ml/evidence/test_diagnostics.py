"""Diagnostics: each planted fault is found and named, and sound features are left in peace."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter

from livermore.ml.evidence import diagnose_features, drift_p_value, population_stability_index, stationarity

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


def drift_of(make, n, *, shift=0.0, sets=40, features=5):
    """Return the shares of reports, of five features each, that flag any, and of features that are flagged."""
    split, reports, flagged = int(0.8 * n), 0, 0
    for s in range(sets):
        random = np.random.default_rng([92, s, n])
        X = np.column_stack([make(n, random) for _ in range(features)])
        X[split:] += shift * X.std(axis=0)
        found = diagnose_features(X[:split], np.arange(split) % 2, np.arange(split), X[split:], list("abcde"))
        drifted = ["drift" in diagnosis.flags for diagnosis in found]
        reports, flagged = reports + any(drifted), flagged + sum(drifted)
    return reports / sets, flagged / sets / features


def remembering(memory):
    return lambda n, random: lfilter([1.0], [1.0, -memory], random.standard_normal(n + 300))[300:]


def noisy_memory(n, random):
    """A slow series under noise: the first autocorrelation says little of how long it remembers."""
    slow = remembering(0.97)(n, random)
    return slow / slow.std() + random.standard_normal(n)


@pytest.mark.parametrize("make", [remembering(0.0), remembering(0.9), remembering(0.97), noisy_memory])
def test_features_that_remember_are_not_said_to_drift(make):
    """The stability index flags up to 94 % of such reports. One in twenty may be; more than 6 of 40 are by 0.5 %."""
    assert drift_of(make, 326)[0] <= 6 / 40


def test_a_shift_of_one_standard_deviation_is_found_where_there_is_enough_to_see_it():
    """The figures that the documentation states, with a margin of three standard errors."""
    assert drift_of(remembering(0.0), 326, shift=1.0, sets=10)[1] >= 0.9
    assert drift_of(remembering(0.9), 4383, shift=1.0, sets=6)[1] >= 0.85


def test_a_change_of_spread_is_drift():
    random = np.random.default_rng(3)
    assert drift_p_value(random.standard_normal(800), random.standard_normal(200)) > 0.05
    assert drift_p_value(random.standard_normal(800), 2 * random.standard_normal(200)) < 0.01


def test_symbols_of_one_time_are_not_counted_as_independent():
    """Fifty symbols on one factor that moves slowly: the part of the factor in the test period is no drift."""
    random, found = np.random.default_rng(4), []
    for _ in range(20):
        factor = remembering(0.95)(200, random)
        values = (factor[:, None] + 0.5 * random.standard_normal((200, 50))).ravel()
        time = np.repeat(np.arange(200), 50)
        found.append(drift_p_value(values[:8000], values[8000:], time[:8000], time[8000:]) <= 0.05)
    assert sum(found) <= 4


@pytest.mark.parametrize(
    ("reference", "current"),
    [
        (np.zeros(100), np.zeros(20)),
        (np.zeros(100), np.ones(3)),
        ([], []),
        (np.arange(40.0), []),
        (np.full(100, np.nan), np.arange(20.0)),
        (np.r_[np.zeros(99), 1.0], np.zeros(30)),
        (np.arange(100.0), np.full(40, np.inf)),
    ],
)
def test_drift_is_not_claimed_where_too_little_is_known(reference, current):
    assert drift_p_value(reference, current) == 1.0


@given(st.integers(0, 2**32 - 1), st.integers(0, 120), st.integers(0, 60), st.sampled_from([1, 2, 3, 50]))
def test_drift_has_a_p_value_for_any_input_and_does_not_depend_on_the_scale(seed, n, m, levels):
    random = np.random.default_rng(seed)
    a, b = random.integers(0, levels, n).astype(float), random.integers(0, levels, m).astype(float)
    p = drift_p_value(a, b)
    assert 0 <= p <= 1
    assert drift_p_value(np.exp(a), np.exp(b)) == p


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
