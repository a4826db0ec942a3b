"""A result as it goes to platforms of other people, which merge what has the same id."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.report.privacy import shared
from beholden.report.wording import reasons_of, words

if TYPE_CHECKING:
    from beholden.report.interface import RenderOptions
    from beholden.schema.assessment import Assessment
    from beholden.schema.result import EntityRef, ScanResult

_PERSON = "Person"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What to write.

    Attributes:
        result: With pseudonyms, unless personal data may be shown.
        scope: What the ids of persons must hold as well, because their pseudonyms are numbers that other files give to
            other people; empty where names, or pseudonyms made with a key, agree between files.
    """

    result: ScanResult
    scope: str

    def scope_of(self, entity: EntityRef) -> str:
        """Return what the id of a party must hold as well."""
        return self.scope if entity.schema == _PERSON else ""


def exchanged(assessment: Assessment, options: RenderOptions) -> Exchanged:
    """Return what to write; persons are pseudonymised unless the options say otherwise."""
    is_numbered = not (options.show_personal or options.pseudonym_key)
    return Exchanged(shared(assessment, options), _digest(assessment.result) if is_numbered else "")


def unread(result: ScanResult) -> str:
    """Return what was not read, and which lists are not loaded, a line each."""
    lines = [
        f"{row.file}: {words(row.status)}; " + "; ".join([*reasons_of(row), *row.notes])
        for row in result.coverage
        if row.status != "read"
    ]
    partial = [source.id for source in result.kb.sources if source.loaded and source.is_partial]
    if partial:
        lines.append(f"Lists held in part, so that absence from them is unknown: {', '.join(partial)}.")
    unloaded = [source.id for source in result.kb.sources if not source.loaded]
    if unloaded:
        lines.append(f"Lists not loaded, so unknown: {', '.join(unloaded)}.")
    return "\n".join(lines) or "Every file was read."


def _digest(result: ScanResult) -> str:
    text = "\n".join([result.as_of, result.known_at or "", result.kb.digest, *(one.id for one in result.findings)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
