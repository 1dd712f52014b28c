"""Checks of indicator parameters: every call of an indicator passes through `ParameterCheck`.

The kind of a parameter follows from its annotation and its name:

- ``source_type`` is a price source, a name that ends with ``matype`` a moving average, ``devtype`` a deviation, and
  ``direction`` is "long" or "short";
- an ``int`` whose name ends with ``period``, ``length`` or one of the other words of `_PERIOD_NAME` is a period: a
  whole number of bars, at least 1;
- a ``float`` is a finite number, a ``bool`` a truth value;
- ``Annotated[int, Whole(0)]`` and the like state the kind where the rule does not fit.

All other parameters, and the value that is the parameter's own default, are accepted as they are; but arrays without
dimensions, and objects that are an integer by ``__index__``, become plain numbers first, since values are remembered by
the parameters and such objects can change.

Whole numbers may be given as numpy integers and as floats without a fraction, since optimisers produce both; they reach
the indicator as ``int``. Fractions, truth values and NaN are refused.
"""

import inspect
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, get_type_hints

import numpy as np

from livermore.errors import IndicatorError
from livermore.formatting import shown
from livermore.indicators._averages import AVERAGES, NEED_CANDLES
from livermore.indicators._source import Series, columns

# A period may be this long at most. It fits a 32-bit integer, so sums of a few periods never overflow in C.
LONGEST_PERIOD = 1_000_000_000

_PERIOD_NAME = re.compile(r"^(period|length)_|(period|length|lookback|window|len)\d*$")


class ParameterError(IndicatorError, TypeError):
    """A parameter has a value that the indicator does not accept.

    Also a TypeError, since that is what compiled code raises for values of a wrong type.
    """


class Kind(Protocol):
    """A kind of parameter: reads a value, or raises ValueError, TypeError or OverflowError; says what is allowed."""

    def read(self, value: Any) -> Any:
        """Return the value as the indicator computes with it."""

    def refusal(self, value: Any) -> str:
        """Return what is wrong with a value, and what is allowed."""


@dataclass(frozen=True)
class Whole:
    """A whole number between two bounds."""

    least: int = 1
    most: int = LONGEST_PERIOD

    def read(self, value: Any) -> int:
        """Return the number as an int; refuse truth values and fractions."""
        if isinstance(value, bool | np.bool_):
            raise TypeError
        if isinstance(value, float | np.floating):
            if not float(value).is_integer():
                raise ValueError
            value = int(value)
        number = operator.index(value)
        if not self.least <= number <= self.most:
            raise ValueError
        return number

    def refusal(self, value: Any) -> str:
        """Name the bounds."""
        return f"={shown(value)} is not allowed; it must be a whole number from {self.least:,} to {self.most:,}"


@dataclass(frozen=True)
class Number:
    """A finite number, larger than `above` and at most `most`."""

    above: float = -math.inf
    most: float = math.inf

    def read(self, value: Any) -> int | float:
        """Return the number as Python's int or float."""
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
            raise TypeError
        number = value.item() if isinstance(value, np.generic) else value
        if not (math.isfinite(number) and self.above < number <= self.most):
            raise ValueError
        return number

    def refusal(self, value: Any) -> str:
        """Name the bounds, as far as there are any."""
        above = f" above {self.above:g}" if self.above > -math.inf else ""
        most = f"{' and' if above else ''} at most {self.most:g}" if self.most < math.inf else ""
        return f"={shown(value)} is not allowed; it must be a finite number{above}{most}"


@dataclass(frozen=True)
class Choice:
    """One of several whole numbers or words; `hint` names them."""

    values: tuple[int, ...] | tuple[str, ...]
    hint: str

    def read(self, value: Any) -> int | str:
        """Return the value if it is one of those that can be chosen."""
        chosen = value if isinstance(self.values[0], str) else Whole(0).read(value)
        if not isinstance(chosen, int | str) or chosen not in self.values:
            raise ValueError
        return chosen

    def refusal(self, value: Any) -> str:
        """Name what can be chosen."""
        return f"={shown(value)} is unknown; choose {self.hint}"


def one_of(*values: Any) -> Choice:
    """Return the choice among values that need no explanation."""
    return Choice(values, f"one of: {', '.join(map(str, values))}")


class Flag:
    """A truth value; 0 and 1 count as such."""

    def read(self, value: Any) -> bool:
        """Return the truth value."""
        if isinstance(value, bool | np.bool_) or (isinstance(value, int | np.integer) and value in (0, 1)):
            return bool(value)
        raise TypeError

    def refusal(self, value: Any) -> str:
        """Name both values."""
        return f"={shown(value)} is not allowed; it must be True or False"


class Source:
    """The name of a price source."""

    def read(self, value: Any) -> str:
        """Return the name; `columns` refuses unknown ones and suggests a similar name."""
        if not isinstance(value, str):
            raise TypeError
        columns(value)
        return value

    def refusal(self, value: Any) -> str:
        """Let `columns` name the sources."""
        if isinstance(value, str):
            try:
                columns(value)
            except IndicatorError as error:
                return str(error).removeprefix("source_type")
        return f"={shown(value)} is not allowed; it must be a string"


