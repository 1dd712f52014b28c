"""`Strategy.observe`: features become a sample when a label object has found their label."""

import dataclasses
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from livermore.candles import TIMESTAMP
from livermore.errors import DatasetError
from livermore.strategies._open_sample import DEFAULT_KEY, OpenSample, labelled_sample
from livermore.strategies._protocols import RouteProtocol
from livermore.strategies._recorded_values import Origin, checked_extra, checked_features, checked_key, checked_label
from livermore.strategies.state import StrategyState
from livermore.trading import ClosedTrade
from livermore.typing import Rows

if TYPE_CHECKING:
    from livermore.ml.labels import Label, Observer, Outcome
    from livermore.strategies._strategy import Strategy

__all__ = ["ObservingMixin", "OpenObservations"]


class ObservingMixin:
    """The part of `Strategy` that observes."""

    ml_mode: str
    _livermore: StrategyState

    def observe(
        self,
        features: Mapping[str, Any] | Callable[[], Mapping[str, Any]],
        label: "Label",
        *,
        side: str | None = None,
        key: Hashable = DEFAULT_KEY,
    ) -> None:
        """Record features now; they become a sample when their label is known. Any number may be open at once.

        In deploy mode nothing happens.

        Parameters
        ----------
        features : dict or callable
            Names to numbers, bools, or None for missing; or the method that returns them (``self.ml_features``), which
            is then not called in deploy mode.
        label : label
            Any of `livermore.ml.labels`: `TripleBarrier`, `FixedHorizon`, `TradeOutcome`; or an object of that shape.
        side : {"long", "short"}, optional
            The side of the signal, where the label has none: it then labels as if it had been made with this one.
        key : hashable, optional
            Names the observation. One that is still open under the same key is dropped, as for the signal of an entry
            that was never filled; without a key none ever is. The sample carries it.

        Raises
        ------
        FeatureError
            If a name is no string or a value no number; it names strategy, time and feature.
        DatasetError
            If `label` is no label, cannot start at this price, or has another side.

        Notes
        -----
        The sample's time is the opening time of the current candle, UTC seconds, and the label's starting price is the
        current price. The candles after the current one decide the label, each before the hooks of its bar, and so do
        the trades that this strategy closes. ``label_time`` is when the label became known, UTC seconds: the end of the
        deciding candle, or the minute of the closing fill. A sample thus equals one that `record_label` closes at that
        time. Observations that are open at the end of the run are counted, and never labelled.

        A candle in which price meets both barriers is walked as the engine walks it when it fills orders; see
        `livermore.ml.labels.TripleBarrier`.

        Examples
        --------
        Every eighth bar of a day of 15-minute candles is observed for twelve bars, so that two overlap:

        >>> from livermore import Strategy
        >>> from livermore.candles import synthetic_candles
        >>> from livermore.ml.labels import TripleBarrier
        >>> from livermore.research import gather_ml_data
        >>> class Observer(Strategy):
        ...     label = TripleBarrier(upper=0.01, lower=0.01, bars=12, unit="fraction")
        ...
        ...     def ml_features(self):
        ...         return {"body": self.close / self.open - 1}
        ...
        ...     def before(self):
        ...         if self.index % 8 == 0:
        ...             self.observe(self.ml_features(), label=self.label)
        ...
        ...     def should_long(self):
        ...         return False
        ...
        ...     def go_long(self): ...
        >>> place = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
        >>> found = gather_ml_data(
        ...     {"exchange": "Sandbox", "type": "spot", "starting_balance": 1_000, "fee": 0, "warm_up_candles": 0},
        ...     [{**place, "timeframe": "15m", "strategy": Observer}],
        ...     [],
        ...     {"Sandbox-BTC-USDT": {**place, "candles": synthetic_candles(1440, seed=1)}},
        ...     csv_path=None,
        ...     verbose=False,
        ... )
        >>> [(s["label_time"] - s["time"]) // 60 for s in found["data_points"]][:3]
        [195, 195, 195]
        """
        if self.ml_mode == "deploy":
            return
        self._livermore.open_observations.add(features() if callable(features) else features, label, side, key)


@dataclasses.dataclass(slots=True, eq=False)
class Observation:
    """Features, and what watches for their label."""

    point: OpenSample
    name: str
    observer: "Observer"


