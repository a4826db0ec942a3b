"""Vendor ledgers and payment lists as delimited text: whom we pay, and who pays us.

Shape: one observation per counterparty, relation, direction, day, currency and unit of a file.

Units: amounts in the currency of the file (ISO 4217; `XXX`, no currency, where the file names none).
    Credits and reversals are negative and reduce the sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import ScanError
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.money.body import Body
from beholden.scan.money.delimited import HEADER_WITHIN_LINES, find_header
from beholden.scan.money.encodings import head_lines
from beholden.scan.money.reading import learn, note_guesses
from beholden.scan.money.spellings import Column
from beholden.scan.money.sums import Sums
from beholden.scan.rows import Rows
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source


# Columns of the observations that `-o FILE.csv` writes: reading them as payments would count each act again.
_OURS = frozenset({"artefact_id", "operator_id"})


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
        lines = head_lines(head, HEADER_WITHIN_LINES)
        if lines is None:
            return Acceptance.no("not text (NUL bytes)")
        if _OURS.issubset(next(iter(lines), "").split(",")):
            return Acceptance.no("a table that beholden wrote, no record")
        found = find_header(lines, head.columns)
        if found is None:
            return Acceptance.no(
                "no header with a counterparty column (vendor, payee, customer …) and an amount, date, vendor number "
                "or country"
            )
        names = ", ".join(found.layout.at)
        return Acceptance.yes(f"ledger header with {names}", strength=70 if Column.AMOUNT in found.layout.at else 55)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give summed observations; reject rows whose column count is wrong; what else cannot be read is counted.

        Raises:
            ScanError: There is no ledger header, or the data is damaged.
        """
        reading = learn(source, watch.columns)
        note_guesses(source, reading, watch.columns)
        rows, sums, body = Rows(source.path), Sums(), Body(source, reading)
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
