"""A strategy that is watched while it runs: in which state it is at the seams, and what it recorded before the end."""

from collections.abc import Iterable
from typing import Any

from livermore.candles import TIMESTAMP
from livermore.scale._state_digest import state_digest
from livermore.strategies import Strategy, state_of

__all__ = ["Watch"]


class Watch:
    """What one run of one strategy leaves for the comparison with its neighbours.

    Parameters
    ----------
    first_index : int
        The `index` of the strategy in its first bar: that of a run from the beginning of the whole period.
    seams : iterable of int
        Times at which the state is taken, UTC ms.
    bar_ms : int
        Length of a bar, ms.

    Attributes
    ----------
    states : dict of int to str or None
        Hash of the state at each seam that was reached: at the beginning of the hooks of the last bar before it.
    n_samples : int or None
        How many samples were recorded before the run was ended; its end closes positions, and with them samples, that
        a longer run would not have closed then.
    open_times : list of int
        Times of the samples that were open then, UTC seconds.
    """

    def __init__(self, first_index: int, seams: Iterable[int], bar_ms: int) -> None:
        self.states: dict[int, str | None] = {}
        self.n_samples: int | None = None
        self.open_times: list[int] = []
        self._first_index = first_index
        self._ahead = sorted(seams)
        self._bar_ms = bar_ms
        self._is_first_bar = True

    def watched(self, kind: type[Strategy]) -> type[Strategy]:
        """Return a subclass of the same name whose hooks report to this object before they do what they do."""
        watch = self

        def before(self: Strategy) -> None:
            watch.bar(self)
            kind.before(self)

        def before_terminate(self: Strategy) -> None:
            watch.end(self)
            kind.before_terminate(self)

        hooks: dict[str, Any] = {"before": before, "before_terminate": before_terminate}
        names = {name: getattr(kind, name) for name in ("__module__", "__qualname__", "__doc__")}
        return type(kind.__name__, (kind,), {**names, **hooks})

    def bar(self, strategy: Strategy) -> None:
        """Note the state, if this bar is the last one before a seam."""
        if self._is_first_bar:
            self._is_first_bar = False
            strategy.index = self._first_index
        # With a gap in the candles the bar just before the seam is missing, and the next one is taken: by both runs.
        while self._ahead and strategy.candles[-1, TIMESTAMP] >= self._ahead[0] - self._bar_ms:
            self.states[self._ahead.pop(0)] = state_digest(strategy)

    def end(self, strategy: Strategy) -> None:
        """Note what is there before the run is ended."""
        state = state_of(strategy)
        self.n_samples = len(state.samples)
        self.open_times = [sample.time for sample in state.open_samples.values()]
        self.open_times += [point.time for point, _ in state.open_observations.pending()]
