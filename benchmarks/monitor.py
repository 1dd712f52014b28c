"""Alarms about models in live sessions on paper: how often there is a false one, and after how many labels a true one.

usage: monitor.py [--sessions N] [--minutes N] [--smoke]

Each session runs on a market of its own, of one-minute bars, in which a rise follows a rise with a fixed probability
that the model knows. In the unchanged markets any alarm in the whole life of the session is false. In the others the
probability changes in the middle. Alarms are looked for after every minute, at a level of 5 %.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.live.turning_market import START, Follower, Persistence, candles

from livermore.engine import BacktestSpec
from livermore.live import LiveSession, ModelWatch, StoredFeed

MARKET = {"exchange": "Sandbox", "symbol": "BTC-USDT"}
CONFIG = {"exchange": "Sandbox", "type": "spot", "starting_balance": 10_000, "fee": 0, "warm_up_candles": 0}
LEVEL = 0.05


class Found(NamedTuple):
    """The first alarm of a session; None for both if there was none.

    Attributes
    ----------
    question : str or None
        What it is about.
    labels : int or None
        After how many labels since the middle of the session; negative before it.
    """

    question: str | None
    labels: int | None


def first_alarm(n: int, before: float, after: float, seed: int) -> Found:
    """Run a session to its end, and return its first alarm."""
    rows = candles(n, n // 2, before=before, after=after, seed=seed)
    spec = BacktestSpec(CONFIG, [{**MARKET, "timeframe": "1m", "strategy": Follower}])
    deployed = spec.with_(ml_mode="deploy", model=Persistence(before))
    watch = ModelWatch(on_alarm="warn", level=LEVEL)
    with tempfile.TemporaryDirectory() as folder:
        feed = StoredFeed({"BTC-USDT": rows})
        with LiveSession(deployed, feed, f"{folder}/s", start=START, model_watch=watch) as session:
            session.run()
            events = session.journal.model_events()
    middle = START + 60_000 * (n // 2)
    labels = 0
    for _, event in events:
        labels += event.kind == "label" and event.time > middle
        if event.kind == "alarm":
            before_middle = event.time <= middle
            return Found(event.values["question"], -1 if before_middle else labels)
        if event.kind == "watch_ended":
            raise RuntimeError(f"the watch of seed {seed} ended: {event.values}")
    return Found(None, None)


def report(sessions: int, n: int, before: float, after: float) -> None:
    """Print one line about sessions whose market changes, or does not."""
    found = [first_alarm(n, before, after, seed) for seed in range(sessions)]
    about: Counter[Any] = Counter(alarm.question for alarm in found if alarm.question is not None)
    what = ", ".join(f"{question} {count}" for question, count in about.most_common()) or "-"
    labels = np.array([alarm.labels for alarm in found if alarm.labels is not None and alarm.labels >= 0])
    early = sum(alarm.labels is not None and alarm.labels < 0 for alarm in found)
    if before == after:
        print(f"P {before:.2f} throughout: {sum(about.values())} of {sessions} sessions with an alarm ({what})")
        return
    when = ""
    if len(labels):
        low, median, high = np.quantile(labels, [0.1, 0.5, 0.9])
        when = f"; labels until it {median:.0f} in the median ({low:.0f} to {high:.0f} for 80 %)"
    print(
        f"P {before:.2f}, then {after:.2f}: {early} of {sessions} with an alarm before, {len(labels)} after the change"
        f"{when} ({what})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--minutes", type=int, default=2_500)
    parser.add_argument("--smoke", action="store_true", help="a few short sessions")
    options = parser.parse_args()
    sessions, minutes = (3, 600) if options.smoke else (options.sessions, options.minutes)
    for before in (0.6, 0.75):
        report(sessions, minutes, before, before)
        for after in (1 - before, 0.5):
            report(max(3, sessions // 4), minutes, before, after)


if __name__ == "__main__":
    main()
