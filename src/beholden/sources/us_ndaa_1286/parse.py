"""Section 1286 lists, one for a fiscal year (CSV); each restates the whole list."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from beholden.schema.rows import Designation, Edition, Entry
from beholden.sources.transcriptions.parties import Parties
from beholden.sources.transcriptions.statutes import IGNORED, Named, named, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beholden.schema.rows import Row
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

_REGIME = "us-ndaa-1286"


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the table: an edition for each report whose day is known or reviewed, with one entry per name.

    Raises:
        SourceError: Not one CSV with the columns of the layout.
    """
    reports: dict[str, list[Named]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for record in table(publication, reading).records():
        with reading.record():
            # Only the list for 2025 prints countries; the same name in several years is one row of the list.
            row = named(record, publication, by_country=False)
            year = _year(record)
            record.close(ignore=IGNORED)
            if (year, row.entity.id) in seen:
                raise record.error("a name twice in one report", f"{row.entity.caption!r}, {year}")
            seen.add((year, row.entity.id))
            reports[year].append(row)
    days = _days(reports, publication, reading)
    places = {row.entity.id: row.entity.jurisdictions for _, rows in sorted(reports.items()) for row in rows}
    parties, dated = Parties(), set[str]()
    for year, rows in sorted(reports.items()):
        day = days[year]
        for row in rows:
            found = row.entity.jurisdictions or places[row.entity.id]
            yield from parties.rows(replace(row.entity, jurisdictions=found, published_at=day), row.aliases)
            if day is not None:
                dated.add(row.entity.id)
                yield Entry(
                    regime_id=_REGIME,
                    edition=day,
                    entity_id=row.entity.id,
                    listed_as=row.entity.caption,
                    basis=row.note,
                    published_at=day,
                )
        if day is not None:
            yield Edition(
                regime_id=_REGIME,
                date=day,
                # A row that cannot be read may be of any report; its party is not to count as gone.
                is_complete=reading.rejects == 0,
                title=f"Section 1286 list for fiscal year {year}",
                published_at=day,
            )
    yield from _undated(reports, days, dated)


def _year(record: Record) -> str:
    """The report; the transcriber's ends are dropped, for the next list says who is gone."""
    year = record.require("report-date")
    if not re.fullmatch(r"20\d\d", year):
        raise record.error("report-date is no year", f"{year!r}; expected the fiscal year of the list")
    end = record.pop("end-date")
    if end is not None and not re.fullmatch(r"20\d\d(-\d\d-\d\d)?", end):
        raise record.error("end-date is no date", f"{end!r}; expected YYYY or YYYY-MM-DD")
    return year


def _days(reports: Mapping[str, list[Named]], publication: Publication, reading: Reading) -> dict[str, date | None]:
    """Day by which each report was public; one that was not reviewed yet was so on the day of the copy."""
    reviewed = publication.descriptor.lookup("reports")
    days: dict[str, date | None] = {}
    for year in sorted(reports):
        if year in reviewed:
            days[year] = date.fromisoformat(reviewed[year]) if reviewed[year] else None
        else:
            days[year] = publication.edition if year == max(reports) else None
        if days[year] is None:
            reading.notes.append(f"the day of the list for {year} is not known, so it makes no edition")
    return days


def _undated(
    reports: Mapping[str, list[Named]], days: Mapping[str, date | None], dated: set[str]
) -> Iterator[Designation]:
    """Names that no dated list has: they were listed until the next dated list at the latest."""
    for year, rows in reports.items():
        ends = [day for other, day in days.items() if other > year and day is not None]
        for row in rows:
            if days[year] is None and row.entity.id not in dated and ends:
                yield Designation(
                    id=f"{_REGIME}:{row.entity.id}:{year}",
                    regime_id=_REGIME,
                    entity_id=row.entity.id,
                    listed_as=row.entity.caption,
                    citation=row.citation,
                    valid_to=min(ends),
                    is_end_latest=True,
                    note=f"on the list for fiscal year {year}, whose day of release is not known",
                )
