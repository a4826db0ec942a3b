from __future__ import annotations

import gzip
import sqlite3
import struct
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from tests.scan.devices.kismet_file import DEVICES, SURVEY, VERSIONS, Row, access_point, build, insert, station
from tests.scan.devices.surveys import OURS, heard
from tests.scan.network.reading import DATA, accepts, read

from beholden.errors import ScanError
from beholden.scan.devices.kismet import KismetLog
from beholden.scan.devices.sqlite_table import Table
from beholden.scan.source import Source

KISMET = KismetLog()
FIXTURE = DATA / "kismet" / "survey.kismet"
ROWS = [
    ("00:53:00:10:00:01", "bssid", "wifi-radio:Northport-Staff", "confirmed", 1),
    ("00:53:00:10:00:02", "bssid", "wifi-radio:Northport-Guest", "probable", 1),
    ("00:53:00:30:00:01", "station", "wifi:Northport-Staff", "confirmed", 1),
    ("00:53:00:30:00:03", "station", "wifi:Northport-Guest", "probable", 1),
    ("00:53:00:30:00:03", "station", "wifi:Northport-Staff", "confirmed", 1),
]


def made(tmp_path: Path, *statements: str, rows: list[Row] | None = None) -> Path:
    """A log that somebody went on writing."""
    path = build(tmp_path / "x.kismet", SURVEY if rows is None else rows)
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


def test_stations_are_ours_by_the_access_points_they_joined_wherever_these_stand_in_the_table() -> None:
    source, rows = heard(KISMET, FIXTURE)
    assert rows == ROWS
    assert (source.records_read, source.records_rejected) == (10, 0)
    # A neighbour and its station, one that only asked, two of Bluetooth.
    assert source.not_resolved == {"wifi_heard_not_ours": 5, "locally_administered": 1}


def test_the_fixture_is_what_its_builder_writes(tmp_path: Path) -> None:
    def content(path: Path) -> list[str]:
        with closing(sqlite3.connect(path)) as connection:
            return list(connection.iterdump())

    assert content(FIXTURE) == content(build(tmp_path / "x", SURVEY, bluetooth=2))


def test_times_are_kept_and_positions_are_not() -> None:
    found = read(KISMET, FIXTURE, OURS)
    assert found.rows[0]["first_seen"] == datetime(2026, 3, 2, 8, 0, 5, tzinfo=UTC)
    assert found.rows[0]["last_seen"] == datetime(2026, 3, 2, 8, 1, 5, tzinfo=UTC)
    assert "98.76" not in str(found.rows)


@pytest.mark.parametrize("version", [5, 6, 7, 8])
def test_versions_five_to_eight_are_known(version: int, tmp_path: Path) -> None:
    source, rows = heard(KISMET, build(tmp_path / "x", SURVEY, version=version))
    assert rows == ROWS
    assert not any("version" in note for note in source.notes)


def test_another_version_is_told(tmp_path: Path) -> None:
    source, rows = heard(KISMET, build(tmp_path / "x", SURVEY, version=12))
    assert rows == ROWS
    assert any("version" in note for note in source.notes)


def test_maps_of_older_versions_are_objects_keyed_by_a_checksum(tmp_path: Path) -> None:
    names = {"2349871": {"dot11.advertisedssid.ssid": "Northport-Guest"}}
    older = ("00:53:00:10:00:02", "Wi-Fi AP", {"dot11.device": {"dot11.device.advertised_ssid_map": names}})
    assert heard(KISMET, build(tmp_path / "x", [older]))[1] == [ROWS[1]]


