import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(scope="session")
def simulations():
    """Import modules of `benchmarks/simulations`, which an installed package does not have."""
    if not BENCHMARKS.is_dir():
        pytest.skip("benchmarks/ is not here: an installed package has none")
    sys.path.insert(0, str(BENCHMARKS))
    yield lambda name: importlib.import_module(f"simulations.{name}")
    sys.path.remove(str(BENCHMARKS))
