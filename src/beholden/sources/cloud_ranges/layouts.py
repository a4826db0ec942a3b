"""The layouts in which ranges are published: each gives one provider, a day and its ranges as printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from beholden.errors import UnexpectedValueError
from beholden.sources.internet.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from beholden.errors import Origin
    from beholden.sources.descriptor import Descriptor

_WARNINGLIST = re.compile(
    r"List of known (.+?)(?: Datacenter)? IP(?:v4|v6)?(?: address)? ranges(?: in (.+))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Feed:
    """The ranges of one provider.

    Attributes:
        layout: Name of the layout.
        provider: As the file names it.
        day: As the file prints it.
        ranges: Place in the file and the range as printed, which may be no text at all.
    """

    layout: str
    provider: str
    day: date | None
    ranges: list[tuple[str, Any]]


def feed(value: dict[str, Any], origin: Origin, descriptor: Descriptor) -> Feed | None:
    """Recognise a layout by its fields; None where none fits.

    Raises:
        UnexpectedValueError: It fits one, and something in it is wrong.
    """
    for needed, read in _LAYOUTS:
        if needed <= value.keys():
            return read(Fields(value, origin), descriptor)
    return None


def _collection(fields: Fields, _: Descriptor) -> Feed:
    provider, printed = fields.text("provider"), fields.text("last_update")
    ranges = [(f"{name}/{at}", item) for name in ("ipv4", "ipv6") for at, item in enumerate(fields.items(name))]
    # Where the collector found them.
    fields.close(("source",))
    # Some days are joined to their time with a dash.
    return Feed("collection", provider, _day(printed[:10], "%Y-%m-%d", fields), ranges)


def _warninglist(fields: Fields, _: Descriptor) -> Feed:
    name, kind = fields.text("name"), fields.text("type")
    found = _WARNINGLIST.fullmatch(name)
    if kind != "cidr" or found is None:
        raise fields.error("not a provider's ranges", f"{name!r} of type {kind!r}; expected a list of known ranges")
    provider = found.group(1) + (f" in {found.group(2)}" if found.group(2) else "")
    ranges = [(f"list/{at}", item) for at, item in enumerate(fields.items("list"))]
    day = _version(fields)
    fields.close(("description", "matching_attributes", "category"))
    return Feed("warninglist", provider, day, ranges)


def _version(fields: Fields) -> date | None:
    value = fields.number("version")
    # Some lists count their versions, others print the day.
    return _day(str(value), "%Y%m%d", fields) if value > 19000000 else None


def _aws(fields: Fields, _: Descriptor) -> Feed:
    day = _day(fields.text("createDate")[:10], "%Y-%m-%d", fields)
    ranges = [
        *_members(fields, "prefixes", ("ip_prefix",), ("region", "service", "network_border_group")),
        *_members(fields, "ipv6_prefixes", ("ipv6_prefix",), ("region", "service", "network_border_group")),
    ]
    fields.close(("syncToken",))
    return Feed("aws", "Aws", day, ranges)


def _google(fields: Fields, _: Descriptor) -> Feed:
    day = _day(fields.text("creationTime")[:10], "%Y-%m-%d", fields)
    ranges = list(_members(fields, "prefixes", ("ipv4Prefix", "ipv6Prefix"), ("service", "scope")))
    fields.close(("syncToken",))
    return Feed("google", "Google Cloud", day, ranges)


def _oracle(fields: Fields, _: Descriptor) -> Feed:
    day = _day(fields.text("last_updated_timestamp")[:10], "%Y-%m-%d", fields)
    ranges: list[tuple[str, Any]] = []
    for at, item in enumerate(fields.items("regions")):
        region = Fields(item, fields.origin)
        ranges += [(f"regions/{at}/{place}", cidr) for place, cidr in _members(region, "cidrs", ("cidr",), ("tags",))]
        region.close(("region",))
    fields.close()
    return Feed("oracle", "Oracle Cloud", day, ranges)


def _azure(fields: Fields, descriptor: Descriptor) -> Feed:
    provider = fields.known("cloud", descriptor.lookup("azure_clouds"))
    ranges: list[tuple[str, Any]] = []
    for at, item in enumerate(fields.items("values")):
        tag = Fields(item, fields.origin)
        # Every other tag is a part of this one, by service or region.
        if tag.text("name") == "AzureCloud":
            properties = tag.nested("properties")
            for place, cidr in enumerate(properties.items("addressPrefixes")):
                ranges.append((f"values/{at}/{place}", cidr))
    if not ranges:
        raise fields.error("no tag AzureCloud", "expected the tag that has every range")
    fields.close(("changeNumber",))
    return Feed("azure", provider, None, ranges)


def _fastly(fields: Fields, _: Descriptor) -> Feed:
    names = ("addresses", "ipv6_addresses")
    ranges = [(f"{name}/{at}", item) for name in names for at, item in enumerate(fields.items(name))]
    fields.close()
    return Feed("fastly", "Fastly", None, ranges)


def _members(fields: Fields, name: str, wanted: tuple[str, ...], ignored: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for at, item in enumerate(fields.items(name)):
        place = f"{name}/{at}"
        try:
            member = Fields(item, fields.origin)
            printed = [cidr for cidr in map(member.text_or_none, wanted) if cidr is not None]
            member.close(ignored)
        except UnexpectedValueError:
            yield place, item  # rejected where ranges are read, with its place
            continue
        yield place, printed[0] if len(printed) == 1 else item


def _day(printed: str, pattern: str, fields: Fields) -> date:
    try:
        found = datetime.strptime(printed, pattern).date()  # noqa: DTZ007 (a day)
    except ValueError as error:
        raise fields.error("no date", f"{printed!r}; expected {pattern}") from error
    if not date(1990, 1, 1) <= found < date(2200, 1, 1):
        raise fields.error("date out of range", repr(printed))
    return found


_LAYOUTS: tuple[tuple[frozenset[str], Callable[[Fields, Descriptor], Feed]], ...] = (
    (frozenset({"provider", "last_update", "ipv4", "ipv6"}), _collection),
    (frozenset({"list", "name", "type", "matching_attributes"}), _warninglist),
    (frozenset({"createDate", "prefixes", "ipv6_prefixes"}), _aws),
    (frozenset({"creationTime", "prefixes"}), _google),
    (frozenset({"last_updated_timestamp", "regions"}), _oracle),
    (frozenset({"changeNumber", "cloud", "values"}), _azure),
    (frozenset({"addresses", "ipv6_addresses"}), _fastly),
)
