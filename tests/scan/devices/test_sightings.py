from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from beholden.errors import ScanError
from beholden.scan.devices import sightings
from beholden.scan.devices.sightings import Devices, Sighting, WrongHardwareError, hardware, moment, summed
from beholden.scan.source import Source
from beholden.schema.observation import OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def seen(mac: str = "00:53:00:00:00:01", where: str | None = "10.0.0.1", line: int = 1, hour: int = 8) -> Sighting:
    return Sighting(mac, mac, line, "hwaddr", where, heard=datetime(2026, 1, 6, hour, tzinfo=UTC))


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "input"
    path.touch()
    return Source(path, "input")


def test_sightings_of_one_device_in_one_place_are_one_row(source: Source) -> None:
    given = [seen(line=1, hour=9), seen(line=2, hour=7), seen(where="10.0.0.2", line=3)]
    rows = pa.Table.from_batches(list(summed(Devices(source, "rows"), given)), schema=OBSERVATION).to_pylist()
    assert [(row["own_host"], row["count"], row["lines"]) for row in rows] == [
        ("10.0.0.1", 2, [1, 2]),
        ("10.0.0.2", 1, [3]),
    ]
    assert (rows[0]["first_seen"].hour, rows[0]["last_seen"].hour) == (7, 9)


@pytest.mark.parametrize("where", [None, "fe80::1", "169.254.7.7"])
def test_without_an_address_of_a_network_a_device_is_probable(source: Source, where: str | None) -> None:
    (batch,) = summed(Devices(source, "rows"), [seen(where=where)])
    assert batch["certainty"].to_pylist() == ["probable"]
    assert source.not_resolved["segment_not_known"] == 1
    assert source.notes[0].startswith("1 rows name no address of a network")


def test_many_devices_are_given_as_partial_rows_that_add_up(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "MAX_DEVICES", 10)
    given = [seen(f"00:53:00:00:00:{number % 40:02x}", line=number + 1) for number in range(400)]
    rows = pa.Table.from_batches(list(summed(Devices(source, "rows"), given)), schema=OBSERVATION)
    assert sum(rows["count"].to_pylist()) == 400
    assert len(set(rows["value"].to_pylist())) == 40


def test_what_was_read_before_a_file_breaks_off_is_given_before_the_error(source: Source) -> None:
    def broken() -> Iterator[Sighting]:
        yield seen()
        raise source.error("damaged")

    batches: list[pa.RecordBatch] = []
    with pytest.raises(ScanError, match="damaged"):
        batches.extend(summed(Devices(source, "rows"), broken()))
    given = summed(Devices(source, "rows"), broken())
    assert next(given).num_rows == 1


@pytest.mark.parametrize(
    ("text", "expected", "counted"),
    [
        ("0:53:0:1:2:3", "00:53:00:01:02:03", None),
        ("0053.0001.0203", "00:53:00:01:02:03", None),
        ("00:00:00:00:00:00", None, "no_hardware_address"),
        ("80:00:02:08:fe:80:00:00", None, "not_an_ethernet_address"),
    ],
)
def test_hardware_addresses_by_kind(source: Source, text: str, expected: str | None, counted: str | None) -> None:
    assert hardware(text, source) == expected
    assert dict(source.not_resolved) == ({counted: 1} if counted else {})


@pytest.mark.parametrize("text", ["", "camera", "00:53:00:01:02:0g", "000:53:00:01:02:03", ":" * 5, "ab:" * 500])
def test_another_text_is_no_hardware_address(source: Source, text: str) -> None:
    with pytest.raises(WrongHardwareError):
        hardware(text, source)


def test_a_moment_that_no_calendar_has_is_none() -> None:
    assert moment(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment(10**12) is None
