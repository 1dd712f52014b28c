"""The monitor of a model in service: rare false alarms over a whole life, a true one soon after a break, its state."""

import json
import math

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import norm

from livermore.errors import DatasetError, FeatureError
from livermore.ml.evidence import EProcess, FeatureReference, Monitor, MonitorReference

N_TRAIN = 600


def market(seed, n, horizon, strength=0.5):
    """Return a signal, probabilities that are right, and labels that overlap over `horizon` decisions."""
    rng = np.random.default_rng([seed, 11])
    signal = lfilter([0.6], [1, -0.8], rng.normal(size=n))
    shocks = rng.normal(size=n + horizon)
    ahead = np.array([shocks[i + 1 : i + 1 + horizon].sum() for i in range(n)]) / math.sqrt(horizon)
    return norm.cdf(strength * signal), strength * signal + ahead > 0


def first_alarm(p, y, chains, level=0.05):
    """Return after how many decisions in service there is an alarm; None if there is none."""
    monitor = Monitor(MonitorReference.of(y[:N_TRAIN], p[:N_TRAIN], chains=chains))
    for at in range(N_TRAIN, p.size):
        if at - chains >= N_TRAIN:
            monitor.observe_label(at - chains, y[at - chains])
        monitor.observe_prediction(at, p[at])
        if monitor.alarm(level):
            return at - N_TRAIN
    return None


def at_most(level, n_sets):
    return level + 3 * math.sqrt(level * (1 - level) / n_sets)


@pytest.mark.parametrize("horizon", [1, 5])
def test_a_model_without_fault_hardly_ever_raises_an_alarm_in_its_whole_life(horizon):
    n_sets = 40
    alarms = sum(first_alarm(*market(seed, N_TRAIN + 800, horizon), horizon) is not None for seed in range(n_sets))
    assert alarms / n_sets <= at_most(0.05, n_sets)


def test_a_market_that_turns_round_is_noticed_and_not_before():
    found = []
    for seed in range(10):
        p, y = market(seed, N_TRAIN + 1000, 1)
        y = np.r_[y[: N_TRAIN + 400], ~y[N_TRAIN + 400 :]]
        found.append(first_alarm(p, y, 1))
    late = [at - 400 for at in found if at is not None]
    assert len(late) == 10
    assert min(late) > 0
    # About 150 labels are what a classic test at this skill needs.
    assert np.median(late) < 250


def test_overlapping_labels_wait_for_their_chain():
    p, y = market(3, 200, 4)
    monitor = Monitor(MonitorReference.of(y, p, chains=2))
    for at in range(4):
        monitor.observe_prediction(at, 0.6)
    for at in range(4):
        monitor.observe_label(at, True)
    # Two chains hold two open bets; the other decisions are passed over.
    assert monitor.labels == 2
    assert monitor.open_times == ()


@pytest.mark.parametrize("chains", [1, 2, 8])
def test_wealth_of_fair_bets_exceeds_no_threshold_more_often_than_stated(chains):
    rng, n_sets, level, alarms, ends = np.random.default_rng(5), 150, 0.2, 0, []
    for _ in range(n_sets):
        process, open_bets = EProcess(1, chains), []
        # Results of all chains have a part in common, as overlapping labels do.
        steps = np.sign(np.convolve(rng.normal(size=200 + chains), np.ones(chains), "valid"))
        for t in range(200):
            if len(open_bets) == chains:
                process.settle(*open_bets.pop(0))
            open_bets.append((t % chains, process.stakes(), [steps[t]]))
        alarms += process.alarm(level)
        ends.append(process.e_value)
    assert alarms / n_sets <= at_most(level, n_sets)
    assert np.mean(ends) <= 1 + 3 * np.std(ends) / math.sqrt(n_sets)


