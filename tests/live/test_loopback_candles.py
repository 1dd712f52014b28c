"""The loopback exchange's candles, through ccxt's own classes."""

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from livermore.candles import MINUTE_MS, synthetic_candles
from livermore.errors import CandleError, ConfigError
from livermore.live import ManualClock
from livermore.testing import LoopbackExchange
from livermore.testing.loopback import (
    Disconnect,
    DuplicateRows,
    HttpError,
    LoopbackMarket,
    Malformed,
    NoRows,
    ReversedRows,
    Stall,
    partial_candle,
)

ccxt = pytest.importorskip("ccxt", reason="needs the extra ccxt")

ROWS = synthetic_candles(3000, seed=1)
SYMBOLS = {"kraken": "BTC/USDT", "binanceusdm": "BTC/USDT:USDT"}
#: What a path contains that asks for candles.
PATHS = {"kraken": "OHLC", "binanceusdm": "klines"}
#: Half a minute after candle 2000 opened.
NOW = int(ROWS[2000, 0]) + 30_000
TO_OURS = [0, 1, 4, 2, 3, 5]


@pytest.fixture(params=sorted(SYMBOLS))
def exchange(request: pytest.FixtureRequest) -> Iterator[LoopbackExchange]:
    with LoopbackExchange({"BTC-USDT": ROWS, "ETH-USDT": ROWS}, request.param, clock=ManualClock(NOW)) as exchange:
        yield exchange


def fetch(exchange: LoopbackExchange, client: Any = None, **options: Any) -> np.ndarray:
    rows = (client or exchange.client()).fetch_ohlcv(SYMBOLS[exchange.name], "1m", **options)
    return np.array(rows)[:, TO_OURS] if rows else np.empty((0, 6))


def test_ccxt_reads_the_candles_that_were_given(exchange: LoopbackExchange) -> None:
    fetched = fetch(exchange, since=int(ROWS[1900, 0]))
    assert np.array_equal(fetched[:-1], ROWS[1900:2000])
    assert exchange.unknown_requests == []


def test_the_last_candle_is_not_over_yet(exchange: LoopbackExchange) -> None:
    last = fetch(exchange)[-1]
    assert last[0] == ROWS[2000, 0]
    assert last.tolist() == partial_candle(ROWS[2000], NOW).tolist()
    assert last[5] < ROWS[2000, 5]


def test_candles_of_the_future_are_not_shown_until_the_clock_gets_there(exchange: LoopbackExchange) -> None:
    assert fetch(exchange)[-1, 0] == ROWS[2000, 0]
    exchange.clock.sleep_until(int(ROWS[2010, 0]))
    # A candle that opens at this very time has had no trade.
    assert fetch(exchange)[-1].tolist() == ROWS[2009].tolist()


def test_kraken_shows_the_last_720_candles_whatever_is_asked() -> None:
    with LoopbackExchange({"BTC-USDT": ROWS}, "kraken", clock=ManualClock(NOW)) as exchange:
        assert len(fetch(exchange)) == 720
        assert fetch(exchange, since=int(ROWS[5, 0]))[0, 0] == ROWS[2001 - 720, 0]


def test_binance_pages_from_any_time_on_and_begins_with_the_first_candle() -> None:
    with LoopbackExchange({"BTC-USDT": ROWS}, "binanceusdm", clock=ManualClock(NOW)) as exchange:
        assert len(fetch(exchange)) == 500
        page = fetch(exchange, since=int(ROWS[5, 0]), limit=100)
        assert np.array_equal(page, ROWS[5:105])
        before_listing = fetch(exchange, since=int(ROWS[0, 0]) - 10_000 * MINUTE_MS, limit=10)
        assert np.array_equal(before_listing, ROWS[:10])
        client = exchange.client()
        client.load_markets()
        raw = client.fapiPublicGetKlines({"symbol": "BTCUSDT", "interval": "1m", "limit": 1500})
        assert len(raw) == 1500
        with pytest.raises(ccxt.ExchangeError, match="limit"):
            client.fapiPublicGetKlines({"symbol": "BTCUSDT", "interval": "1m", "limit": 1501})


