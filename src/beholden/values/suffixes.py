"""Domain names that each stand for themselves and whatever is below them, the longest first."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.values.domain import suffixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Sorted by name, each once. The longest name that a host name is, or is below, decides: where it is not watched,
# nothing below it is, whatever a shorter one says.
SUFFIXES = pa.schema(
    [pa.field("name", pa.string(), nullable=False), pa.field("is_watched", pa.bool_(), nullable=False)]
)


class WatchedNames:
    """A set of host names.

    Args:
        known: Whether each domain is watched; names are results of `values.domain.normalise`. One that is not takes
            what is below it out of the set.
    """

    def __init__(self, known: Mapping[str, bool]) -> None:
        self._known = dict(known)

    @classmethod
    def any_of(cls, several: Iterable[WatchedNames]) -> WatchedNames:
        """The names that are in any of several sets."""
        sets = list(several)
        # Below a name of the union, and no longer one of it, no set has a name that would decide otherwise.
        return cls({name: any(name in one for one in sets) for one in sets for name in one._known})

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, name: str) -> bool:
        known = self._known
        return next((known[suffix] for suffix in suffixes(name) if suffix in known), False)

    @cached_property
    def watch_suffixes(self) -> pa.Table:
        """The names that decide; SUFFIXES."""
        names = sorted(self._known)
        columns = [pa.array(names, pa.string()), pa.array([self._known[name] for name in names], pa.bool_())]
        return pa.Table.from_arrays(columns, schema=SUFFIXES)
