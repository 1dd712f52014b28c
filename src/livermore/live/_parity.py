"""Whether a live session did what a backtest over the same candles does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from livermore.candles import utc_text
from livermore.engine import BacktestConfig, BacktestSpec, Session
from livermore.errors import LiveError, LivermoreError
from livermore.live._events import Event, EventRecorder
from livermore.live._execution_gap import ExecutionGap, TradeSummary, execution_gap
from livermore.live._journal import JournalBlock, open_journal
from livermore.live._models import ModelsInForce
from livermore.live._replay import replay_block
from livermore.live._reports import Settlement, is_report
from livermore.live._retraining import AcceptedModel, accepted_model, install_model
from livermore.live._setting import ACCOUNT
from livermore.live._steps import begin, first_difference
from livermore.typing import Rows

__all__ = ["Parity", "check_parity", "spec_of_journal"]

#: A session that is fed, and what records its events.
Begun: TypeAlias = tuple[Session, EventRecorder]
#: Events that are known as soon as they happen. Others are read from lists, at the end of a minute or of a run.
IMMEDIATE = ("order_submitted", "order_canceled", "order_filled", "equity", "prediction", "route_stopped")


@dataclass(frozen=True)
class Parity:
    """What a comparison found.

    Attributes
    ----------
    session : str
        Name of the session.
    minutes, trades, events : int
        How many the journal has.
    closed_minutes : int
        In how many minutes nothing could be opened: late candles, the kill switch. A backtest knows no such minutes.
    commands : int
        How many commands were obeyed.
    take_overs : int
        How often another model took over. A backtest knows one model only, so it is not compared then.
    differences : tuple of str
        The first difference between journal and replay, and the first of each kind between replay and backtest.
    backtest_trades : int or None
        How many trades the backtest closes over the same candles, its last ones included; None if it ends with an
        error, as it may where a session was kept from opening anything, or if the session was on an exchange.
    gap : ExecutionGap or None
        Of a session on an exchange: how its closed trades differ from those on paper, with the same candles and in the
        same minutes without entries.

    Examples
    --------
    >>> from livermore.live import LiveSession, StoredFeed, check_parity
    >>> from livermore.engine import BacktestSpec
    >>> from livermore.testing import example_backtest
    >>> import tempfile
    >>> given = example_backtest(days=1)
    >>> minutes = {"BTC-USDT": given.pop("candles")["Sandbox-BTC-USDT"]["candles"]}
    >>> spec, folder = BacktestSpec(**given), tempfile.mkdtemp() + "/first"
    >>> with LiveSession(spec, StoredFeed(minutes), folder) as session:
    ...     session.run()
    >>> check_parity(folder, spec).is_equal
    True
    """

    session: str
    minutes: int
    trades: int
    events: int
    closed_minutes: int
    commands: int
    take_overs: int
    differences: tuple[str, ...]
    backtest_trades: int | None
    gap: ExecutionGap | None = None

    @property
    def is_equal(self) -> bool:
        """Whether no difference was found."""
        return not self.differences

    def __str__(self) -> str:
        """Say it in a few lines."""
        lines = [f"session {self.session}: {self.minutes:,} minutes, {self.trades:,} trades, {self.events:,} events"]
        if self.gap is not None:
            return "\n".join([*lines, *self._replay_lines("replay"), str(self.gap)])
        if self.closed_minutes or self.commands:
            lines.append(
                f"in {self.closed_minutes:,} minutes nothing could be opened (late candles, kill switch, losses, "
                f"alarms about models), and {self.commands} commands were given. A backtest knows neither: it is not "
                "compared, and "
                + ("ends with an error" if self.backtest_trades is None else f"closes {self.backtest_trades:,} trades")
            )
        if self.take_overs:
            lines.append(
                f"another model took over {self.take_overs} times; predictions before the last time are the journal's, "
                f"and no backtest is compared"
            )
        apart = self.closed_minutes or self.commands or self.take_overs
        return "\n".join([*lines, *self._replay_lines("replay" if apart else "replay and backtest")])

    def _replay_lines(self, compared: str) -> list[str]:
        if self.is_equal:
            return [f"{compared}: equal to the bit in orders, fills, trades, predictions, samples and equity"]
        return [f"DIFFERENT: {difference}" for difference in self.differences]


def check_parity(folder: Path | str, spec: BacktestSpec | None = None, *, root: Path | str | None = None) -> Parity:
    """Run a session's candles again, as a replay and as a backtest, and compare with its journal.

    A session on paper must be equal to both, to the bit. One on an exchange must be equal to its replay; its trades are
    compared with those on paper, and the difference is split into prices, quantities, fees and trades that one lacks.

    Parameters
    ----------
    folder : path-like
        The session's folder; the session may be running.
    spec : BacktestSpec, optional
        What the session was made from. By default it is read from the journal, with strategies from `root`.
    root : path-like, optional
        The project folder; by default the working directory.

    Raises
    ------
    LiveError
        If there is no such session, or it has no minute yet.

    Examples
    --------
    >>> import tempfile
    >>> from livermore.engine import BacktestSpec
    >>> from livermore.live import LiveSession, StoredFeed
    >>> from livermore.testing import example_backtest
    >>> given = example_backtest(days=1)
    >>> minutes = {"BTC-USDT": given.pop("candles")["Sandbox-BTC-USDT"]["candles"]}
    >>> spec, folder = BacktestSpec(**given), tempfile.mkdtemp() + "/first"
    >>> with LiveSession(spec, StoredFeed(minutes), folder) as session:
    ...     session.run()
    >>> check_parity(folder, spec).is_equal
    True
    """
    name = Path(folder).name
    with open_journal(folder) as journal:
        setting, warm_up = journal.setting(), journal.warm_up() or None
        models = ModelsInForce(journal.model_events())
        accepted = accepted_model(journal.model_events(), Path(folder))
        recorded = list(journal.blocks(models.ends))
    if not recorded:
        raise LiveError(f"session {name} has no minute yet")
    given = spec_of_journal(setting, root) if spec is None else spec
    given = given.with_(warmup_candles=warm_up, candles=_candles(recorded, setting), log_trades=False)
    closed = sum(len(block.times) for block in recorded if not block.entries_allowed)
    commands = sum(not is_report(command) for block in recorded for command in block.commands)
    backtest_trades: int | None = None
    gap: ExecutionGap | None = None
    if setting.get(ACCOUNT) is None:
        is_compared = not closed and not commands and not models.take_overs and accepted is None
        begun = _begin(given, setting["start"], name, accepted)
        differences, backtest_trades = _compare_on_paper(begun, given, name, recorded, models, is_compared)
    else:
        begun = _begin(given, setting["start"], name, accepted, Settlement())
        paper = _begin(given, setting["start"], name, accepted)
        differences, gap = _compare_on_exchange(begun, paper, recorded, models)
    kinds = [row[2] for block in recorded for row in block.recorded]
    return Parity(
        session=name,
        minutes=sum(len(block.times) for block in recorded),
        trades=kinds.count("trade_closed"),
        events=len(kinds),
        closed_minutes=closed,
        commands=commands,
        take_overs=models.take_overs,
        differences=tuple(differences),
        backtest_trades=backtest_trades,
        gap=gap,
    )


def _begin(
    spec: BacktestSpec, start: int, name: str, accepted: AcceptedModel | None, settlement: Settlement | None = None
) -> Begun:
    """Begin a replay, with the model that the session has trained last."""
    session, recorder = begin(spec, start, name, settlement)
    if accepted is not None:
        install_model(session, accepted, None, recorder)
    return session, recorder


def _compare_on_paper(
    begun: Begun,
    spec: BacktestSpec,
    name: str,
    recorded: Sequence[JournalBlock],
    models: ModelsInForce,
    is_compared: bool,
) -> tuple[list[str], int | None]:
    """Return how replay and backtest differ, and how many trades the backtest closes."""
    session, recorder = begun
    difference = _replay(session, recorder, recorded, models)
    try:
        backtested = _backtest(spec, name)
    except LivermoreError:
        if is_compared:
            raise
        backtested = None
    differences = [] if difference is None else [difference]
    if is_compared and backtested is not None and difference is None:
        # The backtest ends with its last candle, and so must the replay.
        recorder.answer_from(None)
        with session.running():
            session.finish()
        replayed = [event for block in recorded for event in block.events] + recorder.take()
        differences = _differences(replayed, backtested)
    return differences, None if backtested is None else _count_trades(backtested)


def _compare_on_exchange(
    begun: Begun, begun_on_paper: Begun, recorded: Sequence[JournalBlock], models: ModelsInForce
) -> tuple[list[str], ExecutionGap]:
    """Return how journal and replay differ, and how the session's trades differ from those on paper."""
    difference = _replay(*begun, recorded, models)
    paper, recorder = begun_on_paper
    for block in recorded:
        # Without the commands: it shows what they, and all that happened at the exchange, have changed.
        replay_block(paper, recorder, block._replace(commands=[]), models)
    events = (Event(*row[1:]) for block in recorded for row in block.recorded if row[2] == "trade_closed")
    gap = execution_gap(map(TradeSummary.of_event, events), map(TradeSummary.of_trade, paper.trades))
    return [] if difference is None else [difference], gap


