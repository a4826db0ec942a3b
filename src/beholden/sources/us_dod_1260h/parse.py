"""Section 1260H list: every edition with the names that it prints (CSV), or one notice (XML)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from beholden.schema.rows import Edition, Entity, Entry, Name, Ownership
from beholden.sources.interface import no_layout
from beholden.sources.transcriptions.parties import alias_kind, name_key
from beholden.sources.us_dod_1260h.families import Families, Printed, printed
from beholden.sources.us_dod_1260h.notice import edition_of, is_xml, printed_rows, read_notice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_COLUMNS = (
    *("Name", "Clean Name", "Alias", "Previous Name", "Parent Name", "Note", "Start date", "End date", "Source Url"),
)
_REGIME = "us-dod-1260h"
_TITLE = "Section 1260H list of {}"


def printed_date(documents: tuple[Document, ...], descriptor: Descriptor) -> date | None:
    """Day of the edition of a notice; the CSV has several.

    Raises:
        SourceError: XML without one notice about the list.
    """
    if not is_xml(documents[0]):
        return None
    return edition_of(read_notice(documents[0], descriptor), descriptor)


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read all editions; a name that an edition of additions does not print is carried into it.

    Raises:
        SourceError: Neither one CSV with these columns nor the XML of one notice.
    """
    document = publication.documents[0]
    if len(publication.documents) == 1 and is_xml(document):
        yield from _of_notice(publication, document, reading)
        return
    header = [cell.strip() for cell in next(document.rows(), (1, []))[1]]
    if len(publication.documents) > 1 or sorted(header) != sorted(_COLUMNS):
        raise no_layout(publication, f"{len(publication.documents)} files, header {', '.join(header)[:300] or 'none'}")
    reading.layout = "csv-editions"
    rows: list[Printed] = []
    seen: set[tuple[date, str]] = set()
    for record in document.records():
        with reading.record():
            row = printed(record)
            if (row.day, row.key) in seen:
                raise record.error("a name twice in one edition", f"{row.name!r}, {row.day}")
            seen.add((row.day, row.key))
            rows.append(row)
    families = Families(rows, publication.descriptor.lookup("same_party"))
    yield from _parties(rows, families, publication.slug)
    yield from _ownership(rows, families, publication.slug)
    yield from _editions(rows, families, publication, reading)


def _of_notice(publication: Publication, document: Document, reading: Reading) -> Iterator[Row]:
    """Rows of one edition; a notice that nobody reviewed may print additions, so it omits nobody."""
    descriptor = publication.descriptor
    notice = read_notice(document, descriptor)
    reading.layout = "federal-register-xml"
    day = edition_of(notice, descriptor)
    rows = printed_rows(notice, day, reading)
    families = Families(rows, descriptor.lookup("same_party"))
    yield from _parties(rows, families, publication.slug)
    yield from _ownership(rows, families, publication.slug)
    is_whole = descriptor.lookup("editions").get(str(day)) == "whole" and notice.number in descriptor.lookup("notices")
    if not is_whole:
        reading.notes.append(
            f"FR Doc. {notice.number} is not among the reviewed notices: its names were taken as additions"
        )
    if notice.removed:
        names = "; ".join(paragraph.text for paragraph in notice.removed)[:300]
        reading.notes.append(
            f"names that the notice removes are not taken off by it, only by an edition without them: {names}"
        )
    yield Edition(
        regime_id=_REGIME,
        date=day,
        is_complete=is_whole and reading.rejects == 0,
        title=_TITLE.format(day),
        gazette=f"FR Doc. {notice.number}",
        published_at=notice.filed,
    )
    for row in rows:
        yield Entry(
            regime_id=_REGIME,
            edition=day,
            entity_id=_id(publication.slug, families.of(row.name)),
            listed_as=row.name,
            basis=_basis(row),
            published_at=notice.filed,
        )


def _id(slug: str, key: str) -> str:
    return f"{slug}:{key}"