@pytest.mark.parametrize("empty", [0, None, {}, []])
def test_what_is_empty_may_be_printed_as_zero(empty: object, tmp_path: Path) -> None:
    bare = {"dot11.device.advertised_ssid_map": empty, "dot11.device.client_map": empty}
    rows: list[Row] = [
        ("00:53:00:10:00:01", "Wi-Fi AP", {"dot11.device": bare}),
        (
            "00:53:00:10:00:07",
            "Wi-Fi AP",
            {"dot11.device": {"dot11.device.advertised_ssid_map": [{"dot11.advertisedssid.ssid": 0}]}},
        ),
        ("00:53:00:30:00:01", "Wi-Fi Client", {"dot11.device": bare}),
        ("00:53:00:30:00:02", "Wi-Fi Device", {"dot11.device": 0}),
    ]
    source, found = heard(KISMET, build(tmp_path / "x", rows))
    assert [row[0] for row in found] == ["00:53:00:10:00:01"]
    assert (source.records_read, source.records_rejected) == (4, 0)


def test_a_gzipped_log_is_read_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "survey.kismet.gz"
    path.write_bytes(gzip.compress(FIXTURE.read_bytes()))
    assert heard(KISMET, path)[1] == ROWS


def test_names_that_mean_something_in_a_uri_are_names(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc&x#y%41.kismet"
    path.write_bytes(FIXTURE.read_bytes())
    assert heard(KISMET, path)[1] == ROWS
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_journal_beside_it_is_told_and_left_alone(tmp_path: Path) -> None:
    path = made(tmp_path)
    journal = tmp_path / "x.kismet-journal"
    journal.write_bytes(b"\xd9\xd5\x05\xf9 \xa1c\xd7" + bytes(2000))
    before = path.read_bytes()
    source, rows = heard(KISMET, path)
    assert rows == ROWS
    assert any("journal" in note for note in source.notes)
    assert journal.exists()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("device", "times", "reason"),
    [
        pytest.param("'{'", "1, 2", "not the JSON of a device", id="cut"),
        pytest.param("'[]'", "1, 2", "not the JSON of a device", id="array"),
        pytest.param("zeroblob(100)", "1, 2", "not the JSON of a device", id="zeros"),
        pytest.param("7", "1, 2", "wrong type of value", id="number"),
        pytest.param("NULL", "1, 2", "wrong type of value", id="null"),
        pytest.param("'{}'", "-1, 2", "time out of range", id="before 1970"),
        pytest.param("'{}'", "1, 9e99", "time out of range", id="no whole number"),
        pytest.param("'{}'", "1, 9223372036854775807", "time out of range", id="after 9999"),
        pytest.param("""'{"dot11.device": "3"}'""", "1, 2", "not the JSON of a device", id="another type inside"),
    ],
)
def test_a_bad_record_is_rejected_once_and_the_rest_is_read(
    device: str, times: str, reason: str, tmp_path: Path
) -> None:
    columns = "first_time, last_time, phyname, devmac, device"
    path = made(
        tmp_path, f"INSERT INTO devices ({columns}) VALUES ({times}, 'IEEE802.11', '00:53:00:50:00:01', {device})"
    )
    source, rows = heard(KISMET, path)
    assert rows == ROWS
    assert source.reasons == {reason: 1}


@pytest.mark.parametrize("depth", [2_000, 500_000])
def test_json_nested_too_deep_is_rejected(depth: int, tmp_path: Path) -> None:
    deep = "[" * depth + "]" * depth
    path = build(tmp_path / "x", SURVEY)
    with closing(sqlite3.connect(path)) as connection:
        insert(connection, ("00:53:00:50:00:01", "Wi-Fi AP", {}), 1)
        connection.execute("UPDATE devices SET device = ? WHERE devmac LIKE '%50:00:01'", (f'{{"x":{deep}}}',))
        connection.commit()
    source, rows = heard(KISMET, path)
    assert rows == ROWS
    assert source.reasons == {"not the JSON of a device": 1}


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        pytest.param(
            ["ALTER TABLE devices RENAME TO d", "CREATE VIEW devices AS SELECT * FROM d"], "no plain table", id="view"
        ),
        pytest.param(
            ["DROP TABLE devices", "CREATE VIRTUAL TABLE devices USING fts5(device)"], "no plain table", id="virtual"
        ),
        pytest.param(
            [
                "DROP TABLE devices",
                "CREATE TABLE devices (first_time, last_time, phyname, devmac, x, device AS (hex(zeroblob(x))))",
            ],
            "computed columns",
            id="generated",
        ),
        pytest.param(["ALTER TABLE devices DROP COLUMN device"], "no column device", id="column gone"),
        pytest.param(["DROP TABLE devices"], "no plain table", id="table gone"),
    ],
)
def test_what_would_run_on_reading_is_refused(statements: list[str], told: str, tmp_path: Path) -> None:
    path = made(tmp_path, *statements)
    with pytest.raises(ScanError, match=told):
        heard(KISMET, path)


