"""Verdicts as a table of findings; thresholds and buckets on predictions whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import rankdata

from livermore.ml.evidence import (
    Findings,
    SkillTest,
    calibration_buckets,
    choose_threshold,
    evaluate_threshold,
    threshold_rows,
    verdict,
)
from livermore.ml.labels import LabelWindows
from livermore.ml.tasks import RANK_CORRELATION, ROC_AUC

STRONG = Findings(SkillTest(0.6, ROC_AUC, 0.004), (0.54, 0.66), 400, 90.0, recorded=True)

CASES = [
    ("significant", STRONG, "yes"),
    ("at the limit", replace(STRONG, test=SkillTest(0.6, ROC_AUC, 0.05)), "yes"),
    ("just not", replace(STRONG, test=SkillTest(0.6, ROC_AUC, 0.051)), "cannot tell"),
    ("significant once, but the thirteenth look", replace(STRONG, trials=13), "cannot tell"),
    ("and earns money", replace(STRONG, net_return=(0.001, -0.001, 0.003)), "yes"),
    ("but loses after costs", replace(STRONG, net_return=(-0.001, -0.003, 0.001)), "cannot tell"),
    ("and surely loses", replace(STRONG, net_return=(-0.002, -0.003, -0.001)), "no"),
    ("and surely loses on a handful", replace(STRONG, net_return=(-0.002, -0.003, -0.001), thin=True), "cannot tell"),
    ("surely too small", replace(STRONG, test=SkillTest(0.501, ROC_AUC, 0.4), interval=(0.49, 0.515)), "no"),
    ("small but wide", replace(STRONG, test=SkillTest(0.501, ROC_AUC, 0.4), interval=(0.4, 0.6)), "cannot tell"),
    ("numbers", Findings(SkillTest(0.1, RANK_CORRELATION, 0.01), (0.02, 0.2), 400, 90.0), "yes"),
    ("numbers, too small", Findings(SkillTest(0.0, RANK_CORRELATION, 0.6), (-0.1, 0.01), 400, 90.0), "no"),
    ("undefined", Findings(SkillTest(float("nan"), ROC_AUC, 1.0), (float("nan"), float("nan")), 3, 1.0), "cannot tell"),
]


@pytest.mark.parametrize(("findings", "edge"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_verdict(findings, edge):
    found = verdict(findings)
    assert found["edge"] == edge
    assert set(found) >= {"edge", "p_value", "trials", "n_effective", "text"}


def test_the_text_says_how_sure_how_large_on_how_much_and_what_would_change_it():
    text = verdict(replace(STRONG, trials=3, net_return=(0.001, -0.001, 0.003)))["text"]
    assert "p = 0.012" in text
    assert "400 test samples carry the information of 90 independent ones" in text
    assert "nets +0.100%" in text
    assert "shares days and symbols with it, has been evaluated by 3 different trials" in text
    assert "would confirm or refute it" in text


def test_too_little_data_says_how_much_would_do():
    found = verdict(replace(STRONG, test=SkillTest(0.55, ROC_AUC, 0.1), interval=(0.45, 0.65)))
    assert "about 4.0 times as much test data" in found["text"]


def sample(n=600, seed=0, overlap=1):
    random = np.random.default_rng(seed)
    p = random.uniform(0.2, 0.9, n)
    time = np.arange(n)
    return (random.random(n) < p).astype(int), p, LabelWindows.of(time, time + overlap)


def test_intervals_of_calibrated_buckets_hold_the_mean_prediction():
    inside = []
    for seed in range(30):
        inside += [row["low"] <= row["expected"] <= row["high"] for row in calibration_buckets(*sample(seed=seed))]
    assert 0.92 <= np.mean(inside) <= 0.99


def test_buckets_cover_all_probabilities_and_count_independent_samples():
    y, p, windows = np.array([0, 1, 1]), np.array([0.0, 0.999, 1.0]), LabelWindows.of([0, 1, 2], [10, 11, 12])
    rows = calibration_buckets(y, p, windows)
    assert [(row["range"], row["n"]) for row in rows] == [("[0.0–0.1)", 1), ("[0.9–1.0]", 2)]
    assert rows[1]["expected"] == pytest.approx(0.9995)
    assert rows[1]["n_effective"] < 1.2
    assert all(row["thin"] for row in rows)


def test_overlapping_labels_widen_the_interval_of_a_threshold():
    y, p, alone = sample()
    shared = LabelWindows.of(np.arange(600), np.arange(600) + 20)
    narrow, wide = (evaluate_threshold(y, p, windows, None, 0.6) for windows in (alone, shared))
    assert narrow["precision"] == wide["precision"]
    assert wide["high"] - wide["low"] > 2 * (narrow["high"] - narrow["low"])


def test_rows_that_nothing_or_little_passes_say_so():
    y, p, windows = sample(40)
    none = evaluate_threshold(y, p, windows, y * 0.01, 0.99)
    assert (none["n"], none["thin"], none["low"], none["high"]) == (0, True, 0.0, 1.0)
    assert np.isnan(none["precision"])
    assert np.isnan(none["net_return"])
    assert np.isnan(none["lift"])
    assert (none["lift_low"], none["lift_high"]) == pytest.approx((-y.mean(), 1 - y.mean()))
    one = evaluate_threshold(y, p, windows, y * 0.01, np.sort(p)[-1])
    assert one["n"] == 1
    assert np.isnan(one["net_low"])
    assert one["lift_low"] < 0 < one["lift_high"]


@pytest.mark.parametrize(("memory", "share"), [(0.0, 0.5), (0.95, 0.5), (0.9, 0.05)])
def test_the_interval_of_a_lift_holds_none_where_there_is_none(memory, share):
    outside, widths = [], []
    for seed in range(80):
        random = np.random.default_rng(seed)
        outcome = np.convolve(random.standard_normal(309), np.ones(10), "valid")
        score = lfilter([1.0], [1.0, -memory], random.standard_normal(300))
        p = rankdata(score) / score.size
        windows = LabelWindows.of(np.arange(300), np.arange(300) + 10)
        row = evaluate_threshold((outcome > 0).astype(int), p, windows, None, 1 - share)
        outside.append(not row["lift_low"] <= 0 <= row["lift_high"])
        widths.append(row["lift_high"] - row["lift_low"])
    assert np.mean(outside) <= 0.1
    # Labels overlap, but predictions without memory change sides ten times while one label lives.
    assert np.median(widths) < {0.0: 0.2, 0.95: 0.6, 0.9: 1.2}[memory]


def test_the_lift_among_outcomes_that_are_all_the_same_is_not_taken_for_sure():
    _, p, windows = sample(60)
    row = evaluate_threshold(np.ones(60, dtype=int), p, windows, None, 0.6)
    assert row["lift_low"] < row["lift"] == 0.0


def test_the_lift_of_everything_is_nothing():
    y, p, windows = sample()
    row = evaluate_threshold(y, p, windows, None, 0.0)
    assert (row["lift"], row["coverage"]) == (0.0, 1.0)
    assert row["lift_low"] == pytest.approx(0, abs=1e-12)


def test_money_and_precision_choose_differently():
    # Wins pay a third of what losses cost, so that a signal must be right three times of four.
    y, p, windows = sample(3000, seed=1)
    payoff = np.where(y == 1, 0.01, -0.03)
    by_lift = choose_threshold(threshold_rows(y, p, windows), y, p, windows)
    by_money = choose_threshold(threshold_rows(y, p, windows, payoff), y, p, windows, payoff)
    assert (by_lift.by, by_money.by) == ("lift", "money")
    assert by_lift.threshold in (0.5, 0.55, 0.6)
    assert by_money.threshold in (0.7, 0.75, 0.8)
    assert by_money.stable_band[0] <= by_money.threshold <= by_money.stable_band[1]


def test_nothing_is_taken_where_each_threshold_loses():
    y, p, windows = sample(3000, seed=1)
    losing = np.where(y == 1, 0.001, -0.03)
    rows = threshold_rows(y, p, windows, losing)
    assert all(row["net_high"] < 0 for row in rows if not row["thin"])
    choice = choose_threshold(rows, y, p, windows, losing)
    assert (choice.threshold, choice.stable_band, choice.none_is_best) == (None, None, True)


def test_a_threshold_that_gains_is_chosen_and_none_is_close_only_within_an_error():
    y, p, windows = sample(3000, seed=1)
    paying = np.where(y == 1, 0.01, -0.01)
    choice = choose_threshold(threshold_rows(y, p, windows, paying), y, p, windows, paying)
    assert choice.threshold is not None
    assert not choice.none_is_best
    assert not choice.none_is_close
    # Payoffs that say nothing: the best of eight means is within an error of zero, or none is best.
    noise = np.random.default_rng(5).normal(size=y.size)
    assert choose_threshold(threshold_rows(y, p, windows, noise), y, p, windows, noise).none_is_close


def test_a_threshold_that_all_signals_pass_gains_no_precision():
    y, _, windows = sample(301, seed=2)
    p = np.full(301, 0.9)
    choice = choose_threshold(threshold_rows(y, p, windows), y, p, windows)
    assert (choice.threshold, choice.none_is_best) == (None, True)


def test_too_few_samples_choose_nothing():
    y, p, windows = sample(6)
    choice = choose_threshold(threshold_rows(y, p, windows), y, p, windows)
    assert (choice.threshold, choice.stable_band) == (None, None)
