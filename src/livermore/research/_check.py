"""`check_strategy`: whether a strategy peeks into the future, or behaves differently the second time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.dates import minute
from livermore.errors import CandleError, ConfigError
from livermore.research._foresight import Foresight, foresight
from livermore.research._traces import MINUTE, Candles, Change, Event, Run, Trace, changes

if TYPE_CHECKING:
    from livermore.strategies import Strategy

__all__ = ["Finding", "StrategyCheck", "check_strategy"]

DAY = 1440
# How far behind a cut the changed future goes: enough for what a peek needs to see, not more than must be run.
CHANGED_DAYS = 3
# A feature that still differs by so many standard deviations late in the run has not forgotten where it began.
UNSETTLED = 0.01
TITLES = {
    "look-ahead": "Look-ahead: with another future, nothing before it may change",
    "feed": "Fed candle by candle: the same to the bit",
    "foresight": "Foresight: nothing foretells prices",
    "labels": "Labels: known only after their features",
    "parity": "Gather and deploy: the same features to the bit",
    "recursion": "Recursion: more warm-up changes nothing that lasts",
    "determinism": "Determinism: two runs, the same bits",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check has found.

    Attributes
    ----------
    check : str
        "look-ahead", "feed", "foresight", "labels", "parity", "recursion" or "determinism".
    severity : {"error", "warning"}
        Whether figures of this strategy can be believed at all, or with care.
    name : str
        Of the feature; "order", "label" or "strategy" for what is none.
    symbol : str
        Of the route.
    time : float
        UTC ms: the end of the bar.
    bar : int
        The strategy's index; -1 where there is none.
    text : str
        What happened, and what it means.
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
    """What `check_strategy` returns: a dict that can show itself as text.

    Keys: `ok` (no errors), `findings` (tuple of `Finding`), `checks` (name to "passed", "failed", "warning" or
    "skipped: why"), `features` (their names), `events` (how many were compared), `recursion` (feature to its largest
    change by more warm-up, and that late in the run, in standard deviations), `name`.
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
            "Nothing was found." if self["ok"] else "Figures of this strategy cannot be believed until this is fixed."
        )
        return "\n".join([*lines, "", f"  {verdict}"])


def check_strategy(
    strategy: "str | type[Strategy] | None",
    config: Mapping[str, Any],
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]] | None,
    candles: Candles,
    warmup_candles: Candles | None = None,
    *,
    days: int = 30,
    cuts: int = 8,
    seed: int = 0,
    hyperparameters: Mapping[str, Any] | None = None,
    root: Any = None,
) -> StrategyCheck:
    """Look for what makes a backtest better than the future will be.

    Parameters
    ----------
    strategy : str or type or None
        Name or class; None if the routes name theirs.
    config, routes, data_routes, candles, warmup_candles, hyperparameters
        As for `backtest`; `strategy` may be left out of the routes.
    days : int
        How many days of the candles are used, from their beginning.
    cuts : int
        How often the future is changed, each time from another bar on.
    seed : int
        Decides at which bars, and into what.
    root : path-like, optional
        The folder that holds ``strategies/``; by default the working directory.

    Returns
    -------
    StrategyCheck
        A dict with `ok`, `findings` and more; as text it is a report.

    Raises
    ------
    LivermoreError
        If the strategy does not run at all.

    Notes
    -----
    *Determinism.* Two runs. What differs keeps state from one to the next, or draws random numbers without a seed.

    *Look-ahead.* Candles from some bar on are replaced by others. Features, labels and orders before must stay.

    *Feed.* The same candles minute by minute: every single event is compared with those of the usual run, in which the
    engine holds all candles.

    *Foresight.* What a strategy reads from elsewhere, such as a file, does not change with the candles. So features are
    asked how much of the next bars' return they explain, and entries how often they go the right way: more than 30 % or
    85 % is not of this world.

    *Labels.* A label that is known when its features are recorded is part of them.

    *Parity.* Features in deploy mode, where a stand-in passes every signal, against those of gather mode at the same
    bars; and what is recorded against what `ml_features` returns.

    *Recursion.* A second run with twice the warm-up. What differs at first only is a warm-up that is too short; what
    never settles depends on where the data begin.

    A strategy can hide from all of this: what it reads from elsewhere and uses only a little is not found.
    """
    if days < 1 or cuts < 1:
        raise ConfigError(f"days and cuts must be 1 or more; they are {days} and {cuts}")
    named = [{"strategy": strategy, **route} if strategy is not None else dict(route) for route in routes]
    run = Run(config, named, data_routes, hyperparameters, root)
    used = _first_days(candles, days)
    trace = run.over(used, warmup_candles)
    if trace.error is not None:
        raise trace.error
    checks: dict[str, list[Finding] | str] = {"determinism": list(_determinism(trace, run.over(used, warmup_candles)))}
    if checks["determinism"]:
        checks |= dict.fromkeys(("look-ahead", "feed", "parity", "recursion"), "runs differ by themselves")
        recursion: dict[str, dict[str, float]] = {}
    else:
        checks["look-ahead"] = list(_look_ahead(run, trace, used, warmup_candles, cuts, seed))
        checks["feed"] = list(_feed(run, trace, used, warmup_candles))
        checks["parity"] = list(_parity(run, trace, used, warmup_candles))
        recursion = _recursion(run, used, warmup_candles)
        checks["recursion"] = list(_unsettled(recursion, trace))
    checks["foresight"] = [_too_good(found) for found in foresight(trace, used)]
    checks["labels"] = list(_early_labels(trace))
    findings = tuple(finding for found in checks.values() if not isinstance(found, str) for finding in found)
    return StrategyCheck(
        name=_name(named),
        ok=not any(finding.severity == "error" for finding in findings),
        findings=findings,
        checks={name: _state(checks[name]) for name in TITLES},
        features=sorted({n for e in trace.events if e.kind in ("features", "recorded") for n in e.values}),
        events=len(trace.events),
        recursion=recursion,
    )


