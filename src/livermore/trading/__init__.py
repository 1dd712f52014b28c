"""The nouns that strategies, engine and live trading share: orders, fills, trades, and the words that describe them."""

from livermore.trading._kernels.orders import ClosedTrade, Fill, Order
from livermore.trading._kinds import OrderStatus, OrderType, PositionType, Side, SubmittedVia

__all__ = ["ClosedTrade", "Fill", "Order", "OrderStatus", "OrderType", "PositionType", "Side", "SubmittedVia"]
