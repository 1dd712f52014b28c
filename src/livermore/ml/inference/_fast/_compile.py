"""From a fitted model and scaler to a function of one row."""

import warnings
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from livermore.ml.inference._fast import _lightgbm, _linear, _network, _svm, _trees, _xgboost
from livermore.ml.inference._fast._kernels.calibration import Calibrated, Isotonic, Platt, SinglePrecisionIsotonic
from livermore.ml.inference._fast._kernels.function import (
    Clip,
    Divide,
    FillMissing,
    Multiply,
    RowFunction,
    Shift,
    SinglePrecision,
    Step,
)
from livermore.ml.inference._fast._parts import TOLERANCES, Parts, UnsupportedModelError, class_name, labels_of

__all__ = ["compile_row_function"]

_PROBES = 16


class _Reader(Protocol):
    def __call__(self, model: Any, n_features: int, /) -> Parts: ...


def compile_row_function(model: Any, scaler: Any, n_features: int) -> RowFunction | None:
    """Copy a fitted model's numbers into a compiled function of one row.

    Parameters
    ----------
    model : object
        A fitted estimator of scikit-learn, LightGBM or XGBoost.
    scaler : object or None
        The fitted transformer before the model.
    n_features : int

    Returns
    -------
    RowFunction or None
        None where the model, the scaler or a part of them is of a family that is not known here (a user's subclass,
        too), or where the function does not agree with the model on rows of noise. Then the model itself predicts.

    See Also
    --------
    TOLERANCES : by how much the results of each family may differ.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.preprocessing import StandardScaler
    >>> X = np.random.default_rng(1).standard_normal((100, 2))
    >>> scaler = StandardScaler().fit(X)
    >>> model = LogisticRegression().fit(scaler.transform(X), X[:, 0] > X[:, 1])
    >>> row = compile_row_function(model, scaler, n_features=2)
    >>> [round(p, 3) for p in row.predict_proba([0.3, 0.2])]
    [0.42, 0.58]
    >>> row.predict([0.3, 0.2])
    1.0
    """
    try:
        steps = [] if scaler is None else _read_steps(scaler)
        parts = _read(model, n_features)
    except (UnsupportedModelError, AttributeError, KeyError):
        # Another version of a library may keep its numbers elsewhere: then the model itself predicts.
        return None
    function = RowFunction(
        parts.family,
        n_features,
        parts.accepts_nan or _fills_missing(steps),
        steps,
        parts.decision,
        parts.labels,
        parts.probability,
    )
    return function if _agrees(function, parts, model, scaler) else None


def _read(model: Any, n_features: int) -> Parts:
    name = class_name(model)
    if name not in _READERS:
        raise UnsupportedModelError(name)
    return _READERS[name](model, n_features)


def _read_steps(transformer: Any) -> list[Step]:
    name = class_name(transformer)
    if name not in _STEPS:
        raise UnsupportedModelError(name)
    return _STEPS[name](transformer)


# ------------------------------------------------------------------------------------------------ models of models


def _read_pipeline(model: Any, n_features: int) -> Parts:
    """Read a pipeline of transformers that keep each feature in its place, and a model."""
    steps = [
        step
        for _, transformer in model.steps[:-1]
        if transformer not in (None, "passthrough")
        for step in _read_steps(transformer)
    ]
    return _read(model.steps[-1][1], n_features).after(steps, fills_missing=_fills_missing(steps))


def _read_search(model: Any, n_features: int) -> Parts:
    """Read the best model of a search."""
    return _read(model.best_estimator_, n_features)


def _read_frozen(model: Any, n_features: int) -> Parts:
    return _read(model.estimator, n_features)


def _read_calibrated(model: Any, n_features: int) -> Parts:
    """Read a calibrated classifier: members, and a curve for each of their scores."""
    labels = labels_of(model)
    members, calibrators, parts = [], [], []
    for member in model.calibrated_classifiers_:
        if member.method not in ("sigmoid", "isotonic") or labels_of(member.estimator) != labels:
            raise UnsupportedModelError("a method without curves, or a member that did not see all classes")
        part = _read(member.estimator, n_features)
        if part.response is None:
            raise UnsupportedModelError("a member without scores")
        parts.append(part)
        members.append(part.response)
        calibrators.append([_CALIBRATORS[class_name(curve)](curve) for curve in member.calibrators])
    _svm.share_vectors([part.svm for part in parts if part.svm is not None])
    scorer = Calibrated(members, calibrators, len(labels))
    return Parts(parts[0].family, scorer, labels, scorer, scorer, parts[0].accepts_nan)


