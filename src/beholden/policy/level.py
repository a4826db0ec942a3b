"""level = f(listing, consequence, binding, match): DESIGN section 4, as one pure function."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.schema.vocabulary import ConsequenceStatus, Effect, Level, ListingStatus


@dataclass(frozen=True, slots=True)
class Facts:
    """What a level follows from.

    Attributes:
        listing: Standing of the party, the last-known one where our copy ends earlier.
        consequence: Standing of the rule.
        by_text: What the rule's own text says where its standing is unknown.
        effect: What the rule does.
        is_bound: Whether it binds a role of ours (or no profile was given).
        is_covered_conduct: Whether it touches what we do.
        is_reached: Whether it reaches the operator: listed itself, or covered by ownership.
        is_open: Whether match, share, control, the entry's meaning or an exception is still unresolved.
        is_passed_on: Whether it reaches a role of ours through its dealings with those whom it binds.
        is_excepted: Whether an exception, an authorisation or an answer takes the act out of it.
    """

    listing: ListingStatus
    consequence: ConsequenceStatus
    by_text: ConsequenceStatus | None
    effect: Effect | None
    is_bound: bool
    is_covered_conduct: bool
    is_reached: bool
    is_open: bool
    is_passed_on: bool = False
    is_excepted: bool = False


def level_of(facts: Facts) -> tuple[Level, Level | None]:
    """The level, and for `review` the level if what is open turns out against us.

    Args:
        facts: See `Facts`.
    """
    if facts.listing is not ListingStatus.LISTED or not facts.is_covered_conduct:
        return Level.INFO, None
    if not facts.is_reached or facts.is_excepted:
        return Level.INFO, None
    if not facts.is_bound:
        # It never forbids us anything; that our customers will be bound is worth knowing before they are.
        is_coming = facts.is_passed_on and _level(facts.consequence, facts.effect) is Level.UPCOMING
        return (Level.UPCOMING if is_coming else Level.INFO), None
    if facts.consequence is ConsequenceStatus.UNKNOWN:
        # Where not even its text says what comes, what is open turns out against us: it is in force.
        confirmed = _level(facts.by_text or ConsequenceStatus.IN_FORCE, facts.effect)
        return Level.REVIEW, confirmed
    level = _level(facts.consequence, facts.effect)
    if facts.is_open and level in (Level.PROHIBITED, Level.RESTRICTED):
        return Level.REVIEW, level
    return level, None


def _level(status: ConsequenceStatus, effect: Effect | None) -> Level:
    match status:
        case ConsequenceStatus.IN_FORCE:
            return Level.PROHIBITED if effect is Effect.PROHIBIT else Level.RESTRICTED
        case ConsequenceStatus.UPCOMING | ConsequenceStatus.SUSPENDED | ConsequenceStatus.STAYED:
            return Level.UPCOMING
        case ConsequenceStatus.ENDED | ConsequenceStatus.NOT_IN_FORCE:
            return Level.INFO
        case ConsequenceStatus.UNKNOWN:
            return Level.REVIEW
