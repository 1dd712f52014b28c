"""The sanity of an edge in one dict, with the sentences that a report prints."""

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from livermore.engine import BacktestSpec, SessionResult
from livermore.errors import LivermoreError
from livermore.formatting import estimate, number
from livermore.sanity._capacity import Capacity, capacity
from livermore.sanity._costs import TradedAmounts, break_even_cost, cost_curve, turnover
from livermore.sanity._delay import with_lagged_features, with_late_entries
from livermore.trading import ClosedTrade

__all__ = ["Lateness", "lateness", "sanity_of", "vanishes"]

# With fewer trades in either backtest nothing is concluded from the difference.
FEWEST = 20
# The return on time must be this many standard errors above 0 for its loss to say anything.
CERTAIN = 3.0
# What is left a bar later of a return that decays; less is called vanished.
LEFT = 0.25
# What a strategy's own code may raise where it runs a bar late and did not expect it.
OWN_ERRORS = (LivermoreError, ArithmeticError, LookupError, ValueError, TypeError, AttributeError)
TITLES = {"entries": "Entries one bar late", "features": "Features one bar late"}


@dataclass(frozen=True)
class Lateness:
    """Returns of a strategy on time and one bar late, before costs, as fractions of the size of a trade.

    Attributes
    ----------
    trades, trades_late : int
        Number of trades.
    gross, gross_late : float
        Mean return of a trade before costs; NaN without trades.
    error, error_late : float
        Their standard errors; NaN with fewer than ten trades.

    Examples
    --------
    >>> Lateness(200, 198, gross=0.004, gross_late=0.001, error=0.0005, error_late=0.0005).kept
    0.25
    """

    trades: int
    trades_late: int
    gross: float
    gross_late: float
    error: float
    error_late: float

    @property
    def kept(self) -> float:
        """The share of the return that is left; NaN where there is none on time."""
        return self.gross_late / self.gross if self.gross > 0 else math.nan


def lateness(on_time: TradedAmounts, late: TradedAmounts) -> Lateness:
    """Compare the trades of a backtest with those of the same strategy one bar late.

    Examples
    --------
    >>> from livermore.engine import BacktestSpec
    >>> from livermore.sanity import with_late_entries
    >>> from livermore.testing import example_backtest
    >>> spec = BacktestSpec(**example_backtest(days=5))
    >>> usual, late = (TradedAmounts.of(s.run().closed_trades) for s in (spec, with_late_entries(spec)))
    >>> lateness(usual, late).trades, vanishes(lateness(usual, late))
    (239, False)
    """
    (gross, error), (gross_late, error_late) = (one.mean(one.gross / one.size) for one in (on_time, late))
    return Lateness(len(on_time), len(late), gross, gross_late, error, error_late)


def vanishes(found: Lateness) -> bool:
    """Return whether an edge that is certain on time is gone one bar later.

    That is so if at least twenty trades each bring a return that is three standard errors above 0 on time, and a bar
    later less than a quarter of it, by more than two standard errors of the difference.

    Examples
    --------
    >>> vanishes(Lateness(200, 198, gross=0.004, gross_late=0.0002, error=0.0005, error_late=0.0005))
    True
    >>> vanishes(Lateness(200, 198, gross=0.004, gross_late=0.003, error=0.0005, error_late=0.0005))
    False
    """
    if min(found.trades, found.trades_late) < FEWEST or not found.gross > CERTAIN * found.error:
        return False
    difference = math.hypot(found.error, found.error_late)
    return found.gross_late < LEFT * found.gross and found.gross - found.gross_late > 2 * difference


