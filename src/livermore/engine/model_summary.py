"""How the strategies of a session used their models, and the results before, within and after the models' training."""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from livermore.dates import day
from livermore.engine.metrics import trade_metrics
from livermore.errors import LivermoreWarning
from livermore.market.market import Market
from livermore.strategies import state_of
from livermore.trading import ClosedTrade

if TYPE_CHECKING:
    from livermore.engine.session import Session

__all__ = ["ml_summary", "period_metrics", "warn_of_in_sample"]


def ml_summary(session: "Session") -> dict[str, Any] | None:
    """Summarise how models were used in a session that has ended; None if none was.

    Returns
    -------
    dict
        ``models``: counts for each strategy and model. ``before_training``, ``in_sample`` and ``out_of_sample``: None,
        or ``interval`` (UTC seconds, half-open) and ``metrics`` of the days before, within and after the training of
        all models that were used.
    """
    rows = [
        {
            "strategy": runner.strategy.name,
            "symbol": runner.strategy.symbol,
            "model": name,
            "policy": runner.strategy.ml_policy,
            "margin": runner.strategy.ml_range_margin,
            **monitor.report(),
        }
        for runner in session.runners
        for name, monitor in state_of(runner.strategy).monitors.items()
        if monitor.counts.asked
    ]
    if not rows:
        return None
    summary: dict[str, Any] = {"models": rows, "before_training": None, "in_sample": None, "out_of_sample": None}
    for name, period in _periods(session, rows).items():
        summary[name] = {"interval": tuple(period), "metrics": period_metrics(session, *period)}
    return summary


def warn_of_in_sample(summary: Mapping[str, Any] | None) -> None:
    """Warn of days on which models were used on data of their own training."""
    if summary is None or summary["in_sample"] is None:
        return
    start, end = summary["in_sample"]["interval"]
    folders = sorted({row["folder"] for row in summary["models"] if row["in_sample"]})
    if not folders:
        return
    warnings.warn(
        f"{day(start)} to {day(end - 1)} are days that the model in {', '.join(folders)} was trained on: what is "
        "earned there proves nothing. result['ml'] has the figures of those days and of the others apart; "
        "on_in_sample='raise' refuses such a backtest, 'allow' runs it without this warning.",
        LivermoreWarning,
        stacklevel=4,
    )


class _Period(NamedTuple):
    """A part of the run, UTC seconds, half-open."""

    start: int
    end: int


def _periods(session: "Session", rows: list[dict[str, Any]]) -> dict[str, _Period]:
    """Cut the run at the beginning and the end of the training."""
    # The last second is the one in which the last bar ends, and in which a trade may open.
    start, end = int(session.clock.start / 1000), int(session.clock.now / 1000) + 1
    intervals = [row["train_interval"] for row in rows if row["train_interval"] is not None]
    if not intervals:
        return {}
    first, last = min(i[0] for i in intervals), max(i[1] for i in intervals) + 1
    cuts = {
        "before_training": _Period(start, min(first, end)),
        "in_sample": _Period(max(start, first), min(end, last)),
        "out_of_sample": _Period(max(start, last), end),
    }
    return {name: period for name, period in cuts.items() if period.start < period.end}


def period_metrics(session: "Session", start: int, end: int) -> dict[str, Any]:
    """Compute the metrics of a part of a session that has ended: of the trades that were opened in it.

    A trade belongs whole to the period in which it was opened, with what it earns later. So the finishing balance of a
    period is the starting balance of the next, and each is what the trades before it have left.

    Parameters
    ----------
    session : Session
        A session that has ended.
    start, end : int
        UTC seconds, half-open.
    """
    low, high = 1000 * start, 1000 * end
    opened = [(trade, trade.opened_at) for trade in session.trades if trade.opened_at is not None]
    before = [trade for trade, time in opened if time < low]
    inside = [trade for trade, time in opened if low <= time < high]
    starting = session.account.starting_balance + sum(trade.pnl for trade in before)
    finishing = starting + sum(trade.pnl for trade in inside)
    last = min(high, session.clock.now)
    times = [low, *(time for time in session.equity.times if low < time < last), last]
    values = [starting + _profit_at(inside, time, session.markets) for time in times[:-1]]
    return trade_metrics(
        inside,
        [*values, finishing],
        times,
        starting_balance=starting,
        finishing_balance=finishing,
        annualization=session.config.annualization,
        first_time=low,
        last_time=high,
        total_open_trades=0,
        open_pl=0.0,
    )


def _profit_at(trades: Sequence[ClosedTrade], time: float, markets: Mapping[str, Market]) -> float:
    """Return what trades had earned by a time (UTC ms), open ones at the price of that minute."""
    profit = 0.0
    for trade in trades:
        if trade.closed_at is not None and trade.closed_at <= time:
            profit += trade.pnl
        elif trade.opened_at is not None and trade.opened_at <= time:
            fills = [order for order in trade.orders if order.executed_at is not None and order.executed_at <= time]
            held = sum(order.filled_qty for order in fills)
            paid = sum(order.filled_qty * order.price + order.fee for order in fills)
            profit += held * markets[trade.symbol].close_at(time) - paid
    return profit
