"""Support vector machines (SVM) for the importance table: thousands of rows, few features, many related fits.

They compute what scikit-learn's `SVC` and `SVR` compute, tens of times faster, because related fits share work:

- `rbf_cv_scores_without_each` fits an SVM with RBF kernel over folds, with all features and without each. A fit without
  a feature starts from the solution with all of them. Modules: `_rbf` (folds, classes, scores), `_smo` (decomposition
  into working sets), `_smo_loop` (compiled inner loop of sequential minimal optimisation), `_rbf_kernel` (the kernel
  matrix in blocks).
- `rfe_ranking` eliminates features recursively by the weights of a linear SVM. Modules: `_linear` (classes,
  elimination), `_interior` (interior-point method, whose cost per step is that of a system of one unknown per feature).

Tests compare both with scikit-learn (`tests/ml/solvers`), and benchmarks/solvers.py measures them. Nothing here depends
on the rest of the package except for errors.
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
