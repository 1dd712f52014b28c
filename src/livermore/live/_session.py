"""A live session: the strategy that was backtested, fed minute by minute, with a journal from which it can go on."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Real
from pathlib import Path
from types import TracebackType
from typing import Any

from livermore.candles import MINUTE_MS, CandleStore, utc_text
from livermore.engine import BacktestSpec, SessionResult
from livermore.errors import ConfigError, JournalError, LiveError
from livermore.live._collection import collection_paused
from livermore.live._daily_loss import DailyLoss
from livermore.live._events import Event, as_json
from livermore.live._exchange_account import ExchangeAccount
from livermore.live._feeds import Feed, Minute
from livermore.live._journal import JOURNAL, Journal, JournalBlock
from livermore.live._journal_reader import NO_ENTRIES
from livermore.live._kill_switch import CANCEL_ENTRIES, RELEASE, KillSwitch
from livermore.live._model_service import ModelService, open_service
from livermore.live._models import ModelsInForce
from livermore.live._received import ReceivedCandles
from livermore.live._replay import replay_block
from livermore.live._reports import Report, reports_of
from livermore.live._retraining import Retraining, RetrainService, accepted_model, install_model
from livermore.live._setting import check_same_setting, describe
from livermore.live._steps import begin, feed_minute, obey
from livermore.live._trading import ExchangeTrading, PaperTrading, SessionParts, Trading
from livermore.live._watched_model import ModelWatch

__all__ = ["LiveSession"]

#: Called with each event as it happens.
OnEvent = Callable[[Event], None]


class LiveSession:
    """The strategies of a `BacktestSpec`, traded on paper on the minutes that a feed brings.

    Orders are matched by the backtest's own exchange, so that the same candles give the same trades as a backtest, to
    the bit. Each minute and all that was decided in it is written to a journal before the next. A session that was
    stopped or killed goes on from its journal: fresh strategies are fed what it holds, and must decide what it says.

    Parameters
    ----------
    spec : BacktestSpec
        Config, routes, warm-up candles. Its `candles` are not used.
    feed : Feed
        Where minutes come from: `StoredFeed`, `RowsFeed`, `ExchangeFeed`, or an object of one's own.
    folder : path-like
        Holds the journal ``journal.sqlite``, the lock, and the kill switch; it is made if it is not there. The name of
        the folder is the name of the session.
    start : int, optional
        UTC ms at which the first minute opens; by default the minute that is running by the feed's clock. A session
        that goes on has the start of its journal.
    max_age_ms : int
        A minute that arrives later than this after its end is *late*: exits and what follows from candles goes on, and
        nothing is opened.
    store : CandleStore, optional
        Where the candles that are received go, an hour at a time.
    on_event : callable, optional
        Called with each new `Event`, and with each note of the journal as an event of the kind ``"note"``.
    take_over : bool
        Whether a model that is another one than the journal's takes over from the last minute on; it is an error
        otherwise. The journal says when it did, and a replay takes the predictions before from the journal.
    model_watch : ModelWatch, optional
        Joins predictions to labels as they become known, and watches the models; see `ModelWatch`. The strategies run a
        second time, in gather mode, for the labels.
    max_daily_loss : float, optional
        Nothing is opened for the rest of a UTC day on which so large a fraction of the equity was lost.
    retrain : Retraining, optional
        Trains the model again while the session goes on. Without a `model_watch` the models are watched with
        ``on_alarm="warn"``: training needs the labels.
    account : ExchangeAccount, optional
        Where orders are sent; by default they are matched on paper.

    Attributes
    ----------
    session : Session
        The engine's session, while the live session is open.
    journal : Journal
        The journal.
    kill_switch : KillSwitch
        The kill switch.

    Raises
    ------
    JournalError
        On opening: if the journal is of another session, another version of the strategy, or says something else than
        the strategies decide now.
    LiveError
        On opening: if another process runs the session.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.engine import BacktestSpec
    >>> from livermore.live import LiveSession, StoredFeed
    >>> from livermore.testing import example_backtest
    >>> given = example_backtest(days=1)
    >>> candles = {entry["symbol"]: entry["candles"] for entry in given.pop("candles").values()}
    >>> with LiveSession(BacktestSpec(**given), StoredFeed(candles), tempfile.mkdtemp()) as live:
    ...     live.run()
    ...     print(len(live.session.trades))
    48
    """

    def __init__(
        self,
        spec: BacktestSpec,
        feed: Feed,
        folder: Path | str,
        *,
        start: int | None = None,
        max_age_ms: int = 90_000,
        store: CandleStore | None = None,
        on_event: OnEvent | None = None,
        take_over: bool = False,
        model_watch: ModelWatch | None = None,
        max_daily_loss: float | None = None,
        retrain: Retraining | None = None,
        account: ExchangeAccount | None = None,
    ) -> None:
        _check_options(start, max_age_ms, account)
        self.folder = Path(folder)
        self.name = self.folder.name
        self.kill_switch = KillSwitch(self.folder)
        self._spec = spec.with_(log_trades=False)
        self._feed = feed
        self._start = start
        self._max_age_ms = max_age_ms
        self._store = store
        self._on_event = on_event
        self._take_over = take_over
        self._models = ModelsInForce([])
        self._retrain = retrain
        self._retrain_service: RetrainService | None = None
        self._model_watch = ModelWatch(on_alarm="warn") if retrain is not None and model_watch is None else model_watch
        self._service: ModelService | None = None
        self._max_daily_loss = max_daily_loss
        self._trading: Trading = PaperTrading() if account is None else ExchangeTrading(account, feed.clock, max_age_ms)
        self._daily_loss: DailyLoss | None = None
        self._entries_cancelled = False
        self._stopped = threading.Event()
        self._lock: Any = None
        self._received: ReceivedCandles | None = None
        self._obeyed: str | None = None
        self._last: int | None = None
        self._allowed = True

    # --- Opening and closing ------------------------------------------------------------------------------------

    def __enter__(self) -> "LiveSession":
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._take_lock()
        except (OSError, ValueError) as error:
            raise LiveError(f"{self.folder} cannot be the folder of a session: {error}") from error
        try:
            self.journal = Journal(self.folder / JOURNAL)
            self.journal.tell_notes(self._tell_note)
            try:
                if self.journal.is_new:
                    self._begin()
                else:
                    with collection_paused():
                        self._go_on()
                self._store_received()
            except BaseException:
                self._trading.close()
                self.journal.close()
                raise
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._retrain_service is not None:
                self._retrain_service.close()
            self._close_feed()
            self._store_received()
        finally:
            self._trading.close()
            self.journal.close()
            self._lock.release()

    def _close_feed(self) -> None:
        """Let the feed end what it runs beside the session, if it runs anything."""
        close = getattr(self._feed, "close", None)
        if close is not None:
            close()

    def _take_lock(self) -> None:
        from filelock import FileLock, Timeout

        self._lock = FileLock(self.folder / "lock")
        try:
            # A process that looks whether the session runs holds the lock for an instant.
            self._lock.acquire(timeout=0.5)
        except Timeout:
            raise LiveError(f"session {self.name} is running in another process (its lock is {self.folder})") from None

    def _begin(self) -> None:
        now = self._feed.clock.now()
        start = self._start if self._start is not None else now - now % MINUTE_MS
        if start % MINUTE_MS:
            raise ConfigError(f"a session starts at a full minute, not at {start} ms")
        self.session, self._recorder = begin(self._spec, start, self.name, self._trading.settlement)
        if self.session.config.base.length != MINUTE_MS:
            raise ConfigError(
                f"a live session takes candles of one minute, not of {self.session.config.base.timeframe}"
            )
        self._watch_session(start)
        setting = {**describe(self._spec, self.session), **self._trading.begin(self._parts(start))}
        self.journal.begin(start, setting, self._spec.warmup_candles or {})

    def _go_on(self) -> None:
        """Rebuild the session from its journal."""
        setting = self.journal.setting()
        self._spec = self._spec.with_(warmup_candles=self.journal.warm_up() or None)
        self._trading.check_setting(setting, self.name)
        self.session, self._recorder = begin(self._spec, setting["start"], self.name, self._trading.settlement)
        check_same_setting(setting, describe(self._spec, self.session), self.name)
        self._watch_session(setting["start"])
        self._compare_models()
        known = set(self.journal.model_events())
        reports: list[Report] = []
        for block in self.journal.blocks(self._models.ends):
            self._replay(block)
            for minute, found in self._observe_block(block):
                # A session that was not watched before, or otherwise, has more to say of its minutes now.
                self.journal.add_model_events(minute, [event for event in found if (minute, event) not in known])
            reports += reports_of(block.commands)
        begun = self.journal.begun_minute()
        coming = [] if begun is None else reports_of(begun.commands)
        self._trading.go_on(self._parts(setting["start"]), setting, reports, coming)
        if begun is not None:
            # Orders may have been sent in it: it is run as it was, whatever the feed says now.
            self._run_minute(begun.minute, begun.entries_allowed, begun.commands)
        last = self.journal.last_command()
        self._obeyed = None if last == RELEASE else last

    def _parts(self, start: int) -> SessionParts:
        return SessionParts(self.session, self._recorder, self.journal, self.folder, start)

    def _compare_models(self) -> None:
        """Refuse another model than the journal's, or let it take over."""
        self._models = ModelsInForce(self.journal.model_events())
        last = self.journal.last_minute()
        if last is not None:
            events = self._models.compare(self._recorder, last, self.name, take_over=self._take_over)
            self.journal.add_model_events(last, events)

    def _replay(self, block: JournalBlock) -> None:
        """Run minutes of the journal again."""
        difference = replay_block(self.session, self._recorder, block, self._models)
        if difference is not None:
            raise JournalError(
                f"session {self.name} cannot go on: at {utc_text(difference.time)} its strategies decide "
                f"something else now than they did; {difference.text}"
            )
        self._last = block.last
        if self._received is not None:
            self._received.add_block(block.rows())
        if self._daily_loss is not None:
            for time, equity in zip(block.times.tolist(), block.equities.tolist(), strict=True):
                self._daily_loss.take(time, equity)

    def _observe_block(self, block: JournalBlock) -> Iterator[tuple[int, list[Event]]]:
        """Yield what became known of models in minutes that were run again, each with its minute."""
        if self._service is None:
            return
        for recorded in block.minutes():
            found = self._service.take(recorded.minute, recorded.events)
            if found:
                yield recorded.minute.time, found
            for route, model in self._models.taken_over_after(recorded.minute.time):
                self._service.drop(route, model)

    def _watch_session(self, start: int) -> None:
        """Set up what follows a session that has just begun: received candles, models, losses."""
        self._collect_received()
        self._service = open_service(self._model_watch, self._spec, start, self.session, self._recorder)
        self._set_up_training(start)
        if self._max_daily_loss is not None:
            self._daily_loss = DailyLoss(self._max_daily_loss, self.session.account.equity)

    def _set_up_training(self, start: int) -> None:
        """Put the model in force that the session has trained itself, and prepare the next trainings."""
        recorded = self.journal.model_events()
        accepted = accepted_model(recorded, self.folder)
        if accepted is not None and not self._take_over:
            install_model(self.session, accepted, self._service, self._recorder)
        if self._retrain is not None:
            assert self._model_watch is not None
            chains = self._model_watch.chains
            self._retrain_service = RetrainService(
                self._retrain, self.session, self._recorder, self._service, self.folder, start, chains, recorded
            )

    def _train(self) -> None:
        """Start a training that is due, or let the model of one that has ended take over."""
        if self._retrain_service is not None and self._last is not None:
            now = self._feed.clock.now()
            events = self._retrain_service.step(now, self._last, self._models, self.name)
            if events:
                self.journal.add_model_events(self._last, events)
                self._tell(events)

    def _observe(self, minute: Minute, events: Sequence[Event]) -> list[Event]:
        """Take note of a minute that was run; return what became known of models."""
        if self._daily_loss is not None:
            self._daily_loss.take(minute.time, self.session.account.equity)
        return [] if self._service is None else self._service.take(minute, events)

    def _collect_received(self) -> None:
        if self._store is not None:
            exchanges = {market.symbol: market.exchange for market in self.session.markets.values()}
            self._received = ReceivedCandles(self._store, exchanges)

    def _note_received(self, minute: Minute) -> None:
        self._last = minute.time
        if self._received is not None:
            self._received.add(minute)

    def _store_received(self) -> None:
        if self._received is not None:
            for text in self._received.flush():
                self.journal.add_note(self._feed.clock.now(), text)

    # --- Running ------------------------------------------------------------------------------------------------

    def run(self, *, until: int | None = None) -> None:
        """Trade until the feed ends, `stop` is called, or a time is reached.

        Parameters
        ----------
        until : int, optional
            UTC ms by the feed's clock.

        Raises
        ------
        LivermoreError
            An error of the feed ends the session. What a strategy raises stops its route: it is asked for nothing any
            more, its entries are cancelled, its exits stay, and the journal has an event of it.
        """
        clock = self._feed.clock
        while not self._stopped.is_set():
            self._check_kill_switch()
            self._check_entries()
            self._settle()
            self._train()
            minutes = self._feed.poll(self.next_minute)
            for text in self._feed.take_notes():
                self.journal.add_note(clock.now(), text)
            for minute in minutes:
                with collection_paused():
                    self._take(minute)
                if self._stopped.is_set():
                    return
                self._check_kill_switch()
                self._check_entries()
                self._settle()
                self._train()
            due = self._feed.due()
            if due is None or (until is not None and clock.now() >= until):
                return
            if not minutes:
                self.journal.rest()
                # Nothing can be sent before the first minute.
                asked = None if self._last is None else self._trading.due()
                clock.sleep_until(min(time for time in (due, until, asked) if time is not None))

    def stop(self) -> None:
        """Let `run` return after the present minute; orders stay. Any thread or signal handler may call it."""
        self._stopped.set()

    @property
    def next_minute(self) -> int:
        """When the next minute that is wanted opens, UTC ms."""
        return int(self.session.clock.start) if self._last is None else self._last + MINUTE_MS

    def _take(self, minute: Minute) -> None:
        """Run one new minute, and write it down."""
        now = self._feed.clock.now()
        reason = self._reason_against_entries(minute, now)
        allowed = reason is None
        if allowed != self._allowed:
            self.journal.add_note(now, "entries are allowed" if reason is None else f"{NO_ENTRIES}{reason}")
            self._allowed = allowed
        self._run_minute(minute, allowed)

    def _run_minute(self, minute: Minute, allowed: bool, commands: Sequence[str] = ()) -> None:
        """Run a minute, with the reports of the exchange that a journal has of it, and write it down."""
        now = self._feed.clock.now()
        self._trading.begin_minute(minute, now, allowed)
        within = reports_of(commands)
        try:
            events = feed_minute(self.session, self._recorder, minute, allowed, reports=within)
        except Exception as error:
            self.journal.add_note(now, f"the session ended at {utc_text(minute.time)}: {type(error).__name__}: {error}")
            raise
        found = self._models.take(events, minute.time) + self._observe(minute, events)
        self.journal.add_minute(minute, now, allowed, self.session.account.equity, events, found)
        self._note_received(minute)
        if self._received is not None and self._received.is_due:
            self._store_received()
        self._tell([*events, *found])

    def _reason_against_entries(self, minute: Minute, now: int) -> str | None:
        if self._obeyed is not None:
            return "the kill switch is set"
        lasting = self._lasting_reason(minute.time)
        if lasting is not None:
            return lasting
        age = now - minute.time - MINUTE_MS
        if age > self._max_age_ms:
            return f"the candles of {utc_text(minute.time)} came {age / 1000:.0f} s after their end"
        return None

    def _lasting_reason(self, minute: int) -> str | None:
        """Return why nothing may be opened in a minute because of losses, models or the account."""
        other = self._trading.reason_against_entries()
        if other is not None:
            return other
        if self._daily_loss is not None and self._daily_loss.is_reached(minute):
            return f"the day's loss has reached {self._daily_loss.limit:.2%} of the equity"
        return None if self._service is None else self._service.reason_against_entries

    def _check_entries(self) -> None:
        """Cancel waiting entries, once, when nothing may be opened any more for a reason that lasts."""
        if self._last is None:
            return
        blocked = self._lasting_reason(self._last) is not None
        if blocked and not self._entries_cancelled:
            self._obey(CANCEL_ENTRIES)
        self._entries_cancelled = blocked

    def _check_kill_switch(self) -> None:
        """Obey the kill switch, once for each time that it is set or turned to another command."""
        command = self.kill_switch.read()
        if command == self._obeyed:
            return
        self._obeyed = command
        said = command or RELEASE
        self.journal.add_note(self._feed.clock.now(), f"kill switch: {said}")
        if self._last is None:
            # There are no orders yet.
            return
        self._obey(said)

    def _settle(self) -> None:
        """Let orders go to the exchange, and what it reports into the session."""
        if self._last is not None:
            for report in self._trading.after_minute():
                self._obey(report.to_json())

    def _obey(self, command: str) -> None:
        """Do what a command or a report says, after a minute, and write it down."""
        assert self._last is not None
        events = obey(self.session, self._recorder, command)
        self.journal.add_command(self._last, command, events)
        self._tell(events)

    def _tell_note(self, time: int, text: str) -> None:
        self._tell([Event(time, "note", "", as_json({"text": text}))])

    def _tell(self, events: Sequence[Event]) -> None:
        if self._on_event is not None:
            for event in events:
                self._on_event(event)

    # --- Asking -------------------------------------------------------------------------------------------------

    def status(self) -> Mapping[str, Any]:
        """Return how the session is doing, as plain values.

        Returns
        -------
        dict
            `session`, `process`; `where`: on paper, or on which account; `last_minute` and `next_minute`, UTC ms;
            `entries` (``"allowed"`` or why not); `stopped`: symbols of routes whose strategy has raised; `equity`;
            `trades`; `positions` and `orders` by symbol; `next_training`, UTC ms, that
            which runs or the one to come, or None; `models`: what is known of each that is watched.
        """
        session = self.session
        killed = self.kill_switch.read()
        lasting = self._lasting_reason(self.next_minute)
        late = None if self._allowed else "the last candles were late"
        reason = f"kill switch: {killed}" if killed else lasting or late
        return {
            "session": self.name,
            "process": os.getpid(),
            "where": self._trading.where,
            "last_minute": self._last,
            "next_minute": self.next_minute,
            "entries": reason or "allowed",
            "stopped": [r.spec.symbol for r in session.runners if r.is_stopped],
            "equity": session.account.equity,
            "trades": len(session.trades),
            "positions": {r.spec.symbol: r.position.qty for r in session.runners},
            "orders": {r.spec.symbol: len(r.book.waiting()) for r in session.runners},
            "next_training": None if self._retrain_service is None else self._retrain_service.next_due * 1000,
            "models": [] if self._service is None else self._service.status(self.next_minute),
        }

    def finish(self) -> SessionResult:
        """End the session as a backtest ends, and return its result. It cannot be fed after that; the journal stays."""
        if self._trading.settlement is not None:
            raise LiveError("a session on an exchange does not end as a backtest does: close its positions first")
        with self.session.running():
            self.session.finish()
        return SessionResult.of(self.session)


def _check_options(start: Any, max_age_ms: Any, account: Any) -> None:
    """Refuse what a session would stumble over later."""
    if start is not None and not isinstance(start, Real):
        raise ConfigError(f"start must be a number of ms since 1970, such as 1704067200000; it is {start!r}")
    if not isinstance(max_age_ms, Real) or not float(max_age_ms) >= 0:
        raise ConfigError(f"max_age_ms must be 0 or more; it is {max_age_ms!r}")
    if account is not None and not isinstance(account, ExchangeAccount):
        raise ConfigError(f"account must be an ExchangeAccount; it is {type(account).__name__}")
