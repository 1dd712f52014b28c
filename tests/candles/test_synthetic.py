"""Synthetic markets: valid, reproducible, lifelike, and with just the edge that they claim."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from livermore.candles import best_auc, check_candles, planted_signal, resample, synthetic_candles
from livermore.errors import CandleError

YEAR = 365 * 1440


@pytest.mark.parametrize("tick", [0.001, 0.1, 0.25, 5.0, 3_000.0])
def test_candles_are_valid_whole_and_on_ticks(tick):
    candles = check_candles(synthetic_candles(20_000, seed=2, tick=tick, edge=0.3))
    assert (np.diff(candles[:, 0]) == 60_000).all()
    assert (candles[1:, 1] == candles[:-1, 2]).all()
    steps = candles[:, 1:5] / tick
    assert np.allclose(steps, np.rint(steps), rtol=0, atol=1e-6)
    assert (candles[:, 1:5] > 0).all()


def test_decimal_ticks_give_decimal_prices():
    prices = synthetic_candles(5_000, seed=2, tick=0.1)[:, 1:5]
    assert (prices == np.round(prices, 1)).all()


def test_the_seed_determines_everything_and_more_minutes_change_nothing():
    short, long = (synthetic_candles(minutes, seed=9, edge=0.2) for minutes in (12_345, 30_000))
    assert np.array_equal(short, long[:12_345])
    assert not np.array_equal(short, synthetic_candles(12_345, seed=10, edge=0.2))


def test_the_market_without_edge_differs_in_the_drift_alone():
    with_edge, without = (synthetic_candles(30_000, seed=9, edge=edge) for edge in (0.3, 0.0))
    assert np.array_equal(with_edge[:, 5], without[:, 5])
    assert np.array_equal(with_edge[: 168 * 60], without[: 168 * 60])
    assert not np.array_equal(with_edge[:, 2], without[:, 2])


def direction_auc(seeds, edge):
    """AUC of the planted signal for the direction of the block that it is about, over a year per seed."""
    signals, ups = [], []
    for seed in seeds:
        candles = synthetic_candles(YEAR, seed=seed, edge=edge)
        times, signal = planted_signal(candles)
        hours = resample(candles, "1h")
        assert np.array_equal(times[:-1], hours[:, 0])
        told = (signal[:-1] != 0) & (hours[:, 2] != hours[:, 1])
        signals.append(signal[:-1][told])
        ups.append((hours[:, 2] > hours[:, 1])[told])
    ups = np.concatenate(ups)
    return roc_auc_score(ups, np.concatenate(signals)), len(ups)


@pytest.mark.parametrize("edge", [0.0, 0.1, 0.25, -0.25])
def test_the_signal_reaches_the_auc_that_is_promised(edge):
    auc, n = direction_auc(range(6), edge)
    promised = best_auc(edge) if edge >= 0 else 1 - best_auc(edge)
    assert abs(auc - promised) < 3 * 0.5 / np.sqrt(n)


def test_the_signal_depends_on_earlier_candles_alone():
    candles = synthetic_candles(400 * 60, seed=3, edge=0.2)
    _, whole = planted_signal(candles)
    for hours in (169, 250, 399):
        _, part = planted_signal(candles[: hours * 60])
        assert np.array_equal(part, whole[: hours + 1])


def test_trends_when_agitated_and_ranges_when_calm():
    candles = synthetic_candles(YEAR, seed=4, edge=0.25)
    _, signal = planted_signal(candles)
    hours = resample(candles, "1h")
    move = np.log(hours[:, 2] / hours[:, 1])
    momentum = np.sign(hours[179:-1, 2] - hours[167:-13, 2])
    follows = signal[180:-1] == momentum
    assert 0.3 < follows.mean() < 0.7
    gain = move[180:] * momentum
    assert gain[follows].mean() > 0 > gain[~follows].mean()


def test_volatility_clusters_tails_are_fat_and_volume_follows():
    candles = synthetic_candles(YEAR, seed=6)
    move = np.diff(np.log(candles[:, 2]))
    size = np.abs(move)
    assert np.corrcoef(size[:-1], size[1:])[0, 1] > 0.2
    assert np.corrcoef(size[:-1440], size[1440:])[0, 1] > 0.1
    assert abs(np.corrcoef(move[:-1], move[1:])[0, 1]) < 0.01
    assert np.mean((move / move.std()) ** 4) > 5
    assert np.corrcoef(size, candles[1:, 5])[0, 1] > 0.4
    assert 0.4 < move.std() * np.sqrt(YEAR) < 1.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minutes": 0}, "minutes must be at least 1, not 0"),
        ({"start": 1}, "start must be a full hour"),
        ({"price": -1.0}, "price must be a number above 0, not -1.0"),
        ({"volatility": float("nan")}, "volatility must be a number above 0, not nan"),
        ({"tick": 0.0}, "tick must be a number above 0"),
        ({"tick": 1e6}, "larger than the price"),
    ],
)
def test_parameters_out_of_range_are_named(options, message):
    with pytest.raises(CandleError, match=message):
        synthetic_candles(**{"minutes": 10, "seed": 1} | options)
