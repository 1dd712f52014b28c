"""The names by which Jesse's users catch errors (`jesse.exceptions`).

What can go wrong in both is one class under two names. Errors of live trading and of servers are never raised by
livermore; their names exist so that ``except`` clauses which were written for Jesse work.
"""

from livermore.errors import *  # noqa: F403 -- `jesse.exceptions` also has livermore's own names
from livermore.errors import CandleNotFoundInDatabase as CandleNotFoundInDatabase
from livermore.errors import CandlesNotFound as CandlesNotFound
from livermore.errors import ConflictingRules as ConflictingRules
from livermore.errors import ExchangeError as ExchangeError
from livermore.errors import InsufficientBalance as InsufficientBalance
from livermore.errors import InsufficientMargin as InsufficientMargin
from livermore.errors import InvalidConfig as InvalidConfig
from livermore.errors import InvalidDateRange as InvalidDateRange
from livermore.errors import InvalidRoutes as InvalidRoutes
from livermore.errors import InvalidShape as InvalidShape
from livermore.errors import InvalidStrategy as InvalidStrategy
from livermore.errors import InvalidTimeframe as InvalidTimeframe
from livermore.errors import LivermoreError, OrderError, RouteError, RouteNotFoundError
from livermore.errors import NegativeBalance as NegativeBalance
from livermore.errors import OrderNotAllowed as OrderNotAllowed
from livermore.errors import RouteNotFound as RouteNotFound
from livermore.errors import Termination as Termination

InvalidSymbol = RouteError
SymbolNotFound = RouteNotFoundError


class NotSupportedError(LivermoreError):
    """Something that is not supported."""


class EmptyPosition(OrderError):
    """An order that needs an open position."""


class OpenPositionError(OrderError):
    """An order that needs a closed position."""


class HistoryIntegrityError(LivermoreError, ValueError):
    """Stored candles that contradict one another."""


class CandleNotFoundInExchange(ExchangeError):
    """Candles that an exchange does not have."""


class ExchangeInMaintenance(ExchangeError):
    """An exchange that is down for maintenance."""


class ExchangeNotResponding(ExchangeError):
    """An exchange that does not answer."""


class ExchangeOrderNotFound(ExchangeError):
    """An order that the exchange does not know."""


class ExchangeRejectedLeverageNumber(ExchangeError):
    """A leverage that the exchange does not allow."""


class ExchangeRejectedOrder(ExchangeError):
    """An order that the exchange refuses."""


class InvalidExchangeApiKeys(ExchangeError):
    """Keys that the exchange does not accept."""
