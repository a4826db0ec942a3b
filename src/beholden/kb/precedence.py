"""Which of several rows decides for a value on the days on which it was seen; who is behind an address.

Matchers ask for one value at a time; the watch of log readers asks for whole ranges of addresses before anything is
read (`beholden.kb.answers`). Both must agree, so that the rules are here once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from beholden.schema.rows import Asset, Prefix


class Seen(Protocol):
    """The days between which a value was seen; None: no day is known."""

    @property
    def first_day(self) -> date | None:
        """The first of them."""

    @property
    def last_day(self) -> date | None:
        """The last of them."""


class Dated(Protocol):
    """What holds for a time; half-open, null ends are open."""

    @property
    def valid_from(self) -> date | None:
        """The first day."""

    @property
    def valid_to(self) -> date | None:
        """The first day after it."""


R = TypeVar("R", bound=Dated)


def is_outside(seen: Seen, row: Dated) -> bool:
    """Whether a value was seen only when the row does not say it held."""
    if seen.first_day is None or seen.last_day is None:
        return False
    starts_late = row.valid_from is not None and seen.last_day < row.valid_from
    ended_before = row.valid_to is not None and seen.first_day >= row.valid_to
    return starts_late or ended_before


def alternatives(seen: Seen, rows: Sequence[R]) -> tuple[list[R], bool]:
    """Of rows that exclude one another, those that can decide for some day on which a value was seen.

    Args:
        seen: The days between which the value was seen.
        rows: The nearest first (most specific range, longest suffix).

    Returns:
        The rows up to the first that holds on all those days, and whether any holds at all; where none does, the
        nearest one, to be shown as probable.
    """
    held = [row for row in rows if not is_outside(seen, row)]
    if not held:
        return list(rows[:1]), False
    for position, row in enumerate(held):
        if _holds_throughout(seen, row):
            return held[: position + 1], True
    return held, True


def _holds_throughout(seen: Seen, row: Dated) -> bool:
    if seen.first_day is None or seen.last_day is None:
        return True
    return (row.valid_from is None or row.valid_from <= seen.first_day) and (
        row.valid_to is None or seen.last_day < row.valid_to
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A range that covers an address, with the asset that it leads to, if it does."""

    prefix: Prefix
    asset: Asset | None

    @property
    def valid_from(self) -> date | None:
        """Since when the range is known to be so."""
        return self.prefix.valid_from

    @property
    def valid_to(self) -> date | None:
        """Until when it is."""
        return self.prefix.valid_to


def deciding(seen: Seen, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Of ranges that cover an address, those that can say who operates it, in their order.

    Args:
        seen: The days between which the address was seen.
        candidates: Most specific first.

    Among announced ranges the longest wins, even if we do not know who announces it: then the wider one of a known AS
    says nothing. It leaves an asset's own range alone: a provider that publishes its ranges may have others announce
    them. Where a range is registered never counts.
    """
    announced = [one for one in candidates if one.prefix.asset_id is None and one.prefix.asn]
    routed = {id(one) for one in alternatives(seen, announced)[0]}
    competing = [
        one for one in candidates if one.asset is not None and (one.prefix.asset_id is not None or id(one) in routed)
    ]
    return alternatives(seen, competing)[0]


class Operators:
    """The assets that ranges of addresses lead to.

    Args:
        assets: Of two with one id, or one AS number, the first counts.
    """

    def __init__(self, assets: Iterable[Asset]) -> None:
        self._by_id: dict[str, Asset] = {}
        self._by_number: dict[str, Asset] = {}
        for asset in assets:
            self._by_id.setdefault(asset.id, asset)
            if asset.kind == "asn" and asset.entity_id:
                self._by_number.setdefault(asset.value, asset)

    def behind(self, prefix: Prefix) -> Asset | None:
        """The asset that a range is itself, or the AS with a known operator that announces it."""
        if prefix.asset_id is not None:
            return self._by_id.get(prefix.asset_id)
        return self._by_number.get(prefix.asn or "")
