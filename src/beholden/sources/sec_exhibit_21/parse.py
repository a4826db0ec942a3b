"""Exhibit 21 of an annual report: who files, and which subsidiaries it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.schema.rows import Entity, Identifier, Ownership
from beholden.sources.interface import no_layout
from beholden.sources.places import place_code
from beholden.sources.record import Record, clean, is_plausible, is_text
from beholden.sources.sec_exhibit_21.tables import Line, headings, lines, parsed, percentage, unmarked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

PREFIX = "sec_exhibit_21:"
_MOST_BYTES = 64 << 20
_SUBMISSION = re.compile(rb"<SEC-(?:DOCUMENT|HEADER)>|^<DOCUMENT>", re.MULTILINE)
_EXHIBIT = re.compile(rb"<DOCUMENT>\s*<TYPE>EX-21[^\n<]*")
_NAME = re.compile(rb"COMPANY CONFORMED NAME:[ \t]*([^\r\n]+)")
_CIK = re.compile(rb"CENTRAL INDEX KEY:[ \t]*(\d{1,10})")
_FILED = re.compile(rb"FILED AS OF DATE:[ \t]*(\d{8})")
_EXHIBIT_LINE = re.compile(r"exhibit\s*21(?:\.\d+)?", re.IGNORECASE)
_LIST_LINE = re.compile(
    r"(?:list of )?(?:significant |principal )?subsidiaries(?: of (?:the )?(?P<of>.+))?", re.IGNORECASE
)
_OF_NOBODY = re.compile(r"(?:the )?(?:registrant|company|corporation|issuer)\b.*", re.IGNORECASE)
_AS_OF = re.compile(r"(?:as of|at)\s+([A-Z][a-z]+ \d{1,2}, \d{4})")
_SAID = re.compile(r"(name|cik)\s*:\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Filing:
    """An exhibit and who files it."""

    document: Document
    tree: _Element
    name: str | None
    cik: str | None
    filed: date | None


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the exhibits; one that two files print is given once."""
    given: set[str] = set()
    for filing in _filings(publication, reading):
        owner = _registrant(filing)
        if filing.name is None and filing.cik is None:
            reading.notes.append(
                f"{filing.document.name} does not say who files; give a file registrant.txt with it (name: …, cik: …)"
            )
        if owner.id not in given:
            given.add(owner.id)
            yield owner
            if filing.cik is not None:
                yield Identifier(entity_id=owner.id, kind="cik", value=filing.cik)
        footnotes = 0
        for line in lines(filing.tree):
            if line.is_footnote:
                footnotes += 1
                continue
            rows: list[Row] = []
            with reading.record():
                rows = _subsidiary(line, filing, owner, publication.descriptor, given)
            yield from rows
        if footnotes:
            reading.notes.append(f"{filing.document.name}: footnotes in its tables are not read, {footnotes} of them")


def printed_date(documents: tuple[Document, ...], _: Descriptor) -> date | None:
    """The day as of which an exhibit says it is, or on which it was filed."""
    days = []
    for document in documents:
        data = _data(document)
        as_of = _AS_OF.search(data[:100_000].decode("utf-8", "replace").replace("&#160;", " ").replace("\u00a0", " "))
        filed = _FILED.search(data[:100_000])
        if as_of is not None:
            try:
                day = datetime.strptime(as_of.group(1), "%B %d, %Y").date()  # noqa: DTZ007 (a day)
            except ValueError:
                continue
            days += [day] if is_plausible(day) else []
        elif filed is not None and (filed_on := _day(filed.group(1))) is not None:
            days.append(filed_on)
    return max(days, default=None)


def _filings(publication: Publication, reading: Reading) -> Iterator[_Filing]:
    said: dict[str, str] = {}
    for document in publication.documents:
        if document.plain_name == "registrant.txt":
            said = _registrant_file(document)
    for document in publication.documents:
        if document.plain_name == "registrant.txt":
            continue
        data = _data(document)
        if _SUBMISSION.search(data[:8192]):
            reading.layout = "submission-text"
            yield from _submitted(publication, document, data, said)
        else:
            tree = _tree(document, data)
            if tree is None or tree.find(".//table") is None:
                raise no_layout(publication, "no table", Origin(document.name))
            reading.layout = "exhibit-html"
            yield _Filing(document, tree, said.get("name") or _heading_name(tree), said.get("cik"), None)
    if reading.layout is None:
        raise no_layout(publication, "no exhibit beside registrant.txt")


def _submitted(publication: Publication, document: Document, data: bytes, said: dict[str, str]) -> Iterator[_Filing]:
    """Exhibits of a full submission."""
    name, cik, filed = (pattern.search(data) for pattern in (_NAME, _CIK, _FILED))
    found = False
    for exhibit in _exhibits(data):
        tree = _tree(document, exhibit.partition(b"<TEXT>")[2])
        if tree is None:
            continue
        found = True
        yield _Filing(
            document,
            tree,
            said.get("name") or (_conformed(name.group(1)) if name is not None else None),
            said.get("cik") or (cik.group(1).decode().zfill(10) if cik is not None else None),
            _day(filed.group(1)) if filed is not None else None,
        )
    if not found:
        raise no_layout(publication, "no document of type EX-21 in the submission", Origin(document.name))


def _conformed(name: bytes) -> str | None:
    # A damaged header may have NUL in it, as a damaged exhibit may.
    return clean(name.decode("utf-8", "replace").replace("\0", ""))


