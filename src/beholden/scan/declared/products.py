"""Registers of products: what is used, bought or sold, of which category, produced where, authorised when.

Some lists name categories of products by their place of production instead of a party (the FCC Covered List since
2025-12-22): for these a vendor's name is neither needed nor enough.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from beholden.scan.declared.register import Register, RegisterScanner, WrongCellError, day, word
from beholden.schema.vocabulary import Direction, Kind, Relation

if TYPE_CHECKING:
    from beholden.scan.rows import Rows

_REGISTER = Register(
    {
        "product": ("product", "model", "product name"),
        "category": ("category", "product category"),
        "produced_in": ("produced in", "made in", "place of production", "country of production"),
        "authorised_on": ("authorised on", "authorized on", "authorisation date", "authorization date"),
        "approval": ("approval", "conditional approval", "authorisation", "authorization"),
        "use": ("use", "we"),
        "unit": ("unit", "entity", "business unit"),
    },
    required=("product", "category", "produced_in"),
)
_CATEGORY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_PLACE = re.compile(r"[a-z]{2}", re.ASCII)
_MAX_NAME = 300


class _Use(StrEnum):
    """What we do with a product."""

    USE = "use"
    BUY = "buy"
    SELL = "sell"


_RELATIONS = {
    _Use.USE: (Relation.HARDWARE, Direction.NONE),
    _Use.BUY: (Relation.SUPPLIER, Direction.OUT),
    _Use.SELL: (Relation.CUSTOMER, Direction.IN),
}


class Products(RegisterScanner):
    """Reads a register of products (CSV with `,`, `;`, tab or `|`) by its header."""

    name = "products"
    title = "Registers of products: product, category, place of production, authorisation (delimited text)"
    kinds = frozenset({Kind.CATEGORY})
    register = _REGISTER
    holds = "a product, its category and its place of production"

    def add(self, rows: Rows, line: int, cells: dict[str, str]) -> None:
        """See `RegisterScanner.add`."""
        product = " ".join(cells["product"].split())
        if not product or len(product) > _MAX_NAME:
            raise WrongCellError(
                "no product" if not product else "name too long", f"a name of at most {_MAX_NAME} characters"
            )
        category = "-".join(re.split(r"[\s_-]+", cells["category"].casefold()))
        if not _CATEGORY.fullmatch(category):
            raise WrongCellError(f"category {cells['category'][:60]!r} is none", "words such as consumer-router")
        place = cells["produced_in"].casefold()
        if place and not _PLACE.fullmatch(place):
            raise WrongCellError(
                f"place {cells['produced_in'][:60]!r} is none", "two letters of ISO 3166-1, such as us"
            )
        relation, direction = _RELATIONS[word(cells.get("use", ""), _Use, "use") or _Use.USE]
        rows.add(
            Kind.CATEGORY,
            f"{category}/{product}",
            relation=relation,
            direction=direction,
            field="category",
            unit=cells.get("unit") or None,
            line=line,
            authorisation=cells.get("approval") or None,
            produced_in=place or None,
            authorised_on=day(cells.get("authorised_on", ""), "authorisation date"),
            detail={"product": product},
        )