def sanity_of(spec: BacktestSpec, result: SessionResult, *, with_model: bool, start: float = 0.0) -> dict[str, Any]:
    """Run a backtest one bar late, and say what its edge is worth at other costs and for larger accounts.

    Parameters
    ----------
    spec : BacktestSpec
        The backtest.
    result : SessionResult
        Its result.
    with_model : bool
        Whether it asks a model, so that features one bar late are run as well.
    start : float
        Only trades that were opened at this time (UTC ms) or later count: those after the training of the model.

    Returns
    -------
    dict
        `late`: for "entries" and "features" what `Lateness` holds, with `kept` and `vanishes`, or `failed`: why there
        is nothing; `costs`: rows of `cost_curve`; `break_even`: `cost`, `low`, `high`; `fee`: per side, as paid;
        `turnover` a year; `capacity`: what `Capacity` holds; `text`: a sentence a line.

    Examples
    --------
    >>> from livermore.testing import example_backtest
    >>> spec = BacktestSpec(**example_backtest(days=5))
    >>> found = sanity_of(spec, spec.run(), with_model=False)
    >>> found["late"]["entries"]["vanishes"], [row["name"] for row in found["costs"]][:3]
    (False, ['no costs', 'fees', 'fees, slippage 1 bp'])
    """
    counted = _opened_from(result.closed_trades, start)
    trades = TradedAmounts.of(counted)
    changes = {"entries": with_late_entries} | ({"features": with_lagged_features} if with_model else {})
    late = {name: _late(spec, trades, change, start) for name, change in changes.items()}
    cost, low, high = break_even_cost(trades)
    curve = cost_curve(trades)
    first = bisect_left(result.balance_times, start)
    traded = turnover(trades, result.balance_times[first:], result.balances[first:])
    volume = capacity(counted, spec.candles or {})
    found: dict[str, Any] = {
        "late": late,
        "costs": curve,
        "break_even": {"cost": cost, "low": low, "high": high},
        "fee": curve[1]["cost"],
        "turnover": traded,
        "capacity": asdict(volume),
    }
    sentences = [*_late_sentences(late), *_cost_sentences(found), *_capacity_sentences(volume)]
    return found | {"text": "\n".join(sentences)}


def _late(
    spec: BacktestSpec, trades: TradedAmounts, change: Callable[[BacktestSpec], BacktestSpec], start: float
) -> dict[str, Any]:
    """Run a backtest one bar late, and compare its trades; or return why it fails."""
    try:
        result = change(spec).with_(on_in_sample="allow").run()
    except OWN_ERRORS as error:
        return {"failed": f"{type(error).__name__}: {error}"}
    found = lateness(trades, TradedAmounts.of(_opened_from(result.closed_trades, start)))
    return asdict(found) | {"kept": found.kept, "vanishes": vanishes(found)}


def _opened_from(trades: Sequence[ClosedTrade], start: float) -> list[ClosedTrade]:
    return [trade for trade in trades if (trade.opened_at or 0.0) >= start]


def _late_sentences(late: Mapping[str, Mapping[str, Any]]) -> list[str]:
    sentences = []
    for name, found in late.items():
        title = TITLES[name]
        if "failed" in found:
            sentences.append(f"{title}: the strategy fails ({found['failed']}), so nothing is known.")
            continue
        figures = f"{_percent(found['gross'])} per trade before costs on time, {_percent(found['gross_late'])} late"
        if found["vanishes"]:
            sentences.append(
                f"{title}: the edge vanishes ({figures}). It is faster than the strategy can trade, or it comes from "
                "prices that were not known yet."
            )
        elif found["gross"] > 2 * found["error"]:
            sentences.append(f"{title}: {number(found['kept'], '.0%')} of the return is left ({figures}).")
        else:
            sentences.append(f"{title}: there is no certain return that could decay ({figures}).")
    return sentences


def _cost_sentences(found: Mapping[str, Any]) -> list[str]:
    if math.isnan(found["break_even"]["cost"]):
        return ["There is no closed trade, so costs and turnover are unknown."]
    cost, low, high = (10_000 * found["break_even"][key] for key in ("cost", "low", "high"))
    break_even = f"{estimate(cost, low, high, '.1f', ' bp')} per side"
    fees = f"fees were {number(10_000 * found['fee'], '.1f')} bp"
    return [
        f"The trades break even at costs of {break_even}; {fees}."
        if cost > 0
        else f"The trades lose even without costs: they would break even at {break_even}; {fees}.",
        f"The account is traded {number(found['turnover'], ',.0f')} times a year.",
    ]


def _capacity_sentences(volume: Capacity) -> list[str]:
    if not volume.fills:
        return ["No bar with a fill has a volume, so the capacity is unknown."] if volume.unknown else []
    return [
        f"Half of the fills take up to {number(volume.median, '.2%')} of the volume of their bar, 95 % of them up to "
        f"{number(volume.high, '.2%')}; an account {number(volume.multiple, ',.0f')} times as large would take "
        f"{number(volume.limit, '.0%')}."
    ]


def _percent(value: float) -> str:
    return f"{number(100 * value, '+.3f')} %"
