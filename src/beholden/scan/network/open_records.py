"""Records of a log whose outcome later lines may tell: kept until it is known, and no longer than memory allows."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MAX_OPEN = 20_000

Record = TypeVar("Record")


class OpenRecords(Generic[Record]):
    """Records by what ties later lines to them; the oldest is settled where there are too many.

    Args:
        settle: Takes a record that nothing more will be added to.
    """

    def __init__(self, settle: Callable[[Record], None]) -> None:
        self._settle = settle
        # A plain dict takes the longer to find its first entry the more of them have been taken out.
        self._open: OrderedDict[Hashable, Record] = OrderedDict()

    def open(self, key: Hashable, record: Record) -> None:
        """Keep a record; one that is open under the same key is settled."""
        self.close(key)
        self._open[key] = record
        if len(self._open) > MAX_OPEN:
            self._settle(self._open.popitem(last=False)[1])

    def get(self, key: Hashable) -> Record | None:
        """The record that is open under a key."""
        return self._open.get(key)

    def close(self, key: Hashable) -> None:
        """Settle the record that is open under a key, if there is one."""
        record = self._open.pop(key, None)
        if record is not None:
            self._settle(record)

    def close_all(self) -> None:
        """Settle whatever is open, in the order in which it was opened."""
        while self._open:
            self._settle(self._open.popitem(last=False)[1])
