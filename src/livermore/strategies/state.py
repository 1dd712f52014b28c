# cython: annotation_typing=False, nonecheck=True
"""What the engine and a strategy share about one route of one session: the state, and how to get it from a strategy.

The state is an object of its own, so that a strategy's own attributes can have any name. It is compiled, because the
engine reads `order_variables_changed` several times per bar.
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import cython

from livermore.errors import warn_uncompiled

if TYPE_CHECKING:
    from livermore.market.clock import SessionClock
    from livermore.market.frame import Frame
    from livermore.market.market import Market
    from livermore.strategies._observations import OpenObservations
    from livermore.strategies._open_sample import OpenSample
    from livermore.strategies._protocols import RouteProtocol
    from livermore.strategies._strategy import Strategy

if not cython.compiled:
    warn_uncompiled()

__all__ = ["StateHolder", "StrategyState", "state_of"]

#: The order variables of a strategy, none of them set.
NO_ORDER_VARIABLES: dict[str, Any] = dict.fromkeys(("buy", "sell", "stop_loss", "take_profit"))


class StrategyState:
    """What the engine and the strategy of one route share.

    Attributes
    ----------
    route : RouteProtocol or None
        The route that the strategy trades on; None outside of a session.
    market, candles, clock : Market, Frame, SessionClock, or None
        The market of the route's symbol, its candles in the route's timeframe, and the session's clock. They are None
        until `bind_market` was called.
    order_variables : dict
        What the strategy assigned to ``buy``, ``sell``, ``stop_loss`` and ``take_profit``; None where nothing.
    submitted : dict
        The order variables as the engine last submitted them, as rows; None where nothing.
    order_variables_changed : bool
        Whether an order variable may have changed since the engine last looked. A bar without changes costs the engine
        one look at this.
    cache : dict
        The values of methods under `cached`.
    cached_at : int
        The strategy's `index` at which they were computed.
    keeps_cached : bool
        Whether they stay when a hook of an event ends; see `Strategy.cached_like_jesse`.
    open_samples : dict
        Features that were recorded and have no label yet, by key.
    feature_names : set of str
        The names of features that were recorded.
    samples : list of dict
        Labelled samples of this strategy, in recording order.
    open_observations : OpenObservations
        Features that were observed and whose label is not known yet.
    copies : dict
        Copies of lists of the session that the strategy reads, by the name of its property.
    model : object or None
        What answers `Strategy.ml_predict`: a `livermore.ml.inference.Predictor`, or an object with its methods. None
        until the strategy's own model is first needed.
    monitors : dict
        What watches over the predictions of each model that was used, by the model's name.

    Notes
    -----
    The engine sets `model` to run a strategy with another model than its own.

    Examples
    --------
    >>> state = StrategyState()
    >>> state.order_variables["stop_loss"] = 0.5, 41_000
    >>> state.order_variables_changed = True
    >>> state.clear_order_variables()
    >>> state.order_variables["stop_loss"], state.order_variables_changed
    (None, False)
    """

    def __init__(self) -> None:
        # Slots in C: compiled code reads them without a look-up by name.
        self.route: RouteProtocol | None = None
        self.market: Market | None = None
        self.candles: Frame | None = None
        self.clock: SessionClock | None = None
        self.order_variables: dict[str, Any] = NO_ORDER_VARIABLES.copy()
        self.submitted: dict[str, Any] = NO_ORDER_VARIABLES.copy()
        self.order_variables_changed = False
        self.cache: dict[Any, Any] = {}
        self.cached_at = -1
        self.keeps_cached = False
        self.open_samples: dict[Hashable, OpenSample] = {}
        self.feature_names: set[str] = set()
        self.samples: list[dict[str, Any]] = []
        self.open_observations: OpenObservations = None  # type: ignore[assignment]  # set by the strategy
        self.copies: dict[str, list[Any]] = {}
        self.model: Any = None
        self.monitors: dict[str | None, Any] = {}

    def bind_market(self, market: "Market", candles: "Frame", clock: "SessionClock") -> None:
        """Let the strategy read the candles and the price of its route from now on."""
        # They are kept here, beside the route, so that self.price is one call in C and not four attributes in Python.
        self.market = market
        self.candles = candles
        self.clock = clock

    def drop_cached(self) -> None:
        """Forget the values of methods under `cached`, unless the strategy keeps them as Jesse does."""
        if not self.keeps_cached:
            self.cache.clear()

    def clear_order_variables(self) -> None:
        """Set all order variables to None, also those that were submitted."""
        self.order_variables = NO_ORDER_VARIABLES.copy()
        self.submitted = NO_ORDER_VARIABLES.copy()
        self.order_variables_changed = False


class StateHolder:
    """The base of `Strategy` that holds its state, in a slot that compiled code reaches without a look-up by name."""

    _livermore: StrategyState


def state_of(strategy: "Strategy") -> StrategyState:
    """Return the state that a strategy shares with the engine.

    Parameters
    ----------
    strategy : Strategy
        Any strategy, in a session or not.

    Examples
    --------
    >>> from livermore.strategies import Strategy, state_of
    >>> class Idle(Strategy):
    ...     def should_long(self): return False
    ...     def go_long(self): pass
    >>> idle = Idle()
    >>> idle.buy = 1, 100
    >>> state_of(idle).order_variables["buy"], state_of(idle).order_variables_changed
    ((1, 100), True)
    """
    return strategy._livermore
