"""Routes: what is traded by which strategy on which timeframe; checked and frozen."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from livermore.candles import MINUTE_BASE, Base
from livermore.errors import RouteError, StrategyError

if TYPE_CHECKING:
    from livermore.strategies import Strategy

__all__ = ["Route", "RouteSpec", "parse_data_routes", "parse_routes", "strategy_names", "with_strategy"]


class RouteSpec(NamedTuple):
    """One route as it was asked for.

    Attributes
    ----------
    exchange, symbol, timeframe : str
        What is traded; ``BTC-USDT``, ``15m``.
    strategy : str or type or None
        Name or class of the strategy, as given; None for a data route.
    strategy_class : type or None
        The class, once it is known.
    """

    exchange: str
    symbol: str
    timeframe: str
    strategy: "str | type[Strategy] | None" = None
    strategy_class: "type[Strategy] | None" = None


@dataclass(slots=True)
class Route:
    """One route as strategies see it in `self.routes`.

    Attributes
    ----------
    exchange, symbol, timeframe : str
        What is traded.
    strategy_name : str or type or None
        As given in the route.
    strategy : Strategy or None
        The instance that runs.
    dna : str or None
        Encoded hyperparameters.
    """

    exchange: str
    symbol: str
    timeframe: str
    strategy_name: "str | type[Strategy] | None" = None
    strategy: "Strategy | None" = None
    dna: str | None = None


def parse_routes(routes: Sequence[Mapping[str, Any]], exchange: str, base: Base = MINUTE_BASE) -> tuple[RouteSpec, ...]:
    """Check trading routes.

    Parameters
    ----------
    routes : sequence of mapping
        ``{"exchange", "strategy", "symbol", "timeframe"}`` each.
    exchange : str
        The config's: there is one account, so there is one exchange.
    base : Base
        The candles of which the routes' bars are made.

    Raises
    ------
    RouteError
        If there is none, if a key is missing, a symbol stands twice or has no dash, if quote assets differ, or the
        exchange is another than the config's.
    TimeframeError
        If a timeframe does not exist, or is no whole multiple of the base.
    StrategyError
        If the strategy is neither a name nor a subclass of Strategy.
    """
    if not isinstance(routes, list | tuple) or not routes:
        raise RouteError(
            "a backtest needs at least one route: "
            "[{'exchange': …, 'strategy': …, 'symbol': 'BTC-USDT', 'timeframe': '15m'}]"
        )
    specs = tuple(_spec(route, exchange, base, f"routes[{i}]", "strategy") for i, route in enumerate(routes))
    for i, spec in enumerate(specs):
        if any(other.symbol == spec.symbol for other in specs[:i]):
            raise RouteError(f"{spec.symbol} has two trading routes; one symbol can have one")
        if _quote(spec) != _quote(specs[0]):
            raise RouteError(
                f"all routes share one wallet, so they need one quote asset: {specs[0].symbol} and {spec.symbol} differ"
            )
    return specs


def parse_data_routes(
    routes: Sequence[Mapping[str, Any]] | None, exchange: str, base: Base = MINUTE_BASE
) -> tuple[RouteSpec, ...]:
    """Check data routes: ``{"exchange", "symbol", "timeframe"}`` each; raises as `parse_routes` does."""
    return tuple(_spec(route, exchange, base, f"data_routes[{i}]") for i, route in enumerate(routes or ()))


def _spec(route: Mapping[str, Any], exchange: str, base: Base, place: str, *more: str) -> RouteSpec:
    if not isinstance(route, Mapping):
        raise RouteError(f"{place} must be a dict, got {route!r}")
    for key in ("exchange", "symbol", "timeframe", *more):
        if key not in route:
            near = difflib.get_close_matches(key, [str(name) for name in route], n=1)
            hint = f"; did you mean it by {near[0]!r}?" if near else ""
            raise RouteError(f"{place} lacks {key!r}{hint}: {dict(route)!r}")
    symbol, timeframe = route["symbol"], route["timeframe"]
    if not isinstance(symbol, str) or "-" not in symbol:
        raise RouteError(f"{place}: the symbol {symbol!r} needs a dash between the two assets, such as 'BTC-USDT'")
    if route["exchange"] != exchange:
        raise RouteError(
            f"{place} is on {route['exchange']!r}, but the config's exchange is {exchange!r}; "
            "a backtest has one account, on one exchange"
        )
    base.bars(timeframe)  # an error if it cannot be made of the base
    strategy = route["strategy"] if more else None
    if more:
        _check_strategy(strategy, place)
    return RouteSpec(exchange, symbol, timeframe, strategy)


def _check_strategy(strategy: object, place: str) -> None:
    from livermore.strategies import Strategy

    if isinstance(strategy, str) or (isinstance(strategy, type) and issubclass(strategy, Strategy)):
        return
    raise StrategyError(f"{place}: the strategy must be a name or a subclass of Strategy, got {strategy!r}")


def _quote(spec: RouteSpec) -> str:
    return spec.symbol.split("-", 1)[1]


def with_strategy(
    strategy: "str | type[Strategy] | None", routes: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return routes in which `strategy` fills in where a route names none; None leaves them as they are.

    Examples
    --------
    >>> with_strategy("Trend", [{"symbol": "BTC-USDT"}, {"symbol": "ETH-USDT", "strategy": "Other"}])
    [{'strategy': 'Trend', 'symbol': 'BTC-USDT'}, {'strategy': 'Other', 'symbol': 'ETH-USDT'}]
    """
    return [dict(route) if strategy is None else {"strategy": strategy, **route} for route in routes]


def strategy_names(routes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the strategies of routes, each once, in their order.

    Examples
    --------
    >>> strategy_names([{"strategy": "Trend"}, {"strategy": "Trend"}, {"strategy": "Other"}])
    ['Trend', 'Other']
    """
    given = [route.get("strategy") for route in routes]
    return list(dict.fromkeys(name if isinstance(name, str) else getattr(name, "__name__", "?") for name in given))
