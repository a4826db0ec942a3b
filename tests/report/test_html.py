from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import lxml.html
import msgspec
import pytest
from tests.builders_report import full_result, make_row, make_waiver, months
from tests.builders_result import (
    PERSON,
    make_artefact,
    make_claim,
    make_finding,
    make_hop,
    make_listing,
    make_many,
    make_quantity,
    make_result,
    sample_result,
)
from tests.rendering import rendered

from beholden.report.explanation import render_explanation
from beholden.report.html import HtmlReport
from beholden.report.wording import LEVEL_MEANING, NEUTRALITY
from beholden.schema.acceptance import WaiverUse
from beholden.schema.result import (
    Arithmetic,
    Coverage,
    EntityRef,
    Hop,
    KnowledgeBaseInfo,
    Location,
    MostRestrictive,
    ProfileInfo,
    Quantity,
    ScanResult,
    Term,
)

HOSTILE = "\"><script>alert('x')</script><img src=x onerror=alert(1)>\u202egpj"


def _page(result: ScanResult, *, show_personal: bool = False) -> str:
    return rendered(HtmlReport(), result, show_personal=show_personal).decode()


def _tree(result: ScanResult, *, show_personal: bool = False) -> Any:
    return lxml.html.document_fromstring(_page(result, show_personal=show_personal).encode())


def _text(element: Any) -> str:
    return " ".join(element.text_content().split())


def _finding(result: ScanResult, finding_id: str) -> Any:
    """The line of evidence that has the finding."""
    [element] = _tree(result).xpath(f"//details[.//div[@id='finding-{finding_id}'] and contains(@class, 'line')]")
    return element


def _section(result: ScanResult, name: str, *, show_personal: bool = False) -> Any:
    [element] = _tree(result, show_personal=show_personal).xpath(f"//section[@aria-labelledby='{name}']")
    return element


def _rows(section: Any) -> list[str]:
    return [_cells(row) for row in section.xpath(".//tbody/tr")]


def _cells(row: Any) -> str:
    return " ".join(_text(cell) for cell in row.xpath("./th | ./td"))


def test_page_asks_for_nothing_outside_and_runs_nothing() -> None:
    tree = _tree(full_result())
    assert not tree.xpath("//script | //link | //img | //iframe | //object | //*[@src] | //*[@style]")
    assert not re.search(r"url\(|@import|@font-face", _page(full_result()))
    [policy] = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_page_has_language_landmarks_and_headers() -> None:
    tree = _tree(full_result())
    assert tree.get("lang") == "en"
    assert [len(tree.xpath(f"//body/{name}")) for name in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert len(tree.xpath("//h1")) == 1
    assert tree.xpath("//meta[@name='viewport']")
    assert all(table.xpath(".//thead//th[@scope='col']") for table in tree.xpath("//table"))
    assert all(table.xpath(".//tbody//th[@scope='row']") for table in tree.xpath("//table"))


def test_every_link_within_the_page_has_its_target_and_ids_are_unique() -> None:
    tree = _tree(full_result())
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in tree.xpath("//a/@href") if link.startswith("#")} <= set(ids)
    assert {name for names in tree.xpath("//@aria-labelledby") for name in names.split()} <= set(ids)


