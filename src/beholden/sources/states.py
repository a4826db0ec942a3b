"""Whether every list of which a publication has rows has a state of it, too: without one, the list is not loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entry

if TYPE_CHECKING:
    from beholden.schema.rows import Row
    from beholden.sources.interface import Publication


class States:
    """Looks at the rows of one publication as they go by."""

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._states: set[str] = set()

    def see(self, row: Row) -> None:
        """Note which list a row is of."""
        if isinstance(row, Edition):
            self._states.add(row.regime_id)
        elif isinstance(row, Entry | Designation):
            self._named.add(row.regime_id)

    def close(self, publication: Publication) -> None:
        """Check what went by.

        The days of which a list speaks come from its `Edition` rows. Without one, its listings would go into the base
        and every answer would still be that the list is not loaded.

        Raises:
            SourceError: Rows are on a list of which there is no state, or no list has one: a fault of the importer.
        """
        declared = {item.regime for item in publication.descriptor.lists}
        lacking = sorted((self._named & declared) - self._states)
        if publication.descriptor.kind == "list" and not self._states:
            lacking = sorted(declared)
        if lacking:
            raise SourceError(
                f"{publication.slug} is of {', '.join(lacking)}, and says of no day up to which it speaks",
                code="source.no-state",
                hint="its importer has to yield an Edition row for each list",
            )
