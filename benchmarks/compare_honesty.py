"""Does `compare_backtests` claim help where there is none, and see it where there is? Simulated bets, fixed seeds.

Run:  python benchmarks/compare_honesty.py [number of strategies per row] [engine]

With ``engine`` the strategies are backtested: on candles without edge, a strategy that enters at fixed bars, with stop
and target, is filtered by models that know nothing, with regimes of their own; their choices shift later entries.

Outcomes have heavy tails and regimes (a mean that wanders), models are filters with their own regimes, of any coverage,
some of which also size their bets. Without edge, decisions and outcomes have nothing to do with each other. With an
edge, passed bets bring `edge` standard deviations more than the average one. The last line chooses, for each strategy,
the best of ten models without edge, once telling of the ten trials and once keeping silent.
"""

import sys
import time

import numpy as np

from livermore.candles import synthetic_candles
from livermore.ml.evidence._paired import DAY, Bets, PairedComparison, compare_paired, match_bets
from livermore.research import compare_backtests
from livermore.strategies import Strategy

SETTINGS = [
    # bets, memory of outcomes, memory of decisions, sizes
    (100, 0.0, 0.0, False),
    (100, 0.9, 0.9, False),
    (400, 0.0, 0.0, False),
    (400, 0.9, 0.9, False),
    (400, 0.97, 0.97, False),
    (400, 0.9, 0.9, True),
    (1500, 0.97, 0.97, False),
]
EDGES = (0.0, 0.1, 0.2, 0.3)


def wandering(n: int, memory: float, random: np.random.Generator) -> np.ndarray:
    """Draw a series of unit variance with this autocorrelation."""
    series = random.normal(size=n)
    for i in range(1, n):
        series[i] = memory * series[i - 1] + np.sqrt(1 - memory**2) * series[i]
    return series


def simulated(
    n: int, outcomes: float, decisions: float, sizes: bool, edge: float, seed: int, model: int = 0
) -> tuple[Bets, Bets]:
    """Draw the bets of a strategy without and with a model; `model` numbers the models on the same outcomes."""
    random = np.random.default_rng(seed)
    opened = np.sort(random.integers(0, 365 * DAY, n))
    noise = random.standard_t(4, n) / np.sqrt(2)
    regime = wandering(n, outcomes, random) if outcomes else random.normal(size=n)
    side = np.where(random.random(n) < 0.5, "long", "short")
    closed = opened + random.integers(1, DAY, n)
    drift = random.choice([-0.002, 0.0, 0.002])
    random = np.random.default_rng([seed, model])
    view = wandering(n, decisions, random) if decisions else random.normal(size=n)
    passed = view > np.quantile(view, 1 - random.uniform(0.25, 0.75))
    lift = edge * (passed / passed.mean() - 1) * passed.mean() / max(1 - passed.mean(), 1e-9)
    value = 0.02 * (np.sqrt(0.85) * noise + np.sqrt(0.15) * regime + lift) + drift
    exposure = np.full(n, 0.5)
    label = np.full(n, "BTC-USDT"), side
    taken = exposure * np.where(sizes, 1 + np.clip(view - view.min(), 0, 3) / 3, 1.0)
    without = Bets(opened=opened, closed=closed, value=value, exposure=exposure, symbol=label[0], side=label[1])
    keep = np.flatnonzero(passed)
    with_model = Bets(
        opened=opened[keep],
        closed=closed[keep],
        value=value[keep],
        exposure=taken[keep],
        symbol=label[0][keep],
        side=label[1][keep],
    )
    return without, with_model


def judged(bets: tuple[Bets, Bets], trials: int, seed: int) -> PairedComparison:
    """Compare one pair of sides."""
    return compare_paired(
        match_bets(*bets), start=0, end=365 * DAY, trials=trials, n_draws=500, n_resamples=300, random_state=seed
    )


def verdicts(setting: tuple[int, float, float, bool], edge: float, n_strategies: int) -> list[str]:
    """Judge that many simulated strategies."""
    return [judged(simulated(*setting, edge, seed), 1, seed).helped for seed in range(n_strategies)]


