"""The planner: what it says holds in simulations, and what cannot be planned is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter
from sklearn.linear_model import LogisticRegression

from livermore.errors import DatasetError
from livermore.ml.evidence import forward_evidence, forward_test, plan_more_samples, plan_samples
from livermore.ml.tasks import Binary
from livermore.ml.validation import LabelledSamples


def planted(n, n_features, auc, random):
    """Samples of features that remember, whose best score has that area under the ROC curve; labels do not overlap."""
    X = lfilter([0.6], [1.0, -0.8], random.standard_normal((n + 60, n_features)), axis=0)[60:]
    y = (slope_of(auc) * X[:, 0] + random.standard_normal(n) > 0).astype(int)
    time = 60 * np.arange(n, dtype=np.int64)
    return LabelledSamples(X, y, time, time + 60)


def slope_of(auc):
    """Normal scores whose correlation with the latent outcome is a have the area 1/2 + 2 asin(a / sqrt(2)) / pi."""
    correlation = math.sqrt(2) * math.sin(math.pi * (auc - 0.5) / 2)
    return correlation / math.sqrt(1 - correlation**2)


def shown(samples):
    return forward_test(forward_evidence(Binary(), LogisticRegression(), samples, n_blocks=6).scores).p <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("auc", "n_features"), [(0.65, 5), (0.65, 18)])
def test_as_many_samples_as_planned_show_the_edge_in_four_of_five_sets(auc, n_features):
    n = round(plan_samples(auc, n_features).independent)
    found = [shown(planted(n, n_features, auc, np.random.default_rng([7, s]))) for s in range(40)]
    # 80 %, with three standard errors of forty sets.
    assert 0.6 <= np.mean(found) <= 0.97


def test_smaller_edges_more_features_and_rare_classes_need_more_samples():
    base = plan_samples(0.6, 5).independent
    assert base < plan_samples(0.58, 5).independent
    assert base < plan_samples(0.6, 20).independent
    assert base < plan_samples(0.6, 5, base_rate=0.05).independent
    assert base < plan_samples(0.6, 5, power=0.95).independent
    assert plan_samples(0.6, 5, base_rate=0.3).independent == plan_samples(0.6, 5, base_rate=0.7).independent


@given(st.floats(-1, 1.7), st.integers(4, 12), st.integers(60, 20_000), st.integers(1, 100))
def test_more_samples_are_more_and_fewer_the_larger_t_is(t, degrees, n, n_features):
    plan, stronger = (plan_more_samples(at, degrees, n, n / 10, n_features) for at in (t, t + 0.5))
    assert plan.times >= 1
    assert stronger.times <= plan.times
    if math.isfinite(plan.times):
        assert plan.independent == pytest.approx((plan.times - 1) * n / 10)
    else:
        assert plan.independent == math.inf


@pytest.mark.parametrize(("t", "degrees", "n_effective"), [(math.nan, 12, 10.0), (1.0, 0, 10.0), (1.0, 12, 0.0)])
def test_what_was_not_tested_is_not_planned(t, degrees, n_effective):
    assert plan_more_samples(t, degrees, 100, n_effective, 3).independent == math.inf


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0.5, 3), {}, "auc must lie between 0.5 and 1"),
        ((math.nan, 3), {}, "auc must lie"),
        ((0.6, 0), {}, "n_features must be 1 or more"),
        ((0.6, True), {}, "n_features must be 1 or more"),
        ((0.6, 3), {"power": 1.0}, "power must lie"),
        ((0.6, 3), {"base_rate": 0.0}, "base_rate must be a share"),
    ],
)
def test_what_cannot_be_planned_is_refused(arguments, options, message):
    with pytest.raises(DatasetError, match=message):
        plan_samples(*arguments, **options)
