"""What a source of candles is, for the reader of files and for users who add their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from livermore.typing import Rows

if TYPE_CHECKING:
    from livermore.candles._options import ReadOptions

__all__ = ["CandleRead", "CandleSource"]


@dataclass(frozen=True)
class CandleRead:
    """Candles that were read, and what was found out about their file.

    Attributes
    ----------
    candles : ndarray of shape (n, 6)
        Opening time in UTC ms, open, close, high, low, volume; sorted, without duplicates.
    notes : sequence of str
        What was detected, converted or left out, a sentence each.
    duplicates : int
        How many rows were left out because another had the same time.
    dropped : int
        How many rows were left out because they had no prices.

    Examples
    --------
    >>> from livermore.candles import synthetic_candles
    >>> read = CandleRead(synthetic_candles(60, seed=1), notes=["times are in seconds"], dropped=2)
    >>> read.candles.shape, read.duplicates, read.dropped
    ((60, 6), 0, 2)
    """

    candles: Rows
    notes: Sequence[str] = ()
    duplicates: int = 0
    dropped: int = 0


@runtime_checkable
class CandleSource(Protocol):
    """Where candles come from: `Preset` is one, and so is any object with these members.

    Attributes
    ----------
    name : str
        What it is called.
    about : str
        A line about it.

    Examples
    --------
    >>> from livermore.candles import synthetic_candles
    >>> class Simulator:
    ...     name = "simulator"
    ...     about = "a random walk of one day"
    ...
    ...     def read(self, path, options):
    ...         return CandleRead(synthetic_candles(1440, seed=1))
    >>> isinstance(Simulator(), CandleSource)
    True
    """

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def about(self) -> str:
        """A line about it."""

    def read(self, path: Path, options: "ReadOptions") -> CandleRead:
        """Return the candles of a file or folder.

        Parameters
        ----------
        path : Path
            What the user named.
        options : ReadOptions
            What the user said of it; an option that means nothing to the source is refused with a `CandleError`.
        """
