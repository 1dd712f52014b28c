"""Where the labels of a live session come from: its strategies in gather mode, on the same minutes."""

from collections.abc import Iterator, Mapping
from typing import Any

from livermore.engine import BacktestSpec
from livermore.live._feeds import Minute
from livermore.strategies import state_of

__all__ = ["LabelSession"]


class LabelSession:
    """A second session with the strategies in gather mode, on paper. Only its samples are journalled.

    A strategy records samples in gather mode only, and in deploy mode it takes no trades of which its model expects
    nothing, so that it would never learn how those end. The samples are those that gathering over the same candles
    gives.

    Parameters
    ----------
    spec : BacktestSpec
        Of the live session.
    start : int
        UTC ms.
    """

    def __init__(self, spec: BacktestSpec, start: int) -> None:
        self._session = spec.with_(ml_mode="gather", log_trades=False).open_fed(start)
        self._strategies = {runner.spec.symbol: runner.strategy for runner in self._session.runners}
        self._taken = 0
        with self._session.running():
            self._session.start()

    def feed(self, minute: Minute) -> list[dict[str, Any]]:
        """Run one minute, and return the samples of which the label became known in it."""
        with self._session.running():
            self._session.feed(minute.rows)
        found = self._session.data_points[self._taken :]
        self._taken += len(found)
        return found

    def open_bars(self, route: str) -> set[int]:
        """Return the opening times (UTC s) of the bars of all samples that wait for their label."""
        return {time for time, _ in self._open_samples(route)}

    def is_open(self, route: str, bar: int, features: Mapping[str, Any]) -> bool:
        """Return whether a sample of this bar, with these features, waits for its label."""
        return any(time == bar and _are_equal(features, found) for time, found in self._open_samples(route))

    def _open_samples(self, route: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        state = state_of(self._strategies[route])
        for sample in state.open_samples.values():
            yield sample.time, sample.features
        for sample, _ in state.open_observations.pending():
            yield sample.time, sample.features


def _are_equal(given: Mapping[str, Any], recorded: Mapping[str, Any]) -> bool:
    """Return whether the features that a model was given are among those of a sample, with the same values."""
    return all(name in recorded and _is_equal(value, recorded[name]) for name, value in given.items())


def _is_equal(first: Any, second: Any) -> bool:
    missing = [value is None or value != value for value in (first, second)]
    return all(missing) or bool(first == second)
