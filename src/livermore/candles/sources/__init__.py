"""Sources of candle files: what is known of each, as data, and the protocol that a source of one's own follows."""

from livermore.candles.sources._catalogue import known_sources as known_sources
from livermore.candles.sources._catalogue import source_of as source_of
from livermore.candles.sources._folders import files_of_pairs as files_of_pairs
from livermore.candles.sources._preset import Preset as Preset
from livermore.candles.sources._protocol import CandleRead as CandleRead
from livermore.candles.sources._protocol import CandleSource as CandleSource

__all__ = ["CandleRead", "CandleSource", "Preset", "files_of_pairs", "known_sources", "source_of"]
