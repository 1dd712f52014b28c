"""The recipe: Jesse's figures, the split and its purging, and what is refused."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import SVC

from livermore.errors import (
    DatasetError,
    EstimatorError,
    FeatureError,
    LivermoreWarning,
    ModelError,
    TrainingError,
)
from livermore.ml.dataset import Dataset
from livermore.research import load_ml_model, train_model

GOLDENS = Path(__file__).resolve().parents[2] / "golden" / "training"
ESTIMATORS: dict[str, Any] = {
    "LogisticRegression": LogisticRegression(max_iter=1000),
    "GaussianNB": GaussianNB(),
    "LinearDiscriminantAnalysis": LinearDiscriminantAnalysis(),
    "Ridge": Ridge(),
    "LinearRegression": LinearRegression(),
    "KNeighborsRegressor": KNeighborsRegressor(),
}
TASKS = ("binary", "multiclass", "regression")
MakeSamples = Callable[..., Any]
QUIET: dict[str, Any] = {"verbose": False, "importance": False, "impact": False, "evidence": False}


def golden(task: str) -> dict[str, Any]:
    return json.loads((GOLDENS / f"{task}.json").read_text())


@pytest.mark.parametrize("task", TASKS)
def test_figures_are_those_of_jesse(task: str) -> None:
    measured = golden(task)
    for name, expected in measured["results"].items():
        found = train_model(measured["samples"], ESTIMATORS[name], task, verbose=False, purge=False, evidence=False)
        assert set(found) == set(expected) | {"model", "scaler"}
        for key in expected.keys() - {"feature_importance"}:
            assert_same(found[key], expected[key], f"{name}: {key}")


def assert_same(ours: Any, theirs: Any, where: str) -> None:
    """All keys and numbers of Jesse's are ours; floats to twelve digits, for the linear algebra differs by machine."""
    if isinstance(theirs, dict):
        plain = {str(key): value for key, value in ours.items()}
        for key, value in theirs.items():
            assert_same(plain[key], value, f"{where}: {key}")
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for k, value in enumerate(theirs):
            assert_same(ours[k], value, f"{where}[{k}]")
    else:
        assert type(ours) is type(theirs), where
        assert ours == (pytest.approx(theirs, rel=1e-12, abs=1e-15) if isinstance(theirs, float) else theirs), where


@pytest.mark.parametrize("task", TASKS)
def test_importance_table_is_that_of_jesse(task: str) -> None:
    measured = golden(task)
    expected = next(iter(measured["results"].values()))["feature_importance"]
    estimator = ESTIMATORS[next(iter(measured["results"]))]
    found = train_model(measured["samples"], estimator, task, **QUIET | {"importance": True}, purge=False)
    table = found["feature_importance"]
    assert set(table) == set(expected)
    assert table["feature_names"] == expected["feature_names"]
    assert table["anova_f_values"] == pytest.approx(expected["anova_f_values"], rel=1e-9)
    assert table["correlations"] == pytest.approx(expected["correlations"], rel=1e-9)
    if task == "regression":  # Jesse leaves the target unscaled: its machines see another problem (docs/differences.md)
        return
    # Five folds of 53 test samples: a prediction more or less moves the mean accuracy by 1/265.
    tolerance = 3 / 265 + 1e-12
    assert table["cv_baseline"] == pytest.approx(expected["cv_baseline"], abs=tolerance)
    assert table["cv_scores_without_feature"] == pytest.approx(expected["cv_scores_without_feature"], abs=tolerance)
    assert table["rfe_ranking"] == expected["rfe_ranking"]


def test_result_is_a_dict_with_frozen_attributes(make_samples: MakeSamples) -> None:
    result = train_model(make_samples(), LogisticRegression(), **QUIET)
    assert isinstance(result, dict)
    assert list(result) == [
        *("model", "scaler", "feature_names", "metrics", "feature_importance", "feature_impact", "train_test_info"),
        *("calibration", "class_weights"),
    ]
    assert dict(result)["metrics"] is result.metrics
    with pytest.raises(AttributeError):
        result.metrics = {}  # type: ignore[misc]
    result["mine"] = 1
    assert result["mine"] == 1
    assert "accuracy" in repr(result)
    assert result["feature_importance"] is None


