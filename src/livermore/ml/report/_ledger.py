"""The ledger as text: which models were evaluated on which days."""

from collections.abc import Mapping, Sequence
from typing import Any

from livermore.dates import days, minute
from livermore.formatting import p_value
from livermore.ml.report._document import Column, Paragraph, Row, Table
from livermore.ml.report._text import render_blocks

__all__ = ["render_ledger"]

#: So many characters of an estimator are shown.
LONGEST = 60


def render_ledger(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return evaluations as text, oldest first.

    Parameters
    ----------
    rows : sequence of mapping
        What `ledger_table` returned.

    Returns
    -------
    str
        A table of at most 78 columns.

    Examples
    --------
    >>> render_ledger([])
    'no evaluation is recorded'
    """
    if not rows:
        return "no evaluation is recorded"
    columns = [Column("Evaluated"), *(Column(title, "text") for title in ("What", "On days"))]
    table = Table([*columns, Column("Trials"), Column("p\nalone"), Column("p")], [_row(row) for row in rows])
    text = (
        "Trials: different trials so far that looked at these days. p: corrected for all of them at that time; a later "
        "look may withdraw a verdict."
    )
    return render_blocks([table, Paragraph(text)])


def _row(row: Mapping[str, Any]) -> Row:
    what = row["estimator"] if len(row["estimator"]) <= LONGEST else f"{row['estimator'][: LONGEST - 1]}…"
    return Row(
        (
            minute(row["time"]),
            f"{row['task']}\n{what}",
            days(row["test_start"], row["test_end"]).replace(" → ", "\n→ "),
            f"{row['trials']:,}",
            p_value(row["p_alone"]),
            p_value(row["p_value"]),
        )
    )
