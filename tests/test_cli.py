"""The command line parses, calls and prints; what it calls is tested elsewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

LIVERMORE = [sys.executable, "-c", "import sys; from livermore.cli import main; sys.exit(main())"]


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LIVERMORE, *arguments], capture_output=True, text=True, cwd=folder)


def test_version(tmp_path: Path) -> None:
    done = run("--version", folder=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("livermore 0.")


def test_new_writes_a_project_once_and_never_over_another(tmp_path: Path) -> None:
    done = run("new", "TrendFilter", "--folder", "p", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    written = {str(path.relative_to(tmp_path / "p")) for path in (tmp_path / "p").rglob("*.py")}
    assert written == {"settings.py", "gather.py", "train.py", "compare.py", "strategies/TrendFilter/__init__.py"}
    again = run("new", "TrendFilter", "--folder", "p", folder=tmp_path)
    assert again.returncode == 1
    assert "is not overwritten" in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.parametrize("name", ["Trend-Filter", "class", ""])
def test_a_name_that_is_no_class_name_is_refused(name: str, tmp_path: Path) -> None:
    done = run("new", name, folder=tmp_path)
    assert done.returncode == 1
    assert "cannot be the name of a strategy" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_import_candles_stores_what_get_candles_finds(tmp_path: Path) -> None:
    rows = "\n".join(f"{60 * i},10,12,9,11,5" for i in range(1440))
    (tmp_path / "x.csv").write_text(f"time,open,high,low,close,volume\n{rows}\n")
    done = run("import-candles", "x.csv", "--exchange", "Sandbox", "--symbol", "BTC-USDT", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1440" in done.stdout.replace(",", "")
    code = (
        "from livermore.research import get_candles; "
        "print(get_candles('Sandbox', 'BTC-USDT', '1h', 0, 86_400_000)[1].shape)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert found.stdout == "(24, 6)\n", found.stderr


def test_run_gives_the_script_jesse_its_arguments_and_its_folder(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "neighbour.py").write_text("VALUE = 3\n")
    (tmp_path / "scripts" / "s.py").write_text(
        "import sys\nfrom jesse.exceptions import InvalidConfig\nfrom neighbour import VALUE\n"
        "print(sys.argv[1:], VALUE, InvalidConfig.__module__, __name__)\n"
    )
    done = run("run", "scripts/s.py", "--fast", "-x", "1", folder=tmp_path)
    assert done.stdout == "['--fast', '-x', '1'] 3 livermore.errors __main__\n", done.stderr


def test_an_error_in_a_script_shows_its_line(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("from jesse import exceptions\nraise exceptions.InvalidConfig('no fee')\n")
    done = run("run", "s.py", folder=tmp_path)
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "no fee" in done.stderr
