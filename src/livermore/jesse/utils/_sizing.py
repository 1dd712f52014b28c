"""How much to buy or sell: from money and risk to quantities, and back."""

import math
import warnings

from livermore.errors import LivermoreWarning

__all__ = [
    "estimate_risk",
    "kelly_criterion",
    "limit_stop_loss",
    "qty_to_size",
    "risk_to_qty",
    "risk_to_size",
    "size_to_qty",
]

# Entry, exit, and a third for safety: what is set aside of a size for fees.
_FEES_A_TRADE = 3


def risk_to_qty(
    capital: float,
    risk_per_capital: float,
    entry_price: float,
    stop_loss_price: float,
    precision: float = 8,
    fee_rate: float = 0,
) -> float:
    """Return the quantity that loses a given share of the capital when the stop-loss is hit.

    Parameters
    ----------
    capital : float
        Money at hand.
    risk_per_capital : float
        What may be lost, in percent of the capital.
    entry_price, stop_loss_price : float
        The quantity's size is never more than the capital.
    precision : int
        Decimals of the quantity, rounded down.
    fee_rate : float
        Share of a trade's size; give it by name. As in Jesse, three fees are set aside, and that twice.

    Raises
    ------
    ValueError
        If entry and stop-loss are the same price.

    Warns
    -----
    LivermoreWarning
        If `precision` is no whole number, as where a fee is given in its place.

    Examples
    --------
    >>> risk_to_qty(10_000, 1, 100, 80)
    5.0
    >>> risk_to_qty(10_000, 1, 100, 80, fee_rate=0.001)
    4.970045
    """
    size = risk_to_size(capital, risk_per_capital, abs(entry_price - stop_loss_price), entry_price)
    if fee_rate != 0:
        size *= 1 - _FEES_A_TRADE * fee_rate
    return size_to_qty(size, entry_price, precision=precision, fee_rate=fee_rate)


def risk_to_size(capital_size: float, risk_percentage: float, risk_per_qty: float, entry_price: float) -> float:
    """Return the size, in money, that loses `risk_percentage` of the capital if each unit loses `risk_per_qty`.

    Never more than the capital.

    Raises
    ------
    ValueError
        If `risk_per_qty` is 0.

    Examples
    --------
    >>> risk_to_size(10_000, 1, 20, 100)
    500.0
    """
    if risk_per_qty == 0:
        raise ValueError("risk_per_qty is 0: the stop-loss must differ from the entry price")
    return min(risk_percentage / 100 * capital_size / risk_per_qty * entry_price, capital_size)


def size_to_qty(position_size: float, entry_price: float, precision: float = 3, fee_rate: float = 0) -> float:
    """Return the quantity that a size in money buys, rounded down.

    Parameters
    ----------
    position_size : float
        Money.
    entry_price : float
        Price of one unit.
    precision : int
        Decimals of the quantity.
    fee_rate : float
        Share of a trade's size; three of them are set aside.

    Raises
    ------
    TypeError
        If size or price is None or NaN.

    Warns
    -----
    LivermoreWarning
        If `precision` is no whole number, as where a fee is given in its place.

    Examples
    --------
    >>> size_to_qty(100, 30)
    3.333
    >>> size_to_qty(100, 30, fee_rate=0.001)
    3.323
    """
    _refuse_nan(position_size=position_size, entry_price=entry_price)
    if fee_rate != 0:
        position_size *= 1 - _FEES_A_TRADE * fee_rate
    if precision != int(precision):
        # Jesse computes with it, so strategies that make this mistake trade the same here; the warning names it.
        warnings.warn(
            f"precision={precision} is no number of decimals. If it is the fee, give it by name: fee_rate={precision}",
            LivermoreWarning,
            stacklevel=3,
        )
    factor = 10**precision
    return float(math.floor(position_size / entry_price * factor) / factor)


def qty_to_size(qty: float, price: float) -> float:
    """Return what a quantity is worth at a price.

    Raises
    ------
    TypeError
        If quantity or price is None or NaN.

    Examples
    --------
    >>> qty_to_size(2, 50)
    100
    """
    _refuse_nan(qty=qty, price=price)
    return qty * price


def kelly_criterion(win_rate: float, ratio_avg_win_loss: float) -> float:
    """Return the share of the capital to bet that lets it grow fastest in the long run.

    Parameters
    ----------
    win_rate : float
        Between 0 and 1.
    ratio_avg_win_loss : float
        Average win over average loss.

    Examples
    --------
    >>> round(kelly_criterion(0.6, 2), 4)
    0.4
    """
    return win_rate - (1 - win_rate) / ratio_avg_win_loss


def estimate_risk(entry_price: float, stop_price: float) -> float:
    """Return what one unit loses between entry and stop.

    Raises
    ------
    TypeError
        If a price is None or NaN.

    Examples
    --------
    >>> estimate_risk(100, 90)
    10
    """
    _refuse_nan(entry_price=entry_price, stop_price=stop_price)
    return abs(entry_price - stop_price)


def limit_stop_loss(
    entry_price: float, stop_price: float, trade_type: str, max_allowed_risk_percentage: float
) -> float:
    """Return a stop-loss no further away than a percentage of the entry price.

    Parameters
    ----------
    entry_price, stop_price : float
        Where the trade opens, and where its stop should be.
    trade_type : {"long", "short"}
        Which side of the entry the stop is on.
    max_allowed_risk_percentage : float
        How far it may be.

    Examples
    --------
    >>> limit_stop_loss(100, 80, "long", 10), limit_stop_loss(100, 105, "short", 10)
    (90.0, 105)
    """
    risk = min(abs(entry_price - stop_price), entry_price * max_allowed_risk_percentage / 100)
    return entry_price - risk if trade_type == "long" else entry_price + risk


def _refuse_nan(**values: float | None) -> None:
    for name, value in values.items():
        if value is None or math.isnan(value):
            shown = ", ".join(f"{name}={value!r}" for name, value in values.items())
            raise TypeError(f"{name} must be a number, not {value!r} ({shown})")