def test_a_minute_without_a_candle_is_not_shown() -> None:
    rows = np.delete(ROWS, slice(1990, 1995), axis=0)
    with LoopbackExchange({"BTC-USDT": rows}, "kraken", clock=ManualClock(NOW)) as exchange:
        assert np.diff(fetch(exchange)[-20:, 0]).max() == 6 * MINUTE_MS


def test_the_exchanges_clock_can_be_off(exchange: LoopbackExchange) -> None:
    client = exchange.client()
    exact = client.fetch_time()
    exchange.skew_ms = 5_000
    assert abs(exact - NOW) < 1_000
    assert client.fetch_time() - exact == 5_000


def test_markets_have_the_steps_and_limits_that_were_given() -> None:
    from decimal import Decimal

    market = LoopbackMarket("SOL-USDC", ROWS, price_step=Decimal("0.001"), qty_step=Decimal("0.1"), min_qty=Decimal(1))
    for name, symbol in (("kraken", "SOL/USDC"), ("binanceusdm", "SOL/USDC:USDC")):
        with LoopbackExchange({"SOL-USDC": market}, name) as exchange:
            found = exchange.client().load_markets()[symbol]
            assert found["precision"]["price"] == 0.001
            assert found["precision"]["amount"] == 0.1
            assert found["limits"]["amount"]["min"] == 1
            assert found["limits"]["cost"]["min"] == 5


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (HttpError(429), "NetworkError"),
        (HttpError(503), "ExchangeNotAvailable"),
        (Disconnect(), "NetworkError"),
    ],
)
def test_a_scripted_fault_is_an_error_of_ccxt_and_the_next_request_goes_well(
    exchange: LoopbackExchange, fault: Any, error: str
) -> None:
    client = exchange.client()
    client.load_markets()
    exchange.faults.add(fault, path=PATHS[exchange.name])
    with pytest.raises(getattr(ccxt, error)):
        fetch(exchange, client)
    assert len(fetch(exchange, client)) > 400


def test_a_damaged_answer_has_no_candles(exchange: LoopbackExchange) -> None:
    client = exchange.client()
    client.load_markets()
    exchange.faults.add(Malformed(), path=PATHS[exchange.name])
    try:
        rows = client.fetch_ohlcv(SYMBOLS[exchange.name], "1m")
    except ccxt.BaseError:
        rows = []
    # For Binance, ccxt takes each character of the text for a row, without prices, and raises nothing.
    assert all(row[1:] == [None] * 5 for row in rows)


def test_a_stalled_answer_is_a_timeout(exchange: LoopbackExchange) -> None:
    client = exchange.client(timeout=30_000)
    client.load_markets()
    client.timeout = 1_000
    exchange.faults.add(Stall(60), path=PATHS[exchange.name])
    with pytest.raises(ccxt.RequestTimeout):
        fetch(exchange, client)


def test_faults_can_wait_and_repeat(exchange: LoopbackExchange) -> None:
    client = exchange.client()
    client.load_markets()
    exchange.faults.add(HttpError(500), path=PATHS[exchange.name], after=1, times=2)
    outcomes = []
    for _ in range(4):
        try:
            fetch(exchange, client)
            outcomes.append("candles")
        except ccxt.BaseError:
            outcomes.append("error")
    assert outcomes == ["candles", "error", "error", "candles"]


def test_rows_of_an_answer_can_be_doubled_reversed_or_missing(exchange: LoopbackExchange) -> None:
    client = exchange.client()
    right = fetch(exchange, client)
    path = PATHS[exchange.name]
    exchange.faults.add(DuplicateRows(), path=path)
    # ccxt sorts rows and leaves duplicates.
    assert fetch(exchange, client)[-4:, 0].tolist() == right[[-2, -2, -1, -1], 0].tolist()
    exchange.faults.add(NoRows(), path=path)
    assert len(fetch(exchange, client)) == 0
    exchange.faults.add(ReversedRows(), path=path)
    raw = client.publicGetOHLC if exchange.name == "kraken" else client.fapiPublicGetKlines
    asked = {"pair": "XBTUSDT", "interval": 1} if exchange.name == "kraken" else {"symbol": "BTCUSDT", "interval": "1m"}
    answer = raw(asked)
    rows = answer["result"]["XBTUSDT"] if exchange.name == "kraken" else answer
    assert int(rows[0][0]) > int(rows[-1][0])


