"""Amounts as they are written in documents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.schema.result import Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.policy.terms import Measure


def plain(amount: Decimal | int) -> str:
    """A decimal string without an exponent or trailing zeros."""
    text = format(Decimal(amount).normalize(), "f")
    return "0" if text in ("-0", "") else text


def quantities(measures: Mapping[Measure, Decimal | int]) -> list[Quantity]:
    """Measures as the document has them, sorted by what and unit."""
    ordered = sorted(measures.items(), key=lambda item: (item[0][1], item[0][0]))
    return [Quantity(amount=plain(amount), unit=unit, what=what) for (unit, what), amount in ordered]
