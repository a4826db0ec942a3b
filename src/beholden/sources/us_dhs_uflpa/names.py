"""The cell with a name: other names in brackets, subsidiaries behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# "(and one alias: …)", "(including three aliases: …; …; and …)", "(formerly known as …)"
_BRACKETS = re.compile(
    r"\s*\((?P<how>(?:and|including) [a-z]+ alias(?:es)?:|formerly known as|also known as)\s*(?P<names>.+)\)"
)
_FORMERLY = re.compile(r"[,;]?(?: and)? formerly known as ")
_NOTE = re.compile(r",? and (?:its )?(?P<note>(?:subordinate and affiliated entities|subsidiaries|Subsidiaries))$")
_OWNED = re.compile(
    r",? and its (?:[a-z]+(?: [A-Z][A-Za-z]*-based)? subsidiaries,? (?:which include|including):?|subsidiary) "
    r"(?P<names>.+)$"
)
_SPLIT = re.compile(r"; and |, and |; |, | and (?=[A-Z])")
# A comma that belongs to a legal form is no separator.
_FORM = re.compile(r", (?=(?:Co\.?,? )?(?:Ltd|Limited|Inc|LLC|Corp|Co)\b)")
_KEPT = "\0"


@dataclass(frozen=True, slots=True)
class Named:
    """What the cell says.

    Attributes:
        name: The party.
        aliases: Its other names.
        former: Its former names.
        owned: Subsidiaries that are listed with it.
        note: That others are included without a name.
    """

    name: str
    aliases: list[str]
    former: list[str]
    owned: list[str]
    note: str | None


def named(text: str) -> Named:
    """Part the text."""
    aliases: list[str] = []
    former: list[str] = []
    owned: list[str] = []
    note = None
    if match := _OWNED.search(text):
        owned = _list(match["names"])
        text = text[: match.start()]
    if match := _NOTE.search(text):
        note = f"with its {match['note'].lower()}"
        text = text[: match.start()]
    if match := _BRACKETS.search(text):
        first, *later = _FORMERLY.split(match["names"])
        (former if match["how"].startswith("formerly") else aliases).extend(_list(first))
        former += [name for part in later for name in _list(part)]
        text = text[: match.start()] + text[match.end() :]
    return Named(" ".join(text.split()).strip(" ,"), aliases, former, owned, note)


def _list(text: str) -> list[str]:
    """Names parted by semicolons where there are any, otherwise by commas."""
    text = _FORM.sub(f",{_KEPT}", text)
    pattern = re.compile(r"; and |; ") if ";" in text else _SPLIT
    return [part.replace(_KEPT, " ").strip(" ,;") for part in pattern.split(text) if part.strip(" ,;")]
