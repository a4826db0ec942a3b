"""A copy that lost many records is no whole copy: who is not in it may still be on the list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tests.builders import day, make_descriptor, make_designation, make_entry

from beholden.errors import SourceError
from beholden.run.completeness import Completeness, completeness
from beholden.run.neighbours import incomparable
from beholden.run.turnover import Entries, lacking, turnover
from beholden.sources import every_source
from beholden.sources.descriptor import Descriptor, Layout, ListOf
from beholden.sources.held import Held, HeldDocument
from beholden.sources.interface import Reading

DESCRIPTOR = make_descriptor(
    layouts=[
        Layout(name="csv", files="one CSV", tried_on="nothing", records=(10, 1000)),
        Layout(name="parts", files="any number of CSV files", tried_on="nothing"),
    ]
)


def held(records: int, edition: str = "2026-08-01", **changes: Any) -> Held:
    values = {"slug": "xx_list", "edition": day(edition), "edition_from": "given", "documents": [], "layout": "csv"}
    at = datetime(2026, 8, 1, tzinfo=UTC)
    return Held(**{**values, "held_at": at, "records_read": records, "records_rejected": 0, **changes})


def counted(
    read: int, *before: Held, rejects: int = 0, layout: str = "csv", descriptor: Descriptor = DESCRIPTOR, **words: Any
) -> Completeness:
    reading = Reading()
    reading.read, reading.rejects, reading.layout = read, rejects, layout
    said = {"is_given": True, "is_whole": False, **words}
    return completeness(descriptor, reading, day("2026-08-20"), before, **said)


@pytest.mark.parametrize(
    ("read", "before", "is_partial"),
    [
        pytest.param(90, [held(100)], False, id="a-tenth-is-gone"),
        pytest.param(89, [held(100)], True, id="more-than-a-tenth-is-gone"),
        pytest.param(14, [held(16)], False, id="two-of-a-few"),
        pytest.param(13, [held(16)], True, id="three-of-a-few"),
        pytest.param(50, [], False, id="nothing-was-held"),
        pytest.param(50, [held(100, is_partial=True)], False, id="only-a-part-was-held"),
        pytest.param(50, [held(100, "2026-09-01")], False, id="only-a-later-day-was-held"),
        pytest.param(50, [held(100, layout="xml")], False, id="another-layout-counts-otherwise"),
        pytest.param(50, [held(100, "2025-01-01"), held(52)], False, id="the-newest-before-counts"),
        pytest.param(9, [], True, id="fewer-than-it-ever-had"),
    ],
)
def test_a_copy_is_a_part_where_many_records_of_the_whole_copy_before_are_gone(
    read: int, before: list[Held], is_partial: bool
) -> None:
    assert counted(read, *before).is_partial is is_partial


def test_the_user_can_say_that_it_is_whole_but_not_that_nothing_was_rejected() -> None:
    compared = "50 records; the whole copy of 2026-08-01 has 100"
    assert counted(50, held(100), is_whole=True) == Completeness([compared], False)
    assert counted(50, held(100), is_whole=True, rejects=1).is_partial
    notes = counted(50, held(100)).notes
    assert notes[0] == compared
    assert "--whole" in notes[-1]


def test_a_publisher_that_serves_it_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        counted(50, held(100), is_given=False)
    assert caught.value.code == "source.unexpected-count"
    assert "the whole copy of 2026-08-01 has 100" in caught.value.message


def test_of_a_layout_without_a_known_number_a_list_that_is_restated_is_a_part_until_the_user_says_so() -> None:
    restated = [ListOf(regime="xx-list", kind="copies")]
    for lists, is_partial in ((restated, True), ([ListOf(regime="xx-list", kind="events")], False)):
        told = msgspec.structs.replace(DESCRIPTOR, lists=lists)
        assert counted(10_000, descriptor=told, layout="parts").is_partial is is_partial
    told = msgspec.structs.replace(DESCRIPTOR, lists=restated)
    assert counted(10_000, descriptor=told, layout="parts", is_whole=True) == Completeness([], False)
    assert "is not known: say --whole if it is all of it" in counted(9, descriptor=told, layout="parts").notes[0]


def test_a_layout_without_a_known_number_is_counted_against_the_copy_before() -> None:
    assert counted(89, held(100, layout="parts"), layout="parts").is_partial
    assert not counted(90, held(100, layout="parts"), layout="parts").is_partial


@pytest.mark.parametrize(
    ("descriptor", "layout"),
    [
        pytest.param(source.descriptor, layout.name, id=f"{source.descriptor.slug}-{layout.name}")
        for source in every_source()
        if source.descriptor.restated
        for layout in source.descriptor.layouts
    ],
)
def test_of_no_importer_a_fragment_takes_anybody_off_a_list(descriptor: Descriptor, layout: str) -> None:
    found = counted(9, descriptor=descriptor, layout=layout)
    assert found.is_partial
    assert any("complete publication has" in note for note in found.notes)


def test_an_earlier_copy_is_held_against_the_later_one_that_is_held() -> None:
    cut, grown = (
        lacking(entries(*names), day("2026-08-06"), entries(*MANY), day("2026-08-20"))
        for names in (MANY[:200], MANY[:295])
    )
    assert cut is not None
    assert grown is not None
    (doubt,) = cut.doubts()
    assert doubt == (
        "100 of 300 entries of the copy of 2026-08-20, 14 days later, are not in this one (N200, N201, N202, …), "
        "and lists grow by less than 2.0%"
    )
    assert grown.doubts() == []
    assert counted(300, lacks=cut).is_partial
    assert not counted(300, lacks=grown).is_partial
    assert not counted(300, lacks=cut, is_whole=True).is_partial


def test_entries_that_the_later_copy_dates_after_this_one_are_not_missed() -> None:
    later = entries(*MANY)
    later.since = {("xx-list", f"xx:{name}"): day("2026-08-10") for name in MANY[200:]}
    found = lacking(entries(*MANY[:200]), day("2026-08-06"), later, day("2026-08-20"))
    assert found is not None
    assert (found.names, found.of) == ([], 200)
    assert lacking(entries("A"), day("2026-08-06"), entries("B"), day("2026-08-20")) is None


def test_more_records_than_it_ever_had_are_those_of_another_publication_until_the_user_says_so() -> None:
    for is_given in (True, False):
        with pytest.raises(SourceError) as caught:
            counted(1001, is_given=is_given)
        assert caught.value.code == "source.unexpected-count"
        assert "1001 records; a complete publication has 10 to 1000" in caught.value.message
        assert "--whole" in (caught.value.hint or "")
    assert counted(1001, is_whole=True) == Completeness([], False)


def entries(*names: str, regime_id: str = "xx-list") -> Entries:
    found = Entries(DESCRIPTOR)
    found.names = {(regime_id, f"xx:{name}"): name for name in names}
    return found


MANY = [f"N{number:03}" for number in range(300)]


@pytest.mark.parametrize(
    ("after", "since", "doubt"),
    [
        pytest.param([*MANY[:100], *MANY[103:]], "2026-08-01", None, id="one-in-a-hundred"),
        pytest.param([*MANY[:100], *MANY[104:]], "2026-08-01", "1.3% of the entries are gone in 19 days", id="more"),
        pytest.param([*MANY[:100], *MANY[110:]], "2026-04-01", None, id="more-in-four-months"),
        pytest.param([*MANY[:100], *MANY[131:]], "2016-08-01", "lists lose fewer than 10.0%", id="more-in-ten-years"),
        pytest.param(MANY[:298], "2026-08-01", None, id="the-last-two"),
        pytest.param(MANY[:297], "2026-08-01", "the last 3 entries of that copy are gone", id="the-last-three"),
        pytest.param([*MANY[:50], *MANY[51:297]], "2026-08-01", "the last 3 entries", id="the-last-three-and-one-more"),
        pytest.param(["A", *MANY[:298], "B"], "2026-08-01", None, id="new-ones-do-not-hide-who-is-gone"),
    ],
)
def test_a_copy_is_doubted_by_how_many_are_gone_since_when_and_by_where_they_stood(
    after: list[str], since: str, doubt: str | None
) -> None:
    found = turnover(entries(*MANY), day(since), entries(*after), day("2026-08-20"))
    assert found is not None
    text = "; ".join(found.doubts())
    assert (doubt in text) if doubt else not text
    assert counted(300, changed=found).is_partial is bool(doubt)
    assert not counted(300, changed=found, is_whole=True).is_partial


def test_a_list_of_which_nobody_is_left_is_doubted() -> None:
    # Too few, and not at the end, to be noticed otherwise.
    before, after = entries("A", "B", "C", regime_id="xx-other"), entries(*MANY)
    before.names |= entries(*MANY).names
    found = turnover(before, day("2026-08-01"), after, day("2026-08-20"))
    assert found is not None
    assert found.doubts() == ["nobody is left on xx-other"]


@pytest.mark.parametrize("names", [("A",), ("A", "B")], ids=["one", "two"])
def test_a_list_of_one_or_two_beside_longer_ones_may_end(names: tuple[str, ...]) -> None:
    before, after = entries(*names, regime_id="xx-other"), entries(*MANY)
    before.names |= entries(*MANY).names
    found = turnover(before, day("2026-08-01"), after, day("2026-08-20"))
    assert found is not None
    assert (len(found.gone), found.doubts()) == (len(names), [])


def test_files_of_another_list_are_no_other_numbers_of_the_same_parties() -> None:
    found = turnover(entries("A", "B", regime_id="xx-other"), day("2026-08-20"), entries("C", "D"), day("2026-08-20"))
    assert found is not None
    assert (found.gone, found.new) == (["A", "B"], 2)
    assert "nobody is left on xx-other" in found.doubts()
    assert turnover(entries("A", "B"), day("2026-08-01"), entries("C", "D"), day("2026-08-20")) is None


def test_a_party_under_another_number_is_not_gone() -> None:
    before, after = entries("A", "B", "C"), Entries(DESCRIPTOR)
    after.names = {("xx-list", f"xx:{name}@2"): name for name in ("A", "B", "C", "D")}
    found = turnover(before, day("2026-08-01"), after, day("2026-08-20"))
    assert found is not None
    assert (found.gone, found.new, found.note()) == ([], 1, "0 entries gone since the copy of 2026-08-01, 1 new")


def test_of_two_copies_that_have_nothing_in_common_nothing_is_said() -> None:
    assert turnover(entries("A"), day("2026-08-01"), entries("B"), day("2026-08-20")) is None
    assert turnover(entries(), day("2026-08-01"), entries("B"), day("2026-08-20")) is None


def test_only_lists_that_are_restated_have_entries_that_can_be_gone() -> None:
    lists = [ListOf(regime="xx-copies", kind="copies"), ListOf(regime="xx-events", kind="events")]
    found = Entries(make_descriptor(lists=lists))
    for regime_id in ("xx-copies", "xx-events"):
        found.see(make_entry("xx:1", "2026-08-01", regime_id))
        found.see(make_designation("xx:2", "2026-08-01", regime_id=regime_id))
    assert list(found.names) == [("xx-copies", "xx:1"), ("xx-copies", "xx:2")]


def test_a_registry_in_another_layout_of_which_nothing_can_be_compared_says_so() -> None:
    before = [held(3_000_000, layout="golden-copy-csv")]
    told = incomparable(before, "api-json", [], day("2026-08-20"))
    assert told is None  # the same files, none
    files = [HeldDocument(name="one.json", sha256="0" * 64, bytes=1)]
    told = incomparable(before, "api-json", files, day("2026-08-20"))
    assert told == (
        "the whole copy of 2026-08-01 is in layout golden-copy-csv, this one in api-json, and their entries cannot be "
        "compared"
    )
    assert counted(300, doubted=[told]).is_partial
    assert not counted(300, doubted=[told], is_whole=True).is_partial
    assert incomparable(before, "api-json", files, day("2026-07-20")) is None
