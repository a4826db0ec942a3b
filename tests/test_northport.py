"""The example against a truth written by hand from its inputs: what must be found, and that nothing else is.

The truth names the operator behind each artefact that the inputs hold, not what the program printed: to change an input
of `examples/northport`, first change this table.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "northport"
LEVELS = ("prohibited", "restricted", "review", "upcoming", "contested", "info")

# (operator, relation, artefact kind, artefact value); devices and traffic of guests and tenants are no use of ours.
OURS = {
    # Cameras that Northport runs, by the holder of their OUI block, and the clouds that they call.
    ("hikvision", "hardware", "mac", "44:19:b6"),
    ("hikvision", "hardware", "mac", "c0:56:e3"),
    ("hikvision", "firmware_cloud", "domain", "hik-connect.com"),
    ("dahua", "hardware", "mac", "14:a7:8b"),
    ("dahua", "hardware", "mac", "3c:ef:8c"),
    ("dahua", "firmware_cloud", "domain", "easy4ipcloud.com"),
    # The optical line terminal of the telecom unit, office access points, the radio module of the yard gateway.
    ("huawei", "hardware", "mac", "e0:06:30"),
    ("tplink-us", "hardware", "mac", "04:0f:66"),
    ("tplink-us", "hardware", "mac", "00:31:92"),
    ("quectel", "hardware", "name", "Quectel Wireless Solutions Co., Ltd."),
    # Who was paid.
    ("hikvision", "supplier", "name", "Hangzhou Hikvision Digital Technology Co., Ltd."),
    ("huawei", "supplier", "name", "华为技术有限公司"),
    ("alibaba-cloud-singapore", "supplier", "name", "Alibaba Cloud (Singapore) Private Limited"),
    ("catl", "supplier", "name", "CONTEMPORARY AMPEREX TECHNOLOGY CO LTD"),
    ("tplink-us", "supplier", "name", "TP-Link Systems Inc."),
    ("dji", "supplier", "name", "SZ DJI Technology Co., Ltd."),
    # Where data went; a lookup of the model API without a connection is there, but only probable.
    ("alibaba", "service_endpoint", "domain", "aliyuncs.com"),
    ("alibaba", "hosting", "asn", "AS45102"),
    ("alibaba", "dns_resolver", "ip", "223.5.5.5"),
    ("deepseek", "model_api", "domain", "api.deepseek.com"),
    # Software: clients of a vendor's service, code that comes from a vendor, open weights.
    ("alibaba", "vendor_sdk", "purl", "pkg:npm/ali-oss"),
    ("alibaba", "vendor_sdk", "purl", "pkg:pypi/dashscope"),
    ("alibaba", "vendor_sdk", "purl", "pkg:golang/github.com/aliyun/aliyun-oss-go-sdk"),
    ("alibaba", "code_dependency", "purl", "pkg:maven/com.alibaba.fastjson2/fastjson2"),
    ("alibaba", "model_weights", "model", "qwen/qwen2.5-7b-instruct"),
    ("ant", "code_dependency", "purl", "pkg:npm/antd"),
    ("ant", "code_dependency", "purl", "pkg:npm/%40ant-design/icons"),
    ("bytedance", "code_dependency", "purl", "pkg:npm/%40rspack/core"),
    ("bytedance", "code_dependency", "purl", "pkg:golang/github.com/bytedance/sonic"),
    ("bytedance", "code_dependency", "purl", "pkg:golang/github.com/bytedance/sonic/loader"),
    ("bytedance", "code_dependency", "purl", "pkg:golang/github.com/cloudwego/base64x"),
}
OTHERS = {
    ("huawei", "hardware", "mac", "48:db:50"): "guest",
    ("alibaba", "service_endpoint", "domain", "taobao.com"): "guest",
    ("tplink-cn", "hardware", "mac", "68:dd:b7"): "tenant",
}
# A federal contractor may not use what section 889(a)(1)(B) covers, anywhere in the company.
USED_UNDER_889 = {
    (operator, relation, kind, value)
    for operator, relation, kind, value in OURS
    if operator in {"hikvision", "dahua", "huawei"} and relation in {"hardware", "firmware_cloud"}
}
# Each with the reason why no finding may rest on it.
DECOYS = {
    "Alibaba Travels Agency": "shares a word with a listed group and nothing else",
    "Spark Facilities": "shares a word with a product",
    "微光物流有限公司": "invented",
    "pkg:pypi/python-kasa": "a client that third persons wrote",
    "pkg:pypi/lark": "a parser library",
    "pkg:maven/org.apache.dubbo/dubbo": "belongs to a foundation",
    "hwcdn.net": "a content network whose name only begins like Huawei",
    "alibaba-travels.example": "a namesake",
    "AS37963": "only probed us; nobody answered",
    "00:1f:54": "Lorex: its listed owner sold it years before",
    "da:a1:19": "randomised address",
}

Artefact = tuple[str, str, str, str]


def scan(home: Path, *arguments: str) -> tuple[int, str]:
    """Run the command as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "beholden", "scan", str(EXAMPLE), "--format", "json", *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "BEHOLDEN_HOME": str(home)},
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("northport-home")


