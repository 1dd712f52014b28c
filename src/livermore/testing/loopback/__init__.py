"""An exchange on this machine, for trying strategies and tools against ccxt without account or network."""

from livermore.testing.loopback._account import LoopbackAccount
from livermore.testing.loopback._answers import Answer, Request
from livermore.testing.loopback._demo import run_live_demo
from livermore.testing.loopback._exchange import LoopbackExchange
from livermore.testing.loopback._faults import (
    Disconnect,
    DuplicateRows,
    Edited,
    Fault,
    FaultScript,
    HttpError,
    Malformed,
    NoRows,
    Reply,
    ReversedRows,
    Stall,
)
from livermore.testing.loopback._market import LoopbackMarket, partial_candle
from livermore.testing.loopback._orders import LoopbackOrder, LoopbackTrade
from livermore.testing.loopback._stream_faults import (
    CutMessages,
    LostMessages,
    RepeatedMessages,
    ReversedMessages,
    StreamFault,
)

__all__ = [
    "Answer",
    "CutMessages",
    "Disconnect",
    "DuplicateRows",
    "Edited",
    "Fault",
    "FaultScript",
    "HttpError",
    "LoopbackAccount",
    "LoopbackExchange",
    "LoopbackMarket",
    "LoopbackOrder",
    "LoopbackTrade",
    "LostMessages",
    "Malformed",
    "NoRows",
    "RepeatedMessages",
    "Reply",
    "Request",
    "ReversedMessages",
    "ReversedRows",
    "Stall",
    "StreamFault",
    "partial_candle",
    "run_live_demo",
]
