"""What the model decided, bar by bar: trades, refused signals and predictions, as much of them as a chart can show."""

from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.candles import CLOSE, HIGH, LOW, OPEN, TIMESTAMP
from livermore.strategies import state_of
from livermore.typing import Booleans, Integers, Rows

if TYPE_CHECKING:
    from livermore.comparison.statistics import Period
    from livermore.engine import Session
    from livermore.ml.evidence import BetPool
    from livermore.strategies import Strategy
    from livermore.trading import ClosedTrade

__all__ = ["MOST_BARS", "MOST_ROUTES", "Decisions", "PredictionLog"]

#: So many bars of a route are kept, and so many routes: a chart of more can neither be read nor be loaded quickly.
MOST_BARS = 240
MOST_ROUTES = 3


class PredictionLog:
    """Notes the predictions that a strategy asks for while it runs.

    Of several predictions on a bar the last one counts. A strategy that asks several models is followed for the one
    that it asks first.

    Parameters
    ----------
    strategy : Strategy
        Its ``ml_predict`` and ``ml_predict_proba`` are replaced by those of this object.
    """

    def __init__(self, strategy: "Strategy") -> None:
        self._strategy = strategy
        self._predict, self._predict_proba = strategy.ml_predict, strategy.ml_predict_proba
        self._model: str | None = None
        self._times = array("d")
        self._answers: dict[str, array[float]] = {}
        strategy.ml_predict = self._ml_predict  # type: ignore[method-assign]
        strategy.ml_predict_proba = self._ml_predict_proba  # type: ignore[method-assign]

    def predictions(self) -> tuple[Integers, dict[str, Any]]:
        """Return the opening time of each bar with a prediction (UTC ms), and each class's probabilities by its name.

        The values of a regression have the name ``"prediction"``; of a binary model there is class 1 alone.
        """
        times = np.array(self._times).astype(np.int64)
        is_last = np.r_[times[1:] != times[:-1], True] if times.size else np.zeros(0, bool)
        answers = {name: np.array(values)[is_last] for name, values in self._answers.items()}
        if answers.keys() == {"0", "1"}:
            del answers["0"]
        return times[is_last], answers

    def _ml_predict(self, *, model: str | None = None) -> float:
        value = self._predict(model=model)
        self._note(model, {"prediction": value})
        return value

    def _ml_predict_proba(self, *, model: str | None = None) -> dict[int, float]:
        found = self._predict_proba(model=model)
        self._note(model, {str(name): probability for name, probability in found.items()})
        return found

    def _note(self, model: str | None, answer: Mapping[str, float]) -> None:
        candles = state_of(self._strategy).candles
        if candles is None:
            return
        if not self._times:
            self._model = model
            self._answers = {name: array("d") for name in answer}
        if model != self._model or answer.keys() != self._answers.keys():
            return
        self._times.append(candles.value(TIMESTAMP))
        for name, value in answer.items():
            self._answers[name].append(value)


