"""The ledger: which models have been evaluated on which days.

A test set is unseen only once. To evaluate, change something and evaluate again is to choose on the test set, and the
p-value of the best of ten trials is too small. So each evaluation is recorded, and p-values are corrected for all
different trials on the same days (`judge`).

The same lines are kept in two places: next to the model, so that they are copied with it, and in the user's state
folder, so that another folder, or none, does not make days new.
"""

import json
import os
import stat
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from livermore.errors import FileError, LivermoreWarning
from livermore.files import locked, state_folder
from livermore.ml.dataset import Markets
from livermore.ml.evidence._judging import LEVEL, Judgement, judge, judged_again
from livermore.ml.evidence._looks import DAMAGE, Choice, Opening, different_trials, entry_of, same_samples
from livermore.ml.options import LEDGER_NAME

__all__ = ["LEDGER_SWITCH", "Ledger", "ledger_for"]

#: The environment variable that switches the user's ledger off.
LEDGER_SWITCH = "LIVERMORE_LEDGER"
OFF = ("off", "0", "no", "false")


class Ledger:
    """Append-only lists of test-set evaluations and choices, one JSON object per line.

    Parameters
    ----------
    *paths : path-like
        Files that all get the same lines and are read together; a line that stands in several counts once. They need
        not exist yet, their folders must. Without a file nothing is recorded.
    note : str
        What a report says of where evaluations are recorded.

    Examples
    --------
    >>> import tempfile
    >>> ledger = Ledger(Path(tempfile.mkdtemp()) / LEDGER_NAME)
    >>> look = Opening(0, 1000, 2000, "binary", "win", "LogisticRegression()", "a1", "f1")
    >>> ledger.record(look), ledger.record(look), ledger.trials(1500, 3000), ledger.trials(2000, 3000)
    (1, 1, 1, 0)
    """

    def __init__(self, *paths: Path | str, note: str = "") -> None:
        # A model may be saved to the user's state folder; one file must not be locked and written twice.
        different: dict[Path, Path] = {}
        for path in map(Path, paths):
            different.setdefault(path.parent.resolve() / path.name, path)
        self._files = [_LedgerFile(path) for path in different.values()]
        self.note = note

    @property
    def path(self) -> Path:
        """The first file."""
        return self._files[0].path

    @property
    def is_kept(self) -> bool:
        """Whether there is a file to record in."""
        return bool(self._files)

    def check(self) -> None:
        """Refuse a ledger that cannot be written to, before time is spent on training.

        A link is refused, too: it could lead to a file outside of the model's folder.

        Raises
        ------
        FileError
            If a link, a folder, a pipe or a device stands at the path of the ledger or of its lock file.
        """
        for file in self._files:
            file.check()

    def openings(self) -> list[Opening]:
        """Return all evaluations, oldest first; lines that cannot be read are skipped with a warning."""
        return [entry for entry in self._entries() if isinstance(entry, Opening)]

    def choices(self) -> list[Choice]:
        """Return all choices."""
        return [entry for entry in self._entries() if isinstance(entry, Choice)]

    def add(self, opening: Opening) -> Judgement:
        """Record an evaluation, and judge it beside all others, and those again.

        Parameters
        ----------
        opening : Opening
            The evaluation. Its `p_value` is replaced by the corrected one.

        Returns
        -------
        Judgement

        Raises
        ------
        FileError
            If something else than a regular file stands at its path; see `check`.
        OSError
            If a file cannot be written.
        """
        with self._locked():
            entries = self._parsed([file.text() for file in self._files])
            found = judge(opening, [entry for entry in entries if isinstance(entry, Opening)])
            self._append(replace(opening, p_value=found.p_value))
        return replace(found, unreadable=sum(isinstance(entry, _Unreadable) for entry in entries))

    def record(self, opening: Opening) -> int:
        """Record an evaluation, and return the number of different trials on its days, this one included.

        Raises as `add` does.
        """
        return self.add(opening).trials

    def record_choice(self, choice: Choice) -> None:
        """Record that something was chosen by what some days show. Raises as `add` does."""
        with self._locked():
            self._append(choice)

    def touching(self, test_start: int, test_end: int, markets: Markets = ()) -> list[Opening]:
        """Return the evaluations that count for a test period: an interval (UTC seconds, half-open) of some markets."""
        return [opening for opening in self.openings() if opening.touches(test_start, test_end, markets)]

    def trials(self, test_start: int, test_end: int, markets: Markets = ()) -> int:
        """Return the number of different trials among the evaluations of `touching`."""
        return len(different_trials(self.touching(test_start, test_end, markets)))

    def nothing_chosen(
        self, markets: Markets, start: int, end: int, recipe: str = "", data: tuple[tuple[int, str], ...] = ()
    ) -> bool:
        """Return whether nothing is known to have been chosen by what some days show.

        Parameters
        ----------
        markets : tuple of tuple of str
            Exchange, symbol and timeframe of the samples; empty if unknown.
        start, end : int
            Interval in UTC seconds, half-open.
        recipe : str
            The recipe (`recipe_of`) that is about to be trained; its own earlier evaluations chose nothing.
        data : tuple of (int, str)
            The samples' `sample_hashes`: the recipe's evaluations of other samples of the same times, such as those of
            a feature that was computed in another way, are another recipe's. Without them its name decides.

        Returns
        -------
        bool
            False without a file, and if any other recipe was evaluated, or any choice made, on these days. A line that
            cannot be read may have been that.
        """

        def is_own(entry: "_Entry") -> bool:
            if isinstance(entry, _Unreadable) or not recipe or entry.recipe != recipe:
                return False
            return isinstance(entry, Choice) or not data or same_samples(data, entry.data)

        return self.is_kept and not any(
            entry.touches(start, end, markets) for entry in self._entries() if not is_own(entry)
        )

    def judged(self) -> list[tuple[Opening, float]]:
        """Return all different trials that have block scores, each with its p-value corrected for all looks by now."""
        return judged_again(self.openings())

    def withdrawn(self) -> list[tuple[Opening, float]]:
        """Return the evaluations that were a yes when they were recorded and are none by now, with their p-values."""
        judged = judged_again(self.openings(), at_most=LEVEL)
        return [(look, p_value) for look, p_value in judged if p_value > LEVEL]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the locks of all files, always in the same order."""
        self.check()
        with ExitStack() as stack:
            for file in self._files:
                stack.enter_context(locked(file.lock))
            yield

    def _append(self, entry: Opening | Choice) -> None:
        line = json.dumps(asdict(entry), sort_keys=True, ensure_ascii=False) + "\n"
        for file in self._files:
            file.append(line)

    def _entries(self) -> "list[_Entry]":
        """Return all lines; a last line that is being written is waited for."""
        return self._parsed([file.whole_text() for file in self._files])

    def _parsed(self, texts: Sequence[str]) -> "list[_Entry]":
        """Return what stands in any of the texts, in order of time, each line once."""
        entries = [entry for file, text in zip(self._files, texts, strict=True) for entry in file.parsed(text)]
        return sorted(dict.fromkeys(entries), key=_when)


@dataclass(frozen=True)
class _Unreadable:
    """A damaged line: something was looked at, and it is not known what."""

    line: str

    def touches(self, start: float, end: float, markets: Markets = ()) -> bool:
        """Return that it may count for any days of any market."""
        return True


_Entry = Opening | Choice | _Unreadable


class _LedgerFile:
    """One file of a ledger."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def lock(self) -> Path:
        """The lock file beside it."""
        return self.path.with_name(f".{self.path.name}.lock")

    def check(self) -> None:
        """Refuse what is no regular file."""
        for path in (self.path, self.lock):
            if not _is_regular_or_missing(path):
                raise FileError(f"{path} is no regular file, so no test-set evaluation can be recorded. Remove it.")

    def append(self, line: str) -> None:
        """Append a line; the caller holds the lock."""
        with open(self.path, "a+b", opener=_open_without_link) as file:
            file.write(_missing_newline(file) + line.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())

    def parsed(self, text: str) -> "Iterator[_Entry]":
        """Yield the entries of a text; warn of lines that cannot be read."""
        for number, line in enumerate(text.split("\n"), start=1):
            if not line:
                continue
            try:
                yield entry_of(line)
            except DAMAGE:
                warnings.warn(
                    f"Line {number} of {self.path} cannot be read and is not counted: at least one more trial has been "
                    "evaluated than reported.",
                    LivermoreWarning,
                    stacklevel=2,
                )
                yield _Unreadable(line)

    def whole_text(self) -> str:
        """Return the text of the file; if its last line is incomplete, wait for the run that is writing it."""
        text = self.text()
        if text and not text.endswith("\n") and _is_regular_or_missing(self.lock):
            with suppress(OSError), locked(self.lock):  # nobody writes to a read-only folder
                text = self.text()
        return text

    def text(self) -> str:
        """Return the text of the file as it is now."""
        if not _is_regular_or_missing(self.path):
            warnings.warn(
                f"{self.path} is no regular file and is not read: more trials may have been evaluated than reported.",
                LivermoreWarning,
                stacklevel=4,
            )
            return ""
        return self.path.read_bytes().decode("utf-8", errors="replace") if self.path.exists() else ""


