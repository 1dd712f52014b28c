"""Commands of live sessions: ``live``, ``kill``, ``live-samples`` and ``parity``."""

import argparse
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import TYPE_CHECKING, Any

from livermore.cli._backtests import RUN_OPTIONS, add_run_options
from livermore.cli._parsing import FAILED, Commands, add_command, add_folder, with_default
from livermore.console import print_text
from livermore.dates import minute

if TYPE_CHECKING:
    from livermore.live import Event, LiveSession

__all__ = ["add_commands"]

#: Addresses as apprise takes them, with blanks between. They hold secrets, so no option has them.
NOTIFY = "LIVERMORE_NOTIFY"
#: Events that are only written to the journal: there may be many.
QUIET = ("equity", "prediction", "sample", "label")


def add_commands(commands: Commands) -> None:
    """Add the commands of this module."""
    live = add_command(commands, "live", _live, "Trade a strategy on paper: follow an exchange, minute by minute.")
    live.add_argument("--name", default="paper", help=with_default("name of the session; it goes on if there is one"))
    live.add_argument("--paper", action="store_true", help="on paper, which is all there is as yet")
    live.add_argument("--replay", action="store_true", help="follow the stored candles of --start to --finish instead")
    live.add_argument(
        "--ml-mode", choices=["deploy", "gather"], default="deploy", help=with_default("mode of the strategy")
    )
    live.add_argument(
        "--notify", action="store_true", help=f"send fills and trades to the addresses (of apprise) in {NOTIFY}"
    )
    live.add_argument(
        "--take-over", action="store_true", help="let a model that is another one than the journal's take over"
    )
    live.add_argument(
        "--on-alarm",
        choices=["no_entries", "warn"],
        help="watch the models, and open nothing more after an alarm, or only tell of it; by default they are not",
    )
    live.add_argument(
        "--max-daily-loss",
        type=float,
        metavar="FRACTION",
        help="open nothing for the rest of a UTC day on which such a part of the equity was lost, such as 0.02",
    )
    live.add_argument(
        "--early", action="store_true", help="learn from websockets that a minute is over, and decide 2 s sooner"
    )
    live.add_argument("--json", action="store_true", help="print each event as a line of JSON")
    add_run_options(live)

    kill = add_command(commands, "kill", _kill, "Stop a live session from trading: cancel its orders, open nothing.")
    kill.add_argument("name", help="name of the session")
    act = kill.add_mutually_exclusive_group()
    act.add_argument("--flatten", action="store_true", help="close its positions as well")
    act.add_argument("--release", action="store_true", help="let it trade again")
    add_folder(kill)

    samples = add_command(
        commands, "live-samples", _live_samples, "Write the samples of a live session whose labels became known."
    )
    samples.add_argument("name", help="name of the session")
    add_folder(samples)

    parity = add_command(commands, "parity", _parity, "Compare a live session with a backtest over its candles.")
    parity.add_argument("name", help="name of the session")
    add_folder(parity)


def _live(options: argparse.Namespace) -> int:
    from livermore.live import ModelWatch
    from livermore.research import ProjectSession, StoredRun

    given = {name: getattr(options, name) for name in RUN_OPTIONS}
    project = ProjectSession(options.name, StoredRun.of_project(**given), options.ml_mode)
    show = _print_json if options.json else _print_line
    with _notified(show) if options.notify else nullcontext(show) as tell:
        settings = {
            "on_event": tell,
            "take_over": options.take_over,
            "model_watch": None if options.on_alarm is None else ModelWatch(on_alarm=options.on_alarm),
            "max_daily_loss": options.max_daily_loss,
        }
        return _run(project.replay(**settings) if options.replay else project.follow(early=options.early, **settings))


