"""Where `self.hp` comes from: given values, a dna, or defaults."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from livermore.errors import StrategyError

__all__ = ["decode_dna", "initial_hyperparameters"]

#: The characters of a legacy dna: each stands for a place between minimum and maximum.
FIRST_CHARACTER, LAST_CHARACTER = 40, 119


def initial_hyperparameters(
    declared: Sequence[Mapping[str, Any]], dna: str, given: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the values that a strategy starts with.

    Parameters
    ----------
    declared : sequence of mapping
        What `Strategy.hyperparameters` returns.
    dna : str
        What `Strategy.dna` returns.
    given : mapping, optional
        Values from outside; they replace all others, and are not mixed with defaults.

    Examples
    --------
    >>> declared = [{"name": "period", "type": int, "min": 2, "max": 20, "default": 9}]
    >>> initial_hyperparameters(declared, "", None)
    {'period': 9}
    >>> initial_hyperparameters(declared, "w", None)
    {'period': 20}
    """
    if given is not None:
        return dict(given)
    if dna:
        return decode_dna(declared, dna)
    return {str(parameter["name"]): parameter["default"] for parameter in declared}


def decode_dna(declared: Sequence[Mapping[str, Any]], dna: str) -> dict[str, Any]:
    """Return the hyperparameters that a dna encodes.

    A dna is the Base64 form of a JSON object; or, as it once was, one character per hyperparameter, whose code from 40
    to 119 is mapped to the range from minimum to maximum.

    Raises
    ------
    StrategyError
        If it is neither.

    Examples
    --------
    >>> declared = [{"name": "period", "type": int, "min": 2, "max": 40, "default": 14}]
    >>> list(decode_dna(declared, "t"))
    ['period']
    """
    values = _from_base64(dna)
    if values is not None:
        return values
    if len(dna) != len(declared):
        raise StrategyError(
            f"the dna {dna!r} has {len(dna)} characters, but there are {len(declared)} hyperparameters: it belongs to "
            "another strategy or version"
        )
    return {str(p["name"]): _gene(p, character) for p, character in zip(declared, dna, strict=True)}


def _from_base64(dna: str) -> dict[str, Any] | None:
    try:
        values = json.loads(base64.b64decode(dna, validate=True))
    except (binascii.Error, ValueError):
        return None
    return values if isinstance(values, dict) else None


def _gene(parameter: Mapping[str, Any], character: str) -> Any:
    low, high, kind = parameter["min"], parameter["max"], parameter["type"]
    place = (ord(character) - FIRST_CHARACTER) / (LAST_CHARACTER - FIRST_CHARACTER)
    value = low + place * (high - low)
    if kind is int or kind == "int":
        return round(value)
    if kind is float or kind == "float":
        return value
    raise StrategyError(f"hyperparameter {parameter['name']!r}: a legacy dna encodes int and float only, not {kind!r}")
