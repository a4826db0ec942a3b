"""Suppositions → rows laid over a base: a listing, its end, a suspension, a holding. The base itself stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import msgspec

from beholden.compile import overlaid
from beholden.errors import UsageError
from beholden.kb.law import consequence_state, ownership_rule_state
from beholden.kb.listing import listing_state
from beholden.policy.amounts import plain
from beholden.run.lookup import entity_called
from beholden.run.supposable import check_target, list_called, party_called
from beholden.schema.comparison import Hypothesis
from beholden.schema.rows import HYPOTHESIS, Designation, EffectRow, Ownership, Row, SourceRow
from beholden.schema.vocabulary import ConsequenceStatus, ListingStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.law import ConsequenceState
    from beholden.schema.rows import Entity

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Designate:
    """A party is listed from a day on."""

    entity: str
    regime: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A party is on a list no longer from a day on."""

    entity: str
    regime: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspend:
    """A consequence, an ownership rule, or all those of a list, are suspended."""

    target: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sell:
    """A holding is so many percent from a day on; 0: none."""

    owner: str
    owned: str
    percentage: Decimal
    on: date


Wish = Designate | Lift | Suspend | Sell


def read_sale(text: str, on: date) -> Sell:
    """A sale as the command line has it: `OWNER>OWNED=PCT`.

    Raises:
        UsageError: It is written another way, or the share is not between 0 and 100.
    """
    parties, equals, share = text.rpartition("=")
    owner, arrow, owned = (part.strip() for part in parties.partition(">"))
    if not (equals and arrow and owner and owned):
        hint = "put it in quotes: a shell takes > for itself"
        raise UsageError(f"“{text}” is not OWNER>OWNED=PCT", code="whatif.wrong-holding", hint=hint)
    try:
        percentage = Decimal(share.strip().removesuffix("%").strip())
    except InvalidOperation:
        percentage = Decimal("NaN")
    if not (percentage.is_finite() and 0 <= percentage <= _HUNDRED):
        raise UsageError(
            f"“{text}”: the share after the sale is a number of percent from 0 to 100", code="whatif.wrong-holding"
        )
    return Sell(owner=owner, owned=owned, percentage=percentage, on=on)


@dataclass(frozen=True, slots=True)
class Supposed:
    """A base with hypotheses laid over it.

    Attributes:
        kb: Answers as if they were so.
        hypotheses: As they were understood, in the order given.
        days: The days from which each of those that change something can make a difference, in order.
    """

    kb: KnowledgeBase
    hypotheses: list[Hypothesis]
    days: tuple[date, ...]


def suppose(base: KnowledgeBase, wishes: Sequence[Wish], *, known_at: date | None) -> Supposed:
    """Lay hypotheses over a base, one after another: each sees what those before it made of it.

    Args:
        base: As it is.
        wishes: In the order in which they take place.
        known_at: By which clock a party counts as listed already.

    Raises:
        LookupFailedError: A name means several entities, or none.
        UsageError: No such list or rule, or one that names no party.
    """
    laid = _Laid(base, known_at)
    described = [laid.lay(wish) for wish in wishes]
    differing = [wish for wish, row in zip(wishes, described, strict=True) if not row.changes_nothing]
    return Supposed(laid.kb, described, tuple(sorted({day for wish in differing for day in _days(base, wish)})))


def _days(kb: KnowledgeBase, wish: Wish) -> Iterator[date]:
    """Its day; and where rules are suspended from before they apply, each day on which one would."""
    if not isinstance(wish, Suspend):
        yield wish.on
        return
    yield wish.since
    rules = [row for rows in kb.consequences.values() for row in rows if wish.target in (row.id, row.regime_id)]
    tests = [row for row in kb.ownership_rules if wish.target in (row.id, row.regime_id)]
    for begins in (*(row.applies_from for row in rules), *(row.valid_from for row in tests)):
        if begins is not None and begins > wish.since and (wish.until is None or begins < wish.until):
            yield begins


