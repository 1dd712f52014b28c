"""Refits shared among threads and processes: the same results, in the same order, and errors that arrive."""

import os
import re
import threading
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC

from livermore.errors import EstimatorError
from livermore.ml.importance import feature_impact
from livermore.ml.importance._sharing import releases_the_lock, share
from livermore.ml.tasks import TASKS


class OwnSVC(SVC):
    """What it does in `fit` is for its maker to say."""


MACHINE = CalibratedClassifierCV(SVC(random_state=0), cv=3, ensemble=False)
FOREST = RandomForestClassifier(n_estimators=12, max_depth=4, random_state=0)
BOOSTING = CalibratedClassifierCV(GradientBoostingClassifier(n_estimators=10, random_state=0), cv=3)


def impact(estimator: Any, n_jobs: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(8)
    X = rng.standard_normal((240, 4))
    y = (X[:, 0] - X[:, 3] + rng.standard_normal(240) > 0).astype(int)
    train, test = (X[:180], y[:180], None), (X[180:], y[180:], None)
    baseline = np.ones(60)
    return feature_impact(
        TASKS["binary"], estimator, list("abcd"), train=train, test=test, baseline=baseline, n_jobs=n_jobs
    )


@pytest.mark.parametrize("estimator", [MACHINE, make_pipeline(StandardScaler(), MACHINE), FOREST, BOOSTING], ids=repr)
def test_threads_processes_and_one_core_agree(estimator: Any) -> None:
    assert impact(estimator, 3) == impact(estimator, 1)


def test_machines_agree_in_processes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = impact(MACHINE, 1)
    monkeypatch.setattr("livermore.ml.importance._sharing.releases_the_lock", lambda estimator: False)
    assert impact(MACHINE, 2) == alone


@pytest.mark.parametrize(
    "estimator",
    [
        SVC(),
        SVR(kernel="poly"),
        MACHINE,
        make_pipeline(SimpleImputer(), StandardScaler(), SVC()),
        SVC(probability=False),
    ],
    ids=lambda estimator: re.sub(r" at 0x\w+", "", repr(estimator)),
)
def test_threads_for_machines(estimator: Any) -> None:
    assert releases_the_lock(estimator)


@pytest.mark.parametrize(
    "estimator",
    [
        FOREST,
        BOOSTING,
        LogisticRegression(),
        LinearSVC(),
        OwnSVC(),
        SVC(probability=True),
        SVC(kernel=np.dot),
        make_pipeline(FunctionTransformer(np.abs), SVC()),
    ],
    ids=lambda estimator: re.sub(r" at 0x\w+", "", repr(estimator)),
)
def test_processes_for_all_others(estimator: Any) -> None:
    assert not releases_the_lock(estimator)


def where(k: int) -> tuple[int, int, int]:
    """Say which call this was, and in which process and thread it ran."""
    threading.Event().wait(0.05)
    return k, os.getpid(), threading.get_ident()


def test_results_keep_their_order_whoever_computed_them() -> None:
    for estimator in (SVC(), FOREST):
        found = share(where, [(k,) for k in range(40)], estimator, seconds=0.0, n_jobs=2)
        assert [k for k, _, _ in found] == list(range(40))
    assert os.getpid() in (found[0][1], found[1][1])  # it does not wait for the other to start


def test_machines_stay_in_this_process() -> None:
    found = share(where, [(k,) for k in range(8)], SVC(), seconds=0.0, n_jobs=2)
    assert {pid for _, pid, _ in found} == {os.getpid()}
    assert len({thread for _, _, thread in found}) == 2


def test_short_work_is_done_where_it_is() -> None:
    for estimator in (SVC(), FOREST):
        found = share(where, [(k,) for k in range(3)], estimator, seconds=0.01, n_jobs=None)
        assert {(pid, thread) for _, pid, thread in found} == {(os.getpid(), threading.get_ident())}


def fit_or_fail(k: int) -> int:
    if k == 5:
        raise EstimatorError("the sixth fit failed")
    return where(k)[0]


@pytest.mark.parametrize("estimator", [SVC(), FOREST], ids=repr)
def test_a_failed_fit_is_reported_and_ends_the_others(estimator: Any) -> None:
    with pytest.raises(EstimatorError, match="the sixth fit failed"):
        share(fit_or_fail, [(k,) for k in range(40)], estimator, seconds=0.0, n_jobs=2)


def test_a_backend_that_the_user_has_chosen_is_asked() -> None:
    with joblib.parallel_config(backend="threading", n_jobs=2):
        who = share(_process, [()] * 4, FOREST, 100.0, None)
    assert set(who) == {os.getpid()}


def _process() -> int:
    return os.getpid()
