"""The predictor of a strategy: loads its model when first asked, checks names and values, answers for one sample."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from livermore.errors import FeatureError, ModelError
from livermore.ml.artifacts import LoadedModel, load_model
from livermore.ml.inference._row import Row, RowModel, row_model

Answer = TypeVar("Answer")


def load_predictor(folder: Path | str) -> "Predictor":
    """Return the predictor of a strategy's folder. The model is loaded when it is first asked.

    Parameters
    ----------
    folder : path-like
        The folder that holds ``model.pkl`` and ``scaler.pkl``.

    Returns
    -------
    Predictor
    """
    return Predictor(folder)


class Predictor:
    """Asks one model about one sample at a time.

    The first call loads the model and keeps it: a model that is saved to the folder later is seen by a new predictor. A
    second call with the same values is a look-up.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._opened: _Opened | None = None

    def __repr__(self) -> str:
        return f"Predictor({str(self.folder)!r})"

    @property
    def model(self) -> Any:
        """The fitted estimator; loads it."""
        return self._open().loaded.model

    @property
    def scaler(self) -> Any:
        """The fitted scaler; loads it."""
        return self._open().loaded.scaler

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """The features that the model takes, in its order; None if its folder does not say. Loads the model."""
        return self._open().names

    @property
    def classes(self) -> tuple[int, ...] | None:
        """The classes that the model knows; None for regression. Loads the model."""
        return self._open().classes

    def predict(self, features: Mapping[str, Any]) -> float:
        """Predict the label of one sample.

        Parameters
        ----------
        features : dict
            Name to number, with exactly the names that the model was trained on, in any order.

        Returns
        -------
        float
            The predicted number; of a classifier, the predicted class.

        Raises
        ------
        ModelNotFoundError
            If there is no model in the folder.
        FeatureError
            If a feature is missing or unknown, or a value is one that the model cannot take.
        """
        opened = self._open()
        return float(opened.prediction.of(opened.row(features)))

    def predict_proba(self, features: Mapping[str, Any]) -> dict[int, float]:
        """Predict the probability of each class for one sample.

        Parameters
        ----------
        features : dict
            Name to number, with exactly the names that the model was trained on, in any order.

        Returns
        -------
        dict
            Class to probability.

        Raises
        ------
        ModelNotFoundError
            If there is no model in the folder.
        ModelError
            If the model is no classifier.
        FeatureError
            If a feature is missing or unknown, or a value is one that the model cannot take.
        """
        opened = self._open()
        if opened.classes is None:
            raise ModelError(
                f"the model in {self.folder} is a regressor ({type(opened.loaded.model).__name__}) and has no "
                "probabilities: call ml_predict(), or train it with task='binary' or 'multiclass'."
            )
        return dict(zip(opened.classes, opened.probabilities.of(opened.row(features)), strict=True))

    def _open(self) -> "_Opened":
        """Load the model on the first call."""
        if self._opened is None:
            self._opened = _Opened.of(load_model(self.folder))
        return self._opened


class _Remembered(Generic[Answer]):
    """A function of a row that looks its answer up if the last row had the same values."""

    def __init__(self, ask: Callable[[Row], Answer]) -> None:
        self._ask = ask
        self._last: tuple[bytes, Answer] | None = None

    def of(self, row: Row) -> Answer:
        """Return the answer for a row."""
        key = row.tobytes()
        if self._last is None or self._last[0] != key:
            self._last = (key, self._ask(row))
        return self._last[1]


@dataclass(frozen=True, eq=False)
class _Opened:
    """A loaded model with what is derived from it once."""

    loaded: LoadedModel
    names: tuple[str, ...] | None
    n_features: int
    classes: tuple[int, ...] | None
    may_miss: frozenset[str]
    prediction: _Remembered[float]
    probabilities: _Remembered[Sequence[float]]

    @classmethod
    def of(cls, loaded: LoadedModel) -> "_Opened":
        """Derive names, classes and the row function, and check that model and scaler belong together."""
        manifest, n_features = loaded.manifest, int(loaded.scaler.n_features_in_)
        names = _names(loaded)
        for what, count in (
            ("model", getattr(loaded.model, "n_features_in_", n_features)),
            ("manifest", n_features if names is None else len(names)),
        ):
            if count != n_features:
                raise ModelError(
                    f"the files in {loaded.folder} do not belong together: the {what} has {count} features, the "
                    f"scaler {n_features}. Train again, or restore them."
                )
        answers: RowModel = row_model(loaded.model, loaded.scaler, n_features)
        return cls(
            loaded=loaded,
            names=names,
            n_features=n_features,
            classes=tuple(int(label) for label in loaded.model.classes_) if hasattr(loaded.model, "classes_") else None,
            may_miss=frozenset(feature.name for feature in manifest.features if feature.missing)
            if manifest
            else frozenset(),
            prediction=_Remembered(answers.predict),
            probabilities=_Remembered(answers.predict_proba),
        )

    def row(self, features: Mapping[str, Any]) -> Row:
        """Order the features of one sample as the model takes them, and check names and values."""
        if not isinstance(features, Mapping):
            raise FeatureError(f"features must be a dict of name to number, not {features!r}.")
        names = self.names
        if names is None:
            names = tuple(sorted(features))
            if len(names) != self.n_features:
                raise FeatureError(
                    f"the model in {self.loaded.folder} takes {self.n_features} features, and {len(names)} were given: "
                    f"{', '.join(names)}."
                )
        elif features.keys() != set(names):
            raise self._differing_names(features, names)
        row = np.array([_number(features[name], name) for name in names])
        if not np.isfinite(row).all():
            self._check_values(row, names)
        return row

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
            f"the features do not fit the model in {self.loaded.folder}; {'; '.join(parts)}. ml_features() must return "
            "what the model was trained on: change it back, or gather and train again."
        )

    def _check_values(self, row: Row, names: tuple[str, ...]) -> None:
        """Refuse infinite values, and missing ones of features that were never missing in training."""
        for name, value in zip(names, row.tolist(), strict=True):
            if math.isinf(value):
                raise FeatureError(f"feature {name!r} is {value}: no model can use it. Was something divided by zero?")
            if math.isnan(value) and name not in self.may_miss:
                raise FeatureError(
                    f"feature {name!r} is missing (NaN or None), which it never was when the model in "
                    f"{self.loaded.folder} was trained. Wait until its indicator has warmed up, or train on samples "
                    "in which it is missing, with an estimator that takes missing values."
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
