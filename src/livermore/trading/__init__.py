"""The nouns that strategies, engine and live trading share: orders, fills, trades, and the words that describe them."""

from livermore.trading._fill import Fill
from livermore.trading._kinds import OrderStatus, OrderType, PositionType, Side, SubmittedVia
from livermore.trading._order import Order
from livermore.trading._trade import ClosedTrade

__all__ = ["ClosedTrade", "Fill", "Order", "OrderStatus", "OrderType", "PositionType", "Side", "SubmittedVia"]
