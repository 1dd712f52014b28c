"""Looks for look-ahead in a strategy, and for behaviour that differs from run to run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from livermore.audit.event_log import (
    MINUTE,
    Candles,
    Change,
    Event,
    EventLog,
    changes,
    log_backtest,
    log_fed_backtest,
)
from livermore.audit.leakage_test import Foresight, foresight
from livermore.dates import minute
from livermore.engine import BacktestSpec, PassAllModel
from livermore.engine.routes import strategy_names
from livermore.errors import CandleError, ConfigError
from livermore.notebook import html_text
from livermore.sanity import sanity_of

__all__ = ["Finding", "StrategyCheck", "check"]

DAY = 1440
# How many days after a cut are replaced: look-ahead shows within them, and each further day must be run. Where candles
# are long, as many of them as look-ahead may reach.
CHANGED_DAYS = 3
CHANGED_CANDLES = 100
# How much is used unless the caller says so; the longer of the two.
USED_DAYS = 30
USED_CANDLES = 1000
# A feature that differs by more standard deviations than this late in the backtest depends on where the data begin.
LASTING = 0.01
STEPS = 7
TITLES = {
    "look-ahead": "Look-ahead: changing later candles changes nothing before them",
    "feed": "Feed: candle by candle gives the same, bit by bit",
    "foresight": "Foresight: no feature or entry predicts prices implausibly well",
    "labels": "Labels: known only after their features",
    "parity": "Parity: gather and deploy mode compute the same features",
    "recursion": "Recursion: a longer warm-up makes no lasting difference",
    "determinism": "Determinism: two runs give the same, bit by bit",
    "delay": "Delay: an edge does not vanish where entries come one bar late",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem that a check has found.

    Attributes
    ----------
    check : str
        "look-ahead", "feed", "foresight", "labels", "parity", "recursion", "determinism" or "delay".
    severity : {"error", "warning"}
        An error means that backtests of this strategy cannot be believed; a warning, that care is needed.
    name : str
        Name of the feature, or "order", "label" or "strategy".
    symbol : str
        The route's symbol.
    time : float
        UTC ms: the end of the bar.
    bar : int
        The strategy's `index`; -1 where there is none.
    text : str
        What was found, and what it means.

    Examples
    --------
    >>> print(Finding("look-ahead", "error", "trend", "BTC-USDT", 1_704_067_200_000, 12, "it knows the next bar"))
    trend (BTC-USDT, 2024-01-01 00:00, bar 12): it knows the next bar
    """

    check: str
    severity: str
    name: str
    symbol: str
    time: float
    bar: int
    text: str

    def __str__(self) -> str:
        where = f", bar {self.bar}" if self.bar >= 0 else ""
        return f"{self.name} ({self.symbol}, {minute(self.time / 1000)}{where}): {self.text}"


class StrategyCheck(dict[str, Any]):
    """The result of `check_strategy`: a dict whose text is a report.

    Keys: `ok` (no errors), `findings` (tuple of `Finding`), `checks` (name to "passed", "failed", "warning" or
    "skipped: reason"), `features` (their names), `events` (how many were compared), `recursion` (for each feature its
    largest change with a longer warm-up, over the whole backtest and late in it, in standard deviations), `sanity`
    (see `livermore.sanity.sanity_of`: of the backtest in gather mode; None if two runs differ), `name`.

    Examples
    --------
    >>> found = Finding("look-ahead", "error", "trend", "BTC-USDT", 1_704_067_200_000, 12, "it knows the next bar")
    >>> check = StrategyCheck(
    ...     name="TrendFilter", ok=False, findings=(found,), checks={"look-ahead": "failed"}, features=["trend"],
    ...     events=1200, recursion={}, sanity=None,
    ... )
    >>> check["ok"], check["findings"][0].name
    (False, 'trend')
    >>> print(str(check).splitlines()[0])
    Check of TrendFilter: 1,200 events, 1 features
    """

    def __repr__(self) -> str:
        return f"StrategyCheck({self['name']}, ok: {self['ok']}, {len(self['findings'])} findings, keys {list(self)})"

    def __str__(self) -> str:
        lines = [f"Check of {self['name']}: {self['events']:,} events, {len(self['features'])} features", ""]
        for name, state in self["checks"].items():
            mark = {"passed": "✓", "failed": "✗", "warning": "!"}.get(state, "–")
            lines.append(f"  {mark} {TITLES[name]}" + ("" if mark != "–" else f" ({state})"))
            lines += [f"      {finding}" for finding in self["findings"] if finding.check == name]
        verdict = (
            "Nothing was found." if self["ok"] else "Backtests of this strategy cannot be believed until this is fixed."
        )
        lines += ["", f"  {verdict}"]
        if self["sanity"] is not None:
            lines += ["", "  The signals in gather mode, without a model:"]
            lines += [f"  {line}" for line in self["sanity"]["text"].split("\n")]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return html_text(self)