def _count_trades(events: Sequence[Event]) -> int:
    return sum(event.kind == "trade_closed" for event in events)


def spec_of_journal(setting: Mapping[str, Any], root: Path | str | None = None) -> BacktestSpec:
    """Return the spec that a journal describes, with the strategies of a project.

    Parameters
    ----------
    setting : mapping
        Of `Journal.setting`.
    root : path-like, optional
        The project folder.

    Raises
    ------
    LiveError
        If the session's bars follow a calendar, which the journal knows by its name only.
    """
    config = dict(setting["config"])
    calendar = config.pop("calendar")
    if calendar is not None:
        raise LiveError(f"this session's bars follow the calendar {calendar}: give the spec that it was made from")
    names = ("exchange", "symbol", "timeframe", "strategy")
    return BacktestSpec(
        BacktestConfig(**config),
        [{name: route[name] for name in names} for route in setting["routes"]],
        setting["data_routes"],
        hyperparameters=setting["hyperparameters"],
        ml_mode=setting["ml_mode"],
        root=root,
    )


def _replay(
    session: Session, recorder: EventRecorder, recorded: Sequence[JournalBlock], models: ModelsInForce
) -> str | None:
    """Run the minutes of a journal, and return the first difference from it."""
    for block in recorded:
        difference = replay_block(session, recorder, block, models)
        if difference is not None:
            return f"at {utc_text(difference.time)}: {difference.text}"
    return None


