"""The same results from clusters of several processes: Dask's and Ray's, started here, and of loky."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from tests.scale import strategies

from livermore.ml.parallel import executor_for
from livermore.research import RetrainSchedule, compare_models, train_model, transfer, walk_forward
from livermore.scale import gather_universe
from livermore.testing import example_backtest

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

PERIOD = ("2021-01-03", "2021-01-19")


@contextmanager
def dask_cluster() -> Iterator[None]:
    distributed = pytest.importorskip("distributed")
    # Nothing listens on a port that a firewall or another run may hold.
    options: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(**options) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        yield


@contextmanager
def ray_cluster() -> Iterator[None]:
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster
    from ray.util.joblib import register_ray

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    try:
        ray.init(address=cluster.address, log_to_driver=False)
        register_ray()
        with joblib.parallel_config(backend="ray", n_jobs=2):
            yield
    finally:
        ray.shutdown()
        cluster.shutdown()


@pytest.fixture(scope="module", params=[dask_cluster, ray_cluster], ids=["dask", "ray"])
def cluster(request: pytest.FixtureRequest) -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    return request.param


@pytest.mark.filterwarnings("default")
def test_a_cluster_gives_what_one_process_gives(
    cluster: Callable[[], Any], make_project: Callable[..., Path], config: dict[str, Any]
) -> None:
    root = make_project(symbols=3)

    def gathered(folder: str, n_jobs: int | None) -> Any:
        return gather_universe(
            strategies.Short,
            None,
            *PERIOD,
            config,
            root=root,
            folder=root / folder,
            n_jobs=n_jobs,
            parts=2,
            verbose=False,
        ).dataset()

    def trained(data: Any, n_jobs: int | None) -> tuple[Any, ...]:
        options: dict[str, Any] = {"verbose": False, "n_jobs": n_jobs}
        forest = train_model(data, RandomForestClassifier(10, random_state=0), **options)
        ranked = compare_models(
            data,
            {"a": LogisticRegression(), "b": LogisticRegression(C=0.01)},
            importance=False,
            impact=False,
            **options,
        )
        schedule = RetrainSchedule(every=timedelta(days=2), min_samples=50)
        walked = walk_forward(
            LogisticRegression(), **example_backtest(days=8), schedule=schedule, verbose=False, n_jobs=n_jobs
        )
        return (
            forest["metrics"],
            forest["verdict"],
            forest["feature_importance"],
            ranked["ranking"],
            transfer(data, LogisticRegression(), verbose=False, n_jobs=n_jobs),
            walked["trades"],
            walked["out_of_sample"],
            [training["n_samples"] for training in walked["trainings"]],
        )

    serial = gathered("serial", 1)
    expected = trained(serial, 1)
    with cluster():
        shared = gathered("shared", None)
        found = trained(shared, None)
    assert serial.fingerprint() == shared.fingerprint()
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_equal(one, other)


class Counted:
    """Data that count how often they are packed for another process."""

    times = 0

    def __init__(self) -> None:
        self.data = np.arange(20_000.0)

    def __getstate__(self) -> dict[str, Any]:
        type(self).times += 1
        return self.__dict__


def total(of: Counted, number: int) -> float:
    return float(of.data.sum()) + number


@pytest.mark.filterwarnings("default")
def test_dask_sends_the_data_of_fits_once() -> None:
    Counted.times = 0
    of = Counted()
    with dask_cluster(), executor_for(LogisticRegression()) as executor:
        futures = [executor.submit(total, of, number) for number in range(8)]
        assert [future.result() for future in futures] == [total(of, number) for number in range(8)]
    assert Counted.times == 1
