"""Parallel model fits: executors over threads, processes, or the joblib backend of the user's choice."""

from livermore.ml.parallel._backend import THREAD_PARAMETERS, executor_for, releases_the_lock
from livermore.ml.parallel._executor import FitExecutor, FitFuture
from livermore.ml.parallel._nested import runs_beside_others, threads_inside

__all__ = [
    "THREAD_PARAMETERS",
    "FitExecutor",
    "FitFuture",
    "executor_for",
    "releases_the_lock",
    "runs_beside_others",
    "threads_inside",
]
