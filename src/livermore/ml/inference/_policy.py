"""What happens to values that a model has not seen in training: the policy that a user sets, and what it finds."""

import functools
import math
from dataclasses import dataclass

from livermore.errors import ConfigError

POLICIES = ("raise", "skip", "allow")
#: How many widths of its range in training a feature may lie outside of it.
MARGIN = 3.0


@dataclass(frozen=True, slots=True)
class Policy:
    """What to do about features that are missing, infinite, or far outside their range in training.

    Attributes
    ----------
    on_bad : {"raise", "skip", "allow"}
        Raise `FeatureError`; return NaN, which no condition of the kind ``p >= threshold`` passes; or predict anyway.
    margin : float
        A value is far outside if it lies more than `margin` times the width of the range outside of the range.

    Examples
    --------
    >>> Policy("skip")
    Policy(on_bad='skip', margin=3.0)
    """

    on_bad: str = "raise"
    margin: float = MARGIN

    def __post_init__(self) -> None:
        if self.on_bad not in POLICIES:
            raise ConfigError(f"ml_policy must be one of {', '.join(map(repr, POLICIES))}; it is {self.on_bad!r}.")
        if not self.margin >= 0:
            raise ConfigError(f"ml_range_margin must be a number of widths from 0 up; it is {self.margin!r}.")


@functools.lru_cache(maxsize=64)
def policy_of(on_bad: str, margin: float) -> Policy:
    """Return a policy, checked once for all bars.

    Examples
    --------
    >>> policy_of("skip", 3.0)
    Policy(...)
    """
    return Policy(on_bad, margin)


@dataclass(frozen=True, slots=True)
class UnusualValue:
    """A value that is missing, infinite or far outside of its feature's range in training.

    Attributes
    ----------
    feature : str
        Its name.
    value : float
        What it was.
    reason : {"missing", "infinite", "outside"}
        What is wrong with it.
    low, high : float
        The feature's range in training; NaN where it is not known.

    Examples
    --------
    >>> UnusualValue("rsi", 250.0, "outside", low=20.0, high=80.0).reason
    'outside'
    >>> print(UnusualValue("rsi", float("inf"), "infinite"))
    feature 'rsi' is inf: no model can use it. Was something divided by zero?
    """

    feature: str
    value: float
    reason: str
    low: float = math.nan
    high: float = math.nan

    def __str__(self) -> str:
        if self.reason == "infinite":
            return f"feature {self.feature!r} is {self.value}: no model can use it. Was something divided by zero?"
        if self.reason == "missing":
            return (
                f"feature {self.feature!r} is missing (NaN or None), which it never was in training. Wait until its "
                "indicator has warmed up, or train on samples in which it is missing, with an estimator that takes "
                "missing values."
            )
        return (
            f"feature {self.feature!r} is {self.value:g}, far outside its range in training, {self.low:g} to "
            f"{self.high:g}: the model was trained on no such values. Has its unit changed, its formula, or the market?"
        )
