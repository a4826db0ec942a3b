"""Hardware addresses against the copies of the IEEE registries: the smallest block decides, in every one of them."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pyarrow as pa
from tests.builders import core_kb, make_asset, make_oui, tiny_kb

from beholden.match.device import DeviceMatcher
from beholden.schema.match import QUERY
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from beholden.kb.base import KnowledgeBase

REGISTRY = "IEEE Registration Authority"


def blocks(shared: Callable[[str], Path]) -> dict[str, str]:
    """Prefix → organisation, as the copy of 2026 prints it: MA-L, MA-M, MA-S and IAB."""
    packed = shared("data/internet/oui/oui-data.json.gz").read_bytes()
    return {prefix: text.partition("\n")[0] for prefix, text in json.loads(gzip.decompress(packed)).items()}


def address_in(prefix: str) -> str:
    digits = prefix.lower().ljust(12, "0")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def makers(kb: KnowledgeBase, prefixes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Prefix → block that matched and its holder; without those that lead to nobody."""
    asked = [
        {
            "kind": Kind.MAC,
            "value": address_in(prefix),
            "relation": None,
            "raw": None,
            "first_day": None,
            "last_day": None,
        }
        for prefix in prefixes
    ]
    answer = DeviceMatcher().match(kb, pa.RecordBatch.from_pylist(asked, schema=QUERY)).to_pylist()
    return {
        row["value"]: (row["artefact_value"].replace(":", "").upper(), json.loads(row["features"])["organisation"])
        for row in answer
        if row["relation"] == "hardware"
    }


def test_no_small_block_is_given_to_the_registry_or_to_its_neighbour(shared: Callable[[str], Path]) -> None:
    named = blocks(shared)
    small = [prefix for prefix in named if len(prefix) > 6]
    parents = [prefix for prefix in named if named[prefix] == REGISTRY]
    assert (len(small), len(parents)) == (13_720, 435)
    organisations = sorted({named[prefix] for prefix in (*small, *parents)})
    kb = tiny_kb(
        *(make_oui(prefix, named[prefix]) for prefix in (*small, *parents)),
        *(make_asset("somebody", "oui_organisation", name, "hardware") for name in organisations),
    )
    found = makers(kb, small)
    assert found == {address_in(prefix): (prefix, named[prefix]) for prefix in small}


def test_the_core_base_knows_every_small_block_of_its_parties_and_no_other(shared: Callable[[str], Path]) -> None:
    named = blocks(shared)
    kb = core_kb()
    owned = {asset.value for asset in kb.assets("oui_organisation", sorted(set(named.values()))) if asset.entity_id}
    expected = {
        address_in(prefix): (prefix, name) for prefix, name in named.items() if len(prefix) > 6 and name in owned
    }
    assert len(expected) == 17
    assert makers(kb, [prefix for prefix in named if len(prefix) > 6]) == expected


def test_an_address_that_software_set_has_no_maker_whatever_block_it_falls_in(shared: Callable[[str], Path]) -> None:
    named = blocks(shared)
    local = [prefix for prefix in named if int(prefix[:2], 16) & 0x02]
    # Given out before the bit meant that: they cannot be told from addresses that software set.
    assert len(local) == 18
    kb = tiny_kb(
        *(make_oui(prefix, named[prefix]) for prefix in local),
        *(make_asset("old", "oui_organisation", name, "hardware") for name in sorted({named[one] for one in local})),
    )
    assert makers(kb, local) == {}
