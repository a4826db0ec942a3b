"""The addresses that somebody stands behind, as ranges in which one answer holds.

A reader of logs that adds up traffic per operator must know, before anything is asked, which addresses the address
matcher will answer alike. `answers_in` cuts the address space wherever a range starts or ends that takes part in the
answer, and names the answer of each piece by a digest of what the rules of `beholden.kb.precedence` say there, for
every pair of days. Written once with the base; an overlay has the pieces that it touches done again. Two
addresses have one name where the matcher says the same of both for all days on which they may be seen: who is behind
them, since when, by which sources, and who else competes; only the range that it prints may differ.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from beholden.kb.precedence import Candidate, Operators, deciding
from beholden.schema.vocabulary import Relation
from beholden.values.address import pack
from beholden.values.ranges import ENDS, AddressRanges, cut, joined, labelled, merged, numbers_of, packed_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from beholden.schema.rows import Prefix

# First and last address, and the digest that names the answers there; sorted, disjoint, merged.
ANSWERS = pa.schema([*ENDS, pa.field("answers", pa.binary(16), nullable=False)])

# Announced ranges nest a dozen deep at most. A file whose ranges nest beyond this has a name for each piece, and where
# more days matter than this the order of all candidates is the name: never one name for two answers, and the work for
# a piece stays the same.
_MOST_COVERING = 64
_MOST_DAYS = 8

_Piece = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True)
class _Days:
    first_day: date | None
    last_day: date | None


def ends_of(prefix: Prefix) -> tuple[int, int]:
    """First and last address of a range as numbers."""
    return int.from_bytes(pack(prefix.first)), int.from_bytes(pack(prefix.last))


def answers_in(prefixes: Iterable[Prefix], operators: Operators) -> pa.Table:
    """The ranges that lead to an operator, cut and merged by the answers there; ANSWERS.

    That is: an asset's own ranges, and those that an AS with a known operator announces. Who else announces a range
    takes part in the answer there. Where a range is registered is knowledge about an address and no reason to keep it.

    Args:
        prefixes: Ranges in the order of their layers; gone through twice.
        operators: The assets that they may lead to.
    """
    return _table(_answers(prefixes, operators, "base"))


def answers_anew(
    lowest: pa.Table, region: Sequence[tuple[int, int]], prefixes: Iterable[Prefix], operators: Operators
) -> pa.Table:
    """The answers of a base with rows laid over it; ANSWERS.

    Args:
        lowest: ANSWERS of the base alone.
        region: Where the rows laid over it may change an answer: disjoint ranges.
        prefixes: All that reach into the region, in the order of their layers; gone through twice.
        operators: The assets that they may lead to.
    """
    names = lowest["answers"].to_pylist()
    old = zip(numbers_of(lowest["first"]), numbers_of(lowest["last"]), names, strict=True)
    keyed = [(first, last, (0, name)) for first, last, name in old]
    keyed += [(first, last, (1, b"")) for first, last in region]
    keyed += [(first, last, (2, name)) for first, last, name in _answers(prefixes, operators, "anew")]
    return _table(_replaced(cut(keyed)))


def _replaced(pieces: Iterable[tuple[int, int, list[tuple[int, bytes]]]]) -> Iterator[_Piece]:
    """Within the region what is new, without it what was there."""
    for first, last, covering in pieces:
        told = dict(covering)
        name = told.get(2) if 1 in told else told.get(0)
        if name is not None:
            yield first, last, name


def _answers(prefixes: Iterable[Prefix], operators: Operators, of: str) -> Iterator[_Piece]:
    wanted = merged(ends_of(row) for row in prefixes if _is_watched(Candidate(row, operators.behind(row))))
    watched = AddressRanges(labelled([(first, last, None) for first, last in wanted]))
    roles: dict[tuple[Any, ...], int] = {}
    kept: list[Candidate] = []
    ranges: list[tuple[int, int, tuple[int, int, int, int]]] = []
    for order, row in enumerate(prefixes):
        if row.asset_id is None and row.asn is None:
            continue
        packed_first, packed_last = pack(row.first), pack(row.last)
        if not watched.meets(packed_first, packed_last):
            continue
        candidate = Candidate(row, operators.behind(row))
        number = roles.setdefault(_role(candidate), len(kept))
        if number == len(kept):
            kept.append(candidate)
        first, last = int.from_bytes(packed_first), int.from_bytes(packed_last)
        # As `KnowledgeBase.prefixes` orders them: see `beholden.kb.layer.width`.
        since = row.valid_from.toordinal() if row.valid_from else 0
        ranges.append((first, last, (last - first, -since, order, number)))
    names: dict[tuple[int, ...], bytes | None] = {}
    for first, last, covering in cut(ranges):
        if len(covering) > _MOST_COVERING:
            if first.to_bytes(16) in watched:
                yield first, last, _digest(["deep", of, first])
            continue
        # The same role again, further away, never decides.
        numbers = tuple(dict.fromkeys(key[3] for key in covering))
        if numbers not in names:
            names[numbers] = _name([kept[number] for number in numbers])
        name = names[numbers]
        if name is not None:
            yield first, last, name


def _is_watched(candidate: Candidate) -> bool:
    return candidate.prefix.asset_id is not None or candidate.asset is not None


def _role(candidate: Candidate) -> tuple[Any, ...]:
    """What a candidate does to an answer: where somebody is behind it, the answer itself but for the range."""
    prefix, asset = candidate.prefix, candidate.asset
    is_own = prefix.asset_id is not None
    period = [prefix.valid_from, prefix.valid_to]
    if asset is None or not asset.entity_id:
        # A range of nobody hides what is further away for as long as it holds; one without its asset hides nothing.
        return (is_own, asset is not None, *period)
    leads_to = (asset.entity_id, asset.relation or Relation.HOSTING, asset.value, asset.note)
    rests_on = (asset.valid_from, asset.valid_to, asset.source_id, asset.grade, prefix.source_id, prefix.grade)
    return (is_own, True, *period, prefix.asn, *leads_to, *rests_on)


def _name(candidates: Sequence[Candidate]) -> bytes | None:
    """The name of the answers where ranges cover an address, most specific first; None where nobody is behind any.

    Two lists have one name where the matcher gives the same answers for every pair of days: what they say between each
    two days on which a range begins or ends to hold is written down, and days at which nothing changes are left out.
    """
    if not any(map(_is_watched, candidates)):
        return None
    days = sorted({day for one in candidates for day in (one.valid_from, one.valid_to) if day and day > date.min})
    if len(days) > _MOST_DAYS:
        return _digest(["order", [_role(one) for one in candidates]])
    # One day of each period stands for it; the first is open to the left.
    periods = [days[0] - timedelta(days=1), *days] if days else [date.min]
    said = {
        (first, last): _said(candidates, _Days(first, last))
        for at, first in enumerate(periods)
        for last in periods[at:]
    }
    kept = [periods[0]]
    for before, after in pairwise(periods):
        if not _is_same(said, periods, before, after):
            kept.append(after)
    told = [said[first, last] for at, first in enumerate(kept) for last in kept[at:]]
    return _digest([_said(candidates, _Days(None, None)), kept[1:], told])


def _is_same(
    said: dict[tuple[date, date], list[tuple[Any, ...]]], periods: Sequence[date], before: date, after: date
) -> bool:
    """Whether it makes no difference in which of two neighbouring periods a value was first, or last, seen."""
    at = periods.index(after)
    return (
        said[before, before] == said[before, after] == said[after, after]
        and all(said[before, last] == said[after, last] for last in periods[at:])
        and all(said[first, before] == said[first, after] for first in periods[:at])
    )


def _said(candidates: Sequence[Candidate], seen: _Days) -> list[tuple[Any, ...]]:
    """The answers for some days, in order."""
    return [_role(one) for one in deciding(seen, candidates) if one.asset is not None and one.asset.entity_id]


def _digest(content: list[Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _table(pieces: Iterable[_Piece]) -> pa.Table:
    ranges = joined(pieces)
    return pa.Table.from_arrays(
        [
            packed_column(first.to_bytes(16) for first, _, _ in ranges),
            packed_column(last.to_bytes(16) for _, last, _ in ranges),
            packed_column(name for _, _, name in ranges),
        ],
        schema=ANSWERS,
    )
