from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.scan.interface import Watch
from beholden.scan.network.log_times import LogTimes
from beholden.scan.source import Source


def times(path: str = "dnsmasq.log", year: str | None = None) -> LogTimes:
    return LogTimes(Source(Path("/nonexistent"), path), Watch(columns={"year": year} if year else {}))


def moment(text: str, clock: LogTimes | None = None) -> str | None:
    found = (clock or times()).split(text)
    assert found is not None
    assert found[1] == "rest of it"
    return None if found[0] is None else datetime.fromtimestamp(found[0], UTC).isoformat()


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        pytest.param("[1777622400]", "2026-05-01T08:00:00+00:00", id="Unbound"),
        pytest.param("[7]", "1970-01-01T00:00:07+00:00", id="a clock that was never set"),
        pytest.param("2026-05-01T08:00:00.250+00:00", "2026-05-01T08:00:00.250000+00:00", id="Unbound ISO"),
        pytest.param("2026-05-01T10:00:00+02:00", "2026-05-01T08:00:00+00:00", id="syslog of RFC 5424"),
        pytest.param("2026-05-01T08:00:00.5-0130", "2026-05-01T09:30:00.500000+00:00", id="offset without colon"),
        pytest.param("2026-05-01T08:00:00Z", "2026-05-01T08:00:00+00:00", id="BIND iso8601-utc"),
        pytest.param("01-May-2026 08:00:00.125", "2026-05-01T08:00:00.125000+00:00", id="BIND local"),
        pytest.param("<30>1 2026-05-01T08:00:00Z", "2026-05-01T08:00:00+00:00", id="with a priority"),
        pytest.param("Fri May  1 08:00:00 2026", "2026-05-01T08:00:00+00:00", id="OpenWrt"),
        pytest.param("2026-05-01 08:00:00,500", "2026-05-01T08:00:00.500000+00:00", id="comma"),
    ],
)
def test_times_that_say_their_year(front: str, expected: str) -> None:
    assert moment(f"{front} rest of it") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rest of it",
        "2026-02-30T08:00:00Z rest of it",
        "Feb 30 08:00:00 rest of it",
        "May  1 25:00:00 rest of it",
        "31-Foo-2026 08:00:00 rest of it",
        "1969-12-31T23:59:59Z rest of it",
        "[99999999999999] rest of it",
        "0000-01-01T00:00:00Z rest of it",
    ],
)
def test_what_is_no_possible_time(text: str) -> None:
    assert times().split(text) is None


def test_nothing_lends_a_year_to_a_line_without_one() -> None:
    clock = times()
    assert moment("May  1 08:00:00 rest of it", clock) is None
    assert moment("<30>Feb 29 08:00:00 rest of it", clock) is None
    clock.tell()
    assert clock.undated == 2
    assert "2 lines have no year" in clock._source.notes[0]
    assert '[columns."dnsmasq.log"], year = "=YYYY"' in clock._source.notes[0]


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        pytest.param("dnsmasq.log-20260501.gz", "May  1 08:00:00", "2026-05-01T08:00:00+00:00", id="logrotate"),
        pytest.param(
            "dnsmasq.log-20260501", "May  2 00:00:01", "2026-05-02T00:00:01+00:00", id="rotated past midnight"
        ),
        pytest.param("dnsmasq.log-20260101", "Dec 31 08:00:00", "2025-12-31T08:00:00+00:00", id="turn of the year"),
        pytest.param("2026-05-01/dnsmasq.log", "May  1 08:00:00", "2026-05-01T08:00:00+00:00", id="folder of a day"),
        pytest.param(
            "20199999/x-2026_03_01.log", "Feb 28 08:00:00", "2026-02-28T08:00:00+00:00", id="no date, then one"
        ),
    ],
)
def test_a_date_in_the_path_tells_the_year(path: str, line: str, expected: str) -> None:
    clock = times(path)
    assert moment(f"{line} rest of it", clock) == expected
    clock.tell()
    assert any("from the path" in note for note in clock._source.notes)


@pytest.mark.parametrize(
    "path", ["20240115-audit/dnsmasq.log", "2024-01-15/gateway/dnsmasq.log", "dnsmasq.log-20249999", "log-1202401151"]
)
def test_other_dates_in_the_path_tell_nothing(path: str) -> None:
    assert moment("May  1 08:00:00 rest of it", times(path)) is None


def test_the_user_tells_the_year_of_the_first_line_and_it_turns_with_the_months() -> None:
    clock = times("dnsmasq.log-20300101", "=2025")
    found = [moment(f"{day} 08:00:00 rest of it", clock) for day in ("Nov 30", "Dec 31", "Jan  1", "Dec 31", "Jan  2")]
    assert [text and text[:10] for text in found] == [
        "2025-11-30",
        "2025-12-31",
        "2026-01-01",
        "2025-12-31",
        "2026-01-02",
    ]


def test_times_without_an_offset_are_told() -> None:
    clock = times()
    moment("01-May-2026 08:00:00 rest of it", clock)
    clock.tell()
    assert any("read as UTC" in note for note in clock._source.notes)
    clock = times()
    moment("2026-05-01T08:00:00Z rest of it", clock)
    clock.tell()
    assert clock._source.notes == []


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    times("x-20260501", None).split(text)
    times("x", "=2026").split(text)


@given(st.dates(min_value=date(1971, 1, 1)), st.times())
def test_whatever_is_printed_is_read_back(day: date, clock: time) -> None:
    text = f"{day.isoformat()}T{clock.strftime('%H:%M:%S')}Z"
    assert moment(f"{text} rest of it") == text.replace("Z", "+00:00")
