"""The importance table's support vector machines beside scikit-learn's, on the same folds.

    python benchmarks/solvers.py [--rows 2000] [--features 18] [--kinds classification regression] [--jobs 1]

CPU seconds and wall seconds. `table` is what one importance table needs: cross-validated scores with each feature left
out, and recursive elimination down to one. scikit-learn's part grows with the square of the rows and more: 2,000 rows
take it seconds, 8,000 take it minutes.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.feature_selection import RFE
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.svm import SVC, SVR
from threadpoolctl import threadpool_limits

from livermore.ml.solvers import Kind, rbf_cv_scores_without_each, rfe_ranking

MACHINES = {"classification": SVC, "regression": SVR}
SCORING = {"classification": "accuracy", "regression": "r2"}


def samples(rows: int, features: int, kind: Kind) -> tuple[np.ndarray, np.ndarray]:
    """Return labels with little to find in them, as markets have."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, features))
    target = 0.3 * X[:, 0] + 0.2 * X[:, 1] + rng.standard_normal(rows)
    return X, (target > 0).astype(int) if kind == "classification" else (target - target.mean()) / target.std()


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, time.process_time() - cpu, time.perf_counter() - wall


def libsvm_scores(X: np.ndarray, y: np.ndarray, kind: Kind) -> tuple[float, np.ndarray]:
    def score(columns: np.ndarray) -> float:
        machine = MACHINES[kind]()
        return float(cross_val_score(machine, X[:, columns], y, cv=TimeSeriesSplit(5), scoring=SCORING[kind]).mean())

    every = np.arange(X.shape[1])
    return score(every), np.array([score(np.delete(every, j)) for j in every])


def libsvm_ranking(X: np.ndarray, y: np.ndarray, kind: Kind) -> np.ndarray:
    return RFE(MACHINES[kind](kernel="linear"), n_features_to_select=1).fit(X, y).ranking_


def report(part: str, theirs: tuple[float, float], ours: tuple[float, float], remark: str) -> None:
    print(
        f"{part:16}{theirs[0]:10.2f}{ours[0]:10.2f}{theirs[0] / ours[0]:8.1f}"
        f"{theirs[1]:12.2f}{ours[1]:10.2f}{theirs[1] / ours[1]:8.1f}  {remark}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000)
    parser.add_argument("--features", type=int, default=18)
    parser.add_argument("--kinds", nargs="*", default=["classification", "regression"])
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    with threadpool_limits(1):
        for kind in options.kinds:
            compare(kind, options.rows, options.features, options.jobs)


def compare(kind: Kind, rows: int, features: int, jobs: int) -> None:
    X, y = samples(rows, features, kind)
    folds = list(TimeSeriesSplit(5).split(X))
    print(f"{kind}, {rows} rows x {features} features")
    print(f"{'':16}{'CPU s':>10}{'ours':>10}{'ratio':>8}{'wall s':>12}{'ours':>10}{'ratio':>8}")
    ours, *our_scoring = timed(lambda: rbf_cv_scores_without_each(X, y, folds, kind=kind, n_jobs=jobs))
    theirs, *their_scoring = timed(lambda: libsvm_scores(X, y, kind))
    predictions = np.abs(np.append(ours[1] - theirs[1], ours[0] - theirs[0])).max() * sum(len(t) for _, t in folds)
    unit = "predictions" if kind == "classification" else "R2 x predictions"
    report("scores", tuple(their_scoring), tuple(our_scoring), f"largest difference {predictions:.2f} {unit}")
    ranks, *our_ranking = timed(lambda: rfe_ranking(X, y, kind=kind))
    libsvm_ranks, *their_ranking = timed(lambda: libsvm_ranking(X, y, kind))
    report("elimination", tuple(their_ranking), tuple(our_ranking), f"{np.sum(ranks != libsvm_ranks)} ranks differ")
    both = [tuple(np.add(a, b)) for a, b in ((their_scoring, their_ranking), (our_scoring, our_ranking))]
    report("table", both[0], both[1], "")


if __name__ == "__main__":
    main()
