from __future__ import annotations

import io
import re

import pytest
from tests.builders_result import make_artefact, make_finding, make_many, make_result, sample_result

from beholden.report.terminal import render_terminal
from beholden.report.text import display_width
from beholden.schema.result import Coverage, EntityRef, ProfileInfo, ScanResult


def _lines(result: ScanResult, *, colour: bool = False, width: int | None = None) -> list[str]:
    out = io.StringIO()
    render_terminal(result, out, colour=colour, width=width)
    return out.getvalue().splitlines()


def _findings(lines: list[str]) -> list[str]:
    return lines[2 : lines.index("", 2)]


def test_findings_are_one_line_each_worst_first_when_piped() -> None:
    lines = _findings(_lines(sample_result()))
    assert [line.split()[0] for line in lines] == [
        "prohibited",
        "prohibited",
        "prohibited",
        "restricted",
        "review",
        "review",
        "upcoming",
        "contested",
        "info",
        "info",
    ]


def test_line_says_who_how_what_how_much_and_why() -> None:
    [line] = _findings(_lines(make_result([sample_result().findings[0]])))
    assert line.split("  ") == [
        "prohibited",
        "Hangzhou Hikvision Digital Technology Co., Ltd.",
        "firmware cloud",
        "domain hik-connect.com",
        "1.05 MB sent, 52.4 MB received",
        "us-889-b in force since 2020-08-13 (listed on us-889 since 2018-08-13); waived until 2026-09-30",
    ]


def test_listed_owner_is_named_beside_the_operator() -> None:
    line = next(line for line in _lines(sample_result()) if line.startswith("restricted"))
    assert "阿里云计算有限公司 (listed: Alibaba Group Holding Limited)" in line


def test_no_escape_codes_without_colour() -> None:
    assert "\x1b" not in "\n".join(_lines(sample_result()))


def test_colour_changes_nothing_but_colour() -> None:
    coloured = "\n".join(_lines(sample_result(), colour=True))
    assert "\x1b[1;31mprohibited" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines() == _lines(sample_result())


@pytest.mark.parametrize("width", [60, 80, 109, 110, 132, 200])
def test_lines_fit_the_terminal(width: int) -> None:
    assert max(display_width(line) for line in _lines(sample_result(), width=width)) <= width


@pytest.mark.parametrize("width", [60, 140])
def test_long_name_is_wrapped_not_cut(width: int) -> None:
    name = "龘靐齉" * 20
    party = EntityRef(id="long", schema="Company", caption=name)
    finding = make_finding(operator=party, listed_entity=party)
    text = "".join(_lines(make_result([finding]), width=width))
    assert [text.count(character) for character in "龘靐齉"] == [20, 20, 20]


def test_chinese_names_keep_the_columns_aligned() -> None:
    chinese = EntityRef(id="a", schema="Company", caption="阿里云")
    latin = EntityRef(id="b", schema="Company", caption="Abcdef")
    findings = [make_finding(id=one.id, operator=one, listed_entity=one) for one in (chinese, latin)]
    first, second = _findings(_lines(make_result(findings), width=140))
    assert display_width(first[: first.index("hardware")]) == display_width(second[: second.index("hardware")])


def test_many_info_findings_become_a_count_with_the_way_to_see_them() -> None:
    lines = _lines(make_many(200))
    assert not any(line.startswith("info") for line in lines)
    assert "170 info findings about 4 parties not shown; write -o report.html to see them." in lines


def test_few_info_findings_are_listed() -> None:
    assert sum(line.startswith("info") for line in _lines(sample_result())) == 2


def test_totals_count_levels_and_marks() -> None:
    [total] = [line for line in _lines(sample_result()) if line.startswith("Total")]
    assert "3 prohibited · 1 restricted · 2 review · 1 upcoming · 1 contested · 2 info" in total
    assert "10 findings about 6 parties; 1 waived; 1 resting on a stale list; 2 with a level to confirm" in total


def test_footer_says_what_was_not_read_and_why() -> None:
    text = "\n".join(_lines(sample_result()))
    assert "5 files (2 read, 1 in part, 1 rejected, 1 without a reader); 101,055 records read, 4 rejected" in text
    assert "rejected  ledger/broken.xml: not well-formed XML (1)" in text
    assert "not resolved: 5,120 inbound unanswered, 12 random mac" in text
    assert "lists last checked before 2026-08-01: us-dod-1260h (2026-07-20)" in text
    assert "Our copy of us-dod-1260h was checked until 2026-07-20 and is 12 days old on 2026-08-01." in text
    assert "lists not loaded, so unknown: eu-fsf" in text


def test_empty_result_says_so() -> None:
    lines = _lines(make_result())
    assert "No findings." in lines
    assert any("0 files (none)" in line for line in lines)


@pytest.mark.parametrize("hostile", ["\x1b[2Jgone", "\u202egpj.exe", "line\r\nbreak"])
def test_hostile_names_cannot_drive_the_terminal(hostile: str) -> None:
    finding = make_finding(artefact=make_artefact(value=hostile))
    coverage = [Coverage(file=hostile, reader=None, status="rejected", not_resolved={hostile: 1}, notes=[hostile])]
    text = "\n".join(_lines(make_result([finding], coverage=coverage)))
    assert not {"\x1b", "\u202e", "\r"}.intersection(text)


def test_level_to_confirm_is_said() -> None:
    finding = make_finding(level="review", level_if_confirmed="prohibited")
    [line] = _findings(_lines(make_result([finding])))
    assert line.endswith("; prohibited if confirmed")


def test_head_says_whom_the_result_is_for() -> None:
    assert _lines(make_result(profile=ProfileInfo(name="", roles=None)))[1] == "no role given: every role is assumed"


def test_one_of_a_thing_is_not_written_as_many() -> None:
    coverage = [Coverage(file="a.csv", reader="ledger", status="read", records_read=1)]
    text = "\n".join(_lines(make_result([make_finding()], coverage=coverage)))
    assert "1 finding about 1 party" in text
    assert "1 file (1 read); 1 record read, 0 rejected" in text


def test_profile_is_no_file_that_was_not_read() -> None:
    profile = Coverage(file="beholden.toml", reader=None, status="no_reader", reasons={"the profile": 1})
    text = "\n".join(_lines(make_result(coverage=[profile])))
    assert "beholden.toml" not in text
    assert "0 files (none)" in text
