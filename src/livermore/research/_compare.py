"""`compare_backtests`: did the model help? The same signals without it, with it, and with random filters."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.errors import ConfigError, NoSamplesError, StrategyError

if TYPE_CHECKING:
    from livermore.engine import SessionResult
    from livermore.ml.artifacts import Manifest
    from livermore.ml.evidence._paired import BetPool, Bets, PairedComparison
    from livermore.strategies import Strategy

__all__ = ["Comparison", "compare_backtests"]

Candles = Mapping[str, Mapping[str, Any]]

# Groups of fewer trades with the model than this tell nothing.
FEW_TRADES = 20
DAY = 86_400


class Comparison(dict[str, Any]):
    """What `compare_backtests` returns: a dict that can show itself as text, as HTML, and in a notebook."""

    def __str__(self) -> str:
        from livermore.ml.report._comparing import render_comparison

        return render_comparison(self)

    def to_html(self, path: str | Path | None = None) -> str:
        """Return the report as one HTML file that works offline, and write it if a path is given."""
        from livermore.ml.report._html import compare_report_html

        return compare_report_html(self, path)

    def _repr_html_(self) -> str:
        from livermore.ml.report._html import compare_report_html

        return compare_report_html(self, embed=True)


def compare_backtests(
    strategy: "str | type[Strategy] | None",
    model: str | Path | Any | None,
    config: Mapping[str, Any],
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]] | None,
    candles: Candles,
    warmup_candles: Candles | None = None,
    *,
    trials: int | None = None,
    draws: int = 2000,
    resamples: int = 1000,
    seed: int = 0,
    hyperparameters: Mapping[str, Any] | None = None,
    root: str | Path | None = None,
    verbose: bool = True,
) -> Comparison:
    """Backtest a strategy without and with its model, and say whether the difference is the model's doing.

    Parameters
    ----------
    strategy : str or type or None
        Name or class; None if the routes name theirs.
    model : path-like, object or None
        The model's folder, or anything with `predict` and `predict_proba` of a dict of features; None for the folder of
        the strategy itself.
    config, routes, data_routes, candles, warmup_candles, hyperparameters
        As for `backtest`; `strategy` may be left out of the routes.
    trials : int, optional
        How often these days were looked at to choose anything: model, features, threshold. By default what the ledger in
        the model's folder has counted, this comparison included.
    draws, resamples : int
        Random filters, and resamples for the intervals.
    seed : int
        Of both.
    root : path-like, optional
        The folder that holds ``strategies/``; by default the working directory.
    verbose : bool
        Whether to print the report.

    Returns
    -------
    Comparison
        A dict. ``baseline`` and ``model``: `trades`, `fees`, `expectancy`, `win_rate`, `sharpe_ratio`, `max_drawdown`,
        `annual_return`, and the engine's own `metrics`. ``random``: for each figure `mean`, `low`, `high` over random
        filters, and the number of `draws`. ``difference``: for each figure `value`, `low`, `high` (95 %), `p_random`.
        ``verdict``: `helped` ("yes", "no", "cannot tell"), `p_value`, `trials`, `text`. Also `coverage`, `matched`,
        `by` (month, side, symbol), `equity`, `interval` (UTC seconds), `in_sample`, `notes`, `name`.

    Raises
    ------
    StrategyError
        If the strategy makes no trade to compare.
    ConfigError
        If an argument cannot be what it is.

    Notes
    -----
    Without the model means ``ml_mode = "gather"``. If the strategy does not trade then, as one that only observes, it is
    run in deploy mode with a stand-in that passes every signal with probability 1 (binary models).

    The figures are built from closed trades: returns on the account at the time of opening, by day of closing. The
    engine's own metrics stand beside them and may differ a little, as they also know open profit.

    Random filters are not backtested one by one. They choose among all trades that either run made, each with the result
    that it had there. That is exact where the trades of one symbol do not depend on those before, and close to it where
    the runs share most trades; how many they do not share is in the result and in the notes. See
    `livermore.ml.evidence.compare_paired` for how they are drawn.

    Trades on days that the model was trained on say nothing about it. They are counted apart (`in_sample`) and the
    verdict rests on the others.
    """
    from livermore.ml.evidence._paired import compare_paired, match_bets

    _check_counts(trials, draws, resamples)
    named = [{"strategy": strategy, **route} if strategy is not None else dict(route) for route in routes]
    runs = _Runs(config, named, data_routes, candles, warmup_candles, hyperparameters, root)
    with_model = runs.deployed(model)
    manifest = _manifest(runs.folder)
    without, how = _baseline(runs, manifest)
    start, end = runs.interval
    fresh = _out_of_sample_from(manifest, start, end)
    bets, bets_with = _bets(without), _bets(with_model)
    notes = [how] if how else []
    if fresh is None or not _some_after(fresh, bets, bets_with):
        fresh_pool, counted_from = match_bets(bets, bets_with), start
    else:
        fresh_pool, counted_from = match_bets(_after(bets, fresh), _after(bets_with, fresh)), fresh
    looks, look_note = _trials(trials, runs, with_model, counted_from, end)
    compared = compare_paired(
        fresh_pool,
        start=counted_from,
        end=end,
        trials=looks,
        n_draws=draws,
        n_resamples=resamples,
        random_state=seed,
    )
    all_in_sample = fresh is not None and counted_from == start and fresh > start
    notes += [look_note, *_pool_notes(fresh_pool)]
    notes += _in_sample_notes(fresh, start, end, all_in_sample)
    result = Comparison(
        baseline=_side(compared.without, without, fresh_pool.without),
        model=_side(compared.with_model, with_model, fresh_pool.with_model),
        random={"draws": draws, **compared.random},
        difference=compared.difference,
        verdict=_verdict(compared, fresh_pool, all_in_sample),
        coverage=_coverage(fresh_pool),
        matched=fresh_pool.n_matched,
        by=_by_group(fresh_pool),
        equity={name: values.tolist() for name, values in compared.equity.items()},
        interval=(counted_from, end),
        in_sample=None if fresh is None else _in_sample(bets, bets_with, fresh),
        notes=[note for note in notes if note],
        name=_name(named),
    )
    if verbose:
        print(result)
    return result
