"""How the trades of a session on an exchange differ from those that a backtest makes of the same candles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from livermore.live._events import Event
from livermore.trading import ClosedTrade

__all__ = ["ExecutionGap", "TradeSummary", "execution_gap"]

#: Two trades of one route and side are the same one if they opened within so long of each other, ms. A backtest knows
#: the minute in which an order fills and not when; market orders fill at the exchange a little after the minute.
SAME_WITHIN_MS = 120_000


class TradeSummary(NamedTuple):
    """What is compared of a closed trade.

    Attributes
    ----------
    route, type : str
        Its symbol; ``"long"`` or ``"short"``.
    opened_at : float
        UTC ms.
    entry_price, exit_price, qty, fee, pnl : float
        As of `ClosedTrade`.
    """

    route: str
    type: str
    opened_at: float
    entry_price: float
    exit_price: float
    qty: float
    fee: float
    pnl: float

    @classmethod
    def of_event(cls, event: Event) -> "TradeSummary":
        """Return that of a journalled trade."""
        return cls._of(event.route, event.values)

    @classmethod
    def of_trade(cls, trade: ClosedTrade) -> "TradeSummary":
        """Return that of a trade of a backtest."""
        fields = ("opened_at", "entry_price", "exit_price", "qty", "fee", "pnl")
        return cls._of(trade.symbol, {"type": str(trade.type)} | {name: getattr(trade, name) for name in fields})

    @classmethod
    def _of(cls, route: str, values: dict[str, Any]) -> "TradeSummary":
        return cls(route, **{name: values[name] for name in cls._fields[1:]})

    @property
    def gain(self) -> float:
        """What one unit gained, before fees."""
        gain = self.exit_price - self.entry_price
        return -gain if self.type == "short" else gain


@dataclass(frozen=True)
class ExecutionGap:
    """The difference between the profit of a session's closed trades and that of a backtest, and what it comes from.

    Amounts are in the settlement currency, and less than 0 where the session did worse. They add up to `total`.

    Attributes
    ----------
    paired : int
        Trades that both have made.
    missed, added : int
        Trades that only the backtest has made, and those that only the session has.
    total : float
        Profit of the session less that of the backtest, after fees.
    price : float
        From other prices of the trades that both have made.
    qty : float
        From other quantities of them: the exchange's steps, parts that did not fill.
    fee : float
        From other fees of them.
    trades : float
        From trades that only one of them has made.
    delay_ms : float
        How much later the trades that both have made opened in the session, on average. A backtest's time is the end of
        the minute: it may be less than 0. NaN without any.

    Examples
    --------
    >>> print(ExecutionGap(12, 1, 0, total=-3.5, price=-1.2, qty=0.0, fee=-0.3, trades=-2.0, delay_ms=1500))
    against a backtest of the same candles, the session's profit differs by -3.5000:
      prices -1.2000, quantities +0.0000, fees -0.3000 of the 12 trades that both have made
      trades that only one has made -2.0000: 1 missed, 0 added
      the session opened +1.5 s after the backtest's minute, on average
    """

    paired: int
    missed: int
    added: int
    total: float
    price: float
    qty: float
    fee: float
    trades: float
    delay_ms: float

    def __str__(self) -> str:
        """Say it in a few lines."""
        lines = [
            f"against a backtest of the same candles, the session's profit differs by {self.total:+,.4f}:",
            f"  prices {self.price:+,.4f}, quantities {self.qty:+,.4f}, fees {self.fee:+,.4f} of the {self.paired:,} "
            "trades that both have made",
            f"  trades that only one has made {self.trades:+,.4f}: {self.missed:,} missed, {self.added:,} added",
        ]
        if self.paired:
            lines.append(f"  the session opened {self.delay_ms / 1000:+,.1f} s after the backtest's minute, on average")
        return "\n".join(lines)


def execution_gap(session: Iterable[TradeSummary], backtest: Iterable[TradeSummary]) -> ExecutionGap:
    """Compare the closed trades of a session with those of a backtest.

    Parameters
    ----------
    session, backtest : iterable of TradeSummary
        In closing order.

    Examples
    --------
    >>> planned = TradeSummary("BTC-USDT", "long", 60_000, 100, 110, 1, 0, 10)
    >>> gap = execution_gap([TradeSummary("BTC-USDT", "long", 62_000, 101, 110, 1, 0.5, 8.5)], [planned])
    >>> gap.total, gap.price, gap.fee, gap.delay_ms
    (-1.5, -1, -0.5, 2000.0)
    """
    ours, theirs = list(session), list(backtest)
    pairs, added, missed = _paired(ours, theirs)
    price = sum(mine.qty * (mine.gain - other.gain) for mine, other in pairs)
    qty = sum((mine.qty - other.qty) * other.gain for mine, other in pairs)
    fee = sum(other.fee - mine.fee for mine, other in pairs)
    delays = [mine.opened_at - other.opened_at for mine, other in pairs]
    return ExecutionGap(
        paired=len(pairs),
        missed=len(missed),
        added=len(added),
        total=sum(trade.pnl for trade in ours) - sum(trade.pnl for trade in theirs),
        price=price,
        qty=qty,
        fee=fee,
        trades=sum(trade.pnl for trade in added) - sum(trade.pnl for trade in missed),
        delay_ms=sum(delays) / len(delays) if delays else float("nan"),
    )


def _paired(
    ours: Sequence[TradeSummary], theirs: Sequence[TradeSummary]
) -> tuple[list[tuple[TradeSummary, TradeSummary]], list[TradeSummary], list[TradeSummary]]:
    """Return the pairs of trades that are the same, and what is left of either list."""
    left = list(theirs)
    pairs, added = [], []
    for mine in ours:
        same = [other for other in left if other[:2] == mine[:2]]
        nearest = min(same, key=lambda other: abs(other.opened_at - mine.opened_at), default=None)
        if nearest is None or abs(nearest.opened_at - mine.opened_at) > SAME_WITHIN_MS:
            added.append(mine)
        else:
            left.remove(nearest)
            pairs.append((mine, nearest))
    return pairs, added, left
