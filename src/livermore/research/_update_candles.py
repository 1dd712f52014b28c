"""`update_candles`: what exchanges have beyond the project's candles."""

from collections.abc import Sequence
from pathlib import Path

from livermore.candles import Base, CandleDownload, project_store
from livermore.errors import CandlesNotFoundError, LivermoreError

__all__ = ["update_candles"]


def update_candles(
    exchange: str | None = None,
    symbol: str | None = None,
    *,
    base: str = "1m",
    show_progressbar: bool = True,
    root: Path | str | None = None,
) -> Sequence[CandleDownload]:
    """Download candles from the last stored one of each market until now.

    Parameters
    ----------
    exchange, symbol : str, optional
        Only markets of this exchange, or of this symbol. By default all stored markets whose exchange is one of Jesse's
        names or of ccxt's.
    base : str
        Timeframe of the candles.
    show_progressbar : bool
        Show how far it is, in a terminal or a notebook.
    root : path-like, optional
        The project folder; the working directory by default.

    Returns
    -------
    sequence of CandleDownload
        What was stored of each market; as text, a line or two.

    Raises
    ------
    CandlesNotFoundError
        If no market is stored of what was asked for, or none of an exchange that is known; or if an exchange does not
        serve candles from so long ago.
    MissingExtraError
        If ccxt is not installed.
    ExchangeError
        If an exchange cannot be reached, or refuses.

    Notes
    -----
    A market that fails does not stop the others: its error is raised at the end, with a note for each further one.

    Examples
    --------
    >>> print(*update_candles("Binance Spot", "BTC-USDT"))  # doctest: +SKIP
    Binance Spot BTC-USDT: stored 61 one-minute candles, 2024-01-02 00:00 UTC to 2024-01-02 01:00 UTC
    """
    from livermore.candles import connect, download, known_exchanges
    from livermore.progress import ProgressBar

    stored = Base(base)
    store = project_store(root, stored)
    known = known_exchanges()
    markets = [market for market in store.matching(exchange, symbol) if market[0] in known]
    if not markets:
        raise CandlesNotFoundError(f"{_stored(store.matching(exchange, symbol))} are of no exchange that can be asked.")
    done: list[CandleDownload] = []
    failures: list[LivermoreError] = []
    for name, code in markets:
        try:
            with ProgressBar(f"Download {code}", "minutes", enabled=show_progressbar) as progress:
                done.append(download(store, connect(name, code, stored), store.interval(name, code)[1], progress))
        except LivermoreError as error:
            failures.append(error)
    if failures:
        for other in failures[1:]:
            failures[0].add_note(str(other))
        for summary in done:
            failures[0].add_note(f"done: {summary}")
        raise failures[0]
    return done


def _stored(markets: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{exchange} {symbol}" for exchange, symbol in markets)
