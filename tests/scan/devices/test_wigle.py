from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.scan.devices.surveys import OURS, heard, network
from tests.scan.network.reading import DATA, accepts, read

from beholden.errors import ScanError
from beholden.scan.devices.wigle import WigleCsv
from beholden.scan.interface import Watch

SURVEY = DATA / "wigle" / "survey.csv"
WIGLE = WigleCsv()
HEADER = (
    "WigleWifi-1.4,appRelease=2.53\n"
    "MAC,SSID,AuthMode,FirstSeen,Channel,RSSI,CurrentLatitude,CurrentLongitude,AltitudeMeters,AccuracyMeters,Type\n"
)


def test_sightings_of_our_radio_are_one_device_and_all_else_was_only_heard() -> None:
    source, rows = heard(WIGLE, SURVEY)
    assert rows == [("00:53:00:10:00:01", "bssid", "wifi-radio:Northport-Staff", "confirmed", 2)]
    assert (source.records_read, source.records_rejected) == (6, 0)
    assert source.not_resolved == {"wifi_heard_not_ours": 4, "locally_administered": 0}


def test_first_and_last_sighting_with_their_lines() -> None:
    [row] = read(WIGLE, SURVEY, OURS).rows
    assert row["lines"] == [3, 4]
    assert row["first_seen"] == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert row["last_seen"] == datetime(2026, 3, 2, 8, 10, tzinfo=UTC)


def test_positions_are_never_kept() -> None:
    found = read(WIGLE, SURVEY, OURS)
    assert "98.76" not in str(found.rows) + str(found.source.notes) + str(found.source.first_rejects)


def test_a_quoted_name_is_one_name() -> None:
    ours = Watch(wifi=(network("Cafe, Bar"),))
    assert [row[0] for row in heard(WIGLE, SURVEY, ours)[1]] == ["00:53:00:20:00:01"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("00:53:00:10:00:01,Northport-Staff,[ESS],2026-03-02 08:00:00,6,-40", "wrong column count"),
        ("00:53:00:10:00:01,Northport-Staff,[ESS],yesterday,6,-40,,,,,WIFI", "unreadable date"),
        ("nowhere,Northport-Staff,[ESS],2026-03-02 08:00:00,6,-40,,,,,WIFI", "not the hardware address of a device"),
        ('00:53:00:10:00:01,"North,[ESS],2026-03-02 08:00:00,6,-40,,,,,WIFI', "wrong column count"),
    ],
)
def test_a_bad_record_is_rejected_and_the_next_is_read(record: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text(HEADER + record + "\n00:53:00:10:00:01,x,[ESS],2026-03-02 08:00:00,6,-40,,,,,WIFI\n")
    source, rows = heard(WIGLE, path)
    assert source.reasons == {reason: 1}
    assert [row[0] for row in rows] == ["00:53:00:10:00:01"]


@pytest.mark.parametrize(
    "text", ["WigleWifi-1.4,appRelease=2\n", "WigleWifi-1.4,appRelease=2\nMAC,SSID\n", "WigleWifi-1."]
)
def test_without_its_columns_the_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    path.write_text(text)
    with pytest.raises(ScanError, match="no header with the columns"):
        heard(WIGLE, path)


def test_it_is_known_by_its_pre_header() -> None:
    assert accepts(WIGLE, SURVEY.read_bytes()).accepted
    assert not accepts(WIGLE, HEADER.partition("\n")[2].encode()).accepted


def test_a_real_drive_is_read_whole_and_owns_nothing(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/wifi/wigle-2017-12-17.redacted.csv.gz")
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()[2:]
    source, rows = heard(WIGLE, path)
    assert rows == []
    assert (source.records_read, source.records_rejected) == (len(lines), 0)
    assert source.not_resolved["wifi_heard_not_ours"] == len(lines) == 3102
    # The second digit of an address that is set by software is 2, 3, 6, 7, A, B, E or F.
    assert source.not_resolved["locally_administered"] == sum(line[1].lower() in "2367abef" for line in lines)


def test_of_a_real_drive_only_the_radios_that_the_profile_lists_are_ours(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/wifi/wigle-2017-12-17.redacted.csv.gz")
    addresses = Counter(line[:17] for line in gzip.decompress(path.read_bytes()).decode().splitlines()[2:])
    [(address, count)] = Counter({mac: n for mac, n in addresses.items() if mac[1] in "048c"}).most_common(1)
    rows = heard(WIGLE, path, Watch(wifi=(network(None, address),)))[1]
    assert rows == [(address, "bssid", "wifi-radio:None", "confirmed", count)]
