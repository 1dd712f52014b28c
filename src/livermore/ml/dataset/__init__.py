"""Labelled samples: from the dicts that a strategy records to arrays, and to files and back.

What reads and writes files is imported when it is first used.
"""

from typing import TYPE_CHECKING

from livermore.lazy import lazy_exports
from livermore.ml.dataset._dataset import Dataset as Dataset
from livermore.ml.dataset._dataset import Sample as Sample

if TYPE_CHECKING:
    from livermore.ml.dataset._files import check_samples_path as check_samples_path
    from livermore.ml.dataset._files import parquet_beside as parquet_beside
    from livermore.ml.dataset._files import read_samples as read_samples
    from livermore.ml.dataset._files import sound_samples as sound_samples
    from livermore.ml.dataset._files import write_samples as write_samples
    from livermore.ml.dataset._ranks import cross_sectional_rank as cross_sectional_rank
    from livermore.ml.dataset._rows import consecutive as consecutive
    from livermore.ml.dataset._rows import rows_of as rows_of
    from livermore.ml.dataset._shards import read_shards as read_shards
    from livermore.ml.dataset._shards import shard_bytes as shard_bytes
    from livermore.ml.dataset._summary import FeatureSummary as FeatureSummary
    from livermore.ml.dataset._summary import Markets as Markets
    from livermore.ml.dataset._summary import feature_summaries as feature_summaries
    from livermore.ml.dataset._summary import markets_of as markets_of
    from livermore.ml.dataset._symbol_number import symbol_number as symbol_number
    from livermore.ml.dataset._symbol_number import with_symbol_number as with_symbol_number

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
