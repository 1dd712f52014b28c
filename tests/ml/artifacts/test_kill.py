"""A save that is killed at any file operation leaves the old model or the new one, whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Runs in a process of its own, which forks once for each operation: the child saves and kills itself at that operation.
SCRIPT = """
import os, shutil, signal, sys, warnings
from pathlib import Path
import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression
from livermore.ml.artifacts import load_model, save_model
from livermore.ml.dataset import Dataset
from livermore.ml.tasks import task_named
from livermore.ml.training import TrainingOptions, train

WRITING = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}

def result(seed):
    rng = np.random.default_rng(seed)
    samples = [
        {"time": i, "label_time": i, "features": {"a": x, "b": -x * x}, "label": {"name": "y", "value": i % 2}}
        for i, x in enumerate(rng.standard_normal(40).tolist())
    ]
    options = TrainingOptions(importance=seed != 2, impact=False, assess=False)
    return train(Dataset.from_samples(samples), LogisticRegression(), task_named("binary"), options)

def kill_at(number):
    count = 0
    def step():
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
    def hook(event, arguments):
        if event in WRITING or (event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wxa+")):
            step()
    sys.addaudithook(hook)
    sync = os.fsync
    os.fsync = lambda descriptor: (step(), sync(descriptor))

def key(model, scaler):
    return model.coef_.tobytes(), scaler.mean_.tobytes()

def prepare(folder, before):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if before == "plain":
        joblib.dump(old.model, folder / "model.pkl")
        joblib.dump(old.scaler, folder / "scaler.pkl")
    elif before == "ours":
        save_model(old, folder)

def check(folder, before, number):
    allowed = {new_key: "new"} | ({} if before == "nothing" else {old_key: "old"})
    if before == "nothing" and not (folder / "model.json").exists():
        assert not (folder / "model.pkl").exists(), "a model without manifest"
        found = "none"
    else:
        loaded = load_model(folder)
        found = allowed[key(loaded.model, loaded.scaler)]
    # Jesse's view: a whole pair, or no model at all.
    if (folder / "model.pkl").exists():
        allowed[key(joblib.load(folder / "model.pkl"), joblib.load(folder / "scaler.pkl"))]
    # And the next save works, and cleans up.
    save_model(third, folder)
    loaded = load_model(folder)
    assert key(loaded.model, loaded.scaler) == key(third.model, third.scaler)
    assert not list(folder.glob(".*.tmp")) and not list((folder / "models").glob(".*.tmp")), "left over"
    return found

warnings.simplefilter("ignore")
old, new, third = result(0), result(1), result(2)
old_key, new_key = key(old.model, old.scaler), key(new.model, new.scaler)
folder = Path(sys.argv[1]) / "Foo"
for before in ("nothing", "plain", "ours"):
    found, number, killed = [], 0, True
    while killed:
        number += 1
        prepare(folder, before)
        child = os.fork()
        if child == 0:
            kill_at(number)
            save_model(new, folder)
            os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        found.append(check(folder, before, number))
    print(before, len(found) - 1, "kills", *sorted(set(found)))
    assert found == sorted(found, key=("none old new").split().index), "the new model came and went"
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_at_any_file_operation_leaves_a_whole_model(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    lines = [line.split() for line in run.stdout.splitlines()]
    assert [(line[0], line[3:]) for line in lines] == [
        ("nothing", ["new", "none"]),
        ("plain", ["new", "old"]),
        ("ours", ["new", "old"]),
    ]
    assert all(int(line[1]) > 30 for line in lines)
