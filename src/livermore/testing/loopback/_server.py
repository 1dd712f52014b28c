"""The web server of the loopback exchange: aiohttp in a thread of its own, on a free port of this machine."""

import asyncio
import json
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from livermore.errors import MissingExtraError
from livermore.testing.loopback._answers import Answer, Request
from livermore.testing.loopback._faults import Fault, FaultScript
from livermore.testing.loopback._stream_faults import StreamFault
from livermore.testing.loopback._venue import Dialect, Stream

__all__ = ["LoopbackServer"]

T = TypeVar("T")

#: How often streams look for news where no clock tells them, in seconds of real time.
POLL_SECONDS = 0.1


class LoopbackServer:
    """Serves a dialect over HTTP and websockets at ``http://127.0.0.1:PORT/HOST/PATH``, where HOST is the real one.

    Parameters
    ----------
    dialect : Dialect
        What answers.
    faults : FaultScript
        What goes wrong with requests; a request for a websocket is one.
    stream_faults : FaultScript
        What goes wrong with the messages of websockets.

    Attributes
    ----------
    port : int
        The port, once `start` has returned.
    unknown : list of str
        Requests for which the dialect has no path.
    """

    def __init__(self, dialect: Dialect, faults: FaultScript[Fault], stream_faults: FaultScript[StreamFault]) -> None:
        self.port = 0
        self.unknown: list[str] = []
        self._dialect = dialect
        self._faults = faults
        self._stream_faults = stream_faults
        self._connections: set[_Connection] = set()
        self._is_silent = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loopback exchange", daemon=True)
        self._runner: Any = None
        self._poll: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Open the port.

        Raises
        ------
        MissingExtraError
            If aiohttp is not installed; it comes with ccxt.
        """
        try:
            import aiohttp.web  # noqa: F401
        except ImportError as error:
            self._loop.close()
            raise MissingExtraError.of("aiohttp", extra="ccxt") from error
        self._thread.start()
        self._call(self._open())

    def close(self) -> None:
        """Close the port and all connections, and end the thread."""
        if self._loop.is_closed():
            return
        self._call(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def push(self) -> None:
        """Send to all websockets what is due, and return when it was sent. Any thread may call it."""
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._call(self._push())

    def disconnect(self) -> None:
        """Close all websockets; clients may connect again."""
        self._call(self._disconnect())

    def set_silent(self, is_silent: bool) -> None:
        """Let websockets stay open and say nothing, not even to pings; what was due meanwhile is not sent later."""
        self._is_silent = is_silent

    def ping(self, seconds: float) -> int:
        """Ping all websockets; return how many answer within a time of real seconds."""
        return self._call(self._ping(seconds))

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=30)

    async def _open(self) -> None:
        from aiohttp import web

        app = web.Application(client_max_size=1 << 20)
        app.router.add_route("*", "/{host}/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._poll = asyncio.create_task(self._push_regularly())

    async def _shut(self) -> None:
        assert self._poll is not None
        self._poll.cancel()
        await self._disconnect()
        await self._runner.cleanup()

    async def _push_regularly(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self._push()

    async def _push(self) -> None:
        for connection in tuple(self._connections):
            messages = connection.stream.due()
            if not self._is_silent:
                await connection.send(messages)

    async def _disconnect(self) -> None:
        for connection in tuple(self._connections):
            await connection.socket.close()

    async def _ping(self, seconds: float) -> int:
        connections = tuple(self._connections)
        before = [connection.pongs for connection in connections]
        for connection in connections:
            await connection.socket.ping()
        until = self._loop.time() + seconds
        while True:
            answered = sum(c.pongs > pongs for c, pongs in zip(connections, before, strict=True))
            if answered == len(connections) or self._loop.time() >= until:
                return answered
            await asyncio.sleep(0.01)

    async def _handle(self, raw: Any) -> Any:
        from aiohttp import web

        host, path = raw.match_info["host"], "/" + raw.match_info["path"]
        form = await raw.post() if raw.method in ("POST", "PUT", "DELETE") else {}
        headers = {name.lower(): value for name, value in raw.headers.items()}
        request = Request(host, raw.method, path, {**raw.query, **form}, headers)
        fault = self._faults.take(request)
        if headers.get("upgrade", "").lower() == "websocket" and (fault is None or not fault.is_refusal):
            stream = self._dialect.stream(host, path)
            if stream is None:
                return self._not_found(f"websocket {host}{path}")
            return await self._serve_stream(raw, request, stream, closes_at_once=fault is not None)
        answer: Answer | None = None
        if fault is None or not fault.is_refusal:
            answer = self._dialect.answer(request)
            if answer is None:
                return self._not_found(f"{request.method} {host}{path}")
        if fault is not None:
            answer = await fault.damage(answer or Answer({}))
        if answer is None:
            raw.transport.close()
            return web.Response()
        return web.Response(text=answer.text(), status=answer.status, content_type="application/json")

    def _not_found(self, what: str) -> Any:
        from aiohttp import web

        self.unknown.append(what)
        return web.Response(text=f"the loopback exchange does not know {what}", status=404)

    async def _serve_stream(self, raw: Any, request: Request, stream: Stream, *, closes_at_once: bool) -> Any:
        from aiohttp import WSMsgType, web

        # Pings are answered here and not by aiohttp: a silent exchange answers none.
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(raw)
        if closes_at_once:
            await socket.close()
            return socket
        connection = _Connection(socket, request, stream, self._stream_faults)
        self._connections.add(connection)
        try:
            await connection.send(stream.opened())
            async for message in socket:
                if message.type is WSMsgType.PONG:
                    connection.pongs += 1
                if self._is_silent:
                    continue
                if message.type is WSMsgType.PING:
                    await socket.pong(message.data)
                if message.type is WSMsgType.TEXT:
                    await connection.send(stream.received(json.loads(message.data)))
                    await connection.send(stream.due())
        finally:
            self._connections.discard(connection)
        return socket


class _Connection:
    """A websocket, what answers on it, and how many pings its other end has answered."""

    def __init__(self, socket: Any, request: Request, stream: Stream, faults: FaultScript[StreamFault]) -> None:
        self.socket = socket
        self.stream = stream
        self.pongs = 0
        self._request = request
        self._faults = faults

    async def send(self, messages: list[Any]) -> None:
        """Send messages, unless the other end is gone."""
        texts = [json.dumps(message) for message in messages]
        fault = self._faults.take(self._request) if texts else None
        for text in texts if fault is None else fault.damage(texts):
            if self.socket.closed:
                return
            try:
                await self.socket.send_str(text)
            except ConnectionError:
                return
