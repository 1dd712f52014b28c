"""Results of every step, and a headless Chromium that opens their reports."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from livermore.candles import synthetic_candles
from livermore.research import compare_backtests, train_model
from livermore.strategies import Strategy

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=20000",
)
# What is asked of a page once it is drawn; `page` is its document.
QUESTIONS = """
    const page = frame.contentDocument, view = frame.contentWindow;
    const answers = {
      errors: view.errors || [],
      title: page.title,
      places: page.querySelectorAll("[data-figure]").length,
      drawn: [...page.querySelectorAll("[data-figure]")].filter(
        place => place.querySelector(".main-svg .trace path, .main-svg .bars path")
      ).length,
      plots: page.querySelectorAll("svg.main-svg, canvas").length,
      width: view.innerWidth,
      pageWidth: page.documentElement.scrollWidth,
      tables: [...page.querySelectorAll(".table")].map(box => [box.scrollWidth, box.clientWidth]),
      smallest: Math.min(...[...page.querySelectorAll("td, p, li")].map(
        node => parseFloat(view.getComputedStyle(node).fontSize))),
      requests: view.performance.getEntriesByType("resource").map(entry => entry.name),
    };
"""


def samples(n: int = 500, task: str = "binary", seed: int = 0) -> list[dict]:
    """Draw samples with a weak edge and a feature with a long name."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 5))
    score = X[:, 0] + 0.4 * X[:, 1] + random.normal(scale=2, size=n)
    labels = {
        "binary": (score > 0).tolist(),
        "multiclass": (np.digitize(score, [-1, 1]) - 1).tolist(),
        "regression": (0.01 * score).tolist(),
    }[task]
    names = ["rsi_distance", "trend_strength_relative_to_long_average", "volume_z", "hour", "atr_ratio"]
    return [
        {
            "time": 1_700_000_000 + 3_600 * i,
            "features": dict(zip(names, X[i].tolist(), strict=True)),
            "label": {"name": "win", "value": labels[i]},
            "label_time": 1_700_000_000 + 3_600 * i + 7_200,
            "symbol": ("BTC-USDT", "ETH-USDT")[i % 2],
            "payoff": 0.01 * float(score[i]) - 0.001,
        }
        for i in range(n)
    ]


@pytest.fixture(scope="session")
def trained():
    """Train one model for each task."""
    estimators = {"binary": LogisticRegression(), "multiclass": LogisticRegression(), "regression": Ridge()}
    return {
        task: train_model(samples(task=task), estimator, task=task, verbose=False, name="TrendFilter")
        for task, estimator in estimators.items()
    }


@pytest.fixture(scope="session")
def gathered():
    """Return what gathering returns."""
    metrics = {"total": 120, "net_profit_percentage": 3.2, "win_rate": 0.51, "sharpe_ratio": 0.7}
    return {"data_points": samples(), "backtest_metrics": metrics}


@pytest.fixture(scope="session")
def compared():
    """Return what comparing returns, for a strategy on two symbols that trades both ways."""
    rows = {symbol: synthetic_candles(70 * 1440, seed=seed) for seed, symbol in enumerate(("BTC-USDT", "ETH-USDT"))}
    config = {"starting_balance": 10_000, "fee": 0.0004, "exchange": "Sandbox", "warm_up_candles": 0}
    config |= {"type": "futures", "futures_leverage": 1, "futures_leverage_mode": "cross"}
    routes = [{"exchange": "Sandbox", "symbol": symbol, "timeframe": "1h"} for symbol in rows]
    candles = {f"Sandbox-{s}": {"exchange": "Sandbox", "symbol": s, "candles": array} for s, array in rows.items()}
    return compare_backtests(BothWays, Coin(), config, routes, [], candles, draws=200, resamples=200, verbose=False)


class BothWays(Strategy):
    """Enters one way or the other at every fourth bar."""

    def ml_features(self):
        return {"index": float(self.index)}

    def signal(self, which):
        mine = self.index % 8 == which
        return mine and (self.ml_mode != "deploy" or self.ml_predict_proba()[1] > 0.4)

    def should_long(self):
        return self.signal(0)

    def should_short(self):
        return self.signal(4)

    def go_long(self):
        self.buy = 0.2 * self.available_margin / self.price, self.price

    def go_short(self):
        self.sell = 0.2 * self.available_margin / self.price, self.price

    def on_open_position(self, order):
        away = 0.01 * self.price if self.is_long else -0.01 * self.price
        self.stop_loss = abs(self.position.qty), self.price - away
        self.take_profit = abs(self.position.qty), self.price + away


class Coin:
    """A model that tosses."""

    def __init__(self):
        self.random = np.random.default_rng(0)

    def predict_proba(self, features):
        probability = float(self.random.random())
        return {0: 1 - probability, 1: probability}


class Browser:
    """Opens pages in a frame of some width and asks questions about them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ask(self, page: str, width: int) -> SimpleNamespace:
        """Open a page; return its answers and what it wrote to the console."""
        watched = page.replace(
            "<head>", "<head><script>window.errors=[];onerror=m=>errors.push(String(m));</script>", 1
        )
        outer = f"""<!DOCTYPE html><html><body style="margin:0"><pre id="answers"></pre>
            <iframe id="frame" style="width:{width}px;height:2000px;border:0" srcdoc="{html.escape(watched)}"></iframe>
            <script>const frame = document.getElementById("frame");
            frame.addEventListener("load", () => setTimeout(() => {{ {QUESTIONS}
              document.getElementById("answers").textContent = JSON.stringify(answers);
              frame.remove();
            }}, 1500));</script></body></html>"""
        file = self.folder / "outer.html"
        file.write_text(outer)
        done = self._run("--window-size=1300,2200", "--dump-dom", file.as_uri())
        found = re.search(r'<pre id="answers">(.+?)</pre>', done.stdout, re.DOTALL)
        assert found, f"the page did not answer: {done.stderr[-2000:]}"
        answers = SimpleNamespace(**json.loads(html.unescape(found[1])))
        answers.console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return answers

    def open(self, file: Path) -> SimpleNamespace:
        """Open a file as a user does; return its document after scripts ran, and what they wrote to the console."""
        done = self._run("--dump-dom", file.as_uri())
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return SimpleNamespace(document=done.stdout, console=console)

    def screenshot(self, page: str, target: Path, width: int, height: int) -> None:
        """Take a picture of a page."""
        file = self.folder / "page.html"
        file.write_text(page)
        self._run(f"--window-size={width},{height}", f"--screenshot={target}", "--hide-scrollbars", file.as_uri())

    def _run(self, *arguments: str) -> subprocess.CompletedProcess:
        profile = self.folder / "profile"
        shutil.rmtree(profile, ignore_errors=True)
        command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.fixture
def browser(tmp_path):
    """Return a headless Chromium; the test is skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
    return Browser(tmp_path)
