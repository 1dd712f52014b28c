"""The ledger: how many trials have been evaluated on a test period.

A test set is unseen only once. To evaluate, change something and evaluate again is to choose on the test set, and the
p-value of the best of ten trials is too small. So each test-set evaluation is recorded next to the model, and
p-values are corrected for the number of different trials.

A test period is a time interval of some markets. One evaluation counts against another if their intervals overlap and
they share a symbol. Exchange and timeframe make no difference: a symbol moves alike on all of them. An evaluation whose
markets are unknown (samples from a plain CSV, lines of older versions) counts for all markets.
"""

import hashlib
import json
import math
import os
import re
import stat
import warnings
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import time
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from livermore.errors import FileError, LivermoreWarning
from livermore.files import locked
from livermore.ml.dataset import Markets, markets_of
from livermore.ml.labels import LabelWindows
from livermore.ml.tasks import Prediction

if TYPE_CHECKING:
    from livermore.ml.dataset import Dataset

__all__ = ["LEDGER_NAME", "Ledger", "Opening", "configuration_of", "opening_of"]

LEDGER_NAME = "ml_ledger.jsonl"
# What a line raises that is not what `Ledger.record` writes: other types, missing keys, endless nesting.
DAMAGE = (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)


@dataclass(frozen=True)
class Opening:
    """One test-set evaluation.

    Parameters
    ----------
    opened_at : int
        When it took place, in UTC seconds.
    test_start, test_end : int
        The test interval in UTC seconds, half-open.
    task, label : str
        Name of the task, and of the label.
    estimator : str
        The estimator's repr, shortened.
    configuration : str
        Hash of the estimator with its parameters, the features, the task and the training data.
    figures : str
        Hash of the predictions.
    markets : tuple of tuple of str
        Exchange, symbol and timeframe of the test samples; empty if unknown.
    """

    opened_at: int
    test_start: int
    test_end: int
    task: str
    label: str
    estimator: str
    configuration: str
    figures: str
    markets: Markets = ()

    @property
    def identity(self) -> tuple[str, str]:
        """Evaluations with the same identity are one trial: repeating a run shows nothing new."""
        return self.configuration, self.figures

    @classmethod
    def of_line(cls, line: str) -> "Opening":
        """Parse a line of a ledger; raise one of `DAMAGE` if it is damaged."""
        entries = json.loads(line)
        for name in ("opened_at", "test_start", "test_end"):
            if type(entries[name]) not in (int, float) or not math.isfinite(entries[name]):
                raise ValueError(f"{name} is no time")
        for name in ("task", "label", "estimator", "configuration", "figures"):
            if not isinstance(entries[name], str):
                raise TypeError(f"{name} is no text")
        markets = tuple(
            (str(exchange), str(symbol), str(frame)) for exchange, symbol, frame in entries.get("markets", ())
        )
        return cls(**{**entries, "markets": markets})

    def touches(self, test_start: int, test_end: int, markets: Markets = ()) -> bool:
        """Return whether it counts for a test period, by the rule in the module's docstring.

        Examples
        --------
        >>> look = Opening(0, 1000, 2000, "binary", "win", "", "a1", "f1", (("Sandbox", "BTC-USDT", "1h"),))
        >>> look.touches(1500, 3000), look.touches(2000, 3000)
        (True, False)
        >>> look.touches(1500, 3000, (("Sandbox", "ETH-USDT", "1h"),))
        False
        """
        if not (self.test_start < test_end and test_start < self.test_end):
            return False
        mine, others = ({symbol for _, symbol, _ in known} for known in (self.markets, markets))
        return not mine or not others or not mine.isdisjoint(others)


