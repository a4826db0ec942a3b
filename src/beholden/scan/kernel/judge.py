"""Whose the addresses of a run are, prepared once for every kernel."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from beholden.engine import Engine
from beholden.scan.kernel.ranges import LabelledRanges
from beholden.scan.network.sides import Sides, no_party, parse_address, place_ranges

if TYPE_CHECKING:
    import pyarrow as pa

    import beholden._native
    from beholden.scan.interface import Watch
    from beholden.scan.kernel.sides_reference import SidesOfV4


# IPv6 takes 45 characters; few addresses of a log are not IPv4, or have to be asked for one by one.
_KEPT, _LONGEST = 200_000, 64


class AddressJudge:
    """The bits of `beholden.scan.network.sides`, for one watch.

    Args:
        watch: Says which networks are ours and which remote addresses matter.
    """

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._asked: dict[str, tuple[int, int, int]] = {}

    def asked(self, text: str) -> tuple[int, int, int]:
        """Both halves of an address, and its bits; zeros where the text is none."""
        found = self._asked.get(text)
        if found is None:
            packed = parse_address(text)
            number = 0 if packed is None else int.from_bytes(packed)
            found = number >> 64, number & 0xFFFF_FFFF_FFFF_FFFF, 0 if packed is None else self.by_text[text]
            if len(self._asked) >= _KEPT:
                self._asked.clear()
            if len(text) <= _LONGEST:
                self._asked[text] = found
        return found

    @cached_property
    def native(self) -> beholden._native.Sides:
        """For the native kernels."""
        from beholden._native import Sides as NativeSides

        networks = self.watch.own_networks
        places = _native_ranges(place_ranges(networks))
        watched = None if self.watch.addresses is None else _native_ranges(self.watch.addresses.watch_ranges)
        return NativeSides(places, no_party(networks), watched)

    @cached_property
    def v4(self) -> SidesOfV4:
        """For the reference kernels."""
        from beholden.scan.kernel.sides_reference import SidesOfV4

        return SidesOfV4(self.watch)

    @cached_property
    def by_text(self) -> Sides:
        """For what reads row by row."""
        return Sides(self.watch)


def _native_ranges(table: pa.Table) -> beholden._native.Ranges:
    ranges = LabelledRanges(table, Engine.NATIVE).native
    assert ranges is not None
    return ranges
