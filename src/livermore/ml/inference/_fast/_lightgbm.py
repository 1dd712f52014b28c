"""LightGBM's trees, from the text that it saves models as."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livermore.ml.inference._fast._flat_trees import Tree, column, flatten
from livermore.ml.inference._fast._kernels.links import Logistic, Softmax
from livermore.ml.inference._fast._kernels.trees import Trees
from livermore.ml.inference._fast._parts import Parts, Scorer, UnsupportedModelError, labels_of

__all__ = ["read_classifier", "read_regressor"]

_CATEGORICAL = 1
_DEFAULT_LEFT = 2
_MISSING_NONE, _MISSING_ZERO = 0, 1
_LINK_FREE = ("regression", "regression_l1", "huber", "fair", "quantile", "mape")


def read_regressor(model: Any, n_features: int) -> Parts:
    """Regressions without a link."""
    objective, scorer = _scorer(model, n_features)
    if objective not in [[name] for name in _LINK_FREE]:
        raise UnsupportedModelError(f"the objective {objective}")
    return Parts("LightGBM", scorer, accepts_nan=True)


def read_classifier(model: Any, n_features: int) -> Parts:
    """Two classes by the logistic function, several by softmax."""
    objective, scorer = _scorer(model, n_features)
    labels = labels_of(model)
    if objective == ["binary", "sigmoid:1"]:
        probability: Scorer = Logistic(scorer, 2)
    elif objective == ["multiclass", f"num_class:{len(labels)}"]:
        probability = Softmax(scorer, len(labels))
    else:
        raise UnsupportedModelError(f"the objective {objective}")
    # Newer versions have a decision function, which a calibrator prefers to probabilities.
    response = scorer if hasattr(model, "decision_function") else probability
    return Parts("LightGBM", scorer, labels, probability, response, accepts_nan=True)


def _scorer(model: Any, n_features: int) -> tuple[list[str], Trees]:
    """Return the objective's words and the sum of trees."""
    booster = model.booster_
    best = booster.best_iteration if booster.best_iteration and booster.best_iteration > 0 else None
    header, *trees = booster.model_to_string(num_iteration=best, importance_type="split").split("\nTree=")
    fields = _fields(header)
    if "average_output" in header.splitlines():
        raise UnsupportedModelError("averaged trees")
    outputs = int(fields["num_tree_per_iteration"])
    flat = flatten(_tree(_fields(text)) for text in trees)
    target = np.arange(len(trees)) % outputs
    return fields["objective"].split(), Trees(flat, target, np.zeros(outputs), 1.0, False, n_features)


def _fields(text: str) -> dict[str, str]:
    """Read the lines key=value up to the first empty line after some."""
    lines = text.split("\n\n")[0].splitlines()
    return {key: value for key, found, value in (line.partition("=") for line in lines) if found}


def _tree(fields: dict[str, str]) -> Tree:
    """Read one tree; its splits are numbered from 0 and its leaves as −1, −2, …; here leaves follow the splits."""
    if fields.get("num_cat", "0") != "0" or fields.get("is_linear", "0") != "0":
        raise UnsupportedModelError("categorical splits or linear leaves")
    leaf_value = _array(fields["leaf_value"], float)
    splits = int(fields["num_leaves"]) - 1
    if splits == 0:
        empty = np.full(1, -1)
        return Tree(empty, empty, empty, np.zeros(1), np.zeros(1, bool), column(leaf_value))

    def nodes(name: str) -> NDArray[np.int64]:
        child = _array(fields[name], int).astype(np.int64)
        return np.concatenate([np.where(child >= 0, child, splits - 1 - child), np.full(splits + 1, -1)])

    threshold = _padded(_array(fields["threshold"], float), splits)
    return Tree(
        nodes("left_child"),
        nodes("right_child"),
        _padded(_array(fields["split_feature"], int).astype(np.int64), splits),
        threshold,
        _missing_left(_padded(_array(fields["decision_type"], int).astype(np.int64), splits), threshold),
        column(np.concatenate([np.zeros(splits), leaf_value])),
    )


def _missing_left(decision: NDArray[np.int64], threshold: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say where NaN goes: to a split's default side, or, if training saw none, where 0 goes."""
    missing = decision >> 2 & 3
    if np.any(decision & _CATEGORICAL) or np.any(missing == _MISSING_ZERO):
        raise UnsupportedModelError("zero as missing")
    goes_left: NDArray[np.bool_] = np.where(missing == _MISSING_NONE, threshold >= 0.0, (decision & _DEFAULT_LEFT) != 0)
    return goes_left


def _array(text: str, kind: Callable[[str], float]) -> NDArray[np.generic]:
    return np.array([kind(word) for word in text.split()])


def _padded(values: Any, splits: int) -> Any:
    """Append zeros for the leaves, which have no such value."""
    return np.concatenate([values, np.zeros(splits + 1, values.dtype)])
