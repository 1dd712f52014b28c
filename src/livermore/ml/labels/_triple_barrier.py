"""The triple barrier: which comes first, the upper price, the lower price, or the end of the holding period."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError
from livermore.formatting import shown
from livermore.ml.labels._checks import (
    as_candles,
    as_column,
    as_rows,
    check_atr,
    check_bars,
    check_choice,
    check_fee,
    check_price,
    is_number,
    known_times,
)
from livermore.ml.labels._first_touch import first_touches, touch_on_close, touch_on_path, touch_price
from livermore.ml.labels._outcome import Label, Outcome, Outcomes, Side, net_payoff

__all__ = ["TripleBarrier"]


@dataclass(frozen=True)
class TripleBarrier:
    """Label a sample by the barrier that price meets first.

    Parameters
    ----------
    upper, lower : float
        The horizontal barriers, in `unit`. As prices they must enclose the starting price; as distances both are
        positive and are measured from it, upwards and downwards.
    bars : int
        The vertical barrier: how many candles after the sample's own are watched.
    side : {"long", "short"}, optional
        The side that a primary signal would take. With a side the label is a bool: was the target met before the
        stop? (A short's target is `lower`.) Without one it is an int: 1 for the upper barrier, -1 for the lower, 0 for
        neither.
    unit : {"price", "distance", "fraction", "atr"}
        What `upper` and `lower` count: price levels, price distances, fractions of the starting price, or multiples
        of `atr`.
    atr : float, optional
        The average true range at the sample, for ``unit="atr"``.
    on : {"path", "close"}
        What touches a barrier. ``"path"``: the candle's path as the engine walks it, so that a stop at the barrier
        would have filled: a candle that closes at or above its open goes open, low, high, close, a falling one open,
        high, low, close; a candle that opens beyond a barrier touches it at its open. ``"close"``: closes alone.
    vertical : {"zero", "sign"}
        The label when time runs out: 0 (or False), or the sign of the payoff (or whether it is positive).
    fee : float
        Fee rate, paid at entry and at exit. It lowers the payoff, and a target whose payoff is not positive after
        fees counts as missed. It does not move the barriers.
    name : str
        The label's name in the samples.

    Raises
    ------
    DatasetError
        If a value cannot be what it is meant to be.

    Notes
    -----
    López de Prado, *Advances in Financial Machine Learning* (2018), sections 3.4 and 3.6 (meta-labels). With
    ``on="path"`` stop and target are tested inside the candle; by closes alone a label may call won what a stop order
    would have lost.

    Examples
    --------
    >>> label = TripleBarrier(upper=0.02, lower=0.01, bars=3, unit="fraction")
    >>> observer = label.start(price=100.0, time=0)
    >>> observer.update(open=100.0, close=101.0, high=101.5, low=99.5, time=60)
    >>> observer.update(open=101.0, close=101.0, high=102.5, low=98.0, time=120)
    Outcome(value=-1, time=120, payoff=-0.01)

    The second candle held both barriers; closing at its open, it went to its low first.

    >>> TripleBarrier(upper=102.0, lower=99.0, bars=3, side="short").start(100.0, 0).update(98.5, 98.0, 98.6, 97.0, 60)
    Outcome(value=True, time=60, payoff=0.015)
    """

    upper: float
    lower: float
    bars: int
    side: Side | None = None
    unit: Literal["price", "distance", "fraction", "atr"] = "price"
    atr: float | None = None
    on: Literal["path", "close"] = "path"
    vertical: Literal["zero", "sign"] = "zero"
    fee: float = 0.0
    name: str = "triple_barrier"

    def __post_init__(self) -> None:
        check_bars(self.bars)
        check_fee(self.fee)
        check_choice("side", self.side, ("long", "short", None))
        check_choice("unit", self.unit, ("price", "distance", "fraction", "atr"))
        check_choice("on", self.on, ("path", "close"))
        check_choice("vertical", self.vertical, ("zero", "sign"))
        check_atr(self.atr)
        if not all(is_number(level) and 0 < level < math.inf for level in (self.upper, self.lower)):
            raise DatasetError(
                f"upper and lower must be positive numbers; they are {shown(self.upper)} and {shown(self.lower)}."
            )

    def start(self, price: float, time: int) -> "BarrierObserver":
        """Begin to observe at the sample's price; `time` in seconds.

        Raises
        ------
        DatasetError
            If the barriers do not enclose the price, or multiples of ATR were asked for without one.
        """
        start = check_price(price)
        levels = self._levels(np.array([start]), self.atr)
        return BarrierObserver(self, start, float(levels[0][0]), float(levels[1][0]))

    def many(self, candles: Any, rows: npt.ArrayLike, atr: npt.ArrayLike | None = None) -> Outcomes:
        """Label many starting rows at once, by compiled code; agrees with the observer candle by candle.

        Parameters
        ----------
        candles : ndarray of shape (m, 6), or a frame
            Timestamp in UTC milliseconds, open, close, high, low, volume.
        rows : array-like of shape (n,), or bool of shape (m,)
            Rows of the samples, or a mask that chooses them; each starts at its row's close and watches the rows after
            it.
        atr : array-like of shape (n,), optional
            Average true range at each sample, for ``unit="atr"``; by default the label's own for all.

        Returns
        -------
        Outcomes

        Examples
        --------
        >>> closes = np.array([100.0, 101, 103, 102, 101])
        >>> candles = np.column_stack([np.arange(5) * 60_000.0, closes, closes, closes, closes, np.ones(5)])
        >>> TripleBarrier(0.02, 0.02, bars=2, unit="fraction").many(candles, [0, 1, 2, 3]).row
        array([ 2,  3,  4, -1])
        """
        candles = as_candles(candles)
        starts = as_rows(rows, len(candles))
        price = np.ascontiguousarray(candles[starts, 2])
        upper, lower = self._levels(price, self.atr if atr is None else atr)
        touched, row, exit_price = np.empty_like(starts), np.empty_like(starts), np.full(starts.size, np.nan)
        first_touches(
            candles,
            starts,
            upper,
            lower,
            # No more bars than there are candles: their sum with a row cannot overflow then.
            min(int(self.bars), len(candles)),
            self.on == "path",
            touched,
            row,
            exit_price,
        )
        payoff = net_payoff(price, exit_price, self.side, self.fee)
        return Outcomes(value=self.values(touched, payoff), row=row, time=known_times(candles, row), payoff=payoff)

    def values(self, touched: npt.NDArray[np.int64], payoff: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
        """Turn barriers touched (1, -1, 0) and payoffs into label values."""
        with_sign = self.vertical == "sign"
        if self.side is None:
            timed_out = np.sign(np.nan_to_num(payoff)).astype(np.int64) if with_sign else np.zeros_like(touched)
            return np.where(touched == 0, timed_out, touched)
        target = 1 if self.side == "long" else -1
        may_win = (touched == target) | ((touched == 0) & with_sign)
        return np.asarray(may_win & (payoff > 0))

    def _levels(
        self, price: npt.NDArray[np.float64], atr: npt.ArrayLike | None
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Turn the barriers into price levels around each starting price."""
        if self.unit == "price":
            upper, lower = np.full(price.size, float(self.upper)), np.full(price.size, float(self.lower))
        else:
            scale = self._scale(price, atr)
            upper, lower = price + self.upper * scale, price - self.lower * scale
        outside = np.flatnonzero(~((lower < price) & (price < upper)))
        if outside.size:
            i = outside[0]
            raise DatasetError(
                f"The barriers {lower[i]:g} and {upper[i]:g} do not enclose the starting price {price[i]:g}. With "
                "unit='price' upper and lower are price levels; for distances from the price use unit='distance', "
                "'fraction' or 'atr'."
            )
        return upper, lower

    def _scale(self, price: npt.NDArray[np.float64], atr: npt.ArrayLike | None) -> npt.NDArray[np.float64]:
        """Return the price distance that one unit of `upper` and `lower` stands for."""
        if self.unit == "distance":
            return np.ones(price.size)
        if self.unit == "fraction":
            return price
        if atr is None:
            raise DatasetError("unit='atr' needs the average true range: TripleBarrier(..., unit='atr', atr=...).")
        return as_column(atr, price.size, "atr")


@dataclass(slots=True)
class BarrierObserver:
    """Watches one sample for `TripleBarrier`."""

    label: TripleBarrier
    price: float
    upper: float
    lower: float
    seen: int = field(default=0)

    def update(self, open: float, close: float, high: float, low: float, time: int) -> Outcome | None:
        """Take the next candle; return the outcome once it is known."""
        self.seen += 1
        on_path = self.label.on == "path"
        touched = (
            touch_on_path(open, close, high, low, self.upper, self.lower)
            if on_path
            else touch_on_close(close, self.upper, self.lower)
        )
        if touched == 0 and self.seen < self.label.bars:
            return None
        exit_price = close
        if touched and on_path:
            exit_price = touch_price(open, self.upper if touched > 0 else self.lower, touched)
        payoff = float(net_payoff(self.price, exit_price, self.label.side, self.label.fee))
        value = self.label.values(np.array([touched]), np.array([payoff]))[0].item()
        return Outcome(value, int(time), payoff)

    def trade_closed(self, trade: Any, time: int) -> None:
        """Trades do not touch barriers."""


_: Label = TripleBarrier(upper=2.0, lower=1.0, bars=1)
