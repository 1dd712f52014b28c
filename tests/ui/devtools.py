"""A headless Chromium that is told what to do through its DevTools protocol: open, look, press, write down errors."""

import asyncio
import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
#: Seconds after which a page counts as hanging; nothing is measured by it.
PATIENCE = 60


class DevTools:
    """One tab of a browser.

    Parameters
    ----------
    profile : Path
        A folder for the browser.
    """

    def __init__(self, profile: Path) -> None:
        aiohttp = pytest.importorskip("aiohttp", reason="aiohttp, which ccxt brings, is not installed")
        if CHROMIUM is None:
            pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
        self.problems: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._numbers = 0
        self._loaded = False
        command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._run(self._connect(aiohttp, profile / "DevToolsActivePort"))
        except BaseException:
            self._process.kill()
            self._process.wait()
            self._loop.close()
            raise

    def close(self) -> None:
        """End the browser."""
        self._run(self._socket.close())
        self._run(self._session.close())
        self._loop.close()
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def open(self, address: str, width: int = 1200, height: int = 900) -> None:
        """Open a page at a width, and wait until it has loaded."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.send("Emulation.setDeviceMetricsOverride", **size)
        self._loaded = False
        self.send("Page.navigate", url=address)
        self.wait_until(lambda: self._loaded, "the page has loaded")

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page; a promise is waited for."""
        found = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key."""
        given = {"key": key, "code": key, "windowsVirtualKeyCode": code, **({"text": text} if text else {})}
        self.send("Input.dispatchKeyEvent", type="keyDown", **given)
        self.send("Input.dispatchKeyEvent", type="keyUp", **given)

    def wait_until(self, is_true: Callable[[], Any], what: str) -> None:
        """Wait for something that the page, or who serves it, does by itself."""
        end = time.monotonic() + PATIENCE
        while not is_true():
            assert time.monotonic() < end, f"waited in vain until {what}"
            self.listen(0.05)

    def listen(self, seconds: float) -> None:
        """Let the page do things for a while, and write down its errors."""
        self._run(self._listen(seconds))

    def screenshot(self, target: Path) -> None:
        """Take a picture of the whole page."""
        found = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        target.write_bytes(base64.b64decode(found["data"]))

    def send(self, method: str, **values: Any) -> dict[str, Any]:
        """Send a command, and return its result."""
        found: dict[str, Any] = self._run(self._send(method, values))
        return found

    # --- Private ------------------------------------------------------------------------------------------------

    def _run(self, doing: Any) -> Any:
        return self._loop.run_until_complete(asyncio.wait_for(doing, PATIENCE))

    async def _connect(self, aiohttp: Any, file: Path) -> None:
        while not file.is_file() or len(file.read_text().splitlines()) < 2:
            assert self._process.poll() is None, "Chromium has ended"
            await asyncio.sleep(0.05)
        port = file.read_text().splitlines()[0]
        self._session = aiohttp.ClientSession()
        async with self._session.get(f"http://127.0.0.1:{port}/json") as answer:
            (tab,) = [tab for tab in await answer.json() if tab["type"] == "page"]
        self._socket = await self._session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0)
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self._send(f"{domain}.enable", {})

    async def _send(self, method: str, values: dict[str, Any]) -> dict[str, Any]:
        self._numbers += 1
        number = self._numbers
        await self._socket.send_json({"id": number, "method": method, "params": values})
        while True:
            message = json.loads((await self._socket.receive()).data)
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                found: dict[str, Any] = message["result"]
                return found
            self._note(message)

    async def _listen(self, seconds: float) -> None:
        end = self._loop.time() + seconds
        with suppress(TimeoutError):
            while (left := end - self._loop.time()) > 0:
                message = await asyncio.wait_for(self._socket.receive(), left)
                self._note(json.loads(message.data))

    def _note(self, message: dict[str, Any]) -> None:
        """Take note of an event: loading, errors and warnings in the console, violations of the policy."""
        method, values = message.get("method"), message.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(values["exceptionDetails"])[:500])
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
            self.problems.append(json.dumps(values["args"])[:500])
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.problems.append(f"{values['entry']['text']} {values['entry'].get('url', '')}")
