"""What one source says of a party whose row holds what several say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Places and birth dates as one source has them.

    Attributes:
        id: Under which id it has them, which may now stand for another.
        source_id: The source; None: nobody is named.
    """

    id: str
    source_id: str | None = None
    jurisdictions: list[str] = []
    addresses: list[str] = []
    birth_dates: list[str] = []


def together(told: Sequence[Told]) -> dict[str, list[str]]:
    """The columns that say it together: addresses and birth dates of all, places of the first or else of the others.

    Args:
        told: At least one; the first is the one whose row it is.
    """
    return {
        "jurisdictions": told[0].jurisdictions or _joined(told, "jurisdictions"),
        "addresses": _joined(told, "addresses"),
        "birth_dates": _joined(told, "birth_dates"),
    }


def _joined(told: Sequence[Told], column: str) -> list[str]:
    return list(dict.fromkeys(value for one in told for value in getattr(one, column)))
