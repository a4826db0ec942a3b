from __future__ import annotations

import pytest
from tests.builders_result import make_artefact, make_finding, make_hop, make_result, sample_result

from beholden.report.privacy import for_sharing, shareable_path
from beholden.schema.result import Counted, Coverage, EntityRef, Location, Sample


def _hosts(*names: str) -> Sample:
    return Sample(distinct=len(names), top=[Counted(value=name, count=1) for name in names])


def test_own_hosts_are_numbered_in_the_order_of_the_document() -> None:
    first = make_finding(artefact=make_artefact(own_hosts=_hosts("web-1.corp.example", "10.20.0.8")))
    second = make_finding(id="f-2", artefact=make_artefact(own_hosts=_hosts("10.20.0.8", "anna-laptop")))
    shown = for_sharing(make_result([first, second]))
    numbered = [[item.value for item in finding.artefact.own_hosts.top] for finding in shown.findings]
    assert numbered == [["host-1", "host-2"], ["host-2", "host-3"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Seen by web-1.corp.example.", "Seen by host-1."),
        ("web-1.corp.example:443 answered", "host-1:443 answered"),
        ("https://web-1.corp.example/path", "https://host-1/path"),
        ("WEB-1.CORP.EXAMPLE", "host-1"),
        ("not web-1.corp.example.org", "not web-1.corp.example.org"),
        ("Anna's iPhone joined", "host-2 joined"),
    ],
)
def test_host_is_replaced_wherever_it_is_named(text: str, expected: str) -> None:
    artefact = make_artefact(own_hosts=_hosts("web-1.corp.example", "Anna's iPhone"))
    [shown] = for_sharing(make_result([make_finding(why=text, artefact=artefact)])).findings
    assert shown.why == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("44:19:b6:12:34:56", "44:19:b6:··:··:··"),
        ("44-19-B6-12-34-56", "44-19-B6-··-··-··"),
        ("4419.b612.3456", "4419.b6··.····"),
        ("4419b6123456", "4419b6······"),
        ("44:19:b6", "44:19:b6"),
    ],
)
def test_full_mac_keeps_only_the_maker_part(value: str, expected: str) -> None:
    artefact = make_artefact(value=value, values=_hosts(value), own_hosts=_hosts())
    [shown] = for_sharing(make_result([make_finding(artefact=artefact)])).findings
    assert (shown.artefact.value, shown.artefact.values.top[0].value) == (expected, expected)


def test_ipv6_address_is_not_taken_for_a_mac() -> None:
    artefact = make_artefact(kind="ip", value="2001:db8:12:34:56:78:9a:bc", own_hosts=_hosts())
    [shown] = for_sharing(make_result([make_finding(artefact=artefact)])).findings
    assert shown.artefact.value == "2001:db8:12:34:56:78:9a:bc"


def test_persons_are_one_pseudonym_under_all_their_names() -> None:
    person = EntityRef(id="ivo-sample", schema="Person", caption="Ivo Sample")
    finding = make_finding(
        operator=person,
        listed_entity=person,
        why="Paid to IVO SAMPLE, listed as SAMPLE, Ivo.",
        listing=make_finding().listing,
        path=[make_hop(from_="Sample I.", to="Ivo Sample", hop="name")],
        artefact=make_artefact(kind="name", value="Sample I.", values=_hosts("Sample I."), own_hosts=_hosts()),
    )
    assert finding.listing is not None
    finding.listing.listed_as = "SAMPLE, Ivo"
    [shown] = for_sharing(make_result([finding])).findings
    assert shown.why == "Paid to person-1, listed as person-1."
    assert (shown.operator.caption, shown.path[0].from_, shown.path[0].to) == ("person-1", "person-1", "person-1")


def test_people_in_a_waiver_are_pseudonyms() -> None:
    shown = next(finding for finding in for_sharing(sample_result()).findings if finding.waiver)
    assert shown.waiver is not None
    assert (shown.waiver.owner, shown.waiver.approver) == ("person-1", "person-2")


def test_nothing_private_of_the_sample_is_left() -> None:
    text = repr(for_sharing(sample_result()))
    for private in ("cam-anna", "10.20.0.8", "12:34:56", "ab:cd:ef", "Ivo", "Rita", "Olaf"):
        assert private not in text


def test_companies_and_file_names_stay() -> None:
    shown = for_sharing(sample_result())
    assert shown.findings[1].operator.caption == "Hangzhou Hikvision Digital Technology Co., Ltd."
    assert shown.findings[1].artefact.locations[0].file == "dhcp/dhcpd.leases"


@pytest.mark.parametrize("name", ["level", "hardware", "read", "prohibited", "mac", "f-0001", "sent", "us-889"])
def test_host_with_a_name_of_ours_changes_no_fixed_word(name: str) -> None:
    finding = make_finding(artefact=make_artefact(own_hosts=_hosts(name)))
    result = make_result([finding], coverage=[Coverage(file="a.log", reader="zeek", status="read")])
    shown = for_sharing(result)
    after = shown.findings[0]
    assert (after.id, after.level, after.artefact.relation, after.artefact.kind) == (
        "f-0001",
        "prohibited",
        "hardware",
        "mac",
    )
    assert (shown.coverage[0].status, after.listing and after.listing.regime) == ("read", "us-889")
    assert after.artefact.own_hosts.top[0].value == "host-1"


@pytest.mark.parametrize("key", ["hostname", "host_name", "client_fqdn", "fqdn"])
def test_host_name_in_the_details_of_a_lease_is_a_pseudonym(key: str) -> None:
    artefact = make_artefact(own_hosts=_hosts("10.20.0.8"), details=[{key: "Annas-iPad", "vendor_class": "OLT"}])
    [shown] = for_sharing(make_result([make_finding(why="Lease of annas-ipad.", artefact=artefact)])).findings
    assert shown.artefact.details == [{key: "host-2", "vendor_class": "OLT"}]
    assert shown.why == "Lease of host-2."


def test_empty_host_name_changes_no_text() -> None:
    finding = make_finding(artefact=make_artefact(own_hosts=_hosts("", " ")))
    assert for_sharing(make_result([finding])).findings[0].why == finding.why


def test_same_result_gives_the_same_pseudonyms() -> None:
    assert for_sharing(sample_result()) == for_sharing(sample_result())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/anna/in/ledger.csv", "ledger.csv"),
        ("C:\\Users\\anna\\ledger.csv", "ledger.csv"),
        ("~/ledger.csv", "ledger.csv"),
        ("/", "input"),
        ("..", "input"),
        ("in/../ledger.csv", "in/ledger.csv"),
        ("in/ledger.csv", "in/ledger.csv"),
    ],
)
def test_path_loses_the_folders_above_the_inputs(path: str, expected: str) -> None:
    assert shareable_path(path) == expected


def test_absolute_location_of_a_finding_is_shortened() -> None:
    finding = make_finding(artefact=make_artefact(locations=[Location(file="/home/anna/zeek/dns.log", line=2)]))
    [shown] = for_sharing(make_result([finding])).findings
    assert shown.artefact.locations[0].file == "dns.log"
