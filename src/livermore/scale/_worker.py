"""What a worker does with a task: open the store, run the backtest, write the shard."""

import traceback
from typing import Any, NamedTuple

import numpy as np

from livermore.candles import TIMESTAMP, CandleStore, StoredMarket, timeframe_ms
from livermore.engine import BacktestSpec
from livermore.errors import CandlesNotFoundError
from livermore.ml.dataset import Sample
from livermore.scale._shard import ShardReport, shard_path, stored_report, write_shard
from livermore.scale._state_digest import sample_digest
from livermore.scale._task import GatherTask
from livermore.scale._watch import Watch
from livermore.strategies import Strategy, load_strategies

__all__ = ["Outcome", "run_task"]

MONTH_MS = 30 * 86_400_000


class Outcome(NamedTuple):
    """What came of a task: a report, or the text of an error and its traceback."""

    task: GatherTask
    report: ShardReport | None
    error: str = ""
    traceback: str = ""


def run_task(task: GatherTask) -> Outcome:
    """Gather the samples of a task, unless its shard is complete already. An error is returned, not raised."""
    try:
        return Outcome(task, _gathered(task))
    except Exception as error:
        return Outcome(task, None, f"{type(error).__name__}: {error}", traceback.format_exc())


def _gathered(task: GatherTask) -> ShardReport:
    store = task.universe.open_store()
    path = shard_path(task, _candles_key(store, task))
    found = stored_report(path)
    if found is not None:
        return found
    samples, watch = _run(store, task)
    own = [sample for sample in samples if task.start <= 1000 * sample["time"] < task.finish]
    return write_shard(path, own, _about(task, samples, watch))


def _candles_key(store: CandleStore, task: GatherTask) -> str:
    """Return a hash of the candles of all symbols of the task, from their warm-up to the end of the run."""
    universe = task.universe
    return "".join(
        store.fingerprint(
            universe.exchange,
            symbol,
            universe.start - universe.warm_up_candles * timeframe_ms(timeframe),
            task.run_finish,
        )
        for symbol, timeframe in _timeframes(task).items()
    )


def _timeframes(task: GatherTask) -> dict[str, str]:
    """Return the longest timeframe of each symbol: its warm-up is counted in bars of it."""
    routes, data_routes = task.routes()
    longest: dict[str, str] = {}
    for route in (*routes, *data_routes):
        known = longest.get(route["symbol"], route["timeframe"])
        longest[route["symbol"]] = max(known, route["timeframe"], key=timeframe_ms)
    return longest


def _run(store: CandleStore, task: GatherTask) -> tuple[list[Sample], Watch]:
    """Run the backtest of a task, and return all samples that were recorded before it was ended."""
    universe = task.universe
    seams = [seam for seam, is_seam in ((task.start, task.begins_at_seam), (task.finish, task.ends_at_seam)) if is_seam]
    watch = Watch(_bars_before(store, task), seams, universe.bar_ms)
    routes, data_routes = task.routes()
    routes[0]["strategy"] = watch.watched(_strategy_class(task))
    candles, warm_up = {}, {}
    for symbol, timeframe in _timeframes(task).items():
        market = StoredMarket(store, universe.exchange, symbol)
        name, about = f"{universe.exchange}-{symbol}", {"exchange": universe.exchange, "symbol": symbol}
        rows = market.read(task.run_start, task.run_finish)
        if len(rows) == 0:
            raise CandlesNotFoundError(market.nothing_between(task.run_start, task.run_finish))
        candles[name] = {**about, "candles": rows}
        before = market.warmup_minutes(task.run_start, timeframe, universe.warm_up_candles)
        if before is not None:
            warm_up[name] = {**about, "candles": before}
    spec = BacktestSpec(
        {**universe.config, "exchange": universe.exchange},
        routes,
        data_routes,
        candles,
        warm_up or None,
        universe.hyperparameters,
        root=universe.root,
        ml_mode="gather",
    )
    session = spec.open()
    session.run()
    is_whole = not task.ends_at_seam
    return (session.data_points if is_whole else session.data_points[: watch.n_samples]), watch


def _strategy_class(task: GatherTask) -> type[Strategy]:
    strategy = task.universe.strategy
    return load_strategies([strategy], task.universe.root)[strategy] if isinstance(strategy, str) else strategy


def _bars_before(store: CandleStore, task: GatherTask) -> int:
    """Return how many bars a run over the whole period has before this one begins."""
    universe, total = task.universe, 0
    bars = universe.base.bars(universe.timeframe)
    for start in range(universe.start, task.run_start, MONTH_MS):  # month by month: a worker's memory stays small
        times = store.read(universe.exchange, task.symbol, start, min(start + MONTH_MS, task.run_start))[:, TIMESTAMP]
        # A bar is one of the run if its last candle is there.
        total += int(np.count_nonzero(universe.base.ends(times) == bars.ends(times)))
    return total


def _about(task: GatherTask, samples: list[Sample], watch: Watch) -> dict[str, Any]:
    """Return what the report says for the comparison with the parts before and after."""
    open_times = [1000 * time for time in watch.open_times]
    return {
        "open_at_finish": sum(task.start <= time < task.finish for time in open_times) if task.ends_at_seam else 0,
        "state_at_start": watch.states.get(task.start),
        "state_at_finish": watch.states.get(task.finish),
        "head": _hashes(samples, task, task.start) if task.begins_at_seam else [],
        "tail": _hashes(samples, task, task.finish) if task.ends_at_seam else [],
    }


def _hashes(samples: list[Sample], task: GatherTask, seam: int) -> list[tuple[int, str]]:
    """Return label time (UTC seconds) and hash of each sample in the bars after a seam, sorted."""
    end = seam + task.universe.overlap * task.universe.bar_ms
    return sorted((s["label_time"], sample_digest(s)) for s in samples if seam <= 1000 * s["time"] < end)
