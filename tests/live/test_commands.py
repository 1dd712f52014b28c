"""The commands of live sessions, in a project, as a user types them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from livermore.candles import project_store, synthetic_candles
from livermore.cli import main
from livermore.testing.loopback import run_live_demo

LIVERMORE = [sys.executable, "-c", "import sys; from livermore.cli import main; sys.exit(main())"]

SETTINGS = """
STRATEGY = "Buyer"
EXCHANGE = "Sandbox"
SYMBOL = "BTC-USDT"
TIMEFRAME = "5m"
WARM_UP_CANDLES = 20
TEST = "2021-01-02", "2021-01-03"
CONFIG = {"starting_balance": 10_000, "fee": 0.001, "type": "spot"}
"""
STRATEGY = """
from livermore import Strategy


class Buyer(Strategy):
    def should_long(self): return self.close > self.open
    def go_long(self): self.buy = 0.1, self.price
    def update_position(self): self.liquidate()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "settings.py").write_text(SETTINGS)
    (tmp_path / "strategies" / "Buyer").mkdir(parents=True)
    (tmp_path / "strategies" / "Buyer" / "__init__.py").write_text(STRATEGY)
    project_store(tmp_path).write(synthetic_candles(3 * 1440, seed=1), "Sandbox", "BTC-USDT")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LIVERMORE, *arguments], capture_output=True, text=True, cwd=folder)


def test_a_day_is_replayed_compared_and_killed(project: Path) -> None:
    done = run(project, "live", "--replay", "--name", "day")
    assert done.returncode == 0, done.stderr
    assert "BTC-USDT trade closed" in done.stdout
    assert "on paper, starts at 2021-01-02 00:00 UTC" in done.stdout
    assert "entries: allowed" in done.stdout
    assert "last minute: 2021-01-02 23:59 UTC" in done.stdout
    assert "opened at 2021-01-02 " in done.stdout
    parity = run(project, "parity", "day")
    assert parity.returncode == 0, parity.stderr
    assert "1,440 minutes" in parity.stdout
    assert "replay and backtest: equal to the bit" in parity.stdout
    shown = run(project, "status", "day")
    assert shown.returncode == 0, shown.stderr
    assert "session day: not running; it began at 2021-01-02 00:00 UTC" in shown.stdout
    assert "why no trade: " in shown.stdout
    assert json.loads(run(project, "status", "day", "--json").stdout)["routes"][0]["symbol"] == "BTC-USDT"
    killed = run(project, "kill", "day", "--flatten")
    assert "Nothing is opened until: livermore kill day --release" in killed.stdout
    again = run(project, "live", "--replay", "--name", "day")
    assert "on paper, goes on at 2021-01-03 00:00 UTC" in again.stdout
    assert "entries: kill switch: flatten" in again.stdout
    assert "positions: BTC-USDT 0" in again.stdout
    run(project, "kill", "day", "--release")
    assert "entries: allowed" in run(project, "live", "--replay", "--name", "day").stdout


def test_every_line_is_json_on_request(project: Path) -> None:
    done = run(project, "live", "--replay", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(event.keys() == {"time", "kind", "route", "data"} for event in events)
    kinds = [event["kind"] for event in events]
    assert {"order_submitted", "order_filled", "trade_closed", "equity"} <= set(kinds)
    assert (kinds[0], kinds[-1]) == ("session_begins", "session_ends")
    assert events[-1]["data"]["session"] == "paper"
    run(project, "kill", "paper")
    again = [json.loads(line) for line in run(project, "live", "--replay", "--json").stdout.splitlines()]
    assert "kill switch: cancel" in [event["data"]["text"] for event in again if event["kind"] == "note"]


def test_settings_of_models_without_a_watch_are_refused(project: Path) -> None:
    done = run(project, "live", "--replay", "--alarm-level", "0.01")
    assert done.returncode == 1
    assert "models are not watched without --on-alarm" in done.stderr
    done = run(project, "live", "--replay", "--retrain", "-1")
    assert "must be a number of days, such as 7" in done.stderr


def test_a_changed_strategy_is_refused_in_one_line(project: Path) -> None:
    run(project, "live", "--replay")
    path = project / "strategies" / "Buyer" / "__init__.py"
    path.write_text(path.read_text().replace("0.1, ", "0.2, "))
    done = run(project, "live", "--replay")
    assert done.returncode == 1
    assert "the source of strategy Buyer has changed" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("kill", "nothing"), "there is no session nothing"),
        (("parity", "nothing"), "there is no session nothing"),
        (("live-samples", "nothing"), "there is no session nothing"),
        (("parity", "../x"), "cannot be the name of a session"),
        (("live", "--exchange", "Nowhere"), "unknown exchange 'Nowhere'"),
        (("live", "--exchange", "Nowhere"), "--replay follows the stored candles"),
        (("live", "--replay", "--max-age", "inf"), "--max-age is a number of seconds"),
    ],
)
def test_what_cannot_be_done_is_one_line(project: Path, arguments: tuple[str, ...], words: str) -> None:
    pytest.importorskip("ccxt", reason="needs the extra ccxt")
    done = run(project, *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_running_session_stops_after_the_present_minute_on_sigterm_and_is_killed_on_sigusr1(project: Path) -> None:
    code = (
        "import sys, time\n"
        "from livermore.cli import main\n"
        "from livermore.live import _feeds\n"
        # Slowed down, so that the signals come in the middle.
        "class Slow(_feeds.StoredFeed):\n"
        "    def poll(self, earliest):\n"
        "        time.sleep(0.02)\n"
        "        return super().poll(earliest)\n"
        "from livermore.research import _live\n"
        "_live.StoredFeed = Slow\n"
        "sys.exit(main(['live', '--replay']))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=project)
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline().startswith("session paper")
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGUSR1)
        deadline = time.monotonic() + 60
        while not (project / "storage" / "live" / "paper" / "KILL").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGTERM)
        printed = process.stdout.read()
    assert process.wait() == 0
    assert "entries: kill switch: cancel" in printed
    assert run(project, "parity", "paper").returncode == 0


@pytest.mark.slow
def test_the_demo_trades_a_day_and_is_equal_to_the_backtest(tmp_path: Path) -> None:
    pytest.importorskip("ccxt", reason="needs the extra ccxt")
    lines: list[str] = []
    assert run_live_demo(tmp_path, seed=3, say=lines.append)
    assert any("trade closed" in line for line in lines)
    assert sum("could not be fetched" in line for line in lines) == 3
    assert "replay and backtest: equal to the bit" in lines[-1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--real", "kraken"], "--real needs --account NAME"),
        (
            ["--real", "kraken", "--account", "main"],
            "that names exchange and account: 'kraken main'",
        ),
        (["--real", "kraken", "--account", "main", "--confirm", "kraken other"], "need a confirmation"),
        (["--real", "kraken", "--account", "main", "--confirm", "kraken main"], "there are no keys for kraken"),
        (["--real", "bitmex", "--account", "main", "--confirm", "bitmex main"], "orders cannot be sent to bitmex"),
    ],
)
def test_real_orders_need_a_confirmation_and_keys(
    arguments: list[str],
    words: str,
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("ccxt", reason="needs the extra ccxt")
    monkeypatch.chdir(project)
    assert main(["live", *arguments]) != 0
    assert words in capsys.readouterr().err
    assert not (project / "storage" / "live").exists()


def test_real_orders_do_not_go_with_a_replay(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["live", "--real", "kraken", "--replay"])
    assert "not allowed with" in capsys.readouterr().err
