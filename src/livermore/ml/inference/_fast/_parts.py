"""What a reader of one family hands over: the parts of a row function."""

from dataclasses import dataclass, replace

from livermore.ml.inference._fast._kernels.rows import Prepared, Scorer, Step

__all__ = ["Parts", "UnsupportedModelError"]


class UnsupportedModelError(Exception):
    """The model has a trait that the compiled form lacks; it is asked itself instead."""


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
    """

    family: str
    decision: Scorer
    labels: tuple[float, ...] = ()
    probability: Scorer | None = None
    response: Scorer | None = None
    accepts_nan: bool = False

    def behind(self, steps: list[Step], n_features: int, *, fills_missing: bool) -> "Parts":
        """Put steps before all scorers."""
        return replace(
            self,
            decision=Prepared(steps, self.decision, n_features),
            probability=None if self.probability is None else Prepared(steps, self.probability, n_features),
            response=None if self.response is None else Prepared(steps, self.response, n_features),
            accepts_nan=self.accepts_nan or fills_missing,
        )
