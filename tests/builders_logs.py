"""Logs of an invented network, some lines at a time, for what reads them over and over."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

# An address of Alibaba Cloud, and one of nobody for which a name of Alibaba Cloud stands.
WATCHED, NAMED = "47.115.216.88", "203.0.113.7"
NAME = "oss-cn-hangzhou.aliyuncs.com"
NOON = 1_780_315_200  # 2026-06-01T12:00:00Z
PROFILE = """
[organisation]
name = "Example"
roles = ["us-person"]

[[networks]]
cidr = "10.1.0.0/16"
"""
_FLOW_HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
_CONN = [
    "ts",
    "uid",
    "id.orig_h",
    "id.orig_p",
    "id.resp_h",
    "id.resp_p",
    "proto",
    "service",
    "duration",
    "orig_bytes",
    "resp_bytes",
    "conn_state",
    "local_orig",
    "local_resp",
    "missed_bytes",
    "history",
    "orig_pkts",
    "orig_ip_bytes",
    "resp_pkts",
    "resp_ip_bytes",
    "tunnel_parents",
]
_DNS = [
    "ts",
    "uid",
    "id.orig_h",
    "id.orig_p",
    "id.resp_h",
    "id.resp_p",
    "proto",
    "trans_id",
    "rtt",
    "query",
    "qclass",
    "qclass_name",
    "qtype",
    "qtype_name",
    "rcode",
    "rcode_name",
    "AA",
    "TC",
    "RD",
    "RA",
    "Z",
    "answers",
    "TTLs",
    "rejected",
]


def zeek_header(path: str, fields: list[str]) -> str:
    words = ["#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", f"#path\t{path}"]
    return "\n".join([*words, "\t".join(["#fields", *fields])]) + "\n"


CONN_HEADER = zeek_header("conn", _CONN)
DNS_HEADER = zeek_header("dns", _DNS)


def conn_line(host: int, remote: str = WATCHED, sent: int = 4000, second: int = 0) -> str:
    ends = [f"10.1.0.{host}", "50000", remote, "443", "tcp", "ssl"]
    sums = ["2.5", str(sent), "90000", "SF", "T", "F", "0", "ShADadFf", "20", str(sent + 800), "60", "92400", "-"]
    return "\t".join([f"{NOON + second}.5", f"C{host}x{second}", *ends, *sums]) + "\n"


def dns_line(host: int, name: str = NAME, address: str = NAMED, second: int = 0, life: int = 300) -> str:
    ends = [f"10.1.0.{host}", "40000", "10.1.0.2", "53", "udp", "7", "0.01"]
    asked = [name, "1", "C_INTERNET", "1", "A", "0", "NOERROR", "F", "F", "T", "T", "0"]
    cells = [f"{NOON + second}.1", f"D{host}x{second}", *ends, *asked, address, f"{life}.0", "F"]
    return "\t".join(cells) + "\n"


def json_lines(header: str, lines: str) -> str:
    """The same records as Zeek's JSON writer prints them."""
    fields = header.splitlines()[-1].split("\t")[1:]
    log = header.split("#path\t")[1].splitlines()[0]
    objects = []
    for line in lines.splitlines():
        cells = {name: cell for name, cell in zip(fields, line.split("\t"), strict=True) if cell != "-"}
        record: dict[str, object] = {"_path": log, **cells}
        for name in ("answers", "TTLs"):
            if name in record:
                record[name] = [cells[name]]
        objects.append(json.dumps(record))
    return "\n".join(objects) + "\n"


def eve_line(host: int, remote: str = WATCHED, sent: int = 4000, second: int = 0) -> str:
    start = f"2026-06-01T12:{second // 60 % 60:02}:{second % 60:02}.000000+0000"
    flow = {"pkts_toserver": 20, "pkts_toclient": 60, "bytes_toserver": sent, "bytes_toclient": 90000}
    times = {"start": start, "end": start, "age": 0, "state": "closed", "reason": "timeout"}
    ends = {"src_ip": f"10.1.0.{host}", "src_port": 50000, "dest_ip": remote, "dest_port": 443, "proto": "TCP"}
    flags = {"tcp_flags": "1b", "tcp_flags_ts": "1b", "tcp_flags_tc": "1b", "syn": True, "ack": True, "psh": True}
    record = {"timestamp": start, "flow_id": host * 100_000 + second, "event_type": "flow", **ends}
    return json.dumps({**record, "app_proto": "tls", "flow": {**flow, **times}, "tcp": flags}) + "\n"


def flow_line(host: int, remote: str = WATCHED, sent: int = 4000, second: int = 0) -> str:
    ends = f"10.1.0.{host} {remote} {50_000 + second % 10_000} 443"
    start = NOON + second
    return f"2 123456789012 eni-0aaaaaaaaaaaaaaaa {ends} 6 10 {sent} {start} {start + 60} ACCEPT OK\n"


def write_logs(folder: Path, files: int, lines: int) -> None:
    """A folder with a profile, a ledger, and logs of each kind, every second of them compressed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "beholden.toml").write_text(PROFILE, encoding="utf-8")
    ledger = 'date,vendor,amount,currency\n2026-05-20,"Hangzhou Hikvision Digital Technology Co., Ltd.",12.00,USD\n'
    (folder / "payments.csv").write_text(ledger, encoding="utf-8")
    for number in range(files):
        seconds = range(number * lines, (number + 1) * lines)
        remotes = (WATCHED, NAMED, "198.51.100.9")
        hosts = [(second % 50 + 3, remotes[second % 3], 4000 + second % 77, second) for second in seconds]
        texts = {
            f"a-conn.{number:03}.log": CONN_HEADER + "".join(conn_line(*row) for row in hosts),
            f"dns.{number:03}.log": DNS_HEADER + "".join(dns_line(row[0], second=row[3]) for row in hosts[::5]),
            f"eve.{number:03}.json": "".join(eve_line(*row) for row in hosts),
            f"flow.{number:03}.log": _FLOW_HEADER + "\n" + "".join(flow_line(*row) for row in hosts),
        }
        for name, text in texts.items():
            if number % 2:
                (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
            else:
                (folder / name).write_text(text, encoding="utf-8")
