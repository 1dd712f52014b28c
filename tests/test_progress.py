"""Bars appear in a terminal when work takes long, and nowhere else."""

import os
import pty
import re
import subprocess
import sys

import pytest

SLOW = """
import livermore.progress as p
p.DELAY = 0.0
with p.ProgressBar("Counting", "sheep") as bar:
    for i in range(50):
        bar(i + 1, 50)
        if bar._bar: bar._bar.progress.refresh()
print("done")
"""


def in_a_terminal(code: str, **environment: str) -> str:
    """Run code with standard error on a pseudo terminal; return what it showed there."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=theirs, env=os.environ | environment
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    child.communicate()
    os.close(ours)
    assert child.returncode == 0
    return shown.decode(errors="replace")


def test_a_terminal_shows_a_bar() -> None:
    shown = in_a_terminal(SLOW, TERM="xterm", COLUMNS="80")
    assert "Counting" in shown
    assert "sheep" in shown
    assert re.search(r"[\d.,]+/s", shown)


@pytest.mark.parametrize("environment", [{"LIVERMORE_NO_PROGRESS": "1"}])
def test_the_environment_switches_bars_off(environment: dict[str, str]) -> None:
    assert "Counting" not in in_a_terminal(SLOW, TERM="xterm", **environment)


def test_a_pipe_stays_silent() -> None:
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout == "done\n"


def test_short_work_does_not_import_rich() -> None:
    code = (
        "import sys; from livermore.progress import ProgressBar\n"
        "with ProgressBar('x') as bar: bar(1, 1)\n"
        "assert 'rich' not in sys.modules"
    )
    assert "Traceback" not in in_a_terminal(code, TERM="xterm")
