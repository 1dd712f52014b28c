"""Folders that hold a file per pair."""

import re
from collections.abc import Sequence
from pathlib import Path

from livermore.candles._timeframe import timeframe_minutes
from livermore.candles.sources._preset import Preset
from livermore.candles.sources._protocol import CandleSource
from livermore.errors import CandleError

__all__ = ["files_of_pairs"]

_PAIR = re.compile(r"([A-Za-z0-9]+)_([A-Za-z0-9]+)")


def files_of_pairs(folder: Path, source: CandleSource, base: str) -> Sequence[tuple[Path, str | None]]:
    """Return the files of pairs in a folder, and each pair as a symbol; None where the name does not tell it.

    freqtrade writes ``_`` for ``/``, ``:``, ``.`` and other signs, so that of two or more the pair cannot be told.

    Raises
    ------
    CandleError
        If the folder does not exist, the source has no folders, or no file is there.
    """
    if not folder.is_dir():
        raise CandleError(f"{folder} is no folder.")
    if not isinstance(source, Preset) or not source.member:
        raise CandleError(f"files of {source.name} are not kept in folders of pairs. Import them one by one.")
    found: dict[str, Path] = {}
    for pattern in source.member:
        prefix, suffix = pattern.split("{ticker}")
        ending = suffix.format(base=base, minutes=timeframe_minutes(base))
        for path in sorted(folder.glob(f"{prefix}*{ending}")):
            name = path.name.removeprefix(prefix).removesuffix(ending)
            if name in found:
                raise CandleError(f"{folder} has {name} twice: {found[name].name} and {path.name}. Remove one of them.")
            found[name] = path
    if not found:
        raise CandleError(
            f"{folder} has no file of the form {source.member[0].format(ticker='*', base=base, minutes=1)}."
        )
    return [(path, _symbol(name)) for name, path in sorted(found.items())]


def _symbol(name: str) -> str | None:
    pair = _PAIR.fullmatch(name)
    return None if pair is None else f"{pair[1]}-{pair[2]}"
