"""Compares what two engines made of a case, and names the differences that are meant.

A difference counts as named only if its own predicate recognises it in the outcomes; everything else is a failure.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from diff_run import ORDER_KEYS
from diff_strategy import FIELDS

from livermore import errors

RELATIVE, ROUNDING = 1e-10, 1e-9
# A last digit of a balance of a million is the tenth digit of a return of a millionth; ratios are made of such returns.
RELATIVE_OF_RATIOS = 1e-8
SERENITY = "serenity_index is a number"
Outcome = dict[str, Any]
HOOK, TIME, PRICE, QTY = (FIELDS.index(name) for name in ("hook", "time", "price", "qty"))
BALANCE, MARGIN, VALUE = (FIELDS.index(name) for name in ("balance", "available_margin", "portfolio_value"))
CANDLES, RESTING, ORDER = (FIELDS.index(name) for name in ("candles", "resting", "order"))
# A note of a candle: how many there are, and the six values of the last.
CANDLE_AND_COUNT = 7
PRICE_OF_ORDER, FILLED_BY_GAP = 4, 6
CREATED_AT, REDUCE_ONLY, SUBMITTED_VIA = (
    ORDER_KEYS.index(name) for name in ("created_at", "reduce_only", "submitted_via")
)


@dataclass(frozen=True)
class Difference:
    """Where two outcomes first differ: a dotted path, and the two values."""

    where: str
    theirs: Any
    ours: Any
    symbol: str = ""
    line: int = -1
    field: str = ""
    time: float = math.inf


@dataclass
class Verdict:
    """What a comparison found."""

    case: str
    trades: int
    fills: int
    named: set[str] = field(default_factory=set)
    unnamed: Difference | None = None
    identical: bool = True


def compare(case: dict, theirs: Outcome, ours: Outcome, rerun: Callable[[dict], Outcome] | None = None) -> Verdict:
    """Compare Jesse's outcome of a case with ours.

    Parameters
    ----------
    case : dict
        The case.
    theirs, ours : dict
        Outcomes of `diff_run.run_case`.
    rerun : callable, optional
        Runs a changed case on our engine, for differences that only that can prove.
    """
    verdict = Verdict(case["name"], len(theirs["trades"]), sum(len(trade["orders"]) for trade in theirs["trades"]))
    original = theirs

    def is_explained(changed: dict) -> bool:
        return rerun is not None and compare(changed, original, rerun(changed)).unnamed is None

    for adjust in (_with_open_profit_once, _without_stray_candles, _with_candle_of_liquidation):
        theirs, named = adjust(case, theirs, ours)
        verdict.named |= named
    found = first_difference(theirs, ours)
    if found is None:
        verdict.identical = _same_bits(theirs, ours)
        if theirs["metrics"].get("serenity_index") != ours["metrics"].get("serenity_index"):
            verdict.named.add(SERENITY)
        return verdict
    verdict.identical = False
    for name, recognises in NAMED_DIFFERENCES.items():
        if recognises(case, theirs, ours, found, is_explained):
            verdict.named.add(name)
            return verdict
    verdict.unnamed = found
    return verdict


def first_difference(theirs: Outcome, ours: Outcome) -> Difference | None:
    """Return the earliest difference in what the strategies saw, else in the results, else None."""
    lines = [
        _first_of_trace(symbol, trace, ours["traces"].get(symbol, [])) for symbol, trace in theirs["traces"].items()
    ]
    found = [line for line in lines if line is not None]
    if found:
        return min(found, key=lambda one: one.time)
    if not _same_error(theirs["error"], ours["error"]):
        return Difference("error", theirs["error"], ours["error"])
    for part, relative in (("trades", RELATIVE), ("equity", RELATIVE), ("metrics", RELATIVE_OF_RATIOS)):
        left, right = _measured(theirs[part]), _measured(ours[part])
        if (path := _differs(left, right, relative)) is not None:
            return Difference(f"{part}{path}", _at(left, path), _at(right, path))
    return None


def _first_of_trace(symbol: str, theirs: list[list[Any]], ours: list[list[Any]]) -> Difference | None:
    for number, (left, right) in enumerate(zip(theirs, ours, strict=False)):
        path = _differs(left, right)
        if path is not None:
            index = int(path[1:].split("]")[0]) if path else 0
            name = "closed" if left[0] == "closed" else FIELDS[index]
            where = f"trace {symbol} line {number} {name}{path}"
            return Difference(where, left, right, symbol, number, name, _time_of(theirs, number))
    if len(theirs) != len(ours):
        number = min(len(theirs), len(ours))
        rest = [trace[number] if len(trace) > number else "end" for trace in (theirs, ours)]
        where = f"trace {symbol} ends at line {number}"
        return Difference(where, *rest, symbol, number, "end", _time_of(max(theirs, ours, key=len), number))
    return None


def _time_of(trace: list[list[Any]], number: int) -> float:
    """Return the time of a line; of the one before it, if it is a closed trade's."""
    return trace[number - 1 if trace[number][HOOK] == "closed" else number][TIME]


