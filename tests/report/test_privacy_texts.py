"""What running text and file names lose, and what they keep because it is no name of ours."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders_result import PERSON, make_artefact, make_claim, make_finding, make_hop, make_result
from tests.report.private import KEY, make_hosts, make_waiver

from beholden.report.privacy import for_sharing
from beholden.schema.acceptance import Asked, BaselineInfo, WaiverUse
from beholden.schema.result import Coverage, EntityRef, Finding, Location, MatchResult
from beholden.schema.timeline import TimelineRow


def _note(text: str, *hosts: str, **artefact: Any) -> str:
    """What becomes of a text of ours beside a finding with these hosts."""
    finding = make_finding(artefact=make_artefact(own_hosts=make_hosts(*hosts), **artefact))
    row = Coverage(file="a.log", reader="zeek", status="read", notes=[text])
    return for_sharing(make_result([finding], coverage=[row])).coverage[0].notes[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("at anna-laptop, not anna-laptop-2", "at host-1, not anna-laptop-2", id="a whole name"),
        pytest.param("10.9.9.9 and 192.168.1.7/24", "host-2 and host-3/24", id="internal addresses nobody listed"),
        pytest.param("10.0.0.0/8 and 192.168.1.0/24", "10.0.0.0/8 and 192.168.1.0/24", id="a network is no host"),
        pytest.param("8.8.8.8 and 2001:db8::8", "8.8.8.8 and 2001:db8::8", id="addresses of others"),
        pytest.param("nas.lan, nas.lang", "host-2, nas.lang", id="a name no register gives out"),
        pytest.param("pkg:nuget/x@10.0.0.1", "pkg:nuget/x@10.0.0.1", id="a version is no address"),
        pytest.param("pkg:npm/a@1?vcs_url=git.nas.lan", "pkg:npm/a@1?vcs_url=host-2", id="where a package comes from"),
        pytest.param(
            "pkg:npm/a@1?vcs_url=https:%2F%2Fanna-laptop%2Fa", "pkg:npm/a@1?vcs_url=https://host-1/a", id="quoted"
        ),
        pytest.param("v0.0.0-20190308221718-c2843e01d9a2", "v0.0.0-20190308221718-c2843e01d9a2", id="a Go version"),
        pytest.param("sha256:c2843e01d9a2", "sha256:c2843e01d9a2", id="a digest"),
        pytest.param("c2843e01d9a2 seen", "c2843e······ seen", id="a MAC without separators"),
        pytest.param("paid 123456789012", "paid 123456789012", id="twelve digits are no MAC"),
        pytest.param("at 12:30:45-13:30:45", "at 12:30:45-13:30:45", id="times"),
        pytest.param("mail anna@corp.example", "mail user-1", id="an address for mail"),
        pytest.param("git@git.example:a/b", "git@git.example:a/b", id="a login of a service"),
        pytest.param("see /home/anna b/in/x.csv", "see x.csv", id="a user with a blank"),
        pytest.param("see file:///home/anna/x.csv", "see file://x.csv", id="a file address"),
        pytest.param("run in C:\\Users\\anna", "run in ~", id="a home folder alone"),
        pytest.param("https://a.example/home/bob/c", "https://a.example/home/bob/c", id="a web address"),
    ],
)
def test_text_of_ours_loses_names_and_nothing_else(text: str, expected: str) -> None:
    assert _note(text, "anna-laptop") == expected


def test_a_mac_of_digits_only_is_known_by_the_devices_of_the_document() -> None:
    assert _note("001122334455", value="00:11:22", values=make_hosts("00:11:22:33:44:55")) == "001122······"


@pytest.mark.parametrize("word", ["1260H", "tp-link", "us-ofac-50", "889(a)(1)(B)", "zte-1"])
def test_a_host_called_as_the_law_or_a_party_changes_neither(word: str) -> None:
    finding = make_finding(
        why=f"On the list of {word}, by {word}.",
        path=[make_hop(to=f"Section {word} list", hop="listed_on")],
        operator=EntityRef(id="x", schema="Company", caption=f"Maker ({word}), Inc."),
        artefact=make_artefact(own_hosts=make_hosts(word)),
    )
    claim = make_claim(text=f"{word} is named.")
    shown = for_sharing(make_result([finding], claims=[claim]))
    assert (shown.findings[0].why, shown.findings[0].path, shown.claims) == (finding.why, finding.path, [claim])
    assert shown.findings[0].artefact.own_hosts.top[0].value == "host-1"


def test_an_office_that_approves_does_not_rewrite_the_law() -> None:
    waiver = make_waiver(owner="Export Control", approver="Security", reason="Export Control asked Security.")
    finding = make_finding(why="The Export Control Reform Act and the Security Act apply.", waiver=waiver)
    [shown] = for_sharing(make_result([finding])).findings
    assert shown.why == finding.why
    assert shown.consequences == finding.consequences
    assert shown.waiver is not None
    assert shown.waiver.reason == "person-1 asked person-2."


def test_an_unused_waiver_hides_its_people_too() -> None:
    use = WaiverUse(
        waiver=make_waiver(owner="Anna", approver="Rita Sample", reason="Anna said so to RITA SAMPLE"), findings=0
    )
    result = make_result([])
    result.waivers = [use]
    [shown] = for_sharing(result).waivers
    assert (shown.waiver.owner, shown.waiver.reason) == ("person-1", "person-1 said so to person-2")


def test_who_answered_is_one_person_with_and_without_office_and_mail() -> None:
    asked = [
        Asked(id="q1", text="Q?", answer="Yes, says Rita Sample", by="Rita Sample (Legal)"),
        Asked(id="q2", text="Q?", answer="No", by="rita  sample <rita@corp.example>", source="/home/bob/answer.pdf"),
    ]
    [shown] = for_sharing(make_result([make_finding(asked=asked)])).findings
    assert [one.by for one in shown.asked] == ["person-1", "person-1"]
    assert (shown.asked[0].answer, shown.asked[1].source) == ("Yes, says person-1", "answer.pdf")


def _listed_person(**changes: Any) -> Finding:
    finding = make_finding(
        operator=PERSON, listed_entity=PERSON, artefact=make_artefact(own_hosts=make_hosts()), **changes
    )
    assert finding.listing is not None
    finding.listing.listed_as, finding.listing.designation = "SAMPLE, Ivo", "entry-77"
    return finding


def test_a_listed_person_is_in_no_note_feature_reason_or_entry_number() -> None:
    finding = _listed_person(
        path=[make_hop(to="a list", note="as “SAMPLE, Ivo”")],
        match=MatchResult(method="name", score=1.0, decision="confirmed", features={"matched_name": "Iwo Sampel"}),
    )
    finding.artefact.kind, finding.artefact.value = "name", "Sampel I."
    finding.consequences[0].why = "It names Ivo Sample and Iwo Sampel."
    [shown] = for_sharing(make_result([finding])).findings
    assert shown.path[0].note == "as “person-1”"
    assert shown.match.features == {"matched_name": "person-1"}
    assert shown.consequences[0].why == "It names person-1 and person-1."
    assert shown.listing is not None
    assert (shown.listing.listed_as, shown.listing.designation) == ("person-1", None)


def test_a_listed_person_is_in_no_claim_timeline_or_source() -> None:
    result = make_result([_listed_person()], claims=[make_claim(target=["ivo-sample"], text="İVO SAMPLE denies it.")])
    result.timeline = [
        TimelineRow(date="2026-01-01", lane="known", type="designation", text="Listed as “Sample, Ivo”", source=None)
    ]
    result.timeline[0].entities = ["ivo-sample"]
    url = "https://list.example/ivo-sample"
    result.sources = {"s": {"title": "On Ivo Sample", "url": url}, "t": {"title": "T", "url": "https://t.example/"}}
    shown = for_sharing(result)
    assert (shown.claims[0].target, shown.claims[0].text) == (["person-1"], "person-1 denies it.")
    assert (shown.timeline[0].text, shown.timeline[0].entities) == ("Listed as “person-1”", ["person-1"])
    assert shown.sources["s"] == {"title": "On person-1", "url": None}
    assert shown.sources["t"] == result.sources["t"]


def test_a_company_that_bears_a_persons_name_keeps_its_own() -> None:
    company = EntityRef(id="isb", schema="Company", caption="Ivo Sample Boats Ltd")
    other = make_finding(
        id="f-2", operator=company, listed_entity=company, why="We pay Ivo Sample Boats Ltd, Ivo Sample."
    )
    shown = for_sharing(make_result([_listed_person(), other])).findings[1]
    assert (shown.operator, shown.why) == (company, "We pay Ivo Sample Boats Ltd, person-1.")


def test_reports_with_one_key_call_a_person_alike_whoever_else_is_in_them() -> None:
    alone = for_sharing(make_result([_listed_person()]), KEY).findings[0].operator
    after = for_sharing(make_result([make_finding(waiver=make_waiver(owner="Rita")), _listed_person()]), KEY).findings[
        1
    ]
    assert alone == after.operator
    assert alone.caption.startswith("person-")
    assert alone.caption != for_sharing(make_result([_listed_person()]), KEY[::-1]).findings[0].operator.caption


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("dhcp/anna-laptop/a.leases", "dhcp/host-1/a.leases"),
        ("conn.web-1.corp.example.log.gz", "conn.host-2.log.gz"),
        ("a_10.20.0.8_b.log", "a_host-3_b.log"),
        ("capture-44-19-b6-12-34-56.log", "capture-44-19-b6-··-··-··.log"),
        ("4419b6123456.leases", "4419b6······.leases"),
        ("log-2026-08-01-12-30-45.csv", "log-2026-08-01-12-30-45.csv"),
        ("Users/anna/in/a.csv", "Users/user-1/in/a.csv"),
        ("home/anna/in/a.csv", "home/user-1/in/a.csv"),
        ("src/home/example/a.lock", "src/home/example/a.lock"),
        ("web-1/a.log", "web-1/a.log"),
    ],
)
def test_a_file_name_loses_hosts_users_and_macs(file: str, expected: str) -> None:
    artefact = make_artefact(
        own_hosts=make_hosts("anna-laptop", "web-1.corp.example", "10.20.0.8"), locations=[Location(file=file, line=1)]
    )
    row = Coverage(file=file, reader="zeek", status="partial", notes=[f"{file}:1: cut"])
    shown = for_sharing(make_result([make_finding(artefact=artefact)], coverage=[row]))
    assert (shown.coverage[0].file, shown.coverage[0].notes) == (expected, [f"{expected}:1: cut"])
    assert shown.findings[0].artefact.locations[0].file == expected


def test_files_that_differ_in_what_is_hidden_stay_apart() -> None:
    rows = [Coverage(file=f"4419b61234{end}.log", reader=None, status="no_reader") for end in ("56", "57")]
    names = [row.file for row in for_sharing(make_result(coverage=rows)).coverage]
    assert names == ["4419b6······.log", "folder-2/4419b6······.log"]


def test_the_baseline_is_named_without_its_folders() -> None:
    result = make_result([])
    result.baseline = BaselineInfo(
        file="/home/anna/old.json", as_of=None, kb_digest=None, new=0, unchanged=0, worse=0, better=0
    )
    shown = for_sharing(result).baseline
    assert shown is not None
    assert shown.file == "old.json"


def test_facts_under_any_key_and_the_keys_themselves_are_hidden() -> None:
    details: list[dict[str, Any]] = [
        {"account": "987650123456", "payer": 987650123456, "port": 443},
        {"by_host": {"10.20.0.8": 1, "10.20.0.9": 2}, "hosts": ["anna-laptop"], "seen": [{"fqdn": "a.corp.example"}]},
        {"by_device": {"44:19:b6:00:00:01": 1, "44:19:b6:00:00:02": 2}},
    ]
    artefact = make_artefact(own_hosts=make_hosts(), details=details)
    [shown] = for_sharing(make_result([make_finding(artefact=artefact)])).findings
    assert shown.artefact.details == [
        {"account": "account-1", "payer": "account-1", "port": 443},
        {"by_host": {"host-3": 1, "host-4": 2}, "hosts": ["host-1"], "seen": [{"fqdn": "host-2"}]},
        {"by_device": {"44:19:b6:··:··:··": 1, "44:19:b6:··:··:···": 2}},
    ]


@pytest.mark.parametrize("text", ["a" * 200_000, "a." * 100_000, "/home/bob" * 40_000, "0:" * 100_000, "a@b." * 50_000])
def test_a_text_of_any_length_is_read_once(text: str) -> None:
    started = time.perf_counter()
    _note(text, "anna-laptop")
    assert time.perf_counter() - started < 5  # a tenth of it on a slow machine; minutes, where a pattern looks back


@given(st.text(max_size=200))
def test_any_text_is_rewritten_without_an_error_and_twice_changes_nothing(text: str) -> None:
    once = _note(text, "anna-laptop", "10.20.0.8")
    assert _note(once) == once
    assert "anna-laptop" not in once.split()