class Ledger:
    """An append-only list of test-set evaluations, one JSON object per line.

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

    def check(self) -> None:
        """Refuse a ledger that cannot be written to, before time is spent on training.

        A link is refused, too: it could lead to a file outside of the model's folder.

        Raises
        ------
        FileError
            If a link, a folder, a pipe or a device stands at the path of the ledger or of its lock file.
        """
        for path in (self.path, self._lock):
            if not _is_regular_or_missing(path):
                raise FileError(f"{path} is no regular file, so no test-set evaluation can be recorded. Remove it.")

    def openings(self) -> list[Opening]:
        """Return all evaluations; lines that cannot be read are skipped with a warning."""
        found = []
        for number, line in enumerate(self._whole_text().split("\n"), start=1):
            if not line:
                continue
            try:
                found.append(Opening.of_line(line))
            except DAMAGE:
                warnings.warn(
                    f"Line {number} of {self.path} cannot be read and is not counted: at least one more trial has been "
                    "evaluated than reported.",
                    LivermoreWarning,
                    stacklevel=2,
                )
        return found

    def record(self, opening: Opening) -> int:
        """Record an evaluation, and return the number of different trials on its test period, this one included.

        Raises
        ------
        FileError
            If something else than a regular file stands at its path; see `check`.
        OSError
            If the file cannot be written.
        """
        self.check()
        line = json.dumps(asdict(opening), sort_keys=True, ensure_ascii=False) + "\n"
        with locked(self._lock), open(self.path, "a+b", opener=_open_without_link) as file:
            file.write(_missing_newline(file) + line.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        return self.trials(opening.test_start, opening.test_end, opening.markets)

    def touching(self, test_start: int, test_end: int, markets: Markets = ()) -> list[Opening]:
        """Return the evaluations that count for a test period: an interval (UTC seconds, half-open) of some markets."""
        return [opening for opening in self.openings() if opening.touches(test_start, test_end, markets)]

    def trials(self, test_start: int, test_end: int, markets: Markets = ()) -> int:
        """Return the number of different trials among the evaluations of `touching`."""
        return len({opening.identity for opening in self.touching(test_start, test_end, markets)})

    @property
    def _lock(self) -> Path:
        return self.path.with_name(f".{self.path.name}.lock")

    def _whole_text(self) -> str:
        """Return the text of the file; if its last line is incomplete, wait for the run that is writing it."""
        text = self._text()
        if text and not text.endswith("\n") and _is_regular_or_missing(self._lock):
            with suppress(OSError), locked(self._lock):  # nobody writes to a read-only folder
                text = self._text()
        return text

    def _text(self) -> str:
        if not _is_regular_or_missing(self.path):
            warnings.warn(
                f"{self.path} is no regular file and is not read: more trials may have been evaluated than reported.",
                LivermoreWarning,
                stacklevel=4,
            )
            return ""
        return self.path.read_bytes().decode("utf-8", errors="replace") if self.path.exists() else ""


def _is_regular_or_missing(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return True


def _open_without_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _missing_newline(file: IO[bytes]) -> bytes:
    """Return the newline that the last line of a file lacks after a killed run, or nothing."""
    if not file.seek(0, os.SEEK_END):
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read() == b"\n" else b"\n"


def opening_of(
    estimator: Any, task: str, train: "Dataset", test: "Dataset", prediction: Prediction, windows: LabelWindows
) -> Opening:
    """Describe the test-set evaluation that takes place now.

    Parameters
    ----------
    estimator : estimator
        The estimator.
    task : str
        Name of the task.
    train, test : Dataset
        The parts of the split.
    prediction : Prediction
        The predictions of the test part.
    windows : LabelWindows
        Label intervals of the test part.

    Returns
    -------
    Opening
    """
    predicted = prediction.probabilities if prediction.has_probabilities else prediction.values
    return Opening(
        opened_at=int(time()),
        test_start=int(windows.start.min()),
        test_end=int(windows.end.max()),
        task=task,
        label=test.label_name,
        estimator=" ".join(repr(estimator).split())[:200],
        configuration=configuration_of(
            estimator,
            task=task,
            features=train.feature_names,
            data=train.fingerprint(),
            weighted=train.weight is not None,
        ),
        figures=hashlib.sha256(np.round(np.asarray(predicted, dtype=np.float64), 9).tobytes()).hexdigest()[:16],
        markets=markets_of(test),
    )


def configuration_of(estimator: Any, **settings: Any) -> str:
    """Return a hash of an estimator with its parameters, and of other settings.

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
    # Memory addresses differ between runs.
    return hashlib.sha256(re.sub(r" at 0x[0-9a-fA-F]+", "", text).encode()).hexdigest()[:16]
