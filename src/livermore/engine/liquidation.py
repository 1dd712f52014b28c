"""When the exchange closes a position by force."""

from typing import Protocol

__all__ = ["IsolatedLiquidation", "LeveragedPosition", "LiquidationRule", "NoLiquidation", "bankruptcy_price"]

NAN = float("nan")
MAINTENANCE_MARGIN = 0.004


class LeveragedPosition(Protocol):
    """What the rules need to know of a position."""

    qty: float
    entry_price: float | None

    @property
    def leverage(self) -> int:
        """Position value over margin."""


class LiquidationRule(Protocol):
    """The price at which a position is liquidated."""

    #: Whether there is anything to watch for.
    active: bool

    def price(self, position: LeveragedPosition) -> float:
        """Return the price that triggers it; NaN if there is none."""


def bankruptcy_price(position: LeveragedPosition) -> float:
    """Return the price at which a position's own margin is gone: entry · (1 ∓ 1/leverage); NaN when flat.

    A liquidation trades at this price.
    """
    if position.qty == 0 or position.entry_price is None:
        return NAN
    margin = 1 / position.leverage
    return position.entry_price * (1 - margin if position.qty > 0 else 1 + margin)


class NoLiquidation:
    """Cross margin and spot: positions are kept, whatever they lose."""

    active = False

    def price(self, position: LeveragedPosition) -> float:
        """Return NaN."""
        return NAN


class IsolatedLiquidation:
    """Isolated margin: liquidated 0.4 % of the entry price before the position's own margin is gone.

    Examples
    --------
    >>> from types import SimpleNamespace as Position
    >>> rule, long = IsolatedLiquidation(), Position(qty=1.0, entry_price=100.0, leverage=10)
    >>> round(rule.price(long), 6), bankruptcy_price(long)
    (90.4, 90.0)
    """

    active = True

    def price(self, position: LeveragedPosition) -> float:
        """Return entry · (1 ∓ 1/leverage ± 0.004); NaN when flat."""
        if position.qty == 0 or position.entry_price is None:
            return NAN
        margin = 1 / position.leverage
        if position.qty > 0:
            return position.entry_price * (1 - margin + MAINTENANCE_MARGIN)
        return position.entry_price * (1 + margin - MAINTENANCE_MARGIN)
