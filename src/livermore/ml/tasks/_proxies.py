"""The proxy models of the four-method importance table for each kind of target."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.feature_selection import f_classif, f_regression

from livermore.ml.sizes import time_blocked_rows
from livermore.ml.solvers import Kind
from livermore.typing import Array, Floats, Integers


@dataclass(frozen=True)
class Proxies:
    """The proxy models of one kind of target, which rank features whatever estimator is trained.

    Attributes
    ----------
    kind : {"classification", "regression"}
        The kind of the support vector machines.
    f_values : callable
        From (X, y) to the F statistic of each feature and its p-value.
    prepare : callable
        From y to the target of the support vector machines.
    groups : callable
        From y to the groups of which a subsample has equal shares, see `livermore.ml.sizes.time_blocked_rows`.
    f_title, score_title : str
        Names of the F statistic and of the cross-validated score in reports.
    note : str
        A note on the preparation of the target; empty if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from livermore.ml.tasks import Binary
    >>> y = (np.arange(4000) % 4 == 0).astype(int)
    >>> rows = Binary.proxies.some_rows(y, 1000)
    >>> Binary.proxies.kind, rows.size, int(y[rows].sum())
    ('classification', 1000, 250)
    """

    kind: Kind
    f_values: Callable[[Floats, Array], tuple[Floats, Floats]]
    prepare: Callable[[Array], Array]
    groups: Callable[[Array], Array]
    f_title: str
    score_title: str
    note: str = ""

    def some_rows(self, y: Array, most: int) -> Integers:
        """Return all rows, or of more than `most` as many, spread over groups and time."""
        return time_blocked_rows(self.groups(y), most)


def standardised(y: Array) -> Floats:
    """Scale a continuous target to mean 0 and standard deviation 1.

    A support vector regression ignores errors below epsilon = 0.1, which is larger than most returns: it would ignore
    an unscaled target of returns.
    """
    deviation = float(np.std(y))
    return np.asarray((y - np.mean(y)) / (deviation if deviation > 0 else 1.0), dtype=np.float64)


def unchanged(y: Array) -> Array:
    """Return the target unchanged: classes need no scaling."""
    return y


def one_group(y: Array) -> Array:
    """Return one group for all: numbers have no classes."""
    return np.zeros(y.size, dtype=np.int8)


CLASSIFIER_PROXIES = Proxies(
    kind="classification",
    f_values=f_classif,
    prepare=unchanged,
    groups=unchanged,
    f_title="F-val",
    score_title="accuracy",
)
REGRESSOR_PROXIES = Proxies(
    kind="regression",
    f_values=f_regression,
    prepare=standardised,
    groups=one_group,
    f_title="F-reg",
    score_title="R²",
    note="The importance table is computed on the label scaled to mean 0 and standard deviation 1.",
)
