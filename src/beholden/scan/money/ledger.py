"""Vendor ledgers and payment lists as delimited text: whom we pay, and who pays us.

Shape: one observation per counterparty, relation, direction, day, currency and unit of a file.

Units: amounts in the currency of the file (ISO 4217; `XXX`, no currency, where the file names none).
    Credits and reversals are negative and reduce the sum.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.errors import ScanError
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.money.dates import UnreadableDateError, read_date
from beholden.scan.money.delimited import HEADER_WITHIN_LINES, find_header, records
from beholden.scan.money.figures import Amount, UnreadableAmountError, read_amount
from beholden.scan.money.headers import PARTIES, Column, Layout, plain_header
from beholden.scan.money.reading import Reading, learn, note_guesses
from beholden.scan.money.sums import Key, Sums
from beholden.scan.rows import Rows
from beholden.schema.vocabulary import Direction, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    import pyarrow as pa

    from beholden.scan.source import Source

NO_CURRENCY = "XXX"
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)
_TOTAL = re.compile(
    r"(?:(?:grand|sub|report|page|overall)\W*)?totals?(?:\s+(?:amount|paid|for)\b.*)?\W*"
    r"|sum|summe|gesamt(?:summe)?|итого|合计|总计|小计",
    re.IGNORECASE,
)
_RELATIONS = {
    Column.VENDOR: (Relation.SUPPLIER, Direction.OUT),
    Column.COUNTERPARTY: (Relation.PAYMENT_COUNTERPARTY, Direction.OUT),
    Column.CUSTOMER: (Relation.CUSTOMER, Direction.IN),
}
_DIRECTIONS = {
    **dict.fromkeys(("out", "outgoing", "outbound", "outflow", "sent", "paid", "payment"), Direction.OUT),
    **dict.fromkeys(("in", "incoming", "inbound", "inflow", "received", "receipt"), Direction.IN),
}
_DETAILS = (Column.COUNTRY, Column.VENDOR_ID, Column.TAX_ID)
_MAX_NAME = 500


class Ledger:
    """Reads vendor ledgers and payment lists (CSV with `,`, `;`, tab or `|`) by their header."""

    name = "ledger-csv"
    title = "Vendor ledgers, payment and receipt lists (delimited text with a header)"
    kinds = frozenset({Kind.NAME})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to delimited text whose header names a counterparty and an amount, date, vendor number or country.

        Args:
            head: The start of the file, with the user's column mapping for it.
        """
        if b"\x00" in head.data:
            return Acceptance.no("not text (NUL bytes)")
        found = find_header(head.first_lines(HEADER_WITHIN_LINES), head.columns)
        if found is None:
            return Acceptance.no(
                "no header with a counterparty column (vendor, payee, customer …) and an amount, date, vendor number "
                "or country"
            )
        names = ", ".join(found.layout.at)
        return Acceptance.yes(f"ledger header with {names}", strength=70 if Column.AMOUNT in found.layout.at else 55)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give summed observations; reject rows whose column count, amount or date cannot be read.

        Raises:
            ScanError: There is no ledger header, or the data is damaged.
        """
        reading = learn(source, watch.columns)
        note_guesses(source, reading, watch.columns)
        rows, sums, body = Rows(source.path), Sums(), _Body(source, reading)
        try:
            for line, cells in body.records():
                body.read(line, cells, sums)
                if sums.is_full:
                    sums.flush(rows)
                    yield from rows.full()
        except ScanError:
            # Damaged after this point: what came before has been read and counts.
            sums.flush(rows)
            yield from rows.rest()
            raise
        sums.flush(rows)
        body.note_counts()
        yield from rows.rest()


@dataclass(frozen=True, slots=True)
class _Act:
    """What one row says besides the counterparty."""

    day: date | None
    amount: Amount | None
    currency: str
    unit: str | None
    direction: Direction | None


class _Body:
    """The rows below the header of one file."""

    def __init__(self, source: Source, reading: Reading) -> None:
        self._source = source
        self._reading = reading
        self._layout = reading.layout
        self._width = len(self._layout.header)
        self._parties = _parties_of(self._layout, source)
        self._what = {direction: _what(self._layout, direction) for direction in (Direction.OUT, Direction.IN)}
        self._totals = 0
        self._credits = 0
        self._without_name = 0
        self._undecodable = 0

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Records below the header; blank ones and the header repeated on later pages are left out."""
        is_below = False
        for line, cells in records(self._source, self._reading.header.delimiter):
            if tuple(cells) == self._layout.header:
                is_below = True
            elif is_below and any(cell.strip() for cell in cells):
                yield line, cells

    def read(self, line: int, cells: list[str], sums: Sums) -> None:
        """Read one record into the sums, or count why not."""
        if self._is_total(cells):
            self._totals += 1
            return
        if len(cells) < self._width or any(cell.strip() for cell in cells[self._width :]):
            self._source.reject(line, "wrong column count", expected=f"{self._width} columns")
            return
        names = self._names(cells)
        if not names:
            self._without_name += 1
            return
        if any(len(name) > _MAX_NAME for name in names.values()):
            self._source.reject(line, "name too long", expected=f"at most {_MAX_NAME} characters")
            return
        try:
            act = self._act(cells)
        except UnreadableAmountError:
            self._source.reject(line, "unreadable amount", expected="a number such as 1,381.12 or 1.381,12 or (12.50)")
            return
        except UnreadableDateError:
            self._source.reject(line, "unreadable date", expected="a date such as 2026-01-31 between 1900 and 2100")
            return
        self._source.accept()
        self._credits += act.amount is not None and act.amount.value < 0
        self._undecodable += any("\ufffd" in name for name in names.values())
        detail = {column.value: text for column in _DETAILS if (text := self._layout.cell(cells, column))}
        for party, name in names.items():
            sums.add(self._key(party, name, act), act.amount.value if act.amount else None, line, detail)

    def note_counts(self) -> None:
        """Say what was left out and how credits count."""
        counted = (
            (self._totals, "rows are totals and were left out"),
            (self._without_name, "rows have no counterparty (totals or internal bookings) and were left out"),
            (self._credits, "rows have negative amounts (credits or reversals); they reduce the sums"),
            (self._undecodable, "rows have a name that is not UTF-8; save the file as UTF-8 to have it read right"),
        )
        for count, text in counted:
            if count:
                self._source.note(f"{count:,} {text}")
        if self._without_name:
            self._source.not_resolved["row_without_counterparty"] += self._without_name

    def _is_total(self, cells: Sequence[str]) -> bool:
        filled = [" ".join(cell.split()) for cell in cells if cell.strip()]
        places = [self._layout.at[party] for party in self._parties]
        parties = [" ".join(cells[place].split()) for place in places if place < len(cells)]
        if any(_TOTAL.fullmatch(text) for text in (filled[0], *parties)):
            return True
        # Subtotals of spreadsheets: `Some Vendor Total` and a sum, every other cell empty.
        return len(filled) == 2 and len(cells) > 2 and filled[0].casefold().endswith(" total")

    def _names(self, cells: Sequence[str]) -> dict[Column, str]:
        names: dict[Column, str] = {}
        for party in self._parties:
            name = " ".join(cells[self._layout.at[party]].split())
            if name and name not in names.values():
                names[party] = name
        return names

    def _act(self, cells: Sequence[str]) -> _Act:
        layout = self._layout
        printed, day = layout.cell(cells, Column.AMOUNT), layout.cell(cells, Column.DATE)
        amount = read_amount(printed, self._reading.decimal.mark) if printed else None
        code = layout.cell(cells, Column.CURRENCY).upper()
        if code and not _CODE.fullmatch(code):
            self._source.not_resolved["currency"] += 1
            code = ""
        said = layout.cell(cells, Column.DIRECTION).casefold()
        if said and said not in _DIRECTIONS:
            self._source.not_resolved["direction"] += 1
        return _Act(
            day=read_date(day, is_day_first=self._reading.order.is_day_first) if day else None,
            amount=amount,
            currency=code or (amount.currency if amount else None) or layout.currency or NO_CURRENCY,
            unit=layout.cell(cells, Column.UNIT) or None,
            direction=_DIRECTIONS.get(said),
        )

    def _key(self, party: Column, name: str, act: _Act) -> Key:
        relation, direction = _RELATIONS[party]
        if act.direction is not None and act.direction is not direction:
            # A supplier that pays us back, or a customer whom we do: a payment either way, no supply.
            relation, direction = Relation.PAYMENT_COUNTERPARTY, act.direction
        has_amount = act.amount is not None
        return Key(
            name=name,
            relation=relation,
            direction=direction,
            field=self._layout.title(party),
            day=act.day,
            currency=act.currency if has_amount else None,
            unit=act.unit,
            what=self._what[direction] if has_amount else None,
        )


def _parties_of(layout: Layout, source: Source) -> tuple[Column, ...]:
    """The counterparty columns to read; a payer beside a payee is taken to be ourselves."""
    found = [party for party in PARTIES if party in layout.at]
    if Column.CUSTOMER in found and len(found) > 1:
        found.remove(Column.CUSTOMER)
        source.note(f"column {layout.title(Column.CUSTOMER)!r} was not read: the other side is taken from {found[0]}")
    return tuple(found)


def _what(layout: Layout, direction: Direction) -> str:
    """What the amounts are, by the words of the amount and date headers."""
    words = " ".join(plain_header(layout.title(column) or "") for column in (Column.AMOUNT, Column.DATE)).split()
    is_settled = any(word in words for word in ("paid", "payment", "check", "received", "settlement"))
    if not is_settled and any(word in words for word in ("invoice", "invoiced", "billed", "bill")):
        return "invoiced"
    return "paid" if direction is Direction.OUT else "received"