def test_headings_never_skip_a_level() -> None:
    levels = [int(heading.tag[1]) for heading in _tree(full_result()).xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_long_basis_of_a_listing_is_folded_and_a_short_one_is_not() -> None:
    findings = [
        make_finding(listing=make_listing(basis="b" * 141)),
        make_finding(id="f-0002", listing=make_listing(designation="x", basis="Short")),
    ]
    long, short = _tree(make_result(findings)).xpath("//div[@class='listing']")
    assert _text(long.xpath("./details/p")[0]) == "b" * 141
    assert "Basis: Short." in _text(short)
    assert not short.xpath("./details")


def test_navigation_reaches_every_section() -> None:
    tree = _tree(full_result())
    sections = tree.xpath("//main/section/@aria-labelledby")
    assert [link.removeprefix("#") for link in tree.xpath("//nav//a/@href")] == sections


def test_head_has_both_dates_and_the_knowledge_base() -> None:
    facts = [[_text(part) for part in fact] for fact in _tree(sample_result()).xpath("//header/dl/div")]
    assert facts[:3] == [["As of", "2026-08-01"], ["Known at", "2026-08-01"], ["Knowledge base", "3f2a9c1d3f2a"]]


def test_neutral_wording_is_on_the_page() -> None:
    assert NEUTRALITY in _text(_tree(make_result()))


def test_parties_come_worst_first_with_levels_and_counts() -> None:
    [table] = _section(sample_result(), "summary").xpath(".//table[@aria-labelledby='by-party']")
    rows = _rows(table)
    assert rows[0] == (
        "Hangzhou Hikvision Digital Technology Co., Ltd. prohibited 3 "
        "18,400 EUR paid 52.4 MB received, 1.05 MB sent – 2 – 2"
    )
    assert "info" in rows[-1]


def test_summary_by_level_counts_an_artefact_at_its_worst_level_only() -> None:
    paid = make_artefact(
        kind="name", value="Hikvision", relation="supplier", quantities=[make_quantity("70", "EUR", "paid")]
    )
    findings = [make_finding(artefact=paid), make_finding(id="f-0002", level="info", artefact=paid)]
    [table] = _section(make_result(findings), "summary").xpath(".//table[@aria-labelledby='levels']")
    by_level = {_text(row.xpath("./th")[0]): _cells(row) for row in table.xpath(".//tbody/tr")}
    assert "1 70 EUR paid" in by_level["prohibited"]
    assert "70 EUR" not in by_level["info"]
    assert len(table.xpath(".//tbody/tr[@class='none']")) == 4
    assert "2 70 EUR paid" in _cells(table.xpath(".//tfoot/tr")[0])


def test_summary_has_what_is_neither_money_nor_bytes() -> None:
    asked = make_artefact(kind="domain", value="dns.example", quantities=[make_quantity("3", "1", "queries")])
    [table] = _section(make_result([make_finding(artefact=asked)]), "summary").xpath(
        ".//table[@aria-labelledby='by-party']"
    )
    assert "3 queries" in _rows(table)[0]


def test_meaning_of_every_level_is_on_the_page() -> None:
    text = _text(_section(make_result(), "summary"))
    assert all(meaning in text for meaning in LEVEL_MEANING.values())


def test_findings_of_one_artefact_are_one_line_of_evidence() -> None:
    findings = [
        make_finding(),
        make_finding(
            id="f-0002",
            level="info",
            listing=make_listing(regime="us-fcc-cl"),
            path=[make_hop(), make_hop(hop="listed_on")],
        ),
    ]
    tree = _tree(make_result(findings))
    [line] = tree.xpath("//details[contains(@class, 'line')]")
    assert "us-889, us-fcc-cl" in _text(line.xpath("./summary")[0])
    assert len(line.xpath(".//dl")) == 1
    assert [div.get("id") for div in line.xpath(".//div[@class='under']")] == ["finding-f-0001", "finding-f-0002"]
    # The step that both paths begin with stands once, and what is left stands with its list.
    assert [len(steps.xpath("./li")) for steps in line.xpath(".//ol")] == [1, 1]


def test_panel_joins_all_evidence_in_one_sentence() -> None:
    first = _tree(full_result()).xpath("//p[@class='joined']")[0]
    assert _text(first) == (
        "Your records show 18,400 EUR paid, 52.4 MB received, 1.05 MB sent, 2 devices and 1 domain; "
        "2 own hosts took part."
    )


def test_listing_of_a_party_stands_once_with_rules_and_whom_they_bind() -> None:
    tree = _tree(sample_result())
    cards = tree.xpath("//section[@aria-labelledby='party-1']//div[@class='listing']")
    assert [[_text(part) for part in card.xpath("./p | .//li")] for card in cards] == [
        [
            "us-889: Hangzhou Hikvision Digital Technology Co., Ltd., listed as “Hangzhou Hikvision Digital Technology "
            "Company” since 2018-08-13. Pub. L. 115-232 s.889(f)(3). source pl-115-232, grade K",
            "us-889-b in force since 2020-08-13; binds us-federal-contractor: that is you",
            "us-889-grants in force since 2020-08-13; binds us-federal-grantee: not you",
        ]
    ]


def test_panel_that_rests_on_an_old_copy_says_so() -> None:
    marked = {
        _text(panel.xpath("./h3")[0]): _text(panel.xpath("./p[@class='stale']")[0])
        for panel in _tree(sample_result()).xpath("//section[contains(@class, 'on-stale')]")
    }
    old = "stale Rests on a list last checked before 2026-08-01: us-dod-1260h (checked until 2026-07-20)."
    assert marked == {"阿里云计算有限公司": old, "Alibaba Group Holding Limited": old}


def test_printed_pages_carry_date_base_number_and_stale_marks() -> None:
    style = _page(sample_result()).split("<style>")[1].split("</style>")[0]
    assert "as of 2026-08-01 · knowledge base 3f2a9c1d3f2a" in style
    assert 'counter(page) " of " counter(pages)' in style
    assert "1 list last checked before 2026-08-01: see Lists" in style
    assert re.search(r"@page stale \{[^}]*STALE", style)


def test_finding_shows_evidence_in_the_records() -> None:
    text = _text(_finding(sample_result(), "f-0003"))
    assert "3 distinct: oss-cn-hangzhou.aliyuncs.com ×41, dashscope.aliyuncs.com ×9, …" in text
    assert "zeek/ssl.log:3, zeek/dns.log:19" in text
    assert "first 2026-06-30 08:00 UTC, last 2026-07-31 23:59 UTC" in text
    assert "12 MB sent, 90 MB received" in text


def test_path_is_a_list_with_source_grade_and_validity_per_hop() -> None:
    hops = [_text(hop) for hop in _finding(sample_result(), "f-0003").xpath(".//ol/li")]
    assert hops == [
        "aliyuncs.com domain operated by 阿里云计算有限公司 source vendor-docs, grade H · valid from 2026-08-22",
        "阿里云计算有限公司 controlled by Alibaba Group Holding Limited "
        "source annual-report, grade B · valid from 2014-09-19 · consolidated subsidiary",
    ]


def test_hop_without_source_or_dates_says_so() -> None:
    hop = Hop(from_="a", to="b", hop="name", source=None, grade=None, valid_from=None, valid_to=None)
    [item] = _finding(make_result([make_finding(path=[hop])]), "f-0001").xpath(".//ol/li")
    assert _text(item) == "a name b no source stated · validity not stated"


def test_arithmetic_shows_each_stake_and_the_sum() -> None:
    [table] = _finding(sample_result(), "f-0004").xpath(".//table")
    rows = [[_text(cell) for cell in row] for row in table.xpath(".//tbody/tr | .//tfoot/tr")]
    assert rows == [
        ["person-3", "Vesselworks Marine Example GmbH", "40", "40", "registry"],
        ["Harbour Holding Example", "Vesselworks Marine Example GmbH", "7", "18", "registry"],
        ["Share under us-ofac-50, threshold 50 %", "47", "58", "unknown"],
    ]


def test_arithmetic_shows_whose_list_which_bound_and_the_strictest_list() -> None:
    finding = make_finding()
    finding.arithmetic = MIXED
    [table] = _finding(make_result([finding]), finding.id).xpath(".//table")
    heads = [_text(cell) for cell in table.xpath(".//tbody//th | .//tfoot//th")]
    assert heads == [
        "A on us-one",
        "Bank nominee for B; in the upper bound only",
        "Fund nominee, for whom is not disclosed; in the upper bound only",
        "Nobody holder not disclosed; in the upper bound only",
        "Home by its place, zz",
        "Sum of capital under aggregate_50, threshold >= 50 %",
    ]
    text = _text(_finding(make_result([finding]), finding.id))
    assert "Most restrictive: us-one (A); prohibit (us-one) outranks licence (us-two)." in text
    assert "Only foreign entities." in text


def test_the_explanation_tells_the_same_of_a_sum() -> None:
    finding = make_finding()
    finding.arithmetic = MIXED
    text = render_explanation(finding, make_result([finding]))
    assert "  A holds 25 % (capital) of X; on us-one  [registry]" in text
    assert "  Bank holds 10 to 30 % (capital) of X; nominee for B; in the upper bound only  [registry]" in text
    assert "  Sum of capital 25 to 60 %: unknown" in text
    assert "  Most restrictive: us-one (A); prohibit (us-one) outranks licence (us-two)" in text


def test_a_place_is_never_shown_as_a_listing() -> None:
    finding = make_finding()
    assert finding.listing is not None
    finding.listing = msgspec.structs.replace(finding.listing, place="zz", listing_status="unknown", since=None)
    text = _text(_tree(make_result([finding])).xpath("//div[@class='listing'][1]")[0])
    assert "counts by its place (zz), not by a listing" in text
    assert "by its place (zz), not by a listing" in render_explanation(finding, make_result([finding]))


def test_stale_listing_shows_the_last_known_status() -> None:
    text = _text(_finding(sample_result(), "f-0003"))
    assert "Last known: listed at 2026-07-20." in text
    [card] = _tree(sample_result()).xpath("//section[@aria-labelledby='party-2']//div[@class='listing'][1]")
    assert "last known listed at 2026-07-20; entered as “Alibaba Group Holding Limited” since 2026-06-08." in _text(
        card
    )
    assert "Edition 2026-06-08. Our copy checked until 2026-07-20." in _text(card)
    assert "Basis: (g)(2)(B)(i)(I). 91 FR 35189." in _text(card)


def test_acts_are_split_by_status() -> None:
    acts = [_text(act) for act in _finding(sample_result(), "f-0003").xpath(".//ul[@class='acts']/li")]
    assert acts == ["2026-05-01 to 2026-06-30: upcoming, 9 MB sent", "2026-06-30 to …: in force, 3 MB sent"]


@pytest.mark.parametrize(
    ("binds_you", "words"),
    [(True, "binds you"), (False, "does not bind you"), (None, "no profile: binding not judged")],
)
def test_consequence_says_whether_it_binds(binds_you: bool | None, words: str) -> None:
    finding = make_finding()
    finding.consequences[0].binds_you = binds_you
    [item] = _finding(make_result([finding]), finding.id).xpath(".//ul[@class='consequences']/li")
    assert _text(item).startswith(f"prohibited us-889-b in force since 2020-08-13 · {words}")


def test_act_under_a_licence_says_which() -> None:
    line = _finding(full_result(), "f-0003")
    assert "in force, excepted by lic-1, 5 kB sent" in _text(line.xpath(".//ul[@class='acts']/li")[-1])
    text = _text(line)
    assert "Licence lic-1 of Example Bureau, 2026-07-01 to 2026-08-01; conditions: no personal data" in text
    assert "Exception sec-2 applies: contract of 2025-01-01" in text
    assert "sec-3" not in text  # noted: the rule card has it


def test_rule_that_binds_others_is_named_without_a_row_of_its_own() -> None:
    line = _finding(sample_result(), "f-0002")
    assert "Keyed to this listing, and not binding you: us-889-grants." in _text(line)
    assert len(line.xpath(".//ul[@class='consequences']/li")) == 1


def test_rule_text_stands_once_with_citation_exceptions_and_duties() -> None:
    tree = _tree(sample_result())
    [rule] = [item for item in tree.xpath("//div[@class='rule']") if _text(item.xpath(".//h3")[0]) == "us-889-b"]
    text = _text(rule)
    assert "Binds us-federal-contractor. Pub. L. 115-232 s.889(a)(1)(B)." in text
    assert "us-889-backhaul: Service that connects to facilities of a third party" in text
    assert "us-889-report: Report to the contracting officer" in text
    assert _text(_finding(sample_result(), "f-0002")).count("Service that connects") == 0


def test_finding_says_when_a_duty_is_due() -> None:
    assert "Duty us-889-report due 2026-08-03: Report to the contracting officer within one business day" in _text(
        _finding(sample_result(), "f-0002")
    )


def test_questions_stand_before_the_sum_they_bear_on() -> None:
    text = _text(_finding(sample_result(), "f-0004"))
    assert text.index("What share does Harbour Holding Example hold?") < text.index("Shares that are summed")


def test_every_claim_has_the_answers_beside_it() -> None:
    threads = _section(sample_result(), "claims").xpath(".//div[@class='thread']")
    said, answered = (threads[0].xpath(f"./div[@class='{name}']")[0] for name in ("said", "answered"))
    assert "Alibaba gives technological support" in _text(said)
    assert "unverified" in _text(said)
    assert "complete nonsense" in _text(answered)
    assert "unwarranted conclusion" in _text(answered)


def test_claim_without_an_answer_says_that_none_is_recorded() -> None:
    tree = _tree(make_result(claims=[make_claim(answered_by=[])]))
    [thread] = tree.xpath("//section[@aria-labelledby='claims']//div[@class='thread']")
    assert "No answer to this is recorded in this knowledge base." in _text(thread)


def test_answer_is_shown_when_only_the_answer_names_the_claim() -> None:
    answer = make_claim(id="d9", type="denial", text="It is denied.", answers=["c1"], answered_by=[])
    tree = _tree(make_result(claims=[make_claim(answered_by=[]), answer]))
    [thread] = tree.xpath("//div[@class='thread']")
    assert "It is denied." in _text(thread.xpath("./div[@class='answered']")[0])


def test_answer_that_only_the_claim_names_stands_beside_it_and_nowhere_else() -> None:
    answer = make_claim(id="d1", type="denial", text="It is denied.", answered_by=[])
    [thread] = _section(make_result(claims=[make_claim(answered_by=["d1"]), answer]), "claims").xpath(
        ".//div[@class='thread']"
    )
    assert "It is denied." in _text(thread.xpath("./div[@class='answered']")[0])
    assert "It is denied." not in _text(thread.xpath("./div[@class='said']")[0])


def test_answer_to_what_is_no_claim_is_shown_as_an_answer() -> None:
    answer = make_claim(id="d1", type="denial", text="It is denied.", answers=["event-1"], answered_by=[])
    [thread] = _section(make_result(claims=[answer]), "claims").xpath(".//div[@class='thread']")
    assert "It is denied." in _text(thread.xpath("./div[@class='answered']")[0])
    assert "What this answers is an event of the timeline" in _text(thread.xpath("./div[@class='said']")[0])


def test_claims_with_the_same_answers_share_them() -> None:
    claims = [
        make_claim(id="c1"),
        make_claim(id="c2", target=["other"]),
        make_claim(id="d1", type="denial", answers=["c1", "c2"], answered_by=[]),
    ]
    [thread] = _section(make_result(claims=claims), "claims").xpath(".//div[@class='thread']")
    assert len(thread.xpath("./div[@class='said']/div")) == 2
    assert len(thread.xpath("./div[@class='answered']/div")) == 1


@pytest.mark.parametrize(("span", "is_quoted"), [(None, False), (make_claim().span, True)])
def test_only_words_with_a_span_are_quoted(span: Any, is_quoted: bool) -> None:
    tree = _tree(make_result(claims=[make_claim(span=span)]))
    assert bool(tree.xpath("//p[@class='verbatim']")) is is_quoted


def test_coverage_comes_with_the_unread_first() -> None:
    rows = [_text(row) for row in _tree(sample_result()).xpath("//section[@aria-labelledby='coverage']//tbody/tr")]
    assert rows[1] == "ledger/broken.xml rejected iso20022 0 read, 1 rejected rejected: not well-formed XML (1)"
    assert "read" in rows[-1]


def test_lists_say_how_old_our_copy_is() -> None:
    [said] = [_text(row) for row in _tree(sample_result()).xpath("//section[@aria-labelledby='lists']/p[1]")]
    assert said.endswith("Our copy of us-dod-1260h was checked until 2026-07-20 and is 12 days old on 2026-08-01.")


def test_lists_show_the_span_that_a_no_holds_for() -> None:
    rows = [_text(row) for row in _tree(sample_result()).xpath("//section[@aria-labelledby='lists']//tbody/tr")]
    assert rows[1] == "us-dod-1260h 2026-06-08 its first publication 2026-07-20 before the date asked"
    absent = _section(sample_result(), "lists").xpath("./p[@class='absent']")[0]
    assert _text(absent) == "not loaded: unknown eu-fsf"


def test_info_lines_of_a_large_result_are_in_a_closed_group_that_is_not_printed() -> None:
    tree = _tree(make_many(400))
    groups = tree.xpath("//details[contains(@class, 'group') and contains(@class, 'screen') and not(@open)]")
    assert sum(len(group.xpath("./details[contains(@class, ' info')]")) for group in groups) == 340
    assert len(tree.xpath("//details[contains(@class, 'line')]")) == 400
    assert tree.xpath("//body/@class") == ["large"]
    assert not tree.xpath("//details[@open]")
    assert len(tree.xpath("//p[@class='paper']")) == len(groups)


def test_repeated_rules_do_not_grow_with_the_findings() -> None:
    assert len(_tree(make_many(400)).xpath("//div[@class='rule']")) == 1


def test_page_of_many_findings_stays_under_two_kilobytes_each() -> None:
    assert len(_page(make_many(2000))) < 2000 * 2000


def test_questions_are_grouped_with_their_id_and_the_level_if_confirmed() -> None:
    section = _section(full_result(), "questions", show_personal=True)
    assert "share-harbour · about Vesselworks Marine Example GmbH · 1 finding · if confirmed prohibited" in _text(
        section
    )
    assert _rows(section) == [
        "Is the payee the company of this name in Kiel? payee-kiel yes "
        "registry extract of 2026-07-02, by Compliance, on 2026-07-03 Vesselworks Marine Example GmbH"
    ]


def test_duties_have_their_clock_from_the_date_asked() -> None:
    assert _rows(_section(full_result(), "duties"))[0].startswith(
        "2026-08-03 2 days left (1 day, us-business) Report to"
    )


def test_gate_baseline_and_waivers_say_how_they_stand() -> None:
    section = _section(full_result(), "gate")
    text = _text(section)
    assert "Gate not passed: 4 findings at restricted or worse count; 1 waived, 2 in the baseline." in text
    assert "2 new, 1 worse, 0 better, 7 unchanged, 1 gone." in text
    assert [row.split(" Replacement")[0] for row in _rows(section)] == [
        "w-7 in effect",
        "w-8 requested, not approved: not in effect",
        "w-9 expired: not in effect",
    ]
    assert _rows(section)[-1].endswith("unused")
    assert "answer old-question" in text


def test_timeline_is_a_picture_and_a_table_with_both_lanes() -> None:
    section = _section(full_result(), "timeline")
    [picture] = section.xpath("./div//svg[@role='img']")
    assert "Happened: your own acts 1, listings 2" in _text(picture.xpath("./desc")[0])
    rows = _rows(section)
    assert "2026-03-01 happened own act In 2026-03, supplier: 100000 EUR paid, Vesselworks" in rows
    assert "2025-11-14 known denial Alibaba calls it nonsense." in rows
    assert len(rows) == len(full_result().timeline)


def test_timeline_of_a_party_has_its_own_entries_and_those_of_its_lists() -> None:
    [panel] = _tree(full_result()).xpath("//section[h3='Hangzhou Hikvision Digital Technology Co., Ltd.']")
    [table] = panel.xpath(".//table[contains(@class, 'timeline-table')]")
    assert _rows(table) == [
        "2018-08-13 happened designation Listed on section 889 source pl-115-232",
        "2018-08-13 known consequence Released: Part B (us-889-b)",
    ]


def test_amount_of_a_single_month_is_said_and_not_drawn() -> None:
    once = make_artefact(by_month=months({"2026-03": "7"}, "EUR", "paid"))
    tree = _tree(make_result([make_finding(artefact=once)]))
    assert not tree.xpath("//figure")
    assert "EUR paid: 7 EUR, all in 2026-03." in _text(_section(make_result([make_finding(artefact=once)]), "party-1"))


def test_months_are_a_picture_and_a_table() -> None:
    [panel] = _tree(full_result()).xpath("//section[h3='Vesselworks Marine Example GmbH']")
    [figure] = panel.xpath(".//figure")
    assert len(figure.xpath(".//*[contains(@class, 'bar')]")) == 3
    assert _rows(figure) == ["2026-03 100,000 EUR", "2026-05 30,000.50 EUR", "2026-07 -5,000 EUR"]


@pytest.mark.parametrize("show_personal", [True, False])
def test_hostile_values_are_text(show_personal: bool) -> None:
    party = EntityRef(id=HOSTILE, schema=HOSTILE, caption=HOSTILE, jurisdictions=[HOSTILE])
    finding = make_finding(
        id=HOSTILE,
        why=HOSTILE,
        operator=party,
        listed_entity=party,
        questions=[HOSTILE],
        artefact=make_artefact(
            value=HOSTILE,
            locations=[Location(file=HOSTILE)],
            details=[{HOSTILE: HOSTILE}],
            quantities=[Quantity(amount=HOSTILE, unit=HOSTILE, what=HOSTILE)],
        ),
    )
    finding.artefact.by_month = months({"2026-01": "1", "2026-02": HOSTILE}, HOSTILE, HOSTILE)
    finding.arithmetic = Arithmetic(
        rule=HOSTILE,
        threshold=HOSTILE,
        low="1",
        high="2",
        outcome=HOSTILE,
        terms=[Term(owner=HOSTILE, owned=HOSTILE, low="1", high=HOSTILE, source=HOSTILE)],
    )
    result = make_result(
        as_of=HOSTILE,
        timeline=[make_row("2026-01-01", HOSTILE, HOSTILE, entities=[HOSTILE], source=HOSTILE)],
        waivers=[WaiverUse(waiver=make_waiver(id=HOSTILE, reason=HOSTILE, status=HOSTILE), findings=0)],
        kb=KnowledgeBaseInfo(digest=HOSTILE, sources=[]),
        claims=[make_claim(text=HOSTILE, speaker=HOSTILE)],
        sources={HOSTILE: {"title": HOSTILE, "url": "javascript:alert(1)", "publisher": HOSTILE}},
    )
    result.findings.append(finding)
    page = _page(result, show_personal=show_personal)
    tree: Any = lxml.html.document_fromstring(page.encode())
    assert not tree.xpath("//script | //img | //@onerror")
    assert len(tree.xpath("//style")) == 1
    assert "\u202e" not in page
    assert "\\u202egpj" in page
    assert not [link for link in tree.xpath("//a/@href") if link.startswith("javascript")]


def test_source_on_the_web_is_a_link_without_a_referrer() -> None:
    [link] = _tree(sample_result()).xpath("//section[@aria-labelledby='sources']//a")
    assert (link.get("href"), link.get("rel")) == ("https://law.example/pl-115-232", "noreferrer noopener")


def test_names_are_pseudonyms_unless_asked_for() -> None:
    assert "cam-anna.corp.example" not in _page(sample_result())
    assert "cam-anna.corp.example" in _page(sample_result(), show_personal=True)


def test_colours_meet_contrast_aa_in_light_and_dark() -> None:
    style = _page(make_result()).split("<style>")[1]
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    palettes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in blocks]
    levels = ["prohibited", "restricted", "review", "upcoming", "contested", "info"]
    for palette in palettes:
        pairs = [("ink", "paper"), ("soft", "paper"), ("soft", "card"), ("link", "card"), ("mark-ink", "mark")]
        pairs += [(level, "card") for level in levels] + [("badge-ink", level) for level in levels]
        for front, back in pairs:
            assert _contrast(palette[front], palette[back]) >= 4.5, (front, back)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (ProfileInfo(name="", roles=None), "no role given: every role is assumed"),
        (ProfileInfo(name="Northport", roles=["us-person"]), "Northport · roles us-person"),
    ],
)
def test_head_says_whom_the_page_is_for(profile: ProfileInfo, expected: str) -> None:
    [who] = _tree(make_result(profile=profile)).xpath("//header//p[@class='who']")
    assert _text(who) == expected