class OpenObservations:
    """A strategy's observations whose label is not known yet, in the order in which they were made."""

    __slots__ = ("_newest", "_open", "_strategy")

    def __init__(self, strategy: "Strategy") -> None:
        self._strategy = strategy
        self._open: dict[Hashable, Observation] = {}
        # Opening time (UTC ms) of the newest candle that needs no more looking at; None before the first observation.
        self._newest: float | None = None

    def __len__(self) -> int:
        return len(self._open)

    def pending(self) -> list[tuple[OpenSample, "Observer"]]:
        """Return each open observation: its features, and what watches for their label."""
        return [(observation.point, observation.observer) for observation in self._open.values()]

    def add(self, features: Mapping[str, Any], label: "Label", side: str | None, key: Hashable) -> None:
        """Open an observation."""
        strategy, route = self._strategy, self._strategy._route
        opened_at = route.candles.value(TIMESTAMP)
        time = int(opened_at / 1000)
        origin = Origin(strategy, time)
        sided = _with_side(label, side, origin)
        side = side or sided.side
        extra: dict[str, Any] = {} if side is None else {"side": side}
        if key is not DEFAULT_KEY:
            extra["key"] = key = checked_key(key, strategy, time)
        observation = Observation(
            OpenSample(time, checked_features(features, strategy, time, strategy._livermore.feature_names), extra),
            sided.name,
            sided.start(route.market.last_price, _now(route)),
        )
        # Removed first, so that the new one takes its place at the end.
        self._open.pop(key, None)
        self._open[observation if key is DEFAULT_KEY else key] = observation
        if self._newest is None:
            self._newest = opened_at
            route.session.observe(self.take_candle, strategy)

    def take_candle(self, candle: Rows) -> None:
        """Show a completed candle of the route, shape (6,), to all observations that were made before it opened."""
        if self._open:
            now = _now(self._strategy._route)
            for row in self._unseen(candle):
                self._show(row, now)
        self._newest = float(candle[TIMESTAMP])

    def take_trade(self, trade: ClosedTrade) -> None:
        """Show a trade that the strategy has closed just now to all observations."""
        now = _now(self._strategy._route)
        for key, observation in list(self._open.items()):
            outcome = observation.observer.trade_closed(trade, now)
            if outcome is not None:
                self._finish(key, observation, outcome)

    def _unseen(self, newest: Rows) -> list[Rows]:
        """Return the candles that were not shown yet, oldest first.

        They are several where the last minute of a candle is missing, for then the strategy had no bar at its end.
        """
        view = self._strategy._route.candles.view()
        rows, seen = [newest], self._newest
        assert seen is not None
        while len(rows) < len(view) and view[-len(rows) - 1, TIMESTAMP] > seen:
            rows.append(view[-len(rows) - 1])
        return rows[::-1] if newest[TIMESTAMP] > seen else []

    def _show(self, candle: Rows, now: int) -> None:
        opened_at, open, close, high, low, _ = candle.tolist()
        for key, observation in list(self._open.items()):
            # An observation from within a candle, as in the hook of a fill, does not see that one: part of it is past.
            if opened_at <= 1000 * observation.point.time:
                continue
            outcome = observation.observer.update(open, close, high, low, now)
            if outcome is not None:
                self._finish(key, observation, outcome)

    def _finish(self, key: Hashable, observation: Observation, outcome: "Outcome") -> None:
        """Record the sample."""
        del self._open[key]
        strategy, point, name = self._strategy, observation.point, observation.name
        value = checked_label(name, outcome.value, strategy, outcome.time)
        point.extra["payoff"] = float(outcome.payoff)
        checked_extra(point.extra, strategy, outcome.time)
        sample = labelled_sample(strategy, point, name, value, int(outcome.time))
        strategy._livermore.samples.append(sample)
        strategy._route.session.add_sample(sample)


def _now(route: RouteProtocol) -> int:
    return int(route.clock.now / 1000)


def _with_side(label: "Label", side: str | None, origin: Origin) -> "Label":
    """Return the label for a signal of that side; refuse what is no label."""
    if isinstance(label, type) or not all(hasattr(label, name) for name in ("name", "side", "start")):
        raise DatasetError(
            f"{origin}: label must be a label such as TripleBarrier(upper=…, lower=…, bars=…), FixedHorizon(bars=…) or "
            f"TradeOutcome() of livermore.ml.labels, not {label!r}"
        )
    if side is None or side == label.side:
        return label
    if label.side is not None:
        raise DatasetError(f"{origin}: side is {side!r}, but the label's own is {label.side!r}; give one of them")
    if not dataclasses.is_dataclass(type(label)):
        return label
    own: Any = label
    sided: Label = dataclasses.replace(own, side=side)
    return sided