def best_of_ten(setting: tuple[int, float, float, bool], n_strategies: int, trials: int) -> list[str]:
    """Judge the best of ten models without edge for each strategy."""
    found = []
    for seed in range(n_strategies):
        compared = [judged(simulated(*setting, 0.0, seed, model), trials, seed) for model in range(10)]
        found.append(min(compared, key=lambda one: one.p_value).helped)
    return found


class Blind:
    """A model that knows nothing, with a regime that lasts."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.memory = self.random.choice([0.0, 0.9, 0.97])
        self.bar = self.random.uniform(-0.7, 0.7)
        self.regime = self.random.normal()

    def predict_proba(self, features: dict) -> dict[int, float]:
        """Follow the regime."""
        self.regime = self.memory * self.regime + np.sqrt(1 - self.memory**2) * self.random.normal()
        probability = 1.0 if self.regime > self.bar else 0.0
        return {0: 1 - probability, 1: probability}


class Clockwork(Strategy):
    """Enters at fixed bars; in deploy mode if the model passes."""

    def ml_features(self):
        """Return something."""
        return {"bar": float(self.index)}

    def should_long(self):
        """Enter at every sixth bar."""
        return self.index % 6 == 0 and (self.ml_mode != "deploy" or self.ml_predict_proba()[1] >= 0.5)

    def go_long(self):
        """Place half of the account."""
        self.buy = self.available_margin * 0.5 / self.price, self.price

    def on_open_position(self, order):
        """Set stop and target."""
        self.stop_loss = self.position.qty, self.price * 0.99
        self.take_profit = self.position.qty, self.price * 1.012


def through_the_engine(n_strategies: int) -> None:
    """Backtest strategies without edge."""
    config = {"starting_balance": 10_000, "fee": 0.0004, "exchange": "Sandbox", "warm_up_candles": 0}
    config |= {"type": "futures", "futures_leverage": 1, "futures_leverage_mode": "cross"}
    route = {"exchange": "Sandbox", "symbol": "BTC-USDT", "timeframe": "15m"}
    started, found = time.perf_counter(), []
    for seed in range(n_strategies):
        rows = synthetic_candles(90 * 1440, seed=seed)
        candles = {"Sandbox-BTC-USDT": {"exchange": "Sandbox", "symbol": "BTC-USDT", "candles": rows}}
        found.append(
            compare_backtests(
                Clockwork,
                Blind(seed),
                config,
                [route],
                [],
                candles,
                draws=500,
                resamples=300,
                sanity=False,
                verbose=False,
            )["verdict"]["helped"]
        )
    yes, no = found.count("yes") / n_strategies, found.count("no") / n_strategies
    print(
        f"{n_strategies} backtested strategies without edge: 'yes' {yes:.1%}, 'no' {no:.1%} "
        f"({time.perf_counter() - started:.0f} s)"
    )


def main(n_strategies: int) -> None:
    """Print the table."""
    print(f"{n_strategies} strategies per row; share judged 'yes' (and 'no')")
    print(f"{'bets':>5} {'memory':>11} {'sizes':>6}" + "".join(f"{f'edge {edge}':>16}" for edge in EDGES))
    for setting in SETTINGS:
        n, outcomes, decisions, sizes = setting
        cells = []
        for edge in EDGES:
            found = verdicts(setting, edge, n_strategies)
            yes, no = found.count("yes") / n_strategies, found.count("no") / n_strategies
            cells.append(f"{f'{yes:.1%} ({no:.1%})':>16}")
        print(f"{n:>5} {outcomes:>5} {decisions:>5} {sizes!s:>6}" + "".join(cells), flush=True)
    told, silent = (best_of_ten(SETTINGS[3], n_strategies, trials).count("yes") / n_strategies for trials in (10, 1))
    print(f"best of ten models without edge, 400 bets: 'yes' {told:.1%} told of ten trials, {silent:.1%} told of one")


if __name__ == "__main__":
    (through_the_engine if "engine" in sys.argv else main)(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
