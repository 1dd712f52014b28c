"""A transformer that scales the features of each symbol by its own mean and standard deviation."""

from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from livermore.errors import ConfigError, FeatureError
from livermore.ml.dataset._symbol_number import SYMBOL_NUMBER
from livermore.typing import Floats, Integers

__all__ = ["SymbolScaler"]

ON_UNSEEN = ("pool", "raise")
# Numbers of symbols have been scaled as all features are: they are equal but for rounding.
SAME = 1e-9
# Values that differ by less than this many roundings do not vary.
ROUNDINGS = 8 * np.finfo(np.float64).eps


class SymbolScaler(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Scale features by the mean and standard deviation that they have in the training samples of their symbol.

    One column tells the symbol, by any number (see `livermore.ml.dataset.symbol_number`); it is taken out. Put the
    scaler into a pipeline before the model: then it is fitted with it, on training samples alone, and saved with it.

    Parameters
    ----------
    column : str
        Name of that column in a data frame. A frame without it is taken to be of one symbol. In an array it is the
        first column.
    min_samples : int
        A symbol with fewer training samples is scaled by the mean and standard deviation of all symbols together.
    on_unseen : {"pool", "raise"}
        What to do with a symbol that has no training sample: scale it like all symbols together, or raise an error.

    Attributes
    ----------
    symbols_ : ndarray of shape (s,)
        Numbers of the symbols that have a scale of their own, ascending.
    seen_ : ndarray of shape (t,)
        Numbers of all symbols in the training samples, ascending.
    mean_, scale_ : ndarray of shape (s + 1, k)
        Mean and standard deviation (1 where a feature does not vary) of each symbol's k features; the last row is of
        all symbols together. Missing values do not count.

    Raises
    ------
    ConfigError
        On fitting, if a parameter cannot be used.
    FeatureError
        If the number is missing in a row; with ``on_unseen="raise"`` if a symbol has no training sample.

    Notes
    -----
    A symbol's own scale makes symbols comparable whose features differ in level, such as a funding rate or a spread. It
    is a constant of the training period. What wanders needs a feature that is made comparable by the strategy, or a
    rank across symbols (`livermore.ml.dataset.cross_sectional_rank`). Without any feature beside the number, as in a
    refit without the only one, the result is a column of zeros.

    Examples
    --------
    >>> X = np.array([[1, 10], [1, 12], [2, 100], [2, 300]])
    >>> SymbolScaler(min_samples=2).fit(X).transform(X).ravel()
    array([-1.,  1., -1.,  1.])

    In a pipeline, with the features named as they are recorded:

    >>> from sklearn.compose import make_column_transformer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> scaled = make_column_transformer((SymbolScaler(), ["symbol_number", "spread"]), remainder="passthrough")
    >>> model = make_pipeline(scaled, LogisticRegression())
    """

    def __init__(self, column: str = SYMBOL_NUMBER, min_samples: int = 30, on_unseen: str = "pool") -> None:
        self.column = column
        self.min_samples = min_samples
        self.on_unseen = on_unseen

    def fit(self, X: Any, y: Any = None) -> "SymbolScaler":
        """Learn means and standard deviations.

        Parameters
        ----------
        X : array-like or data frame of shape (n, 1 + k)
            The symbols' numbers and k features.
        y : ignored

        Returns
        -------
        SymbolScaler
        """
        if self.on_unseen not in ON_UNSEEN:
            raise ConfigError(f"on_unseen must be one of {', '.join(ON_UNSEEN)}; it is {self.on_unseen!r}.")
        fewest: Any = self.min_samples
        if not isinstance(fewest, Real) or not float(fewest) >= 2:
            raise ConfigError(f"min_samples must be 2 or more; it is {self.min_samples!r}.")
        number, values = self._split(X, reset=True)
        seen, place, count = np.unique(number, return_inverse=True, return_counts=True)
        own = np.flatnonzero(count >= self.min_samples)
        parts = [*(values[place.reshape(-1) == k] for k in own), values]
        self.seen_, self.symbols_ = seen, seen[own]
        figures = [_mean_and_deviation(part) for part in parts]
        self.mean_, self.scale_ = (np.array(rows) for rows in zip(*figures, strict=True))
        return self

    def transform(self, X: Any) -> Floats:
        """Scale features.

        Parameters
        ----------
        X : array-like or data frame of shape (n, 1 + k)
            As for `fit`.

        Returns
        -------
        ndarray of shape (n, k)
        """
        check_is_fitted(self)
        number, values = self._split(X, reset=False)
        unseen = _places(self.seen_, number) == self.seen_.size
        if self.on_unseen == "raise" and unseen.any():
            raise FeatureError(
                f"{np.unique(number[unseen]).size} symbols have no sample in the training of this model. Train it on "
                "them, leave them out, or use SymbolScaler(on_unseen='pool')."
            )
        row = _places(self.symbols_, number)
        return np.asarray((values - self.mean_[row]) / self.scale_[row])

    def _split(self, X: Any, *, reset: bool) -> tuple[Floats, Floats]:
        """Return the symbols' numbers and the features."""
        names = list(getattr(X, "columns", ()))
        table = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
        if names and self.column not in names:
            return np.zeros(len(table)), table
        at = names.index(self.column) if names else 0
        number, values = table[:, at], np.delete(table, at, axis=1)
        if np.isnan(number).any():
            raise FeatureError(f"the number of the symbol, {self.column!r}, is missing in some rows.")
        return number, values if values.shape[1] else np.zeros((len(table), 1))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _mean_and_deviation(values: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each column without its missing values; 0 and 1 where there are none."""
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    deviation = np.sqrt((np.where(known, values - mean, 0.0) ** 2).sum(axis=0) / count)
    # The mean of equal values may differ from them by rounding: divided by that difference, whatever else a live
    # session records would be a huge number.
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    varies = high - low > ROUNDINGS * np.maximum(np.abs(low), np.abs(high))
    return np.where(varies | (low > high), mean, low), np.where(varies, deviation, 1.0)


def _places(known: Floats, number: Floats) -> Integers:
    """Return where each number stands among ascending known ones; their count where it is none of them."""
    if not known.size:
        return np.zeros(number.size, dtype=np.int64)
    right = np.clip(np.searchsorted(known, number), 0, known.size - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(known[left] - number) < np.abs(known[right] - number), left, right)
    same = np.abs(known[nearest] - number) <= SAME * np.maximum(1.0, np.abs(number))
    return np.where(same, nearest, known.size)
