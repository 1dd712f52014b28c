"""Messages to people: never in the way of a session, whatever their service does."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from livermore.errors import ConfigError
from livermore.live import LiveSession, Notifier, StoredFeed, apprise_sender


def test_events_of_a_session_are_sent_in_order(tmp_path: Path, minutes: Any, spec_of: Any, restless: Any) -> None:
    said: list[str] = []
    rows = {"BTC-USDT": minutes(1, 300)}
    spec = spec_of({"BTC-USDT": restless.Restless}, rows)
    notifier = Notifier(lambda text: said.append(text) is None, kinds=["trade_closed"], capacity=1_000)
    with notifier, LiveSession(spec, StoredFeed(rows), tmp_path / "s", on_event=notifier) as session:
        session.run()
        trades = len(session.session.trades)
    assert len(said) == notifier.sent == trades > 10
    assert all("BTC-USDT trade closed" in text for text in said)


def test_bug_28_a_service_that_raises_does_not_end_the_messages() -> None:
    said: list[str] = []

    def sender(text: str) -> bool:
        if text == "b":
            raise OSError("no network")
        said.append(text)
        return text != "c"

    with Notifier(sender) as notifier:
        for text in "abcd":
            notifier.say(text)
    assert said == ["a", "c", "d"]
    assert (notifier.sent, notifier.failed) == (2, 2)


def test_bug_28_a_service_that_hangs_neither_holds_up_nor_fills_the_memory() -> None:
    hanging = threading.Event()
    with Notifier(lambda text: hanging.wait(60), capacity=5, patience=0.05) as notifier:
        for number in range(1_000):
            notifier.say(str(number))
        assert notifier.dropped >= 994
    hanging.set()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what apprise imports
def test_what_cannot_be_notified_is_refused_without_repeating_the_address() -> None:
    with pytest.raises(ConfigError, match="capacity"):
        Notifier(bool, capacity=0)
    pytest.importorskip("apprise", reason="needs the extra notify")
    with pytest.raises(ConfigError, match="address 1") as caught:
        apprise_sender(["nonsense://secret"])
    assert "secret" not in str(caught.value)
    with pytest.raises(ConfigError, match="no address"):
        apprise_sender([])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what apprise imports
def test_apprise_sends_to_a_service() -> None:
    pytest.importorskip("apprise", reason="needs the extra notify")
    bodies: list[bytes] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with Notifier(apprise_sender([f"json://127.0.0.1:{server.server_port}"]), patience=60) as notifier:
            notifier.say("the session starts")
        server.shutdown()
        thread.join()
    assert notifier.sent == 1
    assert b"the session starts" in bodies[0]