def test_a_definition_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE devices (", b"CREATE TABLE d\x80vices ("))
    with pytest.raises(ScanError, match="not a readable SQLite database"):
        heard(KISMET, path)


def test_triggers_never_fire(tmp_path: Path) -> None:
    path = made(tmp_path, "CREATE TRIGGER t AFTER INSERT ON devices BEGIN DELETE FROM KISMET; END")
    before = path.read_bytes()
    assert heard(KISMET, path)[1] == ROWS
    assert path.read_bytes() == before


def test_a_value_beyond_the_bound_ends_the_reading_and_what_came_before_is_given(tmp_path: Path) -> None:
    path = made(
        tmp_path,
        "INSERT INTO devices (first_time, last_time, phyname, devmac, device) "
        "VALUES (1, 2, 'IEEE802.11', '00:53:00:50:00:01', zeroblob(40000000))",
        # The module of Python reads one row ahead: the one before the fault is lost with it.
        rows=[access_point("00:53:00:10:00:01"), access_point("00:53:00:60:00:01")],
    )
    given: list[str] = []
    with pytest.raises(ScanError, match="SQLITE_TOOBIG"):
        given.extend(row for batch in KISMET.scan(Source(path, "x"), OURS) for row in batch["value"].to_pylist())
    assert given == ["00:53:00:10:00:01"]


def test_pages_that_run_in_circles_do_not_hold_the_reader(tmp_path: Path) -> None:
    """A tree in which every inner page names the page below it a hundred times, ten levels down: 10^20 rows."""
    path = tmp_path / "x.kismet"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size = 1024")
        connection.execute(VERSIONS)
        connection.execute(DEVICES)
        connection.execute("CREATE TABLE filler (x)")
        connection.execute("INSERT INTO filler VALUES (zeroblob(20000))")
        [(root,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'devices'")
        insert(connection, station("00:53:00:30:00:01"), 1)
        connection.commit()
    image = bytearray(path.read_bytes())
    pages = [root, *range(len(image) // 1024 - 10, len(image) // 1024)]
    leaf = image[(root - 1) * 1024 : root * 1024]
    for page, below in pairwise(pages):
        cells = b"".join(struct.pack(">IB", below, 1) for _ in range(100))
        header = struct.pack(">BHHHBI", 5, 0, 100, 1024 - len(cells), 0, below)
        pointers = b"".join(struct.pack(">H", 1024 - len(cells) + 5 * number) for number in range(100))
        image[(page - 1) * 1024 : page * 1024] = (header + pointers).ljust(1024 - len(cells), b"\0") + cells
    image[(pages[-1] - 1) * 1024 : pages[-1] * 1024] = leaf
    path.write_bytes(image)
    with pytest.raises(ScanError, match=r"circles|CORRUPT"):
        heard(KISMET, path)


def test_other_databases_are_not_taken(tmp_path: Path) -> None:
    assert accepts(KISMET, FIXTURE.read_bytes(), "anything").accepted
    with closing(sqlite3.connect(tmp_path / "other")) as connection:
        connection.execute("CREATE TABLE devices (x)")
    assert not accepts(KISMET, (tmp_path / "other").read_bytes()).accepted
    assert not accepts(KISMET, b"").accepted


def test_text_comes_as_bytes(tmp_path: Path) -> None:
    path = made(tmp_path)
    table = Table(Source(path, "x"), "KISMET", ("db_version", "db_module"))
    assert list(table) == [(8, b"kismetlog")]
