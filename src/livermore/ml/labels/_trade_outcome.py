"""The outcome of the trade that a signal leads to."""

from dataclasses import dataclass
from typing import Any, Literal

from livermore.ml.labels._checks import check_choice
from livermore.ml.labels._outcome import Label, Outcome, Side

__all__ = ["TradeOutcome"]


@dataclass(frozen=True)
class TradeOutcome:
    """Label a sample by the next trade that the strategy closes.

    Parameters
    ----------
    kind : {"win", "pnl", "return"}
        Whether it made money after fees (bool), how much in the quote currency, or as a fraction of what it staked.
    side : {"long", "short"}, optional
        The side of the signal, kept with the sample.
    name : str
        The label's name in the samples.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> observer = TradeOutcome().start(price=100.0, time=0)
    >>> observer.update(100.0, 101.0, 102.0, 99.0, time=60)
    >>> observer.trade_closed(SimpleNamespace(pnl=12.5, pnl_percentage=1.25), time=120)
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
        return TradeObserver(self)


@dataclass(slots=True)
class TradeObserver:
    """Watches for the next closed trade for `TradeOutcome`."""

    label: TradeOutcome

    def update(self, open: float, close: float, high: float, low: float, time: int) -> None:
        """Candles do not decide a trade's outcome."""

    def trade_closed(self, trade: Any, time: int) -> Outcome:
        """Take a closed trade with `pnl` (net of fees) and, if it has it, `pnl_percentage`."""
        pnl = float(trade.pnl)
        gain = float(getattr(trade, "pnl_percentage", float("nan"))) / 100
        value = {"win": pnl > 0, "pnl": pnl, "return": gain}[self.label.kind]
        return Outcome(value, int(time), gain)


_: Label = TradeOutcome()
