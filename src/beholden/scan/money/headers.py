"""Which column of a ledger is which: the header spellings that vendors' systems print, and a mapping by the user."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.scan.money.spellings import CURRENCIES, ENGLISH, KEYS, NAMES, OTHER_LANGUAGES, SHORT_FORMS, Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


PARTIES = (Column.VENDOR, Column.COUNTERPARTY, Column.CUSTOMER)
_WITNESSES = frozenset({Column.AMOUNT, Column.DEBIT, Column.CREDIT, Column.DATE, Column.VENDOR_ID, Column.COUNTRY})
CONSTANT_SIGN = "="
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\W_]+")
_RANKS: dict[str, tuple[Column, int]] = {
    spelling: (column, rank)
    for column, spellings in ENGLISH.items()
    for rank, spelling in enumerate((*spellings, *OTHER_LANGUAGES.get(column, ())))
}
_FOREIGN = frozenset(spelling for spellings in OTHER_LANGUAGES.values() for spelling in spellings)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of one file are.

    Attributes:
        header: Header cells as printed.
        at: Position of each column that was found.
        constants: Values that the user's mapping gives for the whole file (`currency = "=USD"`).
        currency: ISO 4217 code that the amount header itself names, if it does.
        is_foreign: Whether a header of it is of another language than English.
    """

    header: tuple[str, ...]
    at: Mapping[Column, int]
    constants: Mapping[Column, str]
    currency: str | None = None
    is_foreign: bool = False

    @property
    def amounts(self) -> tuple[Column, ...]:
        """The columns that hold amounts: one for all, or those for debits and credits."""
        if Column.AMOUNT in self.at:
            return (Column.AMOUNT,)
        return tuple(column for column in (Column.DEBIT, Column.CREDIT) if column in self.at)

    def name_position(self) -> int | None:
        """Where names stand beside a party column that may hold only numbers."""
        folded = [plain_header(cell) for cell in self.header]
        return next((folded.index(name) for name in NAMES if name in folded), None)

    def title(self, column: Column) -> str | None:
        """The header of a column as printed."""
        position = self.at.get(column)
        return None if position is None else self.header[position].strip()

    def cell(self, row: Sequence[str], column: Column) -> str:
        """The cell of a column, without outer space; empty where the file has no such column."""
        position = self.at.get(column)
        if position is None:
            return self.constants.get(column, "")
        return row[position].strip()


def plain_header(text: str) -> str:
    """Fold case, separators and short forms: `Check/Payment Dt.` is `check payment date`."""
    spaced = _CAMEL.sub(" ", text.replace("#", " number "))
    words = _SEPARATORS.sub(" ", spaced.casefold()).split()
    return " ".join(SHORT_FORMS.get(word, word) for word in words)


def layout_of(cells: Sequence[str], mapping: Mapping[str, str]) -> Layout | None:
    """Read a row as a ledger header; None if it is not one.

    A header has a counterparty column (vendor, payee, customer …) and at least one of amount, date, vendor number
    and country. A column that the mapping names is taken as named.

    Args:
        cells: The cells of the row.
        mapping: Our column name → their header, or `=value` for the whole file.
    """
    folded = [plain_header(cell) for cell in cells]
    found: dict[Column, tuple[int, int]] = {}
    currency = None
    for position, text in enumerate(folded):
        spelling, code = _without_currency(text)
        column, rank = _RANKS.get(spelling, (None, 0))
        if column is None or (column in found and found[column][0] <= rank):
            continue
        found[column] = (rank, position)
        if column is Column.AMOUNT:
            currency = code
    at = {column: position for column, (_, position) in found.items()}
    constants: dict[Column, str] = {}
    for ours, theirs in mapping.items():
        column = KEYS.get(ours)
        if column is None:
            continue
        if theirs.startswith(CONSTANT_SIGN):
            at.pop(column, None)
            constants[column] = theirs.removeprefix(CONSTANT_SIGN).strip()
        elif plain_header(theirs) in folded:
            position = folded.index(plain_header(theirs))
            # One header has one meaning, and the user's word is the last one.
            at = {known: place for known, place in at.items() if place != position}
            at[column] = position
    if not any(party in at for party in PARTIES) or not _WITNESSES & at.keys():
        return None
    is_foreign = any(folded[position] in _FOREIGN for position in at.values())
    return Layout(tuple(cells), at, constants, currency, is_foreign)


def _without_currency(text: str) -> tuple[str, str | None]:
    """`amount usd` is `amount` in USD."""
    words = text.split()
    codes = [word.upper() for word in words if word.upper() in CURRENCIES]
    if len(codes) != 1 or len(words) < 2:
        return text, None
    return " ".join(word for word in words if word.upper() != codes[0]), codes[0]
