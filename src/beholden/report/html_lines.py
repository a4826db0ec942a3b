"""Lines of evidence and the listings they meet: an artefact is one line, a party's entry on a list one card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.report.wording import is_behind, rank, regime_of, standing, words
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.schema.result import (
        Artefact,
        ConsequenceResult,
        EntityRef,
        Finding,
        Hop,
        Listing,
        ScanResult,
        SourceInfo,
    )


@dataclass(frozen=True, slots=True)
class Under:
    """One finding of a line: what its list adds to what the line has said."""

    finding: Finding
    regime: str
    hops: list[Hop]
    elsewhere: list[tuple[str, str]]  # rules that bind others: id, and how they stood when it was done
    rules: list[ConsequenceResult]


@dataclass(frozen=True, slots=True)
class Line:
    """One artefact with all its findings, the worst first.

    Attributes:
        anchor: Where it is on the page.
        artefact: What the records have.
        level: The worst.
        hops: Steps that all its paths begin with.
        is_one_match: Whether its findings rest on the same match.
        unders: One per finding.
    """

    anchor: str
    artefact: Artefact
    level: str
    hops: list[Hop]
    is_one_match: bool
    unders: list[Under]


@dataclass(slots=True)
class Card:
    """A party's entry on a list, with the rules keyed to it, once for all the lines that rest on it."""

    anchor: str
    listing: Listing
    listed: EntityRef
    source: SourceInfo | None
    stale_phrase: str
    rules: dict[tuple[str, str, bool | None], ConsequenceResult]


def lines_of(findings: list[Finding], before: int) -> list[Line]:
    """Return a line per artefact in the order of their worst findings.

    Args:
        findings: Of one operator, worst first.
        before: Lines of the page that come earlier.
    """
    grouped: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        artefact = finding.artefact
        grouped.setdefault((artefact.kind, artefact.value, artefact.relation), []).append(finding)
    return [_line(f"line-{before + place}", group) for place, group in enumerate(grouped.values(), start=1)]


def _line(anchor: str, group: list[Finding]) -> Line:
    group = sorted(group, key=lambda one: (rank(one.level), regime_of(one), one.listed_entity.caption))
    shared = _shared([finding.path for finding in group])
    return Line(
        anchor=anchor,
        artefact=group[0].artefact,
        level=group[0].level,
        hops=group[0].path[:shared],
        is_one_match=all(finding.match == group[0].match for finding in group[1:]),
        unders=[_under(finding, shared) for finding in group],
    )


def _under(finding: Finding, shared: int) -> Under:
    silent = [rule for rule in finding.consequences if _is_silent(rule)]
    return Under(
        finding=finding,
        regime=regime_of(finding),
        hops=finding.path[shared:],
        elsewhere=[(rule.id, words(rule.acts[0].consequence_status) if rule.acts else "") for rule in silent],
        rules=[rule for rule in finding.consequences if not _is_silent(rule)],
    )


def _is_silent(rule: ConsequenceResult) -> bool:
    """Whether a rule asks nothing of the reader and stood the same way for all that was done."""
    return rule.level == Level.INFO and rule.binds_you is False and len(rule.acts) <= 1 and not rule.authorisations


def _shared(paths: list[list[Hop]]) -> int:
    """How many steps all paths begin with."""
    shortest = min(len(path) for path in paths)
    return next((n for n in range(shortest) if any(path[n] != paths[0][n] for path in paths[1:])), shortest)


class Cards:
    """Numbers the listings of a page and remembers which finding rests on which."""

    def __init__(self, result: ScanResult) -> None:
        self._sources = {source.id: source for source in result.kb.sources}
        self._as_of = result.as_of
        self._number = 0
        self.anchor_of: dict[int, str] = {}  # finding by identity

    def of(self, findings: Iterable[Finding]) -> list[Card]:
        """Return the listings that the findings of one operator rest on, in their order."""
        cards: dict[tuple[object, ...], Card] = {}
        for finding in findings:
            listing = finding.listing
            if listing is None:
                continue
            key = (listing.regime, listing.designation, listing.listed_as, listing.since, finding.listed_entity.id)
            card = cards.get(key)
            if card is None:
                self._number += 1
                source = self._sources.get(listing.regime)
                card = Card(f"listing-{self._number}", listing, finding.listed_entity, source, "", {})
                cards[key] = card
            card.stale_phrase = card.stale_phrase or self._stale(finding, listing, card.source)
            self.anchor_of[id(finding)] = card.anchor
            for rule in finding.consequences:
                card.rules.setdefault((rule.id, standing(rule), rule.binds_you), rule)
        return list(cards.values())

    def _stale(self, finding: Finding, listing: Listing, source: SourceInfo | None) -> str:
        is_old = source is not None and is_behind(source, self._as_of)
        if not finding.stale and not is_old:
            return ""
        checked = source.checked_until if source is not None and is_old else None
        until = checked or (listing.last_known.at if listing.last_known else None)
        return f"{listing.regime} (checked until {until})" if until else listing.regime
