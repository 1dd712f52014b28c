"""`import_candles_folder`: the candles of all pairs in a folder into the project's store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from livermore.candles import CandleImport
from livermore.candles.sources import CandleSource, files_of_pairs, source_of
from livermore.errors import CandleError
from livermore.research._import_candles_file import import_candles_file

__all__ = ["import_candles_folder"]


def import_candles_folder(
    folder: Path | str,
    exchange: str,
    *,
    source: CandleSource | Path | str,
    root: Path | str | None = None,
    **options: Any,
) -> Sequence[CandleImport]:
    """Store the candles of all pairs of a folder, such as freqtrade's ``user_data/data/binance``.

    Parameters
    ----------
    folder : path-like
        It holds a file per pair, whose name says which: ``BTC_USDT-1m.feather``.
    exchange : str
        The exchange, as routes will say it.
    source : str, path-like or CandleSource
        Whose folder it is: ``"freqtrade"``.
    root : path-like, optional
        The project folder; the working directory by default.
    **options
        As for `import_candles_file`; they hold for all files.

    Returns
    -------
    sequence of CandleImport
        One for each pair, in the order of names.

    Raises
    ------
    CandleError
        If the folder has no such file, or the name of one does not tell its pair. Files are stored one by one; those
        before a file that is refused stay stored.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "BTC_USDT-1m.json").write_text("[[1704067200000, 10.5, 12, 9, 11, 5]]")
    >>> [done] = import_candles_folder(folder, "Binance Spot", source="freqtrade", root=folder)
    >>> done.symbol, done.rows
    ('BTC-USDT', 1)
    """
    pairs = files_of_pairs(Path(folder), source_of(source), str(options.get("base", "1m")))
    doubtful = [path.name for path, symbol in pairs if symbol is None]
    if doubtful:
        raise CandleError(
            f"{folder}: the names of {', '.join(doubtful[:5])} do not tell base and quote apart. Import these files "
            "one by one, with the symbol."
        )
    return [
        import_candles_file(path, exchange, str(symbol), root=root, source=source, **options) for path, symbol in pairs
    ]
