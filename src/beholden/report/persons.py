"""Pseudonyms for natural persons: listed people, and those who answer for waivers and answers."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from msgspec.structs import replace

from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.report.pseudonyms import Pseudonyms
    from beholden.schema.result import EntityRef, Finding, ScanResult

_WORD = re.compile(r"[^\W_]+")
_STEM = "person"
# `Anna Sample <anna@corp.example>`, `Anna Sample (Legal)`: the name is what stands before.
_BESIDE_NAME = re.compile(r"\s*[<(].*", re.DOTALL)


class Persons:
    """Which names in a result are those of natural persons, and what stands for them.

    Args:
        result: Every person in it is known from the start, in the order of the document.
        pseudonyms: Gives what stands for them.
    """

    def __init__(self, result: ScanResult, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._whole: dict[str, str] = {}  # folded name or id of a listed person → pseudonym
        answering: dict[str, str] = {}
        companies: set[str] = set()
        for finding in result.findings:
            for entity in (finding.operator, finding.listed_entity):
                if entity.schema == "Person":
                    self._learn(entity, _names_of(entity, finding))
                else:
                    companies.add(entity.caption)
            answering.update(self._labels(_answering(finding)))
            companies.update(_companies_of(finding))
        for use in result.waivers:
            answering.update(self._labels([use.waiver.owner, use.waiver.approver or ""]))
        for row in result.summary.by_entity:
            if row.entity.schema == "Person":
                self._learn(row.entity, [row.entity.id, row.entity.caption])
        # A plain word that is someone's whole name may be anyone's in the texts of other findings.
        self._listed = Phrases(_of_several_words(self._whole), kept=sorted(companies))
        # A supplier may own a risk, too: its name is no person's.
        self._companies = frozenset(map(_words, companies))
        self._answering = Phrases(_of_several_words(self._without_companies(answering)), kept=sorted(companies))

    def entity(self, entity: EntityRef) -> EntityRef:
        """Return the entity; a company stays as it is."""
        if entity.schema != "Person":
            return entity
        label = self._pseudonyms.label(_STEM, f"id:{_folded(entity.id)}")
        return replace(entity, id=label, caption=label)

    def named(self, name: str) -> str:
        """Return what stands for someone by the field the name stands in: who owns, approved or answered."""
        plain = _BESIDE_NAME.sub("", name) or name
        return self._pseudonyms.label(_STEM, _folded(plain)) if name.strip() else name

    def whole(self, text: str) -> str:
        """Return what stands for a text that is a listed person's id or name as a whole."""
        return self._whole.get(_folded(text), text)

    def in_law(self, text: str) -> str:
        """Return a text of the law or about the parties: who answers for a waiver may have the name of an office."""
        return self._listed.hidden(text)

    def in_ours(self, text: str) -> str:
        """Return a text of the organisation's own without any person of the document."""
        return self._answering.hidden(self._listed.hidden(text))

    def of(self, finding: Finding) -> Phrases:
        """Return the names that this finding's texts alone are asked for: single words, our records' spellings."""
        return Phrases(
            {
                _folded(name): self.entity(entity).id
                for entity in (finding.operator, finding.listed_entity)
                if entity.schema == "Person"
                for name in [*_names_of(entity, finding), *_spelled(entity, finding)]
                if name.strip()
            }
        )

    def answering(self, names: Iterable[str]) -> Phrases:
        """Return the names of those who answer for a text, single words too."""
        return Phrases(self._without_companies(self._labels(names)))

    def _without_companies(self, names: dict[str, str]) -> dict[str, str]:
        return {name: label for name, label in names.items() if _words(name) not in self._companies}

    def _labels(self, names: Iterable[str]) -> dict[str, str]:
        given = [name for name in names if name.strip()]
        return {_folded(spelled): self.named(name) for name in given for spelled in (name, _BESIDE_NAME.sub("", name))}

    def _learn(self, person: EntityRef, names: Iterable[str]) -> None:
        label = self.entity(person).id
        for name in names:
            if name.strip():
                self._whole.setdefault(_folded(name), label)


