"""What one row of a ledger says besides the names: how much, when, which way; what cannot be read is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.scan.money.dates import UnreadableDateError, fits_both_orders, read_date
from beholden.scan.money.figures import Amount, UnreadableAmountError, read_amount
from beholden.scan.money.spellings import Column
from beholden.schema.vocabulary import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from beholden.scan.money.reading import Reading
    from beholden.scan.source import Source

NO_CURRENCY = "XXX"
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)
# Nothing, or the dash that spreadsheets print for it, with or without a currency sign.
_BLANK = re.compile(r"[\s$€£¥]*[-–—\u2212]*[\s$€£¥]*")
_EXPECTED = {
    "amount": "a number such as 1,381.12 or 1.381,12 or (12.50)",
    "date": "a date such as 2026-01-31 between 1900 and 2100",
    "contract_date": "a date such as 2026-01-31 between 1900 and 2100",
}
_MAX_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Act:
    """What one row says besides the counterparty."""

    day: date | None
    amount: Amount | None
    currency: str
    unit: str | None
    direction: Direction | None
    certainty: str
    contract_on: date | None
    authorisation: str | None


@dataclass(slots=True)
class _Unread:
    """Cells of one column that could not be read: how many, and the first."""

    line: int
    text: str
    count: int = 0


class Acts:
    """Reads the acts of one file.

    Args:
        source: For what is to be counted.
        reading: How its columns are to be read.
        party: The first party column: debits are paid to a vendor, credits received from a customer.
        is_statement: Whether the parties are plain counterparties, so that a credit is money that came in.
    """

    def __init__(self, source: Source, reading: Reading, *, party: Column, is_statement: bool) -> None:
        self._source = source
        self._reading = reading
        self._layout = reading.layout
        self._is_day_first, self._is_order_certain = reading.is_day_first, reading.is_order_certain
        self._has_both_sides = self._layout.amounts == (Column.DEBIT, Column.CREDIT)
        self._splits_sides = self._has_both_sides and is_statement
        self._gain = Column.CREDIT if party is Column.CUSTOMER else Column.DEBIT
        self._unread: dict[str, _Unread] = {}

    def read(self, line: int, cells: Sequence[str], direction: Direction | None) -> Act:
        """Read the act of one row; `direction` is what the row says of it."""
        layout = self._layout
        amount = self._amount(line, cells)
        if self._splits_sides and amount is not None and amount.value < 0 and direction is None:
            direction, amount = Direction.IN, Amount(-amount.value, amount.currency)
        code = layout.cell(cells, Column.CURRENCY).upper()
        if code and not _CODE.fullmatch(code):
            self._source.not_resolved["currency"] += 1
            code = ""
        day = self._day(line, cells, Column.DATE)
        is_certain = self._is_order_certain or not fits_both_orders(layout.cell(cells, Column.DATE))
        authorisation = layout.cell(cells, Column.AUTHORISATION)
        return Act(
            day=day,
            amount=amount,
            currency=code or (amount.currency if amount else None) or layout.currency or NO_CURRENCY,
            unit=layout.cell(cells, Column.UNIT) or None,
            direction=direction,
            certainty="confirmed" if is_certain else "probable",
            contract_on=self._day(line, cells, Column.CONTRACT_DATE),
            authorisation=None if _BLANK.fullmatch(authorisation) else authorisation,
        )

    def _amount(self, line: int, cells: Sequence[str]) -> Amount | None:
        """The amount of a row: debits less credits where they have columns of their own."""
        amount: Amount | None = None
        for column in self._layout.amounts or (Column.AMOUNT,):
            printed = self._layout.cell(cells, column)
            if _BLANK.fullmatch(printed):
                continue
            try:
                found = read_amount(printed, self._reading.decimal.mark)
            except UnreadableAmountError:
                self._miss("amount", line, printed)
                continue
            # Some banks print the sign in spite of the column.
            value = abs(found.value) if self._splits_sides else found.value
            if self._has_both_sides and column is not self._gain:
                value = -value
            # Systems that fill both cells print a zero in the other one.
            amount = Amount(value + (amount.value if amount else 0), found.currency)
        return amount

    def _day(self, line: int, cells: Sequence[str], column: Column) -> date | None:
        printed = self._layout.cell(cells, column)
        if _BLANK.fullmatch(printed):
            return None
        try:
            return read_date(printed, is_day_first=self._is_day_first)
        except UnreadableDateError:
            self._miss(column.value, line, printed)
        return None

    def _miss(self, column: str, line: int, printed: str) -> None:
        """Count what cannot be read; the row still names a party."""
        self._unread.setdefault(column, _Unread(line, printed[:_MAX_SHOWN])).count += 1

    def note_counts(self) -> None:
        """Say what could not be read, and how debits and credits were taken."""
        if self._has_both_sides and not self._splits_sides:
            kept, reduced = ("credits", "debits") if self._gain is Column.CREDIT else ("debits", "credits")
            self._source.note(
                f"{kept} are summed and {reduced} reduce the sums; where {reduced} are invoices, say "
                f'`amount = "<header of the {kept}>"` under [columns] in beholden.toml'
            )
        for column, unread in self._unread.items():
            self._source.note(
                f"{unread.count:,} rows count without {column}, which could not be read; "
                f"the first is line {unread.line}: {unread.text!r} ({_EXPECTED[column]} is expected)"
            )
            self._source.not_resolved[column] += unread.count
