"""The notice in the Federal Register (XML): names, each followed by the reason that the issuer states.

Elements and depths are those of the publisher's guide to this XML; the words are those of the notices as others quote
them. The reader was not tried on a real file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from beholden.sources.interface import Publication, no_layout
from beholden.sources.record import Record
from beholden.sources.transcriptions.parties import party_key
from beholden.sources.us_dod_1260h.families import Printed

if TYPE_CHECKING:
    from lxml.etree import _Element

    from beholden.errors import Origin
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Reading

_SUBJECT = re.compile(r"\bChinese Military Compan(?:y|ies)\b", re.IGNORECASE)
_FILED = re.compile(r"\[?FR Doc\. ?(?P<number>[\w–-]+) Filed (?P<day>\d{1,2}[-–]\d{1,2}[-–]\d{2})\b")
# "… the following entities qualify …:", "… the following previously listed entities should be removed …:"
_LIST = re.compile(r"\bfollowing (?P<gone>previously listed )?entit(?:y|ies)\b.*:$")
_REASON = "1260H("
# Words of a sentence, which no name of a company has.
_SENTENCE = re.compile(r"\b(?:is|are|was|were|has|have|shall|pursuant|determined)\b")
_LONGEST_NAME = 300
# How many ems all lines of a paragraph are moved in; "turnovers" are lines after the first, which say nothing.
_DEPTHS = {
    "": 0,
    "FP": 0,
    "FP-1": 0,
    "FP-2": 0,
    "FP1": 1,
    "FP1-2": 1,
    "FP2": 2,
    "FP2-2": 2,
    "FP2-3": 2,
    "FP3": 3,
}
# The error for an unknown layout names the publication, which has no day yet.
_ANY_DAY = date(1970, 1, 1)
_INNER = frozenset({"Limited", "Group"})
_FORMERLY = re.compile(r"(?:formerly(?: known as)?|f/k/a),? ", re.IGNORECASE)
_ALSO = re.compile(r"(?:also known as|a/k/a|a\.k\.a\.),? ", re.IGNORECASE)
_OTHERS = re.compile(r"; (?:and |or )?|,? (?:and|or) (?=[A-Z])")


@dataclass(slots=True)
class Paragraph:
    """A name of the list as it stands there, with the paragraphs of its reason."""

    text: str
    depth: str
    origin: Origin
    reason: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Notice:
    """A notice.

    Attributes:
        number: Of the document.
        filed: The day on which it was filed for public inspection.
        origin: Where its number and that day are printed.
        listed: Names that it lists.
        removed: Names that it says are to be removed.
        stray: Paragraphs of a list that are neither a name nor the reason of one.
    """

    number: str
    filed: date
    origin: Origin
    listed: list[Paragraph] = field(default_factory=list)
    removed: list[Paragraph] = field(default_factory=list)
    stray: list[Paragraph] = field(default_factory=list)


def is_xml(document: Document) -> bool:
    """Whether a file is XML and no table."""
    return document.head(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def read_notice(document: Document, descriptor: Descriptor) -> Notice:
    """The one notice about the list, of a file of one document or of a whole issue.

    Raises:
        SourceError: Not XML, or not exactly one such notice that prints when it was filed.
    """
    found = [notice for element in document.elements("NOTICE") if (notice := _notice(document, element)) is not None]
    if len(found) != 1:
        why = f"{len(found)} elements NOTICE about Chinese military companies with a list and the day of filing"
        raise no_layout(Publication(descriptor, (document,), _ANY_DAY), why)
    return found[0]


def edition_of(notice: Notice, descriptor: Descriptor) -> date:
    """Day of the edition that a notice prints: as reviewed, or the day on which it was filed."""
    day = descriptor.lookup("notices").get(notice.number)
    return notice.filed if day is None else Record({}, notice.origin).as_day("edition", day)


def printed_rows(notice: Notice, day: date, reading: Reading) -> list[Printed]:
    """Names that it lists; one that is moved in has the name above it as its parent."""
    rows: list[Printed] = []
    above: list[tuple[int, str]] = []
    seen: set[str] = set()
    for paragraph in notice.listed:
        with reading.record():
            record = Record({}, paragraph.origin)
            if paragraph.depth not in _DEPTHS:
                raise record.error("unknown depth", f"{paragraph.depth!r}; expected one of {', '.join(_DEPTHS)}")
            depth = _DEPTHS[paragraph.depth]
            name, aliases, former = _names(record, paragraph.text)
            key = party_key(record, name)
            if key in seen:
                raise record.error("a name twice in one edition", f"{name!r}, {day}")
            seen.add(key)
            above = [(level, parent) for level, parent in above if level < depth]
            rows.append(
                Printed(
                    name=name,
                    cell=paragraph.text.rstrip(" *"),
                    key=key,
                    aliases=aliases,
                    former=former,
                    parent=above[-1][1] if above else None,
                    note=" ".join(paragraph.reason) or None,
                    day=day,
                    end=None,
                )
            )
            above.append((depth, name))
    for paragraph in notice.stray:
        error = "neither a name nor a reason"
        reading.reject(Record({}, paragraph.origin).error(error, repr(paragraph.text[:200])))
    return rows


def _notice(document: Document, element: _Element) -> Notice | None:
    """A notice about the list; None for any other one."""
    notice: Notice | None = None
    subject = ""
    pieces: list[tuple[_Element, str]] = []
    for child in element.iter():
        tag = str(child.tag).rpartition("}")[2]
        if tag == "SUBJECT":
            subject += _text(child)
        elif tag == "FRDOC" and (found := _FILED.search(_text(child))):
            record = Record({}, document.origin(child))
            filed = record.as_day("day of filing", found["day"].replace("–", "-"), "%m-%d-%y")
            notice = Notice(found["number"].replace("–", "-"), filed, record.origin)
        elif tag in ("P", "FP", "HD", "SIG"):
            pieces.append((child, tag))
    if notice is None or not _SUBJECT.search(subject):
        return None
    _sort(document, notice, pieces)
    return notice if notice.listed or notice.removed else None


def _sort(document: Document, notice: Notice, pieces: list[tuple[_Element, str]]) -> None:
    """Part the paragraphs of the lists into names and reasons; a heading or the signature ends a list."""
    into: list[Paragraph] | None = None
    for piece, tag in pieces:
        text = _text(piece)
        if tag in ("HD", "SIG"):
            into = None
        elif found := _LIST.search(text):
            into = notice.removed if found["gone"] else notice.listed
        elif into is None or not text:
            continue
        elif _REASON in text and into:
            into[-1].reason.append(text)
        else:
            is_name = len(text) <= _LONGEST_NAME and not _SENTENCE.search(text) and _REASON not in text
            depth = piece.get("SOURCE") or ""
            (into if is_name else notice.stray).append(Paragraph(text, depth, document.origin(piece)))


def _text(element: _Element) -> str:
    """Text without the marks of footnotes."""
    parts: list[str] = []
    for part in element.iter():
        mark = str(part.tag).rpartition("}")[2] in ("SU", "FTREF", "FTNT")
        parts += [] if mark else [part.text or ""]
        parts += [part.tail or ""] if part is not element else []
    return " ".join("".join(parts).split())


def _names(record: Record, text: str) -> tuple[str, list[str], list[str]]:
    """The name, other names and former names: brackets at the end hold the latter two."""
    aliases: list[str] = []
    former: list[str] = []
    name = text.rstrip(" *")
    while name.endswith(")"):
        start = _opening(record, name)
        inner = name[start + 1 : -1].strip()
        if inner in _INNER or start == 0:
            break
        name = name[:start].rstrip(" ,*")
        if found := _FORMERLY.match(inner):
            earlier, others, _ = _names(record, inner[found.end() :])
            former += [earlier, *others]
        else:
            also = _ALSO.match(inner)
            aliases = [*(_OTHERS.split(inner[also.end() :]) if also else [inner]), *aliases]
    return name, aliases, former


def _opening(record: Record, text: str) -> int:
    """Where the bracket that closes a text opens."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise record.error("a bracket that does not open", repr(text))
