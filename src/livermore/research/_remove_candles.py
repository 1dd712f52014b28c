"""`remove_candles`: delete the candles of a market from the project."""

from pathlib import Path

from livermore.candles import Base, project_store

__all__ = ["remove_candles"]


def remove_candles(exchange: str, symbol: str, *, base: str = "1m", root: Path | str | None = None) -> int:
    """Delete all candles of a market from the project's store.

    Parameters
    ----------
    exchange, symbol : str
        Which market, as `list_candles` shows it.
    base : str
        Timeframe of the candles; those of other bases stay.
    root : path-like, optional
        The project folder; the working directory by default.

    Returns
    -------
    int
        How many months were deleted.

    Raises
    ------
    CandlesNotFoundError
        If nothing is stored of this market.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.candles import synthetic_candles
    >>> from livermore.research import store_candles
    >>> folder = tempfile.mkdtemp()
    >>> store_candles(synthetic_candles(1440, seed=1), "Sandbox", "BTC-USDT", root=folder)
    >>> remove_candles("Sandbox", "BTC-USDT", root=folder)
    1
    """
    return project_store(root, Base(base)).remove(exchange, symbol)
