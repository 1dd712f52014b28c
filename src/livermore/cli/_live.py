"""Commands of live sessions: ``live``, ``kill``, ``live-samples`` and ``parity``."""

import argparse
import json
import math
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import TYPE_CHECKING, Any

from livermore.cli._backtests import RUN_OPTIONS, add_run_options
from livermore.cli._live_models import add_model_options, model_settings
from livermore.cli._live_status import utc
from livermore.cli._parsing import FAILED, Commands, add_command, add_folder, with_default
from livermore.console import print_text
from livermore.errors import ConfigError

if TYPE_CHECKING:
    from livermore.live import Event, ExchangeAccount, LiveSession

__all__ = ["add_commands"]

#: Addresses as apprise takes them, with blanks between. They hold secrets, so no option has them.
NOTIFY = "LIVERMORE_NOTIFY"
#: Events that are only written to the journal: there may be many.
QUIET = ("equity", "prediction", "sample", "label")


def add_commands(commands: Commands) -> None:
    """Add the commands of this module."""
    live = add_command(
        commands, "live", _live, "Trade a strategy on paper, or on an exchange with --real: follow it minute by minute."
    )
    live.add_argument("--name", default="paper", help=with_default("name of the session; it goes on if there is one"))
    where = live.add_mutually_exclusive_group()
    where.add_argument("--paper", action="store_true", help="on paper, as it is without --real")
    where.add_argument("--replay", action="store_true", help="follow the stored candles of --start to --finish instead")
    where.add_argument("--real", metavar="EXCHANGE", help="send real orders to kraken or binanceusdm")
    _add_account_options(live)
    live.add_argument(
        "--ml-mode", choices=["deploy", "gather"], default="deploy", help=with_default("mode of the strategy")
    )
    live.add_argument(
        "--notify", action="store_true", help=f"send fills, trades and alarms to the addresses (of apprise) in {NOTIFY}"
    )
    live.add_argument(
        "--max-daily-loss",
        type=float,
        metavar="FRACTION",
        help="open nothing for the rest of a UTC day on which such a part of the equity was lost, such as 0.02",
    )
    live.add_argument(
        "--max-age",
        type=float,
        default=90.0,
        metavar="SECONDS",
        help=with_default("candles that come later than this after their end open nothing"),
    )
    live.add_argument(
        "--early", action="store_true", help="learn from websockets that a minute is over, and decide 2 s sooner"
    )
    live.add_argument("--json", action="store_true", help="print each event as a line of JSON")
    add_model_options(live)
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


def _add_account_options(live: argparse.ArgumentParser) -> None:
    """Add what is asked of real orders."""
    account = live.add_argument_group(
        "real orders", "Keys are in LIVERMORE_<EXCHANGE>_<ACCOUNT>_KEY and _SECRET, or in the keyring of the system."
    )
    account.add_argument("--account", metavar="NAME", help="what you call the account")
    account.add_argument("--confirm", metavar='"EXCHANGE NAME"', help="exchange and account once more: orders are real")
    account.add_argument(
        "--on-mismatch",
        choices=["refuse", "adopt", "close"],
        default="refuse",
        help=with_default("what happens where the account is not as the session left it"),
    )
    account.add_argument("--max-order-value", type=float, metavar="AMOUNT", help="largest value of one order")
    account.add_argument("--max-position-value", type=float, metavar="AMOUNT", help="largest value of a position")
    account.add_argument("--max-orders-per-minute", type=int, metavar="COUNT", help="of entries, in any 60 s")
    account.add_argument("--price-band", type=float, metavar="FRACTION", help="how far a price may be from the last")
    account.add_argument(
        "--dead-man",
        type=float,
        metavar="SECONDS",
        help="let the exchange cancel waiting entries when it has not heard of the session for so long",
    )


def _account(options: argparse.Namespace) -> "ExchangeAccount | None":
    """Return the account for real orders; None on paper."""
    if options.real is None:
        return None
    from livermore.live import Limits, connect_account

    limits = Limits(
        order_value=options.max_order_value,
        position_value=options.max_position_value,
        orders_per_minute=options.max_orders_per_minute,
        price_band=options.price_band,
    )
    if options.account is None:
        raise ConfigError("--real needs --account NAME, and --confirm with both")
    return connect_account(
        options.real,
        options.account,
        confirm=options.confirm,
        limits=limits,
        on_mismatch=options.on_mismatch,
        dead_man_ms=None if options.dead_man is None else _milliseconds("--dead-man", options.dead_man),
    )


def _milliseconds(option: str, seconds: float) -> int:
    if not math.isfinite(seconds):
        raise ConfigError(f"{option} is a number of seconds, such as 60; it is {seconds}")
    return int(1000 * seconds)


def _live(options: argparse.Namespace) -> int:
    from livermore.research import ProjectSession, StoredRun

    given = {name: getattr(options, name) for name in RUN_OPTIONS}
    project = ProjectSession(options.name, StoredRun.of_project(**given), options.ml_mode)
    show = _print_json if options.json else _print_line
    with _notified(show) if options.notify else nullcontext(show) as tell:
        settings = {
            "on_event": tell,
            **model_settings(options, project.run.strategy),
            "max_age_ms": _milliseconds("--max-age", options.max_age),
            "max_daily_loss": options.max_daily_loss,
        }
        if options.replay:
            session = project.replay(**settings)
        else:
            session = project.follow(early=options.early, account=_account(options), **settings)
        return _run(session, _say_json if options.json else _say_lines)


def _run(opened: "LiveSession", say: "Callable[[str, LiveSession], None]") -> int:
    """Run a session until it ends or is stopped, and say how it began and ended."""
    with opened as session, _signals(session):
        say("session_begins", session)
        session.run()
        say("session_ends", session)
    return 0


def _say_lines(what: str, session: "LiveSession") -> None:
    status = session.status()
    if what == "session_ends":
        print_text("\n".join(_status_lines(status)))
        return
    # A session that is there already has its own start, whatever --start says.
    begins = "starts at" if status["last_minute"] is None else "goes on at"
    print_text(f"session {session.name} in {session.folder}, {status['where']}, {begins} {utc(session.next_minute)}")


def _say_json(what: str, session: "LiveSession") -> None:
    status = session.status()
    print(json.dumps({"time": session.next_minute, "kind": what, "route": "", "data": status}, default=str), flush=True)


def _status_lines(status: Mapping[str, Any]) -> list[str]:
    """Return how a session is doing, as a person reads it; its process ends with these lines."""
    shown = {
        "session": status["session"],
        "last minute": utc(status["last_minute"]) if status["last_minute"] is not None else "none yet",
        "entries": status["entries"],
        "stopped routes": ", ".join(status["stopped"]) or "none",
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
        print_text(f"{utc(event.time)}  {event}")


def _print_json(event: "Event") -> None:
    line = {"time": event.time, "kind": event.kind, "route": event.route, "data": event.values}
    print(json.dumps(line), flush=True)


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
