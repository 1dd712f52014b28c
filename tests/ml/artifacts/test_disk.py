"""Saving to disks that are full or read-only, and two trainers at once: the old model or the new one, whole."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from livermore.errors import ModelError
from livermore.ml.artifacts import load_model, save_model, saved_versions
from livermore.ml.result import TrainingResult

MakeResult = Callable[..., TrainingResult]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mount a small disk of its own; skipped where that is not allowed."""
    mounted = []

    def make(*options: str) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("mounting a disk needs root")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=False)


@pytest.mark.slow
def test_a_disk_that_fills_up_at_any_point_leaves_a_whole_model(
    mount: Callable[..., Path], make_result: MakeResult
) -> None:
    disk = mount("size=2m")
    old, new = make_result(0), make_result(1)
    outcomes = []
    for free in range(0, 120, 4):
        folder = disk / "Foo"
        save_model(old, folder)
        filler = disk / "filler"
        with filler.open("wb") as file:
            file.write(b"x" * (available(disk) - 1024 * free))
        try:
            save_model(new, folder)
            outcomes.append("saved")
        except ModelError as error:
            if "No space left" not in str(error):
                raise
            outcomes.append("refused")
        loaded = load_model(folder)
        whole = [result for result in (old, new) if np.array_equal(loaded.model.coef_, result.model.coef_)]
        assert loaded.scaler.mean_.tolist() == whole[0].scaler.mean_.tolist()
        assert outcomes[-1] == "refused" or whole == [new]
        assert not list(folder.rglob("*.tmp"))
        filler.unlink()
        subprocess.run(["rm", "-rf", str(folder)], check=True)
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {"refused", "saved"}


def available(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def test_a_read_only_folder_cannot_be_saved_to_and_loads(mount: Callable[..., Path], make_result: MakeResult) -> None:
    disk = mount("size=2m")
    old = make_result(0)
    save_model(old, disk / "Foo")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(ModelError, match=r"no model can be saved to .*Foo: Read-only file system"):
        save_model(make_result(1), disk / "Foo")
    assert load_model(disk / "Foo").model.coef_.tolist() == old.model.coef_.tolist()


TRAINER = """
import sys, warnings
import numpy as np
from sklearn.linear_model import LogisticRegression
from livermore.research import train_model

warnings.simplefilter("ignore")
seed, folder = int(sys.argv[1]), sys.argv[2]
for k in range(6):
    rng = np.random.default_rng(100 * seed + k)
    samples = [
        {"time": i, "label_time": i, "features": {"a": x, "b": -x * x}, "label": {"name": "y", "value": i % 2}}
        for i, x in enumerate(rng.standard_normal(60).tolist())
    ]
    quiet = {"verbose": False, "importance": False, "impact": False, "evidence": False}
    result = train_model(samples, LogisticRegression(), save_to=folder, **quiet)
    print(result["model"].coef_.tobytes().hex(), result["scaler"].mean_.tobytes().hex(), flush=True)
"""


@pytest.mark.slow
def test_two_trainers_in_two_processes_never_leave_half_a_model(tmp_path: Path) -> None:
    trainers = [
        subprocess.Popen([sys.executable, "-c", TRAINER, str(seed), str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for seed in (1, 2)
    ]
    seen = set()
    while any(trainer.poll() is None for trainer in trainers):
        if (tmp_path / "model.json").exists():
            loaded = load_model(tmp_path)
            seen.add((loaded.model.coef_.tobytes().hex(), loaded.scaler.mean_.tobytes().hex()))
    saved = set()
    for trainer in trainers:
        output, _ = trainer.communicate()
        assert trainer.returncode == 0
        saved |= {tuple(line.split()) for line in output.splitlines()}
    loaded = load_model(tmp_path)
    assert seen | {(loaded.model.coef_.tobytes().hex(), loaded.scaler.mean_.tobytes().hex())} <= saved
    assert len(saved) == len(saved_versions(tmp_path)) == 12
    assert not list(tmp_path.rglob("*.tmp"))
