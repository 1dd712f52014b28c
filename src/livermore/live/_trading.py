"""Where the orders of a live session go: nowhere, on paper, or to an account on an exchange."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from livermore.errors import JournalError, LiveError
from livermore.live._account_state import SETTLING_MS, AccountState, Mismatch
from livermore.live._clock import Clock
from livermore.live._exchange_account import (
    AccountLocks,
    ExchangeAccount,
    check_account,
    check_balance,
    check_models,
)
from livermore.live._exchange_answers import ccxt_errors, retry_wait, words_of
from livermore.live._exchange_broker import ExchangeBroker
from livermore.live._exchange_link import ExchangeLink
from livermore.live._feeds import Minute
from livermore.live._journal import Journal
from livermore.live._order_journal import OrderJournal
from livermore.live._orders import ExchangeFill
from livermore.live._reports import Report, Settlement
from livermore.live._setting import ACCOUNT

if TYPE_CHECKING:
    from livermore.engine import Session
    from livermore.live._events import EventRecorder

__all__ = ["ExchangeTrading", "PaperTrading", "SessionParts", "Trading"]

#: The orders of a session on an exchange, in its folder.
ORDERS = "orders.sqlite"
#: How often the books and the exchange are compared at once, until nothing changes any more.
ROUNDS = 20
#: How long a market order's fills are waited for, and how often they are asked for, ms.
MARKET_WAIT_MS, MARKET_EVERY_MS = 1_000, 250
#: How often a session that goes on looks again, before it is said that the account is not as it was left.
SETTLING_WAITS = 5


class SessionParts(NamedTuple):
    """What a live session lends to its trading.

    Attributes
    ----------
    session, recorder : Session, EventRecorder
        The engine's session, and what names its orders.
    journal : Journal
        The journal.
    folder : Path
        The session's folder.
    start : int
        When its first minute opens, UTC ms.
    """

    session: "Session"
    recorder: "EventRecorder"
    journal: Journal
    folder: Path
    start: int


class Trading(Protocol):
    """What a live session needs of where its orders go."""

    @property
    def settlement(self) -> Settlement | None:
        """Where reports of an exchange enter; None where orders are matched with the candles."""
        ...

    @property
    def where(self) -> str:
        """Where orders go, in words."""
        ...

    def check_setting(self, setting: Mapping[str, Any], name: str) -> None:
        """Refuse a journal whose orders are somewhere else."""
        ...

    def begin(self, parts: SessionParts) -> Mapping[str, Any]:
        """Open a new session; return what its journal keeps of it."""
        ...

    def go_on(
        self, parts: SessionParts, setting: Mapping[str, Any], reports: Sequence[Report], coming: Sequence[Report]
    ) -> None:
        """Open a session again, which has had reports; some are still to come, with a minute that is run again."""
        ...

    def begin_minute(self, minute: Minute, now: int, entries_allowed: bool) -> None:
        """Take note of a minute that is about to run."""
        ...

    def after_minute(self) -> Iterator[Report]:
        """Send what is new in the books, and yield the reports that came back; each is applied before the next."""
        ...

    def due(self) -> int | None:
        """Return when to call `after_minute` at the latest, UTC ms; None if never."""
        ...

    def reason_against_entries(self) -> str | None:
        """Return why nothing may be opened; None if it may."""
        ...

    def close(self) -> None:
        """Let go of files and locks; orders stay."""
        ...


class PaperTrading:
    """Orders are matched with the candles, by the backtest's own exchange."""

    def __init__(self) -> None:
        self.settlement = None
        self.where = "on paper"

    def check_setting(self, setting: Mapping[str, Any], name: str) -> None:
        """Refuse the journal of a session on an exchange."""
        account = setting.get(ACCOUNT)
        if account is not None:
            raise JournalError(
                f"session {name} trades on the account {account['name']} of {account['exchange']}, not on paper"
            )

    def begin(self, parts: SessionParts) -> Mapping[str, Any]:
        """Return nothing."""
        return {}

    def go_on(
        self, parts: SessionParts, setting: Mapping[str, Any], reports: Sequence[Report], coming: Sequence[Report]
    ) -> None:
        """Do nothing."""

    def begin_minute(self, minute: Minute, now: int, entries_allowed: bool) -> None:
        """Do nothing."""

    def after_minute(self) -> Iterator[Report]:
        """Yield nothing."""
        return iter(())

    def due(self) -> int | None:
        """Return None."""
        return None

    def reason_against_entries(self) -> str | None:
        """Return None."""
        return None

    def close(self) -> None:
        """Do nothing."""


