"""Downloads, through ccxt's own classes, from an exchange on this machine that goes wrong by script."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytest.importorskip("ccxt", reason="needs ccxt: pip install 'livermore[ccxt]'")

from livermore.candles import Base, CandleStore, ExchangeMarket, download, project_store, resample, synthetic_candles
from livermore.candles._download import missing_stretches
from livermore.candles._retry import Retry
from livermore.cli import main
from livermore.errors import CandlesNotFoundError, ExchangeError
from livermore.live import ManualClock
from livermore.testing.loopback import (
    Disconnect,
    DuplicateRows,
    HttpError,
    LoopbackExchange,
    Malformed,
    NoRows,
    ReversedRows,
)
from livermore.typing import Rows

DAY = 1440
DAY_MS = DAY * 60_000
CANDLES = np.round(synthetic_candles(5 * DAY, seed=3), 2)  # from 2021-01-01 on
START = int(CANDLES[0, 0])
END = START + 5 * DAY_MS


def silent(done: int, total: int) -> None:
    pass


class Fixture:
    """A store, and a Binance on this machine from which it is filled."""

    def __init__(self, exchange: LoopbackExchange, store: CandleStore, market: str = "BTC/USDT:USDT") -> None:
        self.exchange = exchange
        self.store = store
        self.pauses: list[float] = []
        self.client = exchange.client()
        self.client.load_markets()
        self.market = ExchangeMarket(self.client, "Here", "BTC-USDT", market, Retry(sleep=self.pauses.append))

    def download(self, start: int = START) -> Any:
        return download(self.store, self.market, start, silent)

    def stored(self) -> Rows:
        return self.store.read("Here", "BTC-USDT")

    def requests(self, path: str = "klines") -> list[int]:
        """Count the requests for candles from now on: the starts that they ask for, UTC ms."""
        asked: list[int] = []
        fetch = self.client.fetch_ohlcv

        def counted(market: str, timeframe: str, since: int, limit: int) -> Any:
            asked.append(since)
            return fetch(market, timeframe, since, limit)

        self.client.fetch_ohlcv = counted
        return asked


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Fixture]]:
    opened: list[Fixture] = []

    def open_exchange(candles: Rows = CANDLES, name: str = "binanceusdm", clock: Any = None, **options: Any) -> Fixture:
        exchange = LoopbackExchange({"BTC-USDT": candles}, name, clock=clock)
        exchange.__enter__()
        store = CandleStore(tmp_path / "store")
        opened.append(Fixture(exchange, store, "BTC/USDT" if name == "kraken" else "BTC/USDT:USDT"))
        return opened[-1]

    yield open_exchange
    for fixture in opened:
        fixture.client.close()
        fixture.exchange.__exit__(None, None, None)


def settled(rows: Rows) -> Rows:
    """Return the candles that count as complete at the end of `CANDLES`: the last one may still be corrected."""
    return rows[rows[:, 0] < END - 60_000]


def test_all_candles_come_and_the_last_one_waits_until_it_is_settled(serve: Callable[..., Fixture]) -> None:
    here = serve()
    done = here.download()
    assert np.array_equal(here.stored(), settled(CANDLES))
    assert (done.rows, done.first, done.last) == (len(CANDLES) - 1, START, END - 120_000)
    assert here.pauses == []


FAULTS = [*map(HttpError, (429, 418, 503)), Disconnect(), Malformed(), DuplicateRows(), ReversedRows(), NoRows()]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_what_goes_wrong_now_and_then_leaves_no_trace(fault: Any, serve: Callable[..., Fixture]) -> None:
    here = serve()
    for after in (0, 2, 4, 7):
        here.exchange.faults.add(fault, path="klines", after=after, times=1)
    here.download()
    assert np.array_equal(here.stored(), settled(CANDLES))


def test_pauses_double_and_the_download_goes_on_where_it_stopped(serve: Callable[..., Fixture]) -> None:
    here = serve()
    here.exchange.faults.add(HttpError(503), path="klines", after=6, times=6)
    with pytest.raises(ExchangeError, match=r"Here BTC-USDT, 1m candles from 2021-01-.*failed 6 times.*run it again"):
        here.download()
    assert here.pauses == [1, 2, 4, 8, 16]
    kept = here.stored()
    # Whole days only: a part of a day would be taken for a day with a gap.
    assert len(kept) in (DAY, 2 * DAY)
    assert np.array_equal(kept, CANDLES[: len(kept)])
    asked = here.requests()
    here.download()
    assert min(asked) == START + len(kept) * 60_000
    assert np.array_equal(here.stored(), settled(CANDLES))


def test_a_refusal_is_not_tried_again(serve: Callable[..., Fixture]) -> None:
    here = serve()
    here.exchange.faults.add(HttpError(400, body='{"code":-1121,"msg":"Invalid symbol."}'), path="klines", times=9)
    with pytest.raises(ExchangeError, match="the exchange refuses: BadSymbol"):
        here.download()
    assert here.pauses == []


def test_the_same_download_again_asks_for_what_is_new_alone(serve: Callable[..., Fixture]) -> None:
    here = serve()
    here.download()
    asked = here.requests()
    assert here.download().rows == 0
    assert asked == []
    assert "no new candles" in str(here.download())


def test_long_gaps_are_asked_for_and_short_ones_are_minutes_without_trades(serve: Callable[..., Fixture]) -> None:
    here = serve()
    here.store.write(np.delete(CANDLES, [*range(200, 259), *range(2000, 2060)], axis=0), "Here", "BTC-USDT")
    assert missing_stretches(here.store, "Here", "BTC-USDT", START, END) == [
        (int(CANDLES[2000, 0]), int(CANDLES[2060, 0]))
    ]
    assert here.download().rows == 60
    assert np.array_equal(here.stored(), np.delete(CANDLES, range(200, 259), axis=0))


def test_kraken_serves_the_last_720_candles_only_and_that_is_an_error(serve: Callable[..., Fixture]) -> None:
    here = serve(name="kraken")
    with pytest.raises(
        CandlesNotFoundError,
        match=r"does not serve BTC-USDT from 2021-01-01 00:00 UTC on: .* the last 720 .* from 2021-01-05 12:00 UTC on",
    ):
        here.download()
    assert here.store.symbols() == []
    # Where the store ends so late that nothing is left out, Kraken is as good as any.
    here.store.write(CANDLES[:-600], "Here", "BTC-USDT")
    assert here.download(END - 600 * 60_000).rows == 599
    assert np.array_equal(here.stored(), settled(CANDLES))


def test_a_store_that_ends_too_early_for_kraken_gets_no_hole(serve: Callable[..., Fixture]) -> None:
    here = serve(name="kraken")
    here.store.write(CANDLES[:-900], "Here", "BTC-USDT")
    with pytest.raises(CandlesNotFoundError, match="does not serve"):
        here.download(END - 900 * 60_000)
    assert len(here.stored()) == len(CANDLES) - 900


def test_kraken_with_few_trades_reaches_further_back(serve: Callable[..., Fixture]) -> None:
    here = serve(CANDLES[::10], name="kraken")
    here.download()
    assert np.array_equal(here.stored(), CANDLES[::10][:-1])


def test_a_market_that_was_listed_later_begins_there(serve: Callable[..., Fixture]) -> None:
    here = serve()
    done = here.download(START - 40 * DAY_MS)
    assert np.array_equal(here.stored(), settled(CANDLES))
    assert "the exchange has none from 2020-11-22 00:00 UTC" in str(done)


def test_minutes_without_trades_for_days_are_passed(serve: Callable[..., Fixture]) -> None:
    kept = np.delete(CANDLES, range(300, 3 * DAY + 17), axis=0)
    here = serve(kept)
    here.download()
    assert np.array_equal(here.stored(), settled(kept))


def test_a_clock_of_this_machine_that_is_ahead_stores_no_candle_that_changes(
    serve: Callable[..., Fixture], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = serve(clock=ManualClock(START + 2 * DAY_MS + 30_500))
    monkeypatch.setattr("livermore.candles._exchange.time.time", lambda: START / 1000 + 3 * 86_400)
    here.download()
    assert here.store.interval("Here", "BTC-USDT")[1] == START + 2 * DAY_MS
    # And one that is slow only waits.
    monkeypatch.setattr("livermore.candles._exchange.time.time", lambda: START / 1000 + 86_400 + 9.9)
    assert here.market.end() == START + DAY_MS - 60_000


class Window:
    """An exchange that gives what lies in the minutes after the time that is asked for, as Coinbase does."""

    id = "window"
    has = {"fetchTime": False}  # noqa: RUF012
    timeframes = {"1m": "1m", "1d": "1d"}  # noqa: RUF012

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.asked = 0

    def feature_value(self, market: str, method: str, name: str) -> int:
        return 300

    def fetch_ohlcv(self, market: str, timeframe: str, since: int, limit: int) -> list[list[float]]:
        self.asked += 1
        length = {"1m": 60_000, "1d": DAY_MS}[timeframe]
        rows = self.rows[(self.rows[:, 0] >= since) & (self.rows[:, 0] < since + limit * length)]
        if timeframe == "1d":
            rows = rows[np.unique(rows[:, 0] // DAY_MS, return_index=True)[1]]
            rows = np.column_stack([rows[:, 0] // DAY_MS * DAY_MS, rows[:, 1:]])
        return [[int(row[0]), row[1], row[3], row[4], row[2], row[5]] for row in rows.tolist()]


def test_an_exchange_that_answers_by_the_minute_loses_nothing_after_an_empty_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing for 400 minutes, and then something before the day is over; later nothing for two days.
    kept = np.delete(CANDLES, [*range(100, 500), *range(DAY, 3 * DAY + 700)], axis=0)
    source = Window(kept)
    monkeypatch.setattr("livermore.candles._exchange.time.time", lambda: END / 1000 + 60)
    market = ExchangeMarket(source, "Here", "A-B", "A/B", Retry(sleep=lambda seconds: None))
    store = CandleStore(tmp_path)
    download(store, market, START - 1000 * DAY_MS, silent)
    assert np.array_equal(store.read("Here", "A-B"), kept)
    # A thousand days before the listing cost some requests, not five a day.
    assert source.asked < 80


def test_an_exchange_that_gives_no_daily_candles_loses_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WithoutDays(Window):
        def fetch_ohlcv(self, market: str, timeframe: str, since: int, limit: int) -> list[list[float]]:
            return super().fetch_ohlcv(market, timeframe, since, limit) if timeframe == "1m" else []

    kept = np.delete(CANDLES, range(100, 3 * DAY), axis=0)
    monkeypatch.setattr("livermore.candles._exchange.time.time", lambda: END / 1000 + 60)
    market = ExchangeMarket(WithoutDays(kept), "Here", "A-B", "A/B", Retry(sleep=lambda seconds: None))
    download(CandleStore(tmp_path), market, START, silent)
    assert np.array_equal(CandleStore(tmp_path).read("Here", "A-B"), kept)


@pytest.mark.parametrize(("told", "pauses"), [("7", [7, 7, 7, 8]), ("1e9", [600] * 4), ("Wed, 21 Oct", [1, 2, 4, 8])])
def test_the_exchange_may_say_how_long_to_wait(told: str, pauses: list[float]) -> None:
    import ccxt

    class Busy:
        last_response_headers = {"Retry-After": told}  # noqa: RUF012

    def request() -> None:
        raise ccxt.RateLimitExceeded("slow down")

    waited: list[float] = []
    with pytest.raises(ExchangeError, match="its markets: it failed 5 times"):
        Retry(tries=5, sleep=waited.append).call(request, Busy(), "Here, its markets")
    assert waited == pauses


def test_an_interruption_keeps_whole_days_and_the_next_download_completes_them(serve: Callable[..., Fixture]) -> None:
    here = serve()
    fetch, asked = here.client.fetch_ohlcv, []

    def interrupted(market: str, timeframe: str, since: int, limit: int) -> Any:
        asked.append(since)
        if len(asked) == 8:
            raise KeyboardInterrupt
        return fetch(market, timeframe, since, limit)

    here.client.fetch_ohlcv = interrupted
    with pytest.raises(KeyboardInterrupt):
        here.download()
    kept = len(here.stored())
    assert kept > 0
    assert kept % DAY == 0
    here.client.fetch_ohlcv = fetch
    assert here.download().rows == len(CANDLES) - 1 - kept
    assert np.array_equal(here.stored(), settled(CANDLES))


class Hours(Window):
    """An exchange that serves hourly candles; minutes are refused."""

    timeframes = {"1h": "1h", "1d": "1d"}  # noqa: RUF012
    lengths = {"1h": 3_600_000, "1d": DAY_MS}  # noqa: RUF012

    def fetch_ohlcv(self, market: str, timeframe: str, since: int, limit: int) -> list[list[float]]:
        self.asked += 1
        length = self.lengths[timeframe]
        rows = resample(self.rows, "1D" if timeframe == "1d" else timeframe, base=Base("1h"))
        rows = rows[(rows[:, 0] >= since) & (rows[:, 0] < since + limit * length)]
        return [[int(row[0]), row[1], row[3], row[4], row[2], row[5]] for row in rows.tolist()]


def test_hourly_candles_are_downloaded_and_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = resample(synthetic_candles(60 * DAY, seed=8), "1h")
    monkeypatch.setattr("livermore.candles._exchange.time.time", lambda: (hours[-1, 0] + 3_700_000) / 1000)
    base = Base("1h")
    store = CandleStore(tmp_path, base)

    def market(rows: Rows) -> ExchangeMarket:
        return ExchangeMarket(Hours(rows), "Here", "A-B", "A/B", Retry(sleep=lambda seconds: None), base)

    download(store, market(hours[:700]), START, silent)
    done = download(store, market(hours), START, silent)
    assert np.array_equal(store.read("Here", "A-B"), hours)
    assert str(done).startswith(f"Here A-B: stored {len(hours) - 700:,} candles of 1h")
    again = market(hours)
    assert download(store, again, START, silent).rows == 0
    assert again.source.asked == 0


class Contradicting(Window):
    """An exchange that gives two candles of one time."""

    def fetch_ohlcv(self, market: str, timeframe: str, since: int, limit: int) -> list[list[float]]:
        rows = super().fetch_ohlcv(market, timeframe, since, limit)
        return [*rows, [*rows[3][:5], 777.0]]


class WithoutPrices(Window):
    """An exchange whose answers lack prices."""

    def fetch_ohlcv(self, market: str, timeframe: str, since: int, limit: int) -> Any:
        return [[row[0], None, *row[2:]] for row in super().fetch_ohlcv(market, timeframe, since, limit)]


@pytest.mark.parametrize(
    ("kind", "message"),
    [(Contradicting, r"two candles of 2021-01-01 00:03 UTC differ.*777\.0"), (WithoutPrices, "prices are missing")],
)
def test_answers_that_cannot_be_are_an_error(
    kind: type[Window], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livermore.candles._exchange.time.time", lambda: END / 1000 + 60)
    market = ExchangeMarket(kind(CANDLES), "Here", "A-B", "A/B", Retry(sleep=lambda seconds: None))
    with pytest.raises(ExchangeError, match=message):
        download(CandleStore(tmp_path), market, START, silent)
    assert CandleStore(tmp_path).symbols() == []


NAMES = [("Binance Perpetual Futures", "binanceusdm"), ("Kraken Pro Spot", "kraken"), ("kraken", "kraken")]


@pytest.mark.parametrize(("exchange", "name"), NAMES)
def test_research_and_commands_find_the_market_by_the_names_of_jesse_and_ccxt(
    exchange: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import ccxt

    monkeypatch.chdir(tmp_path)
    rows = CANDLES[-700:]
    with LoopbackExchange({"BTC-USDT": rows}, name) as server:
        real = getattr(ccxt, name)
        monkeypatch.setattr(ccxt, name, lambda options: server.rewrite(real(options | {"enableRateLimit": False})))
        start = "2021-01-05 12:20"
        assert main(["candles", "update", exchange, "BTC-USDT", "--start", start]) == 0
        told = f"{exchange} BTC-USDT: stored 699 one-minute candles, {start} UTC to 2021-01-05 23:58 UTC\n"
        assert capsys.readouterr().out == told
        assert np.array_equal(project_store().read(exchange, "BTC-USDT"), rows[:-1])
        assert main(["candles", "update"]) == 0
        assert "no new candles" in capsys.readouterr().out
        assert main(["candles", "update", exchange, "DOGE-USDT", "--start", start]) == 1
        assert f"{exchange} has no market DOGE/USDT" in capsys.readouterr().err


class Unreliable(Window):
    """A `Window` of any size whose answers fail, are empty, in disorder or doubled, as a list of faults says."""

    def __init__(self, rows: Rows, page: int, faults: list[str]) -> None:
        super().__init__(rows)
        self.page = page
        self.faults = faults

    def feature_value(self, market: str, method: str, name: str) -> int:
        return self.page

    def fetch_ohlcv(self, market: str, timeframe: str, since: int, limit: int) -> list[list[float]]:
        import ccxt

        rows = super().fetch_ohlcv(market, timeframe, since, limit)
        fault = self.faults.pop() if self.faults else "none"
        if fault == "down":
            raise ccxt.ExchangeNotAvailable("503")
        changed = {"empty": [], "reversed": rows[::-1], "doubled": [*rows, *rows[:5]]}
        return changed.get(fault, rows)


@settings(max_examples=30)
@example(gaps=[], stored=(0, 0), page=50, before=50, faults=["empty", "none", "none"])  # no daily candles, once
@given(
    gaps=st.lists(st.tuples(st.integers(0, 5 * DAY - 1), st.integers(1, 2 * DAY)), max_size=4),
    stored=st.tuples(st.integers(0, 5 * DAY), st.integers(0, 2 * DAY)),
    page=st.integers(50, 2000),
    before=st.integers(0, 3 * DAY),
    faults=st.lists(st.sampled_from(["none", "none", "none", "down", "reversed", "doubled", "none", "empty", "none"])),
)
def test_whatever_is_missing_or_fails_all_candles_come(
    gaps: list[tuple[int, int]],
    stored: tuple[int, int],
    page: int,
    before: int,
    faults: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    missing = [minute for first, length in gaps for minute in range(first, min(first + length, 5 * DAY - 1))]
    rows = np.delete(CANDLES, missing, axis=0)
    # Two empty answers in a row are believed, and six failures end a download: neither happens here.
    faults = [fault for at, fault in enumerate(faults) if fault not in ("empty", "down") or at % 4 == 0]
    store = CandleStore(tmp_path_factory.mktemp("store"))
    part = rows[stored[0] : stored[0] + stored[1]]
    if len(part):
        store.write_sparse(part, "Here", "A-B")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("livermore.candles._exchange.time.time", lambda: END / 1000 + 60)
        source = Unreliable(rows, page, faults)
        market = ExchangeMarket(source, "Here", "A-B", "A/B", retry=Retry(sleep=lambda seconds: None))
        download(store, market, START - before * 60_000, silent)
        assert np.array_equal(store.read("Here", "A-B"), rows)
        source.asked = 0
        assert download(store, market, START - before * 60_000, silent).rows == 0