@dataclass(slots=True)
class _Laid:
    """The rows that differ from the base, by id."""

    base: KnowledgeBase
    known_at: date | None
    designations: dict[str, Designation] = field(default_factory=dict)
    # Whole links by owner and owned: a row may share its id with another of the same link, and hides both.
    links: dict[tuple[str, str], list[Ownership]] = field(default_factory=dict)
    effects: dict[str, EffectRow] = field(default_factory=dict)

    @property
    def kb(self) -> KnowledgeBase:
        """The base with them laid over it."""
        tables: dict[str, list[Row]] = {
            "designations": list(self.designations.values()),
            "ownership": [row for rows in self.links.values() for row in rows],
            "effects": list(self.effects.values()),
        }
        if not any(tables.values()):
            return self.base
        title = "A hypothesis of this question; no publication says it"
        tables["sources"] = [SourceRow(id=HYPOTHESIS, title=title)]
        return overlaid(self.base, tables)

    def lay(self, wish: Wish) -> Hypothesis:
        match wish:
            case Designate():
                return self._designate(wish)
            case Lift():
                return self._lift(wish)
            case Suspend():
                return self._suspend(wish)
            case Sell():
                return self._sell(wish)

    def _designate(self, wish: Designate) -> Hypothesis:
        regime, entity = list_called(self.base, wish.regime), party_called(self.base, wish.entity)
        state = listing_state(self.kb, regime, entity.id, as_of=wish.on, known_at=self.known_at)
        said = Hypothesis(
            kind="designate",
            text=f"{entity.caption} is listed on {regime.id} from {wish.on}",
            on=wish.on.isoformat(),
            entity=entity.id,
            regime=regime.id,
        )
        if state.effective is ListingStatus.LISTED:
            since = f" since {state.designation.valid_from}" if state.designation else ""
            said.changes_nothing, said.note = True, f"it is listed already{since}, as far as our copy goes"
            return said
        row = Designation(
            id=f"{HYPOTHESIS}:{regime.id}:{entity.id}:{wish.on}",
            regime_id=regime.id,
            entity_id=entity.id,
            citation="a hypothesis of this question",
            valid_from=wish.on,
            source_id=HYPOTHESIS,
        )
        self.designations[row.id] = row
        notes = []
        if not regime.loaded:
            notes.append(f"{regime.id} is not loaded: who else is on it is not known here")
        elif regime.is_partial:
            notes.append(f"our copy of {regime.id} is a part of it: who else is on it is not known here")
        scoped = [
            rule.id
            for rule in self.base.consequences.get(regime.id, ())
            if rule.scope_entities and entity.id not in rule.scope_entities
        ]
        if scoped:
            notes.append(f"other parties only, by name: {', '.join(scoped)}")
        said.note = "; ".join(notes) or None
        return said

    def _lift(self, wish: Lift) -> Hypothesis:
        regime, entity = list_called(self.base, wish.regime), entity_called(self.base, wish.entity)
        spells = [
            row
            for row in (self.designations.get(row.id, row) for row in self.base.designations(entity.id))
            if row.regime_id == regime.id and _runs(row, wish.on, self.known_at)
        ]
        supposed = [
            row for row in self.designations.values() if (row.regime_id, row.entity_id) == (regime.id, entity.id)
        ]
        spells += [row for row in supposed if row.source_id == HYPOTHESIS and _runs(row, wish.on, self.known_at)]
        for row in spells:
            if row.source_id == HYPOTHESIS and row.valid_from is not None and row.valid_from >= wish.on:
                del self.designations[row.id]  # it was only supposed, and never began
                continue
            # A spell that would begin later is left without a day: a layer can hide a row below it, not remove it.
            end = max(wish.on, row.valid_from or wish.on)
            self.designations[row.id] = msgspec.structs.replace(
                row, valid_to=end, end_published_at=None, end_reason=HYPOTHESIS
            )
        return Hypothesis(
            kind="lift",
            text=f"{entity.caption} is on {regime.id} no longer from {wish.on}",
            on=wish.on.isoformat(),
            entity=entity.id,
            regime=regime.id,
            changes_nothing=not spells,
            note=None if spells else "no entry of it is known to us",
        )

    def _suspend(self, wish: Suspend) -> Hypothesis:
        check_target(self.base, wish.target)
        rests = self._rests_already(wish)
        until = f" to {wish.until}" if wish.until else ""
        if wish.until is not None and wish.until <= wish.since:
            raise UsageError(
                f"a suspension of {wish.target} from {wish.since}{until} has no day", code="whatif.wrong-dates"
            )
        row = EffectRow(
            id=f"{HYPOTHESIS}:{wish.target}:{wish.since}",
            kind="suspension",
            target_id=wish.target,
            valid_from=wish.since,
            valid_to=wish.until,
            reverts_automatically=wish.until is not None,
            # What is supposed is known to its end, whatever our copy of the list covers.
            checked_until=wish.until,
            citation="a hypothesis of this question",
            source_id=HYPOTHESIS,
        )
        self.effects[row.id] = row
        return Hypothesis(
            kind="suspend",
            text=f"{wish.target} is suspended from {wish.since}{until}",
            on=wish.since.isoformat(),
            until=wish.until.isoformat() if wish.until else None,
            target=wish.target,
            note=f"it is {rests.status} already{f', until {rests.until}' if rests.until else ''}" if rests else None,
        )

    def _rests_already(self, wish: Suspend) -> ConsequenceState | None:
        """The standing of a rule that rests by a text that we hold; a list and its rules are told by their table."""
        kb, day, known = self.kb, wish.since, self.known_at
        states = [
            consequence_state(kb, row, designation=None, entity_id=None, as_of=day, known_at=known)
            for rows in kb.consequences.values()
            for row in rows
            if row.id == wish.target
        ]
        states += [
            ownership_rule_state(kb, row, as_of=day, known_at=known)
            for row in kb.ownership_rules
            if row.id == wish.target
        ]
        resting = (ConsequenceStatus.SUSPENDED, ConsequenceStatus.STAYED)
        return next((state for state in states if state.status in resting), None)

    def _sell(self, wish: Sell) -> Hypothesis:
        owner, owned = entity_called(self.base, wish.owner), entity_called(self.base, wish.owned)
        if owner.id == owned.id:
            raise UsageError(f"{owner.id} cannot hold itself", code="whatif.wrong-holding")
        said = self._said_of_sale(wish, owner, owned)
        link = (owner.id, owned.id)
        rows = self.links.get(link) or [
            row for row in self.base.owners(owned.id) if owner.id in (row.owner_id, row.held_for)
        ]
        # What a share makes of control is a question of fact: a control link goes only with the whole holding.
        open_rows = [row for row in rows if _runs(row, wish.on, self.known_at)]
        ends = [row for row in open_rows if not wish.percentage or row.ownership_type in ("capital", "voting")]
        if wish.percentage and ends and all(_is_just(row, wish, self.known_at) for row in ends):
            said.changes_nothing, said.note = True, "it holds that much already"
            return said
        if not wish.percentage and not ends:
            said.changes_nothing, said.note = True, "no such holding is known to us"
            return said
        if wish.percentage and len(open_rows) > len(ends):
            said.note = "a link of control or affiliation between them stays; a share of 0 ends it too"
        left = [_ended(row, wish.on) if row in ends else row for row in rows]
        # A nominee goes on holding for whom he held.
        # Where it is held in several hands, the whole share is put into the first: the own one before a nominee's.
        hands = {hand[0]: hand for hand in sorted(map(_hand, ends), key=lambda hand: hand[2:], reverse=True)}
        hands = hands or {"capital": ("capital", owner.id, "", "")}
        self.links[link] = left + [_stake(wish, owned.id, *hands[kind]) for kind in sorted(hands) if wish.percentage]
        return said

    def _said_of_sale(self, wish: Sell, owner: Entity, owned: Entity) -> Hypothesis:
        share = plain(wish.percentage)
        holds = f"holds {share} %" if wish.percentage else "holds nothing"
        return Hypothesis(
            kind="sell",
            text=f"{owner.caption} {holds} of {owned.caption} from {wish.on}",
            on=wish.on.isoformat(),
            owner=owner.id,
            owned=owned.id,
            percentage=share,
        )