@pytest.mark.parametrize("memory", [0.0, 0.95])
def test_drift_of_a_feature_is_seen_and_its_memory_is_not_taken_for_drift(memory):
    def feature(seed, n):
        rng = np.random.default_rng([seed, 13])
        start = 3000
        return lfilter([math.sqrt(1 - memory**2)], [1, -memory], rng.normal(size=start + n))[start:]

    def drifted(seed, shift, spread):
        values = feature(seed, 8000)
        reference = MonitorReference.of([0, 1], [0.4, 0.6], chains=1, X=values[:4000, None], feature_names=["f"])
        monitor = Monitor(reference)
        for at, value in enumerate(values[4000:] * spread + shift):
            monitor.observe_prediction(at, 0.5, [value])
        return monitor.alarms(0.05)

    n_sets = 12
    assert sum(bool(drifted(seed, 0.0, 1.0)) for seed in range(n_sets)) / n_sets <= at_most(0.05, n_sets)
    assert drifted(0, 1.5, 1.0) == drifted(1, 0.0, 4.0) == ("drift: f",)


def test_a_feature_with_too_long_a_memory_or_without_variation_is_not_monitored():
    walk = np.cumsum(np.random.default_rng(6).normal(size=2000))
    X = np.column_stack([walk, np.ones(2000), np.random.default_rng(7).normal(size=2000)])
    monitor = Monitor(MonitorReference.of([0, 1], [0.4, 0.6], chains=1, X=X, feature_names=["walk", "one", "noise"]))
    assert monitor.not_monitored == ("walk", "one")
    monitor.observe_prediction(0, 0.5, [math.nan, 1.0, math.nan])
    assert set(monitor.e_values) == {"skill", "calibration", "drift: noise"}


def test_ranks_of_ties_are_in_the_middle():
    bools = FeatureReference.of("b", np.tile([0.0, 1.0], 100))
    assert (bools.rank(0.0), bools.rank(1.0)) == (pytest.approx(0.25, abs=0.01), pytest.approx(0.75, abs=0.01))
    assert (bools.rank(-5.0), bools.rank(5.0)) == (0.0, 1.0)


def test_a_monitor_goes_on_where_it_stopped():
    p, y = market(8, N_TRAIN + 300, 3)
    X = np.random.default_rng(9).normal(size=(p.size, 2))
    reference = MonitorReference.of(y[:N_TRAIN], p[:N_TRAIN], chains=3, X=X[:N_TRAIN], feature_names=["a", "b"])
    straight, resumed = Monitor(reference), Monitor(reference)
    for at in range(N_TRAIN, p.size):
        for monitor in (straight, resumed):
            if at - 3 >= N_TRAIN:
                monitor.observe_label(at - 3, y[at - 3])
            monitor.observe_prediction(at, p[at], X[at])
        resumed = Monitor.from_state(json.loads(json.dumps(resumed.state())))
    assert resumed.e_values == straight.e_values
    assert resumed.state() == straight.state()


def test_numbers_are_monitored_without_calibration():
    rng = np.random.default_rng(10)
    predicted = rng.normal(size=500)
    label = predicted + rng.normal(size=500)
    monitor = Monitor(MonitorReference.of(label, predicted, chains=1, is_probability=False))
    for at in range(300):
        monitor.update(at, predicted[at], -label[at])
    assert monitor.alarms(0.05) == ("skill",)
    assert list(monitor.e_values) == ["skill"]


def test_bad_input_is_refused():
    monitor = Monitor(MonitorReference.of([0, 1], [0.4, 0.6], chains=1))
    for prediction in (math.nan, 1.5, -0.1):
        with pytest.raises(DatasetError, match="the prediction at 5"):
            monitor.observe_prediction(5, prediction)
    monitor.observe_prediction(5, 0.5)
    with pytest.raises(DatasetError, match="open already"):
        monitor.observe_prediction(5, 0.5)
    with pytest.raises(DatasetError, match="the label at 5"):
        monitor.observe_label(5, math.inf)
    with pytest.raises(FeatureError, match="1 features; the reference has 0"):
        monitor.observe_prediction(6, 0.5, [1.0])
    with pytest.raises(DatasetError, match="not all equal"):
        MonitorReference.of([1, 1], [0.4, 0.6], chains=1)
    with pytest.raises(DatasetError, match="from 0 to 1"):
        MonitorReference.of([0, 1], [-1.0, 2.0], chains=1)
    with pytest.raises(DatasetError, match="level must be"):
        monitor.alarms(1.5)
    for state in ({}, {"reference": 5}, monitor.state() | {"skill": {"log_wealth": [1]}}):
        with pytest.raises(DatasetError, match="no state of"):
            Monitor.from_state(state)


