# cython: language_level=3
"""A fitted model with the transformers before it as a function of one row, compiled.

A `Step` is a transformer: it changes a row in place. A scorer turns a row into numbers; see `linear`.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cython
import numpy as np
import numpy.typing as npt

from livermore.errors import FeatureError, warn_uncompiled
from livermore.typing import Floats

if not cython.compiled:
    warn_uncompiled()

__all__ = ["Clip", "Divide", "FillMissing", "Multiply", "Prepared", "RowFunction", "Shift", "SinglePrecision", "Step"]


@cython.cclass
class Step:
    """Changes a row in place."""

    values: cython.double[::1]

    def __init__(self, values: npt.ArrayLike) -> None:
        self.values = np.array(values, np.float64, order="C")

    @cython.cfunc
    def apply(self, row: cython.double[::1]) -> None:
        raise NotImplementedError


@cython.cclass
class Shift(Step):
    """x − values."""

    @cython.cfunc
    def apply(self, row: cython.double[::1]) -> None:
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            row[i] = row[i] - self.values[i]


@cython.cclass
class Divide(Step):
    """x / values."""

    @cython.cfunc
    def apply(self, row: cython.double[::1]) -> None:
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            row[i] = row[i] / self.values[i]


@cython.cclass
class Multiply(Step):
    """x · values."""

    @cython.cfunc
    def apply(self, row: cython.double[::1]) -> None:
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            row[i] = row[i] * self.values[i]


@cython.cclass
class Clip(Step):
    """x between values[0] and values[1]; NaN stays."""

    @cython.cfunc
    def apply(self, row: cython.double[::1]) -> None:
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            if row[i] < self.values[0]:
                row[i] = self.values[0]
            elif row[i] > self.values[1]:
                row[i] = self.values[1]


@cython.cclass
class FillMissing(Step):
    """Values in place of NaN."""

    @cython.cfunc
    def apply(self, row: cython.double[::1]) -> None:
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            if row[i] != row[i]:
                row[i] = self.values[i]


@cython.cclass
class SinglePrecision(Step):
    """x rounded to 32 bits."""

    single: cython.float[::1]

    def __init__(self) -> None:
        Step.__init__(self, np.empty(0))
        self.single = np.empty(1, np.float32)

    @cython.cfunc
    def apply(self, row: cython.double[::1]) -> None:
        i: cython.Py_ssize_t
        for i in range(row.shape[0]):
            # By an array, which rounds uncompiled as well.
            self.single[0] = row[i]
            row[i] = self.single[0]


@cython.cclass
class Prepared:
    """Steps and a scorer after them, as in a pipeline. The row that is given is not changed."""

    size = cython.declare(cython.Py_ssize_t, visibility="readonly")
    row = cython.declare(object, visibility="readonly")
    out = cython.declare(object, visibility="readonly")
    steps: list[Any]
    inner = cython.declare(object, visibility="readonly")
    x: cython.double[::1]
    changed: cython.double[::1]

    def __init__(self, steps: Iterable[Step], inner: Any) -> None:
        self.size = inner.size
        self.steps = list(steps)
        self.inner = inner
        self.changed = inner.row
        self.bind(np.zeros(len(inner.row)), inner.out)

    def bind(self, row: Floats, out: Floats) -> None:
        """Read and fill other arrays from now on."""
        self.row = self.x = row
        self.out = out
        self.inner.bind(self.inner.row, out)

    @cython.ccall
    def run(self) -> None:
        """Fill `out` from `row`."""
        i: cython.Py_ssize_t
        step: Step
        # A copy, since another scorer may read the same row after this one.
        for i in range(self.x.shape[0]):
            self.changed[i] = self.x[i]
        for step in self.steps:
            step.apply(self.changed)
        self.inner.run()


@cython.cclass
class RowFunction:
    """A fitted model, with its scaler before it, as a function of one row.

    Made by `livermore.ml.inference._fast.compile_row_function`. Callers of many rows hold `lock`, fill `row`, call
    `run_probabilities` or `run_value`, and read `probabilities` or `value`.

    Attributes
    ----------
    family : str
        A key of `TOLERANCES`: by how much the results may differ from the model's own.
    n_features : int
    accepts_nan : bool
        Whether NaN is a value to the model, as it is to those that it was compiled from.
    lock : threading.Lock
        To be held while the arrays are used.
    row : ndarray of shape (n_features,)
        The features, unscaled; overwritten by a prediction.
    probabilities : ndarray of shape (classes,), or None
        The last probabilities; None where the model knows none.
    value : ndarray of shape (1,)
        The last value or class.
    """

    family = cython.declare(object, visibility="readonly")
    n_features = cython.declare(cython.Py_ssize_t, visibility="readonly")
    accepts_nan = cython.declare(cython.bint, visibility="readonly")
    lock = cython.declare(object, visibility="readonly")
    row = cython.declare(object, visibility="readonly")
    probabilities = cython.declare(object, visibility="readonly")
    value = cython.declare(object, visibility="readonly")
    steps: list[Any]
    decide: Callable[[], object]
    estimate: Any
    x: cython.double[::1]
    labels: cython.double[::1]
    decisions: cython.double[::1]
    answer: cython.double[::1]

    def __init__(
        self,
        family: str,
        n_features: int,
        accepts_nan: bool,
        steps: Iterable[Step],
        decision: Any,
        labels: Sequence[float],
        probability: Any,
    ) -> None:
        self.family = family
        self.n_features = n_features
        self.accepts_nan = accepts_nan
        self.lock = threading.Lock()
        self.steps = list(steps)
        # One array for steps and scorers, bound once, so that a prediction passes no arguments.
        self.row = self.x = np.zeros(n_features)
        self.labels = np.array(labels, dtype=np.float64)
        self.value = self.answer = np.zeros(1)
        decision.bind(self.row, decision.out)
        self.decisions = decision.out
        self.decide = decision.run
        self.probabilities = self.estimate = None
        if probability is not None:
            probability.bind(self.row, probability.out)
            self.probabilities = probability.out
            self.estimate = probability.run

    def predict(self, values: Sequence[float] | Floats) -> float:
        """Return the regression's value, or the predicted class as a float.

        Parameters
        ----------
        values : sequence of `n_features` floats
            One row, unscaled, features in the order of training.

        Raises
        ------
        FeatureError
            If the number of values is wrong, or one is not finite and the model does not take it.
        """
        with self.lock:
            self.load(values)
            self.run_value()
            return float(self.answer[0])

    def predict_proba(self, values: Sequence[float] | Floats) -> tuple[float, ...]:
        """Return the probability of each class, in the order of the model's `classes_`.

        Parameters
        ----------
        values : sequence of `n_features` floats
            One row, unscaled, features in the order of training.

        Raises
        ------
        FeatureError
            If the number of values is wrong, or one is not finite and the model does not take it.
        AttributeError
            If the model knows no probabilities.
        """
        if self.probabilities is None:
            raise AttributeError(f"a model of the family {self.family!r} without predict_proba")
        with self.lock:
            self.load(values)
            self.run_probabilities()
            return tuple(self.probabilities.tolist())

    @cython.ccall
    def run_probabilities(self) -> None:
        """Fill `probabilities` from `row`; overwrites `row`."""
        step: Step
        for step in self.steps:
            step.apply(self.x)
        self.estimate()

    @cython.ccall
    def run_value(self) -> None:
        """Fill `value` from `row`; overwrites `row`."""
        c: cython.Py_ssize_t
        best: cython.Py_ssize_t = 0
        step: Step
        for step in self.steps:
            step.apply(self.x)
        self.decide()
        if self.labels.shape[0] == 0:
            self.answer[0] = self.decisions[0]
        # A score of exactly 0 is the first class, as in scikit-learn.
        elif self.decisions.shape[0] == 1:
            self.answer[0] = self.labels[1 if self.decisions[0] > 0.0 else 0]
        else:
            for c in range(self.decisions.shape[0]):
                # The first of equal scores wins, as numpy.argmax has it.
                if self.decisions[c] > self.decisions[best]:
                    best = c
            self.answer[0] = self.labels[best]

    @cython.cfunc
    def load(self, values: Any) -> None:
        """Copy the values to the row, and check them."""
        i: cython.Py_ssize_t
        value: cython.double
        is_finite: cython.bint = True
        if isinstance(values, np.ndarray):
            values = values.tolist()  # Taking numbers out of an array one by one costs more than the model.
        if len(values) != self.n_features:
            raise FeatureError(f"{len(values)} values for a model of {self.n_features} features")
        for i in range(self.n_features):
            value = values[i]
            # One test for NaN and both infinities: their difference from themselves is NaN.
            if value - value != 0.0:
                is_finite = False
            self.x[i] = value
        if not is_finite:
            self.refuse(values)

    def refuse(self, values: Sequence[float]) -> None:
        """Raise for the first value that the model does not take."""
        for i in range(self.n_features):
            if values[i] - values[i] != 0.0 and not (self.accepts_nan and values[i] != values[i]):
                raise FeatureError(
                    f"feature {i} is {values[i]}, which a model of the family {self.family!r} cannot take"
                )
