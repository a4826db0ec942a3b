"""The catalogue as JSON or CSV: one record a CVE."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from beholden.errors import Origin
from beholden.schema.rows import Row, Vulnerability
from beholden.sources.interface import no_layout
from beholden.sources.internet.fields import Fields
from beholden.sources.record import Record, is_plausible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_REQUIRED = ("cveID", "vendorProject", "product", "vulnerabilityName", "dateAdded")
# The description repeats the title; the due date and the action bind US agencies; links and weakness classes are for
# those who repair.
_IGNORED = ("shortDescription", "requiredAction", "dueDate", "notes", "cwes")
_HEAD = ("title", "catalogVersion", "dateReleased", "count")


def printed_date(documents: tuple[Document, ...], descriptor: Descriptor) -> date | None:
    """The day of release; only the JSON catalogue prints it."""
    days = [_released(document, document.json()) for document in documents if document.head(1024).lstrip()[:1] == b"{"]
    return max((day for day in days if day is not None), default=None)


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`."""
    for document in publication.documents:
        head = document.head(1024).strip()
        if not head:
            raise no_layout(publication, "an empty file", Origin(document.name))
        if head.startswith(b"{"):
            reading.layout = reading.layout or "json"
            yield from _json(publication, document, reading)
        else:
            reading.layout = reading.layout or "csv"
            yield from _csv(publication, document, reading)


def _json(publication: Publication, document: Document, reading: Reading) -> Iterator[Row]:
    catalogue = document.json()
    if not isinstance(catalogue, dict) or not isinstance(catalogue.get("vulnerabilities"), list):
        raise no_layout(publication, "no list of vulnerabilities", Origin(document.name))
    Fields(catalogue, Origin(document.name)).close(("vulnerabilities", *_HEAD))
    _released(document, catalogue)
    items: list[Any] = catalogue["vulnerabilities"]
    for at, item in enumerate(items):
        rows: list[Row] = []
        with reading.record():
            rows = [_from_fields(publication, Fields(item, Origin(f"{document.name}#vulnerabilities/{at}")))]
        yield from rows
    stated = catalogue.get("count")
    if stated != len(items):
        reading.notes.append(f"{document.name}: the catalogue says {stated} vulnerabilities; it has {len(items)}")


def _from_fields(publication: Publication, fields: Fields) -> Vulnerability:
    printed = {name: fields.text(name) for name in _REQUIRED}
    # The first catalogues do not have it.
    ransomware = fields.text_or_none("knownRansomwareCampaignUse")
    fields.close(_IGNORED)
    return _row(publication, Record({**printed, "knownRansomwareCampaignUse": ransomware}, fields.origin))


def _csv(publication: Publication, document: Document, reading: Reading) -> Iterator[Row]:
    for record in document.records(required=_REQUIRED):
        rows: list[Row] = []
        with reading.record():
            rows = [_row(publication, record)]
        yield from rows


def _row(publication: Publication, record: Record) -> Vulnerability:
    cve = record.require("cveID")
    if not _CVE.fullmatch(cve):
        raise record.error("no CVE", f"{cve!r}; expected CVE-YYYY-NNNN")
    vendor, product, title = (record.require(name) for name in ("vendorProject", "product", "vulnerabilityName"))
    added = record.day("dateAdded")
    if added is None:
        raise record.error("dateAdded is empty", "expected YYYY-MM-DD")
    ransomware = record.pop_any("knownRansomwareCampaignUse")
    table = publication.descriptor.lookup("ransomware")
    is_known = ransomware is not None and record.known("knownRansomwareCampaignUse", ransomware, table) == "yes"
    record.close(_IGNORED)
    return Vulnerability(
        cve=cve,
        vendor=vendor,
        product=product,
        title=title,
        is_ransomware_known=is_known,
        valid_from=added,
        published_at=added,
    )


def _released(document: Document, catalogue: object) -> date | None:
    if not isinstance(catalogue, dict) or catalogue.get("dateReleased") is None:
        return None
    printed = catalogue["dateReleased"]
    try:
        day = datetime.strptime(printed[:10], "%Y-%m-%d").date()  # noqa: DTZ007 (a day)
    except (TypeError, ValueError) as error:
        raise document.error(f"dateReleased is {str(printed)[:40]!r}; expected an ISO 8601 time") from error
    if not is_plausible(day):
        raise document.error(f"dateReleased is {day}; expected a day from 1900 to 2199")
    return day