class Phrases:
    """Names as they stand in running text, word by word and found by the first: there may be thousands.

    Args:
        names: Name → pseudonym.
        kept: Names of companies: one that holds a person's name stays as it is.
    """

    def __init__(self, names: dict[str, str], kept: Iterable[str] = ()) -> None:
        self._whole = {_folded(name): label for name, label in names.items()}
        phrases: dict[tuple[str, ...], str | None] = {_words(name): label for name, label in names.items()}
        firsts = {phrase[0] for phrase in phrases if phrase}
        for name in kept:
            words = _words(name)
            if not firsts.isdisjoint(words):
                phrases.setdefault(words, None)
        self._by_first: dict[str, list[tuple[tuple[str, ...], str | None]]] = {}
        for phrase, label in sorted(phrases.items(), key=lambda item: (-len(item[0]), item[0])):
            if phrase:
                self._by_first.setdefault(phrase[0], []).append((phrase, label))

    def hidden(self, text: str) -> str:
        """Return the text with pseudonyms for the names."""
        if not self._by_first:
            return text
        if (whole := self._whole.get(_folded(text))) is not None:
            return whole
        composed = text if text.isascii() else unicodedata.normalize("NFC", text)
        found = list(_WORD.finditer(composed))
        words = tuple(_plain(word.group()) for word in found)
        shown, done, at = "", 0, 0
        while at < len(words):
            for phrase, label in self._by_first.get(words[at], ()):
                last = at + len(phrase) - 1
                if words[at : last + 1] == phrase:
                    if label is not None:
                        shown += composed[done : found[at].start()] + label
                        done = found[last].end()
                    at = last
                    break
            at += 1
        return shown + composed[done:] if done else text


def _of_several_words(names: dict[str, str]) -> dict[str, str]:
    return {name: label for name, label in names.items() if len(_words(name)) > 1}


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _words(name: str) -> tuple[str, ...]:
    return tuple(_plain(word) for word in _WORD.findall(unicodedata.normalize("NFC", name)))


def _plain(word: str) -> str:
    """Fold a word as `_folded` does, and the dotless and the dotted i to one letter, as print does in capitals."""
    return word.casefold() if word.isascii() else _folded(word).replace("ı", "i").replace("i̇", "i")


def _names_of(person: EntityRef, finding: Finding) -> Iterator[str]:
    yield person.id
    yield person.caption
    if finding.listing is not None and finding.listing.listed_as and finding.listed_entity.id == person.id:
        yield finding.listing.listed_as


def _spelled(person: EntityRef, finding: Finding) -> Iterator[str]:
    """How our own records, and the name that matched them, spell the person."""
    if person.id != finding.operator.id or finding.artefact.kind != Kind.NAME:
        return
    yield finding.artefact.value
    yield from (item.value for item in finding.artefact.values.top)
    matched = finding.match.features.get("matched_name")
    if isinstance(matched, str) and matched:
        yield matched


def _companies_of(finding: Finding) -> Iterator[str]:
    """Give the names of what is no person: in the list, in our records and as it matched."""
    if finding.listing is not None and finding.listing.listed_as and finding.listed_entity.schema != "Person":
        yield finding.listing.listed_as
    if finding.operator.schema == "Person":
        return
    if finding.artefact.kind == Kind.NAME:
        yield finding.artefact.value
        yield from (item.value for item in finding.artefact.values.top)
    matched = finding.match.features.get("matched_name")
    if isinstance(matched, str) and matched:
        yield matched


def _answering(finding: Finding) -> Iterator[str]:
    if finding.waiver is not None:
        yield from (name for name in (finding.waiver.owner, finding.waiver.approver or "") if name.strip())
    yield from (asked.by for asked in finding.asked if asked.by and asked.by.strip())
