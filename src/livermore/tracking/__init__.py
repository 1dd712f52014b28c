"""Results in the stores of other programs."""

from livermore.tracking._mlflow import to_mlflow

__all__ = ["to_mlflow"]
