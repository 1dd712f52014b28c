# cython: annotation_typing=False
"""What a strategy records, compiled: it may open a sample, and close one, on each bar."""

from collections.abc import Hashable, Mapping
from typing import Any

import cython

from livermore.errors import warn_uncompiled
from livermore.strategies._checked_features import DEFAULT_KEY, checked_features, checked_label
from livermore.strategies._market_data import Present
from livermore.strategies._plain_features import OpenPoint, labelled_sample
from livermore.strategies._ports import RoutePort

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Recorder"]


class Recorder(Present):
    """The part of a strategy that records samples."""

    def __init__(self) -> None:
        super().__init__()
        self._route: RoutePort = None  # type: ignore[assignment]  # set by the session
        self._open_points: dict[Hashable, OpenPoint] = {}
        self._ml_data_points: list[dict[str, Any]] = []

    def record_features(self, features: Mapping[str, Any], *, key: Hashable = DEFAULT_KEY, **extra: Any) -> None:
        """Open a sample with these features, or update the open one: its features and its time.

        Parameters
        ----------
        features : dict
            Names to numbers, bools, or None for missing.
        key : hashable, optional
            Names the sample, so that several may be open at once; `record_label` closes the one with the same key.
        **extra
            What else the sample carries, such as ``side`` or ``weight``.

        Raises
        ------
        FeatureError
            If a name is no string or a value no number; it names strategy, time and feature.

        Notes
        -----
        The sample's time is the opening time of the current candle, in seconds. It always is that of the candle whose
        features were recorded last: nothing older hides behind it.
        """
        time = self._candle_second()
        checked = checked_features(features, self, time)
        point = self._open_points.get(key)
        if point is None:
            self._open_points[key] = OpenPoint(time, checked, extra)
            return
        point.time = time
        point.features.update(checked)
        point.extra.update(extra)

    def record_label(self, name: str, value: bool | int | float, *, key: Hashable = DEFAULT_KEY) -> None:
        """Close the open sample with its label. With none open a line is logged and nothing recorded.

        Parameters
        ----------
        name : str
            What the label says.
        value : bool, int or float
            numpy's scalars become Python's.
        key : hashable, optional
            As given to `record_features`.

        Raises
        ------
        FeatureError
            If the value is none of the three.
        """
        now = self._clock_second()
        label = checked_label(name, value, self, now)
        point = self._open_points.pop(key, None)
        if point is None:
            where = "" if key is DEFAULT_KEY else f" with key {key!r}"
            self._route.run.log(
                f"record_label({name!r}) found no open sample{where}: call record_features first", "info"
            )
            return
        sample = labelled_sample(self, point, name, label, now)
        if key is not DEFAULT_KEY:
            sample["key"] = key
        self._ml_data_points.append(sample)
        self._route.run.sample(sample)
