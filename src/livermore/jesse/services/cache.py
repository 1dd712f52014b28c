"""The decorator for methods of strategies (`jesse.services.cache`)."""

from livermore.strategies import cached

__all__ = ["cached"]
