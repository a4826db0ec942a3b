"""The comma-separated files: a primary file, and companions with addresses, alternate names and further remarks.

They have no header, print `-0-` for nothing and end with a byte 0x1A; the number of columns tells the parts apart.
Columns: OFAC, "Data Specification" (dat_spec.txt), updated 2023-09-25.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.sources.interface import no_layout
from beholden.sources.ofac import kinds
from beholden.sources.ofac.lists import list_by_programme
from beholden.sources.ofac.party import Party, Progress, party_number, programme_tags
from beholden.sources.ofac.remarks import LONGEST, read_remarks
from beholden.sources.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.sources.document import Document
    from beholden.sources.interface import Publication

PARTS: dict[int, tuple[str, tuple[str, ...]]] = {
    12: (
        "primary",
        (
            "uid", "name", "type", "programmes", "title", "call sign", "vessel type", "tonnage", "gross tonnage",
            "flag", "owner", "remarks",
        ),
    ),
    6: ("addresses", ("uid", "number", "street", "city", "country", "remarks")),
    5: ("alternate names", ("uid", "number", "type", "name", "remarks")),
    2: ("comments", ("uid", "text")),
}  # fmt: skip
_END = "\x1a"
_EMPTY = "empty"
# The largest companion has 25,000 rows.
_MOST_ROWS = 2_000_000
Cells = list[str]


def part_of(document: Document) -> str | None:
    """Which part a file is, None where it is none; from its first row."""
    for _, cells in _rows(document):
        if len(cells) not in PARTS or not (cells[0].isascii() and cells[0].strip().isdigit()):
            return None
        return PARTS[len(cells)][0]
    # A companion may have no row but its end.
    return _EMPTY if document.head(16).strip() == _END.encode() else None


def _rows(document: Document) -> Iterator[tuple[int, Cells]]:
    for line, cells in document.rows():
        if cells == [_END]:
            return
        yield line, [_value(cell) for cell in cells]


def _whole(document: Document, progress: Progress, part: str) -> Iterator[tuple[int, Cells]]:
    """Rows up to the sign of the end, without which nobody can tell a whole file from one that was cut."""
    ends, line = 0, 0
    for line, cells in document.rows():
        if ends:
            break
        if cells == [_END]:
            ends = line
        else:
            yield line, [_value(cell) for cell in cells]
    if line != ends or not ends:
        where = Origin(document.name, line)
        why = "expected one row of the byte 0x1A, as the last"
        progress.reading.reject(UnexpectedValueError("no end of the file", why, origin=where))
        progress.lost += part == "primary"


def _value(cell: str) -> str:
    return "" if cell.strip() == "-0-" else cell


def _record(document: Document, line: int, cells: Cells, part: str) -> Record:
    names = next(names for found, names in PARTS.values() if found == part)
    record = Record(dict(zip(names, cells, strict=False)), Origin(document.name, line))
    if len(cells) != len(names):
        raise record.error("wrong number of cells", f"{len(cells)}; expected {len(names)}")
    return record


def read(publication: Publication, progress: Progress, parts: Sequence[str]) -> Iterator[Party]:
    """Parties of a set of files; those that cannot be read are counted.

    Args:
        publication: The files.
        progress: What became of them.
        parts: Which part each file is.

    Raises:
        SourceError: No primary file, or a part twice.
    """
    named = [(part, document) for part, document in zip(parts, publication.documents, strict=True) if part != _EMPTY]
    by_part = dict(named)
    if len(by_part) < len(named):
        raise no_layout(publication, f"the same part twice: {', '.join(parts)}")
    if "primary" not in by_part:
        raise no_layout(publication, f"no primary file (12 columns) beside the {' and '.join(parts)}")
    companions = Companions(by_part, progress)
    seen: set[str] = set()
    cut = 0
    for line, cells in _whole(by_part["primary"], progress, "primary"):
        found: list[Party] = []
        with progress.party():
            party = _party(_record(by_part["primary"], line, cells, "primary"))
            if party.uid in seen:
                raise party.record.error("the same number twice", party.uid)
            # The comments go on where the remarks are cut, white space included.
            more = companions.comments.pop(party.uid, "")
            party.is_cut = len(cells[11]) >= LONGEST and not more
            title = party.record.pop("title")
            party.record.close(ignore=("vessel type", "tonnage", "gross tonnage"))
            read_remarks(party, cells[11] + more, title, is_cut=party.is_cut)
            list_by_programme(publication, party)
            cut += party.is_cut
            found.append(party)
        for party in found:
            seen.add(party.uid)
            companions.complete(party)
            yield party
    companions.close()
    if cut:
        progress.reading.notes.append(
            f"{cut} remarks end after {LONGEST} characters, because the comments file does not go on with them"
        )


def _party(record: Record) -> Party:
    uid = party_number(record, record.require("uid"))
    name = record.require("name")
    kind = (record.pop("type") or "entity").lower()
    party = Party(record, uid, record.known("type", kind, kinds.table("types")), name)
    party.programmes = programme_tags(record, record.require("programmes"))
    sign, flag, owner = record.pop("call sign"), record.pop("flag"), record.pop("owner")
    record.pop("remarks")
    if sign:
        party.take("Vessel Call Sign", "callsign", sign)
    if flag:
        party.take("Vessel Flag", "country", flag)
    if owner:
        party.take("Vessel Owner", "note", owner)
    return party


class Companions:
    """Rows of the companions by party, until the party comes."""

    def __init__(self, by_part: dict[str, Document], progress: Progress) -> None:
        self._progress = progress
        self._reading = progress.reading
        self._rows: dict[str, dict[str, list[Record]]] = {}
        self.comments: dict[str, str] = {}
        for part in ("addresses", "alternate names", "comments"):
            self._rows[part] = defaultdict(list)
            if part in by_part:
                self._load(by_part[part], part)

    def _load(self, document: Document, part: str) -> None:
        count = 0
        for line, cells in _whole(document, self._progress, part):
            count += 1
            if count > _MOST_ROWS:
                raise document.error(f"more than {_MOST_ROWS} rows", "source.too-large", line)
            try:
                record = _record(document, line, cells, part)
                uid = record.require("uid")
            except UnexpectedValueError as error:
                self._reading.reject(error)
                continue
            if part == "comments":
                # In several rows where it is longer than one.
                self.comments[uid] = self.comments.get(uid, "") + cells[1]
            self._rows[part][uid].append(record)

    def complete(self, party: Party) -> None:
        """Add what the companions say about a party."""
        for record in self._rows["addresses"].pop(party.uid, ()):
            with self._reading.record():
                _address(party, record)
        for record in self._rows["alternate names"].pop(party.uid, ()):
            with self._reading.record():
                record.pop("number")
                kind = record.known("type", record.require("type").lower(), kinds.table("aliases"))
                party.name(record.require("name"), kind)
                record.close(ignore=("remarks",))
        for _ in self._rows["comments"].pop(party.uid, ()):
            with self._reading.record():
                pass

    def close(self) -> None:
        """Reject the rows whose party the primary file does not have, or not as one that can be read."""
        for part, rows in self._rows.items():
            for uid, records in rows.items():
                for record in records:
                    why = f"no {uid} that could be read"
                    self._reading.reject(record.error(f"{part} without their party in the primary file", why))


def _address(party: Party, record: Record) -> None:
    record.pop("number")
    street, city, country = record.pop("street"), record.pop("city"), record.pop("country")
    record.close(ignore=("remarks",))
    code = kinds.place(record, "country", country) if country else None
    if code:
        party.seats[code] = None
    party.address((street, city), country)
