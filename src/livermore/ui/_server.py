"""Serving the pages on a port of this machine, until Ctrl-C."""

import secrets
import socket
from pathlib import Path

from livermore.errors import ConfigError, MissingExtraError
from livermore.ui._app import make_app

__all__ = ["UiServer"]

#: The loopback interface: other machines cannot connect.
HOST = "127.0.0.1"


class UiServer:
    """Serves the pages of a project on the loopback interface.

    Parameters
    ----------
    root : path-like
        The project folder.
    port : int
        0 takes one that is free.

    Attributes
    ----------
    address : str
        What to open in a browser. It has the token, so whoever knows it may do what the pages can do.

    Raises
    ------
    ConfigError
        If the folder is not there, or the port is not free.
    MissingExtraError
        If starlette or uvicorn is not installed.

    Examples
    --------
    ::

        server = UiServer("my-project")
        print(server.address)
        server.run()
    """

    def __init__(self, root: Path | str = ".", port: int = 0) -> None:
        try:
            import uvicorn
        except ImportError as error:
            raise MissingExtraError.of("uvicorn", extra="ui") from error
        if not Path(root).is_dir():
            raise ConfigError(f"there is no folder {root}")
        token = secrets.token_urlsafe(24)
        app = make_app(root, token, is_stopping=lambda: bool(self._server.should_exit))
        self._socket = _listen(port)
        self.address = f"http://{HOST}:{self._socket.getsockname()[1]}/?token={token}"
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,  # addresses have the token
            timeout_graceful_shutdown=3,
            server_header=False,
            lifespan="off",
            ws="none",
        )
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serve until Ctrl-C, SIGTERM or `stop`."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """Let `run` return; any thread may call it."""
        self._server.should_exit = True


def _listen(port: int) -> socket.socket:
    """Return a socket that listens on a port of the loopback interface."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        # Whoever connects before `run` waits.
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise ConfigError(f"port {port} cannot be used: {error}. Choose another one with --port") from error
    return listener
