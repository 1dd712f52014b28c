"""The orders of a session on an exchange: an SQLite file to which is only added, written before anything is sent."""

from pathlib import Path

from livermore.live._append_only import AppendOnlyFile
from livermore.live._orders import ExchangeFill, OrderRequest, OrderResult, Outcome

__all__ = ["OrderJournal"]

TABLES = {
    "orders": "name TEXT PRIMARY KEY, client_id TEXT NOT NULL UNIQUE, time INTEGER NOT NULL, request TEXT NOT NULL",
    "results": (
        "number INTEGER PRIMARY KEY, name TEXT NOT NULL, time INTEGER NOT NULL, outcome TEXT NOT NULL, "
        "exchange_id TEXT NOT NULL, reason TEXT NOT NULL"
    ),
    "fills": (
        "symbol TEXT NOT NULL, trade_id TEXT NOT NULL, name TEXT NOT NULL, side TEXT NOT NULL, qty REAL NOT NULL, "
        "price REAL NOT NULL, fee REAL NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (symbol, trade_id)"
    ),
}


class OrderJournal(AppendOnlyFile):
    """Orders, what became of them, and their fills.

    Parameters
    ----------
    path : path-like
        The file, readable by its owner only; it is made if it is not there.

    Raises
    ------
    JournalError
        If the file is no such journal.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.live import OrderRequest
    >>> journal = OrderJournal(Path(tempfile.mkdtemp()) / "orders.sqlite")
    >>> order = OrderRequest("first-1", "BTC-USDT", "buy", "limit", 0.01, 40_000)
    >>> _ = journal.add_order(order, 60_000, OrderResult("first-1", Outcome.UNRESOLVED))
    >>> [(order.name, time) for order, time in journal.unresolved()]
    [('first-1', 60000)]
    >>> _ = journal.add_result(OrderResult("first-1", Outcome.CONFIRMED, "OX-1"), 61_000)
    >>> journal.unresolved(), journal.result("first-1").exchange_id
    ([], 'OX-1')
    >>> journal.close()
    """

    def __init__(self, path: Path | str) -> None:
        # What is asked for at each look at the exchange is kept in memory as well; one process writes the file.
        self._results: dict[str, OrderResult] = {}
        self._unresolved: dict[str, None] = {}
        self._names: dict[str, str] = {}
        # FULL: on the disk before it is sent, whatever happens to the machine.
        super().__init__(path, "a journal of orders", "FULL")

    def _prepare(self) -> None:
        for name, columns in TABLES.items():
            self._add_table(name, columns)
        for name, outcome, exchange_id, reason in self._select(
            "SELECT name, outcome, exchange_id, reason FROM results ORDER BY number"
        ):
            self._keep(OrderResult(name, Outcome(outcome), exchange_id, reason))

    # --- Writing ------------------------------------------------------------------------------------------------

    def add_order(self, order: OrderRequest, time: int, result: OrderResult) -> OrderResult:
        """Write a new order and its first result, together."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO orders VALUES (?, ?, ?, ?)", (order.name, order.client_id, time, order.to_json())
            )
            self._insert_result(result, time)
        self._keep(result)
        return result

    def add_result(self, result: OrderResult, time: int) -> OrderResult:
        """Write what became of an order."""
        with self._errors():
            self._insert_result(result, time)
        self._keep(result)
        return result

    def add_fill(self, fill: ExchangeFill) -> bool:
        """Write a fill; return whether it was not known."""
        with self._errors():
            done = self._connection.execute(
                "INSERT OR IGNORE INTO fills VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (fill.symbol, fill.trade_id, fill.name, fill.side, fill.qty, fill.price, fill.fee, fill.time),
            )
        return done.rowcount == 1

    # --- Reading ------------------------------------------------------------------------------------------------

    def order(self, name: str) -> OrderRequest | None:
        """Return an order by its name."""
        found = self._select("SELECT request FROM orders WHERE name = ?", name)
        return OrderRequest.from_json(found[0][0]) if found else None

    def result(self, name: str) -> OrderResult | None:
        """Return what is known of an order; None if there is no such order."""
        return self._results.get(name)

    def unresolved(self) -> list[tuple[OrderRequest, int]]:
        """Return the orders of which nothing is known, each with the time at which it was sent, UTC ms."""
        found = []
        for name in self._unresolved:
            ((time, request),) = self._select("SELECT time, request FROM orders WHERE name = ?", name)
            found.append((OrderRequest.from_json(request), time))
        return found

    def sent_since(self, time: int) -> int:
        """Return how many orders were sent since a time, UTC ms; denied ones were not."""
        query = (
            "SELECT count(*) FROM orders WHERE time > ? AND name NOT IN "
            "(SELECT name FROM results WHERE outcome = 'denied')"
        )
        return int(self._select(query, time)[0][0])

    def name_of(self, exchange_id: str) -> str:
        """Return the name of an order by the exchange's id; empty if it is not known."""
        return self._names.get(exchange_id, "")

    def name_of_client_id(self, client_id: str) -> str:
        """Return the name of an order by its client id; empty if it is not one of ours."""
        found = self._select("SELECT name FROM orders WHERE client_id = ?", client_id)
        return str(found[0][0]) if found else ""

    def position(self, symbol: str) -> float:
        """Return the sum of our own fills, signed."""
        query = "SELECT sum(CASE side WHEN 'buy' THEN qty ELSE -qty END) FROM fills WHERE symbol = ? AND name != ''"
        return float(self._select(query, symbol)[0][0] or 0.0)

    def filled(self, name: str) -> float:
        """Return how much of an order is filled."""
        return float(self._select("SELECT sum(qty) FROM fills WHERE name = ?", name)[0][0] or 0.0)

    def fills(self) -> list[ExchangeFill]:
        """Return all fills, in the order in which they became known."""
        rows = self._select("SELECT trade_id, name, symbol, side, qty, price, fee, time FROM fills ORDER BY rowid")
        return [ExchangeFill(*row) for row in rows]

    def last_fill_time(self, symbol: str) -> int:
        """Return when the last fill of a symbol was, UTC ms; 0 if there was none."""
        return int(self._select("SELECT max(time) FROM fills WHERE symbol = ?", symbol)[0][0] or 0)

    # --- Private ------------------------------------------------------------------------------------------------

    def _keep(self, result: OrderResult) -> None:
        self._results[result.name] = result
        if result.exchange_id:
            self._names.setdefault(result.exchange_id, result.name)
        if result.outcome is Outcome.UNRESOLVED:
            self._unresolved[result.name] = None
        else:
            self._unresolved.pop(result.name, None)

    def _insert_result(self, result: OrderResult, time: int) -> None:
        self._connection.execute(
            "INSERT INTO results VALUES (NULL, ?, ?, ?, ?, ?)",
            (result.name, time, str(result.outcome), result.exchange_id, result.reason),
        )
