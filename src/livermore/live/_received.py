"""The candles that a session receives, on their way to the candle store."""

from collections.abc import Mapping

import numpy as np

from livermore.candles import CandleStore
from livermore.errors import CandleError
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
        self._rows: dict[str, list[Rows]] = {}
        self._minutes = 0

    @property
    def is_due(self) -> bool:
        """Whether an hour of candles waits."""
        return self._minutes >= AT_ONCE

    def add(self, minute: Minute) -> None:
        """Take the candles of a minute."""
        self._minutes += 1
        for symbol, row in minute.rows.items():
            self._rows.setdefault(symbol, []).append(row)

    def flush(self) -> list[str]:
        """Add what was collected to the store; return what a person should know.

        A candle that the store has with other values stays as it is there. A store that cannot be written to does not
        stop a session: its candles are in the journal.
        """
        rows, self._rows, self._minutes = self._rows, {}, 0
        notes = []
        for symbol, found in rows.items():
            try:
                self._store.write(np.array(found), self._exchanges[symbol], symbol)
            except (CandleError, OSError) as error:
                notes.append(f"{len(found)} candles of {symbol} were not stored: {error}")
        return notes
