"""The predictor of a strategy: loads its model at the first call, checks names and values, predicts one sample."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from livermore.errors import FeatureError, ModelError
from livermore.ml.artifacts import LoadedModel, Manifest, load_model
from livermore.ml.inference._features import FeatureCheck
from livermore.ml.inference._policy import Policy, UnusualValue
from livermore.ml.inference._row import RowModel, row_model
from livermore.ml.inference._row_cache import CachedRowModel
from livermore.typing import Floats

Output = TypeVar("Output")

STRICT = Policy()
#: How many predictions are kept of each kind (numbers and probabilities); a power of two.
CACHE_SIZE = 1024


def load_predictor(folder: Path | str, *, trust: bool = False) -> "Predictor":
    """Return the predictor of a strategy's folder. The model is loaded by the first prediction.

    Parameters
    ----------
    folder : path-like
        The folder that a model was saved to.
    trust : bool
        Load it though it was not saved here; see `livermore.ml.artifacts.load_model`.

    Returns
    -------
    Predictor

    Examples
    --------
    >>> load_predictor("strategies/Foo")
    Predictor('strategies/Foo')
    """
    return Predictor(folder, trust=trust)


class Predictor:
    """Predicts one sample at a time with one model.

    The first call loads the model and keeps it: a model that is saved to the folder later is seen by a new predictor. A
    second call with the same values is a look-up.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.
    trust : bool
        Load it though it was not saved here.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.preprocessing import StandardScaler
    >>> X = [[-1.0], [1.0]]
    >>> model, scaler = LogisticRegression().fit(X, [0, 1]), StandardScaler().fit(X)
    >>> predictor = Predictor.of(LoadedModel(model, scaler, None, None, Path("TrendFilter")))
    >>> predictor.classes, predictor.predict({"rsi": 0.9})
    ((0, 1), 1.0)
    """

    def __init__(self, folder: Path | str, *, trust: bool = False) -> None:
        self.folder = Path(folder)
        self._trust = trust
        self._given: LoadedModel | None = None

    @classmethod
    def of(cls, loaded: LoadedModel) -> "Predictor":
        """Return the predictor of a model that is loaded already, or was never saved."""
        predictor = cls(loaded.folder)
        predictor._given = loaded
        return predictor

    def __repr__(self) -> str:
        return f"Predictor({str(self.folder)!r})"

    @property
    def model(self) -> Any:
        """The fitted estimator; loads it."""
        return self._loaded.model

    @property
    def scaler(self) -> Any:
        """The fitted scaler; loads it."""
        return self._loaded.scaler

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """The features that the model takes, in its order; None if its folder does not say. Loads the model."""
        return self._check.names

    @property
    def manifest(self) -> Manifest | None:
        """What is known of the model; None if Jesse saved it. Loads the model."""
        return self._loaded.manifest

    @cached_property
    def classes(self) -> tuple[int, ...] | None:
        """The classes that the model knows; None for regression. Loads the model."""
        labels = getattr(self.model, "classes_", None)
        return None if labels is None else tuple(int(label) for label in labels)

    def predict(self, features: Mapping[str, Any], policy: Policy = STRICT) -> float:
        """Predict the label of one sample.

        Parameters
        ----------
        features : dict
            Name to number, with exactly the names that the model was trained on, in any order.
        policy : Policy
            What to do about values that the model has not seen in training.

        Returns
        -------
        float
            The predicted number; of a classifier, the predicted class; NaN where the policy skips.

        Raises
        ------
        ModelNotFoundError
            If there is no model in the folder.
        FeatureError
            If a feature is missing or unknown, or a value is one that the policy or the model refuses.
        """
        return self.predict_with_findings(features, policy)[0]

    def predict_proba(self, features: Mapping[str, Any], policy: Policy = STRICT) -> dict[int, float]:
        """Predict the probability of each class for one sample.

        Parameters
        ----------
        features : dict
            Name to number, with exactly the names that the model was trained on, in any order.
        policy : Policy
            What to do about values that the model has not seen in training.

        Returns
        -------
        dict
            Class to probability; all NaN where the policy skips.

        Raises
        ------
        ModelNotFoundError
            If there is no model in the folder.
        ModelError
            If the model is no classifier.
        FeatureError
            If a feature is missing or unknown, or a value is one that the policy or the model refuses.
        """
        return self.predict_proba_with_findings(features, policy)[0]

    def predict_with_findings(
        self, features: Mapping[str, Any], policy: Policy
    ) -> tuple[float, tuple[UnusualValue, ...]]:
        """Predict as `predict` does, and return the unusual values, too."""
        cached = self._cached_value
        known: float | None = self._looked_up(cached, cached.predict, features, policy.margin) if cached else None
        if known is not None:
            return known, ()
        value, findings = self._checked(self._row_model.predict, features, policy)
        return (math.nan if value is None else float(value)), findings

    def predict_proba_with_findings(
        self, features: Mapping[str, Any], policy: Policy
    ) -> tuple[dict[int, float], tuple[UnusualValue, ...]]:
        """Predict as `predict_proba` does, and return the unusual values, too."""
        if self.classes is None:
            raise ModelError(
                f"the model in {self.folder} is a regressor ({type(self.model).__name__}) and has no "
                "probabilities: call ml_predict(), or train it with task='binary' or 'multiclass'."
            )
        cached = self._cached_probabilities
        known: dict[int, float] | None = (
            self._looked_up(cached, cached.predict_proba, features, policy.margin) if cached else None
        )
        if known is not None:
            return known, ()
        found: Sequence[float] | None
        found, findings = self._checked(self._row_model.predict_proba, features, policy)
        if found is None:
            return dict.fromkeys(self.classes, math.nan), findings
        return dict(zip(self.classes, found, strict=True)), findings

    def cached_models(self) -> tuple[CachedRowModel | None, CachedRowModel | None]:
        """Return the fast paths of `predict` and `predict_proba`; None for a model that has none. Loads the model."""
        return self._cached_value, self._cached_probabilities

    @cached_property
    def _loaded(self) -> LoadedModel:
        return self._given or load_model(self.folder, trust=self._trust)

    @cached_property
    def _check(self) -> FeatureCheck:
        """Make sure that model, scaler and manifest take the same number of features."""
        loaded = self._loaded
        n_features = int(loaded.scaler.n_features_in_)
        check = FeatureCheck(loaded, n_features)
        for what, count in (
            ("model", getattr(loaded.model, "n_features_in_", n_features)),
            ("manifest", n_features if check.names is None else len(check.names)),
        ):
            if count != n_features:
                raise ModelError(
                    f"the files in {loaded.folder} do not belong together: the {what} has {count} features, the "
                    f"scaler {n_features}. Train again, or restore them."
                )
        return check

    @cached_property
    def _row_model(self) -> RowModel:
        n_classes = None if self.classes is None else len(self.classes)
        return row_model(self.model, self.scaler, self._check.n_features, n_classes)

    @cached_property
    def _cached_value(self) -> CachedRowModel | None:
        model = self._row_model
        return self._cached(model.run_value, model.value, None)

    @cached_property
    def _cached_probabilities(self) -> CachedRowModel | None:
        model, classes = self._row_model, self.classes
        if model.probabilities is None or classes is None or len(model.probabilities) != len(classes):
            return None
        return self._cached(model.run_probabilities, model.probabilities, classes)

    def _cached(self, run: Callable[[], None], output: Floats, classes: tuple[int, ...] | None) -> CachedRowModel:
        model, check = self._row_model, self._check
        may_miss = [model.accepts_nan and feature for feature in check.may_miss]
        cached = CachedRowModel(model, run, output, classes, may_miss, CACHE_SIZE)
        cached.set_bounds(check.margin, check.low, check.high)
        return cached

    def _looked_up(
        self, cached: CachedRowModel, predict: Callable[..., Any], features: Mapping[str, Any], margin: float
    ) -> Any:
        """Predict by the fast path; None where that does not apply."""
        found = predict(features, margin)
        if found is not None:
            return found
        # Until now the margin or the order of the names may have been another.
        moved = self._set_margin(margin)
        reordered = cached.set_feature_order(features, self._check.names_in(features))
        return predict(features, margin) if moved or reordered else None

    def _set_margin(self, margin: float) -> bool:
        """Take another margin of ranges; return whether it is another."""
        check = self._check
        if margin == check.margin:
            return False
        check.set_margin(margin)
        for cached in self.cached_models():
            if cached is not None:
                cached.set_bounds(margin, check.low, check.high)
        return True

    def _checked(
        self, predict: Callable[[Floats], Output], features: Mapping[str, Any], policy: Policy
    ) -> tuple[Output | None, tuple[UnusualValue, ...]]:
        """Return the prediction, None where the policy skips, and the unusual values."""
        self._set_margin(policy.margin)
        names, row = self._check.row(features)
        findings = self._check.unusual(row, names)
        if findings and policy.on_bad == "raise":
            raise self._check.refusal(findings[0])
        if findings and policy.on_bad == "skip":
            return None, findings
        try:
            return predict(row), findings
        except ValueError as error:
            if not findings:
                raise
            raise FeatureError(f"{findings[0]} ml_policy 'allow' passes it on, and the model refuses it.") from error
