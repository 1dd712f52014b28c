"""Live sessions: candle closed to order decided, restart after a month, memory over a month, equality over many trades.

usage: live.py [--smoke]

Latency is from the time at which a closed minute is handed to the session until its events, orders included, are in
the journal. Nothing here depends on a network: feeds are arrays, or the loopback exchange over real sockets.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from livermore.candles import MINUTE_MS, synthetic_candles
from livermore.engine import BacktestSpec
from livermore.live import ExchangeFeed, LiveSession, ManualClock, StoredFeed, check_parity
from livermore.strategies import Strategy
from livermore.testing import LoopbackExchange

EXCHANGE = "Kraken Pro Spot"
CONFIG = {"exchange": EXCHANGE, "type": "spot", "starting_balance": 10_000_000, "fee": 0.001, "warm_up_candles": 0}


class Trader(Strategy):
    """Buys each rising bar at the market with a stop, and sells at the next."""

    def should_long(self) -> bool:
        """Buy after a rising bar."""
        return bool(self.close > self.open)

    def go_long(self) -> None:
        """Buy at the market."""
        self.buy = 0.01, self.price

    def on_open_position(self, order: Any) -> None:
        """Set a stop."""
        self.stop_loss = self.position.qty, self.price * 0.99

    def update_position(self) -> None:
        """Sell at the next bar."""
        self.liquidate()


def spec_of(symbols: list[str], timeframe: str = "1m") -> BacktestSpec:
    market = [{"exchange": EXCHANGE, "symbol": symbol, "timeframe": timeframe} for symbol in symbols]
    return BacktestSpec(CONFIG, [{**route, "strategy": Trader} for route in market])


def candles_of(n_symbols: int, minutes: int) -> dict[str, np.ndarray]:
    return {f"S{i}-USDT": synthetic_candles(minutes, seed=i + 1) for i in range(n_symbols)}


def start_of(candles: dict[str, np.ndarray]) -> int:
    return int(next(iter(candles.values()))[0, 0])


def memory_mb() -> float:
    """Return the resident memory of now, not its maximum."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def latency(n_symbols: int, minutes: int) -> None:
    candles = candles_of(n_symbols, minutes)
    with tempfile.TemporaryDirectory() as folder:
        feed = StoredFeed(candles)
        times = []
        with LiveSession(spec_of(list(candles)), feed, Path(folder) / "s", start=start_of(candles)) as session:
            for _ in range(minutes):
                feed.clock.sleep_until(feed.due() or 0)
                begun = time.perf_counter()
                session.run(until=feed.clock.now())
                times.append(time.perf_counter() - begun)
                # What a session does before it sleeps.
                session.journal.rest()
        p50, p99 = np.percentile(times, [50, 99]) * 1000
        print(f"closed minute to decided and journalled, {n_symbols:2} symbols: p50 {p50:6.2f} ms, p99 {p99:6.2f} ms")


def restart(n_symbols: int, minutes: int, timeframe: str) -> None:
    """Times are CPU times: other programs on the machine do not count."""
    candles = candles_of(n_symbols, minutes)
    with tempfile.TemporaryDirectory() as folder:
        spec, path = spec_of(list(candles), timeframe), Path(folder) / "s"
        before, begun = memory_mb(), time.process_time()
        with LiveSession(spec, StoredFeed(candles), path, start=start_of(candles)) as session:
            session.run(until=start_of(candles) + minutes // 2 * MINUTE_MS)
            half = memory_mb()
            session.run()
            trades, after = len(session.session.trades), memory_mb()
        ran = time.process_time() - begun
        size = sum(file.stat().st_size for file in path.iterdir()) / 1e6
        feed, begun = StoredFeed(candles), time.process_time()
        with LiveSession(spec, feed, path):
            took = time.process_time() - begun
        print(
            f"{minutes:,} minutes of {n_symbols} symbols, {timeframe}: {trades:,} trades in {ran:.1f} s of CPU, "
            f"journal {size:.0f} MB; restart {took:.2f} s of CPU; resident {before:.0f}, {half:.0f}, {after:.0f} MB"
        )


def equality(minutes: int) -> None:
    candles = candles_of(2, minutes)
    spec, start = spec_of(list(candles)), start_of(candles)
    trades = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ("kraken", "binanceusdm"):
            path = Path(folder) / name
            begun = time.perf_counter()
            with LoopbackExchange(candles, name, clock=ManualClock(start)) as exchange:
                for stop in (minutes // 3, minutes):
                    feed = ExchangeFeed(exchange.client(), list(candles), clock=exchange.clock)
                    with LiveSession(spec, feed, path, start=start) as session:
                        session.run(until=start + stop * MINUTE_MS)
            took = time.perf_counter() - begun
            parity = check_parity(path, spec)
            trades += parity.trades
            outcome = "equal to replay and backtest" if parity.is_equal else f"DIFFERENT: {parity.differences}"
            took_text = f"{parity.minutes:,} minutes, {parity.trades:,} trades in {took:.0f} s"
            print(f"over real sockets, {name}: {took_text}: {outcome}")
    print(f"trades compared: {trades:,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="small sizes: does it run?")
    small = parser.parse_args().smoke
    latency(1, 100 if small else 2_000)
    latency(50, 20 if small else 500)
    restart(1, 1_000 if small else 43_200, "1m")
    restart(1, 1_000 if small else 43_200, "15m")
    restart(20, 200 if small else 43_200, "15m")
    equality(200 if small else 10_000)


if __name__ == "__main__":
    main()
