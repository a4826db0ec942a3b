"""Pseudonyms for natural persons: listed people and those who answer for a waiver, field by field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.acceptance import Waiver
    from beholden.schema.result import Arithmetic, Artefact, EntityRef, Finding, Hop, Listing, ScanResult


class Persons:
    """Which names are those of natural persons, and what stands for them."""

    def __init__(self, result: ScanResult) -> None:
        self._labels: dict[str, str] = {}  # lower-case name or id → pseudonym
        self._known: dict[str, str] = {}  # of these, what the knowledge base calls a listed person
        for finding in result.findings:
            for person in _persons_of(finding):
                self._learn(*_names_of(person, finding))
            if finding.waiver is not None:
                self._label(finding.waiver.owner)
                self._label(finding.waiver.approver or "")
        for row in result.summary.by_entity:
            if row.entity.schema == "Person":
                self._learn(row.entity.id, row.entity.caption)

    def finding(self, finding: Finding) -> Finding:
        """Return the finding with its people as pseudonyms."""
        spelled = self._spelled(finding)
        names = {**self._known, **spelled}
        own = {name: names[name] for person in _persons_of(finding) for name in _lower(_names_of(person, finding))}
        own.update(spelled)
        return replace(
            finding,
            operator=self.entity(finding.operator),
            listed_entity=self.entity(finding.listed_entity),
            listing=self._listing(finding),
            why=_in_text(finding.why, own),
            questions=[_in_text(question, own) for question in finding.questions],
            artefact=_artefact(finding.artefact, spelled),
            path=[_hop(hop, names) for hop in finding.path],
            arithmetic=_arithmetic(finding.arithmetic, names) if finding.arithmetic else None,
            waiver=self._waiver(finding.waiver) if finding.waiver else None,
        )

    def entity(self, entity: EntityRef) -> EntityRef:
        """Return the entity; a company stays as it is."""
        if entity.schema != "Person":
            return entity
        label = self._label(entity.id)
        return replace(entity, id=label, caption=label)

    def _learn(self, *names: str) -> None:
        label = next((self._labels[name] for name in _lower(iter(names)) if name in self._labels), None)
        for name in _lower(iter(names)):
            self._labels.setdefault(name, label or self._label(names[0]))
            self._known[name] = self._labels[name]

    def _label(self, name: str) -> str:
        if not name.strip():
            return name
        return self._labels.setdefault(name.lower(), f"person-{len(set(self._labels.values())) + 1}")

    def _spelled(self, finding: Finding) -> dict[str, str]:
        """How our own records spell the person, good for this finding alone."""
        if finding.operator.schema != "Person" or finding.artefact.kind != Kind.NAME:
            return {}
        label = self._label(finding.operator.id)
        written = [finding.artefact.value, *(item.value for item in finding.artefact.values.top)]
        return dict.fromkeys(_lower(iter(written)), label)

    def _listing(self, finding: Finding) -> Listing | None:
        if finding.listing is None or not finding.listing.listed_as or finding.listed_entity.schema != "Person":
            return finding.listing
        return replace(finding.listing, listed_as=self._label(finding.listed_entity.id))

    def _waiver(self, waiver: Waiver) -> Waiver:
        people = {name.lower(): self._label(name) for name in (waiver.owner, waiver.approver or "") if name.strip()}
        return replace(
            waiver,
            owner=self._label(waiver.owner),
            approver=self._label(waiver.approver) if waiver.approver else None,
            reason=_in_text(waiver.reason, people),
        )


def _persons_of(finding: Finding) -> Iterator[EntityRef]:
    yield from (entity for entity in (finding.operator, finding.listed_entity) if entity.schema == "Person")


def _names_of(person: EntityRef, finding: Finding) -> Iterator[str]:
    yield person.id
    yield person.caption
    if finding.listing is not None and finding.listing.listed_as and finding.listed_entity.id == person.id:
        yield finding.listing.listed_as


def _lower(names: Iterator[str]) -> list[str]:
    return [name.lower() for name in names if name.strip()]


def _in_text(text: str, names: dict[str, str]) -> str:
    if not names:
        return text
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    phrase = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)", re.IGNORECASE)
    # Ignoring case in a pattern folds more letters than lower() does; what is left over must not show either.
    return phrase.sub(lambda found: names.get(found.group().lower(), "withheld"), text)


def _artefact(artefact: Artefact, spelled: dict[str, str]) -> Artefact:
    top = [replace(item, value=_whole(item.value, spelled)) for item in artefact.values.top]
    return replace(artefact, value=_whole(artefact.value, spelled), values=replace(artefact.values, top=top))


def _hop(hop: Hop, names: dict[str, str]) -> Hop:
    return replace(hop, from_=_whole(hop.from_, names), to=_whole(hop.to, names))


def _arithmetic(arithmetic: Arithmetic, names: dict[str, str]) -> Arithmetic:
    terms = [
        replace(term, owner=_whole(term.owner, names), owned=_whole(term.owned, names)) for term in arithmetic.terms
    ]
    return replace(arithmetic, terms=terms)


def _whole(text: str, names: dict[str, str]) -> str:
    return names.get(text.lower(), text)