def test_input_kinds_give_the_same_model(make_samples: MakeSamples) -> None:
    samples = make_samples()
    kinds = [samples, Dataset.from_samples(samples), {"data_points": samples, "backtest_metrics": {}}]
    found = [train_model(kind, LogisticRegression(), **QUIET)["model"].coef_.tolist() for kind in kinds]
    assert found[0] == found[1] == found[2]


def test_split_is_chronological_whatever_the_order_of_the_samples(make_samples: MakeSamples) -> None:
    samples = make_samples(n=101)
    shuffled = [samples[i] for i in np.random.default_rng(1).permutation(101)]
    one, other = (train_model(s, LogisticRegression(), test_ratio=0.25, **QUIET) for s in (samples, shuffled))
    assert one["metrics"] == other["metrics"]
    assert one.data.n_train == int(101 * 0.75)
    assert one.data.train_interval[1] < one.data.test_interval[0]


def test_labels_that_reach_into_the_test_side_are_purged(make_samples: MakeSamples) -> None:
    samples = make_samples(n=100, bars=10)
    result = train_model(samples, LogisticRegression(), **QUIET)
    # The last train sample with a label known by the first test sample's time is ten bars before it.
    assert (result.data.n_train, result.data.n_test, result.data.n_purged) == (71, 20, 9)
    assert any("9 training samples were purged" in note for note in result.notes)
    kept = train_model(samples, LogisticRegression(), purge=False, **QUIET)
    assert (kept.data.n_train, kept.data.n_purged) == (80, 0)


def test_unknown_label_times_are_told(make_samples: MakeSamples) -> None:
    samples = [{k: v for k, v in s.items() if k != "label_time"} for s in make_samples()]
    with pytest.warns(LivermoreWarning, match="nothing can be purged") as caught:
        result = train_model(samples, LogisticRegression(), **QUIET)
    assert caught[0].filename == __file__
    assert any("Nothing could be purged" in note for note in result.notes)
    train_model(samples, LogisticRegression(), purge=False, **QUIET)


def test_weights_reach_the_estimator(make_samples: MakeSamples) -> None:
    plain = make_samples()
    weighted = [s | {"weight": 50.0 if s["label"]["value"] else 1.0} for s in plain]
    means = [train_model(s, LogisticRegression(), **QUIET)["model"].intercept_[0] for s in (plain, weighted)]
    assert means[1] > means[0] + 1
    from sklearn.neighbors import KNeighborsClassifier

    with pytest.warns(LivermoreWarning, match="KNeighborsClassifier.fit takes no sample_weight"):
        train_model(weighted, KNeighborsClassifier(), **QUIET)


def test_missing_values_are_kept_for_estimators_that_take_them(make_samples: MakeSamples) -> None:
    samples = make_samples(n=200)
    for s in samples[::4]:
        s["features"]["signal"] = None
    result = train_model(samples, HistGradientBoostingClassifier(max_iter=2), **QUIET | {"importance": True})
    assert result.missing_values == "allow"
    assert any("missing values are replaced by medians" in note for note in result.notes)
    with pytest.raises(FeatureError, match=r"of 200 samples: 'signal' in 50\), and LogisticRegression takes none"):
        train_model(samples, LogisticRegression(), **QUIET)


def test_a_feature_that_is_never_there_is_refused(make_samples: MakeSamples) -> None:
    samples = make_samples()
    for s in samples[:260]:
        s["features"]["noise_1"] = None
    with pytest.raises(FeatureError, match="'noise_1' is missing in all 240 training samples"):
        train_model(samples, HistGradientBoostingClassifier(max_iter=2), **QUIET)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_too_few_samples(n: int, make_samples: MakeSamples) -> None:
    with pytest.raises(TrainingError, match=rf"{n} samples|training samples are of class"):
        train_model(make_samples(n=n), LogisticRegression(), **QUIET)


def test_one_class(make_samples: MakeSamples) -> None:
    samples = make_samples()
    for s in samples:
        s["label"]["value"] = True
    with pytest.raises(TrainingError, match="all 240 training samples are of class 1: there is nothing to distinguish"):
        train_model(samples, LogisticRegression(), **QUIET)


