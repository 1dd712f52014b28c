"""Diagnostics of features: stationarity, drift, duplicates, and leaks of the label or of time."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from livermore.ml import sizes
from livermore.ml.evidence._corrections import holm
from livermore.ml.evidence._drift import drift_p_value
from livermore.ml.sizes import time_blocked_rows
from livermore.typing import Integers

__all__ = ["FeatureDiagnosis", "diagnose_features", "population_stability_index", "stationarity"]

Floats = npt.NDArray[np.float64]

# Rank correlation with time above which a feature mostly tells the date.
TIME_LIKE = 0.9
# Rank correlation with another feature above which one of them is redundant.
DUPLICATE = 0.999
# Rank correlation with the label above which the feature probably contains the label.
NEAR_LABEL = 0.9
# Ratio of the standard deviations of the last and the first third above which the scale has changed.
CHANGED_SCALE = 2.0
LEVEL = 0.05
# KPSS rejects strongly autocorrelated stationary series too often, so it must reject at the last level of its table.
KPSS_LEVEL = 0.01

ADVICE = {
    "constant": "It is constant: leave it out.",
    "duplicate": "It duplicates {other}: leave one of them out.",
    "near-label": "It nearly equals the label: check that it uses nothing that is known only later.",
    "time-like": "It mostly tells the date: use changes or ratios instead of levels.",
    "unit root": "It has no level to return to: use differences, ratios or z-scores over a window.",
    "changing level": "Its level moves: take it relative to its own recent mean.",
    "changing scale": "Its spread has changed {ratio:.1f}-fold: divide by a recent volatility, such as the ATR.",
    "drift": "Its level or spread has changed in the test period: make it relative, or retrain often.",
}


@dataclass(frozen=True)
class FeatureDiagnosis:
    """What is unusual about one feature.

    Parameters
    ----------
    feature : str
        Its name.
    stationarity : str
        "stationary", "unit root", "changing level" or "cannot tell", from ADF and KPSS together.
    adf_p_value, kpss_p_value : float
        Of the two tests; nan where they could not be run. KPSS's lies between 0.01 and 0.1 by its tables.
    trend : float
        Rank correlation with time, in the training part.
    scale_ratio : float
        Standard deviations of the last and the first third of the training part, the larger over the smaller.
    psi : float
        Population stability index between training and test part; descriptive, since a feature with memory and few
        samples makes it large by chance.
    drift_p_value : float
        Of no change of level or spread in the test part, corrected for the number of features (Holm).
    flags : tuple of str
        The problems, as keys of `ADVICE`.
    advice : str
        What to do about them; empty without a problem.

    Examples
    --------
    >>> tests = {"adf_p_value": 0.01, "kpss_p_value": 0.1, "drift_p_value": 0.001}
    >>> volume = FeatureDiagnosis("v", "stationary", trend=0.0, scale_ratio=1.1, psi=0.4, flags=("drift",), **tests)
    >>> volume.flags, volume.drift_p_value < 0.05
    (('drift',), True)
    """

    feature: str
    stationarity: str
    adf_p_value: float
    kpss_p_value: float
    trend: float
    scale_ratio: float
    psi: float
    drift_p_value: float = 1.0
    flags: tuple[str, ...] = ()
    advice: str = field(default="")


def diagnose_features(
    X: Floats,
    y: npt.NDArray[Any],
    time: Integers,
    X_test: Floats,
    feature_names: Sequence[str],
    test_time: Integers | None = None,
) -> list[FeatureDiagnosis]:
    """Examine the features of the training part, and compare their distributions with the test part.

    Parameters
    ----------
    X : ndarray of shape (n, f)
        Training features as recorded, in order of time; NaN where missing.
    y : ndarray of shape (n,)
        Training labels.
    time : ndarray of shape (n,)
        When each sample was taken, in seconds.
    X_test : ndarray of shape (m, f)
        Features of the test part. Its labels are not used.
    feature_names : sequence of str
        Names of the columns.
    test_time : ndarray of shape (m,), optional
        When the samples of the test part were taken, in seconds; without it they count as taken one after the other.

    Returns
    -------
    list of FeatureDiagnosis
        In the order of the columns.

    Notes
    -----
    Rank correlations are those of all samples, or of 100,000 that are spread evenly (`livermore.ml.sizes`).

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> X = np.column_stack([random.normal(size=400), random.normal(size=400), np.arange(400.0)])
    >>> y, time, names = random.integers(0, 2, 400), np.arange(400), ["rsi", "volume", "price"]
    >>> found = diagnose_features(X, y, time, X[:100] + [0, 2, 400], names)
    >>> found[0].flags, found[1].flags, "time-like" in found[2].flags
    ((), ('drift',), True)
    """
    some = time_blocked_rows(np.zeros(len(X)), sizes.RANKED)
    ranks = np.column_stack([_unit_ranks(X[some, k]) for k in range(X.shape[1])])
    likeness = ranks.T @ ranks
    with_time, with_label = ranks.T @ _unit_ranks(time[some]), _share_of_possible(ranks, _unit_ranks(y[some]))
    times = (None, None) if test_time is None else (time, test_time)
    drift = holm([drift_p_value(X[:, k], X_test[:, k], *times) for k in range(X.shape[1])])
    found = []
    for k, name in enumerate(feature_names):
        twin = next((feature_names[j] for j in range(k) if abs(likeness[k, j]) > DUPLICATE), "")
        found.append(
            _diagnose(
                name,
                X[:, k],
                X_test[:, k],
                trend=with_time[k],
                label=with_label[k],
                drift_p_value=float(drift[k]),
                twin=twin,
            )
        )
    return found


def stationarity(series: npt.ArrayLike) -> tuple[str, float, float]:
    """Test a series for a unit root (ADF) and for stationarity (KPSS), and combine the results.

    Parameters
    ----------
    series : array-like of shape (n,)
        In order of time, without missing values.

    Returns
    -------
    (reading, adf_p_value, kpss_p_value)
        "stationary": ADF rejects a unit root and KPSS does not reject stationarity. "unit root": the other way round.
        "changing level": both reject, as for a series that returns to a level that itself moves. "cannot tell": neither
        does, or there are fewer than 30 values, or they are constant.

    Notes
    -----
    Dickey and Fuller 1979; Kwiatkowski, Phillips, Schmidt and Shin 1992; with the lags of Schwert's short rule, as
    statsmodels implements them.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=500)
    >>> stationarity(noise)[0], stationarity(noise.cumsum())[0]
    ('stationary', 'unit root')
    """
    x = np.asarray(series, dtype=np.float64)[-sizes.UNIT_ROOT :]
    if x.size < 30 or np.ptp(x) == 0:
        return "cannot tell", float("nan"), float("nan")
    from statsmodels.tsa.stattools import adfuller, kpss

    lags = int(4 * (x.size / 100) ** 0.25)
    with warnings.catch_warnings():
        # KPSS warns that its p-value lies outside of its table; the docstring says so.
        warnings.simplefilter("ignore")
        try:
            adf_p = float(adfuller(x, maxlag=lags, autolag=None)[1])
            kpss_p = float(kpss(x, regression="c", nlags="auto")[1])
        except (ValueError, np.linalg.LinAlgError, OverflowError):
            return "cannot tell", float("nan"), float("nan")
    readings = {
        (True, False): "stationary",
        (False, True): "unit root",
        (True, True): "changing level",
        (False, False): "cannot tell",
    }
    return readings[adf_p <= LEVEL, kpss_p <= KPSS_LEVEL], adf_p, kpss_p


def population_stability_index(reference: npt.ArrayLike, current: npt.ArrayLike, n_bins: int = 10) -> float:
    """Return by how much the distribution of a feature has changed (PSI).

    Parameters
    ----------
    reference, current : array-like
        Values of the training and of the test part; missing ones are left out.
    n_bins : int
        Bins with equal shares of the reference.

    Returns
    -------
    float
        NaN if a part is empty.

    Notes
    -----
    Credit scoring calls a distribution stable below 0.1 and changed above 0.25, for thousands of independent values.
    With few values, or values that have a memory, chance alone exceeds that; `drift_p_value` takes both into account.
    The sum over bins of (q - p) log(q / p), each share with half a sample added, so that an empty bin stays finite.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> before = random.normal(size=2000)
    >>> population_stability_index(before, random.normal(size=2000)) < 0.1
    True
    >>> population_stability_index(before, random.normal(loc=1, size=2000)) > 0.25
    True
    """
    a, b = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    if not a.size or not b.size:
        return float("nan")
    edges = np.unique(np.quantile(a, np.linspace(0, 1, n_bins + 1)[1:-1]))
    p, q = (
        (np.bincount(np.searchsorted(edges, x, side="right"), minlength=edges.size + 1) + 0.5)
        / (x.size + 0.5 * (edges.size + 1))
        for x in (a, b)
    )
    return float(np.sum((q - p) * np.log(q / p)))


def _diagnose(
    name: str, values: Floats, test: Floats, *, trend: float, label: float, drift_p_value: float, twin: str
) -> FeatureDiagnosis:
    """Examine one feature."""
    known = values[np.isfinite(values)]
    if not known.size or np.ptp(known) == 0:
        nan = float("nan")
        return FeatureDiagnosis(name, "cannot tell", nan, nan, 0.0, 1.0, nan, 1.0, ("constant",), ADVICE["constant"])
    reading, adf_p, kpss_p = stationarity(known)
    ratio, psi = _scale_ratio(known), population_stability_index(known, test)
    flags = [
        ("duplicate", bool(twin)),
        ("near-label", abs(label) > NEAR_LABEL),
        ("time-like", abs(trend) > TIME_LIKE),
        ("unit root", reading == "unit root"),
        ("changing level", reading == "changing level"),
        ("changing scale", ratio > CHANGED_SCALE),
        ("drift", drift_p_value <= LEVEL),
    ]
    raised = tuple(flag for flag, is_raised in flags if is_raised)
    advice = " ".join(ADVICE[flag].format(other=twin, ratio=ratio) for flag in raised)
    return FeatureDiagnosis(name, reading, adf_p, kpss_p, float(trend), ratio, psi, drift_p_value, raised, advice)


def _share_of_possible(ranks: Floats, label: Floats) -> Floats:
    """Return rank correlations with the label, divided by the largest possible ones: with ties these are below 1."""
    possible = np.sort(ranks, axis=0).T @ np.sort(label)
    return np.divide(ranks.T @ label, possible, out=np.zeros(possible.size), where=possible > 0)


def _scale_ratio(values: Floats) -> float:
    """Return the ratio of the standard deviations of the last and the first third, the larger over the smaller."""
    third = max(values.size // 3, 1)
    first, last = float(np.std(values[:third])), float(np.std(values[-third:]))
    small, large = min(first, last), max(first, last)
    # The scale of a constant third, as of a rare bool, is unknown.
    return large / small if small > 0 else 1.0


def _unit_ranks(values: npt.ArrayLike) -> Floats:
    """Return centred ranks of length 1; missing values count as the median, a constant is all zeros."""
    x = np.asarray(values, dtype=np.float64)
    if np.isfinite(x).any():
        x = np.where(np.isfinite(x), x, np.median(x[np.isfinite(x)]))
    ranks = rankdata(x) - (x.size + 1) / 2
    length = float(np.sqrt(ranks @ ranks))
    return np.asarray(ranks / length if length > 0 else np.zeros(x.size))
