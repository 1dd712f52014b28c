"""The features of one sample, as a strategy gives them: their names, their values, and what is unusual about them."""

import math
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np

from livermore.errors import FeatureError
from livermore.ml.artifacts import LoadedModel
from livermore.ml.inference._policy import MARGIN, UnusualValue
from livermore.typing import Floats


class FeatureCheck:
    """Orders the features of one sample as a model takes them, and compares them with its training.

    Parameters
    ----------
    loaded : LoadedModel
        Its manifest holds names and ranges. Without one, as in Jesse's folders, the names are those of the importance
        table, or unknown, and there are no ranges.
    n_features : int
        How many features the model takes.

    Attributes
    ----------
    names : tuple of str or None
        In the model's order; None if they are not known.
    may_miss : tuple of bool
        Whether each feature was missing in training at times, so that NaN is a value like any other.
    margin : float
        With which `low` and `high` were made.
    low, high : ndarray of shape (n_features,)
        A value between them is usual.
    """

    def __init__(self, loaded: LoadedModel, n_features: int) -> None:
        self.folder = loaded.folder
        self.n_features = n_features
        self._ranges = () if loaded.manifest is None else loaded.manifest.features
        self.names = _names(loaded)
        self._name_set = frozenset(self.names or ())
        missing = {feature.name for feature in self._ranges if feature.missing}
        self.may_miss = tuple(name in missing for name in self.names or n_features * [None])
        self.set_margin(MARGIN)

    def set_margin(self, margin: float) -> None:
        """Widen the ranges of the training by `margin` times their widths.

        A feature that was constant or a bool in training has no range.
        """
        low, high = np.full(self.n_features, -sys.float_info.max), np.full(self.n_features, sys.float_info.max)
        for k, feature in enumerate(self._ranges):
            width = feature.high - feature.low
            if width > 0 and not feature.is_bool:
                low[k], high[k] = feature.low - margin * width, feature.high + margin * width
        # However wide the margin, infinity stays outside.
        self.low, self.high = np.maximum(low, -sys.float_info.max), np.minimum(high, sys.float_info.max)
        self.margin = margin

    def names_in(self, features: Mapping[str, Any]) -> tuple[str, ...]:
        """Check the names of one sample's features, and return them in the model's order."""
        if type(features) is not dict and not isinstance(features, Mapping):  # the second test is a slow one
            raise FeatureError(f"features must be a dict of name to number, not {features!r}.")
        names = self.names
        if names is None:
            names = tuple(sorted(features))
            if len(names) != self.n_features:
                raise FeatureError(
                    f"the model in {self.folder} takes {self.n_features} features, and {len(names)} were given: "
                    f"{', '.join(names)}."
                )
        elif features.keys() != self._name_set:
            raise self._differing_names(features, names)
        return names

    def row(self, features: Mapping[str, Any]) -> tuple[tuple[str, ...], Floats]:
        """Return names and values of one sample's features, in the model's order."""
        names = self.names_in(features)
        values = [features[name] for name in names]
        numbers = [
            value if type(value) is float else _number(value, name) for name, value in zip(names, values, strict=True)
        ]
        return names, np.array(numbers)

    def unusual(self, row: Floats, names: tuple[str, ...]) -> tuple[UnusualValue, ...]:
        """Return the values that the model has not seen in training."""
        usual = (row >= self.low) & (row <= self.high)
        if usual.all():
            return ()
        found = (self._unusual(k, names[k], float(row[k])) for k in np.flatnonzero(~usual).tolist())
        return tuple(value for value in found if value is not None)

    def refusal(self, unusual: UnusualValue) -> FeatureError:
        """Say what to do about a value that the policy refuses."""
        return FeatureError(
            f"{unusual} The model is in {self.folder}. To let such bars pass without trading, set ml_policy = "
            "'skip' on the strategy; to predict all the same, 'allow'"
            + ("; ml_range_margin says what is far." if unusual.reason == "outside" else ".")
        )

    def _unusual(self, column: int, name: str, value: float) -> UnusualValue | None:
        if math.isnan(value):
            return None if self.may_miss[column] else UnusualValue(name, value, "missing")
        if math.isinf(value):
            return UnusualValue(name, value, "infinite")
        return UnusualValue(name, value, "outside", self._ranges[column].low, self._ranges[column].high)

    def _differing_names(self, features: Mapping[str, Any], names: tuple[str, ...]) -> FeatureError:
        """Say which features are missing and which the model does not know."""
        lacking = [name for name in names if name not in features]
        unknown = sorted(str(name) for name in features.keys() - set(names))
        parts = []
        if lacking:
            parts.append(f"missing: {', '.join(map(repr, lacking))}")
        if unknown:
            parts.append(f"unknown: {', '.join(_hinted(name, lacking or names) for name in unknown)}")
        return FeatureError(
            f"the features do not fit the model in {self.folder}; {'; '.join(parts)}. ml_features() must return "
            "what the model was trained on: change it back, or gather and train again."
        )


def _names(loaded: LoadedModel) -> tuple[str, ...] | None:
    """Return the names in the model's order: from the manifest, else from Jesse's importance table, else unknown."""
    if loaded.manifest is not None:
        return loaded.manifest.feature_names
    if loaded.feature_importance is not None and "feature_names" in loaded.feature_importance:
        return tuple(loaded.feature_importance["feature_names"])
    return None


def _number(value: Any, name: str) -> float:
    """Turn one value into a float, None into NaN."""
    if value is None:
        return math.nan
    if isinstance(value, str):
        raise FeatureError(f"feature {name!r} must be a number, not the text {value!r}.")
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise FeatureError(f"feature {name!r} must be a number, not {type(value).__name__} {value!r}.") from error


def _hinted(name: str, candidates: tuple[str, ...] | list[str]) -> str:
    """Quote a name and add the candidate that it resembles."""
    close = get_close_matches(name, candidates, n=1)
    return f"{name!r} (did you mean {close[0]!r}?)" if close else repr(name)
