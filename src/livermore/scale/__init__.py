"""Many symbols: what is gathered for each is planned, shared out over processes or a cluster, and kept as shards.

A task is one symbol over one period. It goes to a worker as a description of a few hundred bytes: the worker reads the
candles from the store itself, and writes the samples as one Parquet file, a *shard*, under a name that depends on all
that the samples depend on. So a second run does only what is missing.
"""

from typing import TYPE_CHECKING

from livermore.lazy import lazy_exports

if TYPE_CHECKING:
    from livermore.scale._fan_out import WorkersLostError as WorkersLostError
    from livermore.scale._gather_universe import gather_universe as gather_universe
    from livermore.scale._universe import Failure as Failure
    from livermore.scale._universe import GatheredUniverse as GatheredUniverse
    from livermore.scale._universe import read_universe as read_universe

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
