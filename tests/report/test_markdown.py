from __future__ import annotations

import html
import re

import pytest
from msgspec.structs import replace
from tests.builders_result import make_artefact, make_finding, make_many, make_result, sample_result
from tests.rendering import rendered

from beholden.report import markdown
from beholden.schema.acceptance import BaselineInfo, GateInfo, Gone, WaiverUse
from beholden.schema.result import Finding, Location, ScanResult


def page(result: ScanResult, *, show_personal: bool = False) -> str:
    return rendered(markdown.MarkdownReport(), result, show_personal=show_personal).decode("utf-8")


def rows(text: str) -> list[list[str]]:
    """The cells of the table of findings, but for the ids."""
    lines = text.splitlines()
    first = lines.index("| level | id | party | what of ours | where | why |") + 2
    table = [line for line in lines[first:] if line.startswith("|")]
    cells = [html.unescape(line).strip("| ").split(" | ") for line in table]
    return [[row[0], *row[2:]] for row in cells]


def waived(status: str = "active") -> Finding:
    found = next(finding for finding in sample_result().findings if finding.waiver)
    assert found.waiver is not None
    return replace(found, waiver=replace(found.waiver, status=status, active=status == "active"))


def test_a_finding_is_a_row_with_its_id() -> None:
    assert "| prohibited | f-0001 |" in page(make_result([make_finding()]))


def test_a_finding_is_a_row_with_its_place() -> None:
    [row] = rows(page(make_result([make_finding()])))
    assert row[0] == "prohibited"
    assert row[2:4] == ["hardware: 44:19:b6", "dhcp/dhcpd.leases, line 12"]


def test_levels_are_counted_worst_first() -> None:
    text = page(sample_result())
    counted = re.findall(r"^\| (\w+) \| (\d+) \|$", text, re.MULTILINE)
    assert counted[0] == ("prohibited", "3")
    assert sum(int(number) for _, number in counted) == len(sample_result().findings)


def test_a_gate_that_was_not_passed_says_what_it_counted_and_what_it_left_out() -> None:
    gate = GateInfo(fail_on="review", confirmed_only=False, at_gate=2, waived=1, in_baseline=3, passed=False)
    text = page(make_result(gate=gate))
    assert "**Gate not passed** (`review` or worse): 2 findings at the gate; besides 1 waived and 3 in the bas" in text


def test_a_gate_that_was_passed_says_so() -> None:
    gate = GateInfo(fail_on="review", confirmed_only=False, at_gate=0, waived=0, in_baseline=0, passed=True)
    assert "**Gate passed** (`review` or worse): 0 findings at the gate." in page(make_result(gate=gate))


def test_without_a_gate_none_is_told() -> None:
    assert "Gate" not in page(sample_result())


def test_what_counts_stands_before_what_is_accepted_or_old() -> None:
    findings = [
        waived(),
        make_finding(id="old", baseline="unchanged"),
        make_finding(id="new", level="info", baseline="new"),
        make_finding(id="worse", level="review", baseline="worse"),
    ]
    told = [(row[0], row[4].partition(";")[0]) for row in rows(page(make_result(findings)))]
    assert told[:2] == [("review", "worse"), ("info", "new")]


def test_what_was_waived_until_a_day_counts_after_it_also_where_the_baseline_has_it() -> None:
    again = replace(waived("expired"), level="info", baseline="unchanged")
    told = [row[0] for row in rows(page(make_result([make_finding(baseline="unchanged"), again])))]
    assert told == ["info", "prohibited"]


def test_an_expired_waiver_counts_again_and_is_told() -> None:
    expired = waived("expired")
    assert expired.waiver is not None
    uses = [
        WaiverUse(waiver=expired.waiver, findings=1),
        WaiverUse(waiver=replace(expired.waiver, id="w-8"), findings=0),
    ]
    text = page(make_result([expired], waivers=uses))
    assert "- waivers that have expired; w-7" in text
    assert "- waivers that met no finding; w-8" in text


def test_what_is_gone_from_the_baseline_is_counted() -> None:
    baseline = BaselineInfo(
        file="b.json",
        as_of=None,
        kb_digest=None,
        new=0,
        unchanged=0,
        worse=0,
        better=0,
        gone=[Gone(id="x", level="info")],
    )
    assert "- findings of the baseline that are gone; 1" in page(make_result(baseline=baseline))


@pytest.mark.parametrize(
    "value",
    [
        "a | b",
        "<img src=x>",
        "[x](https://evil.example)",
        "`rm`",
        "**bold**",
        "_x_",
        "line\nline",
        "@someone",
        "![x](y)",
    ],
)
def test_a_value_cannot_become_markup(value: str) -> None:
    artefact = make_artefact(kind="name", value=value, locations=[Location(file=value)])
    text = page(make_result([make_finding(artefact=artefact)]))
    [line] = [line for line in text.splitlines() if line.startswith("| prohibited | f-0001 | H")]
    assert line.count("|") == 7
    assert not re.search(r"[<\[`*@]|://|(?<!\w)_", line)


def test_more_findings_than_a_page_shows_are_counted() -> None:
    text = page(make_many(markdown.MAX_FINDINGS + 7))
    assert len(rows(text)) == markdown.MAX_FINDINGS
    assert "7 more findings: the other reports have all of them." in text


def test_own_hosts_and_full_hardware_addresses_are_not_told() -> None:
    finding = make_finding(artefact=make_artefact(kind="mac", value="44:19:b6:01:02:03"))
    assert "44:19:b6:01:02:03" not in page(make_result([finding]))
    assert "44:19:b6:01:02:03" in page(make_result([finding]), show_personal=True)
