"""What two sides of a pair have in common, and in what they differ, in sentences."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from beholden.kb.identity import sort_of
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from beholden.schema.side import Side


def alike(one: Side, other: Side, *, told: Iterable[str]) -> list[str]:
    """What both sides say, but for what a sentence tells already.

    Args:
        one: A side.
        other: The other.
        told: Sentences that stand beside these.
    """
    before = " ".join(told).casefold()
    names = {normalise(name) for name in other.names}
    called = [(name, f"both are called “{name}”") for name in one.names if normalise(name) in names]
    found = [] if "called “" in before else called[:1]
    found += [(number, f"both have the {number}") for number in one.identifiers if number in other.identifiers]
    found += [(day, f"both were born on {day}") for day in one.birth_dates if day in other.birth_dates]
    places = [place for place in one.jurisdictions if place in other.jurisdictions]
    found += [(f"of {place}", f"both are of {place.upper()}") for place in places]
    return [sentence for value, sentence in found if value.casefold() not in before]


def unlike(one: Side, other: Side) -> list[str]:
    """What both sides say otherwise; where only one says something, nothing follows."""
    told = []
    mine, theirs = sort_of(one.schema), sort_of(other.schema)
    if mine is not None and theirs is not None and mine != theirs:
        told.append(f"one is a {mine}, the other a {theirs}")
    if _differ(one.birth_dates, other.birth_dates):
        told.append(f"birth dates differ: {', '.join(one.birth_dates)} and {', '.join(other.birth_dates)}")
    if _differ(one.jurisdictions, other.jurisdictions):
        told.append(f"places differ: {_places(one)} and {_places(other)}")
    # Two lists number by themselves: that says nothing. Two values of one kind do.
    ours, others = _by_kind(one.identifiers), _by_kind(other.identifiers)
    told += [
        f"their {kind} differs: {', '.join(ours[kind])} and {', '.join(others[kind])}"
        for kind in sorted(ours.keys() & others.keys())
        if _differ(ours[kind], others[kind])
    ]
    if _differ([normalise(name) for name in one.names], [normalise(name) for name in other.names]):
        told.append("no name in common")
    return told


def _by_kind(numbers: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for number in numbers:
        kind, _, value = number.partition(" ")
        found[kind].append(value)
    return found


def _differ(one: Sequence[str], other: Sequence[str]) -> bool:
    return bool(one) and bool(other) and not set(one) & set(other)


def _places(side: Side) -> str:
    return ", ".join(place.upper() for place in side.jurisdictions)
