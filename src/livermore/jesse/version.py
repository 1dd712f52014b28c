"""The version of Jesse whose names livermore has (`jesse.version`)."""

__all__ = ["__version__"]

__version__ = "3.5.3"