def a_monitor(chains=3, **changes):
    """Return a monitor of two features that has seen sixty decisions, and awaits the label of decision 99."""
    rng = np.random.default_rng(0)
    p, X = rng.uniform(0.3, 0.7, 500), rng.normal(size=(500, 2))
    names = changes.pop("feature_names", ["a", "b"])
    reference = MonitorReference.of(rng.random(500) < p, p, chains=chains, X=X, feature_names=names, **changes)
    monitor = Monitor(reference)
    for time in range(60):
        monitor.update(time, 0.5, 1, X[time])
    monitor.observe_prediction(99, 0.5, X[99])
    return monitor


def test_a_state_can_be_written_as_json_whatever_kind_of_numbers_came_in():
    monitor = a_monitor(chains=np.int64(3), expected=np.float32(0.0), is_probability=np.True_)
    monitor.observe_prediction(np.int64(100), np.float32(0.5), np.array([0.1, 0.2], dtype=np.float32))
    again = Monitor.from_state(json.loads(json.dumps(monitor.state(), allow_nan=False)))
    for each in (monitor, again):
        each.observe_label(100, np.True_)
    assert again.state() == monitor.state()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("skill highest", math.nan),
        ("skill highest", 0.5),
        ("skill settled", -1),
        ("skill weight", [0, 0]),
        ("skill squares", [[-1, -1]]),
        ("skill log_wealth", [[[0, 0]]]),
        ("reference chains", 1),
        ("reference chains", 2.5),
        ("reference base", "x"),
        ("reference base", math.nan),
        ("reference label_range", 0),
        ("reference spread", -1),
        ("reference is_probability", "no"),
        ("reference features 0 block", -3),
        ("reference features 0 quantiles", []),
        ("reference features 0 quantiles", [3, 1, 2]),
        ("reference features 0 tolerance", 5),
        ("reference features 0 name", "b"),
        ("open 0 1 chain", 7),
        ("open 0 1 prediction", "x"),
        ("open 0 1 skill", [[5, 5]]),
        ("drift a ranks", [9.0]),
        ("drift a ranks", [0.1] * 100),
    ],
)
def test_a_state_that_was_edited_is_refused_before_it_says_anything(path, value):
    state = json.loads(json.dumps(a_monitor().state()))
    *parents, last = (int(key) if key.isdigit() else key for key in path.split())
    part = state
    for key in parents:
        part = part[key]
    part[last] = value
    with pytest.raises(DatasetError, match=r"^this is no state of a monitor: .*[^.]\.$"):
        Monitor.from_state(state)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda m: m.observe_prediction(1, None), DatasetError),
        (lambda m: m.observe_prediction(math.nan, 0.5), DatasetError),
        (lambda m: m.observe_prediction(1, 0.5, [None, 1]), FeatureError),
        (lambda m: m.observe_prediction(1, 0.5, ["x", 1]), FeatureError),
        (lambda m: m.observe_label(99, None), DatasetError),
        (lambda m: m.observe_label(99, 7), DatasetError),
        (lambda m: m.alarms("a"), DatasetError),
        (lambda m: m.e_value("drift: c"), DatasetError),
    ],
)
def test_what_is_no_number_is_refused_and_changes_nothing(call, error):
    monitor = a_monitor()
    before = monitor.state()
    with pytest.raises(error):
        call(monitor)
    assert monitor.state() == before


def test_two_features_of_one_name_and_labels_that_are_no_outcomes_are_refused():
    with pytest.raises(DatasetError, match="more than once: 'a'"):
        a_monitor(feature_names=["a", "a"])
    with pytest.raises(DatasetError, match="labels that are predicted by a probability"):
        MonitorReference.of([0, 5, 5], [0.1, 0.2, 0.3], chains=1)


def test_labels_that_never_come_stop_no_monitor_once_they_are_forgotten():
    monitor = a_monitor(chains=1)
    monitor.update(100, 0.9, 0)
    assert (monitor.labels, monitor.open_times) == (60, (99,))  # the only chain waits for decision 99
    before = monitor.e_values
    monitor.forget(99)
    assert all(monitor.e_values[name] <= before[name] for name in before)
    monitor.update(101, 0.9, 0)
    assert (monitor.labels, monitor.open_times) == (61, ())