def _read_isotonic(curve: Any) -> Isotonic | SinglePrecisionIsotonic:
    if curve.out_of_bounds != "clip":
        raise UnsupportedModelError(f"out_of_bounds={curve.out_of_bounds!r}")
    kind = SinglePrecisionIsotonic if curve.X_thresholds_.dtype == np.float32 else Isotonic
    return kind(curve.X_thresholds_, curve.y_thresholds_)


# ------------------------------------------------------------------------------------------------------- transformers


def _standard_steps(scaler: Any) -> list[Step]:
    steps: list[Step] = []
    if scaler.with_mean:
        steps.append(Shift(scaler.mean_))
    if scaler.with_std:
        steps.append(Divide(scaler.scale_))
    return steps


def _robust_steps(scaler: Any) -> list[Step]:
    steps: list[Step] = []
    if scaler.with_centering:
        steps.append(Shift(scaler.center_))
    if scaler.with_scaling:
        steps.append(Divide(scaler.scale_))
    return steps


def _range_steps(scaler: Any) -> list[Step]:
    clip = [Clip(scaler.feature_range)] if scaler.clip else []
    # Subtracting the negative is the same bits as adding.
    return [Multiply(scaler.scale_), Shift(-scaler.min_), *clip]


def _largest_steps(scaler: Any) -> list[Step]:
    if getattr(scaler, "clip", False):
        return [Divide(scaler.scale_), Clip([-1.0, 1.0])]
    return [Divide(scaler.scale_)]


def _imputer_steps(imputer: Any) -> list[Step]:
    has_other_mark = not np.isnan(imputer.missing_values)
    if imputer.add_indicator or has_other_mark or np.isnan(imputer.statistics_).any():
        raise UnsupportedModelError("an imputer that changes the number of features, or fills another value than NaN")
    return [FillMissing(imputer.statistics_)]


def _function_steps(transformer: Any) -> list[Step]:
    """Read the step of a model that was trained with ``dtype="float32"``; any other function is unknown."""
    if transformer.func is not np.asarray or transformer.kw_args != {"dtype": "float32"}:
        raise UnsupportedModelError("a function of features")
    return [SinglePrecision()]


def _fills_missing(steps: list[Step]) -> bool:
    return any(isinstance(step, FillMissing) for step in steps)


# --------------------------------------------------------------------------------------------------------- the check


def _agrees(function: RowFunction, parts: Parts, model: Any, scaler: Any) -> bool:
    """Compare with the model on rows of noise."""
    rows = _probes(scaler, function.n_features)
    with warnings.catch_warnings():
        # A model that was fitted on a data frame warns that these rows have no column names.
        warnings.simplefilter("ignore")
        scaled = rows if scaler is None else scaler.transform(rows)
        if parts.probability is None:
            return _close(model.predict(scaled), [function.predict(row) for row in rows.tolist()], function.family)
        return _close(
            model.predict_proba(scaled), [function.predict_proba(row) for row in rows.tolist()], function.family
        )


def _close(theirs: Any, ours: Any, family: str) -> bool:
    tolerance = TOLERANCES[family]
    expected = np.asarray(theirs, dtype=np.float64)
    found = np.asarray(ours, dtype=np.float64)
    return found.shape == expected.shape and bool(
        np.all(np.abs(found - expected) <= tolerance * np.maximum(1.0, np.abs(expected)))
    )


def _probes(scaler: Any, n_features: int) -> NDArray[np.float64]:
    """Return rows that lie about where the scaler's training rows did."""
    noise = np.random.default_rng(0).standard_normal((_PROBES, n_features))
    spread = getattr(scaler, "scale_", None)
    centre = getattr(scaler, "mean_", None)
    return noise * (1.0 if spread is None else spread) + (0.0 if centre is None else centre)


