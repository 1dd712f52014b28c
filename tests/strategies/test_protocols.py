"""The engine's objects are what the strategy's ports ask for; the type checker proves it from these lines."""

from typing import TYPE_CHECKING, get_type_hints

from livermore.strategies import Strategy, _protocols
from livermore.strategies._view import StrategyView

if TYPE_CHECKING:
    from livermore.engine.route import TradedRoute
    from livermore.engine.session import Session
    from livermore.market.frame import Frame


def conforms(route: "TradedRoute", run: "Session", candles: "Frame") -> tuple[object, ...]:
    """Assign each to its port."""
    first: _protocols.RouteProtocol = route
    second: _protocols.SessionProtocol = run
    third: _protocols.CandlesProtocol = candles
    return first, second, third


def test_a_strategy_knows_its_session_through_ports_only() -> None:
    hints = get_type_hints(StrategyView)
    assert hints["_route"] is _protocols.RouteProtocol
    assert not any(name.startswith("livermore.engine") for name in vars(Strategy).get("__annotations__", {}).values())
