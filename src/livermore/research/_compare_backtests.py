"""`compare_backtests`: judge whether a model helped its strategy."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livermore.comparison import Comparison, compare
from livermore.console import print_text
from livermore.engine import BacktestSpec
from livermore.engine.routes import with_strategy
from livermore.progress import ProgressBar

if TYPE_CHECKING:
    from livermore.strategies import Strategy

__all__ = ["compare_backtests"]

Candles = Mapping[str, Mapping[str, Any]]


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
    sanity: bool = True,
    hyperparameters: Mapping[str, Any] | None = None,
    root: str | Path | None = None,
    verbose: bool = True,
) -> Comparison:
    """Backtest a strategy without and with its model, and judge whether the difference is due to the model.

    Parameters
    ----------
    strategy : str or type or None
        Name or class; None if the routes name theirs.
    model : path-like, object or None
        The model's folder; or any object with `predict` or `predict_proba` of a dict of features; or the ``models`` of
        `walk_forward`; None for the model in the strategy's own folder.
    config, routes, data_routes, candles, warmup_candles, hyperparameters
        As for `backtest`; `strategy` may be left out of the routes.
    trials : int, optional
        How often these days were used to choose anything: model, features, threshold. By default the count of the
        ledger in the model's folder, this comparison included.
    draws, resamples : int
        Number of random filters, and of resamples for the intervals.
    seed : int
        Seed of both.
    sanity : bool
        Whether to run two more backtests with the model, with entries and with features one bar late, and to report
        costs, turnover and capacity.
    root : path-like, optional
        The folder that holds ``strategies/``; by default the working directory.
    verbose : bool
        Whether to print the report.

    Returns
    -------
    Comparison
        A dict. ``baseline`` and ``model``: `trades`, `fees`, `expectancy`, `win_rate`, `sharpe_ratio`,
        `max_drawdown`, `annual_return`, and the engine's own `metrics`. ``random``: for each figure `mean`, `low`,
        `high` over random filters, and the number of `draws`. ``difference``: for each figure `value`, `low`, `high`
        (95 %), `p_random`. ``verdict``: `helped` ("yes", "no", "cannot tell"), `p_value`, `trials`, `text`. Also
        `coverage`, `matched`, `by` (month, side, symbol), `equity`, `interval` (UTC seconds), `in_sample`, `sanity`
        (`livermore.sanity.sanity_of` of the backtest with the model, or None), `decisions`, `notes`, `name`, `setting`
        (markets, type, fee, leverage, model_version) and `created` (UTC seconds).

        ``decisions`` has a dict for each of up to three routes, those with the most decisions first: `symbol`,
        `timeframe`; of the days of the verdict the numbers `bars`, `asked` (bars with a prediction), `taken` (trades
        with the model), `refused` (trades of the baseline that were not made with the model though no position was
        held), `held` (those that were not made while one was held), and `lowest_taken` (the lowest prediction at which
        a trade was opened, if those of all refused signals are below; else None); and, for the 240 bars that hold the
        most trades and refused signals, `candles` (an array of UTC ms, open, close, high, low), `trades` and
        `refused_signals` (dicts of `side`, `opened`, `closed`: their bars in UTC ms, `entry_price`, `exit_price`,
        `return`: a fraction, net) and `predictions` (arrays: `time` in UTC ms, and a value per class).

    Raises
    ------
    StrategyError
        If the strategy makes no trade to compare.
    ConfigError
        If an argument has a value that it cannot have.

    Notes
    -----
    Without the model means ``ml_mode = "gather"``. A strategy that does not trade in that mode is run in deploy mode
    instead, with a stand-in that passes every signal with probability 1 (binary models only).

    The figures are built from closed trades: returns on the account at the time of opening, by day of closing. The
    engine's own metrics stand beside them and may differ a little, as they also know open profit.

    Random filters are not backtested one by one. They choose among all trades of the two backtests, each with its
    result there. That is exact where the trades of one symbol do not depend on those before, and close to exact where
    the two backtests share most trades; how many they do not share is in the result and in the notes. See
    `livermore.ml.evidence.compare_paired` for how they are drawn.

    Trades on days that the model was trained on say nothing about it. They are reported separately (`in_sample`), and
    the verdict rests on the others.

    Examples
    --------
    >>> from livermore.testing import example_backtest
    >>> class LargeRises:
    ...     def predict_proba(self, features):
    ...         passes = features["change"] > 0.001
    ...         return {0: 1.0 - passes, 1: float(passes)}
    >>> comparison = compare_backtests(None, LargeRises(), **example_backtest(), verbose=False, draws=200)
    >>> comparison["model"]["trades"] < comparison["baseline"]["trades"], comparison["verdict"]["helped"]
    (True, 'cannot tell')
    """
    spec = BacktestSpec(
        config, with_strategy(strategy, routes), data_routes, candles, warmup_candles, hyperparameters, root
    )
    with ProgressBar("Backtests without and with the model", "minutes", enabled=verbose) as bar:
        result = compare(
            spec, model, trials=trials, draws=draws, resamples=resamples, seed=seed, sanity=sanity, progress=bar
        )
    if verbose:
        print_text(result)
    return result
