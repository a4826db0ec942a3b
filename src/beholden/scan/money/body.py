"""The rows of a ledger below its header: who stands on the other side, how much, when, and what cannot be told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.scan.money.acts import Act, Acts
from beholden.scan.money.delimited import records
from beholden.scan.money.headers import PARTIES, Layout, plain_header
from beholden.scan.money.spellings import Column
from beholden.scan.money.sums import Key, Sums
from beholden.schema.vocabulary import Direction, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.scan.money.reading import Reading
    from beholden.scan.source import Source

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
    **dict.fromkeys(("out", "outgoing", "outbound", "outflow", "sent", "paid", "payment", "debit"), Direction.OUT),
    **dict.fromkeys(("in", "incoming", "inbound", "inflow", "received", "receipt", "credit"), Direction.IN),
}
_DETAILS = (Column.COUNTRY, Column.VENDOR_ID, Column.TAX_ID)
_MAX_NAME = 500


class Body:
    """The rows below the header of one file."""

    def __init__(self, source: Source, reading: Reading) -> None:
        self._source = source
        self._reading = reading
        self._layout = reading.layout
        self._width = len(self._layout.header)
        self._parties = _parties_of(self._layout, source)
        self._suppliers = tuple(party for party in self._parties if party is Column.VENDOR)
        self._what = {direction: _what(self._layout, direction) for direction in (Direction.OUT, Direction.IN)}
        self._acts = Acts(source, reading, party=self._parties[0], is_statement=self._parties == (Column.COUNTERPARTY,))
        self._totals = 0
        self._credits = 0
        self._without_name = 0
        self._undecodable = 0

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Records below the header; blank ones and the header repeated on later pages are left out."""
        is_below = False
        for line, cells in records(self._source, self._reading.header.delimiter, self._reading.encoding):
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
        direction = self._direction(cells)
        names = self._names(cells, direction)
        if not names:
            self._without_name += 1
            return
        if any(len(name) > _MAX_NAME for name in names.values()):
            self._source.reject(line, "name too long", expected=f"at most {_MAX_NAME} characters")
            return
        act = self._acts.read(line, cells, direction)
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
        self._acts.note_counts()
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

    def _direction(self, cells: Sequence[str]) -> Direction | None:
        said = self._layout.cell(cells, Column.DIRECTION).casefold()
        if said and said not in _DIRECTIONS:
            self._source.not_resolved["direction"] += 1
        return _DIRECTIONS.get(said)

    def _names(self, cells: Sequence[str], direction: Direction | None) -> dict[Column, str]:
        names: dict[Column, str] = {}
        for party in self._other_side(cells, direction):
            name = " ".join(cells[self._layout.at[party]].split())
            if name and name not in names.values():
                names[party] = name
        return names

    def _other_side(self, cells: Sequence[str], direction: Direction | None) -> tuple[Column, ...]:
        """The columns that name the other side of a row: where both sides are named, one of them is ourselves."""
        if Column.CUSTOMER not in self._parties or len(self._parties) == 1:
            return self._parties
        if direction is not Direction.IN:
            return tuple(party for party in self._parties if party is not Column.CUSTOMER)
        # Without a payer, a supplier that pays us back is still the other side; a payee would be ourselves.
        return (Column.CUSTOMER,) if self._layout.cell(cells, Column.CUSTOMER) else self._suppliers

    def _key(self, party: Column, name: str, act: Act) -> Key:
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
            certainty=act.certainty,
            contract_on=act.contract_on,
            authorisation=act.authorisation,
        )


def _parties_of(layout: Layout, source: Source) -> tuple[Column, ...]:
    """The counterparty columns to read; a payer beside a payee is ourselves, unless each row tells its direction."""
    found = [party for party in PARTIES if party in layout.at]
    tells_direction = Column.DIRECTION in layout.at or Column.DIRECTION in layout.constants
    if Column.CUSTOMER in found and len(found) > 1 and not tells_direction:
        found.remove(Column.CUSTOMER)
        source.note(f"column {layout.title(Column.CUSTOMER)!r} was not read: the other side is taken from {found[0]}")
    return tuple(found)


def _what(layout: Layout, direction: Direction) -> str:
    """What the amounts are, by the words of the amount and date headers."""
    words = " ".join(plain_header(layout.title(column) or "") for column in (*layout.amounts, Column.DATE)).split()
    is_settled = any(word in words for word in ("paid", "payment", "check", "received", "settlement"))
    if not is_settled and any(word in words for word in ("invoice", "invoiced", "billed", "bill")):
        return "invoiced"
    return "paid" if direction is Direction.OUT else "received"
