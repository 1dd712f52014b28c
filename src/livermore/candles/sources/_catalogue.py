"""The sources that livermore knows, by name, and those that a user brings."""

import difflib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from livermore.candles.sources._preset import Preset, presets_of
from livermore.candles.sources._protocol import CandleSource
from livermore.errors import CandleError

__all__ = ["detected", "known_sources", "source_of"]


@cache
def _built_in() -> Mapping[str, Preset]:
    return presets_of(Path(__file__).with_name("presets.toml"))


def known_sources() -> Sequence[Preset]:
    """Return the sources that livermore knows, in the order of their names.

    Examples
    --------
    >>> [source.name for source in known_sources()][:4]
    ['alphavantage', 'binance', 'bitstamp', 'coinbase']
    """
    return sorted(_built_in().values(), key=lambda preset: preset.name)


def source_of(source: CandleSource | Path | str) -> CandleSource:
    """Return a source from its name, from a TOML file, or the object itself.

    Parameters
    ----------
    source : str, path-like or CandleSource
        A name that `known_sources` lists; a TOML file of one preset, or ``"FILE.toml#NAME"``; or an object.

    Raises
    ------
    CandleError
        If there is no such source, or the file has a mistake.

    Examples
    --------
    >>> source_of("kraken").about
    "Kraken's OHLCVT archive, a headerless file per pair; minutes without trades are left out"
    >>> source_of("karken")
    Traceback (most recent call last):
    livermore.errors.CandleError: there is no source 'karken'. Did you mean 'kraken'? ...
    """
    if not isinstance(source, str | Path):
        if not isinstance(source, CandleSource):
            raise CandleError(f"source must be a name, a TOML file or a CandleSource, not {source!r}.")
        return source
    file, _, name = str(source).partition("#")
    if file.endswith(".toml"):
        return _of_file(Path(file), name)
    known = _built_in()
    if str(source) not in known:
        near = difflib.get_close_matches(str(source), known, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise CandleError(
            f"there is no source {str(source)!r}. {hint}There are: {', '.join(sorted(known))}; or a TOML file of "
            "your own."
        )
    return known[str(source)]


def _of_file(path: Path, name: str) -> Preset:
    presets = presets_of(path)
    if name in presets:
        return presets[name]
    if name or len(presets) != 1:
        raise CandleError(f"{path} has the sources {', '.join(presets) or '(none)'}; name one of them: {path}#NAME.")
    return next(iter(presets.values()))


def detected(lines: Sequence[str], path: str) -> Preset | None:
    """Return the source that the first lines of a text file belong to, None if they could be of any.

    Raises
    ------
    CandleError
        If they belong to several, which differ in what they mean.
    """
    plain = [line.replace('"', "") for line in lines]
    known = [preset for preset in _built_in().values() if preset.like]
    fits = [preset for preset in known if any(re.search(str(preset.like), line) for line in plain)]
    if len(fits) > 1:
        names = " or ".join(f'"{preset.name}"' for preset in fits)
        raise CandleError(
            f"{path} may be of several sources. Say which: source={names} (on the command line --source)."
        )
    return fits[0] if fits else None
