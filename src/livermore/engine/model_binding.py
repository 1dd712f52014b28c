"""What a session says of the models that its strategies asked: what was skipped, and which days they knew already."""

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from livermore.dates import day
from livermore.engine.metrics import trade_metrics
from livermore.errors import LivermoreWarning
from livermore.strategies import state_of

if TYPE_CHECKING:
    from livermore.engine.session import Session

__all__ = ["ml_summary", "warn_of_in_sample"]


def ml_summary(session: "Session") -> dict[str, Any] | None:
    """Summarise how models were asked in a session that has ended; None if none was.

    Returns
    -------
    dict
        ``models``: for each strategy and model what was counted. ``before_training``, ``in_sample`` and
        ``out_of_sample``: None, or ``interval`` (UTC seconds, half-open) and ``metrics`` of the days before, within and
        behind the training of all models that were asked.
    """
    rows = [
        {
            "strategy": runner.strategy.name,
            "symbol": runner.strategy.symbol,
            "model": name,
            "policy": runner.strategy.ml_policy,
            "margin": runner.strategy.ml_range_margin,
            **guard.report(),
        }
        for runner in session.runners
        for name, guard in state_of(runner.strategy).monitors.items()
        if guard.tally.asked
    ]
    if not rows:
        return None
    parts = _parts(session, rows)
    return {"models": rows} | {
        name: _figures(session, parts[name]) if name in parts else None
        for name in ("before_training", "in_sample", "out_of_sample")
    }


def warn_of_in_sample(summary: Mapping[str, Any] | None) -> None:
    """Name the days on which models were asked about their own training."""
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


class _Part(NamedTuple):
    """A stretch of the run, UTC seconds, half-open."""

    start: int
    end: int


def _parts(session: "Session", rows: list[dict[str, Any]]) -> dict[str, _Part]:
    """Cut the run at the beginning and the end of the training."""
    # The last second is the one in which the last bar ends, and in which a trade may open.
    start, end = int(session.clock.start / 1000), int(session.clock.now / 1000) + 1
    intervals = [row["train_interval"] for row in rows if row["train_interval"] is not None]
    if not intervals:
        return {}
    first, last = min(i[0] for i in intervals), max(i[1] for i in intervals) + 1
    cuts = {
        "before_training": _Part(start, min(first, end)),
        "in_sample": _Part(max(start, first), min(end, last)),
        "out_of_sample": _Part(max(start, last), end),
    }
    return {name: part for name, part in cuts.items() if part.start < part.end}


def _figures(session: "Session", part: _Part) -> dict[str, Any]:
    """Measure the trades that were opened in a part of the run, and the balance from its first to its last sample."""
    low, high = 1000 * part.start, 1000 * part.end
    equity = session.equity
    inside = [(t, v) for t, v in zip(equity.times, equity.values, strict=True) if low <= t <= high]
    before = [v for t, v in zip(equity.times, equity.values, strict=True) if t <= low]
    starting = before[-1] if before else session.account.starting_balance
    metrics = trade_metrics(
        [trade for trade in session.trades if trade.opened_at is not None and low <= trade.opened_at < high],
        [starting, *(value for _, value in inside)],
        [low, *(time for time, _ in inside)],
        starting_balance=starting,
        finishing_balance=inside[-1][1] if inside else starting,
        annualization=session.config.annualization,
        first_time=low,
        last_time=high,
        total_open_trades=0,
        open_pl=0.0,
    )
    return {"interval": (part.start, part.end), "metrics": metrics}
