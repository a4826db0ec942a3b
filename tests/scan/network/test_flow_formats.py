"""Readers of flow logs: what their own samples come to, the traps of each format, and hostile input."""

from __future__ import annotations

import json
from datetime import date
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
from tests.scan.network.reading import DATA, Read, accepts, read, watching

from beholden.errors import ScanError
from beholden.scan import SCANNERS
from beholden.scan.detect import detect
from beholden.scan.interface import Scanner, Watch
from beholden.scan.network.argus_flow import ArgusFlow
from beholden.scan.network.azure_nsg_flow import AzureNsgFlow
from beholden.scan.network.azure_vnet_flow import AzureVnetFlow
from beholden.scan.network.gcp_flow import GcpFlow
from beholden.scan.network.nfdump_csv import NfdumpCsv
from beholden.scan.network.nfdump_json import NfdumpJson
from beholden.scan.network.ocsf_network import OcsfNetwork
from beholden.scan.network.vpc_events import VpcEvents
from beholden.scan.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GCP = DATA / "gcp" / "vpc_flows.json"
VNET = DATA / "azure" / "vnet.PT1H.json"
ARGUS = DATA / "argus" / "flows.binetflow"
CLASSIC = DATA / "nfdump" / "classic.csv"
REMOTE = "203.0.113.7"


def _written(tmp_path: Path, scanner: Scanner, text: str, watch: Watch | None = None) -> Read:
    path = tmp_path / "input.log"
    path.write_text(text)
    return read(scanner, path, watch)


def _tried(result: Read) -> set[str]:
    return set(result.totals("attempted"))


@pytest.mark.parametrize(
    ("scanner", "sample", "sent", "received"),
    [
        (GcpFlow(), "gcp/vpc_flows.json", 5200, 9000),
        (GcpFlow(), "gcp/vpc_flows.array.json", 5200, 9000),
        (AzureVnetFlow(), "azure/vnet.PT1H.json", 5200, 7060),
        (AzureNsgFlow(), "azure/nsg.v2.PT1H.json", 5200, 7060),
        (NfdumpCsv(), "nfdump/classic.csv", 5200, 9000),
        (NfdumpCsv(), "nfdump/later.csv", 5200, 9000),
        (NfdumpCsv(), "nfdump/biflow.csv", 5200, 9000),
        (NfdumpJson(), "nfdump/flows.json", 5200, 9000),
        (ArgusFlow(), "argus/flows.binetflow", 5000, 10_000),
        (OcsfNetwork(), "ocsf/network.jsonl", 5000, 7000),
        (OcsfNetwork(), "ocsf/vpc.json", 5000, 7000),
        (VpcEvents(), "vpcflow/filter-log-events.json", 5300, 7000),
        (VpcEvents(), "vpcflow/opensearch.json", 5300, 7000),
    ],
)
def test_what_was_sent_and_received_is_summed_with_nothing_rejected(
    scanner: Scanner, sample: str, sent: int, received: int
) -> None:
    result = read(scanner, DATA / sample)
    assert (result.total("sent", REMOTE), result.total("received", REMOTE)) == (sent, received)
    assert result.source.records_rejected == 0


@pytest.mark.parametrize(
    ("scanner", "sample"),
    [
        (GcpFlow(), "gcp/vpc_flows.json"),
        (AzureVnetFlow(), "azure/vnet.PT1H.json"),
        (AzureNsgFlow(), "azure/nsg.v2.PT1H.json"),
        (NfdumpCsv(), "nfdump/classic.csv"),
        (NfdumpCsv(), "nfdump/biflow.csv"),
        (NfdumpJson(), "nfdump/flows.json"),
        (ArgusFlow(), "argus/flows.binetflow"),
        (OcsfNetwork(), "ocsf/network.jsonl"),
        (OcsfNetwork(), "ocsf/vpc.json"),
    ],
)
def test_a_probe_from_outside_that_got_no_content_is_no_act_of_ours(scanner: Scanner, sample: str) -> None:
    result = read(scanner, DATA / sample)
    assert "198.51.100.9" not in {row["value"] for row in [*result.rows, *result.values]}
    assert result.source.not_resolved["inbound_unanswered"] >= 1


