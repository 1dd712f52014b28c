"""Measures what Jesse's `train_model` reports on small data sets and writes it to the JSON files beside this script.

Run it with the Python of an environment that has Jesse 3.5.3 (and the scikit-learn that Jesse pins), in an empty
folder:

    python REPOSITORY/tests/golden/training/regenerate.py

Each file holds the samples as Jesse takes them, and one result per estimator, models left out. The data come from a
seed by additions and multiplications of uniform numbers alone, so that they are the same everywhere; they are stored
all the same.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np

ROWS, FEATURES, HOUR = 400, 5, 3600
START = 1_640_995_200
HERE = Path(__file__).resolve().parent


def main() -> None:
    """Write binary.json, multiclass.json and regression.json."""
    import sklearn
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsRegressor

    plans = {
        "binary": {
            "LogisticRegression": LogisticRegression(max_iter=1000),
            "GaussianNB": GaussianNB(),
            "LinearDiscriminantAnalysis": LinearDiscriminantAnalysis(),
        },
        "multiclass": {"LogisticRegression": LogisticRegression(max_iter=1000), "GaussianNB": GaussianNB()},
        "regression": {
            "Ridge": Ridge(),
            "LinearRegression": LinearRegression(),
            "KNeighborsRegressor": KNeighborsRegressor(),
        },
    }
    for number, (task, estimators) in enumerate(plans.items()):
        samples = make_samples(task, seed=number)
        results = {name: measure(samples, estimator, task) for name, estimator in estimators.items()}
        golden = {"task": task, "sklearn": sklearn.__version__, "samples": samples, "results": results}
        (HERE / f"{task}.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
        print(task, {name: result["metrics"] for name, result in results.items()})


def make_samples(task: str, seed: int) -> list[dict]:
    """Return samples in which two of five features say something about the label."""
    rng = np.random.default_rng(seed)
    X = rng.random((ROWS, FEATURES)) + rng.random((ROWS, FEATURES)) - 1.0
    X[:, 4] = 0.7 * X[:, 0] + 0.3 * X[:, 4]
    signal = X[:, 0] - 0.6 * X[:, 1] + 0.5 * (rng.random(ROWS) + rng.random(ROWS) - 1.0)
    labels = {
        "binary": [bool(value > 0.05) for value in signal],
        "multiclass": [int(value > 0.3) - int(value < -0.3) for value in signal],
        "regression": [round(float(value), 9) for value in signal],
    }[task]
    return [
        {
            "time": START + HOUR * row,
            "features": {name: round(float(value), 9) for name, value in zip("dbeac", X[row], strict=True)},
            "label": {"name": "outcome", "value": labels[row]},
        }
        for row in range(ROWS)
    ]


def measure(samples: list[dict], estimator: object, task: str) -> dict:
    """Return what Jesse reports, as JSON can say it."""
    from jesse.research import train_model

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = train_model(samples, estimator, task=task, verbose=False)
    return plain({key: value for key, value in result.items() if key not in ("model", "scaler")})


def plain(value: object) -> object:
    """Return the value in types that JSON knows."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    return value if isinstance(value, str | int | float | bool | None) else str(value)


if __name__ == "__main__":
    sys.exit(main())
