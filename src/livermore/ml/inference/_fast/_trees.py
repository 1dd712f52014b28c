"""Trees, forests and boosting of scikit-learn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livermore.ml.inference._fast._flat_trees import Tree, column, flatten
from livermore.ml.inference._fast._kernels.links import Exponential, Logistic, Softmax
from livermore.ml.inference._fast._kernels.trees import Trees
from livermore.ml.inference._fast._parts import Parts, Scorer, UnsupportedModelError, class_name, labels_of

__all__ = ["read_boosting", "read_forest", "read_histogram_boosting", "read_tree"]

_EVERY_OUTPUT = -1


def read_tree(model: Any, n_features: int) -> Parts:
    """One decision tree."""
    return _averaged("tree", model, [model], n_features)


def read_forest(model: Any, n_features: int) -> Parts:
    """Random forests and extremely randomised trees: the mean of the trees, summed in their order."""
    return _averaged("forest", model, model.estimators_, n_features)


def read_boosting(model: Any, n_features: int) -> Parts:
    """Gradient boosting: a constant start, and a share of each tree."""
    if model.init_ != "zero" and class_name(model.init_) not in ("sklearn.DummyClassifier", "sklearn.DummyRegressor"):
        raise UnsupportedModelError("a model to start from")
    stages, outputs = model.estimators_.shape
    base = model._raw_predict_init(np.zeros((1, n_features), np.float32))[0]
    trees = [_native(tree, model.learning_rate * column(tree.tree_.value[:, 0, 0])) for tree in model.estimators_.flat]
    scorer = Trees(flatten(trees), np.tile(np.arange(outputs), stages), base, 1.0, True, n_features)
    if not hasattr(model, "classes_"):
        return Parts("gradient boosting", scorer)
    if model.loss not in ("log_loss", "deviance"):
        # The exponential loss has a link of its own.
        raise UnsupportedModelError(f"the loss {model.loss!r}")
    return _boosted_classifier("gradient boosting", model, scorer, accepts_nan=False)


def read_histogram_boosting(model: Any, n_features: int) -> Parts:
    """Histogram gradient boosting without categories."""
    if model.is_categorical_ is not None and np.any(model.is_categorical_):
        raise UnsupportedModelError("categorical features")
    predictors = [predictor.nodes for iteration in model._predictors for predictor in iteration]
    outputs = len(model._predictors[0])
    base = np.asarray(model._baseline_prediction, dtype=np.float64).ravel()
    target = np.tile(np.arange(outputs), len(model._predictors))
    scorer = Trees(flatten(map(_histogram_tree, predictors)), target, base, 1.0, False, n_features)
    if hasattr(model, "classes_"):
        return _boosted_classifier("histogram boosting", model, scorer, accepts_nan=True)
    logarithmic = model.loss in ("poisson", "gamma")
    return Parts("histogram boosting", Exponential(scorer, 1) if logarithmic else scorer, accepts_nan=True)


def _averaged(family: str, model: Any, estimators: Sequence[Any], n_features: int) -> Parts:
    """Read trees whose leaves hold a class distribution or a value."""
    if model.n_outputs_ != 1:
        raise UnsupportedModelError("several targets")
    classifier = hasattr(model, "classes_")
    flat = flatten(_native(tree, tree.tree_.value[:, 0, :]) for tree in estimators)
    target = np.full(len(estimators), _EVERY_OUTPUT)
    width = flat.leaves.shape[1]
    scorer = Trees(flat, target, np.zeros(width), float(len(estimators)), True, n_features)
    accepts = bool(estimators[0].__sklearn_tags__().input_tags.allow_nan)
    if not classifier:
        return Parts(family, scorer, accepts_nan=accepts)
    return Parts(family, scorer, labels_of(model), scorer, scorer, accepts)


def _boosted_classifier(family: str, model: Any, scorer: Scorer, *, accepts_nan: bool) -> Parts:
    labels = labels_of(model)
    link = Logistic if scorer.size == 1 else Softmax
    return Parts(family, scorer, labels, link(scorer, len(labels)), scorer, accepts_nan)


def _native(estimator: Any, value: NDArray[np.float64]) -> Tree:
    """Read a tree of `sklearn.tree`, with the given values at its nodes."""
    tree = estimator.tree_
    return Tree(
        tree.children_left, tree.children_right, tree.feature, tree.threshold, tree.missing_go_to_left != 0, value
    )


def _histogram_tree(nodes: Any) -> Tree:
    """Read a tree of histogram boosting from its structured array of nodes."""
    leaf = nodes["is_leaf"] != 0
    return Tree(
        np.where(leaf, -1, nodes["left"].astype(np.int64)),
        nodes["right"].astype(np.int64),
        nodes["feature_idx"],
        nodes["num_threshold"],
        nodes["missing_go_to_left"] != 0,
        column(nodes["value"]),
    )
