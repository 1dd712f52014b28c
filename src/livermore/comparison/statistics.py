"""What two backtests of a strategy, with its model and without, say about the model: figures and sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.dates import FEWEST_DAYS_PER_YEAR
from livermore.formatting import estimate, number, p_equals

if TYPE_CHECKING:
    from livermore.engine import SessionResult
    from livermore.ml.artifacts import Manifest
    from livermore.ml.evidence import BetPool, Bets, PairedComparison

__all__ = ["Period", "bets_of", "by_group", "coverage", "figures_of", "pool_notes", "verdict"]

# Groups with fewer trades of the model are too small for conclusions.
FEW_TRADES = 20
NOT_USED = (
    "In deploy mode the strategy made no prediction, so nothing can be said of its model. Call ml_predict_proba or "
    "ml_predict where the strategy decides."
)
DAY = 86_400


def bets_of(result: "SessionResult") -> "Bets":
    """Return the closed trades of a run, with their returns and their share of the account."""
    from livermore.ml.evidence import Bets

    trades = [trade for trade in result.trades if trade["size"] > 0]
    closed_at = np.array([trade["closed_at"] for trade in trades])
    opened_at = np.array([trade["opened_at"] for trade in trades])
    profit, size = (np.array([float(trade[key]) for trade in trades]) for key in ("PNL", "size"))
    order = np.argsort(closed_at, kind="stable")
    earned = np.concatenate([[0.0], np.cumsum(profit[order])])
    account = result.balances[0] + earned[np.searchsorted(closed_at[order], opened_at, side="right")]
    return Bets(
        opened=(opened_at // 1000).astype(np.int64),
        closed=(closed_at // 1000).astype(np.int64),
        value=profit / size,
        exposure=size / np.maximum(account, 1e-9),
        symbol=np.array([trade["symbol"] for trade in trades], dtype=np.str_),
        side=np.array([str(trade["type"]) for trade in trades], dtype=np.str_),
    )


@dataclass(frozen=True)
class Period:
    """The days on which the verdict rests: those with a model, and after its training period, if there are any.

    Attributes
    ----------
    start, end : int
        UTC seconds, half-open.
    first : int
        UTC seconds: the start of the backtest.
    overlaps : bool
        Whether the backtest shares days with the model's training.
    in_sample_only : bool
        Whether the backtest has no trade after the model's training.
    waited : bool
        Whether the days before `start` are left out because there was no model yet.
    """

    start: int
    end: int
    first: int
    overlaps: bool
    in_sample_only: bool
    waited: bool = False

    @classmethod
    def of(
        cls,
        result: "SessionResult",
        manifest: "Manifest | None",
        pool: "BetPool",
        first_model: int | None = None,
    ) -> "Period":
        """Compare the days of the run with those of the training, and with the time (UTC s) of the first model."""
        times = result.balance_times
        first, end = int(times[0] // 1000), int(times[-1] // 1000)
        waited = first if first_model is None else first_model
        if first < waited < end and (pool.without[pool.opened >= waited] > 0).any():
            return cls(waited, end, first, overlaps=False, in_sample_only=False, waited=True)
        trained = None if manifest is None else manifest.about.get("data", {}).get("train_interval")
        if not trained or trained[1] < first or trained[0] >= end:
            return cls(first, end, first, overlaps=False, in_sample_only=False)
        fresh_from = int(trained[1]) + 1
        fresh = bool((pool.without[pool.opened >= fresh_from] > 0).any())
        return cls(fresh_from if fresh else first, end, first, overlaps=True, in_sample_only=not fresh)

    def in_sample(self, pool: "BetPool") -> dict[str, Any] | None:
        """Describe the trades on days of the model's training; None if there are none."""
        if not self.overlaps:
            return None
        seen = pool if self.in_sample_only else pool.take(pool.opened < self.start)
        return {"interval": (self.first, self.end if self.in_sample_only else self.start)} | _group("in-sample", seen)

    def length_note(self) -> str:
        """Say that the comparison is too short for figures per year; empty if it is not."""
        days = (self.end - self.start) / DAY
        if days >= FEWEST_DAYS_PER_YEAR:
            return ""
        return (
            f"The comparison covers {days:.0f} days. Sharpe ratio and annual return are left out: fewer than "
            f"{FEWEST_DAYS_PER_YEAR} days are not extrapolated to a year."
        )

    def note(self, pool: "BetPool") -> str:
        """Say which days are left out, and why; empty if none are."""
        days = (self.start - self.first) / DAY
        if self.waited:
            return f"The first {days:.0f} days, on which no model had been trained yet, are left out."
        seen = self.in_sample(pool)
        if seen is None:
            return ""
        if self.in_sample_only:
            return "All trades are on days that the model was trained on: the figures are in-sample and prove nothing."
        return (
            f"The first {days:.0f} days are days that the model was trained on. They are left out; on them expectancy "
            f"is {number(seen['expectancy_model'], '.3f')} % with the model and "
            f"{number(seen['expectancy_baseline'], '.3f')} % without."
        )


