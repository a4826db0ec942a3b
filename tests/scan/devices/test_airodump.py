from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.scan.devices.surveys import OURS, heard, network
from tests.scan.network.reading import DATA, accepts, read

from beholden.errors import ScanError
from beholden.scan.devices.airodump import AirodumpCsv
from beholden.scan.interface import Watch
from beholden.scan.source import Source

SURVEY = DATA / "airodump" / "survey-01.csv"
AIRODUMP = AirodumpCsv()
ACCESS_POINTS = (
    "BSSID, First time seen, Last time seen, channel, Speed, Privacy, Cipher, Authentication, Power, # beacons, # IV, "
    "LAN IP, ID-length, ESSID, Key"
)
STATIONS = "Station MAC, First time seen, Last time seen, Power, # packets, BSSID, Probed ESSIDs"


def survey(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "survey.csv"
    path.write_text("\r\n".join(["", *lines, ""]), newline="")
    return path


def radio(mac: str, name: str) -> str:
    return (
        f"{mac}, 2026-03-02 08:00:00, 2026-03-02 09:30:00,  6,  54, WPA2, CCMP, PSK, -40,       31,       12,"
        f"   0.  0.  0.  0, {len(name):3}, {name}, "
    )


def test_radios_of_ours_are_ours_and_stations_that_joined_them_and_nothing_else() -> None:
    source, rows = heard(AIRODUMP, SURVEY)
    assert rows == [
        # A radio that the profile lists is sure; one that only goes by our name may be anybody's.
        ("00:53:00:10:00:01", "bssid", "wifi-radio:Northport-Staff", "confirmed", 1),
        ("00:53:00:10:00:02", "bssid", "wifi-radio:Northport-Guest", "probable", 1),
        ("00:53:00:30:00:01", "station", "wifi:Northport-Staff", "confirmed", 1),
        ("00:53:00:30:00:03", "station", "wifi:Northport-Guest", "probable", 1),
    ]
    assert (source.records_read, source.records_rejected) == (10, 0)
    assert source.not_resolved == {
        "wifi_heard_not_ours": 5,
        "wifi_our_name_on_other_radio": 1,
        "locally_administered": 2,
    }


def test_without_networks_of_ours_everything_was_only_heard() -> None:
    source, rows = heard(AIRODUMP, SURVEY, Watch())
    assert rows == []
    assert source.not_resolved["wifi_heard_not_ours"] == source.records_read == 10
    assert any("heard is not owned" in note and "[[wifi]]" in note for note in source.notes)


def test_a_row_says_when_where_and_under_which_name() -> None:
    row = read(AIRODUMP, SURVEY, OURS).rows[0]
    assert (row["kind"], row["relation"], row["direction"], row["acted_on"]) == ("mac", "hardware", "none", None)
    assert row["lines"] == [3]
    assert row["first_seen"] == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert row["last_seen"] == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert row["detail"] == '{"seen_as": "access point", "ssid": "Northport-Staff"}'


def test_a_name_with_commas_is_one_name(tmp_path: Path) -> None:
    path = survey(tmp_path, ACCESS_POINTS, radio("00:53:00:10:00:07", "Ops, gate 3, "))
    ours = Watch(wifi=(network("Ops, gate 3, "),))
    assert [row[0] for row in heard(AIRODUMP, path, ours)[1]] == ["00:53:00:10:00:07"]


@pytest.mark.parametrize("name", ["northport-guest", "Northport-Guest2", "Northport-Gues", ""])
def test_another_name_is_not_ours(name: str, tmp_path: Path) -> None:
    assert heard(AIRODUMP, survey(tmp_path, ACCESS_POINTS, radio("00:53:00:10:00:07", name)))[1] == []


def test_what_stations_look_for_is_never_kept() -> None:
    text = str(read(AIRODUMP, SURVEY, OURS).rows) + str(read(AIRODUMP, SURVEY, OURS).source.notes)
    assert "Home" not in text
    assert "Cafe" not in text


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param([radio("00:53:00:10:00:07", "x")], "stands before any table", id="no header"),
        pytest.param([ACCESS_POINTS, "00:53:00:10:00:07, 2026-03-02 08:00:00"], "wrong column count", id="cut"),
        pytest.param([ACCESS_POINTS, radio("broadcast", "x")], "not the hardware address of a device", id="no MAC"),
        pytest.param(
            [ACCESS_POINTS, radio("01:00:5e:00:00:01", "x")], "not the hardware address of a device", id="group"
        ),
        pytest.param(
            [ACCESS_POINTS, radio("00:53:00:10:00:07", "x").replace("2026-03", "2026-13")], "unreadable date", id="date"
        ),
        pytest.param([STATIONS, "00:53:00:30:00:01, 2026-03-02 08:10:00,"], "wrong column count", id="station cut"),
    ],
)
def test_a_bad_record_is_rejected_with_its_line_and_reason(lines: list[str], reason: str, tmp_path: Path) -> None:
    source, rows = heard(AIRODUMP, survey(tmp_path, *lines))
    assert rows == []
    assert source.reasons == {reason: 1}
    assert f"survey.csv:{len(lines) + 1}: {reason}" in source.first_rejects[0]


def test_what_was_read_before_damage_is_given(tmp_path: Path) -> None:
    packed = gzip.compress(SURVEY.read_bytes() + bytes(range(256)) * 40)
    path = tmp_path / "survey.csv.gz"
    path.write_bytes(packed[: len(packed) - 60])
    given: list[str] = []
    source = Source(path, "survey.csv.gz")
    with pytest.raises(ScanError, match="damaged"):
        given.extend(row for batch in AIRODUMP.scan(source, OURS) for row in batch["value"].to_pylist())
    assert len(given) == 4
    assert any("only heard" in note for note in source.notes)


def test_many_devices_are_given_as_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.scan.devices.sightings.MAX_DEVICES", 3)
    radios = [radio(f"00:53:00:10:01:{number:02x}", "Northport-Guest") for number in range(10)]
    rows = heard(AIRODUMP, survey(tmp_path, ACCESS_POINTS, *radios, *radios))[1]
    assert len({row[0] for row in rows}) == 10
    assert sum(row[4] for row in rows) == 20


def test_it_is_known_by_its_header() -> None:
    assert accepts(AIRODUMP, SURVEY.read_bytes()).accepted
    assert not accepts(AIRODUMP, b"BSSID,SSID,Time\n").accepted
