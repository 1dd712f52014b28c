"""Jesse's import paths, in fresh processes, because what they change is the process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

AS_JESSE = Path(__file__).parents[1] / "as-jesse"

IMPORTS = """
from jesse.strategies import Strategy, cached
import jesse.indicators as ta
import jesse.helpers as jh
from jesse import utils, research, exceptions
from jesse.enums import timeframes, sides
from jesse.research import gather_ml_data, load_ml_data_csv, train_model, load_ml_model, backtest, get_candles
import livermore.strategies, livermore.indicators
assert Strategy is livermore.strategies.Strategy
assert ta is livermore.indicators and ta.__spec__.name == "livermore.indicators"
assert jh.key("Sandbox", "BTC-USDT") == "Sandbox-BTC-USDT"
print("as jesse")
"""

FAKE_JESSE = "REAL = True\n"


def run(code: str, *, path: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **environment}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)


def test_imports_of_the_pages_work_after_install_as_jesse() -> None:
    done = run("import livermore; livermore.install_as_jesse()\n" + IMPORTS)
    assert done.stdout == "as jesse\n", done.stderr


def test_as_jesse_works_without_any_call() -> None:
    done = run(IMPORTS, path=AS_JESSE)
    assert done.stdout == "as jesse\n", done.stderr


def test_what_livermore_lacks_is_named() -> None:
    done = run("import livermore; livermore.install_as_jesse()\nimport jesse.services.db")
    assert "No module named 'jesse.services.db'" in done.stderr
    assert "livermore stands in for jesse" in done.stderr


@pytest.fixture
def real_jesse(tmp_path: Path) -> Path:
    """A folder in which a package named jesse is installed."""
    (tmp_path / "jesse").mkdir()
    (tmp_path / "jesse" / "__init__.py").write_text(FAKE_JESSE)
    return tmp_path


def test_the_real_jesse_wins_where_a_script_imported_it(real_jesse: Path) -> None:
    code = "import jesse, livermore; print(livermore.install_as_jesse(), jesse.REAL)"
    assert run(code, path=real_jesse).stdout == "False True\n"


def test_the_real_jesse_wins_where_the_environment_asks_for_it(real_jesse: Path) -> None:
    code = "import livermore; print(livermore.install_as_jesse()); import jesse; print(jesse.REAL)"
    assert run(code, path=real_jesse, LIVERMORE_USE_REAL_JESSE="1").stdout == "False\nTrue\n"


def test_livermore_stands_in_where_the_real_jesse_is_installed_and_not_asked_for(real_jesse: Path) -> None:
    code = "import livermore; print(livermore.install_as_jesse()); import jesse; print(hasattr(jesse, 'REAL'))"
    assert run(code, path=real_jesse).stdout == "True\nFalse\n"


def test_an_installed_real_jesse_is_not_shadowed_by_as_jesse(real_jesse: Path) -> None:
    # Both in one folder, as in site-packages.
    (real_jesse / "jesse.py").write_text((AS_JESSE / "jesse.py").read_text())
    assert run("import jesse; print(jesse.REAL)", path=real_jesse).stdout == "True\n"
