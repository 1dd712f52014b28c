"""The objects that strategies see, under Jesse's names (`jesse.models`), for annotations.

Jesse's other models are tables of its database, which does not exist here.
"""

from livermore.strategies import PositionProtocol as Position
from livermore.trading import ClosedTrade, Order

__all__ = ["ClosedTrade", "Order", "Position"]
