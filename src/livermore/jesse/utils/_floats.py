"""Sums as people write them: 0.1 + 0.2 is 0.3."""

import math
from decimal import ROUND_HALF_UP, Context, Decimal

__all__ = ["subtract_floats", "sum_floats"]

# Numbers of 96 bits with at most 28 decimals, as those that Jesse computes with.
_LARGEST = Decimal(2**96 - 1)
_SMALLEST = Decimal("1e-28")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def sum_floats(float1: float, float2: float) -> float:
    """Add two numbers as the decimals that they are written as.

    Raises
    ------
    ValueError
        If one of them, or the sum, is NaN, infinite or above 7.9e28.

    Examples
    --------
    >>> sum_floats(0.1, 0.2)
    0.3
    """
    return _bounded(_EXACT.add(_decimal(float1), _decimal(float2)))


def subtract_floats(float1: float, float2: float) -> float:
    """Subtract the second number from the first as the decimals that they are written as.

    Raises
    ------
    ValueError
        If one of them, or the difference, is NaN, infinite or above 7.9e28.

    Examples
    --------
    >>> subtract_floats(0.3, 0.1)
    0.2
    """
    return _bounded(_EXACT.subtract(_decimal(float1), _decimal(float2)))


def _decimal(value: float) -> Decimal:
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise ValueError(f"{value!r} cannot be added as a decimal: it must be finite and at most {_LARGEST:.1e}")
    # The shortest decimal that is this float, as it would be printed.
    return Decimal(repr(float(value))).quantize(_SMALLEST, context=_EXACT)


def _bounded(total: Decimal) -> float:
    if abs(total) > _LARGEST:
        raise ValueError(f"the result {total:.3e} is above {_LARGEST:.1e}")
    return float(total) + 0.0