@pytest.mark.parametrize("ratio", [0, 1, -0.1, 1.5])
def test_a_ratio_that_is_none(ratio: float, make_samples: MakeSamples) -> None:
    with pytest.raises(TrainingError, match="test_ratio must be a share between 0 and 1"):
        train_model(make_samples(), LogisticRegression(), test_ratio=ratio, **QUIET)


def test_wrong_arguments_are_refused_at_once(make_samples: MakeSamples, tmp_path: Path) -> None:
    samples = make_samples()
    with pytest.raises(TrainingError, match="task must be"):
        train_model(samples, LogisticRegression(), "ternary", **QUIET)
    with pytest.raises(EstimatorError, match="predict_proba"):
        train_model(samples, SVC(), **QUIET)
    with pytest.raises(DatasetError, match="the data is empty"):
        train_model([], LogisticRegression(), **QUIET)
    with pytest.raises(DatasetError, match=r"train_model\(load_ml_data_csv\('Foo'\)"):
        train_model("Foo", LogisticRegression(), **QUIET)  # type: ignore[arg-type]


class Counting(LogisticRegression):
    fits = 0

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        type(self).fits += 1
        return super().fit(X, y, sample_weight)


def test_an_unwritable_folder_is_found_before_training(make_samples: MakeSamples, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="no model can be saved"):
        train_model(make_samples(), Counting(), save_to=tmp_path / "file" / "Foo", **QUIET)
    assert Counting.fits == 0


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_rare_classes_never_stop_it(task: str, make_samples: MakeSamples) -> None:
    """Each class on one side only, in turn: the test side of one class, and a class that only it has."""
    samples = make_samples(task, n=100)
    for tail in ([True] * 20, [False] * 20) if task == "binary" else ([0] * 20, [5] * 20, [-1, 5] * 10):
        for s, value in zip(samples[80:], tail, strict=True):
            s["label"]["value"] = value
        result = train_model(samples, LogisticRegression(), task, verbose=False, evidence=False)
        matrix = np.array(result["metrics"]["confusion_matrix"])
        assert matrix.sum() == 20
        assert matrix.shape == (len(result.data.class_counts or {}),) * 2
        assert math.isfinite(result["metrics"]["accuracy"])


def test_a_class_with_a_single_training_sample_does_not_stop_it(make_samples: MakeSamples) -> None:
    samples = make_samples("multiclass", n=100)
    samples[3]["label"]["value"] = 7
    result = train_model(samples, GaussianNB(), "multiclass", verbose=False, evidence=False)
    assert result["metrics"]["classes"] == [-1, 0, 1, 7]


def test_a_single_feature_works(make_samples: MakeSamples) -> None:
    result = train_model(make_samples(features=1), LogisticRegression(), verbose=False, evidence=False)
    assert result["feature_importance"]["consensus_ranks"] == {"signal": 1.0}
    assert result["feature_impact"] == []


def test_saved_model_is_the_one_returned(make_samples: MakeSamples, tmp_path: Path) -> None:
    result = train_model(
        make_samples(), LogisticRegression(), save_to=str(tmp_path / "Foo"), verbose=False, evidence=False
    )
    loaded = load_ml_model(tmp_path / "Foo")
    assert set(loaded) == {"model", "scaler", "feature_importance"}
    assert loaded["model"].coef_.tolist() == result["model"].coef_.tolist()
    assert loaded["feature_importance"] == result["feature_importance"]


@pytest.mark.parametrize("module", ["lightgbm", "xgboost"])
def test_boosted_trees_of_other_libraries_are_saved_with_their_release(
    module: str, make_samples: MakeSamples, tmp_path: Path
) -> None:
    library = pytest.importorskip(module)
    quiet = {"verbosity": 0} if module == "xgboost" else {"verbose": -1}
    estimator = (library.XGBClassifier if module == "xgboost" else library.LGBMClassifier)(
        n_estimators=3, n_jobs=1, **quiet
    )
    result = train_model(make_samples(), estimator, save_to=tmp_path, **QUIET | {"impact": True})
    assert len(result["feature_impact"]) == 3
    assert json.loads((tmp_path / "model.json").read_text())["versions"][module] == library.__version__
    assert load_ml_model(tmp_path)["model"].n_features_in_ == 3
