"""What `gather_universe` leaves: shards, failures, and the list of both in ``universe.json``."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from livermore.errors import DatasetError, DatasetNotFoundError, NoSamplesError
from livermore.files import write_atomically
from livermore.ml.dataset import Dataset, read_shards

if TYPE_CHECKING:
    from livermore.ml.report import HtmlReport

__all__ = ["Failure", "GatheredUniverse", "read_universe"]

NAME = "universe.json"


@dataclass(frozen=True)
class Failure:
    """A symbol whose samples could not be gathered.

    Attributes
    ----------
    symbol : str
        The symbol.
    error : str
        Kind and message of the exception.
    traceback : str
        Where in the worker it was raised.

    Examples
    --------
    >>> Failure("BTC-USDT", "CandlesNotFoundError: there are no candles", "").error.split(":")[0]
    'CandlesNotFoundError'
    """

    symbol: str
    error: str
    traceback: str


@dataclass(frozen=True)
class Shard:
    """The samples of one symbol over one part of the period.

    Attributes
    ----------
    symbol : str
        The symbol.
    path : str
        The Parquet file, relative to the folder of the universe.
    n_samples : int
        How many samples are in it.
    """

    symbol: str
    path: str
    n_samples: int


@dataclass(frozen=True)
class GatheredUniverse:
    """The samples of many symbols, on disk.

    Attributes
    ----------
    folder : Path
        Where the shards are.
    shards : tuple of Shard
        All shards with samples, by symbol and time.
    failures : tuple of Failure
        Symbols that could not be gathered.
    silent : tuple of str
        Symbols that were gathered and recorded no sample.

    Examples
    --------
    >>> failure = Failure("BTC-USDT", "CandlesNotFoundError: there are no candles", "")
    >>> universe = GatheredUniverse(Path("universe"), shards=(), failures=(failure,), silent=("ETH-USDT",))
    >>> len(universe), universe.symbols, universe.failures[0].symbol, universe.silent
    (0, (), 'BTC-USDT', ('ETH-USDT',))
    """

    folder: Path
    shards: tuple[Shard, ...]
    failures: tuple[Failure, ...] = ()
    silent: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return (
            f"GatheredUniverse({len(self):,} samples of {len(self.symbols)} symbols, {len(self.failures)} failures, "
            f"in {str(self.folder)!r})"
        )

    def __len__(self) -> int:
        return sum(shard.n_samples for shard in self.shards)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols that there are samples of, sorted."""
        return tuple(sorted({shard.symbol for shard in self.shards}))

    def dataset(self, symbols: Sequence[str] | None = None, features: Sequence[str] | None = None) -> Dataset:
        """Read the samples as one data set in order of time.

        Parameters
        ----------
        symbols : sequence of str, optional
            Only these symbols.
        features : sequence of str, optional
            Only these features; the others are not read from the disk.

        Returns
        -------
        Dataset
            For `train_model`. Samples of the same time are in order of their symbols.

        Raises
        ------
        DatasetError
            If a symbol or feature is not there, symbols differ in their features or label, or a file is damaged.
        """
        missing = sorted(set(symbols or ()) - set(self.symbols))
        if missing:
            raise DatasetError(f"there are no samples of {', '.join(missing)}; there are of {', '.join(self.symbols)}.")
        wanted = self.symbols if symbols is None else symbols
        return read_shards([self.folder / shard.path for shard in self.shards if shard.symbol in wanted], features)

    def to_html(self, path: str | Path | None = None) -> "HtmlReport":
        """Return a report as one HTML file: samples of each symbol, and failures. Write it if a path is given."""
        return self._report(path, embed=False)

    def _repr_html_(self) -> str:
        return self._report(None, embed=True)

    def _report(self, path: str | Path | None, *, embed: bool) -> "HtmlReport":
        from livermore.ml.report import universe_report_html

        counts: Counter[str] = Counter()
        for shard in self.shards:
            counts[shard.symbol] += shard.n_samples
        failures = [(failure.symbol, failure.error) for failure in self.failures]
        return universe_report_html(self.folder.name, counts, failures, self.silent, path, embed=embed)

    def check(self) -> "GatheredUniverse":
        """Return this object, or raise an error that lists the failures, if there are any.

        Raises
        ------
        DatasetError
            With symbol and message of each failure; their tracebacks are in `failures`.
        """
        if self.failures:
            listed = "\n".join(f"  {failure.symbol}: {failure.error}" for failure in self.failures)
            raise DatasetError(f"{len(self.failures)} symbols could not be gathered:\n{listed}")
        return self

    def write(self) -> None:
        """Write the list of shards and failures to ``universe.json``."""
        content = asdict(self) | {"folder": None}
        write_atomically(self.folder / NAME, json.dumps(content, indent=1).encode())


def read_universe(folder: Path | str) -> GatheredUniverse:
    """Return what an earlier `gather_universe` left in a folder.

    Parameters
    ----------
    folder : path-like
        As given to `gather_universe`.

    Raises
    ------
    DatasetNotFoundError
        If no gathering has been completed there.
    DatasetError
        If the file is damaged.

    Examples
    --------
    >>> read_universe("nowhere")
    Traceback (most recent call last):
    livermore.errors.DatasetNotFoundError: there is no nowhere/universe.json. gather_universe writes it at its end.
    """
    path = Path(folder) / NAME
    if not path.is_file():
        raise DatasetNotFoundError(f"there is no {path}. gather_universe writes it at its end.")
    try:
        content = json.loads(path.read_bytes())
        return GatheredUniverse(
            Path(folder),
            tuple(_shard(**shard) for shard in content["shards"]),
            tuple(Failure(**failure) for failure in content["failures"]),
            tuple(map(str, content["silent"])),
        )
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise DatasetError(
            f"{path} is damaged ({error}). Run gather_universe again: complete shards are kept."
        ) from error


def _shard(symbol: object, path: object, n_samples: object) -> Shard:
    """Return a shard as the file lists it."""
    if not isinstance(symbol, str) or not isinstance(path, str) or type(n_samples) is not int or n_samples < 1:
        raise ValueError(f"no shard is {symbol!r}, {path!r}, {n_samples!r}")
    return Shard(symbol, path, n_samples)


def nothing_gathered(failures: Sequence[Failure], silent: Sequence[str]) -> NoSamplesError:
    """Return the error for a gathering without one sample."""
    lines = [f"{failure.symbol}: {failure.error}" for failure in failures[:5]]
    lines += [f"{len(silent)} symbols were gathered and recorded no labelled sample"] if silent else []
    return NoSamplesError("no sample was gathered.\n  - " + "\n  - ".join(lines))