def _measured(part: Any) -> Any:
    """Return the part without what is different by name."""
    if isinstance(part, dict):
        return {key: value for key, value in part.items() if key != "serenity_index"}
    return part


def _differs(left: Any, right: Any, relative: float = RELATIVE) -> str | None:
    """Return the path to the first difference beyond rounding, or None."""
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        for number, (one, other) in enumerate(zip(left, right, strict=False)):
            if (path := _differs(one, other, relative)) is not None:
                return f"[{number}]{path}"
        return None if len(left) == len(right) else f"[{min(len(left), len(right))}]"
    if isinstance(left, dict) and isinstance(right, dict):
        for key in left.keys() | right.keys():
            if (path := _differs(left.get(key, "missing"), right.get(key, "missing"), relative)) is not None:
                return f"[{key}]{path}"
        return None
    return None if _close(left, right, relative) else ""


def _close(left: Any, right: Any, relative: float) -> bool:
    """Return whether two plain values agree; numbers but for rounding, their type aside."""
    if isinstance(left, bool) or isinstance(right, bool) or isinstance(left, str) or isinstance(right, str):
        return left == right
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=relative, abs_tol=1e-9)


def _same_bits(theirs: Outcome, ours: Outcome) -> bool:
    return all(_measured(theirs[part]) == _measured(ours[part]) for part in ("trades", "equity", "metrics", "traces"))


def _at(value: Any, path: str) -> Any:
    """Return what lies at a path such as ``[3][PNL]``."""
    for step in path.strip("[]").split("][") if path else ():
        try:
            value = value[int(step)] if isinstance(value, list) else value.get(step, "missing")
        except IndexError:
            return "missing"
    return value


def _same_error(theirs: list[str] | None, ours: list[str] | None) -> bool:
    """Return whether both ran, or both refused with an error that goes by the same name."""
    if theirs is None or ours is None:
        return theirs is None and ours is None
    expected, got = getattr(errors, theirs[0], None), getattr(errors, ours[0], None)
    if expected is None or got is None:
        return theirs[0] == ours[0]
    return issubclass(got, expected)


# The named differences


def _with_open_profit_once(case: dict, theirs: Outcome, ours: Outcome) -> tuple[Outcome, set[str]]:
    """Take the leverage out of Jesse's open profit, where it is written down; ours counts it once."""
    leverage = case["config"]["futures_leverage"]
    if not case["hp"]["value_seen"] or leverage == 1:
        return theirs, set()
    traces, seen = {}, False
    for symbol, lines in theirs["traces"].items():
        traces[symbol] = [list(line) for line in lines]
        for line in traces[symbol]:
            if line[HOOK] != "closed" and line[VALUE] is not None:
                seen |= line[VALUE] != line[BALANCE]
                line[VALUE] = line[BALANCE] + (line[VALUE] - line[BALANCE]) / leverage
    return {**theirs, "traces": traces}, {"portfolio_value counts open profit once"} if seen else set()


def _without_stray_candles(case: dict, theirs: Outcome, ours: Outcome) -> tuple[Outcome, set[str]]:
    """Where minutes are missing, take Jesse's number of candles for ours if the last candle is the same.

    A fill inside a bar that lacks a minute leaves a stray candle; a fill right after a bar that lacks its
    last minute loses that bar.
    """
    if not any(spec.get("missing") for spec in case["candles"].values()):
        return theirs, set()

    def same_but_for_count(left: list[Any], right: list[Any]) -> bool:
        return left[CANDLES] != right[CANDLES] and len(left[CANDLES]) == len(right[CANDLES])

    def adjusted(left: list[Any], right: list[Any]) -> list[Any]:
        seen = list(left[CANDLES])
        for place in range(0, len(seen), CANDLE_AND_COUNT):
            last = slice(place + 1, place + CANDLE_AND_COUNT)
            if seen[last] == right[CANDLES][last]:
                seen[place] = right[CANDLES][place]
        return [*left[:CANDLES], seen, *left[CANDLES + 1 :]]

    changed = _rewritten(theirs, ours, same_but_for_count, adjusted)
    return changed, {"a fill in or after an incomplete bar changes no candles"} if changed is not theirs else set()


