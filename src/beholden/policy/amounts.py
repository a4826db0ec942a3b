"""Amounts as they are written in documents."""

from __future__ import annotations

from decimal import Decimal


def plain(amount: Decimal | int) -> str:
    """A decimal string without an exponent or trailing zeros."""
    text = format(Decimal(amount).normalize(), "f")
    return "0" if text in ("-0", "") else text
