"""Edits of a manifest, drawn at random: the model loads as it was saved, or is refused with an error of ours."""

import json
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livermore.errors import LivermoreError
from livermore.ml.artifacts import MANIFEST, load_model, save_model
from livermore.ml.result import TrainingResult

MakeResult = Callable[..., TrainingResult]
VALUES = (
    *(None, True, 0, -1, 2**63, 10**30, 0.5, float("nan"), float("inf")),
    *("", "x", "\x00", "..", "/etc/passwd", "a" * 5000, "\ud800", "0" * 64),
    *([], [1], [[]], [None], ["model.pkl"], {}, {"a": 1}, {"model.pkl": None}),
)
RAW = {
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "nothing": b"",
    "null": b"null",
    "a number": b"5",
    "a long number": b'{"format_version": 1' + b"0" * 5000 + b"}",
    "half a character": b'{"format_version": 1, "task": "\\ud800"}',
    "no text": bytes(range(256)),
    "much": b'{"format_version": 1, "x": "' + b"a" * 80_000_000 + b'"}',
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path to each part of a manifest."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


def edit(manifest: Any, rng: random.Random) -> None:
    """Replace, remove, add or reorder a part of a manifest."""
    path = rng.choice(places(manifest)[1:])
    holder = manifest
    for key in path[:-1]:
        holder = holder[key]
    kind = rng.choice(("replace", "remove", "add", "reverse"))
    if kind == "remove":
        del holder[path[-1]]
    elif kind == "add" and isinstance(holder, dict):
        holder[rng.choice(("x", "../x", "model.skops", "sha256", ""))] = rng.choice(VALUES)
    elif kind == "reverse" and isinstance(holder[path[-1]], list):
        holder[path[-1]].reverse()
    else:
        holder[path[-1]] = rng.choice(VALUES)


@pytest.mark.parametrize("seed", range(10))
def test_no_edit_changes_what_a_model_is(seed: int, make_result: MakeResult, tmp_path: Path) -> None:
    rng = random.Random(seed)
    result = make_result(importance=bool(seed % 2))
    save_model(result, tmp_path)
    good = load_model(tmp_path).manifest
    assert good is not None
    content = (tmp_path / MANIFEST).read_text()
    for _ in range(200):
        found = json.loads(content)
        for _ in range(rng.choice((1, 1, 1, 3))):
            edit(found, rng)
        (tmp_path / MANIFEST).write_text(json.dumps(found))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                loaded = load_model(tmp_path)
        except LivermoreError:
            continue
        assert loaded.manifest is not None
        assert loaded.manifest.features == good.features
        assert loaded.manifest.classes == good.classes
        assert loaded.manifest.about == good.about
        np.testing.assert_array_equal(loaded.model.coef_, result.model.coef_)


@pytest.mark.parametrize("name", RAW)
def test_what_is_no_manifest_is_refused(name: str, make_result: MakeResult, tmp_path: Path) -> None:
    save_model(make_result(), tmp_path)
    (tmp_path / MANIFEST).write_bytes(RAW[name])
    with pytest.raises(LivermoreError, match=r"model\.json (is damaged|is too large|has format)"):
        load_model(tmp_path)
