"""The cell `Entity`: a name, its other names on lines of their own, and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_SUPERSCRIPT = frozenset({"SU", "SUP"})
_AKA = re.compile(
    r",?\s+(?P<how>a\.?k\.?a\.?|f\.?k\.?a\.?|formerly known as|also known as),?\s+(?P<rest>.*)", re.DOTALL
)
_FOLLOWING = re.compile(r"the following\b[^:;]*?\b(?:alias(?:es)?|names?)\b:?.*")
_IN_BRACKETS = re.compile(r"\s*\((?P<how>[af]\.k\.a\.),? (?P<name>[^()]+)\)")
_COMMA = re.compile(r", (?![^()]*\))")
# Where the same party stands under another country, too; that row says it itself.
_SEE_ALSO = re.compile(r"\(See (?:also|alternate|the)?\b[^()]*\)")
_AND = re.compile(r"(?:;\s*and|,\s*and|;|\band)\s*$")
_NEXT_ADDRESS = re.compile(r";\s*(?:and\b\s*)?")
# What may follow a comma and still belong to the name: a legal form, or a part of an organisation.
_FORM = re.compile(
    r"(?:Co|Corp|Corporation|Company|Ltd|Ltda|Limited|Inc|Incorporated|L\.?L\.?C|L\.?L\.?P|LP|PLC|S\.?A|S\.?L|S\.?r\.?l|"
    r"S\.?A\.?R\.?L|S\.?p\.?A|GmbH|AG|B\.?V|N\.?V|Pte|Pvt|Sdn|Bhd|JSC|PJSC|OJSC|CJSC|OOO|OAO|AO|PAO|ZAO|FZE|FZC|FZCO|"
    r"FZ-LLC|DMCC|FSUE|PT|d\.o\.o|a\.s|K\.?K|Jr|Sr|II|III)\b\.?",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"^(?!\d|No\.|Room|Rm|Unit \d|Floor|Flat|Building|Bldg|Suite|Street|P\.?O)"
    r".*\b(?:Institute|Institution|Academy|Bureau|Department|Division|Branch|Laboratory|Factory|Plant|Subsidiary|School|"
    r"Faculty|Research Center|Design Bureau)\b|^\d+(?:st|nd|rd|th)? Research Institute\b",
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What the cell says.

    Attributes:
        name: The name.
        aliases: Other names; former ones are in `former`.
        former: Former names.
        addresses: As printed.
    """

    name: str
    aliases: list[str]
    former: list[str]
    addresses: list[str]


def lines_of(element: _Element) -> list[str]:
    """The lines of a cell, without marks of footnotes."""
    parts: list[str] = []
    _collect(element, parts)
    return [line for line in (" ".join(line.split()) for line in "".join(parts).split("\0")) if line]


def _collect(element: _Element, parts: list[str]) -> None:
    # Cells are flat; a hostile one may be deep, and the parser allows 256 levels at most.
    parts.append(element.text or "")
    for child in element:
        name = str(child.tag).rpartition("}")[2].upper()
        if name in {"BR", "P", "FP", "LI"}:
            parts.append("\0")
        if name not in _SUPERSCRIPT and not (name == "E" and child.get("T") in {"51", "52"}):
            _collect(child, parts)
        if name in {"P", "FP", "LI"}:
            parts.append("\0")
        parts.append(child.tail or "")


def read_cell(lines: list[str]) -> Cell:
    """Part the lines into names and addresses."""
    first, *others = lines
    aliases = [match["name"] for match in _IN_BRACKETS.finditer(first) if match["how"] == "a.k.a."]
    former = [match["name"] for match in _IN_BRACKETS.finditer(first) if match["how"] == "f.k.a."]
    first = _IN_BRACKETS.sub("", first)
    rest: list[str] = []
    match = _AKA.search(first)
    if match is not None and ";" not in first[: match.start()]:
        name = first[: match.start()].strip(" ,")
        target = former if match["how"].startswith("f") else aliases
        if _FOLLOWING.match(match["rest"]) is None:
            alias, address = _parted(match["rest"])
            target.append(alias)
            rest += [address] if address else []
    else:
        name, address = _parted(first)
        target = aliases
        rest += [address] if address else []
    for line in others:
        if line[0] in "—–":
            target.append(_AND.sub("", line.lstrip("—– ")).strip().rstrip(";,"))
        elif (more := _AKA.match(f", {line.removeprefix('and ')}")) is not None and _FOLLOWING.match(more["rest"]):
            target = former if more["how"].startswith("f") else aliases
        else:
            rest.append(line)
    text = _SEE_ALSO.sub("", " ".join(rest))
    addresses = [part.strip(" .,") for part in _NEXT_ADDRESS.split(text)]
    return Cell(
        name=name.rstrip(";:"),
        aliases=[alias for alias in dict.fromkeys(map(_ended, aliases)) if alias],
        former=[alias for alias in dict.fromkeys(map(_ended, former)) if alias],
        addresses=[address for address in dict.fromkeys(addresses) if address],
    )


def _ended(name: str) -> str:
    """Without the full stop of the sentence, where it is not that of a legal form or an initial."""
    name = name.strip(" ;,")
    if name.endswith(".") and not re.search(
        r"(?:\b[A-Z]|Ltd|Inc|Corp|Co|Bhd|Pvt|Pte|LLC|Sti|Jr|Sr)\.$", name, re.IGNORECASE
    ):
        return name[:-1]
    return name


def _parted(text: str) -> tuple[str, str]:
    """Name and address of `name, address`."""
    segments = _COMMA.split(text)
    count = 1
    while count < len(segments) and (_FORM.match(segments[count]) or _UNIT.match(segments[count])):
        count += 1
    return _ended(", ".join(segments[:count])), ", ".join(segments[count:])
