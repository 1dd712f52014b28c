"""The predictor of a strategy: loads its model when first asked, checks names and values, answers for one sample."""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from livermore.errors import FeatureError, ModelError
from livermore.ml.artifacts import LoadedModel, Manifest, load_model
from livermore.ml.inference._policy import Finding, Policy
from livermore.ml.inference._row import Row, RowModel, row_model
from livermore.ml.inference._row_cache import QuickAnswers

Answer = TypeVar("Answer")

STRICT = Policy()
#: How many answers a predictor remembers at most, of those that are usual and of the others; a power of two.
REMEMBERED = 1024


def load_predictor(folder: Path | str, *, trust: bool = False) -> "Predictor":
    """Return the predictor of a strategy's folder. The model is loaded when it is first asked.

    Parameters
    ----------
    folder : path-like
        The folder that a model was saved to.
    trust : bool
        Load it though it was not saved here; see `livermore.ml.artifacts.load_model`.

    Returns
    -------
    Predictor
    """
    return Predictor(folder, trust=trust)


class Predictor:
    """Asks one model about one sample at a time.

    The first call loads the model and keeps it: a model that is saved to the folder later is seen by a new predictor. A
    second call with the same values is a look-up.

    Parameters
    ----------
    folder : path-like
        The strategy's folder.
    trust : bool
        Load it though it was not saved here.
    """

    def __init__(self, folder: Path | str, *, trust: bool = False) -> None:
        self.folder = Path(folder)
        self._trust = trust
        self._opened: _Opened | None = None

    @classmethod
    def of(cls, loaded: LoadedModel) -> "Predictor":
        """Ask a model that is loaded already, or was never saved."""
        predictor = cls(loaded.folder)
        predictor._opened = _Opened.of(loaded)
        return predictor

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
    def manifest(self) -> Manifest | None:
        """What is known of the model; None if Jesse saved it. Loads the model."""
        return self._open().loaded.manifest

    @property
    def classes(self) -> tuple[int, ...] | None:
        """The classes that the model knows; None for regression. Loads the model."""
        return self._open().classes

    def predict(self, features: Mapping[str, Any], policy: Policy = STRICT) -> float:
        """Predict the label of one sample.

        Parameters
        ----------
        features : dict
            Name to number, with exactly the names that the model was trained on, in any order.
        policy : Policy
            What to do about values that the model has never seen the like of.

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
        return self.ask_value(features, policy)[0]

    def predict_proba(self, features: Mapping[str, Any], policy: Policy = STRICT) -> dict[int, float]:
        """Predict the probability of each class for one sample.

        Parameters
        ----------
        features : dict
            Name to number, with exactly the names that the model was trained on, in any order.
        policy : Policy
            What to do about values that the model has never seen the like of.

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
        return self.ask_chances(features, policy)[0]

    def ask_value(self, features: Mapping[str, Any], policy: Policy) -> tuple[float, tuple[Finding, ...]]:
        """Predict as `predict` does, and return what was found about the values, too."""
        opened = self._open()
        quick = opened.prediction.quick
        if quick is not None:
            known: float | None = quick.value(features, policy.margin)
            if known is None and opened.teach(quick, features, policy.margin):
                known = quick.value(features, policy.margin)
            if known is not None:
                return known, ()
        value, findings = opened.ask(opened.prediction, features, policy)
        return (math.nan if value is None else float(value)), findings

    def ask_chances(self, features: Mapping[str, Any], policy: Policy) -> tuple[dict[int, float], tuple[Finding, ...]]:
        """Predict as `predict_proba` does, and return what was found about the values, too."""
        opened = self._open()
        if opened.classes is None:
            raise ModelError(
                f"the model in {self.folder} is a regressor ({type(opened.loaded.model).__name__}) and has no "
                "probabilities: call ml_predict(), or train it with task='binary' or 'multiclass'."
            )
        quick = opened.probabilities.quick
        if quick is not None:
            known: dict[int, float] | None = quick.chances(features, policy.margin)
            if known is None and opened.teach(quick, features, policy.margin):
                known = quick.chances(features, policy.margin)
            if known is not None:
                return known, ()
        chances, findings = opened.ask(opened.probabilities, features, policy)
        if chances is None:
            return dict.fromkeys(opened.classes, math.nan), findings
        return dict(zip(opened.classes, chances, strict=True)), findings

    def quick_answers(self) -> tuple[QuickAnswers | None, QuickAnswers | None]:
        """Return the quick ways to `predict` and `predict_proba`, where there are such. Loads the model."""
        opened = self._open()
        return opened.prediction.quick, opened.probabilities.quick

    def _open(self) -> "_Opened":
        """Load the model on the first call."""
        if self._opened is None:
            self._opened = _Opened.of(load_model(self.folder, trust=self._trust))
        return self._opened


