"""Who may ask: the browser that was given the token, for pages of this very address.

Other programs and web pages on the machine can reach a loopback port as well. So every request must have the token, as
a cookie that scripts cannot read and that no foreign page causes to be sent (SameSite); its Host must be a name of this
machine, which a page whose name was made to point here (DNS rebinding) does not have; and a request that comes from a
page of another origin is refused, as is one that changes something and does not say where it comes from.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import parse_qs, quote

__all__ = ["PUBLIC", "AccessControl"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

#: Names of this machine, without the port: a tunnel may have another one.
HOSTS = ("127.0.0.1", "localhost", "[::1]")
#: Addresses below which nothing is secret: parts of this package. Frames of reports may load them without the cookie.
PUBLIC = ("/static/", "/reports/file/assets/")
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # With "no-referrer" forms would not say where they come from.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
READING = ("GET", "HEAD")


class AccessControl:
    """An ASGI application around another one, which gets only the requests that may be answered.

    Parameters
    ----------
    app : callable
        The application.
    token : str
        What a browser must know.
    refuse : callable
        Takes a reason, returns a page as bytes.
    """

    def __init__(self, app: Application, token: str, refuse: Callable[[str], bytes]) -> None:
        self._app = app
        self._token = token
        self._refuse = refuse

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        names = [name for name, _ in scope["headers"]]
        is_public = scope["path"].startswith(PUBLIC)
        reason = _reason_against(scope["method"], headers, is_plain=names.count(b"host") == 1, is_public=is_public)
        cookie = f"livermore-{headers.get('host', '').rpartition(':')[2]}"
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if reason is not None:
            await _answer(send, 403, self._refuse(reason))
        elif is_public:
            await self._app(scope, receive, _with_headers(send))
        elif scope["method"] == "GET" and self._is_token(given):
            place = quote(scope["path"])
            kept = f"{cookie}={self._token}; HttpOnly; SameSite=Strict; Path=/"
            # Two slashes would name another machine.
            await _answer(send, 303, b"", {"location": f"/{place.lstrip('/')}", "set-cookie": kept})
        elif not any(map(self._is_token, _cookies(headers.get("cookie", ""), cookie))):
            await _answer(send, 403, self._refuse("Open the address that livermore ui has printed: it has a token."))
        else:
            await self._app(scope, receive, _with_headers(send))

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode("utf-8", "surrogateescape"), self._token.encode())


def _reason_against(method: str, headers: Mapping[str, str], *, is_plain: bool, is_public: bool) -> str | None:
    """Return why a request is refused; None if it comes from a page of this server, or from nowhere and only reads.

    `is_plain`: it names one Host. `is_public`: nothing that it asks for is secret.
    """
    host = headers.get("host", "")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if not is_plain or name.lower() not in HOSTS:
        return "This Host is not a name of this machine."
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "The request comes from a page of another origin."
    is_foreign = headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
    if is_foreign and not is_public and headers.get("sec-fetch-dest") != "document":
        # A link to here may be followed. It is of use to those only who have the token or the cookie.
        return "The request comes from a page of another site."
    if method not in READING and origin is None:
        return "A request that changes something must say where it comes from (Origin)."
    return None


def _cookies(text: str, name: str) -> Sequence[str]:
    """Return the values of a cookie; none if it was not sent.

    Browsers send the cookies of all ports of a machine. Those of other programs need not be as the standard wants them,
    nor do they get to hide this one, under its name or another.
    """
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return [value for found, _, value in pairs if found == name]


def _with_headers(send: Send) -> Send:
    """Return a `send` that adds the headers that every answer has, unless it has its own."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            added = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in given]
            message["headers"] = [*message["headers"], *added]
        await send(message)

    return sending


async def _answer(send: Send, status: int, body: bytes, more: Mapping[str, str] | None = None) -> None:
    headers = {"content-type": "text/html; charset=utf-8", "content-length": str(len(body)), **(more or {})}
    sending = _with_headers(send)
    coded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await sending({"type": "http.response.start", "status": status, "headers": coded})
    await sending({"type": "http.response.body", "body": body})
