"""The parts of a row function, which the reader of each family of models returns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Protocol

from livermore.ml.inference._fast._kernels.function import Prepared, Step
from livermore.ml.inference._fast._kernels.svm import KernelMachine
from livermore.typing import Floats

__all__ = ["TOLERANCES", "Parts", "Scorer", "UnsupportedModelError", "class_name", "labels_of"]

# By how much a row function may differ from its model: relative for values above 1, absolute below. Zero: the same
# bits. The families that are not zero multiply matrices, where a BLAS chooses the order of its sums, or take
# exponentials from another library; XGBoost computes in single precision. tests/ml/inference_fast checks each family.
TOLERANCES: Mapping[str, float] = MappingProxyType(
    {
        "linear": 1e-13,
        "tree": 0.0,
        "forest": 0.0,
        "gradient boosting": 1e-15,
        "histogram boosting": 1e-15,
        "support vector machine": 1e-11,
        "naive Bayes": 1e-12,
        "neural network": 1e-12,
        "LightGBM": 1e-14,
        "XGBoost": 2.5e-7,
    }
)
_LIBRARIES = ("sklearn", "lightgbm", "xgboost")


class UnsupportedModelError(Exception):
    """The model has a trait that the compiled form lacks, so the model itself predicts."""


def class_name(fitted: Any) -> str:
    """Return "library.Class" for a library's own class, and "" for a user's, even if it inherits from one of those.

    By names, so that no library need be imported.
    """
    kind = type(fitted)
    library = kind.__module__.partition(".")[0]
    return f"{library}.{kind.__name__}" if library in _LIBRARIES else ""


def labels_of(model: Any) -> tuple[float, ...]:
    """Return a classifier's classes as floats; a model whose classes are names has no float to predict."""
    try:
        return tuple(float(label) for label in model.classes_)
    except ValueError:
        raise UnsupportedModelError("classes without a number") from None


class Scorer(Protocol):
    """Turns a row into numbers; see `livermore.ml.inference._fast._kernels.linear`."""

    @property
    def size(self) -> int:
        """Length of `out`."""

    @property
    def row(self) -> Floats:
        """The array that it reads."""

    @property
    def out(self) -> Floats:
        """The array that it fills."""

    def bind(self, row: Floats, out: Floats, /) -> None:
        """Read and fill other arrays after this call."""

    def run(self) -> None:
        """Fill `out` from `row`."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A fitted model, taken apart.

    Attributes
    ----------
    family : str
        A key of `TOLERANCES`.
    decision : Scorer
        A regression's value; or the scores of a classifier: one, above 0 for the second class, or one per class, of
        which the largest wins.
    labels : tuple of float
        Classes in order; empty for a regression.
    probability : Scorer or None
        `predict_proba`, where the model has it.
    response : Scorer or None
        The scores that a calibrator maps: `decision_function` where the model has it, else `predict_proba`.
    accepts_nan : bool
    svm : KernelMachine or None
        The support vector model that all scorers use, if it is one.
    """

    family: str
    decision: Scorer
    labels: tuple[float, ...] = ()
    probability: Scorer | None = None
    response: Scorer | None = None
    accepts_nan: bool = False
    svm: KernelMachine | None = None

    def after(self, steps: list[Step], *, fills_missing: bool) -> "Parts":
        """Return the same parts with steps before all scorers."""
        return replace(
            self,
            decision=Prepared(steps, self.decision),
            probability=None if self.probability is None else Prepared(steps, self.probability),
            response=None if self.response is None else Prepared(steps, self.response),
            accepts_nan=self.accepts_nan or fills_missing,
        )
