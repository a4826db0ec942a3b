"""What log readers watch, over all layers of a base: the addresses and the names that somebody may stand behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from beholden.kb.answers import answers_anew, ends_of
from beholden.kb.precedence import Operators
from beholden.schema.rows import Asset, Prefix
from beholden.values.ranges import AddressRanges, merged, with_labels
from beholden.values.suffixes import WatchedNames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from beholden.kb.layer import Layer


def addresses_of(layers: Sequence[Layer], assets: Iterable[Asset]) -> AddressRanges:
    """The addresses that may have an answer of the address matcher, with a label for each answer.

    Args:
        layers: The highest first.
        assets: All that can be seen, those of higher layers first; not looked at where there is one layer.
    """
    return AddressRanges(with_labels(_answers(layers, assets), "answers"))


def _answers(layers: Sequence[Layer], assets: Iterable[Asset]) -> pa.Table:
    *upper, lowest = layers
    # What an overlay says of an AS or an asset changes the answers in its ranges of the layer below, too.
    ids = frozenset[str]().union(*(layer.ids.get("assets", frozenset()) for layer in upper))
    told = [*(row for layer in upper for row in layer.all("assets")), *lowest.find("assets", "id", sorted(ids))]
    numbers = frozenset(row.value for row in told if isinstance(row, Asset) and row.kind == "asn")
    added = [row for layer in upper for row in cast("Iterator[Prefix]", layer.all("prefixes"))]
    reached = lowest.leading_to(numbers, ids) if ids else []
    region = merged([*map(ends_of, added), *reached])
    if not region:
        return lowest.answers
    prefixes = [*added, *lowest.prefixes_in(region)]
    return answers_anew(lowest.answers, region, prefixes, Operators(assets))


def names_of(layers: Sequence[Layer]) -> WatchedNames:
    """The host names that the domain matcher has an operator for, on whichever day.

    The longest suffix that is an asset decides; one that is nobody's, like the names that customers of a vendor choose,
    takes what is below it out.

    Args:
        layers: The highest first.
    """
    known: dict[str, bool] = {}
    hidden: frozenset[str] = frozenset()
    for layer in layers:
        for asset_id, name, operator in layer.domains():
            if asset_id not in hidden and "." in name:  # no host name is below a name of one label
                known[name] = known.get(name, False) or operator is not None
        hidden |= layer.ids.get("assets", frozenset())
    return WatchedNames(known)
