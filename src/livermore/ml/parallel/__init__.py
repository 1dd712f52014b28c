"""Parallel model fits: executors over threads, processes, or the joblib backend of the user's choice."""

from livermore.ml.parallel._backend import executor_for, releases_the_lock
from livermore.ml.parallel._executor import FitExecutor, FitFuture

__all__ = ["FitExecutor", "FitFuture", "executor_for", "releases_the_lock"]