def check(
    spec: BacktestSpec, *, days: int | None, cuts: int, seed: int, progress: Callable[[int, int], None]
) -> StrategyCheck:
    """Run all checks on a strategy; see `livermore.research.check_strategy` for what they are.

    Parameters
    ----------
    spec : BacktestSpec
        The backtest.
    days : int or None
        How many days of the candles are used, counted from their beginning; None is 30, or 1,000 candles if that is
        longer.
    cuts : int
        How many times the candles after a randomly chosen bar are replaced.
    seed : int
        Seed of the random choice of bars and replacements.
    progress : callable
        Called after each step with (steps done, all steps).
    """
    if (days is not None and days < 1) or cuts < 1:
        raise ConfigError(f"days and cuts must be 1 or more; they are {days} and {cuts}")
    if days is None:
        days = _longer(USED_DAYS, USED_CANDLES, spec)
    used = _first_days(spec.candles or {}, days)
    spec = spec.with_(candles=used, ml_mode="gather")
    log = log_backtest(spec)
    if log.error is not None:
        raise log.error
    progress(1, STEPS)
    checks: dict[str, list[Finding] | str] = {"determinism": list(_determinism(log, log_backtest(spec)))}
    if checks["determinism"]:
        checks |= dict.fromkeys(("look-ahead", "feed", "parity", "recursion", "delay"), "two equal runs already differ")
        recursion: dict[str, dict[str, float]] = {}
        sanity: dict[str, Any] | None = None
    else:
        progress(2, STEPS)
        checks["look-ahead"] = list(_look_ahead(spec, log, cuts, seed))
        progress(3, STEPS)
        checks["feed"] = list(_feed(spec, log))
        progress(4, STEPS)
        checks["parity"] = list(_parity(spec, log))
        progress(5, STEPS)
        recursion = _recursion(spec)
        progress(6, STEPS)
        checks["recursion"] = list(_lasting_differences(recursion, log))
        sanity = sanity_of(spec, spec.run(), with_model=False)
        checks["delay"] = _vanishing(sanity["late"]["entries"], log)
        progress(7, STEPS)
    checks["foresight"] = [_implausible(found) for found in foresight(log, used)]
    checks["labels"] = list(_early_labels(log))
    findings = tuple(finding for found in checks.values() if not isinstance(found, str) for finding in found)
    return StrategyCheck(
        name=", ".join(strategy_names(spec.routes)),
        ok=not any(finding.severity == "error" for finding in findings),
        findings=findings,
        checks={name: _state(checks[name]) for name in TITLES},
        features=sorted({n for e in log.events if e.kind in ("features", "recorded") for n in e.values}),
        events=len(log.events),
        recursion=recursion,
        sanity=sanity,
    )


# --- The checks -------------------------------------------------------------------------------------------------------


def _determinism(first: EventLog, second: EventLog) -> Iterator[Finding]:
    """Compare two runs of the same backtest."""
    text = "a second run differs; the strategy keeps state between runs, or draws random numbers without a seed"
    yield from _reported("determinism", changes(first, second), text)
    if second.error is not None:
        yield _broken("determinism", second, "the second run fails")


