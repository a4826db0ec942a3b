"""A missing file of a rotated set is told; a log that is quiet by nature is not blamed for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.builders_logs import CONN_HEADER, conn_line

from beholden.run.gaps import note_gaps
from beholden.run.scan import scan
from beholden.scan import scanners
from beholden.scan.interface import Watch
from beholden.schema.result import Coverage


def told(files: Iterable[str], reader: str | None = "zeek-conn") -> dict[str, list[str]]:
    rows = [Coverage(file=name, reader=reader, status="read") for name in files]
    note_gaps(rows)
    return {row.file: row.notes for row in rows if row.notes}


def hourly(hours: Iterable[int], log: str = "conn") -> list[str]:
    return [f"2026-05-{1 + at // 24:02}/{log}.{at % 24:02}:00:00-{(at + 1) % 24:02}:00:00.log.gz" for at in hours]


def test_hours_that_are_missing_from_an_hourly_set_are_told_beside_the_file_before() -> None:
    assert told(hourly([*range(10, 13), *range(15, 30)])) == {
        "2026-05-01/conn.12:00:00-13:00:00.log.gz": [
            "nothing was read for 2026-05-01 13:00 to 2026-05-01 15:00 (by the clock of their names), "
            "in a set of 18 files that come every hour"
        ]
    }


def test_names_of_flow_logs_carry_the_time_in_utc() -> None:
    minutes = [at for at in range(0, 120, 5) if at not in (30, 35)]
    names = [f"2026/05/01/1234_fl-0a_20260501T{at // 60:02}{at % 60:02}Z_{at:08x}.log.gz" for at in minutes]
    ((file, notes),) = told(names, "vpc-flow").items()
    assert "T0025Z" in file
    gap = "nothing was read for 2026-05-01 00:30 to 2026-05-01 00:40 (UTC)"
    assert notes == [f"{gap}, in a set of 22 files that come every 5 minutes"]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(hourly(range(48)), id="whole-over-midnight"),
        pytest.param(hourly([0, 1, 4, 5, 6, 11, 12, 20, 21, 22]), id="quiet-by-nature"),
        pytest.param(hourly([8, 9, 10, 12]), id="too-few-to-show-a-rhythm"),
        pytest.param([f"conn.{at}.log" for at in range(20) if at != 7], id="no-time-in-the-names"),
        pytest.param([f"conn.2026-05-{day:02}.log" for day in range(1, 29) if day % 7 not in (2, 3)], id="no-weekends"),
        pytest.param([f"x.2026-{month:02}-01.log" for month in range(1, 13) if month != 5], id="longer-than-a-day"),
        pytest.param([f"conn.2026-03-29-{at:02}.log" for at in range(12) if at != 2], id="clocks-go-forward"),
        pytest.param([f"conn.2026-99-{at:02}-00.log" for at in range(1, 20) if at != 7], id="no-such-month"),
    ],
)
def test_what_is_no_gap_is_not_told(files: list[str]) -> None:
    assert told(files) == {}


def test_sets_of_two_sensors_and_two_logs_are_each_by_themselves() -> None:
    whole = [*hourly(range(12)), *hourly(range(12), "dns")]
    files = [f"{sensor}/{name}" for sensor in ("north", "south") for name in whole]
    missing = f"south/{hourly([5], 'dns')[0]}"
    assert list(told(name for name in files if name != missing)) == [f"south/{hourly([4], 'dns')[0]}"]


def test_files_that_nobody_reads_belong_to_no_set() -> None:
    assert told(hourly([*range(10), *range(12, 20)]), reader=None) == {}


def test_a_scan_tells_them(tmp_path: Path) -> None:
    for name in hourly([0, 1, 2, 3, 6, 7, 8]):
        path = tmp_path / name.removesuffix(".gz")
        path.parent.mkdir(exist_ok=True)
        path.write_text(CONN_HEADER + conn_line(5), encoding="utf-8")
    scanned = scan([tmp_path], scanners(), Watch(), lambda _: {}, lambda _: None)
    notes = {row.file: row.notes for row in scanned.coverage if row.notes}
    assert list(notes) == ["2026-05-01/conn.03:00:00-04:00:00.log"]
    assert "2026-05-01 04:00 to 2026-05-01 06:00" in notes.popitem()[1][0]