# --- The checks -------------------------------------------------------------------------------------------------------


def _determinism(first: Trace, second: Trace) -> Iterator[Finding]:
    """Compare two runs of the same."""
    text = (
        "a second run of the same differs; the strategy keeps state from one run to the next, or draws unseeded numbers"
    )
    yield from _reported("determinism", changes(first, second), text)
    if second.error is not None:
        yield _broken("determinism", second, "the second run fails")


def _look_ahead(
    run: Run, trace: Trace, candles: Candles, warmup: Candles | None, cuts: int, seed: int
) -> Iterator[Finding]:
    """Change the future at some bars."""
    random = np.random.default_rng(seed)
    found: dict[str, Finding] = {}
    for cut in _cuts(trace, candles, cuts, random):
        other = run.over(_with_other_future(candles, cut, random), warmup)
        text = f"it changes when the candles from {minute(cut / 1000)} on are other ones: it knows them already"
        for finding in _reported("look-ahead", changes(trace, other, until=cut), text):
            found.setdefault(finding.name, finding)
        if other.error is not None and not _reaches(other, cut):
            found.setdefault("strategy", _broken("look-ahead", other, "with another future it fails"))
    yield from found.values()


def _feed(run: Run, trace: Trace, candles: Candles, warmup: Candles | None) -> Iterator[Finding]:
    """Feed candle by candle."""
    fed = run.fed(candles, warmup)
    text = "it differs when candles come one by one, so it uses some that are not there yet"
    yield from _reported("feed", changes(trace, fed), text)
    if fed.error is not None:
        yield _broken("feed", fed, "it fails when candles come one by one")


def _parity(run: Run, trace: Trace, candles: Candles, warmup: Candles | None) -> Iterator[Finding]:
    """Compare deploy mode with gather mode, and what is recorded with `ml_features`."""
    yield from _unlike_features(trace)
    deployed = run.over(candles, warmup, mode="deploy", stand_in=True)
    if deployed.error is not None:
        yield _broken("parity", deployed, "in deploy mode it fails", severity="warning")
    common = _at_common_times(trace, deployed)
    text = "in deploy mode it is another value at the same bar: the model would see what it was not trained on"
    for finding in _reported("parity", changes(*common), text):
        if finding.name not in ("order", "label"):
            yield finding


