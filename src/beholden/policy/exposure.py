"""Observations joined with their matches: what of ours leads to which operator, with everything that was seen of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from beholden.match.interface import NAMESAKES
from beholden.policy.days import a_year_before
from beholden.policy.terms import Measure, Terms, terms_of
from beholden.schema.assessment import EVIDENCE
from beholden.schema.observation import COUNTED
from beholden.schema.vocabulary import Direction, Grain, Kind, Relation, Segment
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from beholden.policy.facts import Fact
    from beholden.policy.profile import Profile

# Relations in which only what we send is our doing.
SENT_TO = frozenset({Relation.SERVICE_ENDPOINT, Relation.MODEL_API, Relation.DNS_RESOLVER, Relation.FIRMWARE_CLOUD})

_ROWS_AT_A_TIME = 8192


def _what(row: dict[str, Any]) -> str:
    """What an amount counts; people in one class of data are not added to those in another: they may be the same."""
    what = row["what"] or ""
    return f"{what} ({row['data_class'].replace('_', ' ')})" if what == COUNTED and row["data_class"] else what


MatchKey = tuple[str, str, str | None]


@dataclass(slots=True)
class Exposure:
    """One artefact that leads to one operator.

    Attributes:
        key: (artefact kind, artefact value, relation, operator id).
        matches: The matches it rests on, best first.
        acts: Amounts per measure, by the terms they were done under.
        identity: Whether it is this party's and in use, where the match leaves that open and we answered it.
    """

    key: tuple[str, str, str, str]
    segment: Segment | None
    matches: list[dict[str, Any]] = field(default_factory=list)
    confirmed: set[Direction] = field(default_factory=set)  # directions in which value and match are sure
    shared: set[Direction] = field(default_factory=set)  # in which they would be, had nobody else the name
    directions: set[Direction] = field(default_factory=set)
    units: set[str | None] = field(default_factory=set)
    values: Counter[str] = field(default_factory=Counter)
    own_hosts: Counter[str] = field(default_factory=Counter)
    locations: set[tuple[str, int | None]] = field(default_factory=set)
    details: dict[str, None] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    count: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    acts: dict[Terms, Counter[Measure]] = field(default_factory=lambda: defaultdict(Counter))
    identity: Fact | None = None
    elsewhere: Counter[str] = field(default_factory=Counter)
    segments: Counter[str] = field(default_factory=Counter)
    _seen: set[int] = field(default_factory=set)  # matches by identity: thousands of addresses may meet in one AS

    @property
    def relation(self) -> Relation:
        """How the artefact ties us to the operator."""
        return Relation(self.key[2])

    @property
    def operator_id(self) -> str:
        """Who stands behind the artefact."""
        return self.key[3]

    @property
    def artefact_id(self) -> str:
        """Stable over dates, places and spellings, as a finding's id is; joins findings with the rows behind them."""
        text = json.dumps(_identity(self.key), ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def is_confirmed(self) -> bool:
        """Whether what is judged is sure; of a service that we use, what came in says nothing."""
        if self.identity is not None and self.identity.is_covered is not None:
            return self.identity.is_covered
        return self._is_sure(self.confirmed)

    def _is_sure(self, directions: set[Direction]) -> bool:
        if self.relation in SENT_TO and Direction.OUT in self.directions:
            return Direction.OUT in directions
        return bool(directions)

    @property
    def namesakes(self) -> tuple[str, ...]:
        """Who else has the printed name, where nothing but that leaves the match open and nobody answered it."""
        is_answered = self.identity is not None and self.identity.is_covered is not None
        if is_answered or self.is_confirmed or not self._is_sure(self.shared):
            return ()
        return self.of_one_name

    @property
    def of_one_name(self) -> tuple[str, ...]:
        """Who else has the printed name, whatever else is open and whoever answered."""
        return tuple(sorted({one for match in self.matches for one in _namesakes(match)}))

    @property
    def printed(self) -> tuple[str, str, str]:
        """What all have in common who may be meant by one name: kind, value and relation."""
        kind, value, relation, _ = _identity(self.key)
        return kind, value, relation

    @property
    def is_excluded(self) -> bool:
        """Whether we answered that it is not this party's, or not in use."""
        return self.identity is not None and self.identity.is_covered is False

    def is_past(self, as_of: date) -> bool:
        """Whether the records last saw it more than a year before: whether it still stands is a question."""
        return self.last_seen is not None and self.last_seen.date() <= a_year_before(as_of)

    @property
    def open_matches(self) -> list[str]:
        """What its matches ask."""
        return list(dict.fromkeys(match["question"] for match in self.matches if match["question"]))

    @property
    def unit(self) -> str | None:
        """The one unit it belongs to, if it is one."""
        return next(iter(self.units)) if len(self.units) == 1 else None

    @property
    def best(self) -> dict[str, Any]:
        """The surest match."""
        return self.matches[0]

    def add(self, row: dict[str, Any], match: dict[str, Any], unit: str | None, *, is_held: bool) -> None:
        """Count one observation row.

        Args:
            row: OBSERVATION.
            match: MATCH.
            unit: Whose it is.
            is_held: Whether the asset hop holds on the day of the row.
        """
        if id(match) not in self._seen:
            self._seen.add(id(match))
            self.matches.append(match)
        direction = Direction(row["direction"])
        if row["certainty"] == "confirmed" and is_held:
            if match["decision"] == "confirmed":
                self.confirmed.add(direction)
            elif NAMESAKES in match["features"] and _namesakes(match):
                self.shared.add(direction)
        self.directions.add(direction)
        self.units.add(unit)
        detail = json.loads(row["detail"]) if row["detail"] else {}
        self._count(row, detail)
        self.locations.update((row["file"], line) for line in row["lines"] or [None])
        if row["detail"] and len(self.details) < 5:
            self.details[row["detail"]] = None
        if row["field"]:
            self.fields.add(row["field"])
        if counts_records(row):
            self.count += row["count"]
            self.first_seen = _least(self.first_seen, row["first_seen"])
            self.last_seen = _most(self.last_seen, row["last_seen"])
            measures = self.acts[terms_of(row, self.key[2], unit)]
            if row["amount"] is not None:
                measures[row["unit_of_amount"] or "1", _what(row)] += row["amount"]

    def _count(self, row: dict[str, Any], detail: dict[str, Any]) -> None:
        """Count what was reached and by which of our hosts; of traffic each has rows of its own."""
        grain = row["grain"]
        if grain in (None, Grain.VALUE):
            self.values[(grain and row["raw"]) or _shown_value(row, detail)] += row["count"]
        if grain in (None, Grain.HOST) and row["own_host"]:
            self.own_hosts[row["own_host"]] += row["count"]

    def finish(self) -> None:
        """Put the surest match first; ties by content, so that order of input does not matter."""
        self.matches.sort(key=lambda match: (match["decision"] != "confirmed", -match["score"], match["value"]))

    def by_month(self) -> list[tuple[date, Counter[Measure]]]:
        """Sums of dated acts per month, in order, each with its first day that has one."""
        months: dict[tuple[int, int], Counter[Measure]] = defaultdict(Counter)
        first: dict[tuple[int, int], date] = {}
        for terms, measures in self.acts.items():
            if terms.day is None:
                continue
            month = (terms.day.year, terms.day.month)
            first[month] = min(first.get(month, terms.day), terms.day)
            for measure, amount in measures.items():
                months[month][measure] += amount
        return [(first[month], sums) for month, sums in sorted(months.items())]

    def quantities(self) -> Counter[Measure]:
        """Sums over all days."""
        total: Counter[Measure] = Counter()
        for measures in self.acts.values():
            for measure, amount in measures.items():
                total[measure] += amount
        return total


@dataclass(slots=True)
class Joined:
    """What `expose` gives.

    Attributes:
        exposures: Sorted by key.
        evidence: EVIDENCE: the rows they were made from, by artefact and then in the order of the observations.
        later: Records per file that are dated, or begin, after the as-of date; not judged.
        unknown_units: Per file, units that the records name and the profile does not.
    """

    exposures: list[Exposure]
    evidence: pa.Table
    later: Counter[str] = field(default_factory=Counter)
    unknown_units: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def expose(observations: pa.Table, matches: Iterable[pa.RecordBatch], profile: Profile, as_of: date) -> Joined:
    """Join and group.

    What was seen on guest, tenant or carried segments is not our use: it makes an exposure of its own only where
    nothing was seen on ours. Acts dated after `as_of` have not happened yet and are only counted.

    Args:
        observations: OBSERVATION, reduced.
        matches: MATCH batches.
        profile: Places our hosts in segments and units.
        as_of: Later acts are left out.
    """
    by_query: dict[MatchKey, list[dict[str, Any]]] = defaultdict(list)
    for batch in matches:
        for match in batch.to_pylist():
            by_query[match["kind"], match["value"], match["asked_relation"]].append(match)
    groups: dict[tuple[tuple[str, str, str, str], bool], Exposure] = {}
    joined = Joined([], EVIDENCE.empty_table())
    used: list[_Used] = []
    for position, row in enumerate(_rows(observations)):
        found = by_query.get((row["kind"], row["value"], row["relation"]), ())
        if not found:
            continue
        if _is_later(row, as_of):
            joined.later[row["file"]] += row["count"] if counts_records(row) else 0
            continue
        segment, unit = _place(row, profile, joined)
        is_ours = segment in (None, Segment.OWN)
        for match, is_held in _on_the_day(row, found):
            key = (match["artefact_kind"], match["artefact_value"], match["relation"], match["entity_id"])
            group = groups.setdefault((_identity(key), is_ours), Exposure(key, segment))
            group.key = min(group.key, key)
            group.segments[str(segment)] += row["count"] if counts_records(row) else 0
            if is_ours and segment is not None:
                group.segment = segment
            group.add(row, match, unit, is_held=is_held)
            used.append(_Used(position, group, segment, unit))
    joined.exposures = _settled(groups)
    joined.evidence = _evidence(observations, used)
    return joined


def _namesakes(match: dict[str, Any]) -> list[str]:
    found: list[str] = json.loads(match["features"]).get(NAMESAKES, [])
    return found


def counts_records(row: dict[str, Any]) -> bool:
    """Whether a row counts records, rather than telling once more who took part in those of other rows."""
    return row["grain"] in (None, Grain.DAY)


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """The rows one after another, few of them at a time: there may be millions."""
    for batch in table.to_batches(max_chunksize=_ROWS_AT_A_TIME):
        yield from batch.to_pylist()


@dataclass(frozen=True, slots=True)
class _Used:
    """An observation that went into an exposure."""

    position: int
    exposure: Exposure
    segment: Segment | None
    unit: str | None


def _evidence(observations: pa.Table, used: list[_Used]) -> pa.Table:
    """The rows used, each with the artefact it went into; EVIDENCE."""
    ids = {id(item.exposure): item.exposure.artefact_id for item in used}
    ordered = sorted(used, key=lambda item: (ids[id(item.exposure)], item.position))
    rows = observations.take(pa.array((item.position for item in ordered), type=pa.int64()))
    joined = [
        pa.array((ids[id(item.exposure)] for item in ordered), type=pa.string()),
        pa.array((item.exposure.operator_id for item in ordered), type=pa.string()),
        pa.array((item.segment.value if item.segment else None for item in ordered), type=pa.string()),
        pa.array((item.unit for item in ordered), type=pa.string()),
    ]
    return pa.Table.from_arrays([*joined, *rows.columns], schema=EVIDENCE)


def _is_later(row: dict[str, Any], as_of: date) -> bool:
    """Whether it was done, or first seen, after the date of the answer."""
    day = row["acted_on"] or (row["first_seen"].date() if row["first_seen"] else None)
    return day is not None and day > as_of


def _place(row: dict[str, Any], profile: Profile, joined: Joined) -> tuple[Segment | None, str | None]:
    segment, unit = profile.place(row["own_host"])
    if row["unit"]:
        named = profile.unit_named(row["unit"])
        if named is None and profile.units:
            joined.unknown_units[row["file"]].add(row["unit"])
        unit = named or (None if profile.units else row["unit"])
    return segment, unit


def _on_the_day(row: dict[str, Any], found: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Of matches that exclude one another, the first that holds when the row was seen; others as they are."""
    alternatives = sorted((match for match in found if match["choice"] is not None), key=itemgetter("choice"))
    if alternatives:
        held = next((match for match in alternatives if _holds(row, match)), None)
        yield (alternatives[0], False) if held is None else (held, True)
    yield from ((match, True) for match in found if match["choice"] is None)


def _holds(row: dict[str, Any], match: dict[str, Any]) -> bool:
    first = row["acted_on"] or (row["first_seen"].date() if row["first_seen"] else None)
    last = row["acted_on"] or (row["last_seen"].date() if row["last_seen"] else first)
    if first is None or last is None:
        return True
    starts, ends = match["valid_from"], match["valid_to"]
    return (starts is None or last >= starts) and (ends is None or first < ends)


def _identity(key: tuple[str, str, str, str]) -> tuple[str, str, str, str]:
    """What makes two artefacts one: names that differ in spelling only are the same name."""
    return (key[0], _normalised(key[1]), *key[2:]) if key[0] == Kind.NAME else key


_normalised = lru_cache(maxsize=65_536)(normalise)


def _settled(groups: dict[tuple[tuple[str, str, str, str], bool], Exposure]) -> list[Exposure]:
    settled: list[Exposure] = []
    for (key, is_ours), group in sorted(groups.items(), key=lambda item: (item[0][0], not item[0][1])):
        group.finish()
        own = groups.get((key, True))
        if not is_ours and own is not None:
            own.elsewhere.update(group.segments)
        else:
            settled.append(group)
    return settled


def _shown_value(row: dict[str, Any], detail: dict[str, Any]) -> str:
    """What to count as the value: versions for packages, else what was seen."""
    if row["kind"] in ("purl", "model") and detail.get("version"):
        return f"{row['value']}@{detail['version']}"
    return str(row["value"])


def _least(left: datetime | None, right: datetime | None) -> datetime | None:
    return right if left is None else left if right is None else min(left, right)


def _most(left: datetime | None, right: datetime | None) -> datetime | None:
    return right if left is None else left if right is None else max(left, right)