def _look_ahead(spec: BacktestSpec, log: EventLog, cuts: int, seed: int) -> Iterator[Finding]:
    """Replace the candles after some bars, and compare what came before."""
    random = np.random.default_rng(seed)
    found: dict[str, Finding] = {}
    candles = spec.candles or {}
    reach = _longer(CHANGED_DAYS, CHANGED_CANDLES, spec) * DAY * MINUTE
    for cut in _cuts(log, candles, cuts, random):
        until = cut + reach
        other = log_backtest(spec.with_(candles=_with_other_future(candles, cut, until, random)))
        text = f"it changes when the candles from {minute(cut / 1000)} onwards are replaced, so it uses later candles"
        for finding in _reported("look-ahead", changes(log, other, until=cut), text):
            found.setdefault(finding.name, finding)
        if other.error is not None and not _reaches(other, cut):
            found.setdefault("strategy", _broken("look-ahead", other, "it fails when later candles are replaced"))
    yield from found.values()


def _feed(spec: BacktestSpec, log: EventLog) -> Iterator[Finding]:
    """Compare with a session that is fed candle by candle."""
    fed = log_fed_backtest(spec)
    text = "it differs when candles arrive one by one, so it uses candles that do not exist yet"
    yield from _reported("feed", changes(log, fed), text)
    if fed.error is not None:
        yield _broken("feed", fed, "it fails when candles arrive one by one")


def _parity(spec: BacktestSpec, log: EventLog) -> Iterator[Finding]:
    """Compare deploy mode with gather mode, and what is recorded with `ml_features`."""
    yield from _unequal_features(log)
    deployed = log_backtest(spec.with_(ml_mode="deploy", model=PassAllModel()))
    if deployed.error is not None:
        yield _broken("parity", deployed, "in deploy mode it fails", severity="warning")
    common = _at_common_times(log, deployed)
    text = "in deploy mode its value differs at the same bar, so the model would see other features than in training"
    for finding in _reported("parity", changes(*common), text):
        if finding.name not in ("order", "label"):
            yield finding


