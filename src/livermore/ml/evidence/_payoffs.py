"""The test of money: whether the signals that a model takes earn anything after costs."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from livermore.ml.evidence._estimates import FEWEST_INDEPENDENT
from livermore.ml.evidence._forward_blocks import label_length
from livermore.ml.evidence._forward_scores import cosine_error, cosine_test, summed_by
from livermore.ml.labels import LabelWindows, pooled_sample_size
from livermore.typing import Booleans, Floats, Integers

__all__ = ["PayoffTest", "payoff_test"]


@dataclass(frozen=True)
class PayoffTest:
    """What the signals taken earn, as fractions after costs.

    Parameters
    ----------
    n_taken : int
        Signals taken.
    net_return : float
        Mean payoff of the signals taken; NaN without any. A cost per trade of that much more would leave nothing.
    low, high : float
        Its 95 % interval; NaN where too few independent signals were taken.
    p : float
        One-sided p-value of a mean that is not positive; 1 where too few were taken.
    thin : bool
        Whether too few independent signals were taken to say anything.
    every : float
        Mean payoff of all signals.
    every_p : float
        Its one-sided p-value.

    Examples
    --------
    >>> found = PayoffTest(80, 0.002, low=0.0005, high=0.0035, p=0.01, thin=False, every=-0.0003, every_p=0.8)
    >>> found.low > 0 > found.every
    True
    """

    n_taken: int
    net_return: float
    low: float
    high: float
    p: float
    thin: bool
    every: float
    every_p: float


def payoff_test(payoff: Floats, taken: Booleans, windows: LabelWindows, market: Integers | None = None) -> PayoffTest:
    """Test whether the signals taken earn anything.

    Parameters
    ----------
    payoff : ndarray of shape (n,)
        Return of acting on each signal after costs, as a fraction.
    taken : ndarray of shape (n,), bool
        Which signals a model takes that knew none of them.
    windows : LabelWindows
        Their label intervals.
    market : ndarray of shape (n,), optional
        Which market each signal is of. Without it all share one clock, and signals of one time count as one.

    Returns
    -------
    PayoffTest

    Notes
    -----
    The payoffs of one time are summed, times without a signal count as 0, and `cosine_test` tests the mean of that
    series: what is earned in total. The interval is the wider of that test's and of the one for the mean per signal,
    which does not count the number of signals as random.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> payoff, time = 0.01 * random.standard_normal(400), np.arange(400)
    >>> windows = LabelWindows.of(time, time + 1)
    >>> payoff_test(payoff, payoff > -0.005, windows).p < 0.01, payoff_test(payoff, payoff > 1, windows).net_return
    (True, nan)
    """
    length, n_taken = label_length(windows), int(taken.sum())

    def by_time(values: Floats) -> Floats:
        return summed_by(windows.start, values)[1]

    every = float(payoff.mean()) if payoff.size else float("nan")
    every_p = cosine_test(by_time(payoff), length).p
    net = float(payoff[taken].mean()) if n_taken else float("nan")
    markets = None if market is None else market[taken]
    n_effective = pooled_sample_size(windows.take(np.flatnonzero(taken)), markets, payoff[taken])
    total = by_time(np.where(taken, payoff, 0.0))
    test = cosine_test(total, length)
    if n_effective < FEWEST_INDEPENDENT or not test.degrees:
        return PayoffTest(n_taken, net, float("nan"), float("nan"), 1.0, True, every, every_p)
    errors = [cosine_error(series, length)[0] for series in (total, by_time(np.where(taken, payoff - net, 0.0)))]
    half = float(stats.t.ppf(0.975, test.degrees)) * max(errors) * total.size / n_taken
    return PayoffTest(n_taken, net, net - half, net + half, test.p, False, every, every_p)
