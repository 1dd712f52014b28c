# cython: annotation_typing=False, nonecheck=True
"""`record_features` and `record_label`. Compiled: a strategy may open a sample, and close one, on each bar."""

from collections.abc import Hashable, Mapping
from typing import Any

import cython

from livermore.errors import warn_uncompiled
from livermore.strategies._market_data import MarketData
from livermore.strategies._open_sample import DEFAULT_KEY, OpenSample, labelled_sample
from livermore.strategies._recorded_values import checked_extra, checked_features, checked_key, checked_label

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Recorder"]


class Recorder(MarketData):
    """The part of a strategy that records samples."""

    @property
    def _ml_data_points(self) -> list[dict[str, Any]]:
        """The labelled samples of this strategy, under Jesse's name, which tools made for Jesse read."""
        return self._livermore.samples

    def record_features(self, features_dict: Mapping[str, Any], *, key: Hashable = DEFAULT_KEY, **extra: Any) -> None:
        """Open a sample with these features, or update the open one: its features and its time.

        Parameters
        ----------
        features_dict : dict
            Names to numbers, bools, or None for missing.
        key : str or int, optional
            Names the sample, so that several may be open at once; `record_label` closes the one with the same key.
            Integers must fit into 64 bits. Tuples of strings and integers are possible, too.
        **extra
            What else the sample carries: ``side``, ``weight``, ``payoff``. Nothing else can be given.

        Raises
        ------
        FeatureError
            If a name cannot be that of a feature, a value is infinite or no number, or a key or something else cannot
            be kept; it names strategy, time and feature.

        Notes
        -----
        The sample's time is the opening time of the current candle, UTC seconds. After an update it is that of the
        candle whose features were recorded last, so no feature is newer than the sample's time says.
        """
        # The opening time of the candle: Jesse stamps samples with it.
        time = self._candle_second()
        state = self._livermore
        checked = checked_features(features_dict, self, time, state.feature_names)
        if extra:
            checked_extra(extra, self, time)
        if key is not DEFAULT_KEY:
            key = checked_key(key, self, time)
        open_samples = state.open_samples
        sample = open_samples.get(key)
        if sample is None:
            open_samples[key] = OpenSample(time, checked, extra)
            return
        sample.time = time
        sample.features.update(checked)
        sample.extra.update(extra)

    def record_label(self, name: str, value: bool | int | float, *, key: Hashable = DEFAULT_KEY) -> None:
        """Close the open sample with its label. With none open a line is logged and nothing recorded.

        Parameters
        ----------
        name : str
            What the label says.
        value : bool, int or float
            numpy's scalars become Python's.
        key : str or int, optional
            As given to `record_features`.

        Raises
        ------
        FeatureError
            If the value is none of the three, or not finite, or if name or key cannot be kept.
        """
        # A label is known at the end of the current minute, not when its candle opened.
        now = self._clock_second()
        label = checked_label(name, value, self, now)
        if key is not DEFAULT_KEY:
            key = checked_key(key, self, now)
        state = self._livermore
        opened = state.open_samples.pop(key, None)
        if opened is None:
            where = "" if key is DEFAULT_KEY else f" with key {key!r}"
            self._route.session.log(
                f"record_label({name!r}) found no open sample{where}: call record_features first", "info"
            )
            return
        sample = labelled_sample(self, opened, name, label, now)
        if key is not DEFAULT_KEY:
            sample["key"] = key
        # Kept twice: by strategy, for export_ml_data, and by session, for the order over all routes.
        state.samples.append(sample)
        self._route.session.add_sample(sample)
