"""The protocol of a file as named columns."""

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["CandleFile"]


class CandleFile(Protocol):
    """A file of any format as named columns. Another format is another class of this kind, and a line in `_open.py`.

    Examples
    --------
    >>> import pyarrow as pa
    >>> class InMemory:
    ...     label, separator, notes = "prices in memory", ",", ()
    ...     columns = {"time": [0, 60_000], "close": [10.0, 11.0]}
    ...     names = list(columns)
    ...
    ...     def table(self, columns, numbers=()):
    ...         return pa.table({name: self.columns[name] for name in columns})
    ...
    ...     def place(self, row):
    ...         return f"row {row + 1}"
    >>> file: CandleFile = InMemory()
    >>> file.table(["close"]).column("close").to_pylist(), file.place(1)
    ([10.0, 11.0], 'row 2')
    """

    @property
    def label(self) -> str:
        """The file, for messages."""

    @property
    def names(self) -> Sequence[str]:
        """The names of its columns."""

    @property
    def separator(self) -> str:
        """A comma, unless numbers may have decimal commas."""

    @property
    def notes(self) -> Sequence[str]:
        """What was found out when it was opened, a sentence each."""

    def table(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> Any:
        """Return some columns as a pyarrow.Table; those of `numbers` hold nothing but numbers if the file is sound."""

    def place(self, row: int) -> str:
        """Return where in the file a row is, for messages."""
