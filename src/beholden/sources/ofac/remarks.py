"""Remarks of the comma-separated files: one text per party, in which items are parted by `; `.

Items open with a label (`DOB 10 Dec 1948`, `alt. Passport 123 (Iran) issued 2001`, `Website example.com`), quote a weak
alias (`a.k.a. 'X'`), or are plain prose, which is kept in the note. An item that looks labelled, with a label that
`kinds.toml` does not have, is an error with its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.errors import UnexpectedValueError
from beholden.sources.ofac import kinds
from beholden.sources.record import clean, is_text
from beholden.values.identifiers import KINDS

if TYPE_CHECKING:
    from beholden.sources.ofac.party import Party

# The column has 1,000 characters; the rest is in the comments file, from the next character on.
LONGEST = 1000
_QUOTED = re.compile(r"(?:alt\. *)?([afn]\.k\.a\.|d\.b\.a\.),? ['‘’\"](.+?)['’\"][.,]?(?: .*)?$", re.IGNORECASE)
_VALIDITY = re.compile(
    r",? *\b(?:issued?|issue date|date of issue|expires?|expired|expir[ey] date|valid)\b.*$", re.IGNORECASE
)
# The longest real item has 500 characters.
_LONGEST_ITEM = 5000
_BRACKETS = re.compile(r"(.*\S) *\(([^()]*)\)\.?$")
_STARRED = re.compile(r"alt\. ", re.IGNORECASE)
# Prose has neither a number after words such as these, nor a short capitalised label with a colon.
_NUMBERED = re.compile(
    r"[A-Z][\w.'/ ()-]{0,60}(?:No\.?|Number|ID|Code|Identification|Registration|Certificate|#) ?:? ?\S*\d"
)
# Nor does it end in a date or a number, as the value of a label that was renamed does; but for years such as
# `President since 1979` and `Officer, 1992-1998`.
_VALUED = re.compile(r"[A-Z][^\s\d]* .*\d\W*$", re.DOTALL)
_YEARS = re.compile(r"(?:\bsince |\b\d{4}-)\d{4}\W*$")
_COLON = re.compile(r"[A-Z][A-Za-z./'() -]{1,60}: \S")


def items(remarks: str) -> list[str]:
    """Items of a text of remarks, without the full stop that ends the text."""
    whole = remarks.strip()
    parts = re.split(r";\s+|;$", whole.removesuffix("."))
    return [text for text in map(clean, parts) if text]


def read_remarks(party: Party, remarks: str, title: str | None, *, is_cut: bool) -> None:
    """Add what the remarks say.

    Args:
        party: Whose remarks they are; what cannot be read is added to its problems.
        remarks: The whole text.
        title: Of a person, which OFAC also prints among the remarks.
        is_cut: The text ends in the middle of an item.
    """
    found = items(remarks)
    if is_cut:
        found = found[:-1]
    titles = {text.casefold() for text in items(title or "")}
    for text in found:
        if text.casefold() in titles:
            continue  # titles are left out
        try:
            _item(party, text)
        except UnexpectedValueError as error:
            party.problems.append(error)


def _item(party: Party, text: str) -> None:
    if not is_text(text):
        raise party.record.error("no text in the remarks", f"{text[:60]!r} has NUL or half of a surrogate pair")
    if len(text) > _LONGEST_ITEM:
        raise party.record.error("item too long in the remarks", f"{len(text)} characters; at most {_LONGEST_ITEM}")
    quoted = _QUOTED.match(text)
    if quoted is not None:
        party.name(quoted[2].strip(), "weak")
        return
    known = kinds.labelled(text)
    if known is None:
        _prose(party, text)
        return
    label, what, value = known
    if not value or (what in KINDS and not _is_value(what, value)):
        party.notes[text] = None  # such as `Passport issued in Sarajevo`
    elif what in KINDS or what == "vessel":
        value, place, code = _with_place(party, value)
        party.take(label, what, value, place, code)
    else:
        party.take(label, what, value)


def _prose(party: Party, text: str) -> None:
    brackets = _BRACKETS.match(text)
    names_place = brackets is not None and kinds.is_place(brackets[2]) and any(map(str.isdigit, brackets[1]))
    is_valued = _VALUED.match(text) is not None and _YEARS.search(text) is None
    if _STARRED.match(text) or names_place or is_valued or _NUMBERED.match(text) or _COLON.match(text):
        raise party.record.error(
            "unknown item in the remarks", f"{text!r}; expected a label of sources/ofac/kinds.toml"
        )
    party.notes[text] = None


def _is_value(what: str, value: str) -> bool:
    if what in {"website", "email"}:
        return "." in value
    return what in {"bic", "aircraft", "callsign", "ticker"} or any(map(str.isdigit, value))


def _with_place(party: Party, value: str) -> tuple[str, str | None, str | None]:
    """The number, who issued it as printed, and the code of that country."""
    value = _VALIDITY.sub("", value).strip() or value
    place = code = None
    others: list[str] = []
    while (brackets := _BRACKETS.match(value)) is not None:
        value = brackets[1]
        if place is None and kinds.is_place(brackets[2]):
            place = brackets[2]
            code = kinds.place(party.record, "place", place)
        elif brackets[2].strip():
            others.insert(0, brackets[2].strip())
    value = value.rstrip(".")
    said = ", ".join(part for part in (place, *others) if part)
    return value, said or None, code
