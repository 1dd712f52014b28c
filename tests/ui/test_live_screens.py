"""The pages of live sessions: what they show while one runs, its kill switch, its predictions, its parity."""

import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.ui.conftest import serving
from tests.ui.sessions import SYMBOL, running_session, until
from tests.ui.web import Client

from livermore.candles import synthetic_candles
from livermore.engine import BacktestSpec
from livermore.live import LiveSession, StoredFeed
from livermore.research import list_models

STRATEGY = """
from livermore.strategies import Strategy


class Trend(Strategy):
    def should_long(self):
        return self.index % 2 == 0

    def go_long(self):
        self.buy = 1, self.price

    def update_position(self):
        if self.index % 2:
            self.liquidate()
"""


@pytest.fixture
def messages(client: Client) -> Iterator:
    """Yield a function that returns the next server-sent event of the session."""
    connection = http.client.HTTPConnection(client.host, client.port, timeout=60)
    connection.request("GET", "/live/events?name=first", headers={"Cookie": client.cookie})
    answer = connection.getresponse()
    assert answer.headers["content-type"].startswith("text/event-stream")

    def read() -> dict:
        while True:
            line = answer.readline().decode()
            assert line, "the stream has ended"
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))

    yield read
    connection.close()


def test_a_running_session_is_shown_and_the_kill_switch_stops_it(client, project, messages):
    pytest.importorskip("ccxt", reason="livermore's extra ccxt is not installed")
    with running_session(project) as session:
        until(lambda: len(session.session.trades) > 60, "there are trades")
        page = client.get("/live/session", name="first").text
        assert "<b onclick" not in page
        assert ">coin </td>" in page
        first = messages()
        until(lambda: session.next_minute > (first["minute"] or 0) + 600_000, "ten more minutes")
        second = messages()
        while second["minute"] in (None, first["minute"]):
            second = messages()
        assert first["entries"] in ("Entries: allowed", "There is no such session any more.")
        panes = json.loads(client.get("/live/chart", name="first", symbol=SYMBOL).text)["panes"]
        assert len(panes[0][0]["data"]) > 60
        assert len(panes[0][0]["markers"]) > 60
        assert len(panes[1][0]["data"]) > 30

        log = client.get("/predictions", session="first").text
        assert "&lt;b onclick=alert(1)&gt;rsi" in log
        assert "<b onclick" not in log
        labelled = re.findall(r'<td class="n">[01]</td><td> ?coin</td>', log)
        assert len(labelled) > 30
        series = json.loads(client.get("/predictions/chart", session="first").text)["panes"][0]
        assert [line["title"] for line in series][:2] == ["predicted", "came true"]
        predicted, _, below, above = ([point["value"] for point in line["data"]] for line in series)
        assert all(low < middle < high for low, middle, high in zip(below, predicted, above, strict=True))
        assert "<td>[0.8–1.0]</td>" in log

        assert client.post("/live/kill", name="first", command="flatten").status == 303
        until(lambda: session.kill_switch.read() == "flatten" == session._obeyed, "it is obeyed")
        trades, last = len(session.session.trades), session.next_minute
        while not messages()["entries"].endswith("kill switch: flatten"):
            pass
        until(lambda: session.next_minute > last + 1_200_000, "twenty minutes have passed")
        assert len(session.session.trades) == trades
        assert session.status()["positions"] == {SYMBOL: 0.0}
        assert client.post("/live/kill", name="first", command="release").status == 303
        until(lambda: len(session.session.trades) > trades, "it trades again")


@pytest.mark.parametrize("asked", [("stop", "first"), ("cancel", "../first"), ("", "first"), ("flatten", "")])
def test_a_command_or_session_that_there_is_not_changes_nothing(asked, client, project):
    command, name = asked
    (project / "storage" / "live" / "first").mkdir(parents=True)
    (project / "storage" / "live" / "first" / "journal.sqlite").write_bytes(b"")
    assert client.post("/live/kill", name=name, command=command).status == 404
    assert not list(project.rglob("KILL"))


