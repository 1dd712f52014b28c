"""Sides, quantities and profits of orders and positions."""

__all__ = [
    "closing_side",
    "estimate_PNL",
    "estimate_PNL_percentage",
    "estimate_average_price",
    "is_price_near",
    "opposite_side",
    "opposite_type",
    "prepare_qty",
    "side_to_type",
    "type_to_side",
]

_OPPOSITE_SIDES = {"buy": "sell", "sell": "buy"}
_OPPOSITE_TYPES = {"long": "short", "short": "long"}
_TYPE_OF_SIDE = {"buy": "long", "sell": "short"}
_SIDE_OF_TYPE = {"long": "buy", "short": "sell"}
_SIGNS = {"buy": 1, "long": 1, "sell": -1, "short": -1}


def estimate_average_price(
    order_qty: float, order_price: float, current_qty: float, current_entry_price: float
) -> float:
    """Return the entry price of a position after an order adds to it; signs of quantities do not count.

    Examples
    --------
    >>> estimate_average_price(1, 100, 3, 200)
    175.0
    """
    added, held = abs(order_qty), abs(current_qty)
    return (added * order_price + held * current_entry_price) / (added + held)


def estimate_PNL(  # noqa: N802 -- Jesse's name
    qty: float, entry_price: float, exit_price: float, trade_type: str, trading_fee: float = 0
) -> float:
    """Return what a trade earns.

    Parameters
    ----------
    qty : float
        Quantity; its sign does not count.
    entry_price, exit_price : float
        Prices.
    trade_type : {"long", "short"}
        Which way.
    trading_fee : float
        Share of the size of the entry, and of that of the exit.

    Examples
    --------
    >>> estimate_PNL(2, 100, 110, "long"), estimate_PNL(2, 100, 110, "short", 0.001)
    (20, -20.42)
    """
    qty = abs(qty)
    profit = qty * (exit_price - entry_price)
    if _known(trade_type, _OPPOSITE_TYPES, "trade_type") == "short":
        profit *= -1
    return profit - trading_fee * qty * (entry_price + exit_price)


def estimate_PNL_percentage(qty: float, entry_price: float, exit_price: float, trade_type: str) -> float:  # noqa: N802
    """Return what a trade earns in percent of its size at entry, without fees.

    Examples
    --------
    >>> estimate_PNL_percentage(2, 100, 110, "short")
    -10.0
    """
    return estimate_PNL(qty, entry_price, exit_price, trade_type) / (abs(qty) * entry_price) * 100


def is_price_near(order_price: float, price_to_compare: float, percentage_threshold: float = 0.00015) -> bool:
    """Tell whether an order's price is as good as another price.

    Parameters
    ----------
    order_price, price_to_compare : float
        Prices.
    percentage_threshold : float
        How far apart they may be, as a share: 0.00015 is 0.015 percent.

    Examples
    --------
    >>> is_price_near(100, 100.015), is_price_near(100, 100.016)
    (True, False)
    """
    return bool(abs(1 - order_price / price_to_compare) <= percentage_threshold)


def opposite_side(s: str) -> str:
    """Return ``"sell"`` for ``"buy"``, and the other way round.

    Examples
    --------
    >>> opposite_side("buy")
    'sell'
    """
    return _OPPOSITE_SIDES[_known(s, _OPPOSITE_SIDES, "side")]


def opposite_type(t: str) -> str:
    """Return ``"short"`` for ``"long"``, and the other way round.

    Examples
    --------
    >>> opposite_type("long")
    'short'
    """
    return _OPPOSITE_TYPES[_known(t, _OPPOSITE_TYPES, "position_type")]


def side_to_type(s: str) -> str:
    """Return the position that an order of a side opens.

    Examples
    --------
    >>> side_to_type("buy")
    'long'
    """
    return _TYPE_OF_SIDE[_known(s.lower(), _TYPE_OF_SIDE, "side")]


def type_to_side(t: str) -> str:
    """Return the side of the order that opens a position.

    Examples
    --------
    >>> type_to_side("short")
    'sell'
    """
    return _SIDE_OF_TYPE[_known(t, _SIDE_OF_TYPE, "position_type")]


def closing_side(position_type: str) -> str:
    """Return the side of the order that closes a position.

    Examples
    --------
    >>> closing_side("long")
    'sell'
    """
    return opposite_side(_SIDE_OF_TYPE[_known(position_type.lower(), _SIDE_OF_TYPE, "position_type")])


def prepare_qty(qty: float, side: str) -> float:
    """Return a quantity with the sign of a side.

    Parameters
    ----------
    qty : float
        Its sign does not count.
    side : {"buy", "long", "sell", "short", "close"}
        Positive, positive, negative, negative, zero.

    Examples
    --------
    >>> prepare_qty(2, "sell"), prepare_qty(-2, "long"), prepare_qty(2, "close")
    (-2, 2, 0.0)
    """
    if side.lower() == "close":
        return 0.0
    return _SIGNS[_known(side.lower(), _SIGNS, "side")] * abs(qty)


def _known(word: str, words: dict[str, str] | dict[str, int], what: str) -> str:
    if word not in words:
        raise ValueError(f"{what} must be one of {', '.join(map(repr, words))}, not {word!r}")
    return word
