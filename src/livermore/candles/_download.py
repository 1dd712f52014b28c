"""Downloads of candles from an exchange into the store: what is missing, day by day."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from livermore.candles._base import MINUTE_BASE, Base
from livermore.candles._check import utc_text
from livermore.candles._columns import DAY_MS, MINUTE_MS, TIMESTAMP
from livermore.candles._exchange import ExchangeMarket
from livermore.candles._month_file import month_of, read_month
from livermore.candles._store import CandleStore
from livermore.errors import CandlesNotFoundError
from livermore.typing import Rows

__all__ = ["CandleDownload", "Stretch", "download", "missing_stretches"]

#: Fewer missing minutes between stored candles are taken for minutes without trades, and not asked for again.
LEAST_GAP_MS = 60 * MINUTE_MS
# How many candles from the present the last one of an answer may be to count as the last there is.
_NEAR = 5

#: A half-open interval of time, UTC ms.
Stretch = tuple[int, int]
#: Called with the number of minutes that are done, and that of all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class CandleDownload:
    """What a download has stored.

    Attributes
    ----------
    exchange, symbol : str
        Which market.
    rows : int
        How many candles were stored that were not before.
    first, last : int or None
        Opening times of the first and last of them, UTC ms; None if there are none.
    asked_from : int
        From when on candles were asked for, UTC ms.
    base : Base
        What the candles are.

    Examples
    --------
    >>> start = 1_704_067_200_000
    >>> print(CandleDownload("Binance Spot", "BTC-USDT", 1440, start, start + 1439 * 60_000, asked_from=start))
    Binance Spot BTC-USDT: stored 1,440 one-minute candles, 2024-01-01 00:00 UTC to 2024-01-01 23:59 UTC
    >>> print(CandleDownload("Binance Spot", "BTC-USDT", 0, None, None, asked_from=start))
    Binance Spot BTC-USDT: no new candles; all that the exchange has from 2024-01-01 00:00 UTC on is stored
    """

    exchange: str
    symbol: str
    rows: int
    first: int | None
    last: int | None
    asked_from: int
    base: Base = MINUTE_BASE

    def __str__(self) -> str:
        """Return the summary in a line or two."""
        name = f"{self.exchange} {self.symbol}"
        if self.first is None or self.last is None:
            return f"{name}: no new candles; all that the exchange has from {utc_text(self.asked_from)} on is stored"
        text = f"{name}: stored {self.rows:,} {self.base}, {utc_text(self.first)} to {utc_text(self.last)}"
        if self.first - self.asked_from >= DAY_MS:
            text += f"\nthe exchange has none from {utc_text(self.asked_from)}, where they were asked for, until then"
        return text


def download(store: CandleStore, market: ExchangeMarket, start: int, progress: Progress) -> CandleDownload:
    """Store what the exchange has from `start` on and the store has not, each day as a whole.

    Parameters
    ----------
    store : CandleStore
        Where candles are kept, under the names of `market`; of the same base.
    market : ExchangeMarket
        Where they come from.
    start : int
        UTC ms.
    progress : callable
        Told how far it is.

    Raises
    ------
    CandlesNotFoundError
        If the exchange does not serve candles from so long ago. What it serves is not stored either: that would be a
        history with a hole.
    ExchangeError
        If the exchange fails for good. Days that were complete by then are stored, and not asked for again.
    CandleError
        If the exchange gives candles that break a rule.
    """
    end = market.end()
    stretches = missing_stretches(store, market.exchange, market.symbol, start, end)
    total, done = sum(finish - begin for begin, finish in stretches), 0
    count, first, last = 0, None, None
    for begin, finish in stretches:

        def report(until: int, before: int = done - begin) -> None:
            progress((before + until) // MINUTE_MS, total // MINUTE_MS)

        for rows in _by_day(_pages(market, (begin, finish), end, report), finish):
            count += store.write_sparse(rows, market.exchange, market.symbol)
            first = int(rows[0, TIMESTAMP]) if first is None else first
            last = int(rows[-1, TIMESTAMP])
        done += finish - begin
    return CandleDownload(market.exchange, market.symbol, count, first, last, start, market.base)


def missing_stretches(store: CandleStore, exchange: str, symbol: str, start: int, end: int) -> Sequence[Stretch]:
    """Return what is not stored between `start` and `end`: before the first candle, after the last, and long gaps.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.candles import synthetic_candles
    >>> store = CandleStore(tempfile.mkdtemp())
    >>> rows = synthetic_candles(3000, seed=1)
    >>> _ = store.write(rows, "Sandbox", "BTC-USDT")
    >>> first, end = store.interval("Sandbox", "BTC-USDT")
    >>> missing_stretches(store, "Sandbox", "BTC-USDT", first - 60_000, end + 60_000) == [
    ...     (first - 60_000, first), (end, end + 60_000)]
    True
    """
    try:
        months = store.months(exchange, symbol)
    except CandlesNotFoundError:
        months = []
    found: list[Stretch] = []
    length, timeframe = store.base.length, store.base.timeframe
    known_until, at_least, least_gap = start, length, max(length, LEAST_GAP_MS)
    for path in months:
        if not month_of(start) <= path.stem <= month_of(end):
            continue
        times = read_month(path, timeframe)[:, TIMESTAMP]
        times = times[(times >= start) & (times < end)].astype(np.int64)
        ends = np.r_[known_until, times + length]
        gaps = np.flatnonzero(times - ends[:-1] >= np.where(np.arange(len(times)) == 0, at_least, least_gap))
        found += [(int(ends[gap]), int(times[gap])) for gap in gaps]
        if len(times):
            known_until, at_least = int(ends[-1]), least_gap
    return [*found, (known_until, end)] if known_until < end else found


def _pages(
    market: ExchangeMarket, stretch: Stretch, end: int, report: Callable[[int], None]
) -> Iterator[tuple[int, Rows]]:
    """Yield the candles of a stretch as the exchange gives them, each time with the time until which all are known."""
    since, finish = stretch
    while since < finish:
        _check_served(market, since, end)
        rows = _believed(market, market.candles, since)
        _check_begin(market, rows, since, end)
        known = int(rows[-1, TIMESTAMP]) + market.base.length if len(rows) else _next_trade(market, since, end)
        since = min(finish, known)
        yield since, rows[rows[:, TIMESTAMP] < finish]
        report(since)


def _believed(market: ExchangeMarket, ask: Callable[[int], Rows], since: int) -> Rows:
    """Return an answer; an empty one only if it is given twice: an exchange in trouble may answer with nothing."""
    rows = ask(since)
    if len(rows) == 0:
        market.retry.pause(0, None)
        rows = ask(since)
    return rows


def _next_trade(market: ExchangeMarket, since: int, end: int) -> int:
    """Return where to go on after an answer without candles: after it, or on the next day that has any.

    Years before a market was listed are passed by daily candles, as many as a request gives at a time.
    """
    after, midnight = since + market.page * market.base.length, since // DAY_MS * DAY_MS
    days = _believed(market, market.days, midnight)[:, TIMESTAMP]
    later = days[days + DAY_MS > after]
    if len(later):
        return max(after, int(later[0]))
    # An exchange without any daily candles says nothing by giving none.
    has_days = len(days) > 0 or len(market.days((end - 2 * DAY_MS) // DAY_MS * DAY_MS)) > 0
    return max(after, midnight + market.page * DAY_MS) if has_days and len(days) == 0 else after


def _check_served(market: ExchangeMarket, since: int, end: int) -> None:
    """Refuse what the exchange is known not to serve."""
    if market.served_candles is None:
        return
    first = end - market.served_candles * market.base.length
    if since < first:
        raise _not_served(market, since, first, market.served_candles)


def _check_begin(market: ExchangeMarket, rows: Rows, since: int, end: int) -> None:
    """Refuse a full answer that begins later than asked and ends at the present: the exchange does not go further back.

    Kraken answers with the last 720 candles, whatever is asked for.
    """
    near = end - _NEAR * market.base.length
    if len(rows) >= market.page and rows[0, TIMESTAMP] > since and rows[-1, TIMESTAMP] >= near:
        raise _not_served(market, since, int(rows[0, TIMESTAMP]), len(rows))


def _not_served(market: ExchangeMarket, since: int, first: int, count: int) -> CandlesNotFoundError:
    # What is served moves on with time: the day or minute that is proposed must still be served a while later.
    served = utc_text(first + 10 * MINUTE_MS).removesuffix(" UTC")
    return CandlesNotFoundError(
        f"{market.exchange} does not serve {market.symbol} from {utc_text(since)} on: it has the last {count:,} "
        f"{market.base} only, from {utc_text(first)} on (unless the market was listed then). Import older candles "
        f"from a file (livermore candles import), or start later: --start '{served}'."
    )


def _by_day(pages: Iterator[tuple[int, Rows]], finish: int) -> Iterator[Rows]:
    """Put pages together to whole days (UTC), so that a download that fails leaves no part of a day."""
    rows = np.empty((0, 6))
    for until, page in pages:
        rows = np.concatenate([rows, page])
        known = finish if until >= finish else until // DAY_MS * DAY_MS
        split = int(np.searchsorted(rows[:, TIMESTAMP], known))
        if split:
            yield rows[:split]
            rows = rows[split:]
