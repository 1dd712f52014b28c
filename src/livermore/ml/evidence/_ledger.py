"""The ledger: how often a test interval has been opened, and by what.

A test side is worth its name once. Whoever trains, looks, changes something and trains again is choosing on the test
side, and the best of ten looks is no longer what its p-value says. So each opening is written down beside the model,
and significance is deflated by their number.
"""

import hashlib
import json
import os
import re
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from livermore.errors import LivermoreWarning

__all__ = ["LEDGER_NAME", "Ledger", "Opening", "configuration_of"]

LEDGER_NAME = "ml_ledger.jsonl"


@dataclass(frozen=True)
class Opening:
    """One look at a test side.

    Parameters
    ----------
    opened_at : int
        When, in UTC seconds.
    test_start, test_end : int
        The test interval in UTC seconds, half-open.
    task, label : str
        What was predicted.
    estimator : str
        The estimator, shortened.
    configuration : str
        Hash of all that was set: estimator with parameters, features, task, calibration, data.
    figures : str
        Hash of the predictions that were seen.
    """

    opened_at: int
    test_start: int
    test_end: int
    task: str
    label: str
    estimator: str
    configuration: str
    figures: str

    @property
    def identity(self) -> tuple[str, str]:
        """The same twice is one trial: repeating a run shows nothing new."""
        return self.configuration, self.figures


class Ledger:
    """An append-only list of openings, one JSON object per line.

    Parameters
    ----------
    path : path-like
        The file; it need not exist yet, its folder must.

    Examples
    --------
    >>> import tempfile
    >>> ledger = Ledger(Path(tempfile.mkdtemp()) / LEDGER_NAME)
    >>> look = Opening(0, 1000, 2000, "binary", "win", "LogisticRegression()", "a1", "f1")
    >>> ledger.record(look), ledger.record(look), ledger.trials(1500, 3000), ledger.trials(2000, 3000)
    (1, 1, 1, 0)
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def openings(self) -> list[Opening]:
        """Return all openings; lines that cannot be read are skipped with a warning."""
        if not self.path.exists():
            return []
        found = []
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                found.append(Opening(**json.loads(line)))
            except (ValueError, TypeError):
                warnings.warn(
                    f"Line {number} of {self.path} cannot be read and is not counted: the number of looks at the test "
                    "side is at least one more than reported.",
                    LivermoreWarning,
                    stacklevel=2,
                )
        return found

    def record(self, opening: Opening) -> int:
        """Write an opening down, and return how many different trials have opened its interval by now.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        line = json.dumps(asdict(opening), sort_keys=True, ensure_ascii=False) + "\n"
        # One write to a file opened for appending: two runs at once cannot tear each other's line apart.
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line.encode("utf-8"))
            os.fsync(handle)
        finally:
            os.close(handle)
        return self.trials(opening.test_start, opening.test_end)

    def trials(self, test_start: int, test_end: int) -> int:
        """Count the different trials that opened any part of a test interval (UTC seconds, half-open)."""
        touching = (o for o in self.openings() if o.test_start < test_end and test_start < o.test_end)
        return len({opening.identity for opening in touching})


def configuration_of(estimator: Any, **settings: Any) -> str:
    """Return a hash of an estimator with its parameters and of whatever else was set.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> configuration_of(Ridge(), task="regression") == configuration_of(Ridge(alpha=2.0), task="regression")
    False
    """
    parameters = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else {"": estimator}
    text = repr(
        (type(estimator).__qualname__, sorted((k, repr(v)) for k, v in parameters.items()), sorted(settings.items()))
    )
    # Addresses in memory are different in each run and mean nothing.
    return hashlib.sha256(re.sub(r" at 0x[0-9a-fA-F]+", "", text).encode()).hexdigest()[:16]
