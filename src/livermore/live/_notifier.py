"""Messages to people, through apprise (the extra ``notify``): from a bounded queue, in a thread of its own."""

import queue
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Protocol

from livermore.errors import ConfigError, MissingExtraError
from livermore.live._events import Event

__all__ = ["Notifier", "Sender", "apprise_sender"]

#: Events that a person is told of, unless said otherwise.
KINDS = ("order_filled", "trade_closed", "route_stopped", "alarm", "watch_ended", "retraining", "take_over")


class Sender(Protocol):
    """What sends a message; it may take its time, and fail."""

    def __call__(self, text: str) -> bool:
        """Send a message, and return whether that went well."""
        ...


class Notifier:
    """Sends messages without ever holding up who has them: a live session's `on_event`.

    Use it in a ``with`` block, which waits at its end, for `patience` seconds at most, until what is queued is sent.

    Parameters
    ----------
    sender : Sender
        Such as ``apprise_sender(urls)``.
    kinds : iterable of str
        The kinds of events that are sent.
    capacity : int
        How many messages may wait. What comes while the queue is full is dropped and counted.
    patience : float
        Seconds of real time.

    Attributes
    ----------
    sent, failed, dropped : int
        How many messages went well, were not taken by the service, and found the queue full.

    Examples
    --------
    >>> said = []
    >>> with Notifier(lambda text: said.append(text) is None) as notifier:
    ...     notifier.say("the session starts")
    >>> said, notifier.sent
    (['the session starts'], 1)
    """

    def __init__(
        self, sender: Sender, *, kinds: Iterable[str] = KINDS, capacity: int = 100, patience: float = 10.0
    ) -> None:
        if capacity < 1:
            raise ConfigError(f"capacity must be 1 or more; it is {capacity}")
        self.sent = self.failed = self.dropped = 0
        self._sender = sender
        self._kinds = frozenset(kinds)
        self._patience = patience
        # None ends the thread.
        self._queue: queue.Queue[str | None] = queue.Queue(capacity)
        self._thread = threading.Thread(target=self._send_all, name="livermore notifier", daemon=True)

    def __enter__(self) -> "Notifier":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._queue.put(None, timeout=self._patience)
        except queue.Full:
            return
        self._thread.join(self._patience)

    def __call__(self, event: Event) -> None:
        """Send an event, if it is of one of the kinds."""
        if event.kind in self._kinds:
            self.say(str(event))

    def say(self, text: str) -> None:
        """Send a message, or drop it if too many wait."""
        try:
            self._queue.put_nowait(text)
        except queue.Full:
            self.dropped += 1

    def _send_all(self) -> None:
        while (text := self._queue.get()) is not None:
            try:
                went_well = self._sender(text)
            except Exception:
                # A service that fails, in whatever way, must not end the messages to come.
                went_well = False
            self.sent += went_well
            self.failed += not went_well


def apprise_sender(urls: Iterable[str]) -> Sender:
    """Return what sends messages to services that apprise knows: Telegram, Discord, Slack, mail and a hundred others.

    Parameters
    ----------
    urls : iterable of str
        As apprise takes them. They hold secrets: take them from the environment.

    Raises
    ------
    MissingExtraError
        If apprise is not installed.
    ConfigError
        If apprise does not understand an address; it is not repeated in the message.
    """
    try:
        import apprise
    except ImportError as error:
        raise MissingExtraError.of("apprise", extra="notify") from error
    service: Any = apprise.Apprise()
    for number, url in enumerate(urls, start=1):
        if not service.add(url):
            raise ConfigError(f"apprise does not understand address {number} of those to notify")
    if not len(service):
        raise ConfigError("there is no address to notify")

    def send(text: str) -> bool:
        return bool(service.notify(body=text, title="livermore"))

    return send
