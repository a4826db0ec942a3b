"""A copy that lost many records is no whole copy: who is not in it may still be on the list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.builders import day, make_descriptor

from beholden.errors import SourceError
from beholden.run.completeness import Completeness, completeness
from beholden.sources.descriptor import Layout
from beholden.sources.held import Held
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


def counted(read: int, *before: Held, rejects: int = 0, layout: str = "csv", **words: bool) -> Completeness:
    reading = Reading()
    reading.read, reading.rejects, reading.layout = read, rejects, layout
    said = {"is_given": True, "is_whole": False, **words}
    return completeness(DESCRIPTOR, reading, day("2026-08-20"), before, **said)


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
    assert counted(50, held(100), is_whole=True) == Completeness([], False)
    assert counted(50, held(100), is_whole=True, rejects=1).is_partial
    notes = counted(50, held(100)).notes
    assert notes[0] == "50 records; the whole copy of 2026-08-01 has 100"
    assert "--whole" in notes[-1]


def test_a_publisher_that_serves_it_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        counted(50, held(100), is_given=False)
    assert caught.value.code == "source.unexpected-count"
    assert "the whole copy of 2026-08-01 has 100" in caught.value.message


def test_a_layout_without_a_known_number_is_not_counted() -> None:
    assert not counted(1, held(100, layout="parts"), layout="parts").is_partial
