"""Gradient boosting that scikit-learn before 1.9 pickled names its losses by a module that calls itself `_loss`."""

import pickle
import sys
from types import ModuleType

import pytest
from sklearn._loss import _loss

from livermore.ml.artifacts._known_types import UnknownTypeError, load_known


def test_a_loss_of_scikit_learn_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = type("CyHalfError", (), {"__module__": "_loss"})
    monkeypatch.setattr(_loss, "CyHalfError", kind, raising=False)
    monkeypatch.setitem(sys.modules, "_loss", _loss)
    assert type(load_known(pickle.dumps(kind()))) is kind


def test_another_module_of_that_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModuleType("_loss")
    kind = other.CyHalfError = type("CyHalfError", (), {"__module__": "_loss"})
    monkeypatch.setitem(sys.modules, "_loss", other)
    with pytest.raises(UnknownTypeError, match=r"_loss\.CyHalfError"):
        load_known(pickle.dumps(kind()))
