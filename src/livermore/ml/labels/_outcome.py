"""What a label comes to: one outcome, many outcomes, and the contract of the objects that produce them."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Label", "Observer", "Outcome", "Outcomes", "Side"]

Side = Literal["long", "short"]


@dataclass(frozen=True)
class Outcome:
    """A label that has become known.

    Parameters
    ----------
    value : bool, int or float
        The label's value.
    time : int
        When it became known, in seconds: the end of the deciding candle, as it was given to the observer.
    payoff : float
        Return of acting on the signal, as a fraction of the starting price, net of the label's fee; of a long where
        the label has no side.

    Examples
    --------
    >>> Outcome(value=True, time=3600, payoff=0.012).payoff
    0.012
    """

    value: bool | int | float
    time: int
    payoff: float


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The outcomes of many starting rows of one array of candles.

    Parameters
    ----------
    value : ndarray of shape (n,)
        Label values: bool, int or float by kind of label. Meaningless where still open.
    row : ndarray of shape (n,), int64
        Row of the candle that decided; -1 where the candles end first.
    time : ndarray of shape (n,), int64
        When it became known, in seconds: the end of that candle; 0 where still open.
    payoff : ndarray of shape (n,)
        As in `Outcome`; nan where still open.

    Examples
    --------
    >>> from livermore.candles import synthetic_candles
    >>> from livermore.ml.labels import FixedHorizon
    >>> outcomes = FixedHorizon(bars=3).many(synthetic_candles(10, seed=1), [0, 5, 8])
    >>> outcomes.known, outcomes.n_open
    (array([ True,  True, False]), 1)
    """

    value: npt.NDArray[Any]
    row: npt.NDArray[np.int64]
    time: npt.NDArray[np.int64]
    payoff: npt.NDArray[np.float64]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which labels became known before the candles ended."""
        return np.asarray(self.row >= 0)

    @property
    def n_open(self) -> int:
        """How many labels were still open when the candles ended."""
        return int(np.count_nonzero(self.row < 0))


class Observer(Protocol):
    """Watches one sample until its label is known. Feed it from the bar after the sample's; drop it then.

    Examples
    --------
    >>> class NextClose:
    ...     def __init__(self, price):
    ...         self.price = price
    ...
    ...     def update(self, open, close, high, low, time):
    ...         return Outcome(close > self.price, time, close / self.price - 1)
    ...
    ...     def trade_closed(self, trade, time):
    ...         return None
    >>> observer: Observer = NextClose(100.0)
    >>> observer.update(100.0, 101.0, 102.0, 99.0, 60)
    Outcome(value=True, time=60, payoff=0.01)
    """

    def update(self, open: float, close: float, high: float, low: float, time: int) -> Outcome | None:
        """Take the next completed candle and the time of its end in seconds; return the outcome once it is known."""
        ...

    def trade_closed(self, trade: Any, time: int) -> Outcome | None:
        """Take a trade that closed at `time` (seconds); return the outcome if that decides the label."""
        ...


class Label(Protocol):
    """What `Strategy.observe` accepts. Any object of this shape will do.

    Examples
    --------
    >>> from livermore.ml.labels import FixedHorizon
    >>> label: Label = FixedHorizon(bars=1)
    >>> observer = label.start(100.0, 0)
    >>> observer.update(100.0, 101.0, 102.0, 99.0, 60)
    Outcome(value=0.00995, time=60, payoff=0.01)
    """

    @property
    def name(self) -> str:
        """The label's name in the samples."""
        ...

    @property
    def side(self) -> Side | None:
        """The side that the signal would trade, or None."""
        ...

    def start(self, price: float, time: int) -> Observer:
        """Begin to observe at a sample's price and time (seconds)."""
        ...


def net_payoff(price: Any, exit_price: Any, side: Side | None, fee: float) -> Any:
    """Return the fraction gained between two prices; the fee is paid on both. Numbers or arrays."""
    direction = -1.0 if side == "short" else 1.0
    ratio = exit_price / price
    return direction * (ratio - 1.0) - fee * (1.0 + ratio)