class _Remembered(Generic[Answer]):
    """A function of a row, with the answers to the rows that it was asked about last and what was found in them.

    Where there is a quick way, it remembers the rows in which nothing was found.
    """

    def __init__(self, ask: Callable[[Row], Answer], quick: QuickAnswers | None) -> None:
        self.ask = ask
        self.quick = quick
        self.answers: dict[bytes, tuple[Answer, tuple[Finding, ...]]] = {}

    def keep(self, key: bytes, answer: Answer, findings: tuple[Finding, ...]) -> None:
        """Remember an answer; when there are too many, forget all others."""
        if len(self.answers) >= REMEMBERED:
            self.answers.clear()
        self.answers[key] = answer, findings


@dataclass(frozen=True, eq=False)
class _Bounds:
    """Between which values a feature is not far outside its range, for one margin."""

    margin: float
    low: Row
    high: Row

    @classmethod
    def of(cls, manifest: Manifest | None, n_features: int, margin: float) -> "_Bounds":
        """Widen the ranges of the training; a feature that was constant or a bool there has none."""
        low, high = np.full(n_features, -sys.float_info.max), np.full(n_features, sys.float_info.max)
        for k, feature in enumerate(() if manifest is None else manifest.features):
            width = feature.high - feature.low
            if width > 0 and not feature.is_bool:
                low[k], high[k] = feature.low - margin * width, feature.high + margin * width
        # No margin is so wide that infinity is within.
        return cls(margin, np.maximum(low, -sys.float_info.max), np.minimum(high, sys.float_info.max))


