"""Whether the trades of a backtest earn anything after costs."""

from typing import Any

import numpy as np

from livermore.formatting import estimate, p_equals
from livermore.ml.labels import LabelWindows
from livermore.sanity._costs import TradedAmounts

__all__ = ["pays"]


def pays(trades: TradedAmounts) -> dict[str, Any]:
    """Test whether trades that no model was trained on earn anything after costs.

    Parameters
    ----------
    trades : TradedAmounts
        All trades of a backtest in which each decision was out of sample.

    Returns
    -------
    dict
        `pays` ("yes" if the mean net return of a trade is positive with a p-value of at most 5 %, "no" if its 95 %
        interval is below 0, else "cannot tell"), `p_value` (one-sided; 1 with too few trades), `net_return` (a fraction
        of the size of a trade), `interval` (NaN with too few trades), `n_trades` and `text`.

    Notes
    -----
    Returns of trades that were opened at the same time are summed, and the mean of these sums is tested as that of a
    series with memory: see `livermore.ml.evidence.payoff_test`. How many of them are independent is asked of all
    symbols: of trades of one time those count whose returns do not move together. The p-value is not corrected for
    other backtests of these days.

    Examples
    --------
    >>> random, opened = np.random.default_rng(0), 3600 * np.arange(300)
    >>> ones, gross = np.ones(300), 0.002 + 0.01 * random.standard_normal(300)
    >>> found = pays(TradedAmounts(opened, opened + 1800, ones, 2 * ones, gross, 0 * ones))
    >>> found["pays"], found["n_trades"]
    ('yes', 300)
    """
    from livermore.ml.evidence import LEVEL, payoff_test

    windows = LabelWindows.of(trades.opened, np.maximum(trades.closed, trades.opened))
    net = (trades.gross - trades.fee) / trades.size
    test = payoff_test(net, np.ones(len(trades), dtype=np.bool_), windows, trades.symbol)
    word = "cannot tell"
    if not test.thin:
        word = "yes" if test.p <= LEVEL else "no" if test.high < 0 else word
    return {
        "pays": word,
        "p_value": test.p,
        "net_return": test.net_return,
        "interval": (test.low, test.high),
        "n_trades": len(trades),
        "text": _sentence(word, len(trades), test.net_return, (test.low, test.high), test.p),
    }


def _sentence(word: str, n: int, net: float, interval: tuple[float, float], p: float) -> str:
    if not n:
        return "There is no trade out of sample."
    bring = "trade out of sample brings" if n == 1 else "trades out of sample bring"
    figures = f"{n:,} {bring} {estimate(net, *interval, '+.3%')} of their size after costs"
    return {
        "yes": f"It pays: {figures}, {p_equals(p)}.",
        "no": f"It does not pay: {figures}.",
        "cannot tell": f"Whether it pays cannot be told: {figures}, {p_equals(p)}.",
    }[word]
