"""Lines of fields between bars: version, summaries, then one line a range or AS number."""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.schema.rows import Prefix, Row
from beholden.sources.interface import no_layout
from beholden.sources.places import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_TYPES = frozenset({"asn", "ipv4", "ipv6"})
_VERSION_FIELDS = 7


@dataclass(slots=True)
class _Counts:
    """How many records a file says that it has, and how many it prints, those that are rejected included.

    Attributes:
        version: Place of the version line, and the count on it.
        stated: Type → place of its summary, and the count there.
        printed: Records by type.
    """

    version: tuple[Origin, str] | None = None
    stated: dict[str, tuple[Origin, str]] = field(default_factory=dict)
    printed: Counter[str] = field(default_factory=Counter)

    def state(self, kind: str, count: str, origin: Origin, reading: Reading) -> None:
        """Take a summary; one of a type that is not known is rejected."""
        if kind not in _TYPES:
            detail = f"{kind[:40]!r} in a summary; expected asn, ipv4 or ipv6"
            reading.reject(UnexpectedValueError("unknown type", detail, origin=origin))
        else:
            self.stated[kind] = (origin, count)

    def check(self, document: Document, reading: Reading) -> None:
        """Compare what is said with what is printed.

        A version line that is wrong is rejected: the summaries tell whether the file is whole.

        Raises:
            SourceError: The file has not as many records of a type as its summary says: it was cut or changed.
        """
        for kind, (origin, count) in self.stated.items():
            if count != str(self.printed[kind]):
                message = f"the summary says {count[:20]} {kind} records; the file has {self.printed[kind]}"
                raise document.error(message, "source.damaged", origin.line)
        assert self.version is not None  # the caller refuses a file without
        origin, count = self.version
        total = self.printed.total()
        if count != str(total):
            detail = f"{count[:20]!r}; the file has {total} beside its summaries"
            reading.reject(UnexpectedValueError("wrong number of records", detail, origin=origin))


def printed_date(documents: tuple[Document, ...], descriptor: Descriptor) -> date | None:
    """The end of the period that the files report on; of several files the latest."""
    days = [_ends(document) for document in documents]
    return max((day for day in days if day is not None), default=None)


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`.

    Raises:
        SourceError: No file of the registries, or one that contradicts its own summary.
    """
    left: Counter[str] = Counter()
    for document in publication.documents:
        counts = _Counts()
        for origin, fields in _lines(document):
            if counts.version is None:
                _check_version(publication, fields, origin)
                counts.version = (origin, fields[3])
            elif fields[-1] == "summary" and len(fields) == 6:
                counts.state(fields[2], fields[4], origin, reading)
            else:
                rows: list[Row] = []
                counts.printed[fields[2] if len(fields) > 2 else ""] += 1
                with reading.record():
                    rows = _rows(publication, fields, origin, left)
                reading.layout = reading.layout or ("plain" if len(fields) == 7 else "extended")
                yield from rows
        if counts.version is None:
            raise no_layout(publication, "no version line", Origin(document.name))
        counts.check(document, reading)
    reading.layout = reading.layout or "extended"
    if left:
        reading.notes.append("left out: " + ", ".join(f"{count} {what}" for what, count in sorted(left.items())))


def _lines(document: Document) -> Iterator[tuple[Origin, list[str]]]:
    for number, line in document.lines():
        if line and not line.startswith("#"):
            yield Origin(document.name, number), line.split("|")


def _check_version(publication: Publication, fields: list[str], origin: Origin) -> None:
    version = fields[0]
    if len(fields) != _VERSION_FIELDS or version not in ("2", "2.0", "2.1", "2.2", "2.3"):
        raise no_layout(publication, f"the first line is {'|'.join(fields)[:80]!r}", origin)


def _ends(document: Document) -> date | None:
    for origin, fields in _lines(document):
        if len(fields) != _VERSION_FIELDS:
            return None
        return _day(fields[5], origin)
    return None


def _rows(publication: Publication, fields: list[str], origin: Origin, left: Counter[str]) -> list[Row]:
    if len(fields) < 7:
        raise UnexpectedValueError("wrong number of fields", f"{len(fields)}; expected 7 or more", origin=origin)
    _, country, kind, start, value, day, status = fields[:7]
    if kind not in _TYPES:
        raise UnexpectedValueError("unknown type", f"{kind[:40]!r}; expected asn, ipv4 or ipv6", origin=origin)
    states = publication.descriptor.lookup("status")
    if status not in states:
        detail = f"{status[:40]!r}; expected one of {', '.join(states)}"
        raise UnexpectedValueError("unknown status", detail, origin=origin)
    # Registries write a day that they do not know as zeros.
    since = None if day in ("", "00000000") else _day(day, origin)
    if kind == "asn":
        # The base has no row for an AS by itself.
        left["AS numbers"] += 1
        return []
    first, last = _range(kind, start, value, origin)
    if states[status] == "free":
        left["ranges that are available or reserved"] += 1
        return []
    place = _place(publication, country, origin)
    if place is None:
        left["ranges without a country"] += 1
        return []
    return [Prefix(first=first, last=last, jurisdiction=place, valid_from=since)]


def _place(publication: Publication, country: str, origin: Origin) -> str | None:
    if country == "" or country in publication.descriptor.lookup("regions"):
        return None
    code = country.lower()
    if code not in codes() or country != country.upper():
        raise UnexpectedValueError("unknown country", f"{country[:40]!r}; expected ISO 3166-1", origin=origin)
    return code


def _range(kind: str, start: str, value: str, origin: Origin) -> tuple[str, str]:
    if not (value.isascii() and value.isdecimal() and len(value) <= 10):
        raise UnexpectedValueError("no count", f"{value[:40]!r}; expected a whole number", origin=origin)
    try:
        if kind == "ipv6":
            network = ipaddress.IPv6Network(f"{start}/{value}")
            return str(network[0]), str(network[-1])
        # A count of IPv4 addresses need not be a power of two.
        first = ipaddress.IPv4Address(start)
        if int(value) == 0:
            raise UnexpectedValueError("no count", "0; expected at least one address", origin=origin)
        return str(first), str(first + (int(value) - 1))
    except ValueError as error:
        raise UnexpectedValueError("no range", f"{start[:50]!r}, {value}: {error}", origin=origin) from error


def _day(printed: str, origin: Origin) -> date:
    try:
        found = datetime.strptime(printed, "%Y%m%d").date()  # noqa: DTZ007 (a day)
    except ValueError as error:
        raise UnexpectedValueError("no date", f"{printed[:40]!r}; expected YYYYMMDD", origin=origin) from error
    if not date(1970, 1, 1) <= found < date(2200, 1, 1):
        raise UnexpectedValueError("date out of range", repr(printed), origin=origin)
    return found