def _with_candle_of_liquidation(case: dict, theirs: Outcome, ours: Outcome) -> tuple[Outcome, set[str]]:
    """In a liquidation in the last minute of a bar Jesse's strategy sees an older candle; show it what ours sees."""
    if case["config"]["futures_leverage_mode"] != "isolated":
        return theirs, set()
    liquidations = {
        line[TIME]
        for lines in theirs["traces"].values()
        for line in lines
        if line[HOOK] == "on_close_position" and line[ORDER][1] == "MARKET" and line[ORDER][5] is None
    }

    def sees_older_candle(left: list[Any], right: list[Any]) -> bool:
        if left[HOOK] not in ("on_cancel", "on_close_position") or left[TIME] not in liquidations:
            return False
        return left[CANDLES] != right[CANDLES] and _differs(adjusted(left, right), right) is None

    def adjusted(left: list[Any], right: list[Any]) -> list[Any]:
        line = list(left)
        line[PRICE], line[CANDLES] = right[PRICE], right[CANDLES]
        return line

    changed = _rewritten(theirs, ours, sees_older_candle, adjusted)
    return changed, {"hooks of a liquidation see the bar that it ends"} if changed is not theirs else set()


def _rewritten(theirs: Outcome, ours: Outcome, applies: Callable[..., bool], adjusted: Callable[..., list]) -> Outcome:
    """Return Jesse's outcome with the lines adjusted to which a difference applies; itself, if there are none."""
    traces, seen = {}, False
    for symbol, lines in theirs["traces"].items():
        traces[symbol] = list(lines)
        for number, (left, right) in enumerate(zip(lines, ours["traces"].get(symbol, []), strict=False)):
            if "closed" not in (left[HOOK], right[HOOK]) and applies(left, right):
                traces[symbol][number] = adjusted(left, right)
                seen |= traces[symbol][number] != left
    return {**theirs, "traces": traces} if seen else theirs


def _is_tie(case: dict, theirs: Outcome, ours: Outcome, found: Difference, is_explained: Any) -> bool:
    """Another order filled, at a price that two orders of a symbol had at that time or when it was last seen before."""
    if not found.symbol or (ours["error"] and not theirs["error"] and found.ours == "end"):
        return False
    if _is_other_order(case, found):
        return True
    before = theirs["traces"][found.symbol][max(found.line - 2, 0) : found.line + 1]
    at_that_time = [
        line
        for outcome in (theirs, ours)
        for lines in outcome["traces"].values()
        for line in lines
        if line[HOOK] != "closed" and line[TIME] == found.time
    ]
    return any(_has_tie(line) for line in before + at_that_time) and any(
        line[HOOK].startswith("on_") for line in at_that_time
    )


def _is_other_order(case: dict, found: Difference) -> bool:
    """Among coarse prices two orders filled at one, each engine's its own; they were sent and filled in one hook."""
    if not case["hp"]["routes"][found.symbol]["tick"] or "end" in (found.theirs, found.ours):
        return False
    orders = [line[ORDER] for line in (found.theirs, found.ours) if line[HOOK] != "closed" and line[ORDER] is not None]
    return len(orders) == 2 and orders[0][PRICE_OF_ORDER] == orders[1][PRICE_OF_ORDER] and orders[0] != orders[1]


def _has_tie(line: list[Any]) -> bool:
    if line[HOOK] == "closed":
        return False
    # Market orders of one bar wait in a queue, and have an order there.
    prices = [price for kind, _, price in line[RESTING] if kind != "MARKET" or line[ORDER] is not None]
    if line[ORDER] is not None:
        prices.append(line[ORDER][PRICE_OF_ORDER])
    return len(set(prices)) < len(prices)


