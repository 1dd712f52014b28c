"""What each stage of a training costs; `benchmarks/scale.py --part training` runs it for several numbers of samples.

CPU seconds of a stage are its own: fits and predictions that it asks for are stages themselves. LightGBM, one worker.
"""

import resource
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import numpy as np

__all__ = ["train"]


class Stages:
    """Measures the CPU time of functions, wherever they are called, without that of those called inside them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner = [0.0]

    def measured(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a clock around it."""

        def timed(*args: Any, **options: Any) -> Any:
            start = time.process_time()
            self._inner.append(0.0)
            try:
                return function(*args, **options)
            finally:
                whole, inside = time.process_time() - start, self._inner.pop()
                self.seconds[name] = self.seconds.get(name, 0.0) + whole - inside
                self._inner[-1] += whole

        return timed

    def watch(self, stack: ExitStack, name: str, function: Callable[..., Any]) -> None:
        """Measure a function in all modules that have imported it, until the stack is closed."""
        timed = self.measured(name, function)
        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "").startswith("livermore"):
                for attribute, value in list(vars(module).items()):
                    if value is function:
                        stack.enter_context(patch.object(module, attribute, timed))


def stages() -> dict[str, Callable[..., Any]]:
    """Return the stages of a training, by name."""
    from livermore.ml import assessment, judgement, training
    from livermore.ml.evidence import _diagnostics, _forward_evidence
    from livermore.ml.importance import _consensus, _judging
    from livermore.ml.tasks import _fitting

    return {
        "fits": _fitting.fit,
        "predictions": _fitting.call_fitted,
        "importance table": _consensus.consensus_table,
        "refits without a feature": training._submit_refits,
        "threshold": assessment.choose_on_training_part,
        "forward scores": _forward_evidence.judge_forward,
        "metrics and intervals": assessment.assess_predictions,
        "calibration": judgement.calibration_buckets,
        "diagnostics": _diagnostics.diagnose_features,
        "verdicts on features": _judging.judge_features,
        "ledger": judgement.opening_of,
        "all else": training.train,
    }


def peak_mb() -> float:
    """Return the largest memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def train(samples: int, features: int, trees: int, dtype: str) -> dict[str, Any]:
    """Train on made-up samples with a signal, and return what each stage took."""
    from lightgbm import LGBMClassifier

    from livermore.ml.dataset import Dataset
    from livermore.research import train_model

    def made(n: int) -> Dataset:
        rng = np.random.default_rng([3, n])
        X = rng.standard_normal((n, features))
        time_ = 900 * np.arange(n, dtype=np.int64)
        labels = tuple((0.3 * X[:, 0] + rng.standard_normal(n) > 0).tolist())
        names = tuple(f"f{number:02d}" for number in range(features))
        payoff = 0.01 * rng.standard_normal(n)
        return Dataset(
            X=X,
            feature_names=names,
            labels=labels,
            label_name="up",
            time=time_,
            label_time=time_ + 900 * 8,
            payoff=payoff,
        )

    estimator = LGBMClassifier(n_estimators=trees, n_jobs=1, verbose=-1)
    # A first training imports all that is imported late.
    train_model(made(1000), estimator, verbose=False, n_jobs=1, dtype=dtype)
    before, data, clock = peak_mb(), made(samples), Stages()
    start, cpu = time.perf_counter(), time.process_time()
    with ExitStack() as stack:
        for name, function in stages().items():
            clock.watch(stack, name, function)
        result = train_model(data, estimator, verbose=False, n_jobs=1, dtype=dtype)
    wall, whole, matrix = time.perf_counter() - start, time.process_time() - cpu, data.X.nbytes / 2**20
    peak = peak_mb()
    report = time.process_time()
    result.to_html()
    clock.seconds["report"] = time.process_time() - report
    return {
        "samples": samples,
        "predicts": result["verdict"]["predicts"],
        "wall": wall,
        "cpu": whole,
        "over fits": whole / clock.seconds["fits"],
        "matrix_mb": matrix,
        "peak over matrix": (peak - before) / matrix,
        "peak with report": (peak_mb() - before) / matrix,
        **{f"{name} s": seconds for name, seconds in clock.seconds.items()},
    }
