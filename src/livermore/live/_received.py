"""The candles that a session receives, on their way to the candle store."""

import math
from collections.abc import Mapping

import numpy as np

from livermore.candles import TIMESTAMP, CandleStore
from livermore.errors import CandleError, CandlesNotFoundError
from livermore.live._feeds import Minute
from livermore.typing import Rows

__all__ = ["ReceivedCandles"]

#: The store rewrites a month each time: it gets an hour of candles at once. Until then they are in the journal.
AT_ONCE = 60


class ReceivedCandles:
    """Collects candles and adds them to a store.

    Parameters
    ----------
    store : CandleStore
        Where they go.
    exchanges : mapping of str to str
        The exchange of each symbol.

    Examples
    --------
    >>> import tempfile
    >>> store = CandleStore(tempfile.mkdtemp())
    >>> received = ReceivedCandles(store, {"BTC-USDT": "Sandbox"})
    >>> received.add(Minute(0, {"BTC-USDT": np.array([0.0, 10, 11, 12, 9, 5])}))
    >>> received.flush()
    []
    >>> len(store.read("Sandbox", "BTC-USDT"))
    1
    """

    def __init__(self, store: CandleStore, exchanges: Mapping[str, str]) -> None:
        self._store = store
        self._exchanges = exchanges
        # Tables of shape (n, 6).
        self._rows: dict[str, list[Rows]] = {}
        self._stored: dict[str, float] = {}
        self._minutes = 0

    @property
    def is_due(self) -> bool:
        """Whether an hour of candles waits."""
        return self._minutes >= AT_ONCE

    def add(self, minute: Minute) -> None:
        """Take the candles of a minute."""
        self._minutes += 1
        for symbol, row in minute.rows.items():
            self._rows.setdefault(symbol, []).append(row.reshape(1, 6))

    def add_block(self, rows: Mapping[str, Rows]) -> None:
        """Take the candles of many minutes that may be in the store already; only those after its last one are kept.

        Parameters
        ----------
        rows : mapping of str to array of shape (n, 6)
            By symbol.
        """
        for symbol, found in rows.items():
            newer = found[found[:, TIMESTAMP] >= self._stored_until(symbol)]
            if len(newer):
                self._rows.setdefault(symbol, []).append(newer)

    def _stored_until(self, symbol: str) -> float:
        """Return when the last stored candle of a symbol ends, UTC ms; minus infinity if there is none."""
        if symbol not in self._stored:
            try:
                self._stored[symbol] = float(self._store.interval(self._exchanges[symbol], symbol)[1])
            except CandlesNotFoundError:
                self._stored[symbol] = -math.inf
        return self._stored[symbol]

    def flush(self) -> list[str]:
        """Add what was collected to the store; return what a person should know.

        A candle that the store has with other values stays as it is there. A store that cannot be written to does not
        stop a session: its candles are in the journal.
        """
        rows, self._rows, self._minutes = self._rows, {}, 0
        notes = []
        for symbol, tables in rows.items():
            found = np.concatenate(tables)
            try:
                self._store.write(found, self._exchanges[symbol], symbol)
            except (CandleError, OSError) as error:
                notes.append(f"{len(found)} candles of {symbol} were not stored: {error}")
        return notes