class Decisions:
    """The bars and the predictions of each route of a backtest with the model.

    Parameters
    ----------
    session : Session
        The backtest, which has not run yet.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._logs = [PredictionLog(runner.strategy) for runner in session.runners]

    def rows(
        self, without: Sequence["ClosedTrade"], with_model: Sequence["ClosedTrade"], pool: "BetPool", period: "Period"
    ) -> list[dict[str, Any]]:
        """Return what each route decided in a period; call it when the backtest is over.

        Parameters
        ----------
        without, with_model : sequence of ClosedTrade
            The trades of both backtests.
        pool : BetPool
            The bets of the period.
        period : Period
            The days of the verdict.

        Returns
        -------
        list of dict
            As described by `livermore.research.compare_backtests`; the routes with the most decisions first.
        """
        rows = [
            _route(
                runner.spec.symbol,
                runner.spec.timeframe,
                runner.candles.series.bars[: runner.candles.series.size],
                log,
                [trade for trade in without if trade.symbol == runner.spec.symbol],
                [trade for trade in with_model if trade.symbol == runner.spec.symbol],
                pool.take(pool.symbol == runner.spec.symbol),
                period,
            )
            for runner, log in zip(self._session.runners, self._logs, strict=True)
        ]
        rows.sort(key=lambda row: -(row["taken"] + row["refused"]))
        return rows[:MOST_ROUTES]


def _route(
    symbol: str,
    timeframe: str,
    bars: Rows,
    log: PredictionLog,
    without: Sequence["ClosedTrade"],
    with_model: Sequence["ClosedTrade"],
    pool: "BetPool",
    period: "Period",
) -> dict[str, Any]:
    """Return what one route decided, and the part of it that is shown."""
    bars = bars[(bars[:, TIMESTAMP] >= 1000 * period.start) & (bars[:, TIMESTAMP] < 1000 * period.end)]
    opens = bars[:, TIMESTAMP]
    skipped = (pool.without > 0) & (pool.with_model == 0)
    held = _is_held(pool.opened, with_model)
    refused = _trades_of(without, pool, skipped & ~held)
    taken = [trade for trade in with_model if trade.opened_at is not None and trade.opened_at >= 1000 * period.start]
    times, answers = log.predictions()
    inside = (times >= 1000 * period.start) & (times < 1000 * period.end)
    times, answers = times[inside], {name: values[inside] for name, values in answers.items()}
    first = _most_events(len(bars), _bars_of(opens, [*taken, *refused]))
    shown = slice(first, first + MOST_BARS)
    low, high = (opens[shown][0], opens[shown][-1]) if len(bars) else (0.0, -1.0)
    visible = (times >= low) & (times <= high)
    return {
        "symbol": symbol,
        "timeframe": timeframe,
        "bars": len(bars),
        "asked": int(times.size),
        "taken": len(taken),
        "refused": len(refused),
        "held": int((skipped & held).sum()),
        "lowest_taken": _lowest_taken(opens, taken, refused, times, answers),
        "candles": bars[shown][:, [TIMESTAMP, OPEN, CLOSE, HIGH, LOW]],
        "trades": _shown(opens, taken, shown),
        "refused_signals": _shown(opens, refused, shown),
        "predictions": {"time": times[visible]} | {name: values[visible] for name, values in answers.items()},
    }


def _is_held(opened: Integers, trades: Sequence["ClosedTrade"]) -> Booleans:
    """Return at which times (UTC s) one of the trades was running."""
    held = np.zeros(len(opened), bool)
    for trade in trades:
        if trade.opened_at is not None and trade.closed_at is not None:
            held |= (opened >= trade.opened_at // 1000) & (opened < trade.closed_at // 1000)
    return held


def _trades_of(trades: Sequence["ClosedTrade"], pool: "BetPool", chosen: Booleans) -> list["ClosedTrade"]:
    """Return the trades that are the chosen bets."""
    wanted = set(zip(pool.opened[chosen].tolist(), pool.side[chosen].tolist(), strict=True))
    return [trade for trade in trades if (int((trade.opened_at or 0) // 1000), str(trade.type)) in wanted]


def _bars_of(opens: Rows, trades: Sequence["ClosedTrade"]) -> Integers:
    """Return the bars in which trades were opened; their times are ends of minutes."""
    return np.searchsorted(opens, [trade.opened_at or 0 for trade in trades], side="left") - 1


def _most_events(n_bars: int, events: Integers) -> int:
    """Return the first bar of the earliest stretch of `MOST_BARS` that holds the most events."""
    if n_bars <= MOST_BARS:
        return 0
    counts = np.bincount(events[(events >= 0) & (events < n_bars)], minlength=n_bars)
    sums = np.r_[0, np.cumsum(counts)]
    return int(np.argmax(sums[MOST_BARS:] - sums[:-MOST_BARS]))


def _lowest_taken(
    opens: Rows,
    taken: Sequence["ClosedTrade"],
    refused: Sequence["ClosedTrade"],
    times: Integers,
    answers: Mapping[str, Any],
) -> float | None:
    """Return the lowest prediction on whose bar a trade was opened, if all of refused signals are below it.

    A threshold that the strategy applies to one number then lies just below. None if there are several numbers, or if
    the strategy decides in another way.
    """
    if len(answers) != 1 or not len(opens):
        return None
    (values,) = answers.values()
    by_time = dict(zip(times.tolist(), values.tolist(), strict=True))
    passed, failed = (
        [by_time[opens[bar]] for bar in _bars_of(opens, trades) if bar >= 0 and opens[bar] in by_time]
        for trades in (taken, refused)
    )
    if not passed or not failed or not max(failed) < min(passed):
        return None
    return float(min(passed))


def _shown(opens: Rows, trades: Sequence["ClosedTrade"], shown: slice) -> list[dict[str, Any]]:
    """Return the trades that were opened in some bars, with the times of their bars in UTC ms."""
    rows = []
    last = len(opens) - 1
    for trade, bar in zip(trades, _bars_of(opens, trades).tolist(), strict=True):
        if not shown.start <= bar < shown.stop or bar > last:
            continue
        closing = int(np.searchsorted(opens, trade.closed_at or 0, side="left")) - 1
        rows.append(
            {
                "side": str(trade.type),
                "opened": float(opens[bar]),
                "entry_price": float(trade.entry_price),
                "closed": float(opens[min(max(closing, bar), last)]),
                "exit_price": float(trade.exit_price),
                "return": float(trade.pnl / trade.size) if trade.size else 0.0,
            }
        )
    return rows
