"""Conformance of strategies: inherit the suite, say what to run, and your strategy is checked as ours are."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from livermore.audit import StrategyCheck
from livermore.research import check_strategy

__all__ = ["StrategySuite", "assert_no_peeking"]

# What a strategy must never do. Parity and recursion are about care, not about the future.
PEEKING = ("look-ahead", "feed", "foresight", "labels", "determinism")


def assert_no_peeking(
    strategy: Any,
    config: Mapping[str, Any],
    routes: Sequence[Mapping[str, Any]],
    data_routes: Sequence[Mapping[str, Any]] | None,
    candles: Mapping[str, Mapping[str, Any]],
    warmup_candles: Mapping[str, Mapping[str, Any]] | None = None,
    **options: Any,
) -> StrategyCheck:
    """Fail if a strategy knows what it cannot know yet, or behaves differently the second time.

    Parameters
    ----------
    strategy, config, routes, data_routes, candles, warmup_candles, **options
        As for `livermore.research.check_strategy`.

    Returns
    -------
    StrategyCheck
        All that the check found, warnings too.

    Raises
    ------
    AssertionError
        If anything was found; the message is the report, which names feature and bar.
    """
    found = check_strategy(strategy, config, routes, data_routes, candles, warmup_candles, **options)
    _assert_passed(found, PEEKING)
    return found


class StrategySuite:
    """What can be asked of any strategy, as tests.

    A subclass provides `arguments`, which returns what `check_strategy` is called with. The check is run once for all
    tests.

    Examples
    --------
    In a test module pytest runs all tests of such a class; here one of them:

    >>> from livermore.testing import ExampleStrategy, example_backtest
    >>> class TestExampleStrategy(StrategySuite):
    ...     def arguments(self):
    ...         return {"strategy": ExampleStrategy, **example_backtest(days=1)}
    >>> TestExampleStrategy().test_it_does_something()
    """

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of `check_strategy`, by name."""
        raise NotImplementedError("A StrategySuite needs arguments() -> dict of what check_strategy takes.")

    @classmethod
    @cache
    def _check(cls) -> StrategyCheck:
        return check_strategy(**cls().arguments())

    def test_it_does_something(self) -> None:
        """There are features, labels or orders, so that there is something to check."""
        assert self._check()["events"] > 0

    def test_another_future_changes_nothing_before_it(self) -> None:
        """Features, labels and orders depend on what was known."""
        _assert_passed(self._check(), ("look-ahead",))

    def test_candle_by_candle_it_does_the_same(self) -> None:
        """A live session, which has no future, computes and decides to the bit what the backtest does."""
        _assert_passed(self._check(), ("feed",))

    def test_nothing_foretells_prices(self) -> None:
        """No feature and no entry knows more of the next bars than can be known."""
        _assert_passed(self._check(), ("foresight",))

    def test_labels_come_later_than_features(self) -> None:
        """A sample's features are recorded before its label is known."""
        _assert_passed(self._check(), ("labels",))

    def test_deploying_computes_what_was_gathered(self) -> None:
        """Features are the same in both modes."""
        _assert_passed(self._check(), ("parity",))

    def test_it_forgets_where_the_data_begin(self) -> None:
        """With more warm-up, features become the same in the end."""
        _assert_passed(self._check(), ("recursion",))

    def test_a_second_run_is_the_same(self) -> None:
        """No state survives a run, and nothing is drawn without a seed."""
        _assert_passed(self._check(), ("determinism",))


def _assert_passed(found: StrategyCheck, checks: Sequence[str]) -> None:
    if any(finding.check in checks for finding in found["findings"]):
        raise AssertionError(str(found))
