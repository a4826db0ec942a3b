from __future__ import annotations

import pytest
from tests.builders_result import make_artefact, make_claim, make_finding, make_hop, make_result, sample_result

from beholden.report.paths import shareable_path, shareable_paths
from beholden.report.privacy import for_sharing
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
        ("10.20.0.8:443 and 44:19:b6:12:34:56", "host-3:443 and 44:19:b6:··:··:··"),
        ("section 889 of the laptop", "section 889 of the laptop"),
    ],
)
def test_own_host_is_replaced_in_what_a_reader_says(text: str, expected: str) -> None:
    artefact = make_artefact(own_hosts=_hosts("web-1.corp.example", "laptop", "10.20.0.8"))
    row = Coverage(file="a.log", reader="zeek", status="partial", reasons={text: 1}, notes=[text])
    [shown] = for_sharing(make_result([make_finding(artefact=artefact)], coverage=[row])).coverage
    assert (shown.notes, shown.reasons) == ([expected], {expected: 1})


@pytest.mark.parametrize("name", ["Hikvision", "section", "889", "huawei", "Hangzhou", "mac", "us-889", "f-0001"])
def test_host_with_a_word_of_the_law_or_of_a_party_leaves_both_as_they_are(name: str) -> None:
    original = make_finding(
        artefact=make_artefact(own_hosts=_hosts(name, "10.20.0.8"), details=[{"hostname": name}]),
        questions=["Is the Hikvision device at 10.20.0.8 covered by section 889?"],
        why="Hikvision, Hangzhou, is on section 889; huawei is not. The mac is of f-0001 on us-889.",
        claims=["c1"],
    )
    claim = make_claim(text="Hikvision and huawei are named in section 889.")
    row = Coverage(file="a.log", reader="zeek", status="read", notes=["Hikvision section 889 huawei"])
    result = make_result([original], claims=[claim], coverage=[row])
    shown = for_sharing(result)
    [finding] = shown.findings
    kept = ("id", "operator", "listed_entity", "listing", "consequences", "path", "why", "match", "claims")
    assert [getattr(finding, field) for field in kept] == [getattr(original, field) for field in kept]
    assert (shown.claims, shown.sources, shown.coverage, shown.summary) == (
        result.claims,
        result.sources,
        result.coverage,
        result.summary,
    )
    assert finding.questions == ["Is the Hikvision device at host-2 covered by section 889?"]
    assert [item.value for item in finding.artefact.own_hosts.top] == ["host-1", "host-2"]
    assert finding.artefact.details == [{"hostname": "host-1"}]


def test_own_address_and_full_mac_go_from_why_and_path() -> None:
    finding = make_finding(
        why="44:19:b6:12:34:56 has the address 10.20.0.8 in 10.20.0.0/16.",
        path=[make_hop(from_="44:19:b6:12:34:56", to="10.20.0.8-10.20.0.8")],
        artefact=make_artefact(own_hosts=_hosts("10.20.0.8")),
    )
    [shown] = for_sharing(make_result([finding])).findings
    assert shown.why == "44:19:b6:··:··:·· has the address host-1 in 10.20.0.0/16."
    assert (shown.path[0].from_, shown.path[0].to) == ("44:19:b6:··:··:··", "host-1-host-1")


def test_own_proxy_account_and_interface_are_pseudonyms() -> None:
    proxied = {"via": "proxy", "server": "203.0.113.22", "port": 8443}
    details = [proxied, {"server": "203.0.113.99"}, {"account": "123456789010", "interface": "eni-0a1b"}]
    finding = make_finding(artefact=make_artefact(own_hosts=_hosts("10.20.0.8"), details=details))
    [shown] = for_sharing(make_result([finding])).findings
    assert shown.artefact.details == [
        {"via": "proxy", "server": "host-2", "port": 8443},
        {"server": "203.0.113.99"},
        {"account": "account-1", "interface": "interface-1"},
    ]


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


@pytest.mark.parametrize("key", ["hostname", "host_name", "client_fqdn", "fqdn"])
def test_host_name_in_the_details_of_a_lease_is_a_pseudonym(key: str) -> None:
    artefact = make_artefact(own_hosts=_hosts("10.20.0.8"), details=[{key: "Annas-iPad", "vendor_class": "OLT"}])
    [shown] = for_sharing(make_result([make_finding(artefact=artefact)])).findings
    assert shown.artefact.details == [{key: "host-2", "vendor_class": "OLT"}]


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


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/srv/x/recs/a.leases", "/srv/x/other/a.leases"], ["recs/a.leases", "other/a.leases"]),
        (["/srv/x/recs/a.leases", "/srv/x/recs/b.leases"], ["a.leases", "b.leases"]),
        (["/srv/one/in/a.csv", "/srv/two/in/a.csv"], ["one/in/a.csv", "two/in/a.csv"]),
        (["/home/anna/a.csv", "/home/bob/a.csv"], ["a.csv", "folder-2/a.csv"]),
        (["/home/anna/in/a.csv", "/home/bob/in/a.csv"], ["in/a.csv", "folder-2/in/a.csv"]),
        (["C:\\Users\\anna\\a.csv", "D:\\in\\a.csv"], ["a.csv", "in/a.csv"]),
        (["~anna/a.csv", "~bob/a.csv"], ["a.csv", "folder-2/a.csv"]),
        (["a.csv", "/home/anna/a.csv"], ["a.csv", "folder-2/a.csv"]),
        (["in/a.csv", "/srv/in/a.csv"], ["in/a.csv", "a.csv"]),
        (["../a.csv", "a.csv"], ["folder-2/a.csv", "a.csv"]),
    ],
)
def test_files_of_the_same_name_stay_apart_without_the_name_of_a_user(paths: list[str], expected: list[str]) -> None:
    assert list(shareable_paths(paths).values()) == expected


def test_path_in_what_a_reader_says_is_that_of_the_file() -> None:
    file = "/tmp/x/anna sample/recs/dhcpd.leases"
    notes = [f"{file}:9: unreadable date", "cannot be read beside /home/anna/x/b.leases; see https://a.example/b/c"]
    rows = [
        Coverage(file=file, reader="dhcpd-leases", status="partial", reasons={f"{file}: cut": 1}, notes=notes),
        Coverage(file="/tmp/x/anna sample/other/dhcpd.leases", reader="dhcpd-leases", status="read"),
    ]
    shown = for_sharing(make_result(coverage=rows)).coverage
    assert [row.file for row in shown] == ["recs/dhcpd.leases", "other/dhcpd.leases"]
    assert shown[0].reasons == {"recs/dhcpd.leases: cut": 1}
    assert shown[0].notes == [
        "recs/dhcpd.leases:9: unreadable date",
        "cannot be read beside b.leases; see https://a.example/b/c",
    ]
