"""`list_candles`: the markets that the project has stored."""

from collections.abc import Sequence
from pathlib import Path

from livermore.candles import TIMEFRAMES, Base, MarketSummary, project_store

__all__ = ["list_candles"]


def list_candles(*, root: Path | str | None = None) -> Sequence[MarketSummary]:
    """List the markets that the project has candles of, those of minutes first.

    Parameters
    ----------
    root : path-like, optional
        The project folder; the working directory by default.

    Returns
    -------
    sequence of MarketSummary
        Exchange, symbol, number of candles, first and last time of each; sorted. Each is a line as text.

    Raises
    ------
    CandleError
        If a file is damaged; `check_stored_candles` tells all that are.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.candles import synthetic_candles
    >>> from livermore.research import store_candles
    >>> folder = tempfile.mkdtemp()
    >>> store_candles(synthetic_candles(1440, seed=1), "Sandbox", "BTC-USDT", root=folder)
    >>> print(*list_candles(root=folder))
    Sandbox BTC-USDT: 1,440 one-minute candles, 2021-01-01 00:00 UTC until 2021-01-02 00:00 UTC
    """
    return [market for name in TIMEFRAMES for market in project_store(root, Base(name)).list()]
