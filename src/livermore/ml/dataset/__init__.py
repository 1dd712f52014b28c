"""Labelled samples: from the dicts that a strategy records to arrays, and to files and back."""

from livermore.ml.dataset._dataset import Dataset, Sample
from livermore.ml.dataset._files import parquet_beside, read_samples, write_samples

__all__ = ["Dataset", "Sample", "parquet_beside", "read_samples", "write_samples"]
