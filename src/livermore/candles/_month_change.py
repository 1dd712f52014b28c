"""What adding candles does to a month of the store: nothing, new candles, or other values, if the caller says so."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from livermore.candles._check import utc_text
from livermore.candles._columns import COLUMN_NAMES, TIMESTAMP
from livermore.candles._month_file import read_month, write_month
from livermore.errors import CandleError
from livermore.typing import Rows

__all__ = ["MonthChange", "change_of"]


class MonthChange(NamedTuple):
    """What adding candles does to one month: the rows that it has afterwards, and how many of them are other ones."""

    path: Path
    rows: Rows
    changed: int
    base: str

    def apply(self) -> int:
        """Write the month if it changes, and return how many of its rows did."""
        if self.changed:
            write_month(self.path, self.rows, self.base)
        return self.changed


def change_of(path: Path, rows: Rows, name: str, *, replace: bool, base: str) -> MonthChange:
    """Return what adding `rows` does to the month in `path`; without `replace`, refuse to change what is stored."""
    # Also a link to nothing that exists: `atomic_file` then makes what it leads to.
    if not path.exists():
        return MonthChange(path, rows, len(rows), base)
    old = read_month(path, base)
    both = np.concatenate([old, rows])
    merged = both[np.argsort(both[:, TIMESTAMP], kind="stable")]
    # Of two rows of one time the later, newer one stays.
    merged = merged[np.r_[merged[1:, TIMESTAMP] != merged[:-1, TIMESTAMP], True]]
    _, in_old, in_new = np.intersect1d(old[:, TIMESTAMP], rows[:, TIMESTAMP], assume_unique=True, return_indices=True)
    differs = (old[in_old] != rows[in_new]).any(axis=1)
    if differs.any() and not replace:
        raise _conflict(name, old[in_old[differs]], rows[in_new[differs]])
    return MonthChange(path, merged, len(rows) - int((~differs).sum()), base)


def _conflict(name: str, stored: Rows, given: Rows) -> CandleError:
    """Return the error of candles whose times are stored with other values; it shows the first of them."""
    values = " and ".join(
        f"{column} {old} is stored, {new} was given"
        for column, old, new in zip(COLUMN_NAMES, stored[0].tolist(), given[0].tolist(), strict=True)
        if old != new
    )
    others = f"; {len(stored) - 1:,} more of this month differ" if len(stored) > 1 else ""
    return CandleError(
        f"{name}: {utc_text(stored[0, TIMESTAMP])}: {values}{others}. Nothing was written, since "
        "stored candles are not changed unless you say so: replace=True, on the command line --replace."
    )
