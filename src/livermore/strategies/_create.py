"""Makes the strategy of a route."""

from livermore.errors import StrategyError
from livermore.strategies._folder import check_strategy_name
from livermore.strategies._protocols import RouteProtocol
from livermore.strategies._strategy import Strategy
from livermore.strategies.state import state_of

__all__ = ["create_strategy"]


def create_strategy(kind: type[Strategy], route: RouteProtocol) -> Strategy:
    """Return a new strategy of a route; it knows its session before its ``__init__`` runs.

    Parameters
    ----------
    kind : type
        The strategy's class.
    route : RouteProtocol
        The route that it trades on.

    Raises
    ------
    StrategyError
        If the class has a name that no folder can have, is abstract, needs arguments, or does not call
        ``super().__init__()``.
    """
    check_strategy_name(kind.__name__)
    try:
        strategy = kind.__new__(kind)
        state_of(strategy).route = route
        strategy.__init__()  # type: ignore[misc]  # what kind() does, with the route in between
    except TypeError as error:
        raise StrategyError(f"{kind.__name__} cannot be made without arguments: {error}") from error
    if "charts" not in vars(strategy):
        raise StrategyError(f"{kind.__name__}.__init__ must call super().__init__()")
    state_of(strategy).keeps_cached = bool(strategy.cached_like_jesse)
    return strategy
