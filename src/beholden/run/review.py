"""Pairs of ids that may mean one party: which are doubtful, what speaks for and against, and what a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations, islice
from typing import TYPE_CHECKING, cast

from beholden.compile import (
    DECISIONS_FILE,
    Decision,
    home,
    read_decisions,
    redecide,
    standing_decisions,
    without_last,
)
from beholden.errors import LookupFailedError
from beholden.kb.identity import MEANT_BY, numbering
from beholden.run.describe import describe
from beholden.run.likeness import alike, unlike
from beholden.run.lookup import parties_called
from beholden.schema.review import Review, ReviewDecision, ReviewPair, ReviewSide
from beholden.schema.side import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Resolution

SHOWN = ("doubtful", "decided", "joined", "names", "open")
# Joined by less than a number or an entry that both have.
_WEAK = "name_and_more"
# Enough to tell two parties apart.
_MOST = 12
_NAME_ALONE = "a name alone joins nothing"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pairs are asked for.

    Attributes:
        show: One of `SHOWN`.
        about: An id, a name, or words of one; None: all.
        page: From 1.
        limit: Pairs a page.
    """

    show: str = "doubtful"
    about: str | None = None
    page: int = 1
    limit: int = 20


def review(kb: KnowledgeBase, decisions: Sequence[Decision], wanted: Wanted, *, as_of: date) -> Review:
    """The pairs that are asked for, with both sides.

    Raises:
        LookupFailedError: Nothing is called as asked.
    """
    looking = _Looking(kb, decisions)
    about = None if wanted.about is None else frozenset(parties_called(kb, wanted.about))
    first = (wanted.page - 1) * wanted.limit
    total: int | None = None
    if wanted.show in ("names", "open"):
        # Which pairs have a name in common is not counted: that goes through every name of the base.
        doubtful = looking.rows("doubtful") if wanted.show == "open" else ()
        kept = (row for row in doubtful if about is None or _ids_of(row) & about)
        walk: Iterator[Resolution | tuple[str, str, str]] = chain(kept, looking.of_one_name(about))
        found = list(islice(walk, first, first + wanted.limit + 1))
        more = len(found) > wanted.limit
        pairs = [
            looking.named_alike(row) if isinstance(row, tuple) else looking.pair(row) for row in found[: wanted.limit]
        ]
    else:
        rows = [row for row in looking.rows(wanted.show) if about is None or _ids_of(row) & about]
        total, more = len(rows), len(rows) > first + wanted.limit
        pairs = [looking.pair(row) for row in rows[first : first + wanted.limit]]
    return Review(
        as_of=as_of.isoformat(),
        kb=describe(kb, as_of, None),
        show=wanted.show,
        about=wanted.about,
        page=wanted.page,
        limit=wanted.limit,
        total=total,
        more=more,
        decided=len(looking.standing),
        pairs=pairs,
        without_effect=[_told(item) for item in looking.idle()],
    )


def decide(kb: KnowledgeBase, decision: Decision, *, as_of: date) -> Review:
    """Write a decision down and put the base that follows from it in use.

    Raises:
        LookupFailedError: An id is not known.
        UsageError: It contradicts other decisions, or no publication is held.
    """
    for one in (decision.one, decision.other):
        if kb.entity(kb.canonical(one)) is None:
            raise LookupFailedError(
                f"no party has the id {one}", code="review.unknown-id", hint="`beholden kb review` prints the ids"
            )
    made = redecide(home(), lambda before: [*before, decision])
    return _done(made.base, decision.decided, decision, as_of)


def take_back(kb: KnowledgeBase, one: str, other: str, *, as_of: date) -> Review:
    """Take the last decision about two ids back; the one before it, if there is one, stands again.

    Raises:
        LookupFailedError: There is no decision about them, or they may mean several.
    """
    gone: list[Decision] = []

    def change(before: list[Decision]) -> list[Decision]:
        gone.append(_meant(kb, before, one, other))
        return without_last(before, gone[0].pair)

    made = redecide(home(), change)
    return _done(made.base, "undone", gone[0], as_of)


