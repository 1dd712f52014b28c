"""The part of a file that is turned into candles."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livermore.candles._options import ReadOptions
from livermore.candles.files import CandleFile
from livermore.candles.sources._preset import Preset
from livermore.errors import CandleError
from livermore.typing import Integers

__all__ = ["Sheet"]


@dataclass(frozen=True)
class Sheet:
    """The columns of a file that matter, of the rows that are asked for, and what is known of them.

    Attributes
    ----------
    file : CandleFile
        Where they are from.
    table : pyarrow.Table
        The columns.
    chosen : mapping of str
        The file's name of a column by livermore's name.
    in_file : ndarray of shape (n,)
        Which row of the file each row is.
    known : Preset
        What is known of the file.
    options : ReadOptions
        What the user said of it.
    """

    file: CandleFile
    table: Any
    chosen: Mapping[str, str]
    in_file: Integers
    known: Preset
    options: ReadOptions

    def column(self, ours: str) -> Any:
        """Return a column by livermore's name."""
        return self.table.column(self.chosen[ours])

    def refuse(self, row: int, problem: str, remedy: str) -> CandleError:
        """Make the error for a row: where in the file it is, what is wrong with it, and what to do."""
        return CandleError(f"{self.file.label}: {self.file.place(int(self.in_file[row]))}: {problem}. {remedy}.")

    def wrong_type(self, ours: str) -> CandleError:
        """Make the error for a column whose values are of no use."""
        name = self.chosen[ours]
        kind = self.table.schema.field(name).type
        return CandleError(f"{self.file.label}: the column {name!r} is of type {kind}, no {ours}.")
