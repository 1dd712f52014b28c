"""dna in both of its forms."""

import base64
import json
from typing import Any

import pytest

from livermore.errors import StrategyError
from livermore.strategies import decode_dna, initial_hyperparameters

DECLARED: list[dict[str, Any]] = [
    {"name": "n", "type": int, "min": 2, "max": 9, "default": 4},
    {"name": "x", "type": float, "min": 0.0, "max": 1.0, "default": 0.5},
]


def test_legacy_characters_span_the_range() -> None:
    assert decode_dna(DECLARED, "((") == {"n": 2, "x": 0.0}
    assert decode_dna(DECLARED, "ww") == {"n": 9, "x": 1.0}


def test_base64_of_json() -> None:
    values = {"n": 7, "x": 0.25}
    assert decode_dna(DECLARED, base64.b64encode(json.dumps(values).encode()).decode()) == values


def test_a_dna_of_another_length_is_refused() -> None:
    with pytest.raises(StrategyError, match="has 3 characters, but there are 2 hyperparameters"):
        decode_dna(DECLARED, "(((")


def test_given_values_are_not_mixed_with_defaults() -> None:
    assert initial_hyperparameters(DECLARED, "ww", {"x": 3}) == {"x": 3}
    assert initial_hyperparameters(DECLARED, "", None) == {"n": 4, "x": 0.5}