@dataclass(eq=False)
class _Opened:
    """A loaded model with what is derived from it once."""

    loaded: LoadedModel
    names: tuple[str, ...] | None
    n_features: int
    classes: tuple[int, ...] | None
    may_miss: frozenset[str]
    prediction: _Remembered[float]
    probabilities: _Remembered[Sequence[float]]
    name_set: frozenset[str] = field(init=False)
    bounds: _Bounds = field(init=False)

    def __post_init__(self) -> None:
        self.name_set = frozenset(self.names or ())
        self._move_bounds(STRICT.margin)

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
        classes = tuple(int(label) for label in loaded.model.classes_) if hasattr(loaded.model, "classes_") else None
        may_miss = frozenset(feature.name for feature in manifest.features if feature.missing) if manifest else ()
        missed = [name in may_miss for name in names or n_features * [None]]
        value_of, chances_of = _quick_answers(answers, classes, missed)
        return cls(
            loaded=loaded,
            names=names,
            n_features=n_features,
            classes=classes,
            may_miss=frozenset(may_miss),
            prediction=_Remembered(answers.predict, value_of),
            probabilities=_Remembered(answers.predict_proba, chances_of),
        )

    def teach(self, quick: QuickAnswers, features: Mapping[str, Any], margin: float) -> bool:
        """Tell the quick way of another margin, or of other names or another order; return whether that was news."""
        moved = margin != self.bounds.margin
        if moved:
            self._move_bounds(margin)
        return quick.learn(features, self._names_in(features)) or moved

    def ask(
        self, remembered: _Remembered[Answer], features: Mapping[str, Any], policy: Policy
    ) -> tuple[Answer, tuple[Finding, ...]] | tuple[None, tuple[Finding, ...]]:
        """Return the answer, None where the policy skips, and what was found about the values."""
        if policy.margin != self.bounds.margin:
            self._move_bounds(policy.margin)
        names, row = self._row(features)
        key = row.tobytes()
        known = remembered.answers.get(key)
        findings = self._findings(row, names) if known is None else known[1]
        if findings and policy.on_bad != "allow":
            if policy.on_bad == "raise":
                raise self._refusal(findings[0])
            return None, findings
        if known is not None:
            return known
        try:
            answer = remembered.ask(row)
        except ValueError as error:
            if not findings:
                raise
            raise FeatureError(f"{findings[0]} ml_policy 'allow' passes it on, and the model refuses it.") from error
        remembered.keep(key, answer, findings)
        return answer, findings

    def _row(self, features: Mapping[str, Any]) -> tuple[tuple[str, ...], Row]:
        """Order the features of one sample as the model takes them, and check them."""
        names = self._names_in(features)
        values = [features[name] for name in names]
        plain = [
            value if type(value) is float else _number(value, name) for name, value in zip(names, values, strict=True)
        ]
        return names, np.array(plain)

    def _names_in(self, features: Mapping[str, Any]) -> tuple[str, ...]:
        """Check the names of the features of one sample, and return them as the model orders them."""
        if type(features) is not dict and not isinstance(features, Mapping):  # the second test is a slow one
            raise FeatureError(f"features must be a dict of name to number, not {features!r}.")
        names = self.names
        if names is None:
            names = tuple(sorted(features))
            if len(names) != self.n_features:
                raise FeatureError(
                    f"the model in {self.loaded.folder} takes {self.n_features} features, and {len(names)} were given: "
                    f"{', '.join(names)}."
                )
        elif features.keys() != self.name_set:
            raise self._differing_names(features, names)
        return names

    def _move_bounds(self, margin: float) -> None:
        """Take another margin; what was found under the old one is forgotten."""
        bounds = self.bounds = _Bounds.of(self.loaded.manifest, self.n_features, margin)
        for remembered in (self.prediction, self.probabilities):
            remembered.answers.clear()
            if remembered.quick is not None:
                remembered.quick.set_bounds(bounds.margin, bounds.low, bounds.high)

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

    def _findings(self, row: Row, names: tuple[str, ...]) -> tuple[Finding, ...]:
        """Return which values the model has never seen the like of."""
        usual = (row >= self.bounds.low) & (row <= self.bounds.high)
        if usual.all():
            return ()
        found = (self._finding(k, names[k], float(row[k])) for k in np.flatnonzero(~usual).tolist())
        return tuple(finding for finding in found if finding is not None)

    def _finding(self, column: int, name: str, value: float) -> Finding | None:
        if math.isnan(value):
            return None if name in self.may_miss else Finding(name, value, "missing")
        if math.isinf(value):
            return Finding(name, value, "infinite")
        manifest = self.loaded.manifest
        assert manifest is not None, "without a manifest there are no bounds"
        return Finding(name, value, "outside", manifest.features[column].low, manifest.features[column].high)

    def _refusal(self, finding: Finding) -> FeatureError:
        """Say what to do about a value that the policy refuses."""
        return FeatureError(
            f"{finding} The model is in {self.loaded.folder}. To let such bars pass without trading, set ml_policy = "
            "'skip' on the strategy; to ask the model all the same, 'allow'"
            + ("; ml_range_margin says what is far." if finding.reason == "outside" else ".")
        )


def _quick_answers(
    answers: RowModel, classes: tuple[int, ...] | None, missed: Sequence[bool]
) -> tuple[QuickAnswers | None, QuickAnswers | None]:
    """Return the quick ways to the value and to the chances of a model that has been compiled."""
    from livermore.ml.inference._fast import RowFunction

    if not isinstance(answers, RowFunction):
        return None, None
    may_miss = [answers.accepts_nan and feature for feature in missed]
    value_of = QuickAnswers(answers, answers.run_value, answers.value, None, may_miss, REMEMBERED)
    if answers.chances is None or classes is None or len(answers.chances) != len(classes):
        return value_of, None
    return value_of, QuickAnswers(answers, answers.run_chances, answers.chances, classes, may_miss, REMEMBERED)


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
