"""What a reader of one family hands over: the parts of a row function."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from livermore.ml.inference._fast._kernels.function import Prepared, Step
from livermore.ml.inference._fast._kernels.svm import KernelMachine

__all__ = ["Parts", "Scorer", "UnsupportedModelError"]


class UnsupportedModelError(Exception):
    """The model has a trait that the compiled form lacks; it is asked itself instead."""


class Scorer(Protocol):
    """Turns a row into numbers; see `livermore.ml.inference._fast._kernels.linear`."""

    @property
    def size(self) -> int:
        """How many numbers."""

    @property
    def row(self) -> npt.NDArray[np.float64]:
        """What it reads."""

    @property
    def out(self) -> npt.NDArray[np.float64]:
        """What it fills."""

    def bind(self, row: npt.NDArray[np.float64], out: npt.NDArray[np.float64], /) -> None:
        """Read and fill other arrays from now on."""

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
        A regression's value; or what a predicted class follows from: one score, above 0 for the second class, or one
        a class, the largest wins.
    labels : tuple of float
        Classes in order; empty for a regression.
    probability : Scorer or None
        `predict_proba`, where the model has it.
    response : Scorer or None
        What a calibrator asks: `decision_function` where the model has it, else `predict_proba`.
    accepts_nan : bool
    machine : KernelMachine or None
        The support vectors behind all of them, where that is what the model is made of.
    """

    family: str
    decision: Scorer
    labels: tuple[float, ...] = ()
    probability: Scorer | None = None
    response: Scorer | None = None
    accepts_nan: bool = False
    machine: KernelMachine | None = None

    def behind(self, steps: list[Step], *, fills_missing: bool) -> "Parts":
        """Put steps before all scorers."""
        return replace(
            self,
            decision=Prepared(steps, self.decision),
            probability=None if self.probability is None else Prepared(steps, self.probability),
            response=None if self.response is None else Prepared(steps, self.response),
            accepts_nan=self.accepts_nan or fills_missing,
        )