_READERS: dict[str, _Reader] = {
    **dict.fromkeys(
        [
            f"sklearn.{name}"
            for name in (
                "ARDRegression",
                "BayesianRidge",
                "ElasticNet",
                "ElasticNetCV",
                "HuberRegressor",
                "Lars",
                "LarsCV",
                "Lasso",
                "LassoCV",
                "LassoLars",
                "LassoLarsCV",
                "LassoLarsIC",
                "LinearRegression",
                "LinearSVR",
                "OrthogonalMatchingPursuit",
                "PassiveAggressiveRegressor",
                "QuantileRegressor",
                "Ridge",
                "RidgeCV",
                "SGDRegressor",
                "TheilSenRegressor",
            )
        ],
        _linear.read_regressor,
    ),
    **dict.fromkeys(["sklearn.PoissonRegressor", "sklearn.GammaRegressor"], _linear.read_log_regressor),
    **dict.fromkeys(
        [
            "sklearn.LinearSVC",
            "sklearn.PassiveAggressiveClassifier",
            "sklearn.Perceptron",
            "sklearn.RidgeClassifier",
            "sklearn.RidgeClassifierCV",
        ],
        _linear.read_classifier,
    ),
    **dict.fromkeys(
        ["sklearn.LinearDiscriminantAnalysis", "sklearn.LogisticRegression", "sklearn.LogisticRegressionCV"],
        _linear.read_logistic,
    ),
    "sklearn.SGDClassifier": _linear.read_sgd_classifier,
    **dict.fromkeys(
        [
            "sklearn.DecisionTreeClassifier",
            "sklearn.DecisionTreeRegressor",
            "sklearn.ExtraTreeClassifier",
            "sklearn.ExtraTreeRegressor",
        ],
        _trees.read_tree,
    ),
    **dict.fromkeys(
        [
            "sklearn.ExtraTreesClassifier",
            "sklearn.ExtraTreesRegressor",
            "sklearn.RandomForestClassifier",
            "sklearn.RandomForestRegressor",
        ],
        _trees.read_forest,
    ),
    **dict.fromkeys(["sklearn.GradientBoostingClassifier", "sklearn.GradientBoostingRegressor"], _trees.read_boosting),
    **dict.fromkeys(
        ["sklearn.HistGradientBoostingClassifier", "sklearn.HistGradientBoostingRegressor"],
        _trees.read_histogram_boosting,
    ),
    **dict.fromkeys(["sklearn.SVC", "sklearn.NuSVC"], _svm.read_classifier),
    **dict.fromkeys(["sklearn.SVR", "sklearn.NuSVR"], _svm.read_regressor),
    "sklearn.GaussianNB": _linear.read_naive_bayes,
    "sklearn.MLPClassifier": _network.read_network_classifier,
    "sklearn.MLPRegressor": _network.read_network_regressor,
    **dict.fromkeys(["lightgbm.LGBMClassifier"], _lightgbm.read_classifier),
    **dict.fromkeys(["lightgbm.LGBMRegressor"], _lightgbm.read_regressor),
    **dict.fromkeys(["xgboost.XGBClassifier", "xgboost.XGBRFClassifier"], _xgboost.read_classifier),
    **dict.fromkeys(["xgboost.XGBRegressor", "xgboost.XGBRFRegressor"], _xgboost.read_regressor),
    "sklearn.Pipeline": _read_pipeline,
    "sklearn.GridSearchCV": _read_search,
    "sklearn.RandomizedSearchCV": _read_search,
    "sklearn.FrozenEstimator": _read_frozen,
    "sklearn.CalibratedClassifierCV": _read_calibrated,
}

_CALIBRATORS: dict[str, Callable[[Any], Platt | Isotonic | SinglePrecisionIsotonic]] = {
    "sklearn._SigmoidCalibration": lambda curve: Platt(curve.a_, curve.b_),
    "sklearn.IsotonicRegression": _read_isotonic,
}

_STEPS: dict[str, Callable[[Any], list[Step]]] = {
    "sklearn.FunctionTransformer": _function_steps,
    "sklearn.StandardScaler": _standard_steps,
    "sklearn.RobustScaler": _robust_steps,
    "sklearn.MinMaxScaler": _range_steps,
    "sklearn.MaxAbsScaler": _largest_steps,
    "sklearn.SimpleImputer": _imputer_steps,
}