async def watched(exchange: LoopbackExchange, steps: list[int], client: Any) -> list[list[float]]:
    """Return the newest candle after each step of the clock, in ms."""
    symbol, found = SYMBOLS[exchange.name], []
    found.append(list((await client.watch_ohlcv(symbol, "1m"))[-1]))
    for step in steps:
        coming = asyncio.ensure_future(client.watch_ohlcv(symbol, "1m"))
        await asyncio.sleep(0)
        await asyncio.get_running_loop().run_in_executor(None, exchange.clock.advance, step)
        found.append(list((await asyncio.wait_for(coming, 20))[-1]))
    return found


def test_a_stream_follows_the_clock(exchange: LoopbackExchange) -> None:
    async def follow() -> list[list[float]]:
        client = exchange.client("pro")
        try:
            return await watched(exchange, [20_000, 20_000, 20_000], client)
        finally:
            await client.close()

    found = np.array(asyncio.run(follow()))[:, TO_OURS]
    times = [NOW, NOW + 20_000, NOW + 40_000, NOW + 60_000]
    assert found[0].tolist() == partial_candle(ROWS[2000], times[0]).tolist()
    assert found[-1].tolist() == partial_candle(ROWS[2001], times[-1]).tolist()


def test_a_closed_stream_is_an_error_of_ccxt_and_can_be_watched_again(exchange: LoopbackExchange) -> None:
    async def follow() -> list[list[float]]:
        client, symbol = exchange.client("pro"), SYMBOLS[exchange.name]
        loop = asyncio.get_running_loop()
        try:
            await client.watch_ohlcv(symbol, "1m")
            coming = asyncio.ensure_future(client.watch_ohlcv(symbol, "1m"))
            await asyncio.sleep(0)
            await loop.run_in_executor(None, exchange.close_websockets)
            with pytest.raises(ccxt.NetworkError):
                await asyncio.wait_for(coming, 20)
            coming = asyncio.ensure_future(client.watch_ohlcv(symbol, "1m"))
            await asyncio.sleep(0)
            await loop.run_in_executor(None, exchange.clock.advance, 120_000)
            rows: list[list[float]] = await asyncio.wait_for(coming, 20)
            return rows
        finally:
            await client.close()

    assert len(asyncio.run(follow())) >= 1


def test_a_silent_stream_is_neither_an_error_nor_a_candle(exchange: LoopbackExchange) -> None:
    async def follow() -> None:
        client, symbol = exchange.client("pro"), SYMBOLS[exchange.name]
        try:
            await client.watch_ohlcv(symbol, "1m")
            coming = asyncio.ensure_future(client.watch_ohlcv(symbol, "1m"))
            exchange.silence_websockets()
            await asyncio.get_running_loop().run_in_executor(None, exchange.clock.advance, 120_000)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(coming, 0.3)
        finally:
            await client.close()

    asyncio.run(follow())


def test_what_cannot_be_an_exchange_is_refused() -> None:
    with pytest.raises(ConfigError, match="'mtgox'; there are kraken, binanceusdm"):
        LoopbackExchange({"BTC-USDT": ROWS}, "mtgox")
    with pytest.raises(ConfigError, match="at least one symbol"):
        LoopbackExchange({})
    with pytest.raises(CandleError, match="dash"):
        LoopbackExchange({"BTCUSDT": ROWS})
    with pytest.raises(CandleError):
        LoopbackExchange({"BTC-USDT": ROWS[::-1]})


def test_a_part_of_the_exchange_that_is_missing_is_named(exchange: LoopbackExchange) -> None:
    client = exchange.client()
    with pytest.raises(ccxt.BaseError):
        client.fetch_trades(SYMBOLS[exchange.name])
    assert len(exchange.unknown_requests) == 1


def test_a_partial_candle_lies_within_its_candle_and_ends_as_it() -> None:
    for row in ROWS[:200]:
        for elapsed in (1, 15_000, 29_999, 45_000, 60_000):
            part = partial_candle(row, int(row[0]) + elapsed)
            assert row[4] <= part[4] <= part[2] <= part[3] <= row[3]
        assert part.tolist() == row.tolist()
