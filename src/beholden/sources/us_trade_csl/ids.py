"""The column `ids`: identifiers, dates and remarks in one cell, each with what it is called at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.schema.rows import Identifier
from beholden.sources.places import codes, place_code
from beholden.values.identifiers import normal

if TYPE_CHECKING:
    from datetime import date

    from beholden.sources.descriptor import Descriptor
    from beholden.sources.record import Record

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_REGISTERED = frozenset({"Nationality of Registration", "Registration Country"})
_WALLET = "Digital Currency Address - "


@dataclass(slots=True)
class Ids:
    """What one cell says.

    Attributes:
        identifiers: Of the entity.
        registered: Places where it is registered.
        listed: List → days on which it was put on it.
        effective: List → days from which that counts.
    """

    identifiers: list[Identifier] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)
    listed: dict[str, list[date]] = field(default_factory=dict)
    effective: dict[str, list[date]] = field(default_factory=dict)


def read_ids(record: Record, descriptor: Descriptor, entity_id: str) -> Ids:
    """Take the column `ids`.

    Raises:
        UnexpectedValueError: A part is called something that the reviewed tables do not have, or a date is none.
    """
    found = Ids()
    kinds, others = descriptor.lookup("identifiers"), descriptor.lookup("not_identifiers")
    dates = descriptor.lookup("dates")
    for part in record.split("ids", "; "):
        value, _, printed = part.rpartition(", ")
        label = printed.rstrip(" :-")
        if not value:
            raise record.error("no name in ids", f"{part[:80]!r}; expected a value, a comma and what it is called")
        if label in others:
            continue
        if label in dates:
            days = found.listed if label.startswith("Listing") else found.effective
            days.setdefault(dates[label], []).append(record.as_day("date in ids", value, "%d %b %Y", "%Y-%m-%d"))
        elif label in _REGISTERED:
            found.registered.append(place_code(record, "ids", value, descriptor.lookup("places")))
        elif label.startswith(_WALLET):
            found.identifiers.append(_wallet(record, entity_id, value, label.removeprefix(_WALLET)))
        else:
            kind = record.known("name in ids", label, kinds)
            found.identifiers.append(_identifier(entity_id, kind, value, label))
    return found


def _wallet(record: Record, entity_id: str, value: str, currency: str) -> Identifier:
    if not re.fullmatch(r"[A-Z0-9]{2,8}", currency):
        raise record.error("unknown name in ids", f"{_WALLET + currency!r}; expected the code of a currency at its end")
    return Identifier(entity_id=entity_id, kind="crypto_wallet", value=value, note=currency)


def _identifier(entity_id: str, kind: str, value: str, label: str) -> Identifier:
    """An identifier from `[country, ][expires, ][issued, ]number`."""
    parts = value.split(", ")
    place = parts.pop(0) if len(parts) > 1 and parts[0].lower() in codes() and parts[0].isupper() else None
    while len(parts) > 1 and _DAY.fullmatch(parts[0]):
        parts.pop(0)
    number = ", ".join(parts)
    note = f"{place}; {label}" if place else label
    if kind == "imo" and not number.upper().startswith("IMO"):
        kind = "registration"  # of a national register
    # Only where the digits hold is a Russian tax or registration number known to be one of these two.
    if kind == "tax" and place == "RU" and normal("inn", number):
        kind = "inn"
    checked = normal(kind, number)
    if checked is None:
        return Identifier(
            entity_id=entity_id, kind="other", value=number, note=f"{note}, check digits do not hold: {number}"
        )
    return Identifier(entity_id=entity_id, kind=kind, value=checked, note=note)
