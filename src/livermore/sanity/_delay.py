"""A backtest in which the strategy acts, or looks, one bar late.

An edge of the market decays over time: a bar later some of it is left. What is gone completely was either faster than
the strategy can trade, or was taken from prices that were not known yet.
"""

from collections.abc import Callable
from typing import Any

from livermore.engine import BacktestSpec
from livermore.strategies import Strategy, load_strategies

__all__ = ["with_lagged_features", "with_late_entries"]


def with_late_entries(spec: BacktestSpec) -> BacktestSpec:
    """Return a backtest whose entries come one bar late.

    Parameters
    ----------
    spec : BacktestSpec
        The backtest.

    Returns
    -------
    BacktestSpec
        `should_long` and `should_short` are asked at each bar as before, and what they said at the bar before is
        done, at the prices of the present one. A signal counts for one bar only: what was said at the opening of a
        trade does not open another one after it. Exits, and additions to a position, come on time.

    Examples
    --------
    >>> from livermore.testing import example_backtest
    >>> spec = BacktestSpec(**example_backtest(days=2))
    >>> spec.run().trades[0]["opened_at"] - with_late_entries(spec).run().trades[0]["opened_at"]
    -900000.0
    """
    return _derived(spec, _late)


def with_lagged_features(spec: BacktestSpec) -> BacktestSpec:
    """Return a backtest whose model sees the features of the bar before.

    Parameters
    ----------
    spec : BacktestSpec
        The backtest, in deploy mode.

    Returns
    -------
    BacktestSpec
        `ml_features` is computed at each bar and answered a bar later. Where there is nothing from the bar before (on
        the first one, or because it failed there) the present features are answered. Features of further models
        (``ml_features_<model>``) are not lagged.

    Examples
    --------
    >>> from livermore.testing import example_backtest
    >>> spec = BacktestSpec(**example_backtest(days=2), ml_mode="gather")
    >>> on_time, lagged = spec.run().data_points, with_lagged_features(spec).run().data_points
    >>> on_time[0]["features"] == lagged[0]["features"]
    False
    """
    return _derived(spec, _lagged)


def _derived(spec: BacktestSpec, change: Callable[[type[Strategy]], type[Strategy]]) -> BacktestSpec:
    """Return a backtest with other classes in place of its strategies."""
    given = [route["strategy"] for route in spec.routes]
    known = load_strategies([one for one in given if isinstance(one, str)], spec.root)
    classes = {one: change(known[one] if isinstance(one, str) else one) for one in dict.fromkeys(given)}
    routes = [dict(route, strategy=classes[route["strategy"]]) for route in spec.routes]
    return spec.with_(routes=routes)


def _named_like(kind: type[Strategy], derived: type[Strategy]) -> type[Strategy]:
    """Give a derived class the name and module of its base, by which its folder and its model are found."""
    derived.__name__, derived.__qualname__, derived.__module__ = kind.__name__, kind.__qualname__, kind.__module__
    return derived


def _late(kind: type[Strategy]) -> type[Strategy]:
    """Return the strategy with late entries."""

    class Late(kind):  # type: ignore[misc, valid-type]
        def should_long(self) -> bool:
            return self._a_bar_late("long", bool(super().should_long()))

        def should_short(self) -> bool:
            return self._a_bar_late("short", bool(super().should_short()))

        def _a_bar_late(self, side: str, now: bool) -> bool:
            said: dict[tuple[str, int], bool] = self.__dict__.setdefault("_livermore_said", {})
            before = said.get((side, self.index - 1), False)
            said.pop((side, self.index - 1), None)
            said[side, self.index] = now
            return before

    return _named_like(kind, Late)


def _lagged(kind: type[Strategy]) -> type[Strategy]:
    """Return the strategy with the features of the bar before."""

    class Lagged(kind):  # type: ignore[misc, valid-type]
        def before(self) -> None:
            super().before()
            known: dict[int, dict[str, Any]] = self.__dict__.setdefault("_livermore_features", {})
            known.pop(self.index - 2, None)
            try:
                known[self.index] = dict(super().ml_features())
            except Exception:
                # The strategy need not ask at this bar, so what fails here is no fault of its own.
                known.pop(self.index, None)

        def ml_features(self) -> dict[str, Any]:
            known: dict[int, dict[str, Any]] = self.__dict__.get("_livermore_features", {})
            before = known.get(self.index - 1)
            return dict(super().ml_features()) if before is None else dict(before)

    return _named_like(kind, Lagged)