@pytest.mark.parametrize("content", [b"", b"no database" * 200])
def test_a_damaged_journal_gives_a_page_that_says_so(content, client, project):
    folder = project / "storage" / "live" / "<img src=x>"
    folder.mkdir(parents=True)
    (folder / "journal.sqlite").write_bytes(content)
    for page in ("/live", "/parity", "/predictions"):
        answer = client.get(page)
        assert answer.status == 200
        assert "&lt;img src=x&gt;" in answer.text
    assert 'class="problem"' in client.get("/live/session", name=folder.name).text
    if not content:
        return
    for page in ("/predictions?session=", "/live/chart?symbol=x&name="):
        answer = client.ask("GET", f"{page}%3Cimg%20src=x%3E")
        assert answer.status == 422
        assert "journal.sqlite cannot be read" in answer.text
        assert "<img" not in answer.text


@pytest.mark.parametrize("account", ["{}", "[", "7"])
def test_a_journal_that_says_something_unknown_gives_a_page_that_says_so(account, client, project, messages):
    make_session(project)
    journal = sqlite3.connect(project / "storage" / "live" / "first" / "journal.sqlite")
    journal.execute("INSERT INTO meta VALUES ('account', ?)", (account,))
    journal.commit()
    journal.close()
    for page in ("/live", "/live/session?name=first"):
        answer = client.get(page)
        assert answer.status == 200
        assert "is damaged" in answer.text
    while "is damaged" not in messages()["entries"]:
        pass


@pytest.mark.parametrize(
    ("table", "kind", "pages"),
    [
        ("events", "prediction", ["/live/chart?name=first&symbol=BTC-USDT", "/predictions?session=first"]),
        ("events", "order_filled", ["/live/chart?name=first&symbol=BTC-USDT"]),
        ("model_events", "label", ["/predictions?session=first", "/predictions/chart?session=first"]),
    ],
)
@pytest.mark.parametrize("data", ["{}", "["])
def test_events_that_say_something_unknown_give_a_page_that_says_so(data, table, kind, pages, client, project):
    make_session(project)
    add_event(project, table, kind, data)
    for page in pages:
        answer = client.get(page)
        assert answer.status == 422
        assert "journal.sqlite is damaged, or of another release" in answer.text


def test_a_damaged_journal_does_not_hide_where_a_model_comes_from(client, project):
    make_session(project)
    add_event(project, "model_events", "model", "{}")
    torn = project / "storage" / "live" / "torn"
    torn.mkdir()
    (torn / "journal.sqlite").write_bytes(b"no database" * 200)
    version = list_models(project / "strategies" / "Trend")[-1]["version"]
    answer = client.get("/models/lineage", folder="strategies/Trend", version=version)
    assert answer.status == 200
    assert "is damaged" in answer.text
    assert "cannot be read" in answer.text
    assert "LogisticRegression" in answer.text


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_session_with_a_name_that_is_no_text_does_not_hide_the_others(client, project):
    make_session(project)
    home = project / "storage" / "live"
    shutil.copytree(home / "first", os.fsdecode(os.fsencode(home) + b"/\xff"))
    answer = client.get("/live")
    assert answer.status == 200
    assert "first" in answer.text
    assert "\\udcff" in answer.text


def add_event(root: Path, table: str, kind: str, data: str) -> None:
    """Add an event to the journal of the session."""
    insert = f"INSERT INTO {table} (minute, time, kind, route, data) VALUES (1609459200000, 1609459200000, ?, ?, ?)"
    with closing(sqlite3.connect(root / "storage" / "live" / "first" / "journal.sqlite")) as journal:
        journal.execute(insert, (kind, SYMBOL, data))
        journal.commit()


def test_it_is_said_whether_orders_are_real(client, project):
    make_session(project)
    assert "<dt>Orders go to</dt><dd>paper</dd>" in client.get("/live/session", name="first").text
    journal = sqlite3.connect(project / "storage" / "live" / "first" / "journal.sqlite")
    journal.execute("INSERT INTO meta VALUES ('account', ?)", (json.dumps({"exchange": "kraken", "name": "<b>main"}),))
    journal.commit()
    journal.close()
    said = "the account &lt;b&gt;main of kraken: real orders"
    for page in ("/live", "/live/session?name=first"):
        assert said in client.get(page).text


