"""The application: addresses for screens, for their data and actions, for reports, and for what changes by itself."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from livermore.errors import LivermoreError, MissingExtraError
from livermore.ui._access import PUBLIC, AccessControl
from livermore.ui._pages import error_page, render
from livermore.ui._screen import Asked, Moved, NotInProjectError, Screen, Shown
from livermore.ui._screens import make_screens
from livermore.ui._screens.live import live_message
from livermore.ui._screens.reports import library_file, report_file

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

__all__ = ["make_app"]

#: Seconds between two looks at a session's journal; and at least so many times as long as a look took, so that a page
#: that is left open takes little from the sessions on a machine.
PAUSE, REST = 1.0, 10.0
#: A form of these pages has a few names in it.
LARGEST_FORM = 10_000
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
STATIC_NAME = re.compile(r"[\w.-]{1,100}\.(css|js|svg|txt)")
#: What reading a project's files may raise.
FILE_ERRORS = (LivermoreError, OSError, UnicodeError, MemoryError, RecursionError)
#: A report brings its own scripts, which its own policy allows by their hashes. In this sandbox its page has no origin:
#: it can neither read these pages nor ask for anything with the cookie.
REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def make_app(root: Path | str, token: str, *, is_stopping: Callable[[], bool] = bool) -> AccessControl:
    """Return the ASGI application that shows a project.

    Parameters
    ----------
    root : path-like
        The project folder.
    token : str
        What a browser must know; see `livermore.ui._access`.
    is_stopping : callable, optional
        Tells whether the server stops: pages that wait for news are let go then.

    Raises
    ------
    MissingExtraError
        If starlette is not installed.
    """
    try:
        from starlette.applications import Starlette
        from starlette.routing import Route
    except ImportError as error:
        raise MissingExtraError.of("starlette", extra="ui") from error
    pages = _Pages(Path(root), make_screens(is_stopping), is_stopping)
    routes = [route for screen in pages.screens for route in pages.routes_of(screen)]
    routes += [
        Route("/live/events", pages.live_events),
        Route("/reports/file/assets/{name}", pages.library),
        Route("/reports/file/{name}", pages.report),
        Route("/static/{name}", pages.static),
    ]
    handlers: dict[Any, Any] = {404: pages.show_missing, 405: pages.show_missing, Exception: pages.show_failure}
    for kind in FILE_ERRORS:
        handlers[kind] = pages.show_error
    app = Starlette(routes=routes, exception_handlers=handlers)

    def refuse(reason: str) -> bytes:
        # Who has no token is not told which project this is.
        return render(error_page(reason, "Refused"), (), "").encode()

    return AccessControl(app, token, refuse)


class _Pages:
    """Answers of the application. What a page shows is read from the project's files each time."""

    def __init__(self, root: Path, screens: Sequence[Screen], is_stopping: Callable[[], bool]) -> None:
        self.root = root
        self.screens = screens
        self._is_stopping = is_stopping

    def routes_of(self, screen: Screen) -> "list[Route]":
        """Return the routes of a screen."""
        from starlette.routing import Route

        return [
            *(Route(path, partial(self._page, screen, page)) for path, page in screen.pages.items()),
            *(Route(path, partial(self._data, data)) for path, data in screen.data.items()),
            *(Route(path, partial(self._act, screen, act), methods=["POST"]) for path, act in screen.actions.items()),
        ]

    def html(self, shown: Shown, active: str = "") -> str:
        """Return a page as HTML."""
        return render(shown, self.screens, self.root.resolve().name, active)

    # --- Screens ------------------------------------------------------------------------------------------------

    async def _page(self, screen: Screen, page: Callable[[Asked], Shown], request: "Request") -> "Response":
        from starlette.responses import HTMLResponse

        text = await asyncio.to_thread(lambda: self.html(page(self._asked(request)), active=screen.path))
        return HTMLResponse(text)

    async def _data(self, data: Callable[[Asked], Mapping[str, Any]], request: "Request") -> "Response":
        from starlette.responses import JSONResponse

        return JSONResponse(await asyncio.to_thread(data, self._asked(request)))

    async def _act(self, screen: Screen, act: Callable[[Asked], Shown | Moved], request: "Request") -> "Response":
        from starlette.responses import HTMLResponse, RedirectResponse

        done = await asyncio.to_thread(act, Asked(self.root, await _form(request)))
        if isinstance(done, Moved):
            return RedirectResponse(done.address, 303)
        return HTMLResponse(self.html(done, active=screen.path))

    def _asked(self, request: "Request") -> Asked:
        return Asked(self.root, dict(request.query_params))

    # --- Live sessions ------------------------------------------------------------------------------------------

    async def live_events(self, request: "Request") -> "Response":
        """Answer with server-sent events: the part of the live page that changes, whenever it has changed."""
        from starlette.responses import StreamingResponse

        return StreamingResponse(self._live_messages(self._asked(request)), media_type="text/event-stream")

    async def _live_messages(self, asked: Asked) -> AsyncIterator[str]:
        last = None
        yield "retry: 2000\n\n"
        while not self._is_stopping():
            began = time.monotonic()
            message = json.dumps(await asyncio.to_thread(live_message, asked))
            took = time.monotonic() - began
            # The comment finds out whether the browser is still there.
            yield f"data: {message}\n\n" if message != last else ":\n\n"
            last = message
            await self._rest(max(PAUSE, REST * took))

    async def _rest(self, seconds: float) -> None:
        """Wait, but not longer than the server runs."""
        while seconds > 0 and not self._is_stopping():
            await asyncio.sleep(min(seconds, PAUSE))
            seconds -= PAUSE

    # --- Files --------------------------------------------------------------------------------------------------

    async def report(self, request: "Request") -> "Response":
        """Answer with a report, as it is."""
        from starlette.responses import HTMLResponse

        text = await asyncio.to_thread(report_file, self.root, request.path_params["name"])
        return HTMLResponse(text, headers={"content-security-policy": REPORT_POLICY})

    async def library(self, request: "Request") -> "Response":
        """Answer with the plotting library of reports, which lies beside them."""
        from starlette.responses import Response

        content = await asyncio.to_thread(library_file, self.root, request.path_params["name"])
        # The page that loads it is in a sandbox, and so of another origin.
        headers = {"cross-origin-resource-policy": "cross-origin"}
        return Response(content, media_type=TYPES[".js"], headers=headers)

    async def static(self, request: "Request") -> "Response":
        """Answer with a file of this package."""
        from starlette.responses import Response

        name = request.path_params["name"]
        file = resources.files("livermore.ui") / "static" / name
        # Anybody may ask for these: a name that the file system refuses would give an error that says where it looked.
        if not STATIC_NAME.fullmatch(name) or not file.is_file():
            raise NotInProjectError(f"there is no file {name[:100]!r}")
        return Response(file.read_bytes(), media_type=TYPES[Path(name).suffix])

    # --- Errors -------------------------------------------------------------------------------------------------

    async def show_error(self, request: "Request", error: Exception) -> "Response":
        """Show what is wrong with a file, or that there is none."""
        status = 404 if isinstance(error, NotInProjectError | FileNotFoundError) else 422
        if isinstance(error, MemoryError):
            return self._answer(request, status, error_page("There is not enough memory to show this."))
        return self._answer(request, status, error_page(str(error) or type(error).__name__, notes=_notes(error)))

    async def show_missing(self, request: "Request", error: Exception) -> "Response":
        """Say that there is no such page."""
        shown = error_page("There is no such page, or it cannot be asked for in this way.", "No such page")
        return self._answer(request, getattr(error, "status_code", 404), shown)

    async def show_failure(self, request: "Request", error: Exception) -> "Response":
        """Show an error that nobody thought of; the server prints where it came from."""
        said = f"{type(error).__name__}: {error}"
        return self._answer(request, 500, error_page(f"{said}. The terminal of livermore ui says where it came from."))

    def _answer(self, request: "Request", status: int, shown: Shown) -> "Response":
        from starlette.responses import HTMLResponse

        # Who asks for public files need not have the token.
        is_public = request.scope["path"].startswith(PUBLIC)
        return HTMLResponse(render(shown, (), "") if is_public else self.html(shown), status)


def _notes(error: Exception) -> Sequence[str]:
    return tuple(getattr(error, "__notes__", ()))


async def _form(request: "Request") -> dict[str, str]:
    """Return the fields of a form."""
    from starlette.requests import ClientDisconnect

    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_FORM:
                raise NotInProjectError("the form is too large")
    except ClientDisconnect as error:
        raise NotInProjectError("the form has not arrived as a whole") from error
    return dict(parse_qsl(body.decode("utf-8", "replace")))
