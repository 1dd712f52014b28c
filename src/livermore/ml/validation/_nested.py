"""Purged folds for the cross-validation inside an estimator, such as a search, a calibrator or a stack."""

from typing import Any

import numpy.typing as npt

from livermore.ml.tasks import unfitted
from livermore.ml.validation._purged_kfold import PurgedKFold

__all__ = ["with_purged_cv"]


def with_purged_cv(
    estimator: Any, time: npt.ArrayLike, label_time: npt.ArrayLike | None, embargo: int = 0
) -> tuple[Any, list[str]]:
    """Return a copy of an estimator whose own cross-validations run on purged folds of what it will be fitted on.

    Parameters
    ----------
    estimator : estimator
        A search, a calibrator, a stack, or a pipeline with one inside; anything with a parameter `cv`. Any other
        estimator is only copied.
    time, label_time : array-like of shape (n,)
        When the samples that it will be fitted on were taken and labelled, in seconds.
    embargo : int
        As for `PurgedKFold`.

    Returns
    -------
    (estimator, list of str)
        The copy, and the parameters that were replaced. The folds are plain arrays of rows, so that a pickle of the
        fitted estimator needs nothing of livermore.

    Notes
    -----
    The number of folds stays; 5 where none was given. A `cv` that is a list of splits or a word ("prefit") stays.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import GridSearchCV
    >>> search = GridSearchCV(LogisticRegression(), {"C": [1, 10]}, cv=3)
    >>> purged, replaced = with_purged_cv(search, range(9), range(2, 11))
    >>> replaced, [train.tolist() for train, _ in purged.cv]
    (['cv'], [[4, 5, 6, 7, 8], [0, 1, 7, 8], [0, 1, 2, 3, 4]])
    """
    copy = unfitted(estimator)
    if not hasattr(copy, "get_params"):
        return copy, []
    folds = {
        name: _folds_of(value)
        for name, value in copy.get_params(deep=True).items()
        if name.rpartition("__")[2] == "cv" and not isinstance(value, str) and not hasattr(value, "__iter__")
    }
    for name, n_splits in folds.items():
        splitter = PurgedKFold(time, label_time, n_splits=n_splits, embargo=embargo)
        copy.set_params(**{name: list(splitter.split())})
    return copy, sorted(folds)


def _folds_of(cv: Any) -> int:
    """Return the number of folds that a `cv` parameter specifies."""
    if cv is None:
        return 5
    return int(cv.get_n_splits()) if hasattr(cv, "get_n_splits") else int(cv)
