"""Results as text. What is printed is read off a result object, never computed here."""

from livermore.ml.report._gathering import render_gathering
from livermore.ml.report._training import render_training

__all__ = ["render_gathering", "render_training"]
