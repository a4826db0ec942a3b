"""Pseudonyms for files meant for sharing: person names, own hosts and full MAC addresses (DESIGN section 1, promise 6).

File names stay; the folders of an absolute path go, because they name users and machines.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.schema.result import EntityRef, Finding, ScanResult
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAC = re.compile(
    r"(?<![0-9A-Fa-f:.-])(?:"
    r"(?P<oui>[0-9A-Fa-f]{2}(?P<sep>[:-])[0-9A-Fa-f]{2}(?P=sep)[0-9A-Fa-f]{2})(?:(?P=sep)[0-9A-Fa-f]{2}){3}"
    r"|(?P<cisco>[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{2})[0-9A-Fa-f]{2}\.[0-9A-Fa-f]{4}"
    r")(?![0-9A-Fa-f]|[:-][0-9A-Fa-f])"
)
_BARE_MAC = re.compile(r"([0-9A-Fa-f]{6})[0-9A-Fa-f]{6}")
_WORD = re.compile(r"[\w.:%-]+")
_ABSOLUTE = re.compile(r"[A-Za-z]:[\\/]|[\\/]|~")
# Words with a fixed meaning: a host called `read` must not change a status.
_FIXED = frozenset(
    {
        "schema_version", "command", "as_of", "known_at", "kb", "level", "level_if_confirmed", "schema",
        "jurisdictions", "regime", "listing_status", "status", "consequence_status", "effect", "binds", "kind",
        "relation", "direction", "segment", "unit", "what", "method", "decision", "hop", "grade", "reader", "rule",
        "outcome", "sources", "source", "citation", "type", "previous_ids", "relations", "levels", "by_level",
    }
)  # fmt: skip
_HOST_DETAILS = frozenset({"hostname", "host_name", "client_fqdn", "fqdn"})  # what DHCP and inventory readers call it
_FREE_KEYS = frozenset({"reasons", "not_resolved"})  # mappings whose keys are a reader's words, not ours


def for_sharing(result: ScanResult) -> ScanResult:
    """Return the result with pseudonyms; the same result gives the same pseudonyms."""
    names = _Names(result)
    replaced: dict[str, Any] = {key: names.replace_in(key, part) for key, part in msgspec.to_builtins(result).items()}
    for finding, original in zip(replaced["findings"], result.findings, strict=True):
        names.finish(finding, original)
    return msgspec.convert(replaced, ScanResult)


def shareable_path(path: str) -> str:
    """Return a path without the folders above the inputs: an absolute one keeps its last part, `..` goes."""
    parts = PurePosixPath(path.replace("\\", "/") if _ABSOLUTE.match(path) else path).parts
    if _ABSOLUTE.match(path):
        return parts[-1] if parts[-1] != "/" else "input"
    return "/".join(part for part in parts if part not in {"..", "."}) or "input"


class _Names:
    """Which strings are private, and what stands for them."""

    def __init__(self, result: ScanResult) -> None:
        self._words: dict[str, str] = {}
        self._phrases: dict[str, str] = {}
        self._shown: dict[str, str] = {}  # large results repeat most of their texts
        self._learn("host", _own_hosts(result))
        self._learn("person", _persons(result))
        longest_first = sorted(self._phrases, key=lambda phrase: (-len(phrase), phrase))
        self._phrase = re.compile(
            r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)" if longest_first else r"(?!)",
            re.IGNORECASE,
        )

    def _learn(self, stem: str, groups: Iterable[tuple[str, ...]]) -> None:
        number = 0
        for names in groups:
            group = [name for name in names if name.strip()]
            if not group:
                continue
            known = next((self._lookup(value) for value in group if self._lookup(value)), None)
            if known is None:
                number += 1
                known = f"{stem}-{number}"
            for value in group:
                target = self._words if _WORD.fullmatch(value) else self._phrases
                target.setdefault(value.lower(), known)

    def _lookup(self, value: str) -> str | None:
        return self._words.get(value.lower()) or self._phrases.get(value.lower())

    def text(self, text: str) -> str:
        """Return a text with every private name and MAC in it replaced."""
        shown = self._shown.get(text)
        if shown is None:
            shown = _WORD.sub(self._word, _MAC.sub(_mask, self._phrase.sub(self._phrase_name, text)))
            self._shown[text] = shown
        return shown

    def _phrase_name(self, found: re.Match[str]) -> str:
        # Ignoring case in a pattern folds more letters than lower() does; what is left over must not show either.
        return self._phrases.get(found.group().lower(), "withheld")

    def _word(self, found: re.Match[str]) -> str:
        word = found.group()
        bare = word.rstrip(".:%-")
        if bare.lower() in self._words:
            return self._words[bare.lower()] + word[len(bare) :]
        # A host with its port, or after a label: `web-1.corp.example:443`, `host:web-1`.
        return ":".join(self._words.get(part.lower(), part) for part in word.split(":"))

    def replace(self, value: object) -> object:
        """Return the value with every private string in it replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.replace(item) for item in value]
        if isinstance(value, dict):
            return {key: self.replace_in(key, item) for key, item in value.items()}
        return value

    def replace_in(self, key: str, value: object) -> object:
        """Return the value of a field; fields with fixed words stay, file names lose only their folders."""
        if key in _FIXED:
            return value
        if key == "file" and isinstance(value, str):
            return shareable_path(value)
        if key in _FREE_KEYS and isinstance(value, dict):
            return {self.text(name): item for name, item in value.items()}
        return self.replace(value)

    def finish(self, finding: dict[str, Any], original: Finding) -> None:
        """Pseudonymise what only the place in the document tells: own hosts, and MACs written without separators."""
        for shown, host in zip(finding["artefact"]["own_hosts"]["top"], original.artefact.own_hosts.top, strict=True):
            shown["value"] = self._lookup(host.value) or shown["value"]
        if original.artefact.kind == Kind.MAC:
            for item in [finding["artefact"], *finding["artefact"]["values"]["top"]]:
                bare = _BARE_MAC.fullmatch(item["value"])
                item["value"] = f"{bare[1]}······" if bare else item["value"]
        finding["id"] = original.id


def _mask(found: re.Match[str]) -> str:
    if found["cisco"]:
        return f"{found['cisco']}··.····"
    return found["oui"] + f"{found['sep']}··" * 3


def _own_hosts(result: ScanResult) -> Iterator[tuple[str, ...]]:
    for finding in result.findings:
        for host in finding.artefact.own_hosts.top:
            yield (host.value,)
        for detail in finding.artefact.details:
            yield from ((value,) for key, value in detail.items() if key in _HOST_DETAILS and isinstance(value, str))


def _persons(result: ScanResult) -> Iterator[tuple[str, ...]]:
    for finding in result.findings:
        for entity in (finding.operator, finding.listed_entity):
            if entity.schema == "Person":
                yield tuple(_names_of(entity, finding))
        if finding.waiver is not None:
            yield (finding.waiver.owner,)
            yield (finding.waiver.approver,)
    for row in result.summary.by_entity:
        if row.entity.schema == "Person":
            yield (row.entity.id, row.entity.caption)


def _names_of(person: EntityRef, finding: Finding) -> Iterator[str]:
    yield person.id
    yield person.caption
    if finding.listing is not None and finding.listing.listed_as and finding.listed_entity.id == person.id:
        yield finding.listing.listed_as
    if finding.artefact.kind == Kind.NAME and finding.operator.id == person.id:
        yield finding.artefact.value
        yield from (counted.value for counted in finding.artefact.values.top)