def _recursion(spec: BacktestSpec) -> dict[str, dict[str, float]]:
    """Measure how much features change with twice the warm-up; empty if the candles are too few for that."""
    candles, warmup = spec.candles or {}, spec.warmup_candles
    rows = 0 if warmup is None else min(len(entry["candles"]) for entry in warmup.values())
    length = min(len(entry["candles"]) for entry in candles.values())
    shift = min(rows or DAY * 2, length // 2)
    more = {key: dict(entry, candles=_joined(entry, warmup)) for key, entry in candles.items()}
    begin = {key: len(entry["candles"]) - len(candles[key]["candles"]) + shift for key, entry in more.items()}
    later = _sliced(more, begin, {})
    try:
        longer = _sliced(more, {key: at - 2 * shift for key, at in begin.items()}, begin)
        with_more = log_backtest(spec.with_(candles=later, warmup_candles=longer))
        usual = {key: at - shift for key, at in begin.items()} if rows else begin
        shorter = _sliced(more, usual, begin) if rows else None
        with_usual = log_backtest(spec.with_(candles=later, warmup_candles=shorter))
    except CandleError:
        return {}
    if with_more.error is not None or with_usual.error is not None:
        return {}
    return _drift(with_usual, with_more)


def _lasting_differences(recursion: Mapping[str, Mapping[str, float]], log: EventLog) -> Iterator[Finding]:
    """Warn of features that depend on where the data begin."""
    first = {name: event for event in reversed(log.events) for name in event.values if event.kind == "features"}
    for name, change in recursion.items():
        if change["late"] > LASTING and name in first:
            text = (
                f"with twice the warm-up it differs by {change['late']:.2g} standard deviations even late in the run "
                f"(at most {change['largest']:.2g}): it depends on where the data begin"
            )
            yield _finding("recursion", name, first[name], text, severity="warning")


def _implausible(found: Foresight) -> Finding:
    """Report a feature, or entries, that predict prices implausibly well."""
    share = f"{found.share:.0%}"
    what = (
        f"{share} of {found.n} entries go the right way within {found.horizon} bars"
        if found.name == "order"
        else f"it explains {share} of the variance of the next {found.horizon} bars' returns ({found.n} bars)"
    )
    text = f"{what}, which is not plausible without look-ahead. Look at data that it reads from files"
    return _finding("foresight", found.name, found.event, text)


def _early_labels(log: EventLog) -> Iterator[Finding]:
    """Find labels that were known by the end of their features' bar; the first of each name is reported."""
    seen = set()
    # A position opened on the last bar is closed by the end of the run, and its label says nothing of the strategy.
    end = log.ended / 1000
    for point in log.data_points:
        closed = point["time"] + log.timeframes[point["symbol"]] // 1000
        name = point["label"]["name"]
        if point["label_time"] <= closed and point["label_time"] < end and name not in seen:
            seen.add(name)
            event = Event(1000.0 * point["label_time"], point["symbol"], -1, "label", {})
            text = (
                "it was recorded on the bar of its features, so they may contain it. Record features when the signal "
                "comes, and the label when its outcome is known"
            )
            yield _finding("labels", name, event, text)


def _vanishing(late: Mapping[str, Any], log: EventLog) -> list[Finding] | str:
    """Warn of an edge that is gone where entries come one bar late."""
    if "failed" in late:
        return f"one bar late the strategy fails: {late['failed']}"
    first = next((event for event in log.events if event.kind == "order"), None)
    if first is None or not late["vanishes"]:
        return []
    text = (
        f"one bar late a trade brings {late['gross_late']:+.3%} before costs, on time {late['gross']:+.3%}: the edge "
        "is faster than the strategy can trade, or it comes from prices that were not known yet"
    )
    return [_finding("delay", "order", first, text, severity="warning")]


def _unequal_features(log: EventLog) -> Iterator[Finding]:
    """Find features that are recorded but not returned by `ml_features` at that bar, and the other way round."""
    returned = {(event.time, event.symbol): event for event in log.events if event.kind == "features"}
    seen = set()
    for event in log.events:
        known = returned.get((event.time, event.symbol)) if event.kind == "recorded" else None
        if known is None:
            continue
        for name in event.values.keys() ^ known.values.keys():
            if name not in seen:
                seen.add(name)
                where = "is recorded but not in ml_features()" if name in event.values else "is in ml_features() only"
                yield _finding("parity", name, event, f"it {where}, so training and prediction see different features")


# --- Tools of the checks ----------------------------------------------------------------------------------------------


def _first_days(candles: Candles, days: int) -> Candles:
    """Return the first days of all symbols."""
    candles = {
        key: dict(entry, candles=np.asarray(entry["candles"], dtype=np.float64)) for key, entry in candles.items()
    }
    start = min(float(entry["candles"][0, 0]) for entry in candles.values())
    end = start + days * DAY * MINUTE
    return {
        key: dict(entry, candles=entry["candles"][: int(np.searchsorted(entry["candles"][:, 0], end))])
        for key, entry in candles.items()
    }


def _cuts(log: EventLog, candles: Candles, count: int, random: np.random.Generator) -> list[float]:
    """Choose the cuts: right after events of the strategy, since look-ahead may reach a single candle far."""
    last = min(float(entry["candles"][-1, 0]) for entry in candles.values())
    times = sorted({event.time for event in log.events if event.time <= last})
    if not times:
        times = [float(time) for time in next(iter(candles.values()))["candles"][1:, 0] if time <= last]
    return sorted(random.choice(times, size=min(count, len(times)), replace=False).tolist())


def _longer(days: int, candles: int, spec: BacktestSpec) -> int:
    """Return a number of days, or in how many there are so many candles, if that is more."""
    return max(days, -(-candles * spec.base.length // (DAY * MINUTE)))


def _with_other_future(candles: Candles, cut: float, end: float, random: np.random.Generator) -> Candles:
    """Replace the candles from `cut` until `end`: returns are reversed, enlarged by half, and noise is added."""
    changed = {}
    for key, entry in candles.items():
        rows = np.array(entry["candles"][: int(np.searchsorted(entry["candles"][:, 0], end))])
        first = int(np.searchsorted(rows[:, 0], cut))
        if 0 < first < len(rows):
            moves = np.diff(np.log(rows[first - 1 :, 2]))
            spread = float(moves.std()) or 1e-4
            factor = np.exp(np.cumsum(-2.5 * moves + random.normal(scale=spread, size=moves.size)))
            rows[first:, 1:5] *= factor[:, None]
            rows[first:, 5] *= random.uniform(0.2, 5.0, size=moves.size)
        changed[key] = dict(entry, candles=rows)
    return changed


def _reaches(log: EventLog, cut: float) -> bool:
    """Tell whether a backtest got beyond the cut before it failed."""
    return bool(log.events) and log.events[-1].time > cut


def _at_common_times(a: EventLog, b: EventLog) -> tuple[EventLog, EventLog]:
    """Return the features of both runs at the bars where both computed some."""
    times = [{(e.time, e.symbol) for e in log.events if e.kind == "features"} for log in (a, b)]
    both = times[0] & times[1]
    first: dict[Any, Event] = {}
    second: dict[Any, Event] = {}
    for log, kept in ((a, first), (b, second)):
        for event in log.events:
            if event.kind == "features" and (event.time, event.symbol) in both:
                kept.setdefault((event.time, event.symbol), event)
    return EventLog(list(first.values())), EventLog(list(second.values()))


def _joined(entry: Mapping[str, Any], warmup: Candles | None) -> Any:
    """Return warm-up and candles of a symbol as one array."""
    before = [w["candles"] for w in (warmup or {}).values() if w["symbol"] == entry["symbol"]]
    rows = before[0][before[0][:, 0] < entry["candles"][0, 0]] if before else entry["candles"][:0]
    return np.concatenate([rows, entry["candles"]])


def _sliced(candles: Candles, begin: Mapping[str, int], end: Mapping[str, int]) -> Candles:
    """Return rows of all symbols."""
    return {
        key: dict(entry, candles=entry["candles"][max(0, begin[key]) : end.get(key)]) for key, entry in candles.items()
    }


def _drift(usual: EventLog, more: EventLog) -> dict[str, dict[str, float]]:
    """Compare the features of two runs: largest difference, and largest in the last quarter, in standard deviations."""
    first, second = _at_common_times(usual, more)
    pairs: dict[str, list[tuple[float, float]]] = {}
    for a, b in zip(first.events, second.events, strict=True):
        for name in a.values.keys() & b.values.keys():
            if isinstance(a.values[name], float) and isinstance(b.values[name], float):
                pairs.setdefault(name, []).append((a.values[name], b.values[name]))
    found = {}
    for name, values in pairs.items():
        before, after = np.array(values).T
        spread = float(np.nanstd(after)) or 1.0
        change = np.where(np.isnan(before) & np.isnan(after), 0.0, np.abs(before - after) / spread)
        change = np.where(np.isnan(change), np.inf, change)
        found[name] = {
            "largest": float(change.max()),
            "late": float(change[-(-3 * len(change) // 4) :].max(initial=0.0)),
        }
    return found


def _reported(check: str, found: Sequence[Change], text: str) -> Iterator[Finding]:
    """Convert changes to findings."""
    for change in found:
        yield _finding(
            check, change.name, change.event, f"{_value_text(change.before)}, then {_value_text(change.after)}; {text}"
        )


def _value_text(value: Any) -> str:
    return "absent" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)


def _finding(check: str, name: str, event: Event, text: str, severity: str = "error") -> Finding:
    return Finding(check, severity, name, event.symbol, event.time, event.bar, text)


def _broken(check: str, log: EventLog, text: str, severity: str = "error") -> Finding:
    """Report a backtest that ended in an error."""
    last = log.events[-1] if log.events else Event(0.0, next(iter(log.timeframes), ""), -1, "", {})
    return _finding(check, "strategy", last, f"{text}: {type(log.error).__name__}: {log.error}", severity)


def _state(found: list[Finding] | str) -> str:
    """Return the outcome of a check in one word."""
    if isinstance(found, str):
        return f"skipped: {found}"
    if not found:
        return "passed"
    return "failed" if any(finding.severity == "error" for finding in found) else "warning"
