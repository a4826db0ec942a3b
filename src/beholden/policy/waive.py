"""Waivers: the organisation's own acceptance of a risk, with a reason, two people and an end (DESIGN section 4).

A waiver changes no level and hides nothing. While it is active a gate does not count the finding; once it has expired
the finding counts again. An entry without an approver is a request and counts for nothing yet.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.errors import Origin, UsageError
from beholden.policy.places import Places, read_toml
from beholden.schema.acceptance import Waiver, WaiverUse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from beholden.schema.result import Finding

TABLE = "waiver"
_CLAIMS = "claims"
# Where several entries meet one finding, the first of these is shown with it. What ran out counts at a gate, so neither
# a request nor a waiver that begins later may stand before it.
_STATUSES = ("active", "expired", "not_yet", "requested")
# What the globs of a pattern are held against.
_FACETS: dict[str, Callable[[Finding], Iterable[str]]] = {
    "artefact": lambda item: (item.artefact.value, f"{item.artefact.kind}:{item.artefact.value}"),
    "operator": lambda item: (item.operator.id, item.operator.caption),
    "listed_entity": lambda item: (item.listed_entity.id, item.listed_entity.caption),
    "regime": lambda item: (item.listing.regime if item.listing else _CLAIMS,),
    "relation": lambda item: (item.artefact.relation,),
    "unit": lambda item: (item.artefact.unit or "",),
    "segment": lambda item: (item.artefact.segment or "",),
    "level": lambda item: (item.level,),
}
# The facets that name a party by its id.
_PARTIES: dict[str, Callable[[Finding], Iterable[str]]] = {
    "operator": lambda item: (item.operator.id,),
    "listed_entity": lambda item: (item.listed_entity.id,),
    "": lambda item: (item.operator.id, item.listed_entity.id),
}
# A pattern that is one glob may mean any of these.
_MEANT = ("artefact", "operator", "listed_entity", "regime")


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    reason: str
    owner: str
    created: date
    expires: date
    id: str | None = None
    pattern: str | dict[str, str] | None = None
    approver: str | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class WaiverEntry:
    """One `[[waiver]]`.

    Attributes:
        finding_id: The finding it is for; None where it has a pattern.
        pattern: Globs by facet; the key `""` is held against artefact, parties and regime.
        reason: Why the risk is accepted, with the ticket if there is one.
        owner: Who asked for it.
        approver: Who agreed, another person; None: nobody yet.
        created: First day.
        expires: First day on which it no longer holds.
        now: Ids that the parties of the pattern have now, by facet, where they had others when it was written.
    """

    finding_id: str | None
    pattern: dict[str, str]
    reason: str
    owner: str
    approver: str | None
    created: date
    expires: date
    now: Mapping[str, str] = field(default_factory=dict)

    def with_ids(self, canonical: Callable[[str], str]) -> WaiverEntry:
        """The same entry, which also meets its parties under the ids that they have now.

        Args:
            canonical: Any id of a party → the one that it has.
        """
        ids = {facet: canonical(glob) for facet, glob in self.pattern.items() if facet in _PARTIES}
        return replace(self, now={facet: now for facet, now in ids.items() if now != self.pattern[facet]})

    @property
    def id(self) -> str:
        """The finding's id, or the pattern as it reads."""
        globs = (f"{facet}={glob}" if facet else glob for facet, glob in self.pattern.items())
        return self.finding_id or ", ".join(globs)

    def meets(self, finding: Finding) -> bool:
        """Whether it is about a finding."""
        if self.finding_id is not None:
            return self.finding_id == finding.id or self.finding_id in finding.previous_ids
        return all(
            _holds(facet, glob, finding) or (facet in self.now and self.now[facet] in _PARTIES[facet](finding))
            for facet, glob in self.pattern.items()
        )

    def standing(self, as_of: date) -> Waiver:
        """How it stands on a day; half-open: on the day it expires it no longer holds."""
        if self.approver is None:
            status = "requested"
        elif as_of >= self.expires:
            status = "expired"
        else:
            status = "not_yet" if as_of < self.created else "active"
        return Waiver(
            id=self.id,
            reason=self.reason,
            owner=self.owner,
            approver=self.approver,
            created=self.created.isoformat(),
            expires=self.expires.isoformat(),
            active=status == "active",
            status=status,
        )