def _is_margin_leak(case: dict, theirs: Outcome, ours: Outcome, found: Difference, is_explained: Any) -> bool:
    """Jesse has less margin left than we, after a gap filled an entry."""
    if found.field != "available_margin" or not found.theirs[MARGIN] < found.ours[MARGIN]:
        return False
    return any(
        line[HOOK] in ("on_open_position", "on_increased_position") and line[ORDER][FILLED_BY_GAP]
        for lines in theirs["traces"].values()
        for line in lines
        if line[HOOK] != "closed" and line[TIME] <= found.theirs[TIME]
    )


def _is_wrong_side_exit(case: dict, theirs: Outcome, ours: Outcome, found: Difference, is_explained: Any) -> bool:
    """Jesse sent an exit as an order that may open a position."""
    if found.symbol and found.theirs == "end" and theirs["error"] and theirs["error"][0] == "InsufficientMargin":
        return True
    return any(
        not order[REDUCE_ONLY] and order[SUBMITTED_VIA] is not None and order[CREATED_AT] <= found.time
        for trade in theirs["trades"]
        for order in trade["orders"]
    )


def _is_lax_sell_check(case: dict, theirs: Outcome, ours: Outcome, found: Difference, is_explained: Any) -> bool:
    """Ours refuses a sell that Jesse lets pass, though with those that rest it is for more than is held.

    Or Jesse refuses to sell what is held, for a last digit of rounding.
    """
    if _refused(theirs) and not ours["error"] and (found.theirs == "end" or found.where == "error"):
        held, selling = (float(word) for word in re.findall(r"[-\d.e]*\d", theirs["error"][1]))
        return math.isclose(selling, held, rel_tol=ROUNDING) or selling < ROUNDING
    if not _refused(ours) or found.ours != "end":
        return False
    last = ours["traces"][found.symbol][found.line - 1]
    following = theirs["traces"][found.symbol][found.line : found.line + 3]
    sold = [line[ORDER] for line in following if line[HOOK] != "closed" and line[ORDER] is not None]
    at_market = -sum(order[2] for order in sold[:1] if order[0] == "sell" and order[1] == "MARKET")
    return (
        _on_sale(found.theirs, "STOP") > _more_than(found.theirs[QTY])
        or _on_sale(found.theirs, "LIMIT") > _more_than(found.theirs[QTY])
        or (at_market > 0 and _on_sale(last, "LIMIT") + at_market > _more_than(last[QTY]))
    )


def _refused(outcome: Outcome) -> bool:
    return bool(outcome["error"]) and outcome["error"][0] in ("InsufficientBalance", "InsufficientBalanceError")


def _on_sale(line: list[Any], kind: str) -> float:
    return -sum(qty for name, qty, _ in line[RESTING] if name == kind and qty < 0)


def _more_than(quantity: float) -> float:
    return quantity * (1 + RELATIVE)


def _is_spot_sample(case: dict, theirs: Outcome, ours: Outcome, found: Difference, is_explained: Any) -> bool:
    """Nothing differs but balance samples of several spot routes, and what is computed from them."""
    several = case["config"]["type"] == "spot" and len(case["routes"]) > 1
    return several and found.where.startswith("equity") and _differs(theirs["trades"], ours["trades"]) is None


def _is_crash_of_theirs(case: dict, theirs: Outcome, ours: Outcome, found: Difference, is_explained: Any) -> bool:
    """Jesse stopped with an IndexError of its own; until the minute of its end both saw the same."""
    if theirs["error"] is None or theirs["error"][0] != "IndexError":
        return False
    times = [line[TIME] for lines in theirs["traces"].values() for line in lines if line[HOOK] != "closed"]
    return found.where == "error" or found.time >= max(times, default=0.0)


def _is_route_order(case: dict, theirs: Outcome, ours: Outcome, found: Difference, is_explained: Any) -> bool:
    """With minutes missing Jesse runs the routes by name; in that order we do the same as it."""
    in_order = sorted(case["routes"])
    return in_order != list(case["routes"]) and is_explained({**case, "routes": in_order})


NAMED_DIFFERENCES: dict[str, Callable[..., bool]] = {
    "a wrong-side exit at opening closes and never flips": _is_wrong_side_exit,
    "equal prices fill in submission order": _is_tie,
    "a gap fill releases the margin of its order": _is_margin_leak,
    "routes run in the given order": _is_route_order,
    "sell checks of spot add up": _is_lax_sell_check,
    "a fill in an incomplete bar is no IndexError": _is_crash_of_theirs,
    "balance samples of spot count the entry orders of all routes": _is_spot_sample,
}