def figures_of(
    figures: Mapping[str, float], pool: "BetPool", placed: Any, result: "SessionResult", period: Period, trials: int
) -> dict[str, Any]:
    """Return the figures of one backtest; `placed` marks its trades in the pool."""
    from livermore.ml.evidence import sharpe_evidence

    first = pool.opened[placed].min() if placed.any() else 0
    fees = sum(float(trade["fee"]) for trade in result.trades if trade["opened_at"] // 1000 >= first)
    # Each return ends at a time of the equity curve.
    returns = result.returns[np.asarray(result.balance_times[1:]) > 1000 * period.start]
    trusted = sharpe_evidence(returns, trials, per_year=result.metrics.get("annualization", 365))
    return {
        "trades": int(placed.sum()),
        "fees": fees,
        **figures,
        "sharpe_evidence": trusted,
        "metrics": result.metrics,
    }


def coverage(pool: "BetPool") -> float:
    """Return the share of the trades without the model that the model made too."""
    return pool.n_matched / max(int(np.count_nonzero(pool.without > 0)), 1)


def by_group(pool: "BetPool") -> dict[str, list[dict[str, Any]]]:
    """Compare by month of opening, by side, and by symbol."""
    months = pool.opened.astype("datetime64[s]").astype("datetime64[M]").astype(str)
    return {
        name: [_group(str(group), pool.take(labels == group)) for group in np.unique(labels)]
        for name, labels in (("month", months), ("side", pool.side), ("symbol", pool.symbol))
    }


def _group(name: str, pool: "BetPool") -> dict[str, Any]:
    """Compare one group of trades."""
    n_model = int(np.count_nonzero(pool.with_model > 0))
    without, with_model = _expectancy(pool.without, pool.value), _expectancy(pool.with_model, pool.value_with)
    return {
        "group": name,
        "n_baseline": int(np.count_nonzero(pool.without > 0)),
        "n_model": n_model,
        "expectancy_baseline": without,
        "expectancy_model": with_model,
        "difference": with_model - without,
        "thin": n_model < FEW_TRADES,
    }


def _expectancy(exposure: Any, value: Any) -> float:
    """Return the net return on money placed, in percent."""
    placed = float(exposure.sum())
    return 100 * float(exposure @ value) / placed if placed > 0 else float("nan")


def pool_notes(pool: "BetPool") -> list[str]:
    """Say where the two backtests cannot be paired exactly."""
    notes = []
    if pool.n_only_model:
        notes.append(
            f"{pool.n_only_model} of the model's trades were not made without it: their signals arrived while "
            "the baseline already held a position. They are in the pool that random filters draw from."
        )
    if pool.n_changed:
        notes.append(
            f"{pool.n_changed} trades of both runs ended differently: in deploy mode the strategy does more than "
            "filter, and the difference is not the filter's alone."
        )
    return notes


def verdict(compared: "PairedComparison", pool: "BetPool", period: Period, result: "SessionResult") -> dict[str, Any]:
    """Return the verdict with its explanation; `result` is the backtest with the model."""
    was_used = result.ml is not None
    is_thin = np.count_nonzero(pool.with_model > 0) < FEW_TRADES
    undecided = period.in_sample_only or not was_used or (compared.helped == "no" and is_thin)
    helped = "cannot tell" if undecided else compared.helped
    return {
        "helped": helped,
        "p_value": compared.p_value,
        "trials": compared.trials,
        "text": "\n".join(_sentences(compared, pool, period, helped) if was_used else [NOT_USED]),
    }


def _sentences(compared: "PairedComparison", pool: "BetPool", period: Period, helped: str) -> list[str]:
    n_model = int(np.count_nonzero(pool.with_model > 0))
    if not n_model:
        return ["The model accepted no trade, so there is nothing to judge."]
    found = compared.difference["expectancy"]
    lines = [
        f"With the model a trade brings {number(compared.with_model['expectancy'], '+.3f')} % of its size, without it "
        f"{number(compared.without['expectancy'], '+.3f')} %: a difference of "
        f"{estimate(found['value'], found['low'], found['high'], '+.3f', ' %')}.",
        f"Of random filters that accept as many trades, {_share(found['p_random'])} do at least as well"
        f"{_deflated(compared)}.",
    ]
    if period.in_sample_only:
        lines.append("But the model was trained on these days. Test it on data after the training period.")
    elif helped == "yes":
        lines.append(_cost_of_fewer_trades(compared))
    elif helped == "no" and pool.n_matched == n_model == np.count_nonzero(pool.without > 0):
        lines.append("It accepted every trade.")
    elif helped == "cannot tell":
        lines.append(f"{n_model:,} trades with the model are too few to tell a difference of this size from chance.")
    return [line for line in lines if line]


def _share(p_random: float) -> str:
    """Return a share of the random filters; it is at least 1 / (draws + 1), and so never 0."""
    return "fewer than 0.1%" if p_random < 0.001 else number(p_random, ".1%")


def _deflated(compared: "PairedComparison") -> str:
    if compared.trials == 1:
        return ""
    return f"; allowing for {compared.trials} looks at these days, {p_equals(compared.p_value)}"


def _cost_of_fewer_trades(compared: "PairedComparison") -> str:
    """Say so if better trades do not make a better account; else empty."""
    change = compared.difference["annual_return"]["value"]
    if not change < 0:  # NaN if the comparison is too short for figures per year
        return ""
    return (
        "It chooses better trades, but fewer of them: the account still earns less than without it "
        f"({number(compared.with_model['annual_return'], '.1f')} % a year instead of "
        f"{number(compared.without['annual_return'], '.1f')} %)."
    )
