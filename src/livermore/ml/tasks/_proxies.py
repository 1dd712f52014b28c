"""How the four-method importance table looks at a target: which machine, which statistic, which scale."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.feature_selection import f_classif, f_regression

from livermore.ml.solvers import Kind
from livermore.typing import Array, Floats


@dataclass(frozen=True)
class Proxies:
    """The proxy models of one kind of target, by which features are ranked whatever the user trains.

    Attributes
    ----------
    kind : {"classification", "regression"}
        Which support vector machines are fitted.
    f_values : callable
        From (X, y) to the F statistic of each feature and its p-value.
    prepare : callable
        From y to the target that the machines are fitted on.
    f_title, score_title : str
        How a report calls the F statistic and the machine's cross-validated score.
    note : str
        What a reader must know of the preparation; empty if there is none.
    """

    kind: Kind
    f_values: Callable[[Floats, Array], tuple[Floats, Floats]]
    prepare: Callable[[Array], Array]
    f_title: str
    score_title: str
    note: str = ""


def standardised(y: Array) -> Floats:
    """Bring a continuous target to mean 0 and standard deviation 1.

    A support vector regression ignores errors below epsilon = 0.1, and so ignores a target of returns altogether,
    unless that is scaled first.
    """
    deviation = float(np.std(y))
    return np.asarray((y - np.mean(y)) / (deviation if deviation > 0 else 1.0), dtype=np.float64)


def unchanged(y: Array) -> Array:
    """Return the target as it is: classes need no scaling."""
    return y


CLASSIFIER_PROXIES = Proxies(
    kind="classification", f_values=f_classif, prepare=unchanged, f_title="F-val", score_title="accuracy"
)
REGRESSOR_PROXIES = Proxies(
    kind="regression",
    f_values=f_regression,
    prepare=standardised,
    f_title="F-reg",
    score_title="R²",
    note="The importance table is computed on the label scaled to mean 0 and standard deviation 1.",
)
