"""A browser that asks whatever it likes, and a name that would be markup if it were not escaped."""

import http.client
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

__all__ = ["MARKUP", "Answer", "Client"]

MARKUP = "<img src=x onerror=alert(1)>"


class Answer(NamedTuple):
    """What the server answered."""

    status: int
    headers: dict[str, str]
    text: str


class Client:
    """Asks the pages as a browser that was given the token does; any header can be another one."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None
        assert parts.port is not None
        self.host, self.port = parts.hostname, parts.port
        self.token = parts.query.removeprefix("token=")
        self.origin = f"http://{self.host}:{self.port}"
        self.cookie = f"livermore-{self.port}={self.token}"
        self.root = Path()

    def ask(self, method: str, target: str, body: str = "", **headers: str | None) -> Answer:
        """Send a request exactly as it is given; a header that is None is left out."""
        given: dict[str, str | None] = {"Host": f"{self.host}:{self.port}", "Cookie": self.cookie, **headers}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.putrequest(method, target, skip_host=True)
            for name, value in given.items():
                if value is not None:
                    connection.putheader(name.replace("_", "-"), value)
            connection.putheader("Content-Length", str(len(body.encode())))
            connection.endheaders(body.encode())
            found = connection.getresponse()
            return Answer(
                found.status, {k.lower(): v for k, v in found.getheaders()}, found.read().decode("utf-8", "replace")
            )
        finally:
            connection.close()

    def get(self, path: str, **values: str) -> Answer:
        """Ask for a page."""
        return self.ask("GET", f"{path}?{urlencode(values)}" if values else path)

    def post(self, path: str, **values: str) -> Answer:
        """Send a form as these pages do."""
        return self.ask("POST", path, urlencode(values), Origin=self.origin)
