"""`gather_universe`: the samples of many symbols, gathered in parallel."""

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from livermore.candles import project_store
from livermore.engine import BacktestConfig
from livermore.errors import ConfigError, DateRangeError, FileError, LivermoreWarning
from livermore.jesse.helpers import date_to_timestamp
from livermore.ml.options import checked_n_jobs
from livermore.progress import ProgressBar
from livermore.scale._fan_out import outcomes
from livermore.scale._seams import Part, next_tasks
from livermore.scale._strategy_source import strategy_key
from livermore.scale._task import GatherTask, Universe, split_period
from livermore.scale._universe import Failure, GatheredUniverse, Shard, nothing_gathered
from livermore.scale._worker import Outcome
from livermore.strategies import Strategy, check_strategy_name

__all__ = ["gather_universe"]

DAY_MS = 86_400_000

#: The last report of each task that is done, by the task's name.
Done = dict[tuple[str, int], Part]


def gather_universe(
    strategy: str | type[Strategy],
    symbols: Sequence[str] | None,
    start: str,
    finish: str,
    config: Mapping[str, Any],
    *,
    timeframe: str = "15m",
    data_routes: Sequence[Mapping[str, Any]] = (),
    parts: int = 1,
    folder: str | Path | None = None,
    root: str | Path = ".",
    hyperparameters: Mapping[str, Any] | None = None,
    n_jobs: int | None = None,
    verbose: bool = True,
) -> GatheredUniverse:
    """Gather the samples of a strategy on many symbols, each in a backtest of its own, in parallel.

    Parameters
    ----------
    strategy : str or type
        Name of a strategy in ``strategies/``, or its class.
    symbols : sequence of str, or None
        The symbols; None for all that the candle store has of the exchange.
    start, finish : str
        Days, YYYY-MM-DD, UTC; `finish` is excluded. Warm-up candles come from before `start`.
    config : mapping
        As for `backtest`: ``exchange``, ``type``, ``starting_balance``, ``fee``, ``warm_up_candles``, …
    timeframe : str
        Timeframe of the routes.
    data_routes : sequence of mapping
        Further candles that the strategy reads: ``{"timeframe": "4h"}`` of its own symbol, or with a ``"symbol"``.
    parts : int
        In how many parts the period of each symbol is divided, for parallel work on few symbols over many years.
    folder : path-like, optional
        Where the shards are written; by default ``storage/samples/<Strategy>`` in the project.
    root : path-like
        The project folder: it holds ``strategies/`` and ``storage/candles``. On a cluster all machines must see it
        under this path.
    hyperparameters : mapping, optional
        Replace those of the strategy.
    n_jobs : int, optional
        Number of worker processes, as in joblib; None is what `joblib.parallel_config` sets, else all cores. With
        ``parallel_config(backend="ray")`` or ``"dask"`` the work goes to that cluster.
    verbose : bool
        Whether to show a progress bar, on a terminal or in a notebook.

    Returns
    -------
    GatheredUniverse
        It lists shards and failures; ``.dataset()`` reads the samples.

    Raises
    ------
    NoSamplesError
        If no symbol gave a sample.
    ConfigError, DateRangeError, StrategyError
        If an argument cannot be used. What fails on single symbols is not raised but listed in ``.failures``, with a
        warning.
    FileError
        If the folder cannot be made.
    WorkersLostError
        If worker processes are killed again and again.

    Notes
    -----
    A shard is written under a name that depends on all that its samples depend on: the strategy's source, config,
    period, candles and the version of livermore. A second call does only what is missing, also after a run that was
    killed. Shards of other sources or configs stay in the folder; delete it to have the space back.

    A period in several parts gives the samples of one run. Each part is begun earlier and ended later than it is; at
    the seams the strategy's attributes, position, orders and open samples are compared, and the samples of the first
    200 bars after them. Where two parts differ, as with a position that is open over the seam, the later one is run
    again from an earlier begin, at last from the beginning of the period. The comparison leaves out what a run adds up
    over its whole length: balance, closed trades, `trades_count`. A strategy whose samples depend on these, or that
    reads indicators with ``sequential=True`` that never forget, needs ``parts=1``.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.candles import project_store, synthetic_candles
    >>> from livermore.testing import ExampleStrategy
    >>> root = tempfile.mkdtemp()
    >>> for seed, symbol in enumerate(("AAA-USDT", "BBB-USDT")):
    ...     _ = project_store(root).write(synthetic_candles(10 * 1440, seed=seed), "Sandbox", symbol)
    >>> config = {"exchange": "Sandbox", "type": "spot", "starting_balance": 10_000, "fee": 0, "warm_up_candles": 10}
    >>> universe = gather_universe(
    ...     ExampleStrategy, None, "2021-01-02", "2021-01-09", config, root=root, n_jobs=1, verbose=False
    ... )
    >>> universe.symbols, universe.failures
    (('AAA-USDT', 'BBB-USDT'), ())
    >>> universe.dataset().feature_names
    ('change',)
    """
    checked_n_jobs(n_jobs)
    universe = _universe(strategy, start, finish, config, timeframe, data_routes, folder, root, hyperparameters)
    tasks = _tasks(universe, _symbols(universe, symbols), parts)
    done, failures = _run(universe, tasks, n_jobs, verbose)
    found = _collected(universe, tasks, done, failures)
    if failures:
        warnings.warn(
            f"{len(failures)} of {len({task.symbol for task in tasks})} symbols could not be gathered, the first is "
            f"{failures[0].symbol}: {failures[0].error}. All are in .failures, with their tracebacks.",
            LivermoreWarning,
            stacklevel=2,
        )
    return found