def _done(kb: KnowledgeBase, done: str, decision: Decision, as_of: date) -> Review:
    """The document of a change: the pair as it stands now."""
    looking = _Looking(kb, read_decisions(home() / DECISIONS_FILE))
    ids = {decision.one, decision.other}
    pairs = [looking.pair(row) for row in _rows(kb) if ids <= _ids_of(row) | _parties(kb, row)]
    return Review(
        as_of=as_of.isoformat(),
        kb=describe(kb, as_of, None),
        show="decided",
        about=None,
        done=done,
        decision=_told(decision),
        page=1,
        limit=len(pairs),
        total=len(pairs),
        more=False,
        decided=len(looking.standing),
        pairs=pairs,
        without_effect=[_told(item) for item in looking.idle()],
    )


def _parties(kb: KnowledgeBase, row: Resolution) -> set[str]:
    return {name for one in (row.entity_id, row.referent) for name in kb.referents(one)}


def _meant(kb: KnowledgeBase, decisions: Sequence[Decision], one: str, other: str) -> Decision:
    """The decision about two ids, by the ids of then or by those that the parties have now."""
    stand = standing_decisions(decisions)
    found = [item for item in stand if item.pair == {one, other}]
    if not found:
        now = {kb.canonical(one), kb.canonical(other)}
        found = [item for item in stand if {kb.canonical(name) for name in item.pair} == now]
    if len(found) == 1:
        return found[0]
    if found:
        listed = "\n".join(f"  {item.one} {item.other}: {item.decided}, {item.because}" for item in found)
        raise LookupFailedError(
            f"several decisions are about {one} and {other}:\n{listed}",
            code="review.ambiguous",
            hint="name the two ids of one of them",
        )
    raise LookupFailedError(
        f"nothing was decided here about {one} and {other}",
        code="review.no-decision",
        hint="`beholden kb review --show decided` lists what was",
    )


