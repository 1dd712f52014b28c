"""`check_stored_candles`: gaps, jumps, minutes without trades and damage in the project's candles."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from livermore.candles import Base, MarketReport, check_market, project_store

__all__ = ["check_stored_candles"]


def check_stored_candles(
    exchange: str | None = None,
    symbol: str | None = None,
    *,
    base: str = "1m",
    calendar: str | Mapping[str, Any] | None = None,
    root: Path | str | None = None,
) -> Sequence[MarketReport]:
    """Look at stored candles, month by month.

    Parameters
    ----------
    exchange, symbol : str, optional
        Only markets of this exchange, or of this symbol.
    base : str
        Timeframe of the candles.
    calendar : str or mapping, optional
        Sessions, as in `backtest`'s config: where trading pauses, no candle is missing.
    root : path-like, optional
        The project folder; the working directory by default.

    Returns
    -------
    sequence of MarketReport
        Per market and month the number of candles, first and last time, gaps, missing minutes, candles without volume,
        flat ones, jumps, and what is wrong with a file. Each is a table as text.

    Raises
    ------
    CandlesNotFoundError
        If nothing is stored of what was asked for.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.candles import synthetic_candles
    >>> from livermore.research import store_candles
    >>> folder = tempfile.mkdtemp()
    >>> store_candles(synthetic_candles(1440, seed=1)[::2], "Sandbox", "BTC-USDT", root=folder)
    Traceback (most recent call last):
    livermore.errors.CandleError: Sandbox-BTC-USDT: these are no one-minute candles: ...
    >>> store_candles(synthetic_candles(1440, seed=1)[5:], "Sandbox", "BTC-USDT", root=folder)
    >>> report, = check_stored_candles(root=folder)
    >>> report.total.rows, report.total.gaps, report.problems
    (1435, 0, [])
    """
    store = project_store(root, Base(base, calendar))
    return [check_market(store, *market) for market in store.matching(exchange, symbol)]
