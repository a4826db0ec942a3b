"""Records that wait for what a later one says of them: bounded, the oldest gives way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

Item = TypeVar("Item")


class Waiting(Generic[Item]):
    """Items by key, in the order in which they came.

    Args:
        limit: How many may wait.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: dict[Hashable, Item] = {}

    def get(self, key: Hashable) -> Item | None:
        """The item that waits under the key."""
        return self._items.get(key)

    def pop(self, key: Hashable) -> Item | None:
        """Take the item that waits under the key."""
        return self._items.pop(key, None)

    def put(self, key: Hashable, item: Item) -> Iterator[Item]:
        """Let an item wait; give the one it replaces and the one that had to make room."""
        if (former := self._items.pop(key, None)) is not None:
            yield former
        if len(self._items) >= self._limit:
            yield self._items.pop(next(iter(self._items)))
        self._items[key] = item

    def rest(self) -> Iterator[Item]:
        """Give all that still waits and start afresh."""
        items, self._items = self._items, {}
        yield from items.values()
