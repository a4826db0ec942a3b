"""Tables of an exhibit → subsidiaries. Registrants lay them out as they like: headings tell the columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.sources.record import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

_MOST_BYTES = 32 << 20
_PLACE = re.compile(
    r"\b(jurisdiction|state|country|place|domicile)\b.*\b(of|or)\b|\b(organi[sz]ed|incorporated) (under|in)\b"
    r"|where (organi[sz]ed|incorporated)|^(jurisdiction|state|country|domicile|place)$",
    re.IGNORECASE,
)
_SHARE = re.compile(r"percent|%|ownership|\bowned\b|\bvoting\b|equity interest", re.IGNORECASE)
_NAME = re.compile(r"^(legal )?(name|subsidiar|compan|entit)|\bname( of)?\b", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s*%?")
_MARKS = re.compile(r"(?:\s*(?:\((?:\d{1,2}|[a-z])\)|[*†‡§]+|,(?=\s*$)))+$")
# Marks of footnotes and numbers of a list, before a name.
_LEADING = re.compile(r"(?:(?:\(?(?:\d{1,2}|[a-z])\)|\[\d{1,2}\]|[*†‡§]+)\s*)+", re.IGNORECASE)
_NOTE = re.compile(r"notes?(?:\s+\d{1,2})?\s*(?::.*)?", re.IGNORECASE)
_MARK = re.compile(r"\d{1,2}|[a-z]|[*†‡§]+", re.IGNORECASE)
_LONGEST_ROW = 300
_HEADER_ROWS = 4
# A column may begin some spacer cells before or after its heading.
_NEAR = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table.

    Attributes:
        number: Of the row in the file.
        name: Of the subsidiary; None where the row has no cell beside one, or is a note: it names none.
        place: As printed.
        share: As printed; None where no column has shares.
        share_heading: Heading of that column.
        text: The whole row.
        is_footnote: It explains a mark that a row before it carries.
    """

    number: int
    name: str | None
    place: str | None
    share: str | None
    share_heading: str | None
    text: str
    is_footnote: bool = False


def parsed(data: bytes) -> _Element | None:
    """An exhibit as a tree; None where there is no markup.

    Raises:
        ValueError: It is too large or too deep.
    """
    from beholden.sources.xml_stream import html_tree

    if len(data) > _MOST_BYTES:
        raise ValueError(f"has more than {_MOST_BYTES >> 20} MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    tree = html_tree(text.replace("\0", "").encode("utf-8", "replace"))
    if tree is None:
        return None
    for element in tree.iter("br", "div", "p", "li"):
        element.tail = f" {element.tail or ''}"
    return tree


def headings(tree: _Element) -> list[str]:
    """Texts before the first table that has rows of two cells."""
    found: list[str] = []
    for element in tree.iter():
        if element.tag == "tr" and len(_cells(element)) > 1:
            break
        if element.tag in {"div", "p", "h1", "h2", "h3", "center", "td"} and not any(
            inner.tag in {"div", "p", "table", "h1", "h2", "h3"} for inner in element.iterdescendants()
        ):
            text = _text(element)
            if text is not None:
                found.append(text)
    return found


def lines(tree: _Element) -> Iterator[Line]:
    """Rows of the tables that are no heading: each names a subsidiary, is a footnote, or has to be rejected."""
    number = 0
    marks: set[str] = set()
    place_at: int | None = None
    share_at: tuple[int, str] | None = None
    for table in tree.iter("table"):
        if any(inner.tag == "table" for inner in table.iterdescendants()):
            continue  # it only arranges others
        rows = [(row, cells) for row in table.iter("tr") if (cells := _cells(row))]
        heads = _header_rows([cells for _, cells in rows])
        if heads:
            place_at, share_at = _columns([cells for _, cells in rows[:heads]])
        for at, (_, cells) in enumerate(rows):
            number += 1
            if at < heads:
                continue
            line = _line(number, cells, place_at, share_at)
            yield replace(line, is_footnote=line.name is None and _explains(cells[0][1], marks))
            for _, text in cells:
                marks.update(_MARK.findall(text[len(unmarked(text)) :]))


def _cells(row: _Element) -> list[tuple[int, str]]:
    """Texts of a row with the columns at which they begin."""
    found, at = [], 0
    for cell in row:
        if cell.tag in {"td", "th"}:
            text = _text(cell)
            if text is not None:
                found.append((at, text))
            span = cell.get("colspan") or "1"
            # Python reads no number of thousands of digits.
            at += min(int(span[:4]), 100) if span.isascii() and span.isdigit() else 1
    return found


def _text(element: _Element) -> str | None:
    return clean("".join(str(part) for part in element.itertext()).replace("\u00a0", " "))


def _header_rows(rows: list[list[tuple[int, str]]]) -> int:
    """How many rows at the top of a table are its heading."""
    heads = 0
    for at, cells in enumerate(rows[:_HEADER_ROWS], 1):
        texts = [text for _, text in cells]
        has_place = any(_PLACE.search(text) for text in texts)
        if (has_place and len(max(texts, key=len)) < 200) or (
            at == 1 and all(_NAME.search(text) or _SHARE.search(text) for text in texts) and len(texts) > 1
        ):
            heads = at
    return heads


def _columns(rows: list[list[tuple[int, str]]]) -> tuple[int | None, tuple[int, str] | None]:
    """Where place and share stand."""
    place_at, share_at = None, None
    for cells in rows:
        for at, text in cells:
            if _PLACE.search(text):
                place_at = at
            elif _SHARE.search(text) and at > 0:
                share_at = (at, text)
    return place_at, share_at


def _line(number: int, cells: list[tuple[int, str]], place_at: int | None, share_at: tuple[int, str] | None) -> Line:
    text = " | ".join(one for _, one in cells)
    name = _unled(cells[0][1])
    if not name and len(cells) > 1:
        # The mark has a column of its own.
        cells = cells[1:]
        name = cells[0][1]
    rest = [(at, one) for at, one in cells[1:] if one != "%"]
    if not rest or _NOTE.fullmatch(name) or len(text) > _LONGEST_ROW:
        return Line(number, None, None, None, None, text)
    share = heading = None
    if share_at is not None:
        near = [(abs(at - share_at[0]), at, one) for at, one in rest if abs(at - share_at[0]) <= _NEAR]
        if near and (place_at is None or len(rest) > 1 or abs(near[0][1] - place_at) > _NEAR):
            _, at, share = min(near)
            heading = share_at[1]
            rest = [(other, one) for other, one in rest if other != at]
    if place_at is not None and rest:
        _, place = min(rest, key=lambda one: abs(one[0] - place_at))
    else:
        place = next((one for _, one in rest if _NUMBER.fullmatch(one) is None), "")
    return Line(number, _MARKS.sub("", name) or None, place or None, share, heading, text)


def _explains(text: str, marks: set[str]) -> bool:
    """Whether a text begins with one of the marks, whatever brackets they have."""
    match = _LEADING.match(text)
    return match is not None and not marks.isdisjoint(_MARK.findall(match.group()))


def _unled(printed: str) -> str:
    match = _LEADING.match(printed)
    return printed if match is None else printed[match.end() :]


def percentage(printed: str) -> Decimal | None:
    """A share; None where it is no number from 0 to 100."""
    match = _NUMBER.fullmatch(_MARKS.sub("", printed))
    found = Decimal(match.group(1)) if match is not None else None
    return found if found is not None and found <= 100 else None


def unmarked(printed: str) -> str:
    """A text without the marks of footnotes at its end."""
    return _MARKS.sub("", printed)
