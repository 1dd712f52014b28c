"""`save_report`: the report of a result, in the project's folder of reports."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from livermore.console import print_text
from livermore.errors import ConfigError

if TYPE_CHECKING:
    from livermore.ml.report import HtmlReport

__all__ = ["NO_REPORTS", "REPORTS", "save_report"]

#: The folder of a project that holds its reports.
REPORTS = "reports"
#: The environment variable that switches reports off.
NO_REPORTS = "LIVERMORE_NO_REPORTS"


class Reported(Protocol):
    """A result with a report."""

    def to_html(self) -> "HtmlReport":
        """Return the report."""
        ...


def save_report(result: Reported, what: str, folder: Path | str = ".") -> Path | None:
    """Write the report of a result to the project's folder ``reports``, and print where it is.

    A report that cannot be written is no error, since the result is there and may have taken hours: the reason is
    printed to standard error.

    Parameters
    ----------
    result : object with a method `to_html`
        Of `gather_ml_data`, `gather_universe`, `train_model`, `walk_forward` or `compare_backtests`.
    what : str
        What it is about, such as ``BTC-USDT-training``: the second half of the file's name. The first is the time.
    folder : path-like
        The project folder.

    Returns
    -------
    Path or None
        The page. It needs the folder ``reports/assets`` beside it; ``result.to_html(path)`` writes a page that can be
        sent to others. None if nothing was written: the folder cannot be written to, or the environment variable
        ``LIVERMORE_NO_REPORTS`` is set to something else than 0.

    Raises
    ------
    ConfigError
        If the result has no report, or `what` is no text.

    Examples
    --------
    >>> import os, tempfile
    >>> from livermore.research import gather_ml_data, list_reports
    >>> from livermore.testing import example_backtest
    >>> gathered = gather_ml_data(**example_backtest(), csv_path=None, verbose=False)
    >>> folder, os.environ["LIVERMORE_NO_REPORTS"] = tempfile.mkdtemp(), "1"
    >>> save_report(gathered, "samples", folder) is None, list_reports(folder)
    (True, [])
    """
    from livermore.ml.report import ReportFolder

    if not hasattr(result, "to_html"):
        raise ConfigError(f"a {type(result).__name__} has no report: pass what train_model, for example, returned")
    if not isinstance(what, str):
        raise ConfigError(f"what must be a text, such as 'BTC-USDT-training'; it is {what!r}")
    if os.environ.get(NO_REPORTS, "0") not in ("", "0"):
        return None
    try:
        path = ReportFolder(Path(folder) / REPORTS).add(result.to_html(), what)
    except OSError as error:
        print_text(f"the report could not be written: {error}", sys.stderr)
        return None
    print_text(f"\nReport: {path}")
    return path
