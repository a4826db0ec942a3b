"""The queries of real captures, written as each resolver would have logged them, give what Zeek's log of them gives."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import read

from beholden.scan.network.bind_queries import BindQueries
from beholden.scan.network.dnsmasq_queries import DnsmasqQueries
from beholden.scan.network.route53 import Route53Resolver
from beholden.scan.network.unbound import Unbound
from beholden.scan.network.zeek_dns import ZeekDns
from beholden.scan.network.zeek_records import read_records
from beholden.scan.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from beholden.scan.interface import Scanner

LOGS = [
    "data/inputs/zeek/rita-proxy/dns.log.gz",
    "data/inputs/zeek/slips-test9-mixed-zeek-dir/dns.log.gz",
    "data/inputs/zeek/rita-json_with_all_fields/dns.log",
]
COLUMNS = (
    "ts", "id.orig_h", "id.resp_h", "query", "qtype_name", "rcode_name", "answers", "qclass_name", "rejected",
)  # fmt: skip
Record = dict[str, str]
NAME = re.compile(r"[A-Za-z0-9_.-]{1,253}", re.ASCII)
ADDRESS = re.compile(r"[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*", re.ASCII)


def records(path: Path) -> list[Record]:
    """Queries of private clients that any resolver could have logged, in Zeek's words."""
    source = Source(path, path.name)
    all_of_them = [dict(zip(COLUMNS, cells, strict=True)) for _, cells in read_records(source, "dns", COLUMNS, ("ts",))]
    return [
        record
        for record in all_of_them
        if record["id.orig_h"].startswith(("10.", "192.168.", "172.16."))
        and NAME.fullmatch(record["query"])
        and re.fullmatch(r"[A-Z]+", record["qtype_name"])
        and record["qclass_name"] in ("C_INTERNET", "-")
        and record["rcode_name"] in ("NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED")
        # Zeek counts an answer without records as rejected; resolvers print only its code.
        and (record["rejected"] != "T" or record["rcode_name"] in ("NXDOMAIN", "REFUSED"))
    ]


def zeek(record: Record) -> Iterator[str]:
    answers = [] if record["answers"] in ("-", "(empty)") else record["answers"].split(",")
    yield json.dumps(
        {"_path": "dns", **record, "ts": float(record["ts"]), "id.resp_h": "10.0.0.53", "answers": answers}
    )


def moment(record: Record) -> datetime:
    return datetime.fromtimestamp(float(record["ts"]), UTC)


def bind(record: Record) -> Iterator[str]:
    if record["rcode_name"] in ("NXDOMAIN", "REFUSED"):
        return  # BIND would not tell.
    name, client = record["query"], record["id.orig_h"]
    time = moment(record).strftime("%d-%b-%Y %H:%M:%S.%f")[:-3]
    rest = f"query: {name} IN {record['qtype_name']} +E(0)K (10.0.0.53)"
    yield f"{time} queries: info: client @0x7f00b8005490 {client}#40000 ({name}): {rest}"


def unbound(record: Record) -> Iterator[str]:
    asked = f"{record['id.orig_h']} {record['query']}. {record['qtype_name']} IN"
    front = f"[{int(float(record['ts']))}] unbound[412:0] info: "
    yield f"{front}{asked}"
    yield f"{front}{asked} {record['rcode_name']} 0.012000 0 90"


def route53(record: Record) -> Iterator[str]:
    answers = [] if record["answers"] in ("-", "(empty)") else record["answers"].split(",")
    typed = [
        {"Rdata": text, "Type": ("AAAA" if ":" in text else "A") if ADDRESS.fullmatch(text) else "CNAME", "Class": "IN"}
        for text in answers
    ]
    yield json.dumps(
        {
            "query_timestamp": moment(record).isoformat(),
            "query_name": f"{record['query']}.",
            "query_type": record["qtype_name"],
            "query_class": "IN",
            "rcode": record["rcode_name"],
            "answers": typed,
            "srcaddr": record["id.orig_h"],
        }
    )


NUMBERS = iter(range(10**9))


def dnsmasq(record: Record) -> Iterator[str]:
    name, client = record["query"], record["id.orig_h"]
    front = f"{moment(record).isoformat()} gw dnsmasq[77]: {next(NUMBERS)} {client}/40000"
    yield f"{front} query[{record['qtype_name']}] {name} from {client}"
    if record["rcode_name"] == "NXDOMAIN":
        yield f"{front} reply {name} is NXDOMAIN"
    elif record["rcode_name"] in ("REFUSED", "SERVFAIL"):
        yield f"{front} reply error is {record['rcode_name']}"
    elif record["answers"] not in ("-", "(empty)") and record["qtype_name"] in ("A", "AAAA"):
        owner = name
        for text in record["answers"].split(","):
            is_address = ADDRESS.fullmatch(text)
            yield f"{front} reply {owner} is {text if is_address else '<CNAME>'}"
            owner = owner if is_address else text


def queries(scanner: Scanner, path: Path, field: str = "dns.query") -> Counter[tuple[str, str, str]]:
    result = read(scanner, path)
    assert result.source.records_rejected == 0, result.source.first_rejects
    return Counter(
        {
            (row["value"], row["own_host"], str(row["acted_on"])): int(row["count"])
            for row in result.rows
            if row["field"] == field
        }
    )


def written(path: Path, lines: Iterator[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize(
    ("scanner", "printed", "fields"),
    [
        pytest.param(BindQueries(), bind, ("dns.query",), id="BIND"),
        pytest.param(Unbound(), unbound, ("dns.query",), id="Unbound"),
        pytest.param(Route53Resolver(), route53, ("dns.query", "dns.answers"), id="Route 53"),
        pytest.param(DnsmasqQueries(), dnsmasq, ("dns.query",), id="dnsmasq"),
    ],
)
def test_the_same_queries_give_the_same_sums(
    shared: Callable[[str], Path],
    tmp_path: Path,
    log: str,
    scanner: Scanner,
    printed: Callable[[Record], Iterator[str]],
    fields: tuple[str, ...],
) -> None:
    found = records(shared(log))
    path = written(tmp_path / "log", (line for record in found for line in printed(record)))
    truth = written(tmp_path / "zeek.json", (line for record in found for line in zeek(record)))
    for field in fields:
        expected = queries(ZeekDns(), truth, field)
        assert queries(scanner, path, field) == expected
        assert expected or field == "dns.answers"


@pytest.mark.parametrize("log", LOGS)
def test_the_same_answers_tie_the_same_names_to_the_same_addresses(
    shared: Callable[[str], Path], tmp_path: Path, log: str
) -> None:
    found = [record for record in records(shared(log)) if record["qtype_name"] in ("A", "AAAA")]
    truth = written(tmp_path / "zeek.json", (line for record in found for line in zeek(record)))
    ties = {(row["name"], row["address"], row["client"]) for row in read(ZeekDns(), truth).names}
    assert ties
    for scanner, printed in ((Route53Resolver(), route53), (DnsmasqQueries(), dnsmasq)):
        path = written(tmp_path / "log", (line for record in found for line in printed(record)))
        assert {(row["name"], row["address"], row["client"]) for row in read(scanner, path).names} == ties
