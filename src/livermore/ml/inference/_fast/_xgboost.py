"""XGBoost's trees, from the JSON that it saves models as."""

import json
import math
from typing import Any

import numpy as np

from livermore.ml.inference._fast._flat_trees import Tree, column, flatten
from livermore.ml.inference._fast._kernels.links import SinglePrecisionLogistic, SinglePrecisionSoftmax
from livermore.ml.inference._fast._kernels.trees import SinglePrecisionTrees
from livermore.ml.inference._fast._parts import Parts, Scorer, UnsupportedModelError, labels_of

__all__ = ["read_classifier", "read_regressor"]

_LINK_FREE = ("reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror")


def read_regressor(model: Any, n_features: int) -> Parts:
    """Regressions without a link."""
    objective, scorer = _scorer(model, n_features)
    if objective not in _LINK_FREE or scorer.size != 1:
        raise UnsupportedModelError(f"the objective {objective}")
    return Parts("XGBoost", scorer, accepts_nan=True)


def read_classifier(model: Any, n_features: int) -> Parts:
    """Two classes by the logistic function, several by softmax."""
    objective, scorer = _scorer(model, n_features)
    labels = labels_of(model)
    if objective == "binary:logistic" and scorer.size == 1:
        probability: Scorer = SinglePrecisionLogistic(scorer, 2)
    elif objective == "multi:softprob" and scorer.size == len(labels):
        probability = SinglePrecisionSoftmax(scorer, len(labels))
    else:
        raise UnsupportedModelError(f"the objective {objective}")
    return Parts("XGBoost", scorer, labels, probability, probability, accepts_nan=True)


def _scorer(model: Any, n_features: int) -> tuple[str, SinglePrecisionTrees]:
    """Return the objective's name and the sum of trees."""
    booster = model.get_booster()
    learner = json.loads(booster.save_raw(raw_format="json"))["learner"]
    gradient = learner["gradient_booster"]
    if gradient["name"] != "gbtree" or not math.isnan(model.missing):
        raise UnsupportedModelError("a booster other than gbtree, or a number that means missing")
    objective = learner["objective"]["name"]
    base = _base(learner["learner_model_param"], objective)
    trees = gradient["model"]["trees"][: _end(model, gradient["model"])]
    target = gradient["model"]["tree_info"][: len(trees)]
    flat = flatten(map(_tree, trees))
    return objective, SinglePrecisionTrees(flat, target, base, 1.0, True, n_features)


def _end(model: Any, forest: dict[str, Any]) -> int:
    """Return the number of trees that a prediction uses: up to the best iteration, if training stopped early."""
    rounds = forest["iteration_indptr"]
    best = model.best_iteration + 1 if model.early_stopping_rounds is not None else len(rounds) - 1
    return int(rounds[best])


def _base(parameters: dict[str, str], objective: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Return what sums start from, as scores: it is saved as what the model would predict without trees."""
    words = parameters["base_score"].strip("[]").split(",")
    outputs = max(1, int(parameters["num_class"]))
    base = np.array([np.float32(word) for word in words], dtype=np.float32)
    base = np.broadcast_to(base, outputs) if len(base) == 1 else base
    if objective.endswith(":logistic"):
        odds = np.float32(1.0) / base - np.float32(1.0)
        # In double precision, since numpy's single-precision logarithm is not always rounded correctly.
        return (-np.log(odds.astype(np.float64))).astype(np.float32)
    return np.ascontiguousarray(base)


def _tree(saved: dict[str, Any]) -> Tree:
    """Read one tree. Its rows go left below a split's condition, so the threshold is the next number down."""
    if any(saved["split_type"]) or saved["tree_param"]["size_leaf_vector"] not in ("0", "1"):
        raise UnsupportedModelError("categorical splits or vector leaves")
    conditions = np.array(saved["split_conditions"], dtype=np.float32)
    return Tree(
        np.array(saved["left_children"]),
        np.array(saved["right_children"]),
        np.array(saved["split_indices"]),
        np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64),
        np.array(saved["default_left"]) != 0,
        column(conditions),
    )