def _run(opened: "LiveSession") -> int:
    """Run a session until it ends or is stopped, and print how it did."""
    with opened as session, _signals(session):
        # A session that is there already has its own start, whatever --start says.
        begins = "starts at" if session.status()["last_minute"] is None else "goes on at"
        print_text(f"session {session.name} in {session.folder}, on paper, {begins} {_utc(session.next_minute)}")
        session.run()
        print_text("\n".join(_status_lines(session.status())))
    return 0


def _status_lines(status: Mapping[str, Any]) -> list[str]:
    """Return how a session is doing, as a person reads it; its process ends with these lines."""
    shown = {
        "session": status["session"],
        "last minute": _utc(status["last_minute"]) if status["last_minute"] is not None else "none yet",
        "entries": status["entries"],
        "stopped": ", ".join(status["stopped"]) or "no route",
        "equity": f"{status['equity']:,.2f}",
        "trades": f"{status['trades']:,}",
        "positions": ", ".join(f"{symbol} {qty:.8g}" for symbol, qty in status["positions"].items()),
        "waiting orders": ", ".join(f"{symbol} {count}" for symbol, count in status["orders"].items()),
    }
    return [f"{name}: {value}" for name, value in shown.items()] + [_model_line(model) for model in status["models"]]


def _model_line(model: Mapping[str, Any]) -> str:
    named = "" if model["model"] is None else f" {model['model']}"
    evidence = ", ".join(f"{question} {value:.3g}" for question, value in model["e_values"].items())
    counts = f"{model['predictions']:,} predictions, {model['labels']:,} labels"
    alarms = ", ".join(model["alarms"]) or "none"
    return (
        f"model of {model['route']}{named}: version {model['version'] or 'unknown'}, {counts}, alarms: {alarms} "
        f"(evidence: {evidence})"
    )


@contextmanager
def _notified(show: "Callable[[Event], None]") -> "Iterator[Callable[[Event], None]]":
    """Yield what shows an event and sends it to a person."""
    from livermore.live import Notifier, apprise_sender

    with Notifier(apprise_sender(os.environ.get(NOTIFY, "").split())) as notifier:

        def tell(event: "Event") -> None:
            show(event)
            notifier(event)

        yield tell


def _kill(options: argparse.Namespace) -> int:
    from livermore.research import open_kill_switch

    switch = open_kill_switch(options.name, options.folder)
    if options.release:
        switch.release()
        print_text(f"session {options.name} may trade again")
        return 0
    command = "flatten" if options.flatten else "cancel"
    switch.set(command)
    print_text(f"session {options.name}: {command}. Nothing is opened until: livermore kill {options.name} --release")
    return 0


def _live_samples(options: argparse.Namespace) -> int:
    from livermore.research import live_session_samples

    for name, path in live_session_samples(options.name, options.folder).items():
        print_text(f"samples of {name}: {path}")
    return 0


def _parity(options: argparse.Namespace) -> int:
    from livermore.research import live_parity

    found = live_parity(options.name, options.folder)
    print_text(str(found))
    return 0 if found.is_equal else FAILED


def _print_line(event: "Event") -> None:
    if event.kind not in QUIET:
        print_text(f"{_utc(event.time)}  {event}")


def _print_json(event: "Event") -> None:
    line = {"time": event.time, "kind": event.kind, "route": event.route, "data": event.values}
    print(json.dumps(line), flush=True)


def _utc(time_ms: int) -> str:
    return f"{minute(time_ms / 1000)} UTC"


@contextmanager
def _signals(session: "LiveSession") -> Iterator[None]:
    """End the session after the present minute on Ctrl-C and SIGTERM; set the kill switch on SIGUSR1."""

    def stop(number: int, frame: FrameType | None) -> None:
        # The second one does what it does elsewhere.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        session.stop()

    def kill(number: int, frame: FrameType | None) -> None:
        session.kill_switch.set()

    handlers: dict[int, Callable[[int, FrameType | None], None]] = {signal.SIGINT: stop, signal.SIGTERM: stop}
    if hasattr(signal, "SIGUSR1"):
        handlers[signal.SIGUSR1] = kill
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
