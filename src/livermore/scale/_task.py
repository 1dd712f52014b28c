"""`GatherTask`: what a worker needs to know to gather the samples of one symbol over one period."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from livermore.candles import MINUTE_BASE, Base, CandleStore, timeframe_ms
from livermore.strategies import Strategy

__all__ = ["GatherTask", "Universe", "split_period"]


@dataclass(frozen=True, kw_only=True)
class Universe:
    """What all tasks of one gathering have in common.

    Attributes
    ----------
    strategy : str or type
        Name of a strategy in ``strategies/``, or its class.
    root : str
        The project folder that holds ``strategies/``.
    store : str
        Folder of the candle store.
    folder : str
        Folder of the shards.
    exchange, timeframe : str
        Of the route.
    start, finish : int
        Samples with a time in [start, finish) are gathered, UTC ms.
    config : mapping
        As for `livermore.research.backtest`.
    data_routes : tuple of mapping
        Further markets or timeframes: ``{"symbol", "timeframe"}``. Without a symbol it is the task's own.
    hyperparameters : mapping or None
        Replace those of the strategy.
    strategy_key : str
        Hash of the strategy's source.
    overlap : int
        For how many bars after a seam the samples of both parts are compared.
    base : Base
        The stored candles, of which bars are made.
    """

    strategy: str | type[Strategy]
    root: str
    store: str
    folder: str
    exchange: str
    timeframe: str
    start: int
    finish: int
    config: Mapping[str, Any]
    data_routes: tuple[Mapping[str, Any], ...] = ()
    hyperparameters: Mapping[str, Any] | None = None
    strategy_key: str = ""
    overlap: int = 200
    base: Base = MINUTE_BASE

    @property
    def bar_ms(self) -> int:
        """Length of a bar, ms."""
        return timeframe_ms(self.timeframe)

    def open_store(self) -> CandleStore:
        """Return the candle store."""
        return CandleStore(self.store, self.base)

    @property
    def warm_up_candles(self) -> int:
        """How many bars indicators have before the first bar."""
        return int(self.config["warm_up_candles"])


@dataclass(frozen=True, kw_only=True)
class GatherTask:
    """One symbol over one part of the period.

    The backtest of a part begins `lead` bars before it and ends `tail` bars after it: before, so that the strategy
    comes into the state in which a run over the whole period is; after, so that labels become known.

    Attributes
    ----------
    universe : Universe
        What all tasks have in common.
    symbol : str
        The symbol that is traded.
    start, finish : int
        Samples with a time in [start, finish) are kept, UTC ms.
    lead, tail : int
        Bars that are run before and after them.
    """

    universe: Universe = field(repr=False)
    symbol: str
    start: int
    finish: int
    lead: int = 0
    tail: int = 0

    @property
    def name(self) -> tuple[str, int]:
        """Symbol and start, by which the tasks of a universe are told apart."""
        return self.symbol, self.start

    @property
    def run_start(self) -> int:
        """When the backtest begins, UTC ms."""
        return max(self.universe.start, self.start - self.lead * self.universe.bar_ms)

    @property
    def run_finish(self) -> int:
        """When the backtest ends, UTC ms."""
        return min(self.universe.finish, self.finish + self.tail * self.universe.bar_ms)

    @property
    def begins_at_seam(self) -> bool:
        """Whether another part comes before this one."""
        return self.start > self.universe.start

    @property
    def ends_at_seam(self) -> bool:
        """Whether another part comes after this one."""
        return self.finish < self.universe.finish

    def with_longer_lead(self) -> "GatherTask":
        """Return the task with twice the lead."""
        return replace(self, lead=2 * self.lead)

    def with_longer_tail(self) -> "GatherTask":
        """Return the task with twice the tail."""
        return replace(self, tail=2 * self.tail)

    def routes(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the route and the data routes, as `livermore.research.backtest` takes them."""
        market = {"exchange": self.universe.exchange, "symbol": self.symbol}
        route = {**market, "timeframe": self.universe.timeframe, "strategy": self.universe.strategy}
        return [route], [{**market, **data_route} for data_route in self.universe.data_routes]


def split_period(start: int, finish: int, parts: int, bar_ms: int) -> list[tuple[int, int]]:
    """Divide [start, finish) into parts of about equal length that begin with a bar.

    Parameters
    ----------
    start, finish : int
        UTC ms.
    parts : int
        How many. There are fewer if the period has fewer bars.
    bar_ms : int
        Length of a bar, ms.

    Examples
    --------
    >>> split_period(0, 10 * 60_000, 3, 60_000)
    [(0, 180000), (180000, 360000), (360000, 600000)]
    """
    seams = {start + (finish - start) * part // parts // bar_ms * bar_ms for part in range(1, parts)}
    edges = sorted({start, finish, *(seam for seam in seams if start < seam < finish)})
    return list(pairwise(edges))
