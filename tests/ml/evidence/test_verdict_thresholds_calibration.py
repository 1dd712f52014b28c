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
    assert all(row["thin"] and np.isnan(row["low"]) and np.isnan(row["high"]) for row in rows)


def test_overlapping_labels_widen_the_interval_of_a_threshold():
    random = np.random.default_rng(0)
    n, length, time = 2000, 20, np.arange(2000)
    p = random.random(n)
    alone = random.standard_normal(n) > 0
    shared = np.convolve(random.standard_normal(n + length - 1), np.ones(length), "valid") > 0
    narrow = evaluate_threshold(alone, p, LabelWindows.of(time, time + 1), None, 0.2)
    wide = evaluate_threshold(shared, p, LabelWindows.of(time, time + length), None, 0.2)
    assert narrow["n"] == wide["n"]
    assert wide["n_effective"] < narrow["n_effective"] / 5
    assert wide["high"] - wide["low"] > 2 * (narrow["high"] - narrow["low"])


def test_rows_that_nothing_or_little_passes_say_so():
    y, p, windows = sample(40)
    none = evaluate_threshold(y, p, windows, y * 0.01, 0.99)
    assert (none["n"], none["thin"]) == (0, True)
    measured = ["precision", "low", "high", "lift", "lift_low", "lift_high", "net_return", "net_low", "net_high"]
    assert all(np.isnan(none[key]) for key in measured)
    one = evaluate_threshold(y, p, windows, y * 0.01, np.sort(p)[-1])
    assert one["n"] == 1
    assert all(np.isnan(one[key]) for key in ("low", "high", "lift_low", "lift_high", "net_low", "net_high"))
    assert one["precision"] in (0.0, 1.0)


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
        if not np.isnan(row["lift_low"]):
            outside.append(not row["lift_low"] <= 0 <= row["lift_high"])
            widths.append(row["lift_high"] - row["lift_low"])
    if share < 0.1:  # fifteen signals that share labels of ten bars
        assert not outside
        return
    # 300 samples whose labels last ten bars: enough independent ones in most sets.
    assert len(outside) > 40
    assert np.mean(outside) <= 0.12
    # Labels overlap, but predictions without memory change sides ten times while one label lives.
    assert np.median(widths) < {0.0: 0.25, 0.95: 0.8}[memory]


def test_the_lift_among_outcomes_that_are_all_the_same_is_not_taken_for_sure():
    _, p, windows = sample(60)
    row = evaluate_threshold(np.ones(60, dtype=int), p, windows, None, 0.6)
    assert row["lift"] == 0.0
    assert np.isnan(row["lift_low"])
    assert np.isnan(row["high"])


def test_samples_of_one_class_or_of_few_have_no_interval_however_many_there_are():
    """Nine of 3,000 came true: whether alone or in clusters cannot be known."""
    random = np.random.default_rng(0)
    y, time = np.zeros(3000, dtype=int), np.arange(3000)
    y[random.choice(3000, 9, replace=False)] = 1
    row = evaluate_threshold(y, random.random(3000), LabelWindows.of(time, time + 1), y - 0.5, 0.5)
    assert all(np.isnan(row[key]) for key in ("low", "high", "lift_low", "lift_high", "net_low", "net_high"))


def test_the_lift_of_everything_is_nothing():
    y, p, windows = sample()
    row = evaluate_threshold(y, p, windows, None, 0.0)
    assert (row["lift"], row["coverage"]) == (0.0, 1.0)
    assert np.isnan(row["lift_low"])


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
    assert all(row["net_return"] < 0 for row in rows if not row["thin"])
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
