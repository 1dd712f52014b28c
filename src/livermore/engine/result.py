"""The result of a session: one frozen object, from which reports and files are made."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from livermore.engine.export import equity_curve
from livermore.engine.logs import LogLine
from livermore.engine.measures import returns_of
from livermore.engine.model_summary import ml_summary
from livermore.strategies import Strategy, StrategyCharts, state_of
from livermore.trading import ClosedTrade
from livermore.typing import Floats

if TYPE_CHECKING:
    from livermore.engine.session import Session

__all__ = ["SessionResult"]


@dataclass(frozen=True)
class SessionResult:
    """A finished backtest.

    Attributes
    ----------
    metrics : dict
        See `livermore.engine.trade_metrics`.
    closed_trades : tuple of ClosedTrade
        Closed trades of all routes in closing order.
    balance_times, balances : tuple of float
        The equity curve, about one value a day: times in UTC ms, values in the settlement currency.
    data_points : list of dict
        Labelled samples of all routes in recording order; ``time`` and ``label_time`` in seconds.
    open_points : int
        Number of samples whose label was not known at the end; they are not among the `data_points`.
    strategies : tuple of Strategy
        The instances, in route order, as the run left them.
    charts : dict of str to StrategyCharts
        The charts that they drew, by symbol.
    logs : tuple of LogLine
        Log lines, in order.
    ml : dict or None
        How models were used, and metrics of the days that they were trained on and of the others; None if none was.

    Examples
    --------
    >>> from livermore.engine import BacktestSpec
    >>> from livermore.testing import example_backtest
    >>> result = BacktestSpec(**example_backtest(days=2)).run()
    >>> len(result.trades) == result.metrics["total"]
    True
    """

    metrics: dict[str, Any]
    closed_trades: tuple[ClosedTrade, ...]
    balance_times: tuple[float, ...]
    balances: tuple[float, ...]
    data_points: list[dict[str, Any]]
    open_points: int
    strategies: tuple[Strategy, ...]
    charts: dict[str, StrategyCharts]
    logs: tuple[LogLine, ...]
    ml: dict[str, Any] | None = None

    @classmethod
    def of(cls, session: "Session") -> "SessionResult":
        """Read a session that has ended."""
        strategies = tuple(runner.strategy for runner in session.runners)
        return cls(
            metrics=session.metrics(),
            closed_trades=tuple(session.trades),
            balance_times=tuple(session.equity.times),
            balances=tuple(session.equity.values),
            data_points=session.data_points,
            open_points=sum(len(s.open_samples) + len(s.open_observations) for s in map(state_of, strategies)),
            strategies=strategies,
            charts={strategy.symbol: strategy.charts for strategy in strategies},
            logs=tuple(session.logs),
            ml=ml_summary(session),
        )

    @cached_property
    def trades(self) -> list[dict[str, Any]]:
        """The closed trades as dicts under Jesse's keys, with their filled orders; made when first asked for."""
        return [trade.to_dict_with_orders for trade in self.closed_trades]

    @property
    def returns(self) -> Floats:
        """The relative changes of the equity curve, about one a day."""
        return returns_of(self.balances)

    @property
    def equity_curve(self) -> list[dict[str, Any]]:
        """The equity curve in the form that Jesse's charts take."""
        return equity_curve(self.balances, self.balance_times)
