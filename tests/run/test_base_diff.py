"""Two bases side by side: lists and who is on them, the law row by row, counts, and what a result would become."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from tests.builders import (
    LIST,
    day,
    findings,
    make_claim,
    make_consequence,
    make_designation,
    make_edition,
    make_effect,
    make_entity,
    make_entry,
    make_name,
    make_ownership,
    make_ownership_rule,
    make_payment,
    make_regime,
    tiny_kb,
)
from tests.builders_result import make_result

from beholden.kb.base import KnowledgeBase
from beholden.report.base_diff import render_base_diff
from beholden.run.base_diff import _is_retold, compare_bases
from beholden.run.base_lists import list_changes
from beholden.schema.bases import BaseComparison, ListChange, PartyChange, ResultOutlook
from beholden.schema.result import Finding
from beholden.schema.rows import Row

AS_OF = day("2026-08-01")


def compared(before: KnowledgeBase, after: KnowledgeBase, *rows: Finding, as_of: date = AS_OF) -> BaseComparison:
    result = None
    if rows:
        made = make_result(findings=list(rows), as_of="2026-08-01")
        made.kb.digest = before.digest
        result = ("result.json", made)
    return compare_bases(("one", before), ("other", after), as_of=as_of, result=result)


def the_list(before: tuple[Row, ...], after: tuple[Row, ...], **regime: Any) -> ListChange:
    whole = make_regime(**regime)
    [change] = compared(tiny_kb(whole, *before), tiny_kb(whole, *after)).lists
    return change


def told(changes: list[PartyChange]) -> list[tuple[str, str, str | None]]:
    return [(row.entity, row.how, row.day) for row in changes]


def test_a_base_does_not_differ_from_itself() -> None:
    kb = tiny_kb(make_regime(), make_designation("acme", "2020-01-01"), make_consequence())
    document = compared(kb, kb)
    assert (document.lists, document.law, document.same_lists) == ([], [], [LIST])
    assert {(row.added, row.removed, row.changed) for row in document.tables} == {(0, 0, 0)}
    assert "The two are the same base." in render_base_diff(document)


@pytest.mark.parametrize(
    ("before", "after", "part", "expected"),
    [
        pytest.param((), ("2020-01-01", None), "added", ("acme", "new", "2020-01-01"), id="new"),
        pytest.param(
            ("2020-01-01", "2021-01-01"), ("2020-01-01", None), "added", ("acme", "again", "2020-01-01"), id="again"
        ),
        pytest.param(("2020-01-01", None), (), "gone", ("acme", "not_held", None), id="not-held"),
        pytest.param(
            ("2020-01-01", None), ("2020-01-01", "2026-07-01"), "gone", ("acme", "ended", "2026-07-01"), id="ended"
        ),
        pytest.param(
            ("2020-01-01", None), ("2020-01-01", "2027-01-01"), "changed", ("acme", "changed", None), id="ends-later"
        ),
        pytest.param(("2020-01-01", None), ("2019-01-01", None), "changed", ("acme", "changed", None), id="since"),
    ],
)
def test_a_party_that_comes_goes_or_changes(
    before: tuple[Any, ...], after: tuple[Any, ...], part: str, expected: tuple[str, str, str | None]
) -> None:
    rows = [(make_designation("acme", *span, id="x"),) if span else () for span in (before, after)]
    change = the_list(rows[0], rows[1])
    found = {name: told(getattr(change, name)) for name in ("added", "gone", "changed")}
    assert found.pop(part) == [expected]
    assert not any(found.values())


def test_what_changed_of_an_entry_is_named_with_both_values() -> None:
    before = make_designation("acme", "2020-01-01", programmes=["OLD"], listed_as="ACME")
    after = make_designation("acme", "2020-01-01", programmes=["NEW", "OLD"], listed_as="ACME LTD")
    [row] = the_list((before,), (after,)).changed
    assert [(item.field, item.before, item.after) for item in row.fields] == [
        ("listed_as", "ACME", "ACME LTD"),
        ("programmes", "OLD", "NEW; OLD"),
    ]
    assert row.caption == "Acme"


def test_the_text_of_an_entry_is_compared_where_a_later_copy_prints_another() -> None:
    text = "Aircraft produced abroad, except those on the list of the agency, " + "however they are called, " * 4
    law = tiny_kb(make_regime(), make_designation("acme", "2020-01-01", basis="Aircraft"))
    one, other = (
        law.overlay({"entries": [make_entry("acme", "2025-01-01", basis=f"{text}until January 1, {year}")]}, str(year))
        for year in (2027, 2028)
    )
    (found,), _ = list_changes(one, other, as_of=AS_OF)
    (change,) = found.changed
    assert [(item.field, item.after) for item in change.fields] == [("printed", f"{text}until January 1, 2028")]
    document = compared(law, law)
    document.lists = [found]
    line = next(line for line in render_base_diff(document).splitlines() if "printed" in line)
    assert "January 1, 2027 → …" in line
    assert line.endswith("January 1, 2028")


def test_another_note_is_a_row_that_differs_and_no_party_that_changed() -> None:
    one, other = (make_designation("acme", "2020-01-01", note=note) for note in ("one", "two"))
    document = compared(tiny_kb(make_regime(), one), tiny_kb(make_regime(), other))
    assert (document.lists, document.same_lists) == ([], [LIST])
    assert [(row.table, row.changed) for row in document.tables if row.changed] == [("designations", 1)]


def test_the_name_printed_by_the_last_edition_counts_and_both_editions_are_told() -> None:
    first = (make_edition("2025-01-01"), make_entry("acme", "2025-01-01"), make_entry("other", "2025-01-01"))
    second = (make_edition("2026-01-01"), make_entry("acme", "2026-01-01", listed_as="ACME GROUP"))
    change = the_list(first, (*first, *second), list_kind="edition")
    assert change.before is not None
    assert change.after is not None
    assert (change.before.edition, change.after.edition) == ("2025-01-01", "2026-01-01")
    assert (change.before.parties, change.after.parties, change.after.ended) == (2, 1, 1)
    assert told(change.gone) == [("other", "ended", "2026-01-01")]
    [name] = change.changed[0].fields
    assert (name.field, name.after) == ("listed_as", "ACME GROUP")


def test_a_category_without_a_party_goes_by_its_category() -> None:
    entry = msgspec.structs.replace(
        make_designation("acme", "2024-01-01", category="consumer-router", id="c"), entity_id=None
    )
    change = the_list((), (entry,))
    assert told(change.added) == [("consumer-router", "new", "2024-01-01")]


def test_a_list_that_only_one_base_knows_says_so() -> None:
    document = compared(tiny_kb(make_regime("us-a")), tiny_kb(make_regime("us-a"), make_regime("us-b")))
    [change] = document.lists
    assert (change.id, change.before) == ("us-b", None)
    assert "only the second base knows this list" in render_base_diff(document)


def test_law_is_told_row_by_row_with_what_changed() -> None:
    before = tiny_kb(make_regime(), make_consequence("us-a"), make_consequence("us-b"))
    after = tiny_kb(
        make_regime(citation="2 Example Code 2"),
        make_consequence("us-a", applies_from=day("2027-01-01"), binds=["us-importer"]),
        make_effect("suspension", "2026-01-01", "2026-12-01", "us-a"),
    )
    document = compared(before, after)
    rows = {(row.table, row.id): row for row in document.law}
    assert {key: row.change for key, row in rows.items()} == {
        ("regimes", LIST): "changed",
        ("consequences", "us-a"): "changed",
        ("consequences", "us-b"): "removed",
        ("effects", next(one for table, one in rows if table == "effects")): "added",
    }
    assert [(item.field, item.before, item.after) for item in rows["consequences", "us-a"].fields] == [
        ("binds", '["us-person"]', '["us-importer"]'),
        ("applies_from", "2000-01-01", "2027-01-01"),
    ]
    text = render_base_diff(document)
    assert "applies from: 2000-01-01 → 2027-01-01" in text
    assert "removed  consequences us-b" in text


def test_a_regime_that_differs_only_in_the_span_of_our_copy_is_no_change_of_law_on_the_terminal() -> None:
    one, other = (tiny_kb(make_regime(checked_until=day(until))) for until in ("2026-01-01", "2026-02-01"))
    document = compared(one, other)
    assert [row.table for row in document.law] == ["regimes"]
    text = render_base_diff(document)
    assert "checked until: 2026-01-01 → 2026-02-01" in text
    assert "\nLaw\n" not in text


def test_a_row_that_only_rests_on_another_copy_does_not_count_as_changed() -> None:
    before, after = (make_name("acme", "Acme Trade", source_id=f"list@2026-08-0{day_}") for day_ in (1, 2))
    assert _is_retold(before, after)
    assert not _is_retold(before, msgspec.structs.replace(after, kind="former"))
    assert not _is_retold(None, after)
    assert not _is_retold(before, None)


def test_what_sources_write_cannot_steer_a_terminal() -> None:
    before, after = tiny_kb(make_regime()), tiny_kb(make_regime(), make_designation("acme", "2020-01-01"))
    hostile = tiny_kb(
        make_regime(),
        make_entity("acme", "Acme\x1b[31m\u202e"),
        make_designation("acme", "2020-01-01", listed_as="\x07"),
    )
    assert "\x1b" in compared(before, hostile).lists[0].added[0].caption
    assert not any(mark in render_base_diff(compared(before, hostile)) for mark in "\x1b\u202e\x07")
    assert "Acme" in render_base_diff(compared(before, after))


# what a result would become


def outlook(before: tuple[Row, ...], after: tuple[Row, ...], **asked: Any) -> ResultOutlook:
    """A payment to Acme, judged by the first base, and what the second makes of it."""
    first, second = tiny_kb(*before), tiny_kb(*after)
    rows = findings(first, make_payment("Acme", "2026-05-01"))
    assert rows
    found = compared(first, second, *rows, **asked).result
    assert found is not None
    return found


LISTED = (make_regime(), make_designation("acme", "2020-01-01"), make_consequence())


@pytest.mark.parametrize(
    ("after", "change", "says"),
    [
        pytest.param(
            (make_regime(), make_designation("acme", "2020-01-01", "2026-06-01"), make_consequence()),
            "ends",
            "us-list: listed, then delisted",
            id="ended",
        ),
        pytest.param(
            (make_regime(loaded=False), make_designation("acme", "2020-01-01"), make_consequence()),
            "unknown",
            "us-list: listed, then unknown (not loaded)",
            id="list-not-loaded",
        ),
        pytest.param(
            (make_regime(checked_until=day("2026-07-01")), *LISTED[1:]),
            "copy",
            "us-list: listed, then unknown (last known listed at 2026-07-01)",
            id="copy-ends-before-the-day",
        ),
        pytest.param(
            (*LISTED, make_effect("suspension", "2026-01-01", "2027-01-01")),
            "rule",
            "us-rule: in force, then suspended",
            id="rule-rests",
        ),
        pytest.param(
            (*LISTED, make_consequence("us-second")),
            "rule",
            "us-second: no such rule, then in force",
            id="another-rule",
        ),
        pytest.param(
            (make_regime(), make_designation("acme", "2020-01-01", listed_as="ACME PLC"), make_consequence()),
            "entry",
            "us-list: printed as “ACME”, then as “ACME PLC”",
            id="another-name",
        ),
        pytest.param(
            (make_regime(), make_consequence()), "missing", "the second base does not hold acme", id="no-such-party"
        ),
    ],
)
def test_a_finding_is_told_by_what_it_would_become(after: tuple[Row, ...], change: str, says: str) -> None:
    found = outlook(LISTED, after)
    [row] = found.findings
    assert (row.change, found.by_change, found.same) == (change, {change: 1}, 0)
    assert says in row.because


def test_a_finding_on_the_same_ground_is_only_counted() -> None:
    found = outlook(LISTED, (*LISTED, make_designation("other", "2026-01-01")))
    assert (found.findings, found.same, found.made_by) == ([], 1, "from")
    assert "only a new scan" in found.note


def test_a_later_day_may_be_asked_about() -> None:
    later = (make_regime(), make_designation("acme", "2020-01-01", "2026-09-01"), make_consequence())
    [row] = outlook(LISTED, later).findings
    assert row.change == "entry"
    found = outlook(LISTED, later, as_of=day("2026-10-01"))
    assert (found.as_of, found.findings[0].change) == ("2026-10-01", "ends")


def test_holdings_above_the_operator_are_compared() -> None:
    law = (
        make_regime(),
        make_designation("parent", "2020-01-01"),
        make_consequence(ownership="aggregate_50"),
        make_ownership_rule("aggregate_50"),
    )
    before = (*law, make_ownership("parent", "acme", "60"))
    assert outlook(before, before).findings == []
    [row] = outlook(before, (*law, make_ownership("parent", "acme", "40"))).findings
    assert (row.change, row.because) == ("ownership", ["holdings above Acme differ"])


def test_a_claim_that_is_recorded_otherwise_is_told() -> None:
    claim = make_claim("c1", "acme")
    before = (make_entity("acme"), claim)
    [row] = outlook(before, (make_entity("acme"), msgspec.structs.replace(claim, text="Another text."))).findings
    assert (row.change, row.because) == ("claim", ["the claim c1 is recorded otherwise"])


def test_findings_about_parties_of_an_in_house_pack_are_set_apart() -> None:
    kb, other = tiny_kb(*LISTED), tiny_kb(make_regime())
    rows = findings(kb, make_payment("Acme", "2026-05-01"))
    found = compared(other, tiny_kb(make_regime(), make_consequence()), *rows).result
    assert found is not None
    assert (found.not_held, found.findings) == ([rows[0].id], [])


def test_who_comes_onto_a_list_after_the_day_is_not_counted_on_it() -> None:
    there = make_designation("acme", "2026-06-01")
    left, later = make_designation("left", "2020-01-01", "2026-01-01"), make_designation("later", "2026-08-20")
    change = the_list((), (there, left, later))
    assert change.after is not None
    assert (change.after.parties, change.after.ended) == (1, 1)
    assert told(change.added) == [
        ("acme", "new", "2026-06-01"),
        ("later", "new", "2026-08-20"),
        ("left", "new", "2020-01-01"),
    ]
    text = render_base_diff(compared(tiny_kb(make_regime()), tiny_kb(make_regime(), there, left, later)))
    assert "3 parties added (1 of them on the list on 2026-08-01), 0 gone, 0 changed" in text
    assert "parties on 2026-08-01: 0 → 1" in text


def test_a_later_day_of_listing_is_a_change_and_no_end() -> None:
    change = the_list((make_designation("acme", "2026-06-01"),), (make_designation("acme", "2026-08-20"),))
    assert (told(change.gone), told(change.changed)) == ([], [("acme", "changed", None)])
    back = the_list((make_designation("acme", "2026-08-20"),), (make_designation("acme", "2026-06-01"),))
    assert (told(back.added), told(back.changed)) == ([], [("acme", "changed", None)])