def _exhibits(data: bytes) -> Iterator[bytes]:
    at = 0
    while (begin := _EXHIBIT.search(data, at)) is not None:
        at = data.find(b"</DOCUMENT>", begin.end())
        # Without this, beginnings that nothing ends would each be looked for to the end of the file.
        if at < 0:
            return
        yield data[begin.end() : at]


def _data(document: Document) -> bytes:
    data = document.head(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise document.error(f"has more than {_MOST_BYTES >> 20} MiB", "source.too-large")
    return data


def _tree(document: Document, data: bytes) -> _Element | None:
    try:
        return parsed(data)
    except ValueError as error:
        raise document.error(str(error)) from error


def _registrant_file(document: Document) -> dict[str, str]:
    """What the user says of who files."""
    said: dict[str, str] = {}
    for number, line in document.lines():
        if not line.strip():
            continue
        match = _SAID.fullmatch(line.strip())
        if match is None or not is_text(line):
            raise document.error("expected a line name: … and a line cik: …", line=number)
        said[match.group(1).lower()] = match.group(2)
    cik = said.get("cik")
    if cik is not None:
        if not cik.isascii() or not cik.isdigit() or len(cik) > 10:
            raise document.error(f"cik is {cik!r}; expected at most ten digits")
        said["cik"] = cik.zfill(10)
    return said


def _heading_name(tree: _Element) -> str | None:
    """The name of the registrant, where the heading has it in one of the two usual forms.

    `Subsidiaries of NAME`, over one line or two; or `Exhibit 21`, NAME, `List of subsidiaries`.
    """
    found = headings(tree)[:8]
    for at, text in enumerate(found):
        joined = text
        if text.lower().endswith("subsidiaries of") and at + 1 < len(found):
            joined = f"{text} {found[at + 1]}"
        match = _LIST_LINE.fullmatch(joined)
        if match is None:
            continue
        of = match.group("of")
        if of is not None:
            return None if _OF_NOBODY.fullmatch(of) else unmarked(of)
        if at >= 2 and _EXHIBIT_LINE.fullmatch(found[at - 2]):
            return unmarked(found[at - 1])
    return None


def _registrant(filing: _Filing) -> Entity:
    file = filing.document.name.removesuffix(".gz")
    name = filing.name or f"The registrant of {file}"
    known = filing.name is not None or filing.cik is not None
    return Entity(
        id=f"cik:{filing.cik}" if filing.cik is not None else f"{PREFIX}{name}",
        schema="LegalEntity",
        caption=name,
        note=None if known else "stands for whoever files the exhibit, which it does not say",
    )


def _subsidiary(line: Line, filing: _Filing, owner: Entity, descriptor: Descriptor, given: set[str]) -> list[Row]:
    record = Record({}, Origin(f"{filing.document.name}, row {line.number}"))
    if line.name is None:
        raise record.error("row that names no subsidiary", f"{line.text!r:.120}; expected a name and a place")
    share = percentage(line.share) if line.share is not None else None
    if line.share is not None and share is None:
        raise record.error("no share", f"{line.share!r:.80} of {line.name!r:.80}; expected a number from 0 to 100")
    key = f"{owner.id.removeprefix(PREFIX)}/{line.name}"
    # Registrants print parties of one name, in one place even, which notes and shares tell apart.
    ids = [f"{PREFIX}{key}", f"{PREFIX}{key}, {line.place}", f"{PREFIX}{key}, {line.place}, {line.share}"]
    if ids[-1] in given:
        raise record.error("subsidiary twice", f"{line.name!r:.120} in {line.place!r:.80}")
    entity_id = next(one for one in ids if one not in given)
    given.update((entity_id, ids[-1]))
    codes, note = _places(record, line.place, descriptor)
    heading = line.share_heading or ""
    kind = "control" if share is None else "voting" if "voting" in heading.lower() else "capital"
    said = "subsidiary" if share is None else f"{heading}: {line.share}"
    return [
        Entity(id=entity_id, schema="LegalEntity", caption=line.name, jurisdictions=codes, note=note),
        Ownership(
            id=f"{owner.id}>{entity_id}:{kind}@",
            owner_id=owner.id,
            owned_id=entity_id,
            percentage_low=share,
            percentage_high=share,
            ownership_type=kind,
            published_at=filing.filed,
            note=f"{said}, Exhibit 21"[:200],
        ),
    ]


def _places(record: Record, printed: str | None, descriptor: Descriptor) -> tuple[list[str], str | None]:
    """Codes of a place; a place is free text, so that one which is not known is said in a note."""
    if printed is None:
        return [], None
    others = descriptor.lookup("places")
    found, is_known = [], True
    for one in re.split(r"\s*/\s*", unmarked(printed)):
        parts = [one, one.rpartition(",")[2].strip(), one.partition(",")[0].strip()]
        codes = [code for part in parts if (code := _code(record, part, others)) is not None]
        found += codes[:1]
        is_known = is_known and bool(codes)
    return list(dict.fromkeys(found)), None if is_known else f"organised in {printed}"


def _code(record: Record, part: str, others: Mapping[str, str]) -> str | None:
    if not part or (len(part) == 2 and part.isupper() and part not in others):
        return None  # DE may be Delaware or Germany
    try:
        return place_code(record, "place", part, others)
    except UnexpectedValueError:
        return None


def _day(printed: bytes) -> date | None:
    try:
        day = datetime.strptime(printed.decode(), "%Y%m%d").date()  # noqa: DTZ007 (a day)
    except ValueError:
        return None
    return day if is_plausible(day) else None