@pytest.fixture(scope="module")
def run(home: Path) -> tuple[int, str]:
    return scan(home, "--as-of", "2026-08-01")


@pytest.fixture(scope="module")
def result(run: tuple[int, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run[1])
    return document


def artefact(finding: dict[str, Any]) -> Artefact:
    seen = finding["artefact"]
    return finding["operator"]["id"], seen["relation"], seen["kind"], seen["value"]


def findings(result: dict[str, Any], wanted: Artefact) -> list[dict[str, Any]]:
    return [finding for finding in result["findings"] if artefact(finding) == wanted]


def worst(result: dict[str, Any], wanted: Artefact) -> str:
    levels = {str(finding["level"]) for finding in findings(result, wanted)}
    return min(levels, key=LEVELS.index)


def quantity(result: dict[str, Any], wanted: Artefact, unit: str, what: str) -> set[Decimal]:
    """The sum that every finding about the artefact must give alike."""
    return {
        Decimal(one["amount"])
        for finding in findings(result, wanted)
        for one in finding["artefact"]["quantities"]
        if (one["unit"], one["what"]) == (unit, what)
    }


def test_every_artefact_of_a_vendor_is_found_and_nothing_else(result: dict[str, Any]) -> None:
    assert {artefact(finding) for finding in result["findings"]} == OURS | OTHERS.keys()


@pytest.mark.parametrize("decoy", DECOYS)
def test_no_finding_rests_on_a_decoy(result: dict[str, Any], decoy: str) -> None:
    for finding in result["findings"]:
        seen = finding["artefact"]
        assert decoy not in {seen["value"], *(one["value"] for one in seen["values"]["top"])}


@pytest.mark.parametrize("wanted", sorted(USED_UNDER_889), ids="/".join)
def test_equipment_in_use_is_prohibited_for_a_contractor_under_889(result: dict[str, Any], wanted: Artefact) -> None:
    by_regime = {finding["listing"]["regime"]: finding for finding in findings(result, wanted) if finding["listing"]}
    rule = next(rule for rule in by_regime["us-889"]["consequences"] if rule["id"] == "us-889-b")
    assert (rule["level"], rule["consequence_status"], rule["binds_you"]) == ("prohibited", "in_force", True)


def test_nothing_but_889_and_the_subsidy_rule_prohibits(result: dict[str, Any]) -> None:
    prohibiting = {
        rule["id"]
        for finding in result["findings"]
        for rule in finding["consequences"]
        if rule["level"] in {"prohibited", "restricted"}
    }
    assert prohibiting <= {"us-889-b", "us-fcc-usf"}


@pytest.mark.parametrize("wanted", sorted(OTHERS), ids="/".join)
def test_guests_and_tenants_are_not_our_use(result: dict[str, Any], wanted: Artefact) -> None:
    assert {finding["artefact"]["segment"] for finding in findings(result, wanted)} == {OTHERS[wanted]}
    assert worst(result, wanted) in {"contested", "info"}


@pytest.mark.parametrize(
    ("wanted", "regime", "listed"),
    [
        pytest.param(
            ("alibaba-cloud-singapore", "supplier", "name", "Alibaba Cloud (Singapore) Private Limited"),
            "us-dod-1260h", "alibaba", id="subsidiary of a listed group",
        ),
        pytest.param(
            ("catl", "supplier", "name", "CONTEMPORARY AMPEREX TECHNOLOGY CO LTD"), "us-154", "catl", id="statute"
        ),
        pytest.param(("dji", "supplier", "name", "SZ DJI Technology Co., Ltd."), "us-dod-1260h", "dji", id="editions"),
        pytest.param(
            ("quectel", "hardware", "name", "Quectel Wireless Solutions Co., Ltd."), "us-dod-1260h", "quectel",
            id="part inside a device",
        ),
        pytest.param(
            ("tplink-cn", "hardware", "mac", "68:dd:b7"), "us-dod-1260h", "tplink-cn", id="one of two groups of a brand"
        ),
    ],
)  # fmt: skip
def test_listings_are_those_of_the_right_party(
    result: dict[str, Any], wanted: Artefact, regime: str, listed: str
) -> None:
    found = {(finding["listing"]["regime"], finding["listed_entity"]["id"]) for finding in findings(result, wanted)
             if finding["listing"]}  # fmt: skip
    assert (regime, listed) in found


def test_one_brand_of_two_groups_is_not_one_listing(result: dict[str, Any]) -> None:
    listed = {
        finding["listed_entity"]["id"] for finding in result["findings"] if finding["operator"]["id"] == "tplink-us"
    }
    assert listed == {"tplink-us"}


def test_a_credit_note_reduces_what_was_paid(result: dict[str, Any]) -> None:
    hikvision = ("hikvision", "supplier", "name", "Hangzhou Hikvision Digital Technology Co., Ltd.")
    paid = Decimal("18400.00") + Decimal("6250.00") - Decimal("1200.00") + Decimal("9875.50")
    assert quantity(result, hikvision, "USD", "paid") == {paid}


def test_payments_are_summed_per_currency(result: dict[str, Any]) -> None:
    huawei = ("huawei", "supplier", "name", "华为技术有限公司")
    assert quantity(result, huawei, "EUR", "paid") == {Decimal(73900 + 12480)}
    assert quantity(result, huawei, "USD", "paid") == set()


def test_only_what_our_hosts_sent_counts_as_sent(result: dict[str, Any]) -> None:
    # Three uploads in the cloud flow log and one in the Zeek log; neither a guest's flow nor any probe from outside.
    hosting = ("alibaba", "hosting", "asn", "AS45102")
    assert quantity(result, hosting, "By", "sent") == {Decimal(1048576 + 2097152 + 524288 + 7340032)}
    assert worst(result, hosting) in {"contested", "info"}


def test_a_lookup_without_a_connection_is_probable_only(result: dict[str, Any]) -> None:
    deepseek = findings(result, ("deepseek", "model_api", "domain", "api.deepseek.com"))
    assert {finding["match"]["decision"] for finding in deepseek} == {"probable"}


def test_units_follow_ledger_and_network(result: dict[str, Any]) -> None:
    for wanted, unit in (
        (("huawei", "supplier", "name", "华为技术有限公司"), "telecom"),
        (("huawei", "hardware", "mac", "e0:06:30"), "telecom"),
        (("hikvision", "hardware", "mac", "44:19:b6"), "airport"),
        (("alibaba", "service_endpoint", "domain", "aliyuncs.com"), "logistics"),
    ):
        assert {finding["artefact"]["unit"] for finding in findings(result, wanted)} == {unit}


def test_before_the_edition_of_june_2026_alibaba_is_not_listed_by_it(home: Path) -> None:
    _, output = scan(home, "--as-of", "2026-06-07")
    listed = {
        (finding["listing"]["regime"], finding["listed_entity"]["id"])
        for finding in json.loads(output)["findings"]
        if finding["listing"] and finding["listing"]["listing_status"] == "listed"
    }
    assert ("us-dod-1260h", "alibaba") not in listed
    assert ("us-dod-1260h", "hikvision") in listed


def test_coverage_names_the_broken_line_the_unread_file_and_the_randomised_addresses(result: dict[str, Any]) -> None:
    coverage = {row["file"]: row for row in result["coverage"]}
    ledger = coverage["finance/vendor-payments-2026.csv"]
    assert (ledger["status"], ledger["records_read"], ledger["records_rejected"]) == ("partial", 41, 1)
    assert any(note.startswith("finance/vendor-payments-2026.csv:24: wrong column count") for note in ledger["notes"])
    assert coverage["notes.txt"]["status"] == "no_reader"
    assert coverage["devices/dhcpd.leases"]["not_resolved"]["locally_administered"] == 3


def test_every_input_is_read_by_its_reader(result: dict[str, Any]) -> None:
    readers = {row["file"]: row["reader"] for row in result["coverage"] if row["reader"]}
    assert readers == {
        "devices/dhcpd.leases": "dhcpd-leases",
        "finance/vendor-payments-2026.csv": "ledger-csv",
        "network/vpcflow.log": "vpc-flow",
        "network/zeek/conn.log": "zeek-conn",
        "network/zeek/dns.log": "zeek-dns",
        "network/zeek/ssl.log": "zeek-ssl",
        "software/analytics/requirements.txt": "requirements-txt",
        "software/booking-portal/package-lock.json": "package-lock",
        "software/cargo-tracking/go.mod": "go-mod",
        "software/gateway/bom.cdx.json": "cyclonedx-json",
    }


def test_a_partly_rejected_input_ends_with_its_exit_code(run: tuple[int, str], home: Path) -> None:
    assert run[0] == 3
    assert scan(home, "--as-of", "2026-08-01", "--allow-incomplete")[0] == 0
    assert scan(home, "--as-of", "2026-08-01", "--fail-on", "prohibited")[0] == 1


def test_the_same_inputs_and_dates_give_the_same_bytes(run: tuple[int, str], home: Path) -> None:
    assert scan(home, "--as-of", "2026-08-01") == run