def ledger_for(folder: Path | None = None, *, user: bool = True) -> Ledger:
    """Return the ledger of a model's folder and of the user.

    Parameters
    ----------
    folder : Path, optional
        The model's folder, which must exist.
    user : bool
        Whether the user's ledger is kept, too. The environment variable ``LIVERMORE_LEDGER=off`` switches it off.

    Returns
    -------
    Ledger
        Of the folder's file and of the one in the user's state folder (``LIVERMORE_STATE_DIR``).

    Warns
    -----
    LivermoreWarning
        If the user's ledger cannot be written to. Evaluations are then recorded in the model's folder alone.

    Examples
    --------
    >>> ledger_for(user=False).is_kept
    False
    """
    paths = [] if folder is None else [folder / LEDGER_NAME]
    if not user or os.environ.get(LEDGER_SWITCH, "").strip().lower() in OFF:
        return Ledger(*paths, note="The user's ledger is switched off: evaluations elsewhere are not counted.")
    try:
        kept = state_folder()
        kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = _LedgerFile(kept / LEDGER_NAME)
        file.check()
        for path in (file.path, file.lock):
            with open(path, "ab", opener=_open_without_link):
                pass
    except (OSError, FileError) as error:
        warnings.warn(
            f"the user's ledger cannot be written to ({error}), so this evaluation is not counted elsewhere. Point "
            f"LIVERMORE_STATE_DIR at a folder that can be written to, or set {LEDGER_SWITCH}=off.",
            LivermoreWarning,
            stacklevel=2,
        )
        return Ledger(*paths, note="The user's ledger cannot be written to: evaluations elsewhere are not counted.")
    return Ledger(*paths, kept / LEDGER_NAME)


def _when(entry: _Entry) -> int:
    if isinstance(entry, _Unreadable):
        return 0
    return entry.opened_at if isinstance(entry, Opening) else entry.chosen_at


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
