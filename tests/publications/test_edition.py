"""Of which day a publication is: the first that says it, and never a guess."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.publications.conftest import content

from beholden.errors import UsageError
from beholden.sources.document import Document
from beholden.sources.edition import Edition, dates_in_names, edition_of
from beholden.sources.held import HeldDocument
from beholden.sources.interface import Source

TODAY = date(2026, 9, 1)
DAY = date(2026, 8, 20)
MODIFIED = {"Last-Modified": "Thu, 27 Aug 2026 23:10:00 GMT"}

Plug = Callable[..., Source]


def edition(
    source: Source,
    tmp_path: Path,
    *,
    printed: str | None = None,
    name: str = "list.csv",
    headers: dict[str, str] | None = None,
    given: date | None = None,
    is_from_publisher: bool = False,
) -> Edition:
    path = tmp_path / "publication"
    path.write_bytes(content(day=printed))
    served = HeldDocument(name=name, sha256="", bytes=0, headers=headers or {})
    return edition_of(
        source, (Document(name, path),), [served], today=TODAY, given=given, is_from_publisher=is_from_publisher
    )


def test_the_printed_day_comes_before_all_others(plugged: Plug, tmp_path: Path) -> None:
    found = edition(plugged(), tmp_path, printed="2026-08-20", name="list-2026-08-25.csv", headers=MODIFIED)
    assert found == Edition(DAY, "printed")


@pytest.mark.parametrize("name", ["list.csv", "list-2026-08-20.csv", "2026-08-01-to-2026-08-25.csv"])
def test_the_given_day_comes_before_headers_and_several_days_in_names(plugged: Plug, tmp_path: Path, name: str) -> None:
    assert edition(plugged(), tmp_path, given=DAY, name=name, headers=MODIFIED) == Edition(DAY, "given")


def test_a_given_day_that_the_name_of_the_file_contradicts_is_refused(plugged: Plug, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        edition(plugged(), tmp_path, given=DAY, name="list-2026-08-25.csv")
    assert caught.value.code == "source.two-dates"
    assert "list-2026-08-25.csv says 2026-08-25, --edition says 2026-08-20" in caught.value.message
    assert "a name without a day" in (caught.value.hint or "")


def test_a_day_before_any_publication_is_refused(plugged: Plug, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        edition(plugged(), tmp_path, given=date(1850, 1, 1))
    assert caught.value.code == "source.early-date"


def test_the_same_day_printed_and_given_is_printed(plugged: Plug, tmp_path: Path) -> None:
    assert edition(plugged(), tmp_path, printed="2026-08-20", given=DAY) == Edition(DAY, "printed")


def test_two_different_days_are_refused(plugged: Plug, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        edition(plugged(), tmp_path, printed="2026-08-20", given=date(2026, 8, 21))
    assert caught.value.code == "source.two-dates"
    assert "2026-08-20" in caught.value.message
    assert "2026-08-21" in caught.value.message


@pytest.mark.parametrize("name", ["list-2026-08-20.csv", "20260820-list.csv", "a/list_20260820.csv.gz"])
def test_a_day_in_a_name_comes_before_the_header(plugged: Plug, tmp_path: Path, name: str) -> None:
    assert edition(plugged(), tmp_path, name=name, headers=MODIFIED) == Edition(DAY, "file name")


def test_the_day_of_the_header_is_used_where_nothing_else_says_one(plugged: Plug, tmp_path: Path) -> None:
    assert edition(plugged(), tmp_path, headers=MODIFIED) == Edition(date(2026, 8, 27), "Last-Modified")


def test_what_the_publisher_serves_today_is_of_today(plugged: Plug, tmp_path: Path) -> None:
    assert edition(plugged(), tmp_path, is_from_publisher=True) == Edition(TODAY, "fetched")


def test_own_records_are_of_the_day_on_which_they_come(plugged: Plug, tmp_path: Path) -> None:
    assert edition(plugged(class_="own records"), tmp_path) == Edition(TODAY, "imported")


def test_without_any_day_it_is_asked_for(plugged: Plug, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        edition(plugged(), tmp_path)
    assert caught.value.code == "source.no-date"
    assert "--edition" in (caught.value.hint or "")


def test_two_days_in_names_are_none(plugged: Plug, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        edition(plugged(), tmp_path, name="2026-08-20-to-2026-08-27.csv", headers=MODIFIED)
    assert "2026-08-27" in caught.value.message


@pytest.mark.parametrize("more", [{"printed": "2026-09-03"}, {"given": date(2027, 1, 1)}, {"name": "20991231.csv"}])
def test_a_day_that_has_not_come_is_refused(plugged: Plug, tmp_path: Path, more: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        edition(plugged(), tmp_path, **more)  # type: ignore[arg-type]
    assert caught.value.code == "source.future-date"


def test_tomorrow_has_come_in_the_east(plugged: Plug, tmp_path: Path) -> None:
    assert edition(plugged(), tmp_path, printed="2026-09-02").day == date(2026, 9, 2)


@pytest.mark.parametrize(
    "name",
    ["list.csv", "2026-13-40.csv", "20260231.csv", "120260820.csv", "202608201.csv", "18990820.csv", "2026-0820"],
)
def test_other_digits_are_no_day(name: str) -> None:
    assert dates_in_names([name]) == set()
