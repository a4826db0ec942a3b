"""Traffic that went to an address while a name stood for it is traffic to that name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.scan.network.reading import watching

from beholden.run.scan import scan
from beholden.scan import SCANNERS
from beholden.scan.interface import Watch
from beholden.values.suffixes import WatchedNames

OURS, OTHER, EDGE = "10.0.0.5", "10.0.0.6", "203.0.113.7"
NOON = 1_714_564_800
WATCH = Watch(addresses=watching("198.51.100.1"), names=WatchedNames({"cloud.example": True}))


def log(folder: Path, name: str, fields: str, *records: str) -> None:
    header = f"#separator \\x09\n#path\t{name}\n#fields\t" + fields.replace(" ", "\t")
    lines = [header, *(record.replace(" ", "\t") for record in records)]
    (folder / f"{name}.log").write_text("\n".join(lines) + "\n", encoding="utf-8")


def dns(folder: Path, *records: str) -> None:
    log(folder, "dns", "ts id.orig_h id.resp_h query qtype_name rcode rcode_name answers TTLs", *records)


def conn(folder: Path, *records: str) -> None:
    log(
        folder,
        "conn",
        "ts id.orig_h id.orig_p id.resp_h id.resp_p proto duration orig_bytes resp_bytes conn_state",
        *records,
    )


def asked(seconds: int, client: str = OURS, name: str = "api.cloud.example", address: str = EDGE) -> str:
    return f"{NOON + seconds}.0 {client} 10.0.0.1 {name} A 0 NOERROR {address} 60.0"


def talked(seconds: int, client: str = OURS, size: int = 1000, address: str = EDGE) -> str:
    return f"{NOON + seconds}.0 {client} 50000 {address} 443 tcp 5.0 {size} 200 SF"


def sent(folder: Path) -> list[tuple[str, int, str]]:
    """Name, bytes and certainty of what was sent by day."""
    rows: list[dict[str, Any]] = scan([folder], SCANNERS, WATCH, lambda _: {}, lambda _: None).observations.to_pylist()
    return [
        (row["value"], int(row["amount"]), row["certainty"])
        for row in rows
        if row["kind"] == "domain" and row["what"] == "sent" and row["grain"] == "day"
    ]


def test_a_connection_within_the_life_of_the_answer_goes_to_the_name(tmp_path: Path) -> None:
    dns(tmp_path, asked(0))
    conn(tmp_path, talked(1), talked(59, size=500))
    assert sent(tmp_path) == [("api.cloud.example", 1500, "confirmed")]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(talked(90), id="after the answer's life"),
        pytest.param(talked(-30), id="before the answer"),
        pytest.param(talked(1, client=OTHER), id="another client"),
        pytest.param(talked(1, address="203.0.113.8"), id="another address"),
    ],
)
def test_other_traffic_does_not(tmp_path: Path, record: str) -> None:
    dns(tmp_path, asked(0))
    conn(tmp_path, record)
    assert sent(tmp_path) == []


def test_names_that_nobody_stands_behind_name_nothing(tmp_path: Path) -> None:
    dns(tmp_path, asked(0, name="shop.example"))
    conn(tmp_path, talked(1))
    assert sent(tmp_path) == []


def test_one_connection_goes_to_one_name_the_latest_that_was_told(tmp_path: Path) -> None:
    dns(tmp_path, asked(0, name="old.cloud.example"), asked(20, name="new.cloud.example"))
    conn(tmp_path, talked(10), talked(25, size=700))
    assert sorted(sent(tmp_path)) == [("new.cloud.example", 700, "confirmed"), ("old.cloud.example", 1000, "confirmed")]


def test_it_does_not_matter_which_log_is_read_first(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    dns(tmp_path / "b", asked(0))
    conn(tmp_path / "a", talked(1))
    assert sent(tmp_path) == [("api.cloud.example", 1000, "confirmed")]


def test_a_log_that_tells_names_and_traffic_is_read_before_one_that_only_needs_names(tmp_path: Path) -> None:
    common = {"src_ip": OURS, "src_port": 40000, "dest_ip": "10.0.0.1", "dest_port": 53, "proto": "UDP"}
    message = {"type": "answer", "id": 7, "rcode": "NOERROR", "rrname": "api.cloud.example", "rrtype": "A"}
    answer = {"answers": [{"rrname": "api.cloud.example", "rrtype": "A", "ttl": 60, "rdata": EDGE}]}
    event = {"timestamp": "2024-05-01T12:00:00+0000", "flow_id": 1, "event_type": "dns", **common}
    (tmp_path / "z.json").write_text(json.dumps({**event, "dns": {**message, **answer}}) + "\n", encoding="utf-8")
    conn(tmp_path, talked(1))
    assert sent(tmp_path) == [("api.cloud.example", 1000, "confirmed")]


def test_an_unwatched_address_with_a_name_makes_no_finding_about_the_address(tmp_path: Path) -> None:
    dns(tmp_path, asked(0))
    conn(tmp_path, talked(1))
    rows = scan([tmp_path], SCANNERS, WATCH, lambda _: {}, lambda _: None).observations.to_pylist()
    assert {row["kind"] for row in rows} == {"domain"}