class ExchangeTrading:
    """Orders are sent to an account on an exchange.

    Parameters
    ----------
    account : ExchangeAccount
        The account.
    clock : Clock
        The machine's.
    max_age_ms : int
        An entry that could not be sent for so long is not sent any more.
    """

    def __init__(self, account: ExchangeAccount, clock: Clock, max_age_ms: int) -> None:
        self.settlement = Settlement()
        self.where = f"on {_words(account.identity)}"
        self._account = account
        self._clock = clock
        self._max_age_ms = max_age_ms
        self._minute: int | None = None
        self._locks: AccountLocks | None = None
        self._orders: OrderJournal | None = None
        self._mismatch: str | None = None
        self._failures = 0
        self._poll_at = self._check_at = self._not_before = 0
        self._dead_man_at: int | None = None

    # --- Opening and closing ------------------------------------------------------------------------------------

    def check_setting(self, setting: Mapping[str, Any], name: str) -> None:
        """Refuse the journal of a session on paper, or on another account."""
        kept = setting.get(ACCOUNT)
        if kept is None:
            raise JournalError(f"session {name} trades on paper: start one on an exchange under another name")
        now = self._account.identity
        if {key: kept.get(key) for key in now} != now:
            raise JournalError(f"session {name} trades on {_words(kept)}, not on {_words(now)}")

    def begin(self, parts: SessionParts) -> Mapping[str, Any]:
        """Check the account, and return its identity and what it held of the symbols before."""
        with _asking(self.where):
            self._open(parts, ())
            check_balance(self._account, parts.session)
            held, foreign = self._state.held(), self._state.foreign_orders()
        if parts.session.account.kind == "futures":
            held = self._refuse_positions(held)
        self._state.baseline = held
        if foreign and self._account.on_mismatch == "refuse":
            raise LiveError(f"the session cannot trade {self.where}: {foreign[0].text}")
        return {ACCOUNT: {**self._account.identity, "baseline": held}}

    def go_on(
        self, parts: SessionParts, setting: Mapping[str, Any], reports: Sequence[Report], coming: Sequence[Report]
    ) -> None:
        """Check the account, and whether it is as the session left it.

        Raises
        ------
        LiveError
            If it is not, and the account's ``on_mismatch`` is ``"refuse"``.
        """
        with _asking(self.where):
            self._open(parts, [*reports, *coming])
            self._state.baseline = dict(setting[ACCOUNT]["baseline"])
            found = self._state.compare_after_absence(coming)
            for _ in range(SETTLING_WAITS):
                if not found:
                    break
                # Trades may be listed, and positions shown, later than they are, and an order may be filling in parts.
                self._wait(SETTLING_MS)
                found = self._state.compare_after_absence(coming)
        if found and self._account.on_mismatch == "refuse":
            raise LiveError(
                f"session {parts.folder.name} cannot go on: {found[0].text}. Put it right at the exchange, or let the "
                "session adopt it (on_mismatch='adopt', --on-mismatch adopt) or close the position ('close')"
            )

    def _wait(self, duration: int) -> None:
        until = self._clock.now() + duration
        while self._clock.now() < until:
            self._clock.sleep_until(until)

    def _refuse_positions(self, held: Mapping[str, float]) -> dict[str, float]:
        """Return that nothing was held before a session on futures, or refuse it."""
        for symbol, qty in held.items():
            if qty:
                raise LiveError(f"there is a position of {qty:g} {symbol} already: close it before a session starts")
        return dict.fromkeys(held, 0.0)

    def _open(self, parts: SessionParts, delivered: Iterable[Report]) -> None:
        account, session = self._account, parts.session
        symbols = [runner.spec.symbol for runner in session.runners]
        self._parts = parts
        self._locks = AccountLocks(account, symbols)
        self._orders = OrderJournal(parts.folder / ORDERS)
        self._broker = ExchangeBroker(
            account.client, symbols, self._orders, limits=account.limits, clock=self._clock, since=parts.start
        )
        for text in check_account(account, session, self._clock):
            self._note(text)
        check_models(session, parts.recorder, parts.start)
        self._link = ExchangeLink(
            session,
            parts.recorder,
            self._broker,
            self._orders,
            clock=self._clock,
            max_age_ms=self._max_age_ms,
            protect_ms=account.protect_ms,
            delivered=delivered,
        )
        self._state = AccountState(session, self._broker, self._link, self._orders)
        self.settlement.source = self._within_minute

    def close(self) -> None:
        """Let go of files and locks; orders stay at the exchange."""
        if self._orders is not None:
            self._orders.close()
        if self._locks is not None:
            self._locks.release()

    # --- Running ------------------------------------------------------------------------------------------------

    def begin_minute(self, minute: Minute, now: int, entries_allowed: bool) -> None:
        """Write a minute down before it runs, since orders may be sent while it does."""
        self._minute = minute.time
        self._link.in_minute = True
        if self._parts.journal.begun_minute() is None:
            self._parts.journal.begin_minute(minute, now, entries_allowed)

    def after_minute(self) -> Iterator[Report]:
        """Send what is new in the books, and yield what came back, until nothing changes any more."""
        self._link.in_minute = False
        yield from self._rounds()
        yield from self._check()
        self._set_dead_man()

    def due(self) -> int | None:
        """Return when trades or positions are asked for next."""
        next_time = min(self._poll_at, self._check_at) if self._link.is_busy else self._check_at
        return max(next_time, self._not_before)

    def reason_against_entries(self) -> str | None:
        """Return in what the account differs from the session; None if it does not."""
        return self._mismatch

    def _within_minute(self, point: int) -> Iterator[Report]:
        """Send what is new while a minute runs, wait a little for market orders, and yield what came back."""
        assert self._minute is not None
        until = self._clock.now() + MARKET_WAIT_MS
        while True:
            for report in self._rounds():
                placed = report._replace(point=point)
                # Before it is applied: what follows from it may be sent before the minute is in the journal.
                self._parts.journal.add_report(self._minute, placed.to_json())
                yield placed
            now = self._clock.now()
            if now >= until or now < self._not_before or not self._link.waits_for_market_orders:
                return
            self._clock.sleep_until(min(now + MARKET_EVERY_MS, until))

    def _rounds(self) -> Iterator[Report]:
        if self._clock.now() < self._not_before:
            return
        for _ in range(ROUNDS):
            reports = [*self._link.send_changes(), *self._news()]
            yield from reports
            if not reports and not self._link.again:
                return

    def _news(self) -> list[Report]:
        """Ask for trades, if anything can have happened."""
        now = self._clock.now()
        if not (self._link.is_busy or self._link.has_pending or now >= self._check_at):
            return []
        try:
            reports = self._link.news()
        except ccxt_errors() as error:
            self._wait_longer(words_of(error))
            return []
        self._failures = 0
        self._poll_at = now + self._account.poll_ms
        for text in self._broker.take_notes():
            self._note(text)
        return reports + self._foreign_trades(self._link.take_foreign())

    def _check(self) -> Iterator[Report]:
        """Compare orders and positions with the exchange, now and then."""
        now = self._clock.now()
        if now < max(self._check_at, self._not_before):
            return
        try:
            ended, found = self._state.compare(now)
        except ccxt_errors() as error:
            # An answer that failed says nothing: above all not that nothing is held.
            self._wait_longer(words_of(error))
            return
        self._check_at = now + self._account.check_ms
        yield from ended
        if self._account.on_mismatch == "refuse":
            self._tell_mismatch(found[0].text if found else None)
            return
        self._mismatch = None
        for mismatch in found:
            yield from self._settle_mismatch(mismatch)

    # --- What is not as it was left -----------------------------------------------------------------------------

    def _foreign_trades(self, fills: Iterable[ExchangeFill]) -> list[Report]:
        reports = []
        for fill in fills:
            mismatch = Mismatch.of_trade(fill)
            if self._account.on_mismatch == "refuse":
                self._state.refused.append(mismatch)
                self._tell_mismatch(mismatch.text)
            else:
                reports += self._settle_mismatch(mismatch)
        return reports

    def _settle_mismatch(self, mismatch: Mismatch) -> list[Report]:
        """Return the reports that make the session agree with the account, by the account's policy."""
        closes = self._account.on_mismatch == "close"
        if mismatch.order is not None:
            if closes:
                self._state.cancel_foreign(mismatch)
            return []
        reports = [mismatch.to_report()]
        if closes:
            reports.append(Report("close", mismatch.symbol, reason=mismatch.text))
        return reports

    def _tell_mismatch(self, text: str | None) -> None:
        if text is not None and text != self._mismatch:
            self._note(f"{text}; nothing is opened until that is put right")
        self._mismatch = text

    # --- Private ------------------------------------------------------------------------------------------------

    def _set_dead_man(self) -> None:
        """Set the exchange's countdown while only entries wait; take it back otherwise."""
        duration = self._account.dead_man_ms
        if duration is None:
            return
        wanted = self._link.only_entries_wait
        now = self._clock.now()
        if not wanted and self._dead_man_at is None:
            return
        if wanted and self._dead_man_at is not None and now < self._dead_man_at:
            return
        try:
            self._broker.cancel_all_after(duration if wanted else 0)
        except ccxt_errors() as error:
            self._wait_longer(words_of(error))
            return
        self._dead_man_at = now + duration // 3 if wanted else None

    def _wait_longer(self, reason: str) -> None:
        wait = retry_wait(self._failures)
        self._failures += 1
        self._note(f"the exchange could not be asked, next try in {wait / 1000:.0f} s: {reason}")
        self._not_before = self._clock.now() + wait

    def _note(self, text: str) -> None:
        self._parts.journal.add_note(self._clock.now(), text)


@contextmanager
def _asking(where: str) -> Iterator[None]:
    """Turn errors of ccxt into ours, without the addresses that were asked, which may be signed."""
    try:
        yield
    except ccxt_errors() as error:
        raise LiveError(f"the session cannot trade {where}: {words_of(error)}") from None


def _words(identity: Mapping[str, Any]) -> str:
    return f"the account {identity['name']} of {identity['exchange']}"
