"""Functions for the options `finish` and `last` of `livermore.indicators.indicator`."""

from typing import Any


def none_for_nan(value: Any) -> Any:
    """Return the value, or None where it is NaN."""
    return None if value != value else value


def itself(result: Any) -> Any:
    """Return the result of a pass that computes one value only."""
    return result
