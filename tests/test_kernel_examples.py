"""The examples in the docstrings of kernels, run on what was built of them."""

import doctest
import importlib
from pathlib import Path

import pytest

import livermore

ROOT = Path(livermore.__file__).parent
KERNELS = sorted(
    ".".join(("livermore", *path.relative_to(ROOT).with_suffix("").parts))
    for path in ROOT.rglob("*.py")
    if path.read_text(encoding="utf-8").startswith("# cython:")
)


@pytest.mark.parametrize("name", KERNELS)
def test_the_examples_of_a_kernel_hold(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert found.failed == 0


def test_examples_of_compiled_kernels_are_found() -> None:
    """A finder that passes compiled classes over would let all of the above pass."""
    market = importlib.import_module("livermore.market.series")
    assert any(test.examples for test in doctest.DocTestFinder().find(market))
