"""Whose the addresses of a run are, prepared once for every kernel."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from beholden.engine import Engine
from beholden.scan.kernel.ranges import LabelledRanges
from beholden.scan.network.sides import Sides, no_party, place_ranges

if TYPE_CHECKING:
    import pyarrow as pa

    import beholden._native
    from beholden.scan.interface import Watch


class AddressJudge:
    """The bits of `beholden.scan.network.sides`, for one watch.

    Args:
        watch: Says which networks are ours and which remote addresses matter.
    """

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    @cached_property
    def native(self) -> beholden._native.Sides:
        """For the native kernels."""
        from beholden._native import Sides as NativeSides

        networks = self.watch.own_networks
        places = _native_ranges(place_ranges(networks))
        watched = None if self.watch.addresses is None else _native_ranges(self.watch.addresses.watch_ranges)
        return NativeSides(places, no_party(networks), watched)

    @cached_property
    def by_text(self) -> Sides:
        """For what reads row by row."""
        return Sides(self.watch)


def _native_ranges(table: pa.Table) -> beholden._native.Ranges:
    ranges = LabelledRanges(table, Engine.NATIVE).native
    assert ranges is not None
    return ranges
