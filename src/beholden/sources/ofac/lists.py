"""Which lists a party is on: by the list that the file names, or by its programmes where it names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from beholden.sources.interface import Publication
    from beholden.sources.ofac.party import Party

# Programmes of EO 14024 are on the SDN list, and some directives of it on two lists beside it.
_DIRECTIVES = "by directive"
_MBS, _CAPTA = "us-ofac-mbs", "us-ofac-capta"
_ORDER, _ORDER_TEXT = "EO 14024", "Section 11 of Executive Order 14024"
_RISK = "Secondary sanctions risk"


def list_by_name(publication: Publication, party: Party, name: str, day: date | None) -> None:
    """Put a party on a list that the file names.

    Raises:
        UnexpectedValueError: No list is called so.
    """
    # An empty one is known, and another publication is the copy of it.
    regime_id = party.record.known("list", name, publication.descriptor.lookup("lists"))
    if regime_id:
        party.lists[regime_id] = min(filter(None, (day, party.lists.get(regime_id))), default=None)


def list_by_programme(publication: Publication, party: Party) -> None:
    """Put a party on the lists that its programmes belong to.

    Raises:
        UnexpectedValueError: One of them is not known, or none belongs to a list of this publication.
    """
    table = publication.descriptor.lookup("programmes")
    if "*" in table:
        regimes = [table.get(tag, table["*"]) for tag in party.programmes]
    else:
        # The others of the party do not say which list is that of one that is not known.
        regimes = [party.record.known("programme", tag, table) for tag in party.programmes]
    others = [regime for regime in regimes if regime and regime != _DIRECTIVES]
    if _DIRECTIVES in regimes:
        others += _by_directive(party, is_only=not others)
    if not others:
        raise party.record.error(
            "programmes of no list of this publication",
            f"{', '.join(party.programmes)}; expected one of {', '.join(tag for tag in table if table[tag])}",
        )
    party.lists.update(dict.fromkeys(others))


def _by_directive(party: Party, *, is_only: bool) -> list[str]:
    """CAPTA for Directive 2 under EO 14024, else menu-based sanctions; none where the programme is of the SDN list.

    A party that is on another list of this publication too (`is_only` is false) has the programme for a directive, or
    for its SDN entry. The file prints which: a directive with its days, and of those that are blocked under the order
    the risk of its section 11. OFAC takes whom it blocks off the two lists, and goes on printing the days.
    """
    printed = [what for what in party.dated if what.startswith(_ORDER)]
    is_blocked = any(note.startswith(_RISK) and _ORDER_TEXT in note for note in party.notes)
    if not is_only and (is_blocked or not printed):
        return []
    found = {_CAPTA if what.endswith("Directive 2") else _MBS for what in printed}
    return sorted(found) or [_MBS]