def test_profile_is_not_counted_as_a_file_that_was_not_read() -> None:
    rows = [
        Coverage(file="beholden.toml", reader=None, status="no_reader", reasons={"the profile, read as such": 1}),
        Coverage(file="notes.txt", reader=None, status="no_reader", reasons={"prose": 1}),
        Coverage(file="a.csv", reader="ledger", status="read", records_read=3),
    ]
    tree = _tree(make_result(coverage=rows))
    assert "1 of 2 files was not read, or only in part." in _text(tree.xpath("//p[@class='lede']")[0])
    shown = [_text(row) for row in tree.xpath("//section[@aria-labelledby='coverage']//tbody/tr")]
    assert shown[:2] == [
        "beholden.toml the profile – – the profile, read as such",
        "notes.txt not read – – not read: prose",
    ]


def test_claim_says_what_it_does_not_state() -> None:
    tree = _tree(make_result(claims=[make_claim(gaps="targets and dates not stated")]))
    assert "Not stated: targets and dates" in _text(tree.xpath("//div[@class='said']")[0])


def test_source_of_a_claim_links_to_its_entry_whatever_its_id() -> None:
    source = "alibaba 2025/ft#1"
    tree = _tree(make_result(claims=[make_claim(source=source)], sources={source: {"title": "Report"}}))
    [link] = tree.xpath("//div[@class='said']//a/@href")
    [entry] = tree.xpath(f"//*[@id='{link[1:]}']")
    assert _text(entry) == f"{source} Report"


