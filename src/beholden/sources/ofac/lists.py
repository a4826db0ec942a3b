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
    # Where the party is on another list of this publication, the programme may as well be that of its SDN entry.
    others = [regime for regime in regimes if regime and regime != _DIRECTIVES]
    if not others and _DIRECTIVES in regimes:
        others = _by_directive(party)
    if not others:
        raise party.record.error(
            "programmes of no list of this publication",
            f"{', '.join(party.programmes)}; expected one of {', '.join(tag for tag in table if table[tag])}",
        )
    party.lists.update(dict.fromkeys(others))


def _by_directive(party: Party) -> list[str]:
    """CAPTA for Directive 2 under EO 14024, otherwise menu-based sanctions."""
    printed = [what for what in party.dated if what.startswith("EO 14024")]
    found = {_CAPTA if what.endswith("Directive 2") else _MBS for what in printed}
    return sorted(found) or [_MBS]
