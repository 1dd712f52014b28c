"""The labelled samples of a live session, as the files that gathering writes."""

from pathlib import Path
from typing import Any

from livermore.errors import NoSamplesError
from livermore.live._journal_reader import JournalReader, open_journal

__all__ = ["journalled_samples", "live_samples"]


def live_samples(folder: Path | str, directory: Path | str | None = None) -> dict[str, Path]:
    """Write the samples whose labels became known in a live session, as `gather_ml_data` writes them.

    Parameters
    ----------
    folder : path-like
        The session's folder; the session may be running.
    directory : path-like, optional
        Where ``<Strategy>_data.csv`` is written, and a Parquet file beside it; by default ``ml_data`` in the session's
        folder.

    Returns
    -------
    dict of str to Path
        The CSV file of each strategy.

    Raises
    ------
    LiveError
        If there is no such session.
    NoSamplesError
        If no label became known: the session was not watched (`ModelWatch`), or its strategies record none.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.engine import BacktestSpec
    >>> from livermore.live import LiveSession, ModelWatch, StoredFeed
    >>> from livermore.testing import example_backtest
    >>> class Coin:
    ...     def predict_proba(self, features):
    ...         return {0: 0.4, 1: 0.6}
    >>> given = example_backtest(days=1)
    >>> candles = {entry["symbol"]: entry["candles"] for entry in given.pop("candles").values()}
    >>> spec, folder = BacktestSpec(**given, ml_mode="deploy", model=Coin()), tempfile.mkdtemp()
    >>> with LiveSession(spec, StoredFeed(candles), folder, model_watch=ModelWatch()) as live:
    ...     live.run()
    >>> live_samples(folder)["ExampleStrategy"].name
    'ExampleStrategy_data.csv'
    """
    from livermore.ml.dataset import write_samples  # loads pyarrow

    with open_journal(folder) as journal:
        groups = journalled_samples(journal)
    if not groups:
        raise NoSamplesError(
            f"session {Path(folder).name} has no labels: watch its models (model_watch, --on-alarm), and see that its "
            "strategies record samples in gather mode"
        )
    target = Path(folder) / "ml_data" if directory is None else Path(directory)
    return {name: write_samples(samples, target / f"{name}_data.csv") for name, samples in groups.items()}


def journalled_samples(journal: JournalReader) -> dict[str, list[dict[str, Any]]]:
    """Return the samples of a journal whose labels became known, by strategy."""
    strategies = {route["symbol"]: route["strategy"] for route in journal.setting()["routes"]}
    groups: dict[str, list[dict[str, Any]]] = {}
    for _, event in journal.model_events():
        if event.kind == "label":
            groups.setdefault(strategies[event.route], []).append(_sample(event.values["sample"]))
    return groups


def _sample(values: dict[str, Any]) -> dict[str, Any]:
    """Return a sample as it was recorded: JSON has lists in place of tuples, which keys may be."""
    key = values.get("key")
    return {**values, "key": tuple(key)} if isinstance(key, list) else values