def test_parity_is_checked_with_the_strategy_as_it_is_now_in_a_process_of_its_own(client, project):
    make_session(project)
    assert "equal to the bit" in client.post("/parity/check", session="first").text
    (project / "strategies" / "Trend" / "__init__.py").write_text("import nothing_of_this_name")
    answer = client.post("/parity/check", session="first").text
    assert "nothing_of_this_name" in answer
    assert "not equal, or not checked" in answer
    assert client.post("/parity/check", session="--help").status == 404


def test_a_check_that_runs_is_ended_with_the_server(project):
    make_session(project)
    started = project / "started"
    with serving(project) as client:
        assert client.get("/live/chart", name="first", symbol="ETH-USDT").status == 404
        hanging = f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(3600)"
        (project / "strategies" / "Trend" / "__init__.py").write_text(hanging)
        asking = threading.Thread(target=lambda: suppressed(client.post, "/parity/check", session="first"))
        asking.start()
        until(started.exists, "the check runs")
        assert "a check is running already" in client.post("/parity/check", session="first").text
    # The server has ended, though the strategy sleeps.
    asking.join(60)
    assert not asking.is_alive()


def suppressed(ask, *values, **more) -> None:
    """Ask a server that ends before it answers."""
    with suppress(OSError, http.client.HTTPException):
        ask(*values, **more)


def make_session(root: Path) -> None:
    """Run a session of the project's own strategy to its end."""
    (root / "strategies" / "Trend" / "__init__.py").write_text(STRATEGY)
    market = {"exchange": "Sandbox", "symbol": SYMBOL}
    spec = BacktestSpec(
        {"exchange": "Sandbox", "type": "spot", "starting_balance": 1e6, "fee": 0.001, "warm_up_candles": 0},
        [{**market, "timeframe": "1m", "strategy": "Trend"}],
        root=root,
    )
    rows = synthetic_candles(120, seed=1)
    with LiveSession(
        spec, StoredFeed({SYMBOL: rows}), root / "storage" / "live" / "first", start=int(rows[0, 0])
    ) as session:
        session.run()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_the_command_ends_at_ctrl_c_while_a_page_waits_for_news(project):
    pytest.importorskip("uvicorn", reason="livermore's extra ui is not installed")
    make_session(project)
    command = [sys.executable, "-m", "livermore", "ui", "--port", "0", "--folder", str(project)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().removeprefix("Open ").strip()
            client = Client(address)
            connection = http.client.HTTPConnection(client.host, client.port, timeout=60)
            connection.request("GET", "/live/events?name=first", headers={"Cookie": client.cookie})
            assert b"retry" in connection.getresponse().readline()
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)
            connection.close()
        finally:
            process.kill()
    assert process.returncode == 130
    assert "Traceback" not in "".join(said)
    assert urlsplit(address).hostname == "127.0.0.1"
    assert client.token not in "".join(said)


@pytest.mark.parametrize("package", ["starlette.applications", "uvicorn"])
def test_without_the_extra_the_command_names_it(package, project, monkeypatch, capsys):
    from livermore.cli import main

    pytest.importorskip(package, reason="livermore's extra ui is not installed")
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["ui", "--folder", str(project), "--port", "0"]) == 1
    assert capsys.readouterr().err.endswith("is not installed; install it with: pip install 'livermore[ui]'\n")


def test_a_port_that_is_taken_is_an_error_of_one_line(project, capsys):
    from livermore.cli import main

    with serving(project) as client:
        assert main(["ui", "--folder", str(project), "--port", str(client.port)]) == 1
    assert main(["ui", "--folder", str(project), "--port", "99999"]) == 1
    assert main(["ui", "--folder", str(project / "nowhere")]) == 1
    said = capsys.readouterr().err
    assert said.count("error: ") == 3
    assert "Traceback" not in said
