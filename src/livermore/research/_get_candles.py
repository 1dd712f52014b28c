"""`get_candles`: candles of the project's store, with their warm-up."""

from collections.abc import Mapping
from typing import Any

from livermore.candles import Base, StoredMarket, project_store, resample
from livermore.candles import utc_text as utc
from livermore.candles._columns import DAY_MS
from livermore.errors import CandlesNotFoundError, DateRangeError
from livermore.trading.clock import now_ms
from livermore.typing import Rows

__all__ = ["get_candles"]


def get_candles(
    exchange: str,
    symbol: str,
    timeframe: str,
    start_date_timestamp: int,
    finish_date_timestamp: int,
    warmup_candles_num: int = 0,
    caching: bool = False,
    is_for_jesse: bool = False,
    *,
    base: str = "1m",
    calendar: str | Mapping[str, Any] | None = None,
) -> tuple[Rows | None, Rows]:
    """Read candles from the store of the project in the working directory.

    Parameters
    ----------
    exchange, symbol : str
        As they were stored.
    timeframe : str
        One of `livermore.candles.TIMEFRAMES`.
    start_date_timestamp, finish_date_timestamp : int
        UTC ms; both are taken back to 00:00 UTC of their day, and the day of the finish is not included.
    warmup_candles_num : int
        How many candles of `timeframe` to return from before the start.
    caching : bool
        Accepted for Jesse's sake; the store is as fast as a cache, and never out of date.
    is_for_jesse : bool
        Return stored candles, for `backtest` and `gather_ml_data`, and as many of them as make `warmup_candles_num`
        candles of `timeframe`.
    base : str
        Timeframe of the stored candles. Jesse has minutes only.
    calendar : str or mapping, optional
        Sessions that bars align to, as in `backtest`'s config.

    Returns
    -------
    warmup : ndarray of shape (m, 6), or None if none were asked for
        Candles before the start.
    candles : ndarray of shape (n, 6)
        Candles from the start until the finish; completed ones only.

    Raises
    ------
    DateRangeError
        If the start is not before the finish, or the finish in the future.
    CandlesNotFoundError
        If nothing of that time is stored, or too little before it.

    Warns
    -----
    LivermoreWarning
        If the stored candles begin or end more than a day short of what was asked for.

    Examples
    --------
    >>> import contextlib, tempfile
    >>> from livermore.candles import synthetic_candles
    >>> from livermore.helpers import date_to_timestamp
    >>> from livermore.research import store_candles
    >>> with contextlib.chdir(tempfile.mkdtemp()):  # the project folder
    ...     store_candles(synthetic_candles(3 * 1440, seed=1), "Sandbox", "BTC-USDT")
    ...     days = date_to_timestamp("2021-01-02"), date_to_timestamp("2021-01-04")
    ...     warm_up, candles = get_candles("Sandbox", "BTC-USDT", "1h", *days, warmup_candles_num=10)
    >>> warm_up.shape, candles.shape
    ((10, 6), (48, 6))
    """
    stored = Base(base, calendar)
    stored.bars(timeframe)  # one that cannot be made of the base is an error before anything is read
    start, finish = _day_of(start_date_timestamp), _day_of(finish_date_timestamp)
    _check_range(start, finish)
    market = StoredMarket(project_store(base=stored), exchange, symbol)
    candles = market.read(start, finish)
    if len(candles) == 0:
        raise CandlesNotFoundError(market.nothing_between(start, finish))
    market.warn_if_short(start, finish)
    if timeframe == base or is_for_jesse:
        return market.warmup_minutes(start, timeframe, warmup_candles_num), candles
    known_until = min(finish, market.end)
    bars = resample(candles, timeframe, until=known_until, base=stored)
    if not warmup_candles_num:
        return None, bars
    return market.warmup_bars(start, timeframe, warmup_candles_num), bars


def _day_of(time_ms: float) -> int:
    return int(time_ms) // DAY_MS * DAY_MS


def _check_range(start: int, finish: int) -> None:
    if start >= finish:
        raise DateRangeError(
            f"the start, {utc(start)}, must be before the finish, {utc(finish)}: both are taken back to 00:00 "
            "UTC, and the day of the finish is not included."
        )
    if finish > now_ms():
        raise DateRangeError(f"the finish, {utc(finish)}, is in the future. Ask for candles until today at most.")