def _recursion(run: Run, candles: Candles, warmup: Candles | None) -> dict[str, dict[str, float]]:
    """Measure how much features change with twice the warm-up; empty if that cannot be run."""
    rows = 0 if warmup is None else min(len(entry["candles"]) for entry in warmup.values())
    length = min(len(entry["candles"]) for entry in candles.values())
    shift = min(rows or DAY * 2, length // 2)
    more = {key: dict(entry, candles=_joined(entry, warmup)) for key, entry in candles.items()}
    begin = {key: len(entry["candles"]) - len(candles[key]["candles"]) + shift for key, entry in more.items()}
    later = _sliced(more, begin, {})
    try:
        with_more = run.over(later, _sliced(more, {key: at - 2 * shift for key, at in begin.items()}, begin))
        usual = {key: at - shift for key, at in begin.items()} if rows else begin
        with_usual = run.over(later, _sliced(more, usual, begin) if rows else None)
    except CandleError:
        return {}
    if with_more.error is not None or with_usual.error is not None:
        return {}
    return _drift(with_usual, with_more)


def _unsettled(recursion: Mapping[str, Mapping[str, float]], trace: Trace) -> Iterator[Finding]:
    """Warn of features that remember where the data begin."""
    first = {name: event for event in reversed(trace.events) for name in event.values if event.kind == "features"}
    for name, change in recursion.items():
        if change["late"] > UNSETTLED and name in first:
            text = (
                f"with twice the warm-up it differs by {change['late']:.2g} standard deviations even late in the run "
                f"(at most {change['largest']:.2g}): it depends on where the data begin"
            )
            yield _finding("recursion", name, first[name], text, severity="warning")


def _too_good(found: Foresight) -> Finding:
    """Report what foretells prices."""
    share = f"{found.share:.0%}"
    what = (
        f"{share} of {found.n} entries go the right way within {found.horizon} bars"
        if found.name == "order"
        else f"it explains {share} of the returns of the next {found.horizon} bars ({found.n} moments)"
    )
    text = f"{what}; nothing that is known at the time does. Look at what it reads from files or earlier computations"
    return _finding("foresight", found.name, found.event, text)


def _early_labels(trace: Trace) -> Iterator[Finding]:
    """Find labels that were known by the end of the bar of their features; one is enough."""
    seen = set()
    # A position opened on the last bar is closed by the end of the run, and its label says nothing of the strategy.
    end = trace.ended / 1000
    for point in trace.data_points:
        closed = point["time"] + trace.timeframes[point["symbol"]] // 1000
        name = point["label"]["name"]
        if point["label_time"] <= closed and point["label_time"] < end and name not in seen:
            seen.add(name)
            event = Event(1000.0 * point["label_time"], point["symbol"], -1, "label", {})
            text = (
                "it was recorded on the very bar of its features, so they may contain it. Record features when the "
                "signal comes, and the label when its outcome is known"
            )
            yield _finding("labels", name, event, text)


def _unlike_features(trace: Trace) -> Iterator[Finding]:
    """Find what is recorded but not what `ml_features` returns at that bar."""
    returned = {(event.time, event.symbol): event for event in trace.events if event.kind == "features"}
    seen = set()
    for event in trace.events:
        known = returned.get((event.time, event.symbol)) if event.kind == "recorded" else None
        if known is None:
            continue
        for name in event.values.keys() ^ known.values.keys():
            if name not in seen:
                seen.add(name)
                where = "is recorded but not in ml_features()" if name in event.values else "is in ml_features() only"
                yield _finding("parity", name, event, f"it {where}, so training and prediction see different features")


# --- Their tools ------------------------------------------------------------------------------------------------------


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


def _cuts(trace: Trace, candles: Candles, count: int, random: np.random.Generator) -> list[float]:
    """Choose where the future begins: right behind things that the strategy did, as a peek may reach one candle far."""
    last = min(float(entry["candles"][-1, 0]) for entry in candles.values())
    times = sorted({event.time for event in trace.events if event.time <= last})
    if not times:
        times = [float(time) for time in next(iter(candles.values()))["candles"][1:, 0] if time <= last]
    return sorted(random.choice(times, size=min(count, len(times)), replace=False).tolist())


def _with_other_future(candles: Candles, cut: float, random: np.random.Generator) -> Candles:
    """Replace the candles that open at `cut` or later: moves turned round and half as large again, with noise."""
    end = cut + CHANGED_DAYS * DAY * MINUTE
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


def _reaches(trace: Trace, cut: float) -> bool:
    """Tell whether a run got as far as the cut before it failed."""
    return bool(trace.events) and trace.events[-1].time > cut


def _at_common_times(a: Trace, b: Trace) -> tuple[Trace, Trace]:
    """Return the features of both runs at the bars where both computed some."""
    times = [{(e.time, e.symbol) for e in trace.events if e.kind == "features"} for trace in (a, b)]
    both = times[0] & times[1]
    first: dict[Any, Event] = {}
    second: dict[Any, Event] = {}
    for trace, kept in ((a, first), (b, second)):
        for event in trace.events:
            if event.kind == "features" and (event.time, event.symbol) in both:
                kept.setdefault((event.time, event.symbol), event)
    return Trace(list(first.values())), Trace(list(second.values()))


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


def _drift(usual: Trace, more: Trace) -> dict[str, dict[str, float]]:
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
    """Turn changes into findings."""
    for change in found:
        yield _finding(check, change.name, change.event, f"{_was(change.before)}, then {_was(change.after)}; {text}")


def _was(value: Any) -> str:
    return "not there" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)


def _finding(check: str, name: str, event: Event, text: str, severity: str = "error") -> Finding:
    return Finding(check, severity, name, event.symbol, event.time, event.bar, text)


def _broken(check: str, trace: Trace, text: str, severity: str = "error") -> Finding:
    """Report a run that ended in an error."""
    last = trace.events[-1] if trace.events else Event(0.0, next(iter(trace.timeframes), ""), -1, "", {})
    return _finding(check, "strategy", last, f"{text}: {type(trace.error).__name__}: {trace.error}", severity)


def _state(found: list[Finding] | str) -> str:
    """Return what came of a check, in a word."""
    if isinstance(found, str):
        return f"skipped: {found}"
    if not found:
        return "passed"
    return "failed" if any(finding.severity == "error" for finding in found) else "warning"


def _name(routes: Sequence[Mapping[str, Any]]) -> str:
    names = (route.get("strategy") for route in routes)
    return ", ".join(dict.fromkeys(name if isinstance(name, str) else getattr(name, "__name__", "?") for name in names))
