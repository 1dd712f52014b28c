"""Local times on the days when clocks are changed, on leap days, and in zones that are no zones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from livermore.candles import read_candles
from livermore.errors import CandleError

# Days on which clocks are set forward and back: New York, Berlin, and Lord Howe, which moves by half an hour only.
CHANGES = {
    "America/New_York": ("2024-03-10", "2024-11-03"),
    "Europe/Berlin": ("2024-03-31", "2024-10-27"),
    "Australia/Lord_Howe": ("2024-10-06", "2024-04-07"),
}


def minutes(day: str, hours: int = 30) -> list[datetime]:
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=14)
    return [start + timedelta(minutes=minute) for minute in range(60 * hours + 60 * 10)]


def ms(times: list[datetime]) -> list[float]:
    return [time.timestamp() * 1000 for time in times]


def write(folder: Path, times: list[str]) -> Path:
    path = folder / "x.csv"
    path.write_text("time,open,high,low,close\n" + "".join(f"{time},1,1,1,1\n" for time in times))
    return path


def local(times: list[datetime], zone: str) -> list[str]:
    return [f"{time.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" for time in times]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("zone", "day"), [(zone, day) for zone, days in CHANGES.items() for day in days])
def test_the_days_when_clocks_change(zone: str, day: str, newest_first: bool, tmp_path: Path) -> None:
    times = minutes(day)
    text = local(times, zone)
    path = write(tmp_path, text[::-1] if newest_first else text)
    assert read_candles(path, timezone=zone)[:, 0].tolist() == ms(times)


@pytest.mark.parametrize("zone", CHANGES)
def test_a_repeated_hour_that_is_there_once_is_refused_or_said(zone: str, tmp_path: Path) -> None:
    times = minutes(CHANGES[zone][1])
    text = local(times, zone)
    second = [row for row, time in enumerate(text) if time in text[:row]]
    first = [text.index(text[row]) for row in second]
    for gone, kept in ((first, "second"), (second, "first")):
        left = [time for row, time in enumerate(times) if row not in gone]
        path = write(tmp_path, local(left, zone))
        with pytest.raises(CandleError, match=r"is there twice in the zone .*--repeated-hour"):
            read_candles(path, timezone=zone)
        assert read_candles(path, timezone=zone, repeated_hour=kept)[:, 0].tolist() == ms(left)


@pytest.mark.parametrize("zone", CHANGES)
def test_an_hour_that_does_not_exist_is_refused(zone: str, tmp_path: Path) -> None:
    there = set(local(minutes(CHANGES[zone][0]), zone))
    day = CHANGES[zone][0]
    absent = next(f"{day} {h:02d}:{m:02d}" for h in range(24) for m in (0, 30) if f"{day} {h:02d}:{m:02d}" not in there)
    path = write(tmp_path, [absent])
    with pytest.raises(CandleError, match=rf"line 2: the time {absent} does not exist in the zone {zone}"):
        read_candles(path, timezone=zone)


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2024-02-29 12:00", "UTC", "2024-02-29T12:00"),
        ("2024-02-29 23:30", "America/New_York", "2024-03-01T04:30"),
        ("29.02.2024 00:15", "Europe/Berlin", "2024-02-28T23:15"),
        ("20000229 1200", "UTC", "2000-02-29T12:00"),
        ("2024.12.31 23:59", "UTC-5", "2025-01-01T04:59"),
        ("2024-07-01 12:00", "UTC+05:30", "2024-07-01T06:30"),
        ("2024-07-01 12:00", "+2", "2024-07-01T10:00"),
        # Brokers whose day ends at 17:00 in New York: UTC+3 in its summer, UTC+2 in its winter.
        ("2024-07-01 12:00", "America/New_York+7h", "2024-07-01T09:00"),
        ("2024-01-02 12:00", "America/New_York+7h", "2024-01-02T10:00"),
        # Between the changes of New York and of Europe.
        ("2024-03-20 12:00", "America/New_York+7h", "2024-03-20T09:00"),
        ("2024-07-01T12:00:00+02:00", "America/New_York", "2024-07-01T10:00"),
    ],
)
def test_times_of_zones(text: str, zone: str, utc: str, tmp_path: Path) -> None:
    rows = read_candles(write(tmp_path, [text]), timezone=zone)
    assert rows[0, 0] == np.datetime64(utc, "ms").astype(np.int64)


@pytest.mark.parametrize("day", ["2023-02-29", "1900-02-29", "2024-02-30", "2024-13-01", "2024-00-10", "2024-01-00"])
def test_days_that_do_not_exist_are_refused(day: str, tmp_path: Path) -> None:
    with pytest.raises(CandleError, match=rf"line 3: the time '{day} 12:00' is not understood"):
        read_candles(write(tmp_path, ["2023-01-01 12:00", f"{day} 12:00"]), timezone="UTC")


@pytest.mark.parametrize("zone", ["Mars/Phobos", "UTC+25", "America/New_York+7", "", "EDT5", "+5:75"])
def test_zones_that_do_not_exist_are_refused(zone: str, tmp_path: Path) -> None:
    with pytest.raises(CandleError, match="timezone"):
        read_candles(write(tmp_path, ["2024-01-01 12:00"]), timezone=zone)


def test_stamps_at_the_end_of_a_day_that_changes_clocks(tmp_path: Path) -> None:
    times = minutes("2024-11-03")
    ends = local([time + timedelta(minutes=1) for time in times], "America/New_York")
    rows = read_candles(write(tmp_path, ends), timezone="America/New_York", stamp="end")
    assert rows[:, 0].tolist() == ms(times)
