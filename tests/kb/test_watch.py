"""Watched ranges: they are the addresses that somebody may stand behind, and one label is one answer of the matcher."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from itertools import combinations_with_replacement, pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import make_asset, make_prefix

from beholden.compile.write import write_base
from beholden.kb.base import KnowledgeBase
from beholden.kb.layer import Layer
from beholden.match.address import AddressMatcher
from beholden.match.domain import DomainMatcher
from beholden.schema.match import QUERY
from beholden.schema.rows import Asset, Prefix, Row
from beholden.schema.vocabulary import Kind
from beholden.values.address import pack, unpack
from beholden.values.ranges import RANGES, AddressRanges, numbers_of

BASE = int.from_bytes(pack("192.0.2.0"))
LAST = 40
CHANGES = (date(2020, 1, 1), date(2022, 1, 1), date(2024, 1, 1))
# One day of each period between changes, and every pair of them; no day at all.
SEEN = (date(2019, 6, 1), *CHANGES)
PERIODS: list[tuple[date | None, date | None]] = [(None, None), *combinations_with_replacement(SEEN, 2)]
NUMBERS = ("AS64496", "AS64497", "AS64498", "AS64499")
OWN = ("ip:one", "ip:two", "ip:three")

Tables = dict[str, list[Row]]


def address(number: int) -> str:
    return unpack((BASE + number).to_bytes(16))


periods = st.sampled_from([(None, None), *((since, None) for since in CHANGES), (None, CHANGES[1]), *pairwise(CHANGES)])
sources = st.sampled_from(["a", "b"])
operators = st.sampled_from(["alpha", "beta", None])


@st.composite
def prefixes(draw: st.DrawFn) -> Prefix:
    first, last = sorted((draw(st.integers(0, LAST)), draw(st.integers(0, LAST))))
    since, until = draw(periods)
    asn, asset = draw(st.sampled_from([*((one, None) for one in NUMBERS), *((None, one) for one in OWN), (None, None)]))
    return Prefix(
        first=address(first),
        last=address(last),
        asn=asn,
        asset_id=asset,
        valid_from=since,
        valid_to=until,
        source_id=draw(sources),
    )


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    assets: list[Row] = []
    for number in draw(st.lists(st.sampled_from(NUMBERS[:3]), max_size=4)):
        since, until = draw(periods)
        assets.append(
            Asset(
                id=draw(st.sampled_from(["asn:one", "asn:two", "asn:three"])),
                kind="asn",
                value=number,
                entity_id=draw(operators),
                relation=draw(st.sampled_from([None, "hosting", "transit"])),
                valid_from=since,
                valid_to=until,
            )
        )
    for one in draw(st.lists(st.sampled_from(OWN), unique=True)):
        assets.append(Asset(id=one, kind="ip", value=draw(sources), entity_id=draw(operators), relation="hosting"))
    rows: list[Row] = [*draw(st.lists(prefixes(), max_size=10))]
    return {
        "prefixes": rows,
        "assets": list({asset.id: asset for asset in assets if isinstance(asset, Asset)}.values()),
    }


def borders(*layers: Tables) -> list[int]:
    """The first and the last address of every range, and their neighbours."""
    ends = {0}
    for layer in layers:
        for row in layer["prefixes"]:
            assert isinstance(row, Prefix)
            for text in (row.first, row.last):
                at = int.from_bytes(pack(text)) - BASE
                ends |= {at - 1, at, at + 1}
    return sorted(ends)


def answers(kb: KnowledgeBase, asked: Iterable[int]) -> dict[int, str]:
    """What the matcher says of addresses for every pair of days, without the range it prints, and without repeats."""
    texts = {address(number): number for number in asked}
    # It gives the asked relation back and does nothing with it: here it carries the days.
    queries = [
        {"kind": Kind.IP, "value": text, "relation": str(at), "raw": None, "first_day": first, "last_day": last}
        for text in texts
        for at, (first, last) in enumerate(PERIODS)
    ]
    found: dict[str, dict[str, list[dict[str, Any]]]] = {text: {} for text in texts}
    for row in AddressMatcher().match(kb, pa.RecordBatch.from_pylist(queries, schema=QUERY)).to_pylist():
        found[row["value"]].setdefault(row["asked_relation"], []).append(row)
    told: dict[int, str] = {}
    for text, per_days in found.items():
        said = {}
        for days, rows in per_days.items():
            ordered = sorted(rows, key=lambda row: row["choice"])
            said[days] = list(dict.fromkeys(_without_range(row, text) for row in ordered))
        told[texts[text]] = json.dumps(said, sort_keys=True)
    return told


def _without_range(row: dict[str, Any], text: str) -> str:
    span = json.loads(row["features"])["range"]
    plain = {**row, "choice": None, "features": None, "asked_relation": None}
    return json.dumps(plain, default=str).replace(span, "RANGE").replace(f'"{text}"', '"ADDRESS"')


def label_of(table: pa.Table, packed: bytes) -> int | None:
    return AddressRanges(table).label(packed)


def check(kb: KnowledgeBase, asked: list[int], *layers: Tables) -> None:
    """Labels and answers tell the same addresses apart, and the ranges are those that may have an answer."""
    said = answers(kb, asked)
    by_label: dict[int, set[str]] = {}
    by_answer: dict[str, set[int]] = {}
    known = {row.value for row in kb._all(Asset, "assets") if row.kind == "asn" and row.entity_id}
    rows = [row for layer in layers for row in layer["prefixes"] if isinstance(row, Prefix)]
    for number in asked:
        packed = (BASE + number).to_bytes(16)
        label = label_of(kb.watched_addresses.watch_ranges, packed)
        covering = [row for row in rows if pack(row.first) <= packed <= pack(row.last)]
        is_watched = any(row.asset_id is not None or row.asn in known for row in covering)
        assert (packed in kb.watched_addresses) is (label is not None) is is_watched
        if label is None:
            assert said[number] == "{}"
            continue
        by_label.setdefault(label, set()).add(said[number])
        by_answer.setdefault(said[number], set()).add(label)
    assert all(len(found) == 1 for found in by_label.values())
    assert all(len(found) == 1 for found in by_answer.values())


def check_form(table: pa.Table) -> None:
    """Sorted, disjoint, merged; numbered by first appearance."""
    assert table.schema == RANGES
    firsts, lasts, labels = numbers_of(table["first"]), numbers_of(table["last"]), table["label"].to_pylist()
    assert all(first <= last for first, last in zip(firsts, lasts, strict=True))
    for at, (before, after) in enumerate(zip(lasts, firsts[1:], strict=False)):
        assert before < after
        assert before + 1 < after or labels[at] != labels[at + 1]
    assert list(dict.fromkeys(labels)) == list(range(len(set(labels))))


@given(tables())
@settings(deadline=None)
def test_one_label_is_one_answer_of_the_matcher(content: Tables) -> None:
    kb = KnowledgeBase([Layer.in_memory(content)], "test")
    check_form(kb.watched_addresses.watch_ranges)
    check(kb, borders(content), content)


@given(tables(), st.lists(tables(), min_size=1, max_size=2))
@settings(deadline=None)
def test_so_it_is_with_overlays(content: Tables, overlays: list[Tables]) -> None:
    kb = KnowledgeBase([Layer.in_memory(content)], "test")
    for number, over in enumerate(overlays):
        kb = kb.overlay(over, str(number))
    check_form(kb.watched_addresses.watch_ranges)
    check(kb, borders(content, *overlays), content, *overlays)


@given(content=tables(), over=tables())
@settings(deadline=None, max_examples=10)
def test_a_written_base_says_the_same(content: Tables, over: Tables, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("base")
    write_base(content, folder)
    bases = [KnowledgeBase([Layer.in_memory(content)], "test"), KnowledgeBase.open(folder)]
    assert bases[0].watched_addresses.watch_ranges.equals(bases[1].watched_addresses.watch_ranges)
    laid_over = [base.overlay(over, "over") for base in bases]
    assert laid_over[0].watched_addresses.watch_ranges.equals(laid_over[1].watched_addresses.watch_ranges)


def table_of(*rows: Row) -> pa.Table:
    prefixes: list[Row] = [row for row in rows if isinstance(row, Prefix)]
    assets: list[Row] = [row for row in rows if isinstance(row, Asset)]
    return KnowledgeBase(
        [Layer.in_memory({"prefixes": prefixes, "assets": assets})], "test"
    ).watched_addresses.watch_ranges


def test_a_narrower_announcement_of_the_same_system_by_the_same_source_is_no_range_of_its_own() -> None:
    known = make_asset("known", "asn", "AS64496", "hosting")
    wide = make_prefix("AS64496", "192.0.2.0", "192.0.2.255", valid_from=CHANGES[0])
    narrow = make_prefix("AS64496", "192.0.2.64", "192.0.2.127", valid_from=CHANGES[0])
    assert len(table_of(known, wide, narrow)) == 1
    since = make_prefix("AS64496", "192.0.2.64", "192.0.2.127", valid_from=CHANGES[1])
    assert table_of(known, wide, since)["label"].to_pylist() == [0, 1, 0]


def test_where_ranges_nest_beyond_reason_each_piece_has_a_label_and_none_is_lost() -> None:
    size = 20_000
    known = make_asset("known", "asn", "AS64496", "hosting")
    rows = [make_prefix("AS64496", unpack(at.to_bytes(16)), unpack((4 * size - at).to_bytes(16))) for at in range(size)]
    table = table_of(known, *rows)
    assert numbers_of(table["first"])[0] == 0
    assert numbers_of(table["last"])[-1] == 4 * size
    labels = table["label"].to_pylist()
    # The outermost 64 on either side are read as they are; they say one thing.
    assert labels[0] == labels[-1] == 0
    assert len(set(labels)) == len(table) - 1


def test_where_many_days_matter_two_orders_of_candidates_are_never_one_label() -> None:
    known = make_asset("known", "asn", "AS64496", "hosting")
    rows = [
        make_prefix("AS64496", "192.0.2.0", f"192.0.2.{100 + at}", valid_from=date(2000 + at, 1, 1)) for at in range(12)
    ]
    assert table_of(known, *rows)["label"].to_pylist() == list(range(12))


# --- names ----------------------------------------------------------------------------------------------------------

DOMAINS = ("vendor.example", "cloud.vendor.example", "users.vendor.example", "me.users.vendor.example", "example")
HOSTS = ["y.example", *DOMAINS, *(f"x.{name}" for name in DOMAINS), "notvendor.example", "vendor.example.net"]


@st.composite
def domains(draw: st.DrawFn) -> list[Row]:
    rows = {}
    for name in draw(st.lists(st.sampled_from(DOMAINS), max_size=6)):
        since, until = draw(periods)
        one = f"domain:{name}:{draw(sources)}"
        rows[one] = Asset(
            id=one, kind="domain", value=name, entity_id=draw(operators), valid_from=since, valid_to=until
        )
    return [*rows.values()]


@given(base=domains(), over=domains())
@settings(deadline=None)
def test_a_name_is_watched_where_the_matcher_may_have_an_operator_for_it(base: list[Row], over: list[Row]) -> None:
    kb = KnowledgeBase([Layer.in_memory({"assets": over}), Layer.in_memory({"assets": base})], "test")
    queries = [
        {"kind": Kind.DOMAIN, "value": name, "relation": None, "raw": None, "first_day": first, "last_day": last}
        for name in HOSTS
        for first, last in PERIODS
    ]
    answered = DomainMatcher().match(kb, pa.RecordBatch.from_pylist(queries, schema=QUERY))
    watched = {name for name in HOSTS if name in kb.watched_names}
    assert watched >= set(answered["value"].to_pylist())
    decide = {row["name"]: row["is_watched"] for row in kb.watched_names.watch_suffixes.to_pylist()}
    for name in HOSTS:
        above = [one for one in decide if name == one or name.endswith("." + one)]
        assert (name in watched) == (bool(above) and decide[max(above, key=len)])
    rows = {row.id: row for row in [*base, *over] if isinstance(row, Asset)}.values()
    # Of two rows with one name the matcher may never come to the second.
    if len({row.value for row in rows}) == len(rows):
        assert watched == set(answered["value"].to_pylist())


def test_names_of_a_written_base_are_those_of_its_rows(tmp_path: Path) -> None:
    rows: list[Row] = [
        make_asset("vendor", "domain", "vendor.example", "service_endpoint"),
        make_asset(None, "domain", "users.vendor.example"),
        make_asset("vendor", "purl", "pkg:npm/vendor"),
    ]
    write_base({"assets": rows}, tmp_path)
    bases = [KnowledgeBase([Layer.in_memory({"assets": rows})], "test"), KnowledgeBase.open(tmp_path)]
    for kb in bases:
        assert kb.watched_names.watch_suffixes.to_pydict() == {
            "name": ["users.vendor.example", "vendor.example"],
            "is_watched": [False, True],
        }
