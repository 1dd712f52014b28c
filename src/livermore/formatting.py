"""Numbers as text for people: never "nan", never a zero that is none, never a p-value of 0; and values in messages."""

import math
import reprlib
from typing import Any

__all__ = ["NOTHING", "age", "estimate", "interval", "number", "p_equals", "p_value", "plain", "share", "shown"]

#: What stands where a figure is undefined.
NOTHING = "–"

HUGE = 1e10
# Smaller p-values are printed as "< 0.001": permutation tests draw some thousand times, and tell no more.
LEAST_P = 0.001


def number(value: Any, spec: str) -> str:
    """Return a number in a format; with more digits where the format would show a zero, a dash where it is undefined.

    Examples
    --------
    >>> number(0.1234, ".1%"), number(0.00004, ".1%"), number(0.0, ".1%"), number(float("nan"), ".3f")
    ('12.3%', '0.004%', '0%', '–')
    """
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    percent, sign = "%" if spec.endswith("%") else "", "+" if spec.startswith("+") else ""
    if abs(value) >= HUGE:  # digits without end would break the columns of a table
        return format(100 * value if percent else value, f"{sign}.4g") + percent
    text = format(value, spec)
    if any(digit in text for digit in "123456789"):
        return text
    if value == 0:
        return "0" + percent
    # One significant digit tells the reader that the figure is small and not zero.
    return format(100 * value if percent else value, f"{sign}.1g") + percent


def plain(value: float | None, sign: str = "") -> str:
    """Return a number of any size with four significant digits.

    Examples
    --------
    >>> plain(1234567.0), plain(0.000123456), plain(12.0, "+")
    ('1.235e+06', '0.0001235', '+12')
    """
    return number(value, f"{sign}.4g")


def interval(low: float | None, high: float | None, spec: str) -> str:
    """Return an interval, a dash if it is undefined.

    Examples
    --------
    >>> interval(0.512, 0.634, ".1%")
    '51.2% to 63.4%'
    """
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return NOTHING
    return f"{number(low, spec)} to {number(high, spec)}"


def estimate(value: float | None, low: float | None, high: float | None, spec: str, unit: str = "") -> str:
    """Return a figure with its 95 % interval, for use in a sentence.

    Examples
    --------
    >>> estimate(0.0123, 0.001, 0.024, "+.2%")
    '+1.23% (95 % interval +0.10% to +2.40%)'
    >>> estimate(0.0123, float("nan"), float("nan"), "+.2%")
    '+1.23% (too few samples for an interval)'
    """
    between = interval(low, high, spec)
    detail = "too few samples for an interval" if between == NOTHING else f"95 % interval {between}{unit}"
    return f"{number(value, spec)}{unit} ({detail})"


def p_value(value: float | None) -> str:
    """Return a p-value, a dash if it is undefined.

    Examples
    --------
    >>> p_value(0.0123), p_value(0.0005), p_value(1.0)
    ('0.012', '< 0.001', '1.000')
    """
    if value is not None and value < LEAST_P:
        return f"< {LEAST_P}"
    return number(value, ".3f")


def p_equals(value: float | None) -> str:
    """Return a p-value for use in a sentence.

    Examples
    --------
    >>> p_equals(0.0123), p_equals(0.0)
    ('p = 0.012', 'p < 0.001')
    """
    text = p_value(value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def share(count: int, total: int) -> str:
    """Return a count and its share of a total.

    Examples
    --------
    >>> share(24, 235)
    '24 (10.2%)'
    """
    return f"{count:,} ({number(count / total, '.1%')})"


def shown(value: Any) -> str:
    """Return a short text for any value: a message must not itself fail, as that of an int of 5,000 digits would.

    Examples
    --------
    >>> shown("x" * 100)
    "'xxxxxxxxxxxx...xxxxxxxxxxxxx'"
    """
    try:
        return reprlib.repr(value)
    except Exception:
        return f"a value of type {type(value).__name__}"


def age(seconds: float) -> str:
    """Return how long something is ago, in two units at most.

    Examples
    --------
    >>> age(12.3), age(200), age(4000), age(200_000)
    ('12 s', '3 min 20 s', '1 h 6 min', '2 d 7 h')
    """
    whole = max(int(seconds), 0)
    for unit, length, below, per in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1)):
        if whole >= length:
            return f"{whole // length} {unit} {whole % length // per} {below}"
    return f"{whole} s"
