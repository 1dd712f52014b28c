"""How far the Sharpe ratio of a backtest can be trusted, with the number of trials that the ledger knows."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from livermore.engine import SessionResult

__all__ = ["sharpe_of_run"]


def sharpe_of_run(result: "SessionResult", since: float = -np.inf) -> dict[str, Any] | None:
    """Return how far the Sharpe ratio of the daily equity can be trusted.

    Parameters
    ----------
    result : SessionResult
        The backtest.
    since : float
        UTC ms; earlier days are left out.

    Returns
    -------
    dict or None
        As `livermore.ml.evidence.sharpe_evidence`; the trials are the different evaluations of models on these days and
        base assets in the user's ledger, at least 1.
    """
    from livermore.ml.evidence import ledger_for, sharpe_evidence

    # Each return ends at a time of the equity curve.
    kept = np.asarray(result.balance_times[1:]) > since
    if not kept.any():
        return None
    start, end = (int(np.asarray(result.balance_times[1:])[kept][place] // 1000) for place in (0, -1))
    markets = tuple(sorted({(s.exchange, s.symbol, s.timeframe) for s in result.strategies}))
    trials = max(1, ledger_for().trials(start, end, markets))
    return sharpe_evidence(result.returns[kept], trials, per_year=result.metrics.get("annualization", 365))
