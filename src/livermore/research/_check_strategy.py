"""`check_strategy`: look for look-ahead, and for behaviour that differs from run to run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from livermore.audit import StrategyCheck, check
from livermore.engine import BacktestSpec
from livermore.engine.routes import with_strategy
from livermore.progress import ProgressBar

if TYPE_CHECKING:
    from livermore.strategies import Strategy

__all__ = ["check_strategy"]

Candles = Mapping[str, Mapping[str, Any]]


def check_strategy(
    strategy: "str | type[Strategy] | None",
    config: Mapping[str, Any],
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]] | None,
    candles: Candles,
    warmup_candles: Candles | None = None,
    *,
    days: int | None = None,
    cuts: int = 8,
    seed: int = 0,
    hyperparameters: Mapping[str, Any] | None = None,
    root: Any = None,
) -> StrategyCheck:
    """Look for reasons why a backtest is better than live trading would be.

    Parameters
    ----------
    strategy : str or type or None
        Name or class; None if the routes name theirs.
    config, routes, data_routes, candles, warmup_candles, hyperparameters
        As for `backtest`; `strategy` may be left out of the routes.
    days : int, optional
        How many days of the candles are used, counted from their beginning; by default 30, or 1,000 candles if those
        are longer.
    cuts : int
        How many times the candles after a randomly chosen bar are replaced.
    seed : int
        Seed of the random choice of bars and replacements.
    root : path-like, optional
        The folder that holds ``strategies/``; by default the working directory.

    Returns
    -------
    StrategyCheck
        A dict with `ok`, `findings` and more; its text is a report.

    Raises
    ------
    LivermoreError
        If the strategy does not run at all.

    Notes
    -----
    *Determinism.* The backtest is run twice. A strategy that differs keeps state between runs, or draws random numbers
    without a seed.

    *Look-ahead.* Candles from some bar onwards are replaced. Features, labels and orders before it must not change.

    *Feed.* The candles are fed one minute at a time, so that later ones do not exist yet. Every event is compared with
    those of the usual backtest, in which the engine holds all candles.

    *Foresight.* Data that a strategy reads from elsewhere, such as a file, does not change with the candles. So the
    check measures how much of the next bars' return each feature explains, and how many entries go the right way: more
    than 30 % of the variance, or 85 % of the entries, is not plausible without look-ahead.

    *Labels.* A label that is known when its features are recorded may be contained in them.

    *Parity.* Features in deploy mode, with a stand-in model that lets every signal pass, are compared with those of
    gather mode at the same bars; and recorded features with those that `ml_features` returns.

    *Recursion.* A second backtest has twice the warm-up. A difference that fades means that the warm-up is too short; a
    difference that lasts means that the feature depends on where the data begin.

    *Delay.* A backtest in which entries come one bar late. The edge of a market decays over a bar; one that vanishes is
    faster than the strategy can trade, or was taken from prices that were not known yet. Beside it stand the costs at
    which nothing is earned, turnover, and the share of the market's volume, of the signals without a model.

    The checks are not complete: data from elsewhere with a small influence are not found.

    Examples
    --------
    >>> from livermore.testing import example_backtest
    >>> checked = check_strategy(None, **example_backtest(), days=2, cuts=2)
    >>> checked["ok"], checked["checks"]["look-ahead"]
    (True, 'passed')
    """
    spec = BacktestSpec(
        config, with_strategy(strategy, routes), data_routes, candles, warmup_candles, hyperparameters, root
    )
    with ProgressBar("Checks") as bar:
        return check(spec, days=days, cuts=cuts, seed=seed, progress=bar)
