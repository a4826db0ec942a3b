"""One side of a pair of ids, kept with the decision that joined them."""

from __future__ import annotations

import msgspec


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of a party under one id, before that id was joined with another.

    Attributes:
        names: Every name, the caption first.
        identifiers: `kind value`.
        lists: `regime: printed name`.
        sources: Ids of all sources that any of it is from.
    """

    id: str
    schema: str = "Thing"
    names: list[str] = []
    jurisdictions: list[str] = []
    addresses: list[str] = []
    birth_dates: list[str] = []
    identifiers: list[str] = []
    lists: list[str] = []
    sources: list[str] = []