def test_detail_is_shown_in_plain_words() -> None:
    finding = make_finding(artefact=make_artefact(details=[{"seen_on_other_segments": {"guest": 1}}]))
    text = _text(_finding(make_result([finding]), finding.id))
    assert "seen on other segments: guest (1)" in text


MIXED = Arithmetic(
    rule="aggregate_50",
    threshold=">= 50 %",
    low="25",
    high="60",
    outcome="unknown",
    terms=[
        Term(owner=owner, owned="X", low=low, high=high, source="registry", ownership_type="capital", **more)
        for owner, low, high, more in (
            ("A", "25", "25", {"regimes": ["us-one"]}),
            ("Bank", "10", "30", {"holder": "nominee", "beneficiary": "B", "counts": "high"}),
            ("Fund", None, "5", {"holder": "nominee", "counts": "high"}),
            ("Nobody", "5", "5", {"holder": "unknown", "counts": "high"}),
            ("Home", "0", "0", {"place": "zz"}),
        )
    ],
    tally="capital",
    note="Only foreign entities.",
    most_restrictive=MostRestrictive(regime="us-one", holders=["A"], why="prohibit (us-one) outranks licence (us-two)"),
)


def test_the_first_person_says_once_how_to_show_names() -> None:
    one, two = (
        make_finding(id=f"{number}" * 16, listed_entity=person, operator=person)
        for number, person in enumerate((PERSON, msgspec.structs.replace(PERSON, id="ann", caption="Ann Sample")), 1)
    )
    result = make_result([one, two])
    hidden, shown = _page(result), _page(result, show_personal=True)
    assert hidden.count("stands for the name of a person") == 1
    assert hidden.index("stands for the name of a person") < hidden.index("Evidence, line by line")
    assert "<code>--show-personal</code> shows them" in hidden
    assert "--show-personal" not in shown
    assert "Ivo Sample" in shown
    assert "stands for the name" not in _page(make_result([make_finding(id="1" * 16)]))
