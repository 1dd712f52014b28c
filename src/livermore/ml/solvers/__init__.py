"""Support vector machines for the importance table: thousands of rows, few features, many fits that differ by one.

They compute what scikit-learn's `SVC` and `SVR` compute, tens of times faster where the fits belong together: with
each feature left out in turn (`rbf_cv_scores_without_each`) and for recursive elimination (`rfe_ranking`).
"""

from livermore.ml.solvers._linear import LinearSolver, linear_svm_weights, rfe_ranking
from livermore.ml.solvers._rbf import Fold, Kind, rbf_cv_scores_without_each

__all__ = [
    "Fold",
    "Kind",
    "LinearSolver",
    "linear_svm_weights",
    "rbf_cv_scores_without_each",
    "rfe_ranking",
]
