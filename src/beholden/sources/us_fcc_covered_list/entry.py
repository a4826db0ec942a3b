"""What one entry of the Covered List is about: parties, things produced in a foreign country, or a statute's list."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.sources.transcriptions.one_name import one_name

if TYPE_CHECKING:
    from beholden.sources.record import Record

# Footnote marks of the page, and what a screen reader is told before a link.
_MARKS = re.compile(r"\s*[†‡^£#³²¹*]+|\bVisit - ")
_PRODUCED = re.compile(
    r".+? (?:produced or provided|produced|provided|supplied(?:, directly or indirectly,)?) by "
    r"(?P<parties>(?!such\b).+?)"
    r"(?:,? (?:including|to the extent|subject to|or any of (?:its|their)|except)\b.*)?"
)
_FOREIGN = re.compile(
    r"(?:Foreign-produced (?P<a>.+?)(?=\s*[,;:.—–]| except\b|$)|(?P<b>.+?) produced in a foreign country\b).*"
)
_STATUTE = re.compile(r"communications and video surveillance equipment and services listed in Section 1709\(a\)\(1\)")
_SUBSIDIARY = re.compile(r" and its (wholly-owned )?subsidiary ")


@dataclass(slots=True)
class Subject:
    """What an entry is about.

    Attributes:
        text: The entry without footnote marks.
        parties: Names of producers and providers.
        wholly_owned: Whether the second party is named as the wholly-owned subsidiary of the first.
        things: Things produced in a foreign country, as printed.
        statute: Words by which it takes in what a statute lists.
    """

    text: str
    parties: list[str] = field(default_factory=list)
    wholly_owned: bool = False
    things: str | None = None
    statute: str | None = None


def subject(record: Record, printed: str) -> Subject:
    """Read the text of an entry.

    Raises:
        UnexpectedValueError: It is about none of the three, or names producers in a way that is not understood.
    """
    text = " ".join(_MARKS.sub(lambda match: " " if match[0].startswith("Visit") else "", printed).split())
    found = Subject(text.replace('."All', ". All").replace('"All', " All"))
    if match := _STATUTE.search(text):
        found.statute = match[0][0].upper() + match[0][1:]
    if match := _FOREIGN.match(text):
        found.things = (match["a"] or match["b"]).strip(" ,")
    elif match := _PRODUCED.fullmatch(text.rstrip(".") if not text.endswith((" Inc.", " Corp.", " Ltd.")) else text):
        parts = _SUBSIDIARY.split(match["parties"].strip(" ,"))
        found.parties = [one_name(record, name, may_have_and=False) for name in parts[::2]]
        found.wholly_owned = any(parts[1::2])
    if not (found.parties or found.things or found.statute):
        raise record.error("no party and no category", f"{text[:120]!r}; expected a producer or a place of production")
    return found
