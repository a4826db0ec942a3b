"""How one ledger is to be read: its header, its decimal mark and its date order, learned from the whole file."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from beholden.errors import ScanError
from beholden.scan.money.dates import DayOrder
from beholden.scan.money.delimited import HEADER_WITHIN_LINES, Header, find_header, records
from beholden.scan.money.encodings import UTF_8, encoding_of, lines, note_encoding
from beholden.scan.money.figures import DecimalMark
from beholden.scan.money.headers import PARTIES, plain_header
from beholden.scan.money.spellings import KEYS, Column
from beholden.scan.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from beholden.scan.money.headers import Layout

# Characters of the header that a note shows.
_MAX_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Reading:
    """How the columns of one file are to be read.

    Attributes:
        header: Where the header is, and the delimiter.
        decimal: What the amount column tells about its decimal mark.
        order: What the date column tells about day and month.
        encoding: Of the file, as Python names it.
    """

    header: Header
    decimal: DecimalMark
    order: DayOrder
    encoding: str = UTF_8

    @property
    def layout(self) -> Layout:
        """Where the columns are."""
        return self.header.layout

    @property
    def day_first_sign(self) -> str | None:
        """What else in the file says that days come first, where no date tells."""
        if self.order.day_first or self.order.month_first:
            return None
        if self.decimal.comma > self.decimal.point:
            return "amounts have decimal commas"
        if self.header.delimiter == ";":
            return "columns are separated by semicolons"
        return "the header is not in English" if self.layout.is_foreign else None

    @property
    def is_day_first(self) -> bool:
        """How dates such as 03/04 are read; month first where nothing tells."""
        return self.order.is_day_first or self.day_first_sign is not None

    @property
    def is_order_certain(self) -> bool:
        """Whether anything in the file tells the order of its dates without contradiction."""
        return self.order.is_told or self.day_first_sign is not None

    @property
    def has_currency(self) -> bool:
        """Whether a column, the amount header or the user names the currency."""
        layout = self.layout
        return layout.currency is not None or Column.CURRENCY in layout.at or Column.CURRENCY in layout.constants


def learn(source: Source, mapping: Mapping[str, str]) -> Reading:
    """Read the file once for what only its columns as a whole tell; what this pass counts is not kept.

    Raises:
        ScanError: There is no ledger header.
    """
    draft = Source(source.place, source.path)
    encoding = encoding_of(source)
    header = find_header((text for _, text in lines(draft, encoding)), mapping)
    if header is None:
        raise source.error(
            f"no ledger header in the first {HEADER_WITHIN_LINES} lines; expected a counterparty column and an amount, "
            "date, vendor number or country"
        )
    decimal, order = DecimalMark(), DayOrder()
    layout = header.layout
    coded = {layout.at[party]: True for party in PARTIES if party in layout.at}
    # Where the file is damaged, the pass that gives rows meets the same place and says so.
    with contextlib.suppress(ScanError):
        for _, cells in records(draft, header.delimiter, encoding):
            if len(cells) >= len(layout.header) and tuple(cells) != layout.header:
                for column in layout.amounts:
                    decimal.learn(layout.cell(cells, column))
                for position in coded:
                    coded[position] &= not any(char.isalpha() for char in cells[position])
                order.learn(layout.cell(cells, Column.DATE))
                order.learn(layout.cell(cells, Column.CONTRACT_DATE))
    named = _with_names(layout, [position for position, is_coded in coded.items() if is_coded], mapping)
    return Reading(replace(header, layout=named), decimal, order, encoding)


def _with_names(layout: Layout, coded: Sequence[int], mapping: Mapping[str, str]) -> Layout:
    """The layout with the name column for the party, where the party's own column holds only numbers."""
    position = layout.name_position()
    mapped = {KEYS.get(ours) for ours in mapping}
    parties = [party for party in PARTIES if party in layout.at and layout.at[party] in coded and party not in mapped]
    if position is None or not parties or position in layout.at.values():
        return layout
    at = dict(layout.at)
    at.setdefault(Column.VENDOR_ID, at[parties[0]])
    at[parties[0]] = position
    return replace(layout, at=at)


def note_guesses(source: Source, reading: Reading, mapping: Mapping[str, str]) -> None:
    """Say in the coverage every guess that the reading rests on, and what of the user's mapping did not apply."""
    order, decimal = reading.order, reading.decimal
    note_encoding(source, reading.encoding)
    for ours, theirs in sorted(mapping.items()):
        why_not = _why_not_applied(reading.layout, ours, theirs)
        if why_not is not None:
            source.note(f"the mapping `{ours} = {theirs!r}` did not apply: {why_not}")
    if reading.header.position:
        source.note(f"{reading.header.position:,} lines before the header were skipped")
    if order.open and not (order.day_first or order.month_first):
        sign = reading.day_first_sign
        source.note(
            f"dates such as 03/04 are read day first: no date in the file tells its order, but {sign}"
            if sign
            else "dates such as 03/04 are read month first: nothing in the file tells their order, so these rows are "
            "probable"
        )
    if order.day_first and order.month_first:
        source.note(
            "dates are printed in both orders; where a date fits both, the more frequent order was taken, and the row "
            "is probable"
        )
    if decimal.open and not (decimal.point or decimal.comma):
        source.note("amounts such as 1,381 are read with a decimal point: no amount in the file tells its decimal mark")
    if decimal.point and decimal.comma:
        source.note("amounts are printed with decimal point and decimal comma; each is read by its own marks")
    columns = ", ".join(cell.strip() or "(blank)" for cell in reading.layout.header)[:_MAX_SHOWN]
    if not reading.layout.amounts and Column.AMOUNT not in reading.layout.constants:
        source.note(f"no amount column found; columns are: {columns}")
    if Column.DATE not in reading.layout.at and Column.DATE not in reading.layout.constants:
        source.note(f"no date column found; columns are: {columns}")
    if reading.layout.amounts and not reading.has_currency:
        source.note(
            "no currency column: amounts without a printed currency are in XXX (no currency); say "
            '`currency = "<their header>"` or `currency = "=USD"` under [columns] in beholden.toml'
        )


def _why_not_applied(layout: Layout, ours: str, theirs: str) -> str | None:
    column = KEYS.get(ours)
    if column is None:
        return f"{ours!r} is not a key of [columns]; the keys are {', '.join(KEYS)}"
    if column in layout.constants:
        return None
    header = plain_header(theirs)
    if header not in map(plain_header, layout.header):
        return "no such header here"
    position = layout.at.get(column)
    if position is None or plain_header(layout.header[position]) != header:
        return "another key names the same header"
    return None