def _parties(rows: list[Printed], families: Families, slug: str) -> Iterator[Row]:
    """Entities with the newest printed name, and every other name with the edition that first printed it."""
    newest: dict[str, Printed] = {}
    first: dict[str, date] = {}
    names: dict[tuple[str, str], tuple[str, date]] = {}
    for row in sorted(rows, key=lambda row: row.day):
        key = families.of(row.name)
        newest[key] = row
        first.setdefault(key, row.day)
        for former in row.former:
            names[key, former] = ("former", names.get((key, former), ("", row.day))[1])
        for alias in (row.name, *row.aliases):
            names.setdefault((key, alias), ("alias" if alias == row.name else alias_kind(alias), row.day))
        # Who copies a name off the list copies the brackets too.
        names.setdefault((key, row.cell), ("alias", row.day))
    for key, row in newest.items():
        remark = row.note if row.note is not None and not _is_reason(row.note) else None
        yield Entity(id=_id(slug, key), schema="Company", caption=row.name, note=remark, published_at=first[key])
    for (key, name), (kind, day) in names.items():
        if name != newest[key].name:
            yield Name(entity_id=_id(slug, key), name=name, kind=kind, published_at=day)
    for parent in sorted({families.of(row.parent) for row in rows if row.parent} - set(newest)):
        day = min(row.day for row in rows if row.parent and families.of(row.parent) == parent)
        name = next(row.parent for row in rows if row.parent and families.of(row.parent) == parent)
        yield Entity(
            id=_id(slug, parent),
            schema="Company",
            caption=name,
            note="printed as the parent of listed parties, not as listed itself",
            published_at=day,
        )


def _ownership(rows: list[Printed], families: Families, slug: str) -> Iterator[Ownership]:
    """A name printed under another one, where its newest edition still does so; taken as control."""
    newest: dict[str, Printed] = {}
    first: dict[tuple[str, str], date] = {}
    for row in sorted(rows, key=lambda row: row.day):
        owned = families.of(row.name)
        newest[owned] = row
        if row.parent is not None:
            first.setdefault((families.of(row.parent), owned), row.day)
    for owned, row in newest.items():
        owner = families.of(row.parent) if row.parent is not None else owned
        if owner != owned:
            yield Ownership(
                id=f"{_id(slug, owner)}>{_id(slug, owned)}:control@",
                owner_id=_id(slug, owner),
                owned_id=_id(slug, owned),
                ownership_type="control",
                published_at=first[owner, owned],
                note="printed under its parent on the list, taken as control; share not stated",
            )


def _editions(rows: list[Printed], families: Families, publication: Publication, reading: Reading) -> Iterator[Row]:
    """Editions in order of their days, each with the entries that it prints or carries."""
    descriptor = publication.descriptor
    reviewed, void = descriptor.lookup("editions"), descriptor.lookup("void_ends")
    carried = descriptor.lookup("carried")
    by_day: dict[date, list[Printed]] = {}
    for row in rows:
        by_day.setdefault(row.day, []).append(row)
    ends = {row.end for row in rows if row.end is not None and str(row.end) not in void}
    # Under family and name: an edition may print two names of one party.
    members: dict[tuple[str, str], Entry] = {}
    gone: dict[tuple[str, str], date] = {}
    for day in sorted({*by_day, *ends}):
        fresh = by_day.get(day, [])
        kept = set(members)
        if (reviewed.get(str(day)) or _guessed(day, len(fresh), len(members), reading)) == "whole":
            kept &= {(families.of(name), name_key(name)) for name, until in carried.items() if until == str(day)}
        members = {
            key: replace(members[key], edition=day, is_carried=True, published_at=day)
            for key in members
            if key in kept and gone.get(key) != day
        }
        for row in fresh:
            key = (families.of(row.name), row.key)
            members[key] = Entry(
                regime_id=_REGIME,
                edition=day,
                entity_id=_id(publication.slug, key[0]),
                listed_as=row.name,
                basis=_basis(row),
                published_at=day,
            )
            if row.end is not None and str(row.end) not in void:
                gone[key] = row.end
        yield Edition(
            regime_id=_REGIME,
            date=day,
            is_complete=reading.rejects == 0,
            title=_TITLE.format(day),
            published_at=day,
        )
        yield from members.values()


def _guessed(day: date, printed_names: int, members: int, reading: Reading) -> str:
    """What the rows of a day are that nobody has reviewed: the whole list, or additions to it.

    An edition restates the list and has grown each time; a notice between editions has a handful of names.
    """
    what = "whole" if 2 * printed_names >= members and printed_names else "additions"
    reading.notes.append(
        f"{printed_names} names of {day} were taken as {what}: that day is not among the reviewed ones"
    )
    return what


def _is_reason(note: str) -> bool:
    return "1260H(g)" in note


def _basis(row: Printed) -> str | None:
    """The reason that the issuer states, or the party under which the name is printed."""
    if row.note is not None and _is_reason(row.note):
        return f"Issuer states: {row.note}"
    return f"printed under {row.parent}" if row.parent else None
