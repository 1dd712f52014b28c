"""Running simulations: each set is one line of a file, so that what was interrupted goes on where it stopped."""

import json
import math
import os
import tempfile
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

import livermore

__all__ = ["Cell", "Figures", "Measure", "Results", "fingerprint", "generator", "run", "simulate"]

Figures = Mapping[str, float | bool | None]


@dataclass(frozen=True)
class Measure:
    """One figure of a cell, and how it is summed up.

    Attributes
    ----------
    key : str
        Its key among the figures of a set.
    title : str
        What it is.
    low, high : float or None
        Bounds that it must keep.
    percent : bool
        Whether it is a share of the sets, or of something within them.
    """

    key: str
    title: str
    low: float | None = None
    high: float | None = None
    percent: bool = True


@dataclass(frozen=True)
class Cell:
    """A row of a table: data sets of one kind, and what is counted of each.

    Attributes
    ----------
    name : str
        Unique within its part.
    simulate : callable
        Draws one set with a generator of random numbers, and returns its figures.
    measures : tuple of Measure
        What the table shows of them.
    """

    name: str
    simulate: Callable[[np.random.Generator], Figures]
    measures: tuple[Measure, ...]


class Results:
    """The figures of sets that were simulated, by cell and seed, in a file of JSON lines.

    Lines of other code than the present are kept in the file, and not used.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    code : str
        What tells one state of the code from another.
    """

    def __init__(self, path: Path, code: str) -> None:
        self.path, self.code = path, code
        self.known: dict[str, dict[int, Figures]] = {}
        if not path.exists():
            return
        text = path.read_text()
        if text and not text.endswith("\n"):  # a run was killed in the middle of a line
            path.write_text(text + "\n")
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            if row["code"] == code:
                self.known.setdefault(row["cell"], {})[row["seed"]] = row["figures"]

    def add(self, cell: str, seed: int, figures: Figures) -> None:
        """Keep the figures of one set, in the file as well."""
        self.known.setdefault(cell, {})[seed] = figures
        line = json.dumps({"cell": cell, "seed": seed, "code": self.code, "figures": figures})
        with self.path.open("a") as file:
            file.write(line + "\n")

    def of(self, cell: str) -> list[Figures]:
        """Return the figures of all sets of a cell."""
        return [figures for _, figures in sorted(self.known.get(cell, {}).items())]

    def missing(self, cell: str, seeds: range) -> list[int]:
        """Return the seeds that are still to be simulated."""
        return [seed for seed in seeds if seed not in self.known.get(cell, {})]


def fingerprint() -> str:
    """Return what tells this state of livermore and of the simulations from any other."""
    found = sha256()
    for folder in (Path(livermore.__file__).parent, Path(__file__).parent):
        for path in sorted(folder.rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()[:12]


def generator(cell: str, seed: int) -> np.random.Generator:
    """Return the generator of a set: the same for the same cell and seed, whatever else is run."""
    return np.random.default_rng([zlib.crc32(cell.encode()), seed])


def simulate(cell: Cell, seed: int) -> Figures:
    """Draw one set and return its figures; warnings are left out: ill-conditioned fits on noise are no news here."""
    with warnings.catch_warnings(), _ledger_of_its_own():
        warnings.simplefilter("ignore")
        return {key: _plain(value) for key, value in cell.simulate(generator(cell.name, seed)).items()}


def run(cells: list[Cell], seeds: range, results: Results, jobs: int) -> None:
    """Simulate what is missing of some cells."""
    for cell in cells:
        calls = (delayed(_numbered)(cell, seed) for seed in results.missing(cell.name, seeds))
        for seed, figures in Parallel(n_jobs=jobs, return_as="generator_unordered")(calls):
            results.add(cell.name, seed, figures)


def _numbered(cell: Cell, seed: int) -> tuple[int, Figures]:
    return seed, simulate(cell, seed)


def _plain(value: Any) -> float | bool | None:
    """Return what JSON can hold: None stands for what is not known."""
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    return float(value) if math.isfinite(float(value)) else None


@contextmanager
def _ledger_of_its_own() -> Iterator[None]:
    """Give each set an empty ledger that is written to: sets know nothing of one another."""
    before = {name: os.environ.pop(name, None) for name in ("LIVERMORE_STATE_DIR", "LIVERMORE_LEDGER")}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LIVERMORE_STATE_DIR"] = folder
        try:
            yield
        finally:
            for name in before:
                os.environ.pop(name, None)
            os.environ.update({name: value for name, value in before.items() if value is not None})
