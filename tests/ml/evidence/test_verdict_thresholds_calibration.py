"""Verdicts as a table of findings; thresholds and buckets on predictions whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import rankdata

from livermore.ml.evidence import (
    BaselineResult,
    Findings,
    ForwardTest,
    PayoffTest,
    SamplePlan,
    SkillTest,
    calibration_buckets,
    choose_threshold,
    evaluate_threshold,
    payoff_test,
    threshold_rows,
    verdict,
)
from livermore.ml.labels import LabelWindows
from livermore.ml.tasks import RANK_CORRELATION, ROC_AUC


def forward_at(p):
    return ForwardTest(p / 2, p, p, (3.0, 2.5), 12, effect=0.1, effect_low=0.04, effect_high=0.16)


def paid(net, low, high, p, thin=False):
    return PayoffTest(80, net, low, high, p, thin, every=0.0002, every_p=0.4)


STRONG = Findings(
    forward=forward_at(0.004),
    baselines=(
        BaselineResult("constant", "a constant", 0.0, float("nan"), 0.002),
        BaselineResult("past_labels", "past labels", -0.01, 0.7, 0.004),
    ),
    judged=(1_700_000_000, 1_702_000_000),
    n=400,
    n_effective=90.0,
    test=SkillTest(0.6, ROC_AUC, 0.004),
    interval=(0.54, 0.66),
    recorded=True,
)
WEAK = replace(STRONG, forward=forward_at(0.2), test=SkillTest(0.55, ROC_AUC, 0.1), interval=(0.45, 0.65))
SMALL = replace(WEAK, test=SkillTest(0.501, ROC_AUC, 0.4), interval=(0.49, 0.515))

UNSURE = "cannot tell"
CASES = [
    ("significant, without payoffs", STRONG, "yes", UNSURE, UNSURE),
    ("at the limit", replace(STRONG, forward=forward_at(0.05)), "yes", UNSURE, UNSURE),
    ("just not", replace(STRONG, forward=forward_at(0.051)), UNSURE, UNSURE, UNSURE),
    (
        "significant once, but the thirteenth look",
        replace(STRONG, trials=13),
        UNSURE,
        UNSURE,
        UNSURE,
    ),
    (
        "thirteen looks that say the same",
        replace(STRONG, trials=13, p_corrected=0.01),
        "yes",
        UNSURE,
        UNSURE,
    ),
    ("and pays", replace(STRONG, payoffs=paid(0.002, 0.001, 0.003, 0.01)), "yes", "yes", "yes"),
    (
        "and pays once, but the thirteenth look",
        replace(STRONG, trials=13, p_corrected=0.01, payoffs=paid(0.002, 0.001, 0.003, 0.01)),
        "yes",
        UNSURE,
        UNSURE,
    ),
    ("but may lose", replace(STRONG, payoffs=paid(0.001, -0.001, 0.003, 0.2)), "yes", UNSURE, UNSURE),
    ("and surely loses", replace(STRONG, payoffs=paid(-0.002, -0.003, -0.001, 0.99)), "yes", "no", "no"),
    (
        "on a handful",
        replace(STRONG, payoffs=paid(-0.002, -0.003, -0.001, 1.0, thin=True)),
        "yes",
        UNSURE,
        UNSURE,
    ),
    ("pays without skill", replace(WEAK, payoffs=paid(0.002, 0.001, 0.003, 0.01)), UNSURE, "yes", UNSURE),
    ("surely too small", SMALL, "no", UNSURE, "no"),
    ("small but wide", replace(SMALL, interval=(0.4, 0.6)), UNSURE, UNSURE, UNSURE),
    ("no interval", replace(WEAK, interval=(float("nan"), float("nan"))), UNSURE, UNSURE, UNSURE),
    (
        "numbers",
        replace(STRONG, test=SkillTest(0.1, RANK_CORRELATION, 0.01), interval=(0.02, 0.2)),
        "yes",
        UNSURE,
        UNSURE,
    ),
    (
        "numbers, too small",
        replace(SMALL, test=SkillTest(0.0, RANK_CORRELATION, 0.6), interval=(-0.1, 0.01)),
        "no",
        UNSURE,
        "no",
    ),
    (
        "nothing predicted",
        replace(WEAK, forward=forward_at(1.0), judged=None, baselines=(), n=0, n_effective=0.0),
        UNSURE,
        UNSURE,
        UNSURE,
    ),
    (
        "undefined",
        replace(WEAK, test=SkillTest(float("nan"), ROC_AUC, 1.0), interval=(float("nan"), float("nan"))),
        UNSURE,
        UNSURE,
        UNSURE,
    ),
    (
        "perfect",
        replace(WEAK, test=SkillTest(1.0, ROC_AUC, 0.005), interval=(1.0, 1.0)),
        "yes",
        UNSURE,
        UNSURE,
    ),
]


@pytest.mark.parametrize(
    ("findings", "predicts", "pays", "edge"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_verdict(findings, predicts, pays, edge):
    found = verdict(findings)
    assert (found["predicts"], found["pays"], found["edge"]) == (predicts, pays, edge)
    assert found["details"]["predicts"]["text"] in found["text"]
    assert found["details"]["pays"]["text"] in found["text"]


def test_the_text_says_how_sure_how_large_on_how_much_and_what_would_change_it():
    text = verdict(replace(STRONG, trials=3, payoffs=paid(0.001, 0.0001, 0.0019, 0.01)))["text"]
    assert "There is an edge" in text
    assert "(p = 0.012)" in text
    assert "400 samples from 2023-11-14 → 2023-12-08" in text
    assert "carry the information of 90 independent ones" in text
    assert "nets +0.100% (95 % interval +0.010% to +0.190%)" in text
    assert "a further cost of 0.100% per trade would leave nothing" in text
    assert "Each of all signals nets +0.020%" in text
    assert "shares days and assets with it, has been evaluated by 3 different trials" in text
    assert "would confirm or refute it" in text


def test_predictions_that_are_too_good_are_called_a_leak():
    text = verdict(replace(WEAK, test=SkillTest(1.0, ROC_AUC, 0.005), interval=(1.0, 1.0)))["text"]
    assert "is too good: look for a leak" in text
    assert "too good" not in verdict(STRONG)["text"]


def test_what_baselines_leave_over_is_said():
    wandering = BaselineResult("past_labels", "past labels", 0.05, 0.001, 0.004)
    volatile = BaselineResult("volatility", "volatility alone", 0.05, 0.001, 0.4)
    text = verdict(replace(STRONG, baselines=(wandering, volatile), volatility="the named features"))["text"]
    assert "The base rate wanders: past labels alone beat a constant (p = 0.001)" in text
    assert "It is not shown to predict more than volatility (the named features) does (p = 0.400)" in text
    beyond = replace(volatile, p_beyond=0.01)
    assert "It predicts more than volatility" in verdict(replace(STRONG, baselines=(beyond,)))["text"]
    assert "wanders" not in verdict(STRONG)["text"]


def test_too_little_data_says_how_much_would_do():
    text = verdict(replace(WEAK, more=SamplePlan(270.0, 4.0, 0.8)))["text"]
    assert "about 270 more independent samples, 4.0 times as much data as now, would show it with 80% power" in text
    unknown = verdict(replace(WEAK, more=SamplePlan(np.inf, np.inf, 0.8)))["text"]
    assert "more independent samples" not in unknown
    assert "more independent samples" not in verdict(replace(STRONG, more=SamplePlan(270.0, 4.0, 0.8)))["text"]


class TestPayoffs:
    @pytest.mark.parametrize("share", [0.1, 1.0])
    def test_size_and_coverage_on_heavy_tails_and_overlap(self, share):
        claimed, covered = [], []
        for seed in range(300):
            random = np.random.default_rng([41, seed])
            payoff = np.convolve(random.standard_t(3, 1009), np.ones(10) / 10, "valid")
            taken = np.repeat(random.random(100) < share, 10)
            time = np.arange(1000)
            found = payoff_test(payoff, taken, LabelWindows.of(time, time + 10))
            claimed.append(found.p <= 0.05)
            covered.append(found.low <= 0 <= found.high or found.thin)
        assert np.mean(claimed) <= 0.08  # at 5 %, the standard error of 300 is 1.3 %
        assert np.mean(covered) >= 0.92

    def test_times_with_two_symbols_are_one_observation(self):
        random = np.random.default_rng(0)
        payoff, time = random.standard_normal(200), np.arange(200)
        once = payoff_test(payoff, payoff > -0.5, LabelWindows.of(time, time + 1))
        twice = payoff_test(
            np.repeat(payoff, 2),
            np.repeat(payoff > -0.5, 2),
            LabelWindows.of(np.repeat(time, 2), np.repeat(time, 2) + 1),
        )
        assert twice.p == pytest.approx(once.p)
        assert (twice.low, twice.high) == pytest.approx((once.low, once.high))

    def test_a_handful_or_nothing_says_nothing(self):
        time, payoff = np.arange(100), np.full(100, 0.01)
        windows = LabelWindows.of(time, time + 1)
        few = payoff_test(payoff, time < 5, windows)
        assert (few.p, few.thin, few.net_return) == (1.0, True, 0.01)
        assert np.isnan(payoff_test(payoff, time < 0, windows).net_return)
        assert payoff_test(payoff[:3], time[:3] >= 0, windows.take(time[:3])).p == 1.0


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
    assert len(outside) > 60
    assert np.mean(outside) <= 0.1
    # Labels overlap, but predictions without memory change sides ten times while one label lives.
    assert np.median(widths) < {0.0: 0.2, 0.95: 0.6}[memory]


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