def _ended(row: Ownership, on: date) -> Ownership:
    """A stake that ends on a day; one that would begin later never does."""
    # A hypothesis holds on both clocks: whatever was public, its end was.
    return msgspec.structs.replace(row, valid_to=max(on, row.valid_from or on), end_published_at=date.min)


def _runs(row: Ownership | Designation, on: date, known_at: date | None) -> bool:
    """Whether it has not ended by a day, as far as its end was public."""
    ended = row.ended(known_at)
    return ended is None or ended > on


_Hand = tuple[str, str, str, str]


def _hand(row: Ownership) -> _Hand:
    """Kind of share, who holds it, in which quality, and for whom."""
    return row.ownership_type, row.owner_id, row.holder or "", row.beneficiary_id or ""


def _stake(wish: Sell, owned_id: str, kind: str, owner_id: str, holder: str, beneficiary: str) -> Ownership:
    quality = f":{holder}:{beneficiary}" if holder else ""
    return Ownership(
        id=f"{HYPOTHESIS}:{owner_id}>{owned_id}:{kind}{quality}:{wish.on}",
        owner_id=owner_id,
        owned_id=owned_id,
        percentage_low=wish.percentage,
        percentage_high=wish.percentage,
        ownership_type=kind,
        holder=holder or None,
        beneficiary_id=beneficiary or None,
        valid_from=wish.on,
        source_id=HYPOTHESIS,
    )


def _is_just(row: Ownership, wish: Sell, known_at: date | None) -> bool:
    return row.stands(wish.on, known_at) and row.percentage_low == row.percentage_high == wish.percentage
