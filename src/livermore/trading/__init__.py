"""The nouns that strategies, engine and live trading share: orders, fills, trades, and the words that describe them."""

from livermore.trading.enums import OrderStatus, OrderType, PositionType, Side, SubmittedVia
from livermore.trading.order import Fill, Order
from livermore.trading.trade import ClosedTrade

__all__ = ["ClosedTrade", "Fill", "Order", "OrderStatus", "OrderType", "PositionType", "Side", "SubmittedVia"]
