"""Limits on the threads of BLAS and OpenMP.

Each library starts as many threads as there are cores, in each fit. Fits side by side then compete for cores, and their
threads spin while they wait for one another: on a busy machine with two cores, HistGradientBoosting took 124 s for 477
samples with two threads and 2.6 s with one.
"""

from contextlib import AbstractContextManager

__all__ = ["one_thread"]


def one_thread() -> AbstractContextManager[object]:
    """Limit BLAS and OpenMP to one thread in a `with` statement; OpenMP only in the calling thread."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # a dependency of scikit-learn

    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits
