"""The command line parses, calls and prints; what it calls is tested elsewhere."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from livermore.candles import read_candles

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


def test_the_module_can_be_run(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "livermore", "--version"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.startswith("livermore 0.")


def test_a_project_gets_another_strategy(tmp_path: Path) -> None:
    assert run("new", "First", folder=tmp_path).returncode == 0
    before = (tmp_path / "settings.py").read_bytes()
    done = run("new", "Second", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "strategies" / "Second" / "__init__.py").is_file()
    assert (tmp_path / "settings.py").read_bytes() == before


def stored_days(folder: Path, days: int = 10) -> None:
    rows = "\n".join(f"{60 * i},10,12,9,11,5" for i in range(1440 * days))
    (folder / "x.csv").write_text(f"time,open,high,low,close,volume\n{rows}\n")
    done = run("import-candles", "x.csv", "--exchange", "Sandbox", "--symbol", "BTC-USDT", folder=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--start", "2030-01-01"], "must be before the finish"),
        (["--finish", "2030-01-01"], "is later"),
        (["--start", "1970-01-01"], "there are no 210 bars"),
        (["--warm-up-candles", "-1"], "must be 0 or more"),
        (["--symbol", "NONE-USDT"], "there are no candles of NONE-USDT"),
    ],
)
def test_days_that_are_not_stored_are_one_line(options: list[str], says: str, tmp_path: Path) -> None:
    stored_days(tmp_path)
    done = run("check", "Nothing", *options, folder=tmp_path)
    assert done.returncode == 1
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_commands_read_the_projects_settings(tmp_path: Path) -> None:
    stored_days(tmp_path)
    (tmp_path / "settings.py").write_text("TIMEFRAME = '4h'\nWARM_UP_CANDLES = 500\n")
    done = run("check", "Nothing", folder=tmp_path)
    assert "500 bars" in done.stderr
    (tmp_path / "settings.py").write_text("TIMEFRAME = 4\n")
    done = run("check", "Nothing", folder=tmp_path)
    assert done.returncode == 1
    assert "TIMEFRAME must be of type str" in done.stderr
    (tmp_path / "settings.py").write_text("1 / 0\n")
    done = run("check", "Nothing", folder=tmp_path)
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pipe_that_closes_is_no_error(tmp_path: Path) -> None:
    command = (
        f"'{sys.executable}' -m livermore --help | head -1; '{sys.executable}' -m livermore models nothing | head -1"
    )
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    stored_days(tmp_path)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*LIVERMORE, "import-candles", "x.csv", "--exchange", "Sandbox", "--symbol", "B-C"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["error: [Errno 28] No space left on device"]


def test_docstrings_are_not_needed(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-OO", "-m", "livermore", "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Machine learning" in done.stdout


@pytest.mark.parametrize("seed", ["-1", "x"])
def test_a_seed_is_a_number_from_zero(seed: str, tmp_path: Path) -> None:
    done = run("demo", "--seed", seed, folder=tmp_path)
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("new", "First", "--folder", "file/sub", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_a_folder_without_models_says_where_models_are(tmp_path: Path) -> None:
    done = run("models", ".", folder=tmp_path)
    assert done.returncode == 1
    assert "keeps no models" in done.stderr
    (tmp_path / "strategies" / "Trend").mkdir(parents=True)
    (tmp_path / "strategies" / "Trend" / "model.json").write_text("{}")
    done = run("models", "strategies", folder=tmp_path)
    assert "Models are in: strategies/Trend" in done.stderr.replace(chr(92), "/")


def test_stored_candles_are_listed_and_removed(tmp_path: Path) -> None:
    assert "there are no candles" in run("candles", folder=tmp_path).stdout
    stored_days(tmp_path, days=2)
    assert "Sandbox BTC-USDT: 2,880 one-minute candles" in run("candles", folder=tmp_path).stdout
    done = run("candles", "remove", "Sandbox", "BTC-USDT", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "there are no candles" in run("candles", folder=tmp_path).stdout
    again = run("candles", "remove", "Sandbox", "BTC-USDT", folder=tmp_path)
    assert again.returncode == 1
    assert again.stderr.count("\n") == 1


def test_the_folder_may_stand_before_or_after_a_command_of_candles(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    stored_days(tmp_path / "p", days=1)
    for arguments in (["list", "--folder", "p"], ["--folder", "p", "list"], ["--folder", "p"]):
        assert "Sandbox BTC-USDT: 1,440" in run("candles", *arguments, folder=tmp_path).stdout
    assert "there are no candles" in run("candles", "list", folder=tmp_path).stdout


def test_every_option_of_the_reader_is_on_the_command_line(tmp_path: Path) -> None:
    parameters = set(inspect.signature(read_candles).parameters) - {"path"}
    shown = run("candles", "import", "--help", folder=tmp_path).stdout
    assert [name for name in parameters if f"--{name.replace('_', '-')}" not in shown] == []


def test_a_source_and_its_options_from_the_command_line(tmp_path: Path) -> None:
    listed = run("candles", "sources", folder=tmp_path).stdout
    assert "metatrader5" in listed
    assert "alphavantage" in listed
    (tmp_path / "x.csv").write_text(
        "what;when;o1;h1;l1;c1\nA;31/12/2024 19:01;1;2;1;2\nB;31/12/2024 19:01;7;7;7;7\nA;31/12/2024 19:02;2;2;2;2\n"
    )
    options = [
        *("--columns", "timestamp=when,open=o1,high=h1,low=l1,close=c1", "--separator", ";", "--where", "what=A"),
        *("--timezone", "America/New_York", "--stamp", "end", "--dates", "dmy"),
    ]
    done = run("candles", "import", "x.csv", "--exchange", "E", "--symbol", "A-B", *options, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "E A-B: 2 one-minute candles, 2025-01-01 00:00 UTC to 2025-01-01 00:01 UTC" in done.stdout
    wrong = run("candles", "import", "x.csv", "--exchange", "E", folder=tmp_path)
    assert wrong.returncode == 1
    assert "--symbol is missing" in wrong.stderr
    wrong = run("candles", "import", "x.csv", "--exchange", "E", "--symbol", "A-B", "--where", "A", folder=tmp_path)
    assert wrong.returncode == 2
    assert "must be COLUMN=VALUE" in wrong.stderr