def _holds(facet: str, glob: str, finding: Finding) -> bool:
    values = (value for name in ([facet] if facet else _MEANT) for value in _FACETS[name](finding))
    return any(fnmatchcase(_folded(value), _folded(glob)) for value in values)


def waive(
    findings: Sequence[Finding], entries: Sequence[WaiverEntry], as_of: date
) -> tuple[list[Finding], list[WaiverUse]]:
    """Put waivers beside the findings they are about.

    Returns:
        The findings in their order, and every entry in its own with the number of findings it met; 0: it is unused.
    """
    standings = [entry.standing(as_of) for entry in entries]
    met = [0] * len(entries)
    waived: list[Finding] = []
    for finding in findings:
        found = [index for index, entry in enumerate(entries) if entry.meets(finding)]
        for index in found:
            met[index] += 1
        best = min(
            found,
            key=lambda index: (_STATUSES.index(standings[index].status), -entries[index].expires.toordinal(), index),
            default=None,
        )
        waived.append(finding if best is None else msgspec.structs.replace(finding, waiver=standings[best]))
    return waived, [WaiverUse(waiver=one, findings=count) for one, count in zip(standings, met, strict=True)]


def read_waivers(path: Path) -> list[WaiverEntry]:
    """Read a waiver file; one wrong entry refuses the file, because a waiver that silently vanishes changes a gate.

    Raises:
        UsageError: Unreadable, an unknown key, a missing field, an approver who is the owner; with file and line.
    """
    document, places = read_toml(path, unreadable="waivers.unreadable", malformed="waivers.malformed")
    rows = document.pop(TABLE, [])
    if document or not isinstance(rows, list):
        wrong = next(iter(document), TABLE)
        raise UsageError(
            f"'{wrong}' is not expected; a waiver file holds [[{TABLE}]] entries only",
            code="waivers.wrong-value",
            origin=places.of(wrong),
        )
    return [_entry(row, places.entry(TABLE, index), places) for index, row in enumerate(rows)]


def _entry(row: Any, origin: Origin, places: Places) -> WaiverEntry:  # noqa: ANN401 (as the file has it)
    try:
        entry = msgspec.convert(row, _Entry)
    except msgspec.ValidationError as error:
        raise UsageError(str(error), code="waivers.wrong-value", origin=origin) from error
    pattern = {"": entry.pattern} if isinstance(entry.pattern, str) else entry.pattern or {}
    problem = _problem(entry, pattern)
    if problem is not None:
        raise UsageError(problem, code="waivers.wrong-value", origin=origin)
    approver = (entry.approver or "").strip() or None
    if approver is not None and _folded(approver) == _folded(entry.owner):
        raise UsageError(
            f"the approver is the owner, {entry.owner!r}; another person has to approve",
            code="waivers.same-person",
            origin=origin,
        )
    return WaiverEntry(
        finding_id=entry.id,
        pattern=pattern,
        reason=entry.reason + (f" [{entry.ticket}]" if entry.ticket else ""),
        owner=entry.owner.strip(),
        approver=approver,
        created=entry.created,
        expires=entry.expires,
    )


def _problem(entry: _Entry, pattern: dict[str, str]) -> str | None:
    """What is wrong with an entry whose fields have the right types."""
    if (entry.id is None) == (not pattern):
        return "a waiver has either an id or a pattern"
    if entry.id is not None and not entry.id.strip():
        return "the id is empty"
    unknown = [facet for facet in pattern if facet and facet not in _FACETS]
    if unknown:
        return f"unknown part of a pattern: {unknown[0]!r}; expected one of {', '.join(_FACETS)}"
    if any(not glob.strip() for glob in pattern.values()):
        return "a pattern is empty"
    if not entry.reason.strip() or not entry.owner.strip():
        return "a waiver needs a reason and an owner"
    if entry.expires <= entry.created:
        return f"it expires on {entry.expires}, not after it was created on {entry.created}"
    return None


def _folded(text: str) -> str:
    """The text as people read it: whatever its case, width and blanks, without characters that nobody sees."""
    seen = (character for character in unicodedata.normalize("NFKC", text) if unicodedata.category(character) != "Cf")
    return " ".join("".join(seen).casefold().split())
