"""Statements about who owns or controls whom → holdings.

A record has several statements over time. An interest is told from others of its record by its type, its start and its
share: one that a later statement no longer has, and of which no end was printed, ended by the day of that statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from beholden.schema.rows import Entity, Ownership
from beholden.sources.bods.party import PREFIX
from beholden.sources.bods.statement import last_day, objects, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.bods.statement import Stated
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.record import Record

_LEAST = Decimal("0.000001")  # the least step of a share, for bounds that are not reached themselves
_KEBAB = re.compile(r"-([a-z])")
_WHOLE_DAY = len("1970-01-31")
_INTEREST = frozenset(
    {"type", "directOrIndirect", "interestLevel", "share", "startDate", "endDate"}
    # whether the standard calls it beneficial follows from the rest; details are free text
    | {"beneficialOwnershipOrControl", "details"}
)
_LEVELS = {"direct": "direct", "indirect": "indirect", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is who: id of the entity for a record or statement, and whether it stands for nobody known."""

    entity_of: Callable[[str], str | None]
    is_unknown: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Interest:
    """An interest as a statement prints it."""

    type: str
    printed_type: str
    level: str
    low: Decimal | None
    high: Decimal | None
    start: date | None
    end: date | None
    published: date | None
    notes: tuple[str, ...] = ()
    end_published: date | None = None

    def is_like(self, other: _Interest) -> bool:
        """Whether both are the same kind of interest, of whatever share."""
        return (self.printed_type, self.level) == (other.printed_type, other.level)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from other interests of its record."""
        return self.printed_type, self.level, self.low, self.high, self.start


def holdings(versions: Sequence[Stated], parties: Parties, descriptor: Descriptor) -> list[Row]:
    """Rows of a record, of which `versions` are the statements in their order.

    Raises:
        UnexpectedValueError: A value is missing or unknown, or a party is not among the statements.
    """
    last = versions[-1]
    owner, holder, rows = _owner(last, parties, descriptor)
    owned = _subject(last, parties)
    if owner is None or owned is None:
        return []
    kept: dict[tuple[object, ...], _Interest] = {}
    has_chain = bool(last.details.get("componentRecords") or last.details.get("componentStatementIDs"))
    for version in versions:
        printed = _interests(version, descriptor)
        kept = _replaced(kept, {one.key: one for one in printed}, version)
    if any(one.type == "nominee" for one in kept.values()):
        holder = holder or "nominee"
    made: dict[str, Ownership] = {}
    for one in kept.values():
        row = _row(one, owner, owned, holder, versions[0].record, has_chain=has_chain)
        if row is not None:
            made.setdefault(row.id, row)
    return [*rows, *made.values()] if made else []


def _owner(statement: Stated, parties: Parties, descriptor: Descriptor) -> tuple[str | None, str | None, list[Row]]:
    """Id of the interested party, whether it is unknown, and the entity that stands for one that is not named."""
    at, printed = statement.at, statement.details.get("interestedParty")
    unspecified = printed.get("unspecified", printed) if isinstance(printed, dict) else None
    reason = text(unspecified, "reason")
    if reason is not None:
        kind = at.known("reason", _camel(reason), descriptor.lookup("reasons"))
        if kind == "none":
            return None, None, []
        said = ", ".join(part for part in (reason, text(unspecified, "description")) if part)
        made = Entity(
            id=f"{PREFIX}unspecified:{statement.record}",
            schema="LegalEntity",
            caption="Not named",
            note=f"stands for nobody known: {said}",
        )
        return made.id, "unknown", [made]
    named = _reference(printed, "describedByEntityStatement", "describedByPersonStatement")
    if named is None:
        raise at.error("no interestedParty", f"{printed!r:.120}; expected a record, a statement or a reason")
    found = parties.entity_of(named)
    if found is None:
        raise at.error("names a party that no statement describes", f"interestedParty {named}")
    return found, "unknown" if parties.is_unknown(named) else None, []


def _subject(statement: Stated, parties: Parties) -> str | None:
    at, printed = statement.at, statement.details.get("subject")
    if text(printed, "reason") is not None:
        return None  # the subject itself is not named, so nobody is held
    named = _reference(printed, "describedByEntityStatement")
    if named is None:
        raise at.error("no subject", f"{printed!r:.120}; expected a record or a statement")
    found = parties.entity_of(named)
    if found is None:
        raise at.error("names a party that no statement describes", f"subject {named}")
    return found


def _reference(printed: Any, *names: str) -> str | None:  # noqa: ANN401 (JSON)
    if isinstance(printed, str):
        return printed
    return next((found for name in names if (found := text(printed, name)) is not None), None)


def _replaced(
    before: dict[tuple[object, ...], _Interest], now: dict[tuple[object, ...], _Interest], version: Stated
) -> dict[tuple[object, ...], _Interest]:
    """What is held after a further statement."""
    known = version.published
    kept = {}
    for key, one in before.items():
        again = now.pop(key, None)
        if again is not None:
            end_published = known if again.end is not None and one.end is None else one.end_published
            one = replace(one, end=again.end or one.end, end_published=end_published)
        elif one.end is None:
            end, note = version.day, "no longer stated, its end is not printed"
            # Another share of the same start began when it was stated: the day printed is that of the interest.
            begun = [
                new.start
                for new in now.values()
                if new.start is not None and one.is_like(new) and (one.start is None or one.start < new.start)
            ]
            if begun and version.day is not None and min(begun) <= version.day:
                end, note = min(begun), "replaced on the day another share began"
            one = replace(one, end=end, end_published=known, notes=(*one.notes, note))
        kept[key] = one
    for key, one in now.items():
        # The same interest with another share began when that was stated, not when the interest did.
        is_changed = any(one.is_like(old) and one.start == old.start for old in before.values())
        kept[key] = replace(one, start=version.day) if is_changed and version.day is not None else one
    if version.is_closed:
        for key, one in kept.items():
            if one.end is None:
                kept[key] = replace(one, end=version.day, end_published=known, notes=(*one.notes, "record closed"))
    return kept


def _interests(version: Stated, descriptor: Descriptor) -> list[_Interest]:
    at = version.at
    found = []
    # Without any, it states that there is an interest, and not which.
    for one in objects(at, version.details, "interests") or [{}]:
        unknown = sorted(one.keys() - _INTEREST)
        if unknown:
            raise at.error("unknown field", f"{', '.join(unknown)[:200]} of an interest")
        printed = text(one, "type") or "unknownInterest"
        kind = at.known("type of interest", _camel(printed), descriptor.lookup("interests"))
        level = at.known(
            "directOrIndirect", text(one, "directOrIndirect") or text(one, "interestLevel") or "direct", _LEVELS
        )
        start, end = (last_day(at, name, text(one, name)) for name in ("startDate", "endDate"))
        if start is not None and end is not None and end < start:
            raise at.error("ends before it starts", f"{end} is before {start}")
        low, high = _share(at, one.get("share"))
        periods = [(word, text(one, f"{word}Date")) for word in ("start", "end")]
        # A month or a year stands for its last day, by which it was so.
        notes = tuple(f"{word} printed as {day}" for word, day in periods if day is not None and len(day) < _WHOLE_DAY)
        found.append(_Interest(kind, printed, level, low, high, start, end, version.published, notes))
    return found


def _share(at: Record, share: Any) -> tuple[Decimal | None, Decimal | None]:  # noqa: ANN401 (JSON)
    """Bounds of a share; up to version 0.3 an exclusive bound is a flag beside it, since then a number of its own."""
    if share is None:
        return None, None
    if not isinstance(share, dict):
        raise at.error("share is no object", f"{share!r:.80}")
    unknown = share.keys() - {"exact", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    if unknown:
        raise at.error("unknown field", f"{', '.join(sorted(unknown))[:200]} of share")
    exact, low, high = (_number(at, share, name) for name in ("exact", "minimum", "maximum"))
    above, below = (_number(at, share, name) for name in ("exclusiveMinimum", "exclusiveMaximum"))
    if share.get("exclusiveMinimum") is True and low is not None:
        low += _LEAST
    if share.get("exclusiveMaximum") is True and high is not None:
        high -= _LEAST
    low = low if above is None else above + _LEAST
    high = high if below is None else below - _LEAST
    if exact is not None:
        low = high = exact
    if not (low or 0) <= (100 if high is None else high) <= 100 or (low or 0) < 0:
        raise at.error("share is no percentage", f"{share!r:.120}; expected bounds from 0 to 100")
    return low, high


def _number(at: Record, share: dict[str, Any], name: str) -> Decimal | None:
    found = share.get(name)
    if found is None or isinstance(found, bool):
        return None
    if not isinstance(found, int | float):
        raise at.error("share is no number", f"{name} {found!r:.40}")
    number = Decimal(str(found))
    if not number.is_finite() or abs(number) > 1000:
        raise at.error("share is no percentage", f"{name} {str(found)[:40]}; expected a number from 0 to 100")
    rounded = round(number, 6)
    return (number if rounded == number else rounded) + 0  # no -0


def _row(
    one: _Interest, owner: str, owned: str, holder: str | None, record: str, *, has_chain: bool
) -> Ownership | None:
    """A holding; None where the interest is none, or says again what a stated chain says."""
    if not one.type or (one.level == "indirect" and has_chain):
        return None
    kind, low, high, notes = one.type, one.low, one.high, [*one.notes]
    if kind == "nominee":
        kind = "control"
    if kind == "control":
        notes += [_share_text(low, high)] if (low, high) != (None, None) else []
        low = high = None
        notes.insert(0, one.printed_type)
    elif one.level == "indirect":
        notes.insert(0, f"indirect {one.printed_type}{_share_text(low, high, ' of ')}; the chain is not stated")
        kind, low, high = "control", None, None
    elif one.level == "unknown":
        notes.insert(0, f"direct or indirect: not known{_share_text(low, None, '; at least ') if low else ''}")
        low = None
    if one.start is not None and one.end is not None and one.end < one.start:
        return None  # replaced on the day it was stated
    return Ownership(
        # A record may print several interests of one kind that began on one day.
        id=f"{owner}>{owned}:{kind}@{one.start or ''}:{record}:{one.printed_type}{_share_id(one)}",
        owner_id=owner,
        owned_id=owned,
        percentage_low=low,
        percentage_high=high,
        ownership_type=kind,
        holder=holder,
        valid_from=one.start,
        valid_to=one.end,
        published_at=one.published,
        end_published_at=one.end_published,
        note="; ".join(notes) or None,
    )


def _share_id(one: _Interest) -> str:
    bounds = ["" if bound is None else f"{bound.normalize():f}" for bound in (one.low, one.high)]
    return f":{'-'.join(dict.fromkeys(bounds))}" if any(bounds) else ""


def _share_text(low: Decimal | None, high: Decimal | None, before: str = "share printed as ") -> str:
    shown = [f"{one.normalize():f}" for one in (low, high) if one is not None]
    return f"{before}{' to '.join(dict.fromkeys(shown))} %" if shown else ""


def _camel(printed: str) -> str:
    """The spelling of 0.3 and 0.4 for a code of 0.2, such as `voting-rights`."""
    return _KEBAB.sub(lambda match: match.group(1).upper(), printed)
