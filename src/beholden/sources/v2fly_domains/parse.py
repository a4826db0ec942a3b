"""One rule a line: a domain with all below it, one host (`full:`), and what cannot be looked up by name."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.schema.rows import Asset, Row
from beholden.schema.vocabulary import Relation
from beholden.sources.interface import no_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_RULE = re.compile(rf"(?:(?:include|keyword|regexp):\S|(?:(?:domain|full):)?{_LABEL}(?:\.{_LABEL})*(?:\s|$))")
_LIST = re.compile(r"[a-z0-9!-]+")
# For routing: whether a domain serves China, and whether it serves advertisements. `&list` puts it on another list too.
_MARKS = frozenset({"@cn", "@!cn", "@-!cn", "@-cn", "@ads", "@-ads", "@!ads"})
# An expression or a part of a name finds domains of anyone.
_NO_DOMAIN = {"keyword": "key words", "regexp": "regular expressions", "include": "included lists"}


@dataclass(slots=True)
class _Left:
    """What gave no rows, by kind, and the lists that stand for no party of the packs."""

    rules: Counter[str] = field(default_factory=Counter)
    lists: dict[str, int] = field(default_factory=dict)


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`."""
    owners = publication.descriptor.lookup("lists")
    given: set[tuple[str, str]] = set()
    left = _Left()
    for document in publication.documents:
        _recognise(publication, document)
        reading.layout = "list"
        name = document.plain_name.removesuffix(".txt")
        owner = owners.get(name)
        for origin, line in _rules(document):
            rows: list[Row] = []
            with reading.record():
                domain = _domain(line, origin, left)
                if owner is None:
                    left.lists[name] = left.lists.get(name, 0) + (domain is not None)
                elif domain is not None:
                    asset = _asset(publication, domain, _holder(domain, owner, publication))
                    if (asset.value, str(asset.entity_id)) not in given:
                        given.add((asset.value, str(asset.entity_id)))
                        rows = [asset]
            yield from rows
    reading.notes += _notes(left)


def _recognise(publication: Publication, document: Document) -> None:
    first = next((line for _, line in _rules(document)), None)
    if first is None or _RULE.match(first.lower()) is None:
        raise no_layout(publication, f"the first rule is {str(first)[:60]!r}", Origin(document.name))


def _rules(document: Document) -> Iterator[tuple[Origin, str]]:
    for number, line in document.lines():
        rule = line.partition("#")[0].strip()
        if rule:
            yield Origin(document.name, number), rule


def _domain(rule: str, origin: Origin, left: _Left) -> str | None:
    """The domain of a rule; None where it has none, which is counted."""
    printed, *marks = rule.split()
    unknown = [mark for mark in marks if mark not in _MARKS and not (mark[0] == "&" and _LIST.fullmatch(mark[1:]))]
    kind, colon, value = printed.partition(":")
    if not colon:
        kind, value = "domain", printed
    if kind in _NO_DOMAIN:
        left.rules[_NO_DOMAIN[kind]] += 1
        # Marks beside an included list choose rules of it.
        unknown = [] if kind == "include" else unknown
        value = ""
    elif kind not in ("domain", "full"):
        raise UnexpectedValueError("unknown kind of rule", f"{printed[:60]!r}", origin=origin)
    if unknown:
        detail = f"{unknown[0][:40]!r}; expected one of {', '.join(sorted(_MARKS))}"
        raise UnexpectedValueError("unknown mark", detail, origin=origin)
    if not value:
        return None
    domain = value.lower()
    if len(domain) > 253 or not _DOMAIN.fullmatch(domain):
        raise UnexpectedValueError("no domain", f"{value[:60]!r}", origin=origin)
    if "." not in domain:
        # Whose a top-level domain is says nothing about the names below it that our records have.
        left.rules["top-level domains"] += 1
        return None
    return domain


def _holder(domain: str, owner: str, publication: Publication) -> str:
    others: Mapping[str, str] = publication.descriptor.lookup("domains")
    parts = domain.split(".")
    above = (".".join(parts[at:]) for at in range(len(parts)))
    return next((others[name] for name in above if name in others), owner)


def _asset(publication: Publication, domain: str, holder: str) -> Asset:
    return Asset(
        id=f"domain:{domain}:{publication.slug}",
        entity_id=holder,
        kind="domain",
        value=domain,
        relation=Relation.SERVICE_ENDPOINT,
        valid_from=publication.edition,
    )


def _notes(left: _Left) -> list[str]:
    notes = []
    if left.lists:
        lists = ", ".join(f"{name} ({count})" for name, count in sorted(left.lists.items()))
        notes.append(f"lists that stand for no party of the packs, with their domains: {lists}")
    if left.rules:
        rules = ", ".join(f"{count} {kind}" for kind, count in sorted(left.rules.items()))
        notes.append(f"rules that are no domain: {rules}")
    return notes
