"""Frames of pandas, Polars and Arrow are read alike, and times of all kinds are UTC."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from livermore.candles import check_candles, project_store, resample, synthetic_candles
from livermore.errors import CandleError, FrameError
from livermore.frames import candle_frame, candle_rows, frame_columns, is_frame, utc_times
from livermore.research import backtest, store_candles
from livermore.strategies import Strategy

CANDLES = synthetic_candles(20, seed=3)
NAMES = ("timestamp", "open", "close", "high", "low", "volume")
KINDS = ["pandas", "polars", "arrow"]


def frame_of(kind: str, columns: dict[str, Any]) -> Any:
    if kind == "polars":
        return pytest.importorskip("polars").DataFrame(columns)
    return pd.DataFrame(columns) if kind == "pandas" else pa.table(columns)


@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_all_kinds(kind: str) -> None:
    frame = frame_of(kind, {"x": [1.5, None], "i": [1, 2], "b": [True, False], "s": ["a", "b"]})
    assert is_frame(frame)
    columns = frame_columns(frame)
    np.testing.assert_array_equal(columns["x"], [1.5, np.nan])
    assert (columns["i"].dtype.kind, columns["i"].tolist()) == ("i", [1, 2])
    assert (columns["b"].dtype.kind, columns["b"].tolist()) == ("b", [True, False])
    assert columns["s"].tolist() == ["a", "b"]


@pytest.mark.parametrize("kind", KINDS)
def test_times_with_a_zone_are_utc(kind: str) -> None:
    tokyo = timezone(timedelta(hours=9))
    frame = frame_of(kind, {"t": [datetime(2024, 1, 1, 9, tzinfo=tokyo), datetime(2024, 1, 2, 9, tzinfo=tokyo)]})
    times = frame_columns(frame)["t"]
    assert times.astype("datetime64[s]").astype(str).tolist() == ["2024-01-01T00:00:00", "2024-01-02T00:00:00"]


@pytest.mark.parametrize(
    "values",
    [
        pd.DatetimeIndex(["2024-01-01"], tz="UTC"),
        pd.DatetimeIndex(["2024-01-01 09:00"], tz="Asia/Tokyo"),
        pd.Series(pd.DatetimeIndex(["2024-01-01"], tz="UTC")),
        pd.DatetimeIndex(["2024-01-01"]),
        [datetime(2024, 1, 1, tzinfo=UTC)],
        [datetime(2024, 1, 1)],
        [datetime(2024, 1, 1).date()],
        np.array(["2024-01-01"], dtype="datetime64[D]"),
        pa.chunked_array([pa.array([datetime(2024, 1, 1)], pa.timestamp("ms", tz="UTC"))]),
    ],
    ids=lambda values: type(values).__name__,
)
def test_times_of_all_kinds(values: Any) -> None:
    assert utc_times(values).astype("datetime64[s]").astype(np.int64).tolist() == [1_704_067_200]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("times", ["ms", "times", "zoned"])
def test_candles_in_frames_are_those_of_the_array(kind: str, times: str) -> None:
    columns = {name.title(): CANDLES[:, i] for i, name in enumerate(NAMES)}
    if times != "ms":
        zone = UTC if times == "zoned" else None
        columns["Timestamp"] = [
            datetime.fromtimestamp(ms / 1000, UTC).replace(tzinfo=zone) for ms in CANDLES[:, 0].tolist()
        ]
    frame = frame_of(kind, dict(reversed(columns.items())))
    assert np.array_equal(candle_rows(frame), CANDLES)
    assert np.array_equal(check_candles(frame), CANDLES)


def test_the_index_of_pandas_holds_the_times() -> None:
    frame = pd.DataFrame(
        {name: CANDLES[:, i] for i, name in enumerate(NAMES) if i},
        index=pd.to_datetime(CANDLES[:, 0], unit="ms", utc=True),
    )
    assert np.array_equal(check_candles(frame), CANDLES)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(FrameError, match="needs the columns close, timestamp; it has open, high, low"):
        candle_rows(pd.DataFrame({"open": [1.0], "high": [1.0], "low": [1.0]}))
    with pytest.raises(FrameError, match=r"cannot be read: .*unique column names"):
        frame_columns(pd.DataFrame([[1, 2]], columns=["a", "a"]))


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_candles_go_to_a_frame_and_back(backend: str) -> None:
    pytest.importorskip(backend)
    frame = candle_frame(CANDLES, backend)
    assert type(frame).__module__.startswith(backend)
    assert np.array_equal(candle_rows(frame), CANDLES)
    assert np.array_equal(check_candles(frame), CANDLES)
    assert np.array_equal(resample(frame, "5m"), resample(CANDLES, "5m"))
    assert len(candle_frame(CANDLES[:0], backend)) == 0


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_frames_are_stored_like_arrays(backend: str, tmp_path: Path) -> None:
    pytest.importorskip(backend)
    store_candles(candle_frame(CANDLES, backend), "E", "A-B", root=tmp_path)
    assert np.array_equal(project_store(tmp_path).read("E", "A-B"), CANDLES)
    with pytest.raises(TypeError, match=r"must be a numpy array of shape .* or a frame, not list"):
        store_candles(CANDLES.tolist(), "E", "A-B", root=tmp_path)


@pytest.mark.parametrize(
    ("rows", "backend", "says"),
    [
        (CANDLES, "spark", "must be one of 'pandas', 'polars', 'pyarrow'"),
        (CANDLES[:, :5], "pandas", r"must be an array of shape \(n, 6\), not \(20, 5\)"),
        (CANDLES * np.nan, "pandas", "times that are not finite"),
    ],
)
def test_what_is_no_candles_becomes_no_frame(rows: Any, backend: str, says: str) -> None:
    with pytest.raises(FrameError, match=says):
        candle_frame(rows, backend)


def yahoo(*tickers: str, ticker_first: bool = False) -> pd.DataFrame:
    """What `yfinance.download` returns: the time is the index, in the exchange's zone, and columns have two levels."""
    frame = candle_frame(CANDLES, "pandas").set_index("timestamp").tz_convert("America/New_York")
    names = [name.capitalize() for name in frame.columns]
    both = pd.concat([frame.set_axis(names, axis=1)] * len(tickers), axis=1, keys=tickers, names=["Ticker", "Price"])
    return both if ticker_first else both.swaplevel(axis=1)


