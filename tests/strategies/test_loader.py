"""Strategies are found by name, loaded as they are, and written for Jesse or for livermore alike."""

import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from livermore.errors import RouteError, StrategyError
from livermore.strategies import Strategy, load_strategies, strategy_folder

Write = Callable[[str, str], Path]

PLAIN = """
    from jesse.strategies import Strategy, cached
    import jesse.indicators as ta
    import jesse.helpers as jh
    from jesse import utils

    class {name}(Strategy):
        def should_long(self): return False
        def go_long(self): pass
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a file of a project, and unload its modules afterwards."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    monkeypatch.chdir(tmp_path)
    yield write_file
    for module in [name for name in sys.modules if name == "strategies" or name.startswith("strategies.")]:
        del sys.modules[module]


def test_a_file_written_for_jesse_loads_and_is_not_changed(write: Write) -> None:
    file = write("strategies/Plain/__init__.py", PLAIN.format(name="Plain"))
    before = file.read_bytes()
    found = load_strategies(["Plain"])["Plain"]
    assert issubclass(found, Strategy)
    assert found.__module__ == "strategies.Plain"
    assert file.read_bytes() == before


def test_another_root_than_the_working_directory(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("project/strategies/Plain/__init__.py", PLAIN.format(name="Plain"))
    assert load_strategies(["Plain"], tmp_path / "project")["Plain"].__name__ == "Plain"


def test_each_load_is_fresh_so_edits_and_state_do_not_linger(write: Write) -> None:
    text = PLAIN.format(name="Plain") + "        marker = {marker}\n        seen = []\n"
    write("strategies/Plain/__init__.py", text.replace("{marker}", "1"))
    first = load_strategies(["Plain"])["Plain"]
    first.seen.append("state")
    write("strategies/Plain/__init__.py", text.replace("{marker}", "22"))
    second = load_strategies(["Plain"])["Plain"]
    assert (first.marker, second.marker) == (1, 22)
    assert second.seen == []


def test_helpers_neighbours_and_modules_of_the_project_can_be_imported(write: Write) -> None:
    write("strategies/shared.py", "VALUE = 1")
    write("strategies/Base/__init__.py", PLAIN.format(name="Base"))
    write("strategies/Child/tools.py", "VALUE = 2")
    write("own_indicators.py", "VALUE = 3")
    write(
        "strategies/Child/__init__.py",
        """
        from strategies.Base import Base
        from strategies.shared import VALUE as one
        from .tools import VALUE as two
        from own_indicators import VALUE as three

        class Child(Base):
            values = one, two, three
        """,
    )
    path = list(sys.path)
    loaded = load_strategies(["Child", "Base"])
    assert loaded["Child"].values == (1, 2, 3)
    assert issubclass(loaded["Child"], loaded["Base"])
    assert sys.path == path


def test_a_missing_strategy_names_its_neighbours(write: Write) -> None:
    write("strategies/TrendFollower/__init__.py", PLAIN.format(name="TrendFollower"))
    with pytest.raises(RouteError, match=r"did you mean 'TrendFollower'\? There are: TrendFollower"):
        load_strategies(["TrendFolower"])


def test_a_working_directory_without_strategies(write: Write) -> None:
    with pytest.raises(RouteError, match=r"there is no folder .*strategies; run this in a project folder"):
        load_strategies(["Any"])


def test_a_class_of_another_name_is_an_error_that_lists_the_classes(write: Write) -> None:
    write("strategies/Renamed/__init__.py", PLAIN.format(name="OldName"))
    with pytest.raises(StrategyError, match=r"must define a class Renamed\(Strategy\); it defines OldName"):
        load_strategies(["Renamed"])


def test_a_file_that_fails_raises_what_it_raised_and_leaves_no_half_module(write: Write) -> None:
    write("strategies/Broken/__init__.py", "1 / 0")
    with pytest.raises(ZeroDivisionError):
        load_strategies(["Broken"])
    assert "strategies.Broken" not in sys.modules


def test_a_loaded_strategy_is_pickled_by_its_module(write: Write) -> None:
    import pickle

    write("strategies/Plain/__init__.py", PLAIN.format(name="Plain"))
    found = load_strategies(["Plain"])["Plain"]
    assert pickle.loads(pickle.dumps(found)) is found


def test_what_a_script_sets_on_a_module_that_it_imported_holds(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write("strategies/Plain/__init__.py", PLAIN.format(name="Plain"))
    monkeypatch.syspath_prepend(file.parents[2])
    module = importlib.import_module("strategies.Plain")
    module.Plain.ml_mode = "deploy"
    assert load_strategies(["Plain"])["Plain"] is module.Plain
    assert load_strategies(["Plain"])["Plain"].ml_mode == "deploy"


@pytest.mark.parametrize("name", ["ml_mode", "own"])
def test_what_a_script_sets_after_a_first_load_holds(name: str, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write("strategies/Plain/__init__.py", PLAIN.format(name="Plain") + "        own = 1\n")
    monkeypatch.syspath_prepend(file.parents[2])
    load_strategies(["Plain"])
    module = importlib.import_module("strategies.Plain")
    setattr(module.Plain, name, "deploy")
    for _ in range(2):
        assert getattr(load_strategies(["Plain"])["Plain"], name) == "deploy"


def test_a_constant_that_a_script_sets_in_a_loaded_module_holds(write: Write) -> None:
    write("strategies/Plain/__init__.py", PLAIN.format(name="Plain") + "    LIMIT = 1\n")
    load_strategies(["Plain"])
    sys.modules["strategies.Plain"].LIMIT = 2  # type: ignore[attr-defined]
    load_strategies(["Plain"])
    assert sys.modules["strategies.Plain"].LIMIT == 2


def test_a_module_of_another_project_is_not_taken_for_this_one(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("strategies/Plain/__init__.py", PLAIN.format(name="Plain"))
    write("other/strategies/Plain/__init__.py", PLAIN.format(name="Plain"))
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("strategies.Plain")
    module.Plain.ml_mode = "deploy"
    assert load_strategies(["Plain"], tmp_path / "other")["Plain"].ml_mode == "gather"


def test_the_packages_own_file_is_executed(write: Write) -> None:
    write("strategies/__init__.py", PLAIN.format(name="Base") + "    QUANTITY = 2\n")
    write("strategies/A/__init__.py", "from strategies import Base, QUANTITY\nclass A(Base):\n    size = QUANTITY\n")
    write("strategies/B/__init__.py", "from strategies.A import A\nclass B(A):\n    pass\n")
    for _ in range(2):
        loaded = load_strategies(["B", "A"])
        assert issubclass(loaded["B"], loaded["A"])
        assert loaded["B"].size == 2


@pytest.mark.parametrize("name", ["../Plain", "/etc", "a.b", "a b", "", "x" * 300, "a\0b", 7])
def test_a_name_that_is_no_identifier_is_refused(name: Any, write: Write) -> None:
    write("strategies/Plain/__init__.py", PLAIN.format(name="Plain"))
    with pytest.raises(RouteError, match="must be a Python identifier"):
        load_strategies([name])


@pytest.mark.parametrize("name", ["../../x", "/tmp/x", "x" * 300])
def test_a_class_whose_name_would_write_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    kind = type(name, (Strategy,), {"should_long": lambda self: False, "go_long": lambda self: None})
    with pytest.raises(StrategyError, match="must be a Python identifier"):
        strategy_folder(kind)
    with pytest.raises(StrategyError, match="must be a Python identifier"):
        kind().export_ml_data(tmp_path)
