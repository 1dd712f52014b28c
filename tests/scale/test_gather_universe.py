"""Many symbols: what is done is kept, what fails loses nothing else, and little is sent to workers."""

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.scale import strategies

from livermore.candles import project_store
from livermore.errors import ConfigError, DatasetError, DateRangeError, FileError, LivermoreWarning, NoSamplesError
from livermore.research import gather_ml_data
from livermore.scale import gather_universe, read_universe
from livermore.scale._gather_universe import _tasks, _universe

PERIOD = ("2021-01-03", "2021-01-19")


def gather(root: Path, config: dict[str, Any], kind: Any = strategies.Short, **options: Any) -> Any:
    options = {"symbols": None, "n_jobs": 1, **options}
    return gather_universe(kind, options.pop("symbols"), *PERIOD, config, root=root, verbose=False, **options)


def times_of(root: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (root / "storage" / "samples").glob("*/*/*.json")}


def test_the_samples_are_those_of_gather_ml_data(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    root = make_project(symbols=3)
    found = gather(root, config).dataset()
    times = []
    for symbol in ("S0-USDT", "S1-USDT", "S2-USDT"):
        market = {"exchange": "Sandbox", "symbol": symbol}
        rows = project_store(root).read("Sandbox", symbol)
        start = 1_609_632_000_000
        trading, warm_up = (
            rows[(rows[:, 0] >= start) & (rows[:, 0] < start + 16 * 86_400_000)],
            rows[rows[:, 0] < start],
        )
        alone = gather_ml_data(
            config,
            [{**market, "timeframe": "15m", "strategy": strategies.Short}],
            [],
            {f"Sandbox-{symbol}": {**market, "candles": trading}},
            {f"Sandbox-{symbol}": {**market, "candles": warm_up[-50 * 15 :]}},
            csv_path=None,
            verbose=False,
        )["data_points"]
        mine = found.take(np.flatnonzero(found.symbol == symbol)).to_samples()
        assert mine == sorted(alone, key=lambda sample: sample["time"])
        times += [sample["time"] for sample in alone]
    assert found.time.tolist() == sorted(times)


def test_a_second_run_does_nothing_and_a_new_candle_only_its_symbol(
    make_project: Callable[..., Path], config: dict[str, Any]
) -> None:
    root = make_project()
    first = gather(root, config)
    before = times_of(root)
    assert gather(root, config) == first
    assert times_of(root) == before
    store = project_store(root)
    last = store.read("Sandbox", "S0-USDT")[-1:].copy()
    last[0, 0] += 60_000
    store.write(last, "Sandbox", "S0-USDT")
    gather(root, config)
    new = times_of(root).keys() - before.keys()
    assert len(new) == 1


def test_another_config_or_strategy_gathers_anew(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    root = make_project(symbols=1)
    gather(root, config)
    gather(root, {**config, "fee": 0})
    gather(root, config, hyperparameters={})
    assert len(times_of(root)) == 3


def test_an_edit_of_the_strategys_file_gathers_anew(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    root = make_project(symbols=1)
    file = root / "strategies" / "Written" / "__init__.py"
    file.parent.mkdir(parents=True)
    text = (
        "from livermore.testing import ExampleStrategy\n\n\nclass Written(ExampleStrategy):\n"
        "    def ml_features(self):\n        return {'body': self.close - self.open}\n"
    )
    file.write_text(text)
    first = gather(root, {**config, "type": "spot"}, "Written").dataset()
    file.write_text(text.replace("self.close - self.open", "2 * (self.close - self.open)"))
    second = gather(root, {**config, "type": "spot"}, "Written").dataset()
    np.testing.assert_array_equal(second.X, 2 * first.X)


def test_a_symbol_that_fails_loses_no_other(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    root = make_project(symbols=3)
    with pytest.warns(LivermoreWarning, match="1 of 4 symbols could not be gathered"):
        found = gather(root, config, symbols=["S0-USDT", "S1-USDT", "NONE-USDT", "S2-USDT"])
    assert found.symbols == ("S0-USDT", "S1-USDT", "S2-USDT")
    with pytest.warns(LivermoreWarning, match="ZeroDivisionError: on purpose"):
        found = gather(root, config, strategies.FailsOnOne)
    assert found.symbols == ("S0-USDT", "S2-USDT")
    assert "in before" in found.failures[0].traceback
    with pytest.raises(DatasetError, match="S1-USDT: ZeroDivisionError"):
        found.check()
    assert read_universe(found.folder).failures == found.failures


def test_two_workers_give_the_same(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    root = make_project(symbols=3)
    one, two = (gather(root, config, folder=root / str(n), n_jobs=n).dataset() for n in (1, 2))
    assert one.fingerprint() == two.fingerprint()


def test_tasks_are_small_when_they_are_sent(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    """Candles go by path, never by value."""
    root = make_project()
    universe = _universe("Named", *PERIOD, config, "15m", (), None, root, None)
    sizes = [len(pickle.dumps(task)) for task in _tasks(universe, ["S0-USDT", "S1-USDT"], 4)]
    assert len(sizes) == 8
    assert max(sizes) < 2_000


def test_single_features_and_symbols_are_read(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    found = gather(make_project(symbols=3), config)
    part = found.dataset(["S0-USDT", "S2-USDT"], ["rsi"])
    assert part.feature_names == ("rsi",)
    assert set(part.symbol) == {"S0-USDT", "S2-USDT"}
    with pytest.raises(DatasetError, match="no samples of X"):
        found.dataset(["X"])
    with pytest.raises(DatasetError, match="no feature 'volume'"):
        found.dataset(features=["volume"])


def test_a_damaged_shard_is_an_error_that_names_it(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    found = gather(make_project(symbols=1), config)
    path = found.folder / found.shards[0].path
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="Delete it and gather again"):
        found.dataset()
    path.unlink()
    gather(found.folder.parents[2], config)
    assert len(found.dataset()) == len(found)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"symbols": "S0-USDT"}, ConfigError, "must be a list"),
        ({"symbols": []}, ConfigError, "no symbol"),
        ({"parts": 0}, ConfigError, "parts must be"),
        ({"parts": True}, ConfigError, "parts must be"),
        ({"symbols": ["NONE-USDT"]}, NoSamplesError, "no candles of Sandbox NONE-USDT"),
    ],
)
def test_what_cannot_be_gathered_is_said(
    change: dict[str, Any],
    error: type[Exception],
    message: str,
    make_project: Callable[..., Path],
    config: dict[str, Any],
) -> None:
    with pytest.raises(error, match=message):
        gather(make_project(), config, **change)


def test_a_period_that_ends_before_it_begins_is_refused(
    make_project: Callable[..., Path], config: dict[str, Any]
) -> None:
    with pytest.raises(DateRangeError):
        gather_universe(strategies.Short, None, "2021-01-05", "2021-01-05", config, root=make_project())


SCRIPT = """
import sys
from livermore.scale import gather_universe
from livermore.testing import ExampleStrategy
config = {"exchange": "Sandbox", "type": "spot", "starting_balance": 10_000, "fee": 0, "warm_up_candles": 10}
if __name__ == "__main__":
    period = "2021-01-02", "2021-01-19"
    gather_universe(ExampleStrategy, None, *period, config, root=sys.argv[1], n_jobs=2, verbose=False)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("killed", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_is_completed_by_the_next(
    killed: signal.Signals, make_project: Callable[..., Path], tmp_path: Path
) -> None:
    root = make_project(symbols=6)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(root)]
    rng = np.random.default_rng(0)
    for _ in range(4):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        # However far it came: nothing below depends on it.
        time.sleep(rng.uniform(0.5, 3.0))
        os.killpg(process.pid, killed)
        process.wait()
    assert subprocess.run(command, check=False).returncode == 0
    folder = root / "storage" / "samples" / "ExampleStrategy"
    disturbed = read_universe(folder).dataset()
    for path in folder.rglob("*.*"):
        path.unlink()
    assert subprocess.run(command, check=False).returncode == 0
    assert disturbed.fingerprint() == read_universe(folder).dataset().fingerprint()


def workers_of(process: int) -> list[int]:
    """Return the worker processes of a process, without joblib's resource tracker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_text()
        except OSError:  # it has ended meanwhile
            continue
        if parent == process and "resource_tracker" not in words:
            found.append(int(folder.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_that_are_killed_lose_nothing(make_project: Callable[..., Path], tmp_path: Path) -> None:
    """Kill -9 of single workers, and at times of the driver too: the next run has what an undisturbed one has."""
    root = make_project(symbols=8)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(root)]
    rng = np.random.default_rng(5)
    killed = 0
    for ends_driver in (False, True, False):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        enough = killed + 4
        while process.poll() is None and killed < enough:
            time.sleep(rng.uniform(0.1, 0.5))
            for worker in workers_of(process.pid)[:1]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
                    killed += 1
        if ends_driver and process.poll() is None:
            process.kill()
        process.wait()
    assert killed > 0
    assert subprocess.run(command, check=False).returncode == 0
    folder = root / "storage" / "samples" / "ExampleStrategy"
    disturbed = read_universe(folder)
    assert not disturbed.failures
    samples = disturbed.dataset()
    assert not [path.name for path in folder.rglob("*") if path.suffix not in (".parquet", ".json", "")]
    for path in folder.rglob("*.*"):
        path.unlink()
    assert subprocess.run(command, check=False).returncode == 0
    assert samples.fingerprint() == read_universe(folder).dataset().fingerprint()


def test_reports_are_complete_or_not_there(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    """A report that was cut off, or whose shard is missing, does not count."""
    root = make_project(symbols=1)
    found = gather(root, config)
    report = next((root / "storage" / "samples").glob("*/*/*.json"))
    whole = report.read_bytes()
    for content in (whole[:-5], b"", json.dumps([1]).encode()):
        report.write_bytes(content)
        assert gather(root, config) == found
        assert report.read_bytes() == whole


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n_jobs": 0}, "n_jobs must be a number of workers"),
        ({"n_jobs": "all"}, "n_jobs must be a number of workers"),
        ({"symbols": 5}, "symbols must be a list"),
        ({"symbols": [["S0-USDT"]]}, "symbols must be a list"),
    ],
)
def test_an_argument_of_another_type_is_refused(
    tmp_path: Path, config: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        gather(tmp_path, config, **options)


def test_a_config_or_date_of_another_type_is_refused(tmp_path: Path, config: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="must name the exchange"):
        gather(tmp_path, None)  # type: ignore[arg-type]
    with pytest.raises(DateRangeError, match="None is no date"):
        gather_universe(strategies.Short, ["S0-USDT"], None, "2021-01-19", config, root=tmp_path)  # type: ignore[arg-type]


def test_more_workers_than_joblib_can_count_are_as_many_as_there_are_tasks(
    make_project: Callable[..., Path], config: dict[str, Any]
) -> None:
    assert len(gather(make_project(symbols=1), config, n_jobs=10**6)) > 0


def test_a_folder_that_cannot_be_made_is_named(make_project: Callable[..., Path], config: dict[str, Any]) -> None:
    root = make_project(symbols=1)
    (root / "taken").write_text("")
    with pytest.raises(FileError, match="taken, cannot be made"):
        gather(root, config, folder=root / "taken")


@pytest.mark.parametrize("shard", [("A", "a", "1"), ("A", "a", None), ("A", 5, 1), (5, "a", 1), ("A", "a", -1)])
def test_a_list_with_a_shard_that_is_none_is_damaged(tmp_path: Path, shard: tuple[Any, ...]) -> None:
    listed = [dict(zip(("symbol", "path", "n_samples"), shard, strict=True))]
    (tmp_path / "universe.json").write_text(json.dumps({"shards": listed, "failures": [], "silent": []}))
    with pytest.raises(DatasetError, match="is damaged"):
        read_universe(tmp_path)