@pytest.mark.parametrize("ticker_first", [False, True])
def test_frames_of_yfinance(ticker_first: bool) -> None:
    assert np.array_equal(check_candles(yahoo("AAPL", ticker_first=ticker_first)), CANDLES)
    with pytest.raises(FrameError, match=r"columns of 2 tickers \(AAPL, MSFT\)\. Choose one"):
        candle_rows(yahoo("AAPL", "MSFT", ticker_first=ticker_first))


def test_names_that_differ_in_case_only_and_columns_of_text_are_refused() -> None:
    frame = candle_frame(CANDLES, "pandas")
    with pytest.raises(FrameError, match="more than one column 'open'"):
        candle_rows(frame.assign(Open=1.0))
    with pytest.raises(FrameError, match="the column of high holds no numbers"):
        candle_rows(frame.assign(high="much"))
    with pytest.raises(FrameError, match="the column of times holds no numbers"):
        candle_rows(frame.assign(timestamp="2024-01-01"))


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_a_backtest_takes_frames(backend: str) -> None:
    pytest.importorskip(backend)
    candles = synthetic_candles(300, seed=4)
    config = {"starting_balance": 1000, "fee": 0, "type": "futures", "futures_leverage": 1, "exchange": "E"}

    class Buyer(Strategy):
        def should_long(self) -> bool:
            return self.index == 3

        def go_long(self) -> None:
            self.buy = 0.01, self.price

    def run(rows: Any) -> Any:
        return backtest(
            {**config, "futures_leverage_mode": "cross", "warm_up_candles": 0},
            [{"exchange": "E", "symbol": "A-B", "timeframe": "5m", "strategy": Buyer}],
            [],
            {"E-A-B": {"exchange": "E", "symbol": "A-B", "candles": rows}},
        )["metrics"].items()

    # As text, in which NaN is equal to NaN.
    assert str(run(candle_frame(candles, backend))) == str(run(candles))


@pytest.mark.parametrize("values", [[True, True], [1j, 2j], np.array([1, 2], "timedelta64[s]")])
def test_values_of_other_kinds_are_no_prices_volumes_or_times(values: Any) -> None:
    rows = {name: [10.0, 10.0] for name in ("open", "high", "low", "close", "volume")}
    frame = pd.DataFrame({"timestamp": [0, 60_000], **rows})
    for name in ("timestamp", "open", "volume"):
        with pytest.raises(CandleError, match="holds no numbers"):
            check_candles(frame.assign(**{name: values}))


def test_a_row_without_a_time_is_named() -> None:
    rows = {name: [10.0, 10.0] for name in ("open", "high", "low", "close")}
    times = pd.to_datetime(["2024-01-01", None], utc=True)
    with pytest.raises(CandleError, match="row 1 has no time"):
        check_candles(pd.DataFrame({"timestamp": times, **rows}))


@pytest.mark.parametrize("candles", ["x", np.full((2, 6), 1e300)])
def test_what_are_no_times_in_milliseconds_makes_no_frame(candles: Any) -> None:
    with pytest.raises(FrameError):
        candle_frame(candles, "pyarrow")