def _universe(
    strategy: str | type[Strategy],
    start: str,
    finish: str,
    config: Any,
    timeframe: str,
    data_routes: Sequence[Mapping[str, Any]],
    folder: str | Path | None,
    root: str | Path,
    hyperparameters: Mapping[str, Any] | None,
) -> Universe:
    """Check what all tasks have in common."""
    name = strategy if isinstance(strategy, str) else strategy.__name__
    check_strategy_name(name)
    if not isinstance(config, Mapping) or not isinstance(config.get("exchange"), str):
        raise ConfigError("config must name the exchange: the candles of its symbols are read from the store")
    home = Path(root).resolve()
    settings = {"warm_up_candles": 240, **config}
    base = BacktestConfig.from_dict(settings).base
    base.bars(timeframe)  # one that cannot be made of the base is an error before anything is read
    begin, end = date_to_timestamp(start), date_to_timestamp(finish)
    if begin >= end:
        raise DateRangeError(f"the start, {start}, must be before the finish, {finish}")
    return Universe(
        strategy=strategy,
        root=str(home),
        store=str(project_store(home, base).root),
        base=base,
        folder=str(home / "storage" / "samples" / name if folder is None else Path(folder).resolve()),
        exchange=config["exchange"],
        timeframe=timeframe,
        start=begin,
        finish=end,
        config=settings,
        data_routes=tuple(dict(route) for route in data_routes),
        hyperparameters=hyperparameters,
        strategy_key=strategy_key(strategy, str(home)),
    )


def _symbols(universe: Universe, symbols: Any) -> list[str]:
    """Return the symbols, each once."""
    if isinstance(symbols, str):
        raise ConfigError(f"symbols must be a list of symbols, not {symbols!r}: write [{symbols!r}]")
    if symbols is not None and not (isinstance(symbols, Iterable) and all(isinstance(name, str) for name in symbols)):
        raise ConfigError(
            f"symbols must be a list of symbols, such as ['BTC-USDT'], or None for all; it is {symbols!r}"
        )
    if symbols is None:
        stored = universe.open_store().symbols()
        symbols = [symbol for exchange, symbol in stored if exchange == universe.exchange]
    if not symbols:
        raise ConfigError(f"no symbol to gather: none is named, or no candles of {universe.exchange} are stored")
    return list(dict.fromkeys(symbols))


def _tasks(universe: Universe, symbols: Sequence[str], parts: int) -> list[GatherTask]:
    """Return all tasks; at seams, a part is run for as long before and after it as samples are compared."""
    if type(parts) is not int or parts < 1:
        raise ConfigError(f"parts must be a whole number from 1, not {parts!r}")
    periods = split_period(universe.start, universe.finish, parts, max(universe.bar_ms, DAY_MS))
    return [
        GatherTask(
            universe=universe, symbol=symbol, start=start, finish=finish, lead=universe.overlap, tail=universe.overlap
        )
        for symbol in symbols
        for start, finish in periods
    ]


def _run(
    universe: Universe, tasks: Sequence[GatherTask], n_jobs: int | None, verbose: bool
) -> tuple[Done, list[Failure]]:
    """Run all tasks, and again those parts that do not fit together; return the last report of each, and failures."""
    try:
        os.makedirs(universe.folder, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"the folder of the shards, {universe.folder}, cannot be made ({error}); choose another."
        ) from error
    done: Done = {}
    failed: dict[str, Failure] = {}
    waiting, n_done = list(tasks), 0
    with ProgressBar("Gathering", "tasks", enabled=verbose) as bar:
        while waiting:
            for outcome in outcomes(waiting, n_jobs):
                _keep(outcome, done, failed)
                n_done += 1
                bar(n_done, max(len(tasks), n_done))
            waiting = _not_fitting(tasks, done, failed)
    return done, [failed[symbol] for symbol in sorted(failed)]


def _keep(outcome: Outcome, done: Done, failed: dict[str, Failure]) -> None:
    task = outcome.task
    if outcome.report is None:
        failed.setdefault(task.symbol, Failure(task.symbol, outcome.error, outcome.traceback))
    else:
        done[task.name] = task, outcome.report


def _not_fitting(
    tasks: Sequence[GatherTask],
    done: Done,
    failed: Mapping[str, Failure],
) -> list[GatherTask]:
    """Return the parts that must be run again, of all symbols."""
    by_symbol: dict[str, list[Part]] = {}
    for task in tasks:
        if task.symbol not in failed:
            by_symbol.setdefault(task.symbol, []).append(done[task.name])
    return [task for parts in by_symbol.values() for task in next_tasks(parts)]


def _collected(
    universe: Universe,
    tasks: Sequence[GatherTask],
    done: Done,
    failures: Sequence[Failure],
) -> GatheredUniverse:
    """List what was gathered, and write the list."""
    folder, failed = Path(universe.folder), {failure.symbol for failure in failures}
    reports = [(task.symbol, done[task.name][1]) for task in tasks if task.symbol not in failed]
    shards = tuple(
        Shard(symbol, os.path.relpath(report.path, folder), report.n_samples)
        for symbol, report in reports
        if report.n_samples
    )
    recorded = {shard.symbol for shard in shards}
    silent = tuple(sorted({symbol for symbol, _ in reports} - recorded))
    if not shards:
        raise nothing_gathered(failures, silent)
    found = GatheredUniverse(folder, shards, tuple(failures), silent)
    found.write()
    return found