class _Looking:
    """A base and what was decided, looked at pair by pair."""

    def __init__(self, kb: KnowledgeBase, decisions: Sequence[Decision]) -> None:
        self._kb = kb
        self._decisions = decisions
        self.standing = standing_decisions(decisions)
        self._same = {item.pair: item for item in self.standing if item.decided == "same"}
        # Parties that were kept apart may have other ids by now.
        self._apart = {
            frozenset(kb.canonical(name) for name in item.pair): item
            for item in self.standing
            if item.decided == "apart"
        }

    def rows(self, show: str) -> Iterator[Resolution]:
        """The decisions of the base that are asked for, in its order."""
        for row in _rows(self._kb):
            is_decided = row.rule == "reviewed" or self._decision(row) is not None
            is_joined = row.joins
            if show == "decided":
                is_shown = is_decided
            elif show == "joined":
                is_shown = is_joined
            else:
                is_shown = not is_decided and (row.rule == _WEAK or not is_joined)
            if is_shown:
                yield row

    def pair(self, row: Resolution) -> ReviewPair:
        """A decision of the base with both sides."""
        is_joined = row.joins
        one, other = row.sides if row.sides else (self._side(row.entity_id), self._side(row.referent))
        said = [text for text in (row.reason, row.despite) if text is not None]
        likeness = alike(one, other, told=said)
        differences = unlike(one, other) if is_joined else []
        decision = self._decision(row)
        reason = [row.reason] if decision is None else []
        despite = [row.despite] if row.despite is not None else []
        return ReviewPair(
            standing="joined" if is_joined else "open" if row.rule == "open" else "kept_apart",
            rule=row.rule,
            entity=row.entity_id if is_joined else None,
            speaks_for=[*(reason if is_joined else despite), *likeness],
            speaks_against=[*(despite if is_joined else reason), *differences],
            sides=[self._shown(one), self._shown(other)],
            source=row.source_id,
            decision=None if decision is None else _told(decision),
            earlier=[_told(item) for item in self._earlier(decision)],
        )

    def of_one_name(self, about: frozenset[str] | None) -> Iterator[tuple[str, str, str]]:
        """Two ids of two numberings that have a name in common, and it; nothing was found that would join them."""
        seen = {frozenset((row.entity_id, row.referent)) for row in self._kb.declined()}
        for norm in self._norms(about):
            names = {row.entity_id: row.name for row in self._kb.named([norm]) if row.kind in MEANT_BY}
            for one, other in combinations(sorted(names), 2):
                both = frozenset((one, other))
                if numbering(one) == numbering(other) or both in seen or (about is not None and not both & about):
                    continue
                seen.add(both)
                yield one, other, names[one]

    def named_alike(self, found: tuple[str, str, str]) -> ReviewPair:
        """A pair that has a name in common and nothing that joins it."""
        one, other = self._side(found[0]), self._side(found[1])
        name = f"both are called “{found[2]}”"
        return ReviewPair(
            standing="kept_apart",
            rule="same_name",
            entity=None,
            speaks_for=[name, *alike(one, other, told=[name])],
            speaks_against=[_NAME_ALONE, *unlike(one, other)],
            sides=[self._shown(one), self._shown(other)],
            source=None,
            decision=None,
            earlier=[],
        )

    def idle(self) -> list[Decision]:
        """Decisions that no row of the base rests on: their ids are gone, or something else joins them as well."""
        used = {item.pair for row in _rows(self._kb) if (item := self._decision(row)) is not None}
        return [item for item in self.standing if item.pair not in used]

    def _norms(self, about: frozenset[str] | None) -> Iterable[str]:
        if about is None:
            return (norm for norm, _ in self._kb.shared_norms())
        return sorted({row.norm for one in about for row in self._kb.names(one) if row.kind in MEANT_BY and row.norm})

    def _decision(self, row: Resolution) -> Decision | None:
        if row.rule == "declined":
            return self._apart.get(frozenset((row.entity_id, row.referent)))
        if row.rule == "reviewed" and row.sides:
            return self._same.get(frozenset(side.id for side in row.sides))
        return None

    def _earlier(self, decision: Decision | None) -> list[Decision]:
        if decision is None:
            return []
        return [item for item in self._decisions if item.pair == decision.pair and item is not decision]

    def _side(self, entity_id: str) -> Side:
        """What the base says of an id that is one of its parties."""
        entity = self._kb.entity(entity_id)
        if entity is None:
            return Side(id=entity_id)
        kb = self._kb
        lists = {f"{row.regime_id}: {row.listed_as}" for row in kb.designations(entity_id)}
        names = [entity.caption, *(row.name for row in kb.names(entity_id))]
        return Side(
            id=entity_id,
            schema=entity.schema,
            names=list(dict.fromkeys(names)),
            jurisdictions=entity.jurisdictions,
            addresses=entity.addresses,
            birth_dates=entity.birth_dates,
            identifiers=sorted({f"{row.kind} {row.value}" for row in kb.identifiers(entity_id)}),
            lists=sorted(lists),
        )

    def _shown(self, side: Side) -> ReviewSide:
        return ReviewSide(
            id=side.id,
            schema=side.schema,
            names=side.names[:_MOST],
            jurisdictions=side.jurisdictions[:_MOST],
            addresses=side.addresses[:_MOST],
            birth_dates=side.birth_dates[:_MOST],
            identifiers=side.identifiers[:_MOST],
            lists=side.lists[:_MOST],
            other_ids=list(self._kb.referents(side.id))[:_MOST],
        )


def _rows(kb: KnowledgeBase) -> Iterator[Resolution]:
    """Every id that stands for a party and every pair that is kept apart, in the order of the base."""
    return cast("Iterator[Resolution]", kb.rows("resolutions"))


def _ids_of(row: Resolution) -> set[str]:
    return {row.entity_id, row.referent, *(side.id for side in row.sides)}


def _told(item: Decision) -> ReviewDecision:
    return ReviewDecision(
        one=item.one,
        other=item.other,
        decided=item.decided,
        because=item.because,
        on=item.on.isoformat() if item.on else None,
        by=item.by,
    )
