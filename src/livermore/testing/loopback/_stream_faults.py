"""What can go wrong with the messages of a websocket, one class a fault."""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["CutMessages", "LostMessages", "RepeatedMessages", "ReversedMessages", "StreamFault"]


class StreamFault(Protocol):
    """A fault of the messages that are sent together on one websocket.

    Examples
    --------
    >>> class OnlyTheLast:
    ...     def damage(self, messages):
    ...         return messages[-1:]
    >>> fault: StreamFault = OnlyTheLast()
    >>> fault.damage(['{"a": 1}', '{"a": 2}'])
    ['{"a": 2}']
    """

    def damage(self, messages: list[str]) -> list[str]:
        """Return what is sent instead of some messages (JSON, as text)."""
        ...


@dataclass(frozen=True)
class RepeatedMessages:
    """Each message comes twice.

    Examples
    --------
    >>> RepeatedMessages().damage(["1", "2"])
    ['1', '1', '2', '2']
    """

    def damage(self, messages: list[str]) -> list[str]:
        """Return each message twice."""
        return [message for message in messages for _ in range(2)]


@dataclass(frozen=True)
class ReversedMessages:
    """What is sent at once comes in the wrong order.

    Examples
    --------
    >>> ReversedMessages()
    ReversedMessages(...)
    """

    def damage(self, messages: list[str]) -> list[str]:
        """Return the messages, the last one first."""
        return messages[::-1]


@dataclass(frozen=True)
class LostMessages:
    """Messages are never sent.

    Parameters
    ----------
    containing : str
        Only those that contain this, such as ``"ETH"``: the subscription of one market is lost, others go on.

    Examples
    --------
    >>> LostMessages("ETH").damage(['{"symbol": "ETH/USD"}', '{"symbol": "BTC/USD"}'])
    ['{"symbol": "BTC/USD"}']
    """

    containing: str = ""

    def damage(self, messages: list[str]) -> list[str]:
        """Return the others."""
        return [message for message in messages if self.containing not in message]


@dataclass(frozen=True)
class CutMessages:
    """Messages are cut in the middle: no JSON.

    Examples
    --------
    >>> CutMessages()
    CutMessages(...)
    """

    def damage(self, messages: list[str]) -> list[str]:
        """Return the first half of each."""
        return [message[: len(message) // 2] for message in messages]
