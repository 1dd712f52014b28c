"""Candles and bars that align to trading sessions: openings, breaks, half days, daylight saving, holidays."""

import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.candles import Base, CandleStore, check_candles, resample, synthetic_candles
from livermore.errors import CandleError, ConfigError, MissingExtraError, TimeframeError

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEW_YORK = {
    "timezone": "America/New_York",
    "hours": {"Mon-Fri": "09:30-16:00"},
    "closed": ["2024-03-29", "2024-07-04"],
    "overrides": {"2024-07-03": "09:30-13:00"},
}
TOKYO = {"timezone": "Asia/Tokyo", "hours": {"Mon-Fri": ["09:00-11:30", "12:30-15:00"]}}


def at(text: str) -> float:
    """Return a time in UTC as ms."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000


def text(time: float) -> str:
    return f"{datetime.fromtimestamp(time / 1000, UTC):%Y-%m-%d %H:%M}"


def candles_of(base: Base, start: str, end: str) -> np.ndarray:
    """Return candles at all times at which one of the base can open: prices count up, volumes are 1."""
    every = np.arange(at(start), at(end), 15 * MINUTE)
    times = every[base.are_openings(every)]
    prices = 100 + np.arange(len(times), dtype=float)
    return np.column_stack([times, prices, prices, prices, prices, np.ones(len(times))])


def shown(rows: np.ndarray) -> list[tuple[str, int]]:
    """Return when each candle opens, and of how many it is made."""
    return [(text(row[0]), int(row[5])) for row in rows]


def test_four_hours_from_the_opening_across_a_change_of_clocks() -> None:
    """New York opens at 14:30 UTC in winter and at 13:30 from 2024-03-10 on; the second bar is one of 2.5 hours."""
    base = Base("30m", NEW_YORK)
    rows = candles_of(base, "2024-03-08", "2024-03-12")
    assert shown(resample(rows, "4h", base=base)) == [
        ("2024-03-08 14:30", 8),
        ("2024-03-08 18:30", 5),
        ("2024-03-11 13:30", 8),
        ("2024-03-11 17:30", 5),
    ]


def test_half_days_and_holidays_end_bars_where_trading_ends() -> None:
    base = Base("1h", NEW_YORK)
    half = candles_of(base, "2024-07-03", "2024-07-06")
    assert shown(resample(half, "2h", base=base)) == [
        ("2024-07-03 13:30", 2),
        ("2024-07-03 15:30", 2),
        ("2024-07-05 13:30", 2),
        ("2024-07-05 15:30", 2),
        ("2024-07-05 17:30", 2),
        ("2024-07-05 19:30", 1),
    ]
    assert base.end(at("2024-07-03 16:30")) == at("2024-07-03 17:00")
    assert base.end(at("2024-07-05 19:30")) == at("2024-07-05 20:00")


def test_candles_that_are_stamped_at_their_end_are_those_of_the_session() -> None:
    """The last candle of a session of New York lasts half an hour: its opening is not an hour before its end."""
    base = Base("1h", NEW_YORK)
    rows = candles_of(base, "2024-07-02", "2024-07-04")
    assert np.array_equal(base.openings_of(base.ends(rows[:, 0])), rows[:, 0])
    assert Base("1h").openings_of(np.array([HOUR, 2.5 * HOUR])).tolist() == [0, 1.5 * HOUR]


def test_bars_open_again_after_a_break() -> None:
    base = Base("30m", TOKYO)
    rows = candles_of(base, "2024-01-08", "2024-01-09")
    assert shown(resample(rows, "1h", base=base)) == [
        ("2024-01-08 00:00", 2),
        ("2024-01-08 01:00", 2),
        ("2024-01-08 02:00", 1),
        ("2024-01-08 03:30", 2),
        ("2024-01-08 04:30", 2),
        ("2024-01-08 05:30", 1),
    ]
    assert shown(resample(rows, "1D", base=base)) == [("2024-01-08 00:00", 10)]


def test_a_day_is_a_session_and_a_week_is_jesse_s() -> None:
    """Weeks open on Thursdays; Good Friday has no bar and leaves no hole."""
    base = Base("1D", NEW_YORK)
    rows = candles_of(base, "2024-03-25", "2024-04-06")
    assert [text(time)[8:10] for time in rows[:, 0]] == ["25", "26", "27", "28", "01", "02", "03", "04", "05"]
    assert shown(resample(rows, "1W", base=base)) == [
        ("2024-03-21 00:00", 3),
        ("2024-03-28 00:00", 4),
    ]
    assert base.end(at("2024-03-28")) == at("2024-03-28 20:00")


def test_a_night_session_has_the_date_on_which_it_closes() -> None:
    base = Base("1h", {"timezone": "America/Chicago", "hours": {"Sun-Thu": "17:00-16:00"}})
    rows = candles_of(base, "2024-01-07", "2024-01-10")
    days = resample(rows, "1D", base=base)
    assert shown(days) == [("2024-01-08 00:00", 23), ("2024-01-09 00:00", 23)]
    assert shown(resample(rows, "12h", base=base))[:3] == [
        ("2024-01-07 23:00", 12),
        ("2024-01-08 11:00", 11),
        ("2024-01-08 23:00", 12),
    ]


def test_candles_outside_of_sessions_are_refused() -> None:
    base = Base("1h", NEW_YORK)
    rows = candles_of(base, "2024-03-25", "2024-03-27")
    assert check_candles(rows, base=base) is rows
    for shift in (-HOUR, 30 * MINUTE):
        wrong = rows.copy()
        wrong[:, 0] += shift
        with pytest.raises(CandleError, match="no candle of 1h of the trading hours of America/New_York opens then"):
            check_candles(wrong, base=base)
    daily = rows[:1] - [4.5 * HOUR, 0, 0, 0, 0, 0]
    with pytest.raises(CandleError, match="have 00:00 UTC of their date as their time"):
        check_candles(daily, base=Base("1D"))
    with pytest.raises(CandleError, match=r"give a calendar, such as config\['calendar'\]"):
        check_candles(rows, base=Base("1h"))


@settings(max_examples=40, deadline=None)
@given(
    start=st.integers(int(at("2020-01-01")) // DAY, int(at("2026-01-01")) // DAY),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Tokyo", "Australia/Sydney", "America/Chicago"]),
    hours=st.sampled_from(["09:30-16:00", "08:00-22:15", "17:00-16:00", "00:00-24:00"]),
    timeframe=st.sampled_from(["15m", "1h", "4h", "12h", "1D", "3D", "1W"]),
)
def test_each_candle_lies_in_one_bar_and_bars_follow_one_another(
    start: int, zone: str, hours: str, timeframe: str
) -> None:
    base = Base("15m", {"timezone": zone, "hours": {"Mon-Fri": hours}})
    every = np.arange(start * DAY, (start + 20) * DAY, 15 * MINUTE, dtype=float)
    times = every[base.are_openings(every)]
    bars = base.bars(timeframe)
    openings, ends = bars.openings(times), bars.ends(times)
    own = base.ends(times)
    assert (own > times).all()
    assert (own[:-1] <= times[1:]).all()
    assert (own <= ends).all()
    assert (np.diff(openings) >= 0).all()
    changes = openings[1:] != openings[:-1]
    # The next bar begins when this one is over, and not before.
    assert (times[1:][changes] >= ends[:-1][changes]).all()
    assert bars.are_ends(own)[:-1].tolist() == (changes).tolist()
    for place in range(0, len(times), 37):
        time = float(times[place])
        assert (bars.opening(time), bars.end(time)) == (openings[place], ends[place])
        if bars.is_last(time):
            assert bars.openings_of(own[place : place + 1])[0] == openings[place]
        assert bars.is_last(time) == (own[place] == ends[place]) == bars.is_end(float(own[place]))


@pytest.mark.parametrize(
    ("calendar", "fault"),
    [
        (7, "must be a name"),
        ({"timezone": "America/New_York"}, "'hours' must be a dict"),
        ({"timezone": "Nowhere", "hours": {"Mon": "09:00-10:00"}}, "unknown timezone"),
    ],
)
def test_what_is_no_calendar_is_an_error(calendar: Any, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        Base("1h", calendar)


def test_windows_that_overlap_are_an_error() -> None:
    base = Base("1h", {"timezone": "UTC", "hours": {"Mon": ["09:00-12:00", "11:00-13:00"]}})
    with pytest.raises(ConfigError, match="overlap"):
        base.end(at("2024-01-01 09:00"))


def test_the_extra_is_named_where_a_calendar_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "exchange_calendars", None)
    with pytest.raises(MissingExtraError, match=r"livermore\[calendars\]"):
        Base("1h", "XNYS")


class TestExchangeCalendars:
    """Calendars of the package `exchange_calendars`."""

    @pytest.fixture(autouse=True)
    def _package(self) -> None:
        pytest.importorskip("exchange_calendars", reason="needs livermore[calendars]")

    def test_new_york_has_its_holidays_and_half_days(self) -> None:
        """The day after Thanksgiving closes at 13:00, which is 18:00 UTC."""
        base = Base("1h", "XNYS")
        rows = candles_of(base, "2024-11-27", "2024-11-30")
        assert shown(resample(rows, "1D", base=base)) == [("2024-11-27 00:00", 7), ("2024-11-29 00:00", 4)]
        assert base.end(at("2024-11-29 17:30")) == at("2024-11-29 18:00")

    def test_thirty_years_of_daily_candles_have_no_day_too_many(self) -> None:
        base = Base("1D", "XNYS")
        days = np.arange(at("1994-01-03"), at("2024-01-01"), DAY)
        sessions = days[base.are_openings(days)]
        assert len(sessions) == 7552
        assert not base.are_openings(np.array([at("2001-09-11")]))[0]

    def test_lunch_breaks_are_those_of_the_exchange(self) -> None:
        base = Base("30m", "XHKG")
        rows = candles_of(base, "2024-06-03", "2024-06-04")
        assert [text(row[0])[-5:] for row in resample(rows, "2h", base=base)] == ["01:30", "03:30", "05:00", "07:00"]

    def test_an_unknown_name_is_an_error_that_proposes_others(self) -> None:
        with pytest.raises(ConfigError, match="did you mean XNZE or XNYS"):
            Base("1h", "XNYZ")

    def test_years_without_recorded_holidays_are_an_error(self) -> None:
        base = Base("1D", "XKRX")
        with pytest.raises(CandleError, match="XKRX"):
            base.end(at("1900-01-01"))


def test_a_base_survives_pickling_and_is_its_timeframe_and_calendar() -> None:
    for base in (Base("1h"), Base("1h", NEW_YORK)):
        copy = pickle.loads(pickle.dumps(base))
        assert copy == base != Base("4h")
        assert copy.end(at("2024-07-05 19:30")) == base.end(at("2024-07-05 19:30"))


def test_time_that_moves_on_day_by_day_finds_what_a_whole_period_has() -> None:
    """A run that is fed looks up sessions again and again; years apart, backwards as well."""
    whole, step = Base("1h", NEW_YORK), Base("1h", NEW_YORK)
    every = np.arange(at("2015-01-01 14:30"), at("2021-01-01"), 97 * HOUR)
    times = every[whole.are_openings(every)]
    ends = whole.bars("4h").ends(times)
    bars = step.bars("4h")
    assert [bars.end(time) for time in times] == ends.tolist()
    bars = step.bars("4h")
    assert [bars.end(time) for time in times[::-20]] == ends[::-20].tolist()


def test_a_base_by_the_clock_may_be_given_by_its_timeframe(tmp_path: Path) -> None:
    """It was an AttributeError in some functions, and right in others."""
    hours = synthetic_candles(2 * 1440, seed=1, base="1h")
    assert np.array_equal(resample(hours, "4h", base="1h"), resample(hours, "4h", base=Base("1h")))
    assert np.array_equal(check_candles(hours, base="1h"), hours)
    store = CandleStore(tmp_path, "1h")
    store.write(hours, "Sandbox", "BTC-USDT")
    assert np.array_equal(store.read("Sandbox", "BTC-USDT"), hours)
    with pytest.raises(TimeframeError, match="15m is no whole multiple of the base 1h"):
        resample(hours, "15m", base="1h")
