"""Registers of data flows: to whom which class of data goes, on how many persons or devices, under what agreement.

Units: `amount` counts US persons or devices, as 28 CFR 202.205 does. A row with a date is a transfer on that day; a row
    without one is a standing flow, whose count is that of the last twelve months.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.scan.declared.register import Register, RegisterScanner, WrongCellError, day, word
from beholden.schema.observation import COUNTED, UNCOUNTED
from beholden.schema.vocabulary import Agreement, DataClass, Direction, Kind, Relation

if TYPE_CHECKING:
    from beholden.scan.rows import Rows

_REGISTER = Register(
    {
        "recipient": ("recipient", "data recipient", "data importer", "processor"),
        "data_class": ("data class", "class of data", "data category"),
        "persons": ("persons", "us persons", "devices", "persons or devices", "data subjects"),
        "agreement": ("agreement", "agreement type", "kind of agreement"),
        "date": ("date", "transfer date", "transferred on"),
        "contract_date": ("contract date", "contract on"),
        "authorisation": ("authorisation", "authorization", "licence", "license"),
        "unit": ("unit", "entity", "business unit"),
        "purpose": ("purpose", "description", "system"),
    },
    required=("recipient", "data_class"),
)
_COUNT = re.compile(r"\d{1,3}(?:[, _]\d{3})+|\d{1,15}", re.ASCII)
_MAX_NAME = 500


class DataFlows(RegisterScanner):
    """Reads a register of data flows (CSV with `,`, `;`, tab or `|`) by its header."""

    name = "data-flows"
    title = "Registers of data flows: recipient, class of data, persons or devices, agreement (delimited text)"
    kinds = frozenset({Kind.NAME})
    register = _REGISTER
    holds = "a recipient and a class of data"

    def add(self, rows: Rows, line: int, cells: dict[str, str]) -> None:
        """See `RegisterScanner.add`."""
        name = " ".join(cells["recipient"].split())
        if not name or len(name) > _MAX_NAME:
            raise WrongCellError(
                "no recipient" if not name else "name too long", f"a name of at most {_MAX_NAME} characters"
            )
        data_class = word(cells["data_class"], DataClass, "class of data")
        on = day(cells.get("date", ""), "date")
        count = _count(cells.get("persons", ""))
        rows.add(
            Kind.NAME,
            name,
            relation=Relation.DATA_RECIPIENT,
            direction=Direction.OUT,
            field="recipient",
            unit=cells.get("unit") or None,
            line=line,
            first_seen=datetime.combine(on, time(), UTC) if on else None,
            acted_on=on,
            amount=Decimal(1) if count is None else count,
            unit_of_amount="1",
            what=UNCOUNTED if count is None else COUNTED,
            contract_on=day(cells.get("contract_date", ""), "contract date"),
            authorisation=cells.get("authorisation") or None,
            agreement=word(cells.get("agreement", ""), Agreement, "agreement"),
            data_class=data_class,
            detail={"purpose": cells["purpose"]} if cells.get("purpose") else None,
        )


def _count(text: str) -> Decimal | None:
    if not text:
        return None
    if not _COUNT.fullmatch(text):
        raise WrongCellError(f"{text[:60]!r} is not a number of persons or devices", "a whole number such as 12000")
    return Decimal(re.sub(r"\D", "", text))
