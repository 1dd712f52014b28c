"""Whether an account on an exchange is as a session left it: orders, positions, trades of somebody else."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from livermore.engine.position import sum_exact
from livermore.live._exchange_broker import ExchangeBroker
from livermore.live._exchange_link import ExchangeLink
from livermore.live._order_journal import OrderJournal
from livermore.live._orders import ExchangeFill, signed
from livermore.live._reports import Report

if TYPE_CHECKING:
    from livermore.engine import Session

__all__ = ["SETTLING_MS", "AccountState", "Mismatch"]

#: An order or a fill that is younger than this may not be shown yet, ms.
SETTLING_MS = 5_000


class Mismatch(NamedTuple):
    """One thing in which an account differs from what a session knows.

    Attributes
    ----------
    text : str
        What it is, for people.
    symbol : str
        What it is about.
    fill : ExchangeFill or None
        A trade that makes session and account equal: one that somebody made, or one at the last price.
    order : dict or None
        A foreign order, as ccxt has it.
    """

    text: str
    symbol: str
    fill: ExchangeFill | None = None
    order: Any = None

    @classmethod
    def of_trade(cls, fill: ExchangeFill) -> "Mismatch":
        """Return the mismatch of a trade of somebody else."""
        text = f"somebody else traded on the account: {fill.side} {fill.qty:g} {fill.symbol} at {fill.price:g}"
        return cls(text, fill.symbol, fill)

    def to_report(self) -> Report:
        """Return the report that takes it into the session."""
        fill = self.fill
        assert fill is not None
        qty = signed(fill.qty, fill.side)
        return Report("foreign", fill.symbol, "", qty, fill.price, fill.fee, fill.time, fill.trade_id, True, self.text)


class AccountState:
    """Compares the account with the books.

    Parameters
    ----------
    session, broker, link, journal
        Of the session.

    Attributes
    ----------
    baseline : dict of str to float
        What was held of each symbol before the session began: on spot an account may own more than the session trades.
    refused : list of Mismatch
        Trades of somebody else that have not been taken into the session.
    """

    def __init__(self, session: "Session", broker: ExchangeBroker, link: ExchangeLink, journal: OrderJournal) -> None:
        self._session = session
        self._broker = broker
        self._link = link
        self._journal = journal
        self._first_seen: dict[str, int] = {}
        self._off_since: dict[str, tuple[float, int]] = {}
        self.baseline: dict[str, float] = {}
        self.refused: list[Mismatch] = []

    def held(self) -> dict[str, float]:
        """Return what is held, by symbol."""
        return self._broker.held()

    def foreign_orders(self) -> list[Mismatch]:
        """Ask for the open orders, and return those that are not of this session."""
        return self._foreign_among(self._broker.open_orders())

    def _foreign_among(self, shown: Mapping[str, Sequence[Any]]) -> list[Mismatch]:
        found = []
        for symbol, orders in shown.items():
            for order in orders:
                if not self._is_ours(order):
                    text = f"there is an order that is not of this session: {_words(order, symbol)}"
                    found.append(Mismatch(text, symbol, order=order))
        return found

    def cancel_foreign(self, mismatch: Mismatch) -> None:
        """Cancel an order of somebody else."""
        self._broker.cancel_foreign(mismatch.symbol, mismatch.order)

    def compare_after_absence(self, coming: Sequence[Report]) -> list[Mismatch]:
        """Ask for all that happened while the session was away; return what is not of its own orders.

        Its own fills wait in the link, and enter the session once it runs.

        Parameters
        ----------
        coming : sequence of Report
            Those of the minute that is run again.
        """
        self._link.fetch_fills()
        trades = [Mismatch.of_trade(fill) for fill in self._link.pending_foreign()]
        # A trade explains the difference that it makes.
        return [*trades, *self.foreign_orders()] + ([] if trades else self._position_differences(coming))

    def compare(self, now: int) -> tuple[list[Report], list[Mismatch]]:
        """Compare orders and positions.

        Parameters
        ----------
        now : int
            UTC ms.

        Returns
        -------
        tuple of (list of Report, list of Mismatch)
            Orders that the exchange does not have any more, and what is not of this session.
        """
        shown = self._broker.open_orders()
        found = [*self.refused, *self._foreign_among(shown)]
        self._cancel_left_over(shown)
        ended = self._ended(now, shown)
        if ended or self._link.is_settling:
            return ended, found
        off = {mismatch.symbol: mismatch for mismatch in self._position_differences()}
        # A position may be shown later than its trade: it must be seen twice, with the same difference.
        before, self._off_since = self._off_since, {}
        for symbol, mismatch in off.items():
            assert mismatch.fill is not None
            size = mismatch.fill.qty
            since = before.get(symbol, (size, now))
            self._off_since[symbol] = since if since[0] == size else (size, now)
            if now - self._off_since[symbol][1] >= SETTLING_MS and not self.refused:
                found.append(mismatch)
        return [], found

    def _cancel_left_over(self, shown: Mapping[str, Sequence[Any]]) -> None:
        """Cancel own orders that are open and that the books do not want: one may arrive after it was given up."""
        for orders in shown.values():
            for name in map(self._name_of, orders):
                if name and not self._link.wants(name):
                    self._broker.cancel(name)

    def _ended(self, now: int, shown: Mapping[str, Sequence[Any]]) -> list[Report]:
        """Return the reports of orders that are not open any more and have not filled."""
        ids = {str(order[key]) for orders in shown.values() for order in orders for key in KEYS}
        missing = {}
        for name, order in self._link.waiting_orders():
            request, result = self._journal.order(name), self._journal.result(name)
            assert request is not None
            assert result is not None
            if request.client_id not in ids and result.exchange_id not in ids:
                missing[name] = order
        self._first_seen = {name: self._first_seen.get(name, now) for name in missing}
        reports = []
        for name in missing:
            # Trades may be listed later than the order ends.
            if now - self._first_seen[name] < SETTLING_MS:
                continue
            told = self._broker.find(name)
            status = "unknown" if told is None else str(told.get("status") or "unknown")
            if told is not None and status == "open":
                continue
            left = float((told or {}).get("filled") or 0) - self._journal.filled(name)
            if left <= 0 or status != "closed":
                reports += self._link.ended(name, f"the exchange does not have it any more (its status is {status})")
        return reports

    def _position_differences(self, coming: Sequence[Report] = ()) -> list[Mismatch]:
        found = []
        for symbol, held in self._broker.held().items():
            ours = self._link.expected_position(symbol)
            for report in coming:
                if report.symbol == symbol and report.trade_id:
                    ours = sum_exact(ours, self._signed(report))
            theirs = held - self.baseline.get(symbol, 0.0)
            step = self._broker.qty_step(symbol)
            if abs(theirs - ours) < step / 2:
                continue
            change = sum_exact(theirs, -ours)
            text = f"the account holds {theirs:g} {symbol}, and the session {ours:g}"
            price = float(self._session.markets[symbol].price or 0)
            time = int(self._session.clock.now)
            side = "buy" if change > 0 else "sell"
            found.append(Mismatch(text, symbol, ExchangeFill("", "", symbol, side, abs(change), price, 0.0, time)))
        return found

    def _signed(self, report: Report) -> float:
        """Return the signed quantity of a fill; one of a foreign trade is signed already."""
        order = self._journal.order(report.name)
        return report.qty if order is None else signed(report.qty, order.side)

    def _is_ours(self, order: Any) -> bool:
        return self._name_of(order) != ""

    def _name_of(self, order: Any) -> str:
        """Return the name of an order, as ccxt has it; empty for one of somebody else."""
        by_id = self._journal.name_of(str(order["id"]))
        return by_id or self._journal.name_of_client_id(str(order["clientOrderId"]))


KEYS = ("id", "clientOrderId")


def _words(order: Mapping[str, Any], symbol: str) -> str:
    """Return an order of somebody else as a person reads it. One that closes a whole position has no quantity."""
    price = order.get("price") or order.get("triggerPrice")
    words = [order.get("side"), order.get("amount"), symbol, "at" if price else None, price]
    return " ".join(f"{word:g}" if isinstance(word, float) else str(word) for word in words if word is not None)
