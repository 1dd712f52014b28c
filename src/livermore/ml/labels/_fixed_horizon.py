"""The return over a fixed number of bars."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from livermore.errors import DatasetError
from livermore.ml.labels._checks import (
    as_candles,
    as_column,
    as_rows,
    check_atr,
    check_bars,
    check_choice,
    check_fee,
    check_price,
    known_times,
)
from livermore.ml.labels._outcome import Label, Outcome, Outcomes, Side, net_payoff

__all__ = ["FixedHorizon"]


@dataclass(frozen=True)
class FixedHorizon:
    """Label a sample by the return from its close to the close some bars later.

    Parameters
    ----------
    bars : int
        How many candles after the sample's own.
    kind : {"log", "simple", "atr"}
        Logarithmic return, simple return, or price change in multiples of `atr`.
    side : {"long", "short"}, optional
        With ``"short"`` the sign is turned, so that positive is always a gain.
    atr : float, optional
        The average true range at the sample, for ``kind="atr"``.
    fee : float
        Fee rate, paid at entry and at exit; the label is net of it.
    name : str
        The label's name in the samples.

    Raises
    ------
    DatasetError
        If a value cannot be what it is meant to be.

    Examples
    --------
    >>> observer = FixedHorizon(bars=2, kind="simple").start(price=100.0, time=0)
    >>> observer.update(100.0, 101.0, 102.0, 99.0, time=60)
    >>> observer.update(101.0, 104.0, 105.0, 100.0, time=120)
    Outcome(value=0.04, time=120, payoff=0.04)
    """

    bars: int
    kind: Literal["log", "simple", "atr"] = "log"
    side: Side | None = None
    atr: float | None = None
    fee: float = 0.0
    name: str = "fixed_horizon"

    def __post_init__(self) -> None:
        check_bars(self.bars)
        check_fee(self.fee)
        check_choice("kind", self.kind, ("log", "simple", "atr"))
        check_choice("side", self.side, ("long", "short", None))
        check_atr(self.atr)

    def start(self, price: float, time: int) -> "HorizonObserver":
        """Begin to observe at the sample's price; `time` in seconds.

        Raises
        ------
        DatasetError
            If ``kind="atr"`` and there is none.
        """
        self._check_atr(self.atr)
        return HorizonObserver(self, check_price(price))

    def many(self, candles: Any, rows: npt.ArrayLike, atr: npt.ArrayLike | None = None) -> Outcomes:
        """Label many starting rows at once; agrees with the observer.

        Parameters
        ----------
        candles : ndarray of shape (m, 6), or a frame
            Timestamp in UTC milliseconds, open, close, high, low, volume.
        rows : array-like of shape (n,), or bool of shape (m,)
            Rows of the samples, or a mask that chooses them.
        atr : array-like of shape (n,), optional
            Average true range at each sample, for ``kind="atr"``; by default the label's own for all.

        Returns
        -------
        Outcomes

        Examples
        --------
        >>> closes = np.array([100.0, 110, 121])
        >>> candles = np.column_stack([np.arange(3) * 60_000.0, closes, closes, closes, closes, np.ones(3)])
        >>> FixedHorizon(bars=1, kind="simple").many(candles, [0, 1]).value.round(6)
        array([0.1, 0.1])
        """
        candles = as_candles(candles)
        starts = as_rows(rows, len(candles))
        own = self.atr if atr is None else as_column(atr, starts.size, "atr")
        self._check_atr(own)
        # No more bars than there are candles: the sum cannot overflow then.
        ends = starts + min(int(self.bars), len(candles))
        row = np.where(ends < len(candles), ends, -1)
        price, exit_price = candles[starts, 2], np.where(row >= 0, candles[row, 2], np.nan)
        return Outcomes(
            value=self.values(price, exit_price, own),
            row=row,
            time=known_times(candles, row),
            payoff=net_payoff(price, exit_price, self.side, self.fee),
        )

    def values(self, price: Any, exit_price: Any, atr: npt.ArrayLike | None) -> npt.NDArray[np.float64]:
        """Turn starting and final prices into label values."""
        if self.kind == "log":
            paid = math.log((1 + self.fee) / (1 - self.fee))
            direction = -1.0 if self.side == "short" else 1.0
            return np.asarray(direction * np.log(exit_price / price) - paid)
        gain = np.asarray(net_payoff(price, exit_price, self.side, self.fee))
        return gain if self.kind == "simple" else gain * price / np.asarray(atr, dtype=np.float64)

    def _check_atr(self, atr: npt.ArrayLike | None) -> None:
        """Refuse to divide by an average true range that is missing or not positive."""
        if self.kind == "atr" and (atr is None or not np.all(np.asarray(atr, dtype=np.float64) > 0)):
            raise DatasetError("kind='atr' needs a positive average true range; pass FixedHorizon(..., atr=...).")


@dataclass(slots=True)
class HorizonObserver:
    """Watches one sample for `FixedHorizon`."""

    label: FixedHorizon
    price: float
    seen: int = field(default=0)

    def update(self, open: float, close: float, high: float, low: float, time: int) -> Outcome | None:
        """Take the next candle; return the outcome with the last one."""
        self.seen += 1
        if self.seen < self.label.bars:
            return None
        payoff = float(net_payoff(self.price, close, self.label.side, self.label.fee))
        return Outcome(float(self.label.values(self.price, close, self.label.atr)), int(time), payoff)

    def trade_closed(self, trade: Any, time: int) -> None:
        """Trades do not end a horizon."""


_: Label = FixedHorizon(bars=1)