class Text:
    """Any string."""

    def read(self, value: Any) -> str:
        """Return the string."""
        if not isinstance(value, str):
            raise TypeError
        return value

    def refusal(self, value: Any) -> str:
        """Say that a string is needed."""
        return f"={shown(value)} is not allowed; it must be a string"


# Annotations for parameters whose name does not tell their kind.
Period = Annotated[int, Whole()]
Amount = Annotated[int, Number()]

_AVERAGE = one_of(*sorted([*AVERAGES, *NEED_CANDLES]))
_DEVIATION = Choice((0, 1, 2), "0 (standard), 1 (mean absolute) or 2 (median absolute)")
_BY_TYPE: Mapping[Any, Kind] = {float: Number(), bool: Flag(), str: Text()}


def kind_of(name: str, annotation: Any) -> Kind | None:
    """Return the kind of a parameter; None if nothing is known of it."""
    for stated in getattr(annotation, "__metadata__", ()):
        if hasattr(stated, "read"):
            return stated  # type: ignore[no-any-return]
    if annotation is str and name in ("source_type", "direction"):
        return Source() if name == "source_type" else one_of("long", "short")
    if annotation is int and name.endswith("matype"):
        return _AVERAGE
    if annotation is int and name == "devtype":
        return _DEVIATION
    if annotation is int:
        return Whole() if _PERIOD_NAME.search(name) else None
    return _BY_TYPE.get(annotation)


class ParameterCheck:
    """Checks the parameters of one indicator.

    Parameters
    ----------
    compute : callable
        The indicator's computation.
    signature : inspect.Signature
        Its signature; the first parameter is the candles.

    Examples
    --------
    >>> def roc(candles, period: int = 10, sequential: bool = False): ...
    >>> check = ParameterCheck(roc, inspect.signature(roc))
    >>> check((14.0, False))
    (14, False)
    >>> check((0, False))
    Traceback (most recent call last):
    livermore...ParameterError: roc: period=0 is not allowed; it must be a whole number from 1 to 1,000,000,000
    """

    def __init__(self, compute: Callable[..., Any], signature: inspect.Signature) -> None:
        self._indicator = compute.__name__
        hints = _hints(compute, signature)
        self._kinds: list[tuple[int, str, Any, Kind | None]] = [
            (place, parameter.name, parameter.default, kind_of(parameter.name, hints.get(parameter.name)))
            for place, parameter in enumerate(list(signature.parameters.values())[1:])
        ]

    def __call__(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return all parameters after the candles as the indicator computes with them.

        Raises
        ------
        IndicatorError
            If a value is not allowed. The message names the indicator, the parameter, the value and what is allowed.
        """
        checked = list(args)
        for place, name, default, kind in self._kinds:
            value = args[place]
            if value is default:
                continue
            plain = _plain(value)
            if kind is None:
                checked[place] = plain
                continue
            try:
                checked[place] = kind.read(plain)
            except (TypeError, ValueError, OverflowError):
                raise ParameterError(f"{self._indicator}: {name}{kind.refusal(value)}") from None
        return tuple(checked)


def _plain(value: Any) -> Any:
    """Return the number that an array without dimensions holds, or that an object is by ``__index__``; else `value`."""
    if isinstance(value, np.ndarray):
        return value.item() if value.ndim == 0 and value.dtype.kind in "biuf" else value
    if isinstance(value, int | float | str | np.generic) or not hasattr(type(value), "__index__"):
        return value
    try:
        return operator.index(value)
    except Exception:  # the kind of the parameter refuses it with a message
        return value


def _hints(compute: Callable[..., Any], signature: inspect.Signature) -> dict[str, Any]:
    """Return the annotations of the parameters; those written as strings are resolved where that is possible."""
    try:
        return get_type_hints(compute, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError):
        return {name: parameter.annotation for name, parameter in signature.parameters.items()}


def companion(indicator: str, parameter: str, candles: Series, other: Any) -> Series:
    """Return the last rows of a second series, as many as there are candles.

    Parameters
    ----------
    indicator, parameter : str
        Names for the message.
    candles : ndarray of shape (n, 6) or (n,)
        The candles that the indicator is computed on.
    other : array_like of shape (m, 6) or (m,)
        The second series; its last row belongs to the last row of `candles`.

    Returns
    -------
    ndarray of shape (n, 6) or (n,)
        The last n rows of `other`.

    Raises
    ------
    IndicatorError
        If `other` has another shape, or fewer rows than `candles`.
    """
    try:
        rows = np.asarray(other, dtype=np.float64)
    except (TypeError, ValueError):
        raise IndicatorError(f"{indicator}: {parameter}={shown(other)} is no array of candles") from None
    if rows.ndim != 2 or rows.shape[1] != 6:
        raise IndicatorError(f"{indicator}: {parameter} has shape {rows.shape}; it must be rows of 6 columns")
    if len(rows) < len(candles):
        raise IndicatorError(
            f"{indicator}: {parameter} has {len(rows)} rows, fewer than the {len(candles)} rows of the candles; "
            "pass at least as many, the last rows of both at the same time"
        )
    return rows[len(rows) - len(candles) :]
