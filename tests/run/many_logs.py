"""A folder with logs of many kinds, sound and damaged, for what must not depend on where they are read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from beholden.scan.network.vpc_layout import VERSION_2

# Addresses of Alibaba Cloud in one announced range.
WATCHED = ("47.115.216.88", "47.115.216.90")
PROFILE = """
[organisation]
name = "Example"
roles = ["us-person"]

[[networks]]
cidr = "10.1.0.0/16"

[[networks]]
cidr = "10.99.0.0/16"
segment = "guest"
"""
NOON = 1_780_315_200  # 2026-06-01T12:00:00Z
HEADER = " ".join(VERSION_2)


def record(number: int, host: str | None = None, status: str = "ACCEPT OK") -> str:
    """A record that differs from its neighbours in host, port, bytes and day; every fourth is an answer."""
    ours = host or f"10.{(1, 99)[number % 2]}.0.{number % 23}"
    ends = [f"{ours} {WATCHED[number % 2]}", f"{50_000 + number // 4} {443 + number % 3}"]
    if number % 4 == 3:
        ends = [" ".join(reversed(part.split())) for part in ends]
    start = NOON + number * 977
    sums = f"{number % 9 + 1} {40 * number} {start} {start + 60}"
    return f"2 123456789012 eni-0{number % 5} {' '.join(ends)} 6 {sums} {status}"


def write_logs(folder: Path) -> None:
    """Write them."""
    (folder / "beholden.toml").write_text(PROFILE, encoding="utf-8")
    lines = [record(number) for number in range(400)]
    odd = ["", "not a record", lines[7] + " and more", record(8, "nowhere"), record(9, status="- NODATA"), "x" * 5000]
    other = HEADER.replace("srcaddr dstaddr", "dstaddr srcaddr")
    texts = {
        "vpc/bad-lines.log": [HEADER, *(odd[n % 6] if n % 11 == 0 else line for n, line in enumerate(lines))],
        "vpc/default.log": lines,
        "vpc/joined.log": [HEADER, *lines[:150], HEADER, *lines[150:]],
        "vpc/other-columns-later.log": [HEADER, *lines[:150], other, *lines[150:]],
        "vpc/lacking-columns-later.log": [HEADER, *lines[:150], "version srcaddr dstaddr", *lines[150:]],
        "vpc/between-others.log": [HEADER, *(record(n, "198.51.100.7") for n in range(200))],
        "README.txt": ["What lies here."],
        "empty.log": [],
    }
    for name, content in texts.items():
        place = folder / name
        place.parent.mkdir(exist_ok=True)
        # The last line has no end.
        place.write_text("\n".join(content), encoding="utf-8")
    whole = gzip.compress("\n".join([HEADER, *lines]).encode())
    (folder / "vpc/whole.log.gz").write_bytes(whole)
    (folder / "vpc/cut-off.log.gz").write_bytes(whole[: len(whole) // 2])
    names = [name.replace("-", "_") for name in VERSION_2]
    columns = zip(*(line.split() for line in lines), strict=True)
    numbers = {"srcport", "dstport", "protocol", "packets", "bytes", "start", "end"}
    table = {
        name: [int(cell) for cell in column] if name in numbers else list(column)
        for name, column in zip(names, columns, strict=True)
    }
    pq.write_table(pa.table(table), folder / "vpc/flows.parquet", row_group_size=100)
    _write_zeek(folder / "zeek")
    _write_eve(folder / "eve.json")
    ledger = ["date,vendor,amount,currency", *(f"2026-06-0{n},Alibaba Cloud US LLC,{n}00.00,USD" for n in range(1, 8))]
    (folder / "ledger.csv").write_text("\n".join([*ledger, "2026-06-31,Nobody,1.00,USD", ""]), encoding="utf-8")


def _write_zeek(folder: Path) -> None:
    """Connections to an address while an answer of a resolver tied it to a name."""
    folder.mkdir()
    asked = [
        f"{NOON + 60 * n}.0\t10.1.0.5\t10.1.0.1\tapi.aliyun.com\tA\t0\tNOERROR\t203.0.113.7\t30.0" for n in range(9)
    ]
    talked = [
        f"{NOON + 20 * n}.0\t10.1.0.5\t{50_000 + n}\t203.0.113.7\t443\ttcp\t5.0\t{1000 + n}\t200\tSF" for n in range(30)
    ]
    logs = {
        "dns": ("ts id.orig_h id.resp_h query qtype_name rcode rcode_name answers TTLs", asked),
        "conn": (
            "ts id.orig_h id.orig_p id.resp_h id.resp_p proto duration orig_bytes resp_bytes conn_state",
            [*talked, "cut off"],
        ),
    }
    for name, (fields, records) in logs.items():
        header = [r"#separator \x09", f"#path\t{name}", "#fields\t" + fields.replace(" ", "\t")]
        (folder / f"{name}.log").write_text("\n".join([*header, *records, ""]), encoding="utf-8")


def _write_eve(place: Path) -> None:
    """Flows and handshakes of one log, which tells names itself."""
    events = []
    for number in range(60):
        common = {
            "timestamp": f"2026-06-01T12:{number:02}:00.000000+0000",
            "flow_id": number,
            "src_ip": "10.1.0.9",
            "src_port": 40_000 + number,
            "dest_ip": "203.0.113.9",
            "dest_port": 443,
            "proto": "TCP",
        }
        events.append({**common, "event_type": "tls", "tls": {"sni": "oss.aliyuncs.com"}})
        times = {"start": common["timestamp"], "end": common["timestamp"]}
        sums = {"pkts_toserver": 9, "pkts_toclient": 9, "bytes_toserver": 5000 + number, "bytes_toclient": 700}
        flow = {**sums, **times, "state": "closed"}
        events.append({**common, "event_type": "flow", "app_proto": "tls", "flow": flow})
    place.write_text("\n".join([*map(json.dumps, events), "{broken", ""]), encoding="utf-8")


def write_table(place: Path, form: str) -> None:
    """Records as a Parquet file: `vpc`, `ocsf` (what Amazon makes of VPC records), or `ocsf-of-others`."""
    cells = [record(number).split() for number in range(400)]
    cells[9][3] = "nowhere"
    cells[10][12] = "-"
    cells[10][13] = "NODATA"
    if form == "vpc":
        names = [name.replace("-", "_") for name in VERSION_2]
        numbers = {"srcport", "dstport", "protocol", "packets", "bytes", "start", "end"}
        columns = {
            name: [int(row[at]) if name in numbers else row[at] for row in cells] for at, name in enumerate(names)
        }
        pq.write_table(pa.table(columns), place)
        return
    events = [_event(row, "Amazon VPC" if form == "ocsf" else "Example Sensor") for row in cells]
    pq.write_table(pa.Table.from_pylist(events), place)


def _event(row: list[str], product: str) -> dict[str, object]:
    status = row[13]
    return {
        "class_uid": 4001,
        "activity_id": 6,
        "status_code": status,
        "time": int(row[10]) * 1000,
        "start_time": int(row[10]) * 1000,
        "end_time": int(row[11]) * 1000,
        "metadata": {"product": {"name": product}},
        "src_endpoint": {"ip": row[3], "port": int(row[5]), "interface_uid": row[2]},
        "dst_endpoint": {"ip": row[4], "port": int(row[6])},
        "connection_info": {"protocol_num": int(row[7]), "direction_id": 0},
        "traffic": {"bytes": int(row[9]), "bytes_out": int(row[9]), "bytes_in": 50, "packets": int(row[8])},
        "unmapped": "not read",
    }
