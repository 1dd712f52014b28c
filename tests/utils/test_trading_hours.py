"""Schedules: zones, wrapping windows, closed days, overrides, and what is refused."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livermore.errors import ConfigError
from livermore.utils import filter_candles_by_hours, is_in_trading_hours


def at(text, zone="UTC"):
    """UTC ms of a local time such as "2024-03-28 09:30"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def schedule(hours, **more):
    return {"timezone": "UTC", "hours": hours} | more


def is_open(text, hours, **more):
    return is_in_trading_hours(at(text), schedule(hours, **more))


def test_windows_are_half_open():
    hours = {"Thu": "09:30-16:00"}
    assert is_open("2024-03-28 09:30", hours)
    assert not is_open("2024-03-28 09:29", hours)
    assert is_open("2024-03-28 15:59", hours)
    assert not is_open("2024-03-28 16:00", hours)
    assert not is_open("2024-03-29 10:00", hours)
    assert is_in_trading_hours(at("2024-03-28 16:00") - 1, schedule(hours))


@pytest.mark.parametrize(
    ("spec", "days"),
    [
        ("Mon", "Mon"),
        ("Mon,Wed", "Mon Wed"),
        ("Mon, Wed", "Mon Wed"),
        ("Mon-Wed,Fri", "Mon Tue Wed Fri"),
        ("Fri-Mon", "Fri Sat Sun Mon"),
        ("Thu-Thu", "Thu"),
        ("Tue-Mon", "Tue Wed Thu Fri Sat Sun Mon"),
    ],
)
def test_days(spec, days):
    week = [datetime(2024, 4, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in range(7)]
    opened = [
        f"{day:%a}" for day in week if is_in_trading_hours(day.timestamp() * 1000, schedule({spec: "11:00-13:00"}))
    ]
    assert sorted(opened) == sorted(days.split())


def test_windows_into_the_next_day():
    hours = {"Wed": "22:00-02:00"}
    assert is_open("2024-03-27 23:59", hours)
    assert is_open("2024-03-28 01:59", hours)
    assert not is_open("2024-03-28 02:00", hours)
    assert not is_open("2024-03-27 01:00", hours)
    assert not is_open("2024-03-28 00:00", {"Wed": "22:00-24:00"})
    assert not is_open("2024-03-28 00:00", {"Wed": "22:00-00:00"})
    assert is_open("2024-03-27 23:59", {"Wed": "00:00-24:00"})


def test_closed_comes_before_overrides_and_those_before_the_weekday():
    hours = {"Wed": "22:00-02:00", "Thu": "09:00-12:00"}
    assert not is_open("2024-03-28 10:00", hours, closed=["2024-03-28"])
    # What was opened the day before may last, even into a closed day; and the day that opened it counts.
    assert is_open("2024-03-28 01:00", hours, closed=["2024-03-28"])
    assert not is_open("2024-03-28 01:00", hours, closed=["2024-03-27"])
    changed = {"2024-03-28": ["15:00-16:00", "18:00-19:00"]}
    assert not is_open("2024-03-28 10:00", hours, overrides=changed)
    assert is_open("2024-03-28 18:30", hours, overrides=changed)
    assert not is_open("2024-03-28 18:30", hours, overrides=changed, closed=["2024-03-28"])
    assert is_open("2024-03-31 18:30", hours, overrides={"2024-03-31": "18:00-19:00"})


def test_local_time_follows_the_clock_changes():
    hours = {"timezone": "America/New_York", "hours": {"Mon-Fri": "09:30-16:00"}}
    for day, opening in (("2024-03-08", "14:30"), ("2024-03-11", "13:30")):
        assert is_in_trading_hours(at(f"{day} {opening}"), hours)
        assert not is_in_trading_hours(at(f"{day} {opening}") - 1, hours)
    # On that day, 02:30 does not exist in Berlin.
    berlin = {"timezone": "Europe/Berlin", "hours": {"Sun": "02:30-03:30"}}
    assert is_in_trading_hours(at("2021-03-28 01:15"), berlin)
    assert not is_in_trading_hours(at("2021-03-28 01:45"), berlin)


@settings(max_examples=30, deadline=None)
@given(st.integers(1_600_000_000, 1_800_000_000), st.sampled_from(["America/New_York", "Asia/Kathmandu", "UTC"]))
def test_filtering_asks_the_same_question_of_each_candle(start, zone):
    hours = {
        "timezone": zone,
        "hours": {"Mon-Thu": ["08:00-12:00", "20:00-03:00"], "Sun": "23:15-23:45"},
        "closed": [str(datetime.fromtimestamp(start + 86_400, UTC).date())],
    }
    candles = np.zeros((400, 6))
    candles[:, 0] = start // 60 * 60_000 + 660_000 * np.arange(400)
    inside = [is_in_trading_hours(time, hours) for time in candles[:, 0]]
    assert np.array_equal(filter_candles_by_hours(candles, hours), candles[inside])


def test_without_a_schedule_everything_is_inside():
    candles = np.zeros((3, 6))
    assert filter_candles_by_hours(candles, None) is candles
    assert is_in_trading_hours(0, None) is True
    assert filter_candles_by_hours(candles[:0], schedule({"Thu": "00:00-01:00"})).shape == (0, 6)


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        (5, "must be a dict or None, not 5"),
        ({}, "'timezone' must be a name such as"),
        ({"timezone": "X", "hours": {"Mon": "09:00-10:00"}}, "unknown timezone 'X'"),
        ({"timezone": "UTC"}, "'hours' must be a dict such as"),
        (schedule({}), "'hours' must be a dict"),
        (schedule("24/7"), "'hours' must be a dict"),
        (schedule({"Mon": "09:00-10:00"}, holidays=[]), "unknown key 'holidays'; there are: timezone, hours"),
        (schedule({"mon": "09:00-10:00"}), "unknown day 'mon' in 'mon'; days are Mon, Tue"),
        (schedule({"Mon-Wed-Fri": "09:00-10:00"}), "'Mon-Wed-Fri' in 'hours' must name days"),
        (schedule({5: "09:00-10:00"}), "5 in 'hours' must name days"),
        (schedule({"Mon-Fri": "09:00-10:00", "Fri": "09:00-10:00"}), "Fri is in 'hours' more than once"),
        (schedule({"Mon": []}), r"hours\['Mon'\] must be 'HH:MM-HH:MM' or a list of such, not \[\]"),
        (schedule({"Mon": 5}), r"hours\['Mon'\] must be"),
        (schedule({"Mon": "9-10"}), "'9-10' must look like 'HH:MM-HH:MM'"),
        (schedule({"Mon": "09:00-25:00"}), "outside of 00:00 to 24:00"),
        (schedule({"Mon": "09:60-10:00"}), "outside of 00:00 to 24:00"),
        (schedule({"Mon": "24:00-01:00"}), "opens at 24:00"),
        (schedule({"Mon": "10:00-10:00"}), "opens and closes at the same time"),
        (schedule({"Mon": "09:00-10:00"}, closed="2024-03-28"), "'closed' must be a list of dates"),
        (schedule({"Mon": "09:00-10:00"}, closed=["28.3.2024"]), "'28.3.2024' in 'closed' must be a date"),
        (schedule({"Mon": "09:00-10:00"}, closed=["2024-02-30"]), "'2024-02-30' in 'closed' must be a date"),
        (schedule({"Mon": "09:00-10:00"}, overrides=["2024-03-28"]), "'overrides' must be a dict"),
        (schedule({"Mon": "09:00-10:00"}, overrides={"2024-3-8": "09:00-10:00"}), "'2024-3-8' in 'overrides' must be"),
        (schedule({"Mon": "09:00-10:00"}, overrides={"2024-03-08": []}), r"overrides\['2024-03-08'\] must be"),
    ],
)
def test_each_fault_of_a_schedule_is_named(hours, message):
    with pytest.raises(ConfigError, match=message):
        is_in_trading_hours(0, hours)
    with pytest.raises(ValueError, match=message):
        filter_candles_by_hours(np.zeros((1, 6)), hours)
