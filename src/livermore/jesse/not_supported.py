"""Functions of `jesse.research` that livermore does not have. They can be imported, and say so when they are called."""

from typing import Any, NoReturn

from livermore.jesse.exceptions import NotSupportedError

__all__ = [
    "monte_carlo_candles",
    "monte_carlo_trades",
    "optimize",
    "plot_significance_test",
    "print_optimize_summary",
    "rule_significance_test",
]

SEARCH = (
    "call backtest in a loop over hyperparameters, or search with a library such as Optuna, and test what was chosen "
    "on later candles"
)
MONTE_CARLO = (
    "compare_backtests says how far a result may be chance: it resamples trades and compares with random filters"
)


def _refuse(name: str, instead: str) -> NoReturn:
    raise NotSupportedError(f"{name} is not part of livermore: {instead}")


def monte_carlo_candles(*args: Any, **kwargs: Any) -> NoReturn:
    """Refuse: candles are not resampled here.

    Raises
    ------
    NotSupportedError
        Always.

    Examples
    --------
    >>> monte_carlo_candles()
    Traceback (most recent call last):
    livermore.jesse.exceptions.NotSupportedError: monte_carlo_candles is not part of livermore: ...
    """
    _refuse("monte_carlo_candles", f"{MONTE_CARLO}; or call backtest on candles that you have changed")


def monte_carlo_trades(*args: Any, **kwargs: Any) -> NoReturn:
    """Refuse: trades are not shuffled here.

    Raises
    ------
    NotSupportedError
        Always.

    Examples
    --------
    >>> monte_carlo_trades()
    Traceback (most recent call last):
    livermore.jesse.exceptions.NotSupportedError: monte_carlo_trades is not part of livermore: ...
    """
    _refuse("monte_carlo_trades", MONTE_CARLO)


def optimize(*args: Any, **kwargs: Any) -> NoReturn:
    """Refuse: hyperparameters are not searched here.

    Raises
    ------
    NotSupportedError
        Always.

    Examples
    --------
    >>> optimize()
    Traceback (most recent call last):
    livermore.jesse.exceptions.NotSupportedError: optimize is not part of livermore: ...
    """
    _refuse("optimize", SEARCH)


def print_optimize_summary(*args: Any, **kwargs: Any) -> NoReturn:
    """Refuse: there is no `optimize`.

    Raises
    ------
    NotSupportedError
        Always.

    Examples
    --------
    >>> print_optimize_summary({})
    Traceback (most recent call last):
    livermore.jesse.exceptions.NotSupportedError: print_optimize_summary is not part of livermore: ...
    """
    _refuse("print_optimize_summary", SEARCH)


def rule_significance_test(*args: Any, **kwargs: Any) -> NoReturn:
    """Refuse: entry rules are not tested here.

    Raises
    ------
    NotSupportedError
        Always.

    Examples
    --------
    >>> rule_significance_test()
    Traceback (most recent call last):
    livermore.jesse.exceptions.NotSupportedError: rule_significance_test is not part of livermore: ...
    """
    _refuse("rule_significance_test", "compare_backtests tests a model's filter, check_strategy tests for look-ahead")


def plot_significance_test(*args: Any, **kwargs: Any) -> NoReturn:
    """Refuse: there is no `rule_significance_test`.

    Raises
    ------
    NotSupportedError
        Always.

    Examples
    --------
    >>> plot_significance_test({})
    Traceback (most recent call last):
    livermore.jesse.exceptions.NotSupportedError: plot_significance_test is not part of livermore: ...
    """
    _refuse("plot_significance_test", "compare_backtests has a report with figures")
