"""The outcome of the trade that a signal leads to."""

from dataclasses import dataclass
from typing import Any, Literal

from livermore.ml.labels._checks import check_choice
from livermore.ml.labels._outcome import Label, Outcome, Side

__all__ = ["TradeOutcome"]


@dataclass(frozen=True)
class TradeOutcome:
    """Label a sample by the trade that it leads to: the first one to close of those opened since the observation.

    Parameters
    ----------
    kind : {"win", "pnl", "return"}
        Whether it made money after fees (bool), how much in the quote currency, or as a fraction of what it staked.
    side : {"long", "short"}, optional
        The side of the signal, kept with the sample.
    name : str
        The label's name in the samples.

    Notes
    -----
    A trade counts if it opened at the time of the observation or later, to the minute, as fills are stamped with the
    end of theirs: a market entry at that bar, a limit entry that fills later, or the position whose opening is being
    observed. A trade that was running already is not the observation's, however soon it closes. A signal whose entry
    never fills waits for the next trade; observe under a ``key`` to let the next signal replace it.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> observer = TradeOutcome().start(price=100.0, time=0)
    >>> observer.update(100.0, 101.0, 102.0, 99.0, time=60)
    >>> observer.trade_closed(SimpleNamespace(pnl=12.5, pnl_percentage=1.25, opened_at=60_000), time=120)
    Outcome(value=True, time=120, payoff=0.0125)
    """

    kind: Literal["win", "pnl", "return"] = "win"
    side: Side | None = None
    name: str = "trade_outcome"

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, ("win", "pnl", "return"))
        check_choice("side", self.side, ("long", "short", None))

    def start(self, price: float, time: int) -> "TradeObserver":
        """Begin to observe; `time` in seconds."""
        return TradeObserver(self, time)


@dataclass(slots=True)
class TradeObserver:
    """Watches for the first trade that opens since `time` (seconds) and closes, for `TradeOutcome`."""

    label: TradeOutcome
    time: int

    def update(self, open: float, close: float, high: float, low: float, time: int) -> None:
        """Candles do not decide a trade's outcome."""

    def trade_closed(self, trade: Any, time: int) -> Outcome | None:
        """Take a closed trade with `pnl` (net of fees) and, if it has them, `pnl_percentage` and `opened_at` (ms)."""
        opened_at = getattr(trade, "opened_at", None)
        if opened_at is not None and opened_at < 1000 * self.time:
            return None
        pnl = float(trade.pnl)
        gain = float(getattr(trade, "pnl_percentage", float("nan"))) / 100
        value = {"win": pnl > 0, "pnl": pnl, "return": gain}[self.label.kind]
        return Outcome(value, int(time), gain)


_: Label = TradeOutcome()
