"""Waivers: whom they meet, how they stand on a day, what a gate makes of them, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders_result import ALIBABA, HIKVISION, make_artefact, make_finding

from beholden.errors import UsageError
from beholden.policy.gate import gate
from beholden.policy.waive import WaiverEntry, read_waivers, waive
from beholden.schema.vocabulary import Level

CREATED, EXPIRES = date(2026, 7, 1), date(2026, 9, 30)
GOOD = """
[[waiver]]
id = "f-0001"
reason = "Replacement ordered"
ticket = "SEC-17"
owner = "Rita Keeper"
approver = "Olaf Second"
created = 2026-07-01
expires = 2026-09-30
"""


def make_entry(**changes: Any) -> WaiverEntry:
    values: dict[str, Any] = {
        "finding_id": "f-0001",
        "pattern": {},
        "reason": "Replacement ordered",
        "owner": "Rita Keeper",
        "approver": "Olaf Second",
        "created": CREATED,
        "expires": EXPIRES,
    }
    return WaiverEntry(**(values | changes))


def write(folder: Path, text: str) -> Path:
    path = folder / "waivers.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("on", "approver", "status", "passes"),
    [
        pytest.param("2026-06-30", "Olaf Second", "not_yet", False, id="the day before it begins"),
        pytest.param("2026-07-01", None, "requested", False, id="nobody approved it"),
        pytest.param("2026-07-01", "Olaf Second", "active", True, id="the first day"),
        pytest.param("2026-09-29", "Olaf Second", "active", True, id="the last day"),
        pytest.param("2026-09-30", "Olaf Second", "expired", False, id="the day it expires"),
        pytest.param("2027-01-01", None, "requested", False, id="a request that nobody ever approved"),
    ],
)
def test_the_life_of_a_waiver(on: str, approver: str | None, status: str, passes: bool) -> None:
    (finding,), (use,) = waive([make_finding()], [make_entry(approver=approver)], date.fromisoformat(on))
    assert finding.waiver is not None
    assert (finding.waiver.status, finding.waiver.active, use.findings) == (status, status == "active", 1)
    assert gate([finding], Level.PROHIBITED, is_confirmed_only=False).passed is passes


@given(st.integers(-400, 400))
def test_a_waiver_is_active_from_its_first_day_to_the_day_before_it_expires(days: int) -> None:
    on = CREATED + timedelta(days=days)
    assert make_entry().standing(on).active is (CREATED <= on < EXPIRES)


def test_a_waiver_changes_no_level_and_hides_nothing() -> None:
    before = [make_finding(), make_finding(id="f-0002")]
    after, _ = waive(before, [make_entry()], CREATED)
    assert [(one.id, one.level, one.why) for one in after] == [(one.id, one.level, one.why) for one in before]
    assert before[0].waiver is None
    assert after[1].waiver is None


def test_a_merged_finding_keeps_the_waiver_of_its_earlier_id() -> None:
    (finding,), _ = waive([make_finding(id="new", previous_ids=["f-0001"])], [make_entry()], CREATED)
    assert finding.waiver is not None


@pytest.mark.parametrize(
    ("pattern", "met"),
    [
        pytest.param({"": "mac:44:19:*"}, {"camera"}, id="the artefact with its kind"),
        pytest.param({"": "*.aliyuncs.com"}, {"cloud"}, id="the artefact"),
        pytest.param({"": "HIKVISION"}, {"camera"}, id="the operator, in any case"),
        pytest.param({"": "alibaba group*"}, {"cloud"}, id="the operator's name"),
        pytest.param({"": "us-889"}, {"camera", "cloud"}, id="the list"),
        pytest.param({"": "hardware"}, set(), id="a relation is named as one"),
        pytest.param({"relation": "hardware"}, {"camera"}, id="a relation"),
        pytest.param({"regime": "us-*", "operator": "alibaba"}, {"cloud"}, id="every part has to hold"),
        pytest.param({"regime": "us-889", "operator": "nobody"}, set(), id="one part that does not"),
        pytest.param({"listed_entity": "*", "level": "prohibited", "segment": "own"}, {"camera"}, id="other parts"),
    ],
)
def test_patterns(pattern: dict[str, str], met: set[str]) -> None:
    cloud = make_artefact(kind="domain", value="oss.aliyuncs.com", relation="service_endpoint", segment=None)
    findings = [
        make_finding(id="camera", operator=HIKVISION),
        make_finding(id="cloud", operator=ALIBABA, listed_entity=ALIBABA, artefact=cloud),
    ]
    waived, (use,) = waive(findings, [make_entry(finding_id=None, pattern=pattern)], CREATED)
    assert {one.id for one in waived if one.waiver} == met
    assert use.findings == len(met)


def test_a_request_never_stands_before_what_ran_out() -> None:
    entries = [make_entry(approver=None, expires=date(2027, 1, 1)), make_entry(expires=date(2026, 7, 15))]
    (finding,), _ = waive([make_finding(baseline="unchanged")], entries, date(2026, 8, 1))
    assert finding.waiver is not None
    assert finding.waiver.status == "expired"
    assert not gate([finding], Level.PROHIBITED, is_confirmed_only=False).passed


def test_a_request_that_nobody_approved_takes_nothing_from_the_baseline() -> None:
    (finding,), _ = waive([make_finding(baseline="unchanged")], [make_entry(approver=None)], date(2027, 1, 1))
    assert gate([finding], Level.PROHIBITED, is_confirmed_only=False).passed


def test_of_waivers_with_one_standing_the_longest_is_shown() -> None:
    entries = [make_entry(reason="short", expires=date(2026, 8, 2)), make_entry(reason="long")]
    (finding,), _ = waive([make_finding()], entries, date(2026, 8, 1))
    assert finding.waiver is not None
    assert finding.waiver.reason == "long"


@pytest.mark.parametrize("approver", ["Rene\u0301 K", "Ren\u00e9\u200b  k", "\uff32en\u00e9 K"])
def test_one_person_spelled_in_two_ways_is_one_person(approver: str, tmp_path: Path) -> None:
    text = GOOD.replace("Rita Keeper", "René K").replace("Olaf Second", approver)
    with pytest.raises(UsageError, match="another person"):
        read_waivers(write(tmp_path, text))


def test_a_pattern_meets_a_name_however_it_is_composed() -> None:
    supplier = make_finding(artefact=make_artefact(kind="name", value="Cafe\u0301 Group"))
    _, (use,) = waive([supplier], [make_entry(finding_id=None, pattern={"artefact": "caf\u00e9*"})], CREATED)
    assert use.findings == 1


def test_of_several_waivers_the_one_that_helps_is_shown_and_all_are_counted() -> None:
    entries = [
        make_entry(expires=date(2026, 7, 2)),
        make_entry(finding_id=None, pattern={"": "*"}, reason="broad"),
        make_entry(approver=None),
        make_entry(finding_id="nothing"),
    ]
    (finding,), uses = waive([make_finding()], entries, date(2026, 8, 1))
    assert finding.waiver is not None
    assert finding.waiver.reason == "broad"
    assert [use.findings for use in uses] == [1, 1, 1, 0]


def test_a_file_is_read_with_its_ticket(tmp_path: Path) -> None:
    (entry,) = read_waivers(write(tmp_path, GOOD))
    assert (entry.id, entry.reason, entry.approver) == ("f-0001", "Replacement ordered [SEC-17]", "Olaf Second")
    assert (entry.created, entry.expires) == (CREATED, EXPIRES)


def test_dates_may_be_written_as_text(tmp_path: Path) -> None:
    text = GOOD.replace("2026-07-01", '"2026-07-01"').replace("2026-09-30", '"2026-09-30"')
    assert read_waivers(write(tmp_path, text)) == read_waivers(write(tmp_path, GOOD))


def test_no_entries_is_no_error(tmp_path: Path) -> None:
    assert read_waivers(write(tmp_path, "# nothing yet\n")) == []


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        pytest.param(('"Olaf Second"', '" rita  KEEPER "'), "waivers.same-person", "another person", id="own approval"),
        pytest.param(('id = "f-0001"', ""), "waivers.wrong-value", "either an id or a pattern", id="neither"),
        pytest.param(
            ('id = "f-0001"', 'id = "f"\npattern = "*"'), "waivers.wrong-value", "either an id or a pattern", id="both"
        ),
        pytest.param(('id = "f-0001"', 'pattern = " "'), "waivers.wrong-value", "empty", id="empty pattern"),
        pytest.param(('id = "f-0001"', "pattern = {colour = 'red'}"), "waivers.wrong-value", "colour", id="odd part"),
        pytest.param(('reason = "Replacement ordered"', ""), "waivers.wrong-value", "reason", id="no reason"),
        pytest.param(('"Replacement ordered"', '" "'), "waivers.wrong-value", "needs a reason", id="blank reason"),
        pytest.param(("2026-09-30", "2026-07-01"), "waivers.wrong-value", "not after", id="ends as it begins"),
        pytest.param(("2026-09-30", '"30.09.2026"'), "waivers.wrong-value", "date", id="no date"),
        pytest.param(("expires", "expiry"), "waivers.wrong-value", "expiry", id="unknown key"),
    ],
)
def test_a_wrong_entry_refuses_the_file_and_names_its_line(
    change: tuple[str, str], code: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        read_waivers(write(tmp_path, GOOD + GOOD.replace(*change)))
    assert (caught.value.code, caught.value.exit_code) == (code, 2)
    assert "waivers.toml:11" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("[[waivers]]\nid = 'x'\n", "waivers.wrong-value", id="another table"),
        pytest.param("waiver = 'x'\n", "waivers.wrong-value", id="no table"),
        pytest.param("[[waiver\n", "waivers.malformed", id="no TOML"),
    ],
)
def test_a_file_of_another_shape_is_refused(text: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_waivers(write(tmp_path, text))
    assert caught.value.code == code
