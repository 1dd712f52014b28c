"""The test for skill, its level on series with memory, and corrections for many looks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests

from livermore.errors import DatasetError
from livermore.ml.evidence import (
    benjamini_hochberg,
    circular_correlations,
    holm,
    sidak,
    skill_statistic,
    skill_test,
)
from livermore.ml.tasks import Prediction

p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def binary(y, score):
    p = (score - score.min()) / (np.ptp(score) + 1e-9)
    return Prediction((p > 0.5).astype(int), np.column_stack([1 - p, p]), np.array([0, 1]))


def numbers(values):
    return Prediction(values, np.empty((len(values), 0)), np.empty(0))


def slow(n, random, memory=0.9):
    x = np.zeros(n)
    for i, shock in enumerate(random.standard_normal(n - 1)):
        x[i + 1] = memory * x[i] + shock
    return x


@given(st.integers(2, 40), st.integers(0, 2**32 - 1))
def test_circular_correlations_are_sums_over_turned_rows(n, seed):
    a, b = np.random.default_rng(seed).standard_normal((2, n))
    assert circular_correlations(a, b) == pytest.approx([a @ np.roll(b, k) for k in range(n)])


def test_the_statistic_is_the_area_and_the_p_value_its_rank_among_shifts():
    random = np.random.default_rng(0)
    y, score = random.integers(0, 2, 60), np.round(random.standard_normal(60), 1)
    test = skill_test(y, binary(y, score))
    areas = np.array([roc_auc_score(np.roll(y, k), score) for k in range(60)])
    assert test.statistic == pytest.approx(areas[0])
    assert test.p_value == pytest.approx(np.mean(areas >= areas[0] - 1e-9))


@pytest.mark.parametrize("width", [1, 10])
def test_it_keeps_its_level_where_labels_overlap_and_predictions_remember(width):
    random = np.random.default_rng(width)
    rejected = {"classes": [], "numbers": []}
    for _ in range(300):
        outcome = np.convolve(random.standard_normal(200 + width - 1), np.ones(width), "valid")
        score = slow(200, random)
        y = (outcome > 0).astype(int)
        rejected["classes"].append(skill_test(y, binary(y, score)).p_value <= 0.05)
        rejected["numbers"].append(skill_test(outcome, numbers(score)).p_value <= 0.05)
    assert max(np.mean(found) for found in rejected.values()) <= 0.08
    assert min(np.mean(found) for found in rejected.values()) >= 0.01


def test_it_sees_skill():
    random = np.random.default_rng(0)
    score = random.standard_normal(400)
    outcome = 0.4 * score + random.standard_normal(400)
    assert skill_test(outcome, numbers(score)).p_value <= 0.01
    y = np.digitize(outcome, [-0.5, 0.5])
    p = np.column_stack([-score, np.zeros(400), score])
    p = np.exp(p) / np.exp(p).sum(axis=1, keepdims=True)
    assert skill_test(y, Prediction(p.argmax(axis=1), p, np.arange(3))).p_value <= 0.01


@pytest.mark.parametrize(
    ("y", "prediction"),
    [
        (np.ones(5, int), binary(None, np.arange(5.0))),
        (np.arange(5.0), numbers(np.ones(5))),
        (np.array([1.0]), numbers(np.array([2.0]))),
    ],
)
def test_where_nothing_can_be_told_the_p_value_is_one(y, prediction):
    assert skill_test(y, prediction).p_value == 1.0


def test_the_statistic_of_unit_weights_is_the_tests():
    random = np.random.default_rng(1)
    y, score = random.integers(0, 2, 50), random.standard_normal(50)
    assert skill_statistic(y, binary(y, score), np.ones((1, 50)))[0] == pytest.approx(
        skill_test(y, binary(y, score)).statistic
    )
    values = numbers(score)
    assert skill_statistic(y + score, values, np.ones((1, 50)))[0] == pytest.approx(
        skill_test(y + score, values).statistic
    )


@given(p_lists)
def test_corrections_are_those_of_statsmodels(p):
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])


def test_sidak_by_hand_and_at_its_ends():
    assert sidak(0.02, 5) == pytest.approx(1 - 0.98**5)
    assert sidak(1e-18, 3) == pytest.approx(3e-18)
    assert (sidak(0.3, 1), sidak(1.0, 4)) == (pytest.approx(0.3), 1.0)


def test_corrections_refuse_what_is_no_probability():
    with pytest.raises(DatasetError, match="between 0 and 1"):
        holm([0.5, 1.2])
    with pytest.raises(DatasetError, match="trials must be 1 or more; it is 0"):
        sidak(0.1, 0)
    with pytest.raises(DatasetError, match="3 and 2 rows"):
        circular_correlations([1, 2, 3], [1, 2])