@pytest.mark.parametrize("scanner", [GcpFlow(), AzureVnetFlow(), NfdumpCsv(), NfdumpJson(), ArgusFlow(), OcsfNetwork()])
def test_files_of_others_are_refused(scanner: Scanner) -> None:
    for path in sorted(DATA.rglob("*")):
        if path.is_file() and path.parent.name not in ("gcp", "azure", "nfdump", "argus", "ocsf"):
            assert not accepts(scanner, path.read_bytes(), path.name).accepted, path


@pytest.mark.parametrize(
    "sample",
    [
        "gcp/vpc_flows.array.json",
        "azure/nsg.v2.PT1H.json",
        "azure/vnet.PT1H.json",
        "nfdump/flows.json",
        "ocsf/vpc.json",
        "vpcflow/filter-log-events.json",
    ],
)
def test_a_file_that_breaks_off_keeps_what_came_before(tmp_path: Path, sample: str) -> None:
    path = tmp_path / "input.json"
    content = (DATA / sample).read_bytes()
    scanner = detect(Source(DATA / sample, sample), SCANNERS).scanner
    assert scanner is not None
    for cut in (len(content) - 3, len(content) // 2, 40, 1):
        path.write_bytes(content[:cut])
        read(scanner, path)


# Google Cloud


def test_google_flows_between_our_machines_are_reported_twice_and_count_for_nothing() -> None:
    result = read(GcpFlow(), GCP)
    assert result.source.not_resolved == {"local_to_local": 2, "icmp": 1, "inbound_unanswered": 1}
    assert any("estimates" in note for note in result.source.notes)


def _gcp(source: str, target: str, reporter: str, /, **other: Any) -> str:
    payload = {
        "connection": {"src_ip": source, "src_port": 50_000, "dest_ip": target, "dest_port": 443, "protocol": 6},
        "reporter": reporter,
        "bytes_sent": "9000",
        "packets_sent": "10",
        "start_time": "2026-05-01T10:00:00Z",
        "end_time": "2026-05-01T10:00:09.115UTC",
        **other,
    }
    return json.dumps({"jsonPayload": payload}) + "\n"


def test_the_reporting_end_is_ours_where_both_addresses_are_public(tmp_path: Path) -> None:
    text = _gcp("192.0.2.5", REMOTE, "SRC") + _gcp("198.51.100.77", "192.0.2.5", "DEST")
    result = _written(tmp_path, GcpFlow(), text)
    assert result.totals("sent") == {REMOTE: 9000}
    assert result.source.not_resolved["inbound_unanswered"] == 1


def test_of_two_reports_of_a_flow_that_of_our_end_counts(tmp_path: Path) -> None:
    ours = Watch(own_networks=(ip_network("192.0.2.0/24"),))
    both = _gcp("192.0.2.5", REMOTE, "SRC") + _gcp("192.0.2.5", REMOTE, "DEST")
    assert _written(tmp_path, GcpFlow(), both, ours).totals("sent") == {REMOTE: 9000}
    gateway = _gcp("192.0.2.5", REMOTE, "SRC") + _gcp("192.0.2.5", REMOTE, "SRC_GATEWAY")
    assert _written(tmp_path, GcpFlow(), gateway, ours).totals("sent") == {REMOTE: 9000}
    alone = _gcp("192.0.2.5", REMOTE, "SRC_GATEWAY")
    assert _written(tmp_path, GcpFlow(), alone, ours).totals("sent") == {REMOTE: 9000}


@pytest.mark.parametrize(
    "wrong",
    [
        {"reporter": "MOON"},
        {"bytes_sent": "many"},
        {"bytes_sent": -1},
        {"bytes_sent": True},
        {"bytes_sent": "9" * 30},
        {"start_time": "yesterday"},
        {"start_time": "2026-05-02T10:00:00Z"},
        {"start_time": None},
        {"end_time": 1e400},
    ],
)
def test_google_records_that_cannot_be_are_rejected(tmp_path: Path, wrong: dict[str, Any]) -> None:
    result = _written(tmp_path, GcpFlow(), _gcp("10.0.0.5", REMOTE, "SRC", **wrong) + _gcp("10.0.0.5", REMOTE, "SRC"))
    assert (result.source.records_read, result.source.records_rejected) == (1, 1)
    assert "input.log:1" in result.source.first_rejects[0]


# Azure


def test_azure_begins_count_for_nothing_and_parts_of_a_flow_sum_up() -> None:
    result = read(AzureVnetFlow(), VNET)
    rows = [row for row in result.rows if row["value"] == REMOTE and row["what"] == "sent"]
    assert [(row["count"], row["acted_on"]) for row in rows] == [(1, date(2026, 5, 1))]
    # Denied, and unanswered without content.
    assert _tried(result) == {"203.0.113.8", "203.0.113.9"}
    assert result.total("replied", "198.51.100.10") == 64_000
    assert result.source.not_resolved == {"flow_begins": 1, "local_to_local": 1, "inbound_unanswered": 2}


def test_the_direction_tells_which_end_is_the_machine(tmp_path: Path) -> None:
    text = VNET.read_text().replace("10.0.0.6", "192.0.2.6")
    result = _written(tmp_path, AzureVnetFlow(), text)
    assert result.total("sent", REMOTE) == 5200
    assert "198.51.100.9" not in {row["value"] for row in result.rows}


def test_version_1_counts_nothing_so_what_it_let_through_is_only_tried() -> None:
    result = read(AzureNsgFlow(), DATA / "azure" / "nsg.v1.PT1H.json")
    assert not result.totals("sent")
    assert _tried(result) == {REMOTE, "203.0.113.9"}
    assert any("version 1" in note for note in result.source.notes)


@pytest.mark.parametrize(
    "tuple_text",
    ["", "1,2", "1777629600000,10.0.0.6,x,1,2,6,O,E,NX,1,2,3,4", "1,10.0.0.6,203.0.113.7,1,2,6,S,E,NX,1,2,3,4",
     "1,10.0.0.6,203.0.113.7,1,2,6,O,Z,NX,1,2,3,4", "1,10.0.0.6,203.0.113.7,1,99999,6,O,E,NX,1,2,3,4"],
)  # fmt: skip
def test_malformed_tuples_are_rejected_and_their_neighbours_read(tmp_path: Path, tuple_text: str) -> None:
    record = json.loads(VNET.read_text())
    record["records"][0]["flowRecords"]["flows"][0]["flowGroups"][0]["flowTuples"].append(tuple_text)
    result = _written(tmp_path, AzureVnetFlow(), json.dumps(record))
    assert (result.source.records_read, result.source.records_rejected) == (9, 1)


# nfdump


def test_only_a_syn_without_ack_tells_who_opened(tmp_path: Path) -> None:
    result = read(NfdumpCsv(), CLASSIC)
    # Stopped by the router (forwarding status), ICMP asked, ICMP answered, between ours.
    assert _tried(result) == {"203.0.113.9"}
    assert result.total("sent", "203.0.113.8") == 84
    assert result.source.not_resolved == {"icmp_reports": 1, "local_to_local": 1, "inbound_unanswered": 2}


def test_sampled_flows_are_estimates() -> None:
    result = read(NfdumpJson(), DATA / "nfdump" / "flows.json")
    assert any("2 records are from sampled packets" in note for note in result.source.notes)


def test_a_binary_capture_says_what_to_give_instead(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/netflow/slips-test1.nfdump.gz")
    found = detect(Source(path, path.name), SCANNERS)
    assert found.scanner is None
    assert "nfdump -o" in found.reason


# Argus


def test_argus_directions_and_states_tell_opener_and_outcome() -> None:
    result = read(ArgusFlow(), ARGUS)
    assert result.totals("sent") == {
        "203.0.113.11": 98,  # echo
        "203.0.113.53": 80,
        REMOTE: 5000,
        "203.0.113.9": 3000,  # `<-`: the one on the right opened
    }
    assert _tried(result) == {"203.0.113.8"}
    unsure = [row for row in result.rows if row["value"] == "203.0.113.10"]
    assert {row["certainty"] for row in unsure} == {"probable"}
    assert result.source.not_resolved == {
        "no_ip_traffic": 2,
        "inbound_unanswered": 2,
        "multicast_or_broadcast": 1,
    }


def test_the_real_argus_file_sums_to_an_independent_count(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/netflow/slips-test5-mixed.binetflow")
    rows = [line.split("\t") for line in path.read_text().splitlines()[1:]]
    result = read(ArgusFlow(), path)
    assert (result.source.records_read, result.source.records_rejected) == (len(rows), 0)
    sent: dict[str, int] = {}
    received: dict[str, int] = {}
    for row in rows:
        proto, source, target, total, out = row[2], row[3], row[6], row[11 + 1], row[13]
        if proto in ("tcp", "udp") and source.startswith("10.") and not target.startswith(("10.", "224.", "255.")):
            sent[target] = sent.get(target, 0) + int(out)
            received[target] = received.get(target, 0) + int(total) - int(out)
    assert result.totals("sent") == sent
    assert result.totals("received") == received


# OCSF


def test_ocsf_events_keep_to_what_they_tell() -> None:
    result = read(OcsfNetwork(), DATA / "ocsf" / "network.jsonl")
    # Refused; and a total for both directions.
    assert _tried(result) == {"203.0.113.9", "203.0.113.10"}
    unordered = [row for row in result.rows if row["value"] == "203.0.113.11"]
    assert {(row["direction"], row["certainty"]) for row in unordered} == {("out", "probable")}
    assert result.source.not_resolved == {"other_event_class": 1, "inbound_unanswered": 1, "listening": 1}


def test_three_versions_of_vpc_events_come_to_one_reading() -> None:
    result = read(OcsfNetwork(), DATA / "ocsf" / "vpc.json")
    assert result.totals("sent") == {REMOTE: 5000, "203.0.113.8": 6000}
    assert result.totals("received") == {REMOTE: 7000, "203.0.113.8": 0}
    assert {row["acted_on"] for row in result.rows} == {date(2026, 5, 1)}
    assert any("1 records were logged on the way" in note for note in result.source.notes)


def test_the_real_ocsf_samples_say_what_their_raw_records_say(shared: Callable[[str], Path]) -> None:
    for path in sorted(shared("data/inputs/ocsf/AWS").glob("*/VPC_Flowlogs/samples/*.ocsf")):
        names, values = (line.split(",") for line in path.with_suffix(".raw").read_text().splitlines())
        raw = dict(zip(names, values, strict=True))
        found = detect(Source(path, path.name), SCANNERS)
        assert found.scanner is not None
        result = read(found.scanner, path)
        assert (result.source.records_read, result.source.records_rejected) == (1, 0)
        if raw["action"] == "REJECT":
            assert not result.rows
            assert result.source.not_resolved == {"inbound_unanswered": 1}
        else:
            # SYN and ACK together: our side answered.
            assert result.totals("replied") == {raw["pkt_dstaddr"]: int(raw["bytes"])}


# Events around VPC records


def test_the_real_opensearch_sample_holds_attempts_only(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/vpcflow/opensearch-sample.json")
    events = json.loads(path.read_text())
    result = read(VpcEvents(), path)
    assert result.source.records_read == len(events)
    assert not result.totals("sent")


def test_subscription_events_hold_several_records(tmp_path: Path) -> None:
    lines = (DATA / "vpcflow" / "default.log").read_text().splitlines()[1:3]
    events = [{"id": str(at), "timestamp": 1, "message": line} for at, line in enumerate([*lines, "nonsense"])]
    text = json.dumps({"messageType": "DATA_MESSAGE", "logEvents": events})
    result = _written(tmp_path, VpcEvents(), json.dumps({"messageType": "CONTROL_MESSAGE", "logEvents": []}) + text)
    assert result.total("sent", REMOTE) == 5000
    assert (result.source.records_read, result.source.records_rejected) == (3, 1)


@pytest.mark.parametrize(
    ("scanner", "sample"),
    [(GcpFlow(), "gcp/vpc_flows.json"), (AzureVnetFlow(), "azure/vnet.PT1H.json"), (NfdumpCsv(), "nfdump/classic.csv")],
)
def test_addresses_that_nobody_watches_are_counted_only(scanner: Scanner, sample: str) -> None:
    result = read(scanner, DATA / sample, Watch(addresses=watching("192.0.2.200")))
    assert not result.rows
    assert result.source.not_resolved["ip"] >= 1


def test_a_header_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    path.write_text("ts,te,sa,da,sp\n")
    answer = accepts(NfdumpCsv(), path.read_bytes())
    assert not answer.accepted
    assert answer.near
    with pytest.raises(ScanError, match="no header"):
        read(NfdumpCsv(), path)
