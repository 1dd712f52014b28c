"""`load_ml_data_csv`: samples from a file, or from the place where `gather_ml_data` saves them."""

from difflib import get_close_matches
from pathlib import Path

from livermore.errors import DatasetNotFoundError
from livermore.ml.dataset import Sample

__all__ = ["load_ml_data_csv", "samples_path"]


def load_ml_data_csv(path_or_name: str | Path) -> list[Sample]:
    """Load samples that `gather_ml_data` saved, here or in Jesse.

    Parameters
    ----------
    path_or_name : path-like
        A CSV file; or the bare name of a strategy, which means ``strategies/<Name>/ml_data/<Name>_data.csv``.

    Returns
    -------
    list of dict
        The samples in order of time, labels as bool, int or float. If the Parquet file that was written with the CSV
        still lies beside it, they also know when their labels became known, and where they come from.

    Raises
    ------
    DatasetNotFoundError
        If there is no such file. It is a `FileNotFoundError`, too.
    DatasetError
        If the file is damaged; file and line are named.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.research import gather_ml_data
    >>> from livermore.testing import example_backtest
    >>> path = Path(tempfile.mkdtemp()) / "samples.csv"
    >>> gathered = gather_ml_data(**example_backtest(), csv_path=path, verbose=False)
    >>> len(load_ml_data_csv(path))
    947
    """
    from livermore.ml.dataset import read_samples

    text = str(path_or_name)
    if isinstance(path_or_name, Path) or "/" in text or "\\" in text or text.endswith(".csv"):
        return read_samples(path_or_name)
    path = samples_path(text)
    if not path.is_file():
        raise DatasetNotFoundError(f"there is no file {path}. {_what_there_is(text)}")
    return read_samples(path)


def samples_path(name: str) -> Path:
    """Return where the samples of a strategy are saved, below the working directory."""
    return Path("strategies", name, "ml_data", f"{name}_data.csv")


def _what_there_is(name: str) -> str:
    """Say which strategies have samples, and which of them may be meant."""
    there = sorted(path.parent.parent.name for path in Path("strategies").glob("*/ml_data/*_data.csv"))
    close = get_close_matches(name, there, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    found = f"There are samples of {', '.join(there)}. " if there else ""
    return f"{found}gather_ml_data writes it; a path must contain a slash or end in .csv."