def _backtest(spec: BacktestSpec, name: str) -> list[Event]:
    recorder = EventRecorder(name)
    session = spec.open(order_log=recorder)
    recorder.watch(session)
    session.run()
    return recorder.take()


def _differences(replayed: Sequence[Event], backtested: Sequence[Event]) -> list[str]:
    """Return the first difference of each kind of event."""
    found = []
    for kind in dict.fromkeys(event.kind for event in (*replayed, *backtested)):
        ours = [_comparable(event) for event in replayed if event.kind == kind]
        theirs = [_comparable(event) for event in backtested if event.kind == kind]
        difference = first_difference(ours, theirs, ("the replay", "the backtest"))
        if difference is not None:
            found.append(difference)
    return found


def _comparable(event: Event) -> Event:
    """Return an event without the time at which it was read, where that is not when it happened."""
    return event if event.kind in IMMEDIATE else event._replace(time=0)


def _candles(recorded: Sequence[JournalBlock], setting: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the journal's candles as a backtest takes them."""
    rows: dict[str, list[Rows]] = {}
    for block in recorded:
        for symbol, table in block.rows().items():
            rows.setdefault(symbol, []).append(table)
    exchange = setting["config"]["exchange"]
    return {
        f"{exchange}-{symbol}": {"exchange": exchange, "symbol": symbol, "candles": np.concatenate(found)}
        for symbol, found in rows.items()
    }
