"""Whose the addresses of a run are, prepared once for every kernel."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from beholden.engine import Engine, engine
from beholden.scan.kernel.ranges import NO_ADDRESS, LabelledRanges
from beholden.scan.network.sides import (
    FOREIGN,
    GROUP,
    OURS,
    WATCHED,
    Sides,
    no_party,
    parse_address,
    place_ranges,
)

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    import beholden._native
    from beholden.scan.interface import Watch
    from beholden.scan.kernel.sides_reference import SidesOfV4


# IPv6 takes 45 characters; few addresses of a log are not IPv4, or have to be asked for one by one.
_KEPT, _LONGEST = 200_000, 64


_last: AddressJudge | None = None


def judge_of(watch: Watch) -> AddressJudge:
    """The judge of a watch; the last one is kept, since the readers of a run ask for the same addresses."""
    global _last
    judge = _last
    if judge is None or not _is_same(judge.watch, watch):
        judge = _last = AddressJudge(watch)
    return judge


def _is_same(one: Watch, other: Watch) -> bool:
    # A watch is made anew for each file, with the columns that the user named for it.
    return one.addresses is other.addresses and one.own_networks == other.own_networks


class AddressJudge:
    """The bits of `beholden.scan.network.sides`, for one watch.

    Args:
        watch: Says which networks are ours and which remote addresses matter.
    """

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._asked: dict[str, tuple[int, int, int]] = {}
        self._ranges: dict[Engine, tuple[LabelledRanges, LabelledRanges | None]] = {}

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

    def ranges(self, running: Engine | None = None) -> tuple[LabelledRanges, LabelledRanges | None]:
        """Our networks, and what is watched (None: everything), prepared once.

        Args:
            running: The engine; None: the one of this process.
        """
        running = running or engine()
        if running not in self._ranges:
            watched = self.watch.addresses
            self._ranges[running] = (
                LabelledRanges(place_ranges(self.watch.own_networks), running),
                None if watched is None else LabelledRanges(watched.watch_ranges, running),
            )
        return self._ranges[running]

    @cached_property
    def native(self) -> beholden._native.Sides:
        """For the native kernels."""
        from beholden._native import Sides as NativeSides

        places, watched = self.ranges(Engine.NATIVE)
        assert places.native is not None
        return NativeSides(
            places.native, no_party(self.watch.own_networks), None if watched is None else watched.native
        )

    def in_column(self, column: pa.Array) -> NDArray[np.uint8]:
        """For the references: the bits of each address of a column of text without nulls."""
        import numpy as np

        places, watched = self.ranges(Engine.PYTHON)
        label = places.find(column).to_numpy()
        bits = np.full(len(column), FOREIGN, np.uint8)
        bits[label >= 0] = OURS
        bits[slice(None) if watched is None else watched.find(column).to_numpy() >= 0] |= WATCHED
        bits[label == no_party(self.watch.own_networks)] = GROUP
        bits[label == NO_ADDRESS] = 0
        return bits

    @cached_property
    def v4(self) -> SidesOfV4:
        """For the reference kernels."""
        from beholden.scan.kernel.sides_reference import SidesOfV4

        return SidesOfV4(self.watch)

    @cached_property
    def by_text(self) -> Sides:
        """For what reads row by row."""
        return Sides(self.watch)
