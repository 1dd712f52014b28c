"""`ledger_table`: which models were evaluated on which days, as a table."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from livermore.errors import FrameError, ModelNotFoundError
from livermore.notebook import html_text

__all__ = ["LedgerTable", "ledger_table"]

#: The columns that hold numbers: times in UTC seconds, counts, p-values.
TYPES = {
    **dict.fromkeys(("time", "test_start", "test_end", "trials"), np.int64),
    **dict.fromkeys(("p_alone", "p_value"), np.float64),
}
COLUMNS = (
    *("time", "test_start", "test_end", "task", "label", "estimator", "recipe", "markets", "p_alone", "p_value"),
    "trials",
)


class LedgerTable(list[dict[str, Any]]):
    """What `ledger_table` returns: a list of rows that gives itself as arrays, as a frame, and as text.

    Examples
    --------
    >>> LedgerTable().columns()["p_value"]
    array([], dtype=float64)
    """

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return an array of shape (n,) for each column; texts are of dtype object."""
        return {name: np.array([row[name] for row in self], dtype=TYPES.get(name, object)) for name in COLUMNS}

    def to_frame(self, backend: Literal["pandas", "polars", "pyarrow"] = "pandas") -> Any:
        """Return the table as a frame, with times as times.

        Parameters
        ----------
        backend : {"pandas", "polars", "pyarrow"}
            Whose frame.

        Raises
        ------
        FrameError
            If there is no such backend, or it is not installed.
        """
        import narwhals.stable.v2 as nw
        import pyarrow as pa

        if backend not in ("pandas", "polars", "pyarrow"):
            raise FrameError(f"backend={backend!r} must be one of 'pandas', 'polars', 'pyarrow'.")
        arrays = {
            name: pa.array(values, None if name in TYPES else pa.string()) for name, values in self.columns().items()
        }
        for name in ("time", "test_start", "test_end"):
            arrays[name] = arrays[name].cast(pa.timestamp("s", tz="UTC"))
        try:
            return nw.from_arrow(pa.table(arrays), backend=backend).to_native()
        except ImportError as error:
            raise FrameError(f"{backend} is not installed; install it, or choose another backend.") from error

    def __str__(self) -> str:
        from livermore.ml.report import render_ledger

        return render_ledger(self)

    def _repr_html_(self) -> str:
        return html_text(self)


def ledger_table(folder: str | Path | None = None, *, user: bool = True) -> LedgerTable:
    """Return all evaluations that the ledgers of a model's folder and of the user hold.

    Parameters
    ----------
    folder : path-like, optional
        The model's folder. Without it, the user's ledger alone.
    user : bool
        Whether the user's ledger is read, too; ``LIVERMORE_LEDGER=off`` switches it off everywhere.

    Returns
    -------
    LedgerTable
        A row for each evaluation, oldest first: `time` of the evaluation, `test_start` and `test_end` of the samples
        that it judged (UTC seconds, half-open), `task` ("compare" for a comparison of backtests), `label`,
        `estimator` (of a comparison the model's version), `recipe` (a hash), `markets`, `p_alone`, `p_value`
        (corrected for all looks up to this one; both 1 where not known), and `trials`: how many different trials up
        to this one looked at days of its own.

    Raises
    ------
    ModelNotFoundError
        If there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from livermore.research import gather_ml_data, train_model
    >>> from livermore.testing import example_backtest
    >>> samples = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> folder = tempfile.mkdtemp()
    >>> for strength in (1.0, 0.1):
    ...     _ = train_model(samples, LogisticRegression(C=strength), save_to=folder, verbose=False, importance=False)
    >>> table = ledger_table(folder, user=False)
    >>> [row["trials"] for row in table], table.columns()["label"].tolist()
    ([1, 2], ['win', 'win'])
    """
    from livermore.ml.evidence import different_trials, ledger_for

    path = None if folder is None else Path(folder)
    if path is not None and not path.is_dir():
        raise ModelNotFoundError(f"there is no folder {path}")
    openings = ledger_for(path, user=user).openings()
    rows = []
    for place, look in enumerate(openings):
        touching = [o for o in openings[: place + 1] if o.touches(look.test_start, look.test_end, look.markets)]
        rows.append(
            {
                "time": look.opened_at,
                "test_start": look.test_start,
                "test_end": look.test_end,
                "task": look.task,
                "label": look.label,
                "estimator": look.estimator,
                "recipe": look.recipe,
                "markets": ", ".join(" ".join(filter(None, market)) for market in look.markets),
                "p_alone": look.p_alone,
                "p_value": look.p_value,
                "trials": len(different_trials(touching)),
            }
        )
    return LedgerTable(rows)
