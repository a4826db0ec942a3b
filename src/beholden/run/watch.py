"""What readers of logs watch: what any of the bases that answer may have an answer for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from beholden.scan.interface import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.profile import Profile
    from beholden.values.ranges import AddressRanges
    from beholden.values.suffixes import WatchedNames


def watch_of(bases: Sequence[KnowledgeBase], profile: Profile) -> Watch:
    """What one reading must keep for all bases; nothing is taken from them before a reader asks.

    Args:
        bases: Those that will be asked who stands behind what was read.
        profile: Says which networks are ours.
    """
    return Watch(
        addresses=_Addresses(bases), names=_Names(bases), own_networks=profile.own_networks, wifi=profile.own_wifi
    )


@dataclass(frozen=True)
class _Addresses:
    bases: Sequence[KnowledgeBase]

    @cached_property
    def _ranges(self) -> AddressRanges:
        from beholden.values.ranges import AddressRanges, combined

        return AddressRanges(combined([kb.watched_addresses.watch_ranges for kb in self.bases]))

    def __contains__(self, packed: bytes) -> bool:
        return packed in self._ranges

    @property
    def watch_ranges(self) -> pa.Table:
        """A label for each combination of answers of the bases; `values.ranges.RANGES`."""
        return self._ranges.watch_ranges


@dataclass(frozen=True)
class _Names:
    bases: Sequence[KnowledgeBase]

    @cached_property
    def _suffixes(self) -> WatchedNames:
        from beholden.values.suffixes import WatchedNames

        return WatchedNames.any_of(kb.watched_names for kb in self.bases)

    def __contains__(self, name: str) -> bool:
        return name in self._suffixes

    @property
    def watch_suffixes(self) -> pa.Table:
        """`values.suffixes.SUFFIXES`."""
        return self._suffixes.watch_suffixes
