"""Runs the Python blocks of README and docs: what they show must work as it stands.

The blocks of one page run in order, in one namespace, in an empty folder. Cells of tutorials and of the gallery, which
are marked ``{code-cell}``, are run by the site's build instead (`docs/conf.py`).
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

ROOT = Path(__file__).parent
# Tests leave nothing in the home of whoever runs them.
os.environ.setdefault("LIVERMORE_STATE_DIR", tempfile.mkdtemp(prefix="livermore-state-"))
# Whatever was tested before would otherwise count against the samples of the next test.
os.environ.setdefault("LIVERMORE_LEDGER", "off")
# Commands and scripts write reports where a test asks for them.
os.environ.setdefault("LIVERMORE_NO_REPORTS", "1")

# How long an example takes depends on the machine and its load, so no test has a deadline.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")


@pytest.fixture(scope="module")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Work in an empty folder for as long as the page runs."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("page")
        patch.chdir(folder)
        yield folder


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["README.md", "docs/*.md"],
    fixtures=["empty_folder"],
    path=str(ROOT),
).pytest()

# Scripts that need the real Jesse, and what builds the site: not tests.
collect_ignore_glob = ["tests/golden/*/regenerate.py", "docs/*.py", "docs/_tools/*.py"]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out modules that are compiled: pytest would import their source instead of what was built of it.

    Their examples are run by `tests/test_kernel_examples.py`.
    """
    if collection_path.suffix != ".py" or not collection_path.is_relative_to(ROOT / "src"):
        return None
    with collection_path.open(encoding="utf-8") as file:
        return True if file.readline().startswith("# cython:") else None
