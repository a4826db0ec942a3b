"""The list as a table, CSV or spreadsheet: one row per party, or one per name of a party."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.errors import Origin
from beholden.sources.document import WideRecord
from beholden.sources.gb_fcdo_sanctions.party import DAYS, Party
from beholden.sources.record import Record, clean
from beholden.sources.spreadsheet import is_spreadsheet, sheet_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_LAW = ("Unique ID", "OFSI Group ID", "Regime Name", "Designation source", "Date Designated", "Sanctions Imposed")
SUMMARY = frozenset((*_LAW, "Name", "Type"))
_NAMES = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_LINES = tuple(f"Address Line {number}" for number in range(1, 7))
# Reasons are prose; the rest are facts of persons and ships that no rule needs.
_LEFT_OUT = (
    *("Last Updated", "Title", "Non-latin script type", "Other Information", "UK Statement of Reasons", "Phone number"),
    *("Nationality(/ies)", "Position", "Gender", "Town of birth", "Country of birth", "Type of entity"),
    *("Previous owner/operator (s)", "Previous flags", "Type of ship", "Tonnage of ship", "Length of ship"),
    *("Year Built", "Hull identification number (HIN)"),
)
_READ = (
    *("UN Reference Number", "Name type", "Alias strength", "Name non-latin script", "Non-latin script language"),
    *("Designation Type", "Address Postal Code", "Address Country", "Website", "Email address", "D.O.B"),
    *("National Identifier number", "National Identifier additional information", "Passport number"),
    *("Passport additional information", "Subsidiaries", "Parent company", "Business registration number (s)"),
    *("IMO number", "Current owner/operator (s)", "Current believed flag of ship"),
)
FULL = frozenset((*_LAW, *_NAMES, *_LINES, *_LEFT_OUT, *_READ))
_REPORT_DATE = re.compile(r"Report Date: ?(\S+)")
# The header is the first row, or the second below the day of the report.
_MOST_ABOVE = 5


def _rows(document: Document) -> Iterator[tuple[Origin, list[str]]]:
    """Place and cells of every row."""
    if is_spreadsheet(document):
        for _, origin, cells in sheet_rows(document):
            yield origin, cells
    else:
        for line, cells in document.rows():
            yield Origin(document.name, line), cells


def report_date(document: Document) -> date | None:
    """The day printed above the header."""
    for number, (origin, cells) in enumerate(_rows(document)):
        found = _REPORT_DATE.fullmatch(clean(cells[0]) or "") if cells else None
        if found is not None:
            return Record({}, origin).as_day("Report Date", found[1], "%d-%b-%Y", *DAYS)
        if number >= _MOST_ABOVE or "Unique ID" in cells:
            break
    return None


class Table:
    """The table of one document.

    Attributes:
        layout: Name of the layout; None where the columns are those of no layout.
        columns: As they are printed.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._is_sheet = is_spreadsheet(document)
        self._rows = _rows(document)
        self.columns: list[str] = []
        for number, (_, cells) in enumerate(self._rows):
            names = [clean(cell) or "" for cell in cells]
            if "Unique ID" in names:
                self.columns = names
                break
            if number >= _MOST_ABOVE:
                break
        known = {SUMMARY: "summary-table", FULL: "full-table"}
        distinct = frozenset(self.columns)
        self.layout = known.get(distinct) if len(distinct) == len(self.columns) else None

    def parties(self, publication: Publication, reading: Reading) -> Iterator[Party]:
        """The parties, once all their rows are read: rows of one need not stand together."""
        found: dict[str, Party] = {}
        for origin, cells in self._rows:
            if self._is_sheet:
                # A sheet says nothing of blank cells at the end.
                cells += [""] * (len(self.columns) - len(cells))
            record = WideRecord(self.columns, cells, origin)
            with reading.record():
                self._read(record, publication, found)
        yield from found.values()

    def _read(self, record: Record, publication: Publication, found: dict[str, Party]) -> None:
        tables = publication.descriptor.lookups
        key = record.require("Unique ID")
        printed = record.require("Type" if self.layout == "summary-table" else "Designation Type")
        schema = record.known("Designation Type", printed.casefold(), tables["type"])
        party = found.get(key) or Party(key, schema, tables)
        if party.schema != schema:
            raise record.error("rows of one id disagree", f"{schema} and {party.schema}")
        party.law(
            record,
            record.require("Regime Name"),
            record.pop("Designation source"),
            record.pop("Sanctions Imposed"),
            record.day("Date Designated", *DAYS),
        )
        party.identifier("other", record.pop("OFSI Group ID"), "OFSI Group ID")
        if self.layout == "summary-table":
            # Without name types the first name of an id is taken for its primary name.
            party.name(record, record.pop("Name"), None, None)
        else:
            _details(record, party)
        record.close(_LEFT_OUT)
        found[key] = party


def _details(record: Record, party: Party) -> None:
    """Everything that only the full table has."""
    name = " ".join(part for part in map(record.pop, _NAMES) if part) or None
    kind = record.pop("Name type")
    party.name(record, name, kind, record.pop("Alias strength"))
    is_primary = kind is not None and kind.casefold() == "primary name"
    script, language = record.pop("Name non-latin script"), record.pop("Non-latin script language")
    party.script(record, script, language, "legal" if is_primary else "alias")
    lines = [record.pop(line) for line in (*_LINES, "Address Postal Code")]
    party.address(record, lines, record.pop("Address Country"))
    party.born(record.pop("D.O.B"))
    party.un_reference(record.pop("UN Reference Number"))
    for kind_of, column, beside in (
        ("national_id", "National Identifier number", "National Identifier additional information"),
        ("passport", "Passport number", "Passport additional information"),
    ):
        number, note = record.pop(column), record.pop(beside)
        if number is None:
            party.note(column, note)
        party.identifier(kind_of, number, note)
    party.registration(record.pop("Business registration number (s)"))
    party.imo(record.pop("IMO number"))
    party.identifier("website", record.pop("Website"))
    party.identifier("email", record.pop("Email address"))
    party.flag(record, record.pop("Current believed flag of ship"))
    for column in ("Parent company", "Subsidiaries", "Current owner/operator (s)"):
        party.note(column.removesuffix(" (s)").lower(), record.pop(column))
