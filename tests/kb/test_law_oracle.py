"""What the law module answers, held against a slow calendar that paints day after day and shares no code with it.

Days are numbers here. A world is some rows; the calendar is built anew for what was public by a day. Random worlds have
entries that come, go and come again, editions that omit, carry and are incomplete, effects with every combination of
keys, ends, announcements of return and limits of our copy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import (
    LIST,
    make_consequence,
    make_designation,
    make_edition,
    make_effect,
    make_entry,
    make_event,
    make_ownership_rule,
    make_regime,
    tiny_kb,
)

from beholden.kb.base import KnowledgeBase
from beholden.kb.law import ConsequenceState, consequence_state, ownership_rule_state
from beholden.kb.listing import ListingState, listing_state
from beholden.schema.rows import Row

END = 48
LONG = END + 60  # nothing begins or ends after this day
EVER = 10**6
PARTY = "acme"
RULE, OWN = "us-rule", f"{LIST}-aggregate_50"
SLOW = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])


def at(number: int | None) -> date | None:
    return None if number is None else date(2024, 1, 1) + timedelta(days=number)


def no(day: date | None) -> int | None:
    return None if day is None else (day - date(2024, 1, 1)).days


@dataclass
class Span:
    """An entry of the party (or of somebody else) from its own row."""

    key: str
    start: int
    end: int | None
    public: int
    end_public: int | None = None
    own_start: int | None = None


@dataclass
class Off:
    """An effect."""

    key: str
    kind: str
    target: str
    start: int | None
    end: int | None
    back: bool | None
    event: bool
    read: int | None
    public: int | None
    entry: str | None
    party: str | None


@dataclass
class World:
    """Everything that one test knows."""

    covered: int | None = None
    checked: int | None = None
    is_partial: bool = False
    spans: list[Span] = field(default_factory=list)
    editions: list[tuple[int, bool, int]] = field(default_factory=list)
    prints: set[int] = field(default_factory=set)
    offs: list[Off] = field(default_factory=list)
    public: int | None = 0
    start: int | None = 0
    end: int | None = None
    delay: int | None = None

    def rows(self) -> list[Row]:
        kind = "edition" if self.editions else "event"
        rows: list[Row] = [
            make_regime(
                list_kind=kind,
                covered_from=at(self.covered),
                checked_until=at(self.checked),
                is_partial=self.is_partial,
            )
        ]
        rows += [
            make_edition(str(at(on)), is_complete=whole, published_at=at(public)) for on, whole, public in self.editions
        ]
        publics = {on: public for on, _, public in self.editions}
        rows += [make_entry(PARTY, str(at(on)), published_at=at(publics[on])) for on in sorted(self.prints)]
        rows += [
            make_designation(
                PARTY,
                str(at(span.start)),
                None if span.end is None else str(at(span.end)),
                id=span.key,
                published_at=at(span.public),
                end_published_at=at(span.end_public),
                applies_from=at(span.own_start),
            )
            for span in self.spans
        ]
        rows.append(make_designation("somebody", str(at(3)), id="other"))
        rows += [
            make_effect(
                off.kind,
                "2024-01-01",
                None,
                off.target,
                id=off.key,
                valid_from=at(off.start),
                valid_to=at(off.end),
                reverts_automatically=off.back,
                end_event="a ruling" if off.event else None,
                checked_until=at(off.read),
                published_at=at(off.public),
                designation_id=off.entry,
                entity_id=off.party,
            )
            for off in self.offs
        ]
        dates: dict[str, Any] = {"published_at": at(self.public)}
        rows.append(
            make_consequence(
                RULE, applies_from=at(self.start), until=at(self.end), entry_delay_days=self.delay, **dates
            )
        )
        rows.append(make_ownership_rule("aggregate_50", valid_from=at(self.start), valid_to=at(self.end), **dates))
        return rows


def is_public(day: int | None, known: int | None) -> bool:
    return day is None or known is None or day <= known


# --- the calendar: listings -----------------------------------------------------------------------------------------


def listed_days(world: World, known: int | None) -> list[bool]:
    """For each day, whether the party is on the list: a replay of everything that was public."""
    if not world.editions:
        days = [False] * END
        for span in world.spans:
            if is_public(span.public, known):
                told = span.end is not None and is_public(
                    span.end if span.end_public is None else span.end_public, known
                )
                for day in range(END):
                    days[day] |= span.start <= day and not (told and span.end is not None and day >= span.end)
        return days
    days, on = [], False
    for day in range(END):
        for span in world.spans:
            removed = span.end if span.end is not None and is_public(span.end_public, known) else None
            on = on and removed != day
        for edition, whole, public in world.editions:
            if edition == day and is_public(public, known):
                on = True if day in world.prints else on and not whole
        for span in world.spans:
            on = on or (span.end is None and span.start == day and is_public(span.public, known))
        days.append(on)
    return days


def standing(days: list[bool], day: int) -> str:
    if days[day]:
        return "listed"
    return "delisted" if any(days[: day + 1]) else "not_listed"


def spell(days: list[bool], day: int) -> int | None:
    while day >= 0 and not days[day]:
        day -= 1
    while day > 0 and days[day - 1]:
        day -= 1
    return day if day >= 0 else None


def expected_listing(world: World, day: int, known: int | None) -> tuple[Any, ...]:
    """Status, last known status and its day, first day of the spell."""
    if world.is_partial and not world.spans and not world.prints:
        return "unknown", None, None, None
    days = listed_days(world, known)
    last = day if world.checked is None else min(day, world.checked)
    if known is not None:
        # What was public may say ahead that an entry begins on a day; of the days after it nobody could say anything.
        begins = [one for one in range(known + 1, day + 1) if days[one] and not days[one - 1]]
        begins += [span.start for span in world.spans if span.start <= day and is_public(span.public, known)]
        last = min(last, max([known, *begins]))
    if world.covered is not None and day < world.covered and standing(days, last) != "listed":
        return "unknown", None, None, None  # a dated entry says that a party was listed, none that it was not
    if last < day and (world.covered is None or last >= world.covered or standing(days, last) == "listed"):
        return "unknown", standing(days, last), last, spell(days, last)
    if last < day:
        return "unknown", None, None, None
    return standing(days, day), None, None, spell(days, day)


def shown(state: ListingState) -> tuple[Any, ...]:
    last = state.last_known
    return str(state.status), str(last[0]) if last else None, no(last[1]) if last else None, no(state.since)


# --- the calendar: rules --------------------------------------------------------------------------------------------


@dataclass
class Cell:
    """What one series of effects makes of one day: off, in doubt, or nothing."""

    word: str = "on"
    lasts: int = 0


def paint(rows: list[Off], limit: int | None, known: int | None, *, by_text: bool) -> list[Cell]:
    """One series over the calendar: first what follows each end, oldest first, then what each interval covers."""
    cells = [Cell() for _ in range(LONG + 1)]

    def read(row: Off, day: int) -> bool:
        far = row.read if row.read is not None else limit
        return (far is None or day <= far) and (known is None or day <= known)

    caution = {True: 0, None: 1, False: 2}
    for row in sorted(
        (row for row in rows if row.end is not None),
        key=lambda row: (row.end, caution[row.back], not read(row, row.end or 0)),
    ):
        assert row.end is not None
        for day in range(row.end, LONG + 1):
            if row.back is False:
                cells[day] = Cell("off", EVER)
            elif by_text or (row.back and read(row, row.end)):
                cells[day] = Cell()
            else:
                cells[day] = Cell("doubt", EVER)
    for sure in (False, True):
        for row in sorted(rows, key=lambda row: EVER if row.end is None else row.end):
            for day in range(row.start or 0, LONG + 1 if row.end is None else row.end):
                if sure and (by_text or not row.event or read(row, day)):
                    cells[day] = Cell("off", EVER if row.end is None else row.end)
                elif not sure:
                    cells[day] = Cell("doubt", EVER)
    return cells


def painted(world: World, target: str, keys: tuple[str | None, str | None], known: int | None) -> list[list[Off]]:
    """The series that bear on one entry."""
    series: dict[tuple[Any, ...], list[Off]] = {}
    entry, party = keys
    for off in sorted(world.offs, key=lambda off: off.key):
        is_meant = off.target in (target, LIST) and off.entry in (None, entry) and off.party in (None, party)
        if is_meant and is_public(off.public, known):
            series.setdefault((off.kind, off.target, off.entry, off.party), []).append(off)
    return list(series.values())


def calendar(
    world: World, series: list[list[Off]], start: int | None, known: int | None, *, by_text: bool
) -> list[str]:
    """The status of a rule for one entry on every day."""
    words = {"suspension": "suspended", "stay": "stayed"}
    stops = [off.start or 0 for rows in series for off in rows if off.kind == "stop"]
    off_on: list[str | None] = []
    doubt_on: list[bool] = []
    texts: list[str | None] = []
    layers = [(rows[0].kind, rows) for rows in series if rows[0].kind != "stop"]
    for told, target in ((by_text, off_on), (True, texts)):
        drawn = [(kind, paint(rows, world.checked, known, by_text=told)) for kind, rows in layers]
        for day in range(LONG + 1):
            here = [(cells[day].lasts, words[kind]) for kind, cells in drawn if cells[day].word == "off"]
            stopped = any(day >= stop for stop in stops)
            target.append("ended" if stopped else max(here)[1] if here else None)
            if target is off_on:
                doubt_on.append(any(cells[day].word == "doubt" for _, cells in drawn))
    statuses = []
    for day in range(LONG + 1):
        if world.public is not None and day < world.public:
            statuses.append("not_in_force")
        elif world.end is not None and day >= world.end:
            statuses.append("ended")
        elif start is not None and day < start and not (off_on[day] and texts[min(start, LONG)]):
            statuses.append("upcoming")
        elif (word := off_on[day]) is not None:
            statuses.append(word)
        elif start is None or doubt_on[day]:
            statuses.append("unknown")
        else:
            statuses.append("in_force")
    return statuses


STRICT = ["in_force", "unknown", "upcoming", "suspended", "stayed", "ended", "not_in_force"]


def strictest(calendars: list[list[str]]) -> list[str]:
    return [min(day, key=STRICT.index) for day in zip(*calendars, strict=True)]


def expected_rule(world: World, target: str, entries: list[Span | None], day: int, known: int | None) -> Any:
    """Status on a day, and the next day on which it changes by the texts."""
    if not is_public(world.public, known):
        return "not_in_force", None
    seen, texts = [], []
    days = listed_days(world, known)
    for span in entries:
        party = PARTY if target == RULE else None
        series = painted(world, target, (span.key if span else None, party), known)
        start = world.start if target == RULE or world.start is not None else world.public
        if span is not None and start is not None:
            start = max(start, span.own_start or 0)
            if world.delay is not None:
                first = span.start
                while first > 0 and days[first - 1]:
                    first -= 1
                start = max(start, first + world.delay)
        seen.append(calendar(world, series, start, known, by_text=False))
        texts.append(calendar(world, series, start, known, by_text=True))
    now = strictest(seen)[day]
    if now == "unknown":
        return now, None
    plan = strictest(texts)
    return now, next((later for later in range(day + 1, LONG + 1) if plan[later] != plan[day]), None)


def told(state: ConsequenceState) -> tuple[str, int | None]:
    return str(state.status), no(state.until)


# --- random worlds --------------------------------------------------------------------------------------------------

DAY = st.integers(0, END - 8)
MAYBE = st.none() | DAY


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    found: list[Span] = []
    for number in range(draw(st.sampled_from([1, 2, 3, 0]))):
        # Often one notice removes and lists again: the next entry begins where the last one ends.
        before = [span.end for span in found if span.end is not None and span.end < END - 8]
        start = draw(st.sampled_from([*before, *before, draw(DAY)]))
        length = draw(st.none() | st.integers(1, 12))
        end = None if length is None else start + length
        public = max(0, start + draw(st.integers(-4, 4)))
        end_public = None if end is None else draw(st.none() | st.just(max(public, end + draw(st.integers(-4, 4)))))
        own = draw(st.none() | st.integers(0, 30))
        found.append(Span(f"d{number}", start, end, public, end_public, own))
    return found


@st.composite
def offs(draw: st.DrawFn, keys: list[str]) -> list[Off]:
    found: list[Off] = []
    for number in range(draw(st.sampled_from([2, 3, 4, 6, 1, 0]))):
        kind = draw(st.sampled_from(["suspension", "suspension", "suspension", "stay", "stay", "stop"]))
        start = draw(MAYBE)
        length = None if kind == "stop" else draw(st.none() | st.integers(1, 12))
        target = draw(st.sampled_from([RULE, RULE, LIST, OWN]))
        entry = draw(st.sampled_from([None, None, *keys]))
        party = draw(st.sampled_from([None, None, PARTY, "somebody"]))
        end = None if length is None else (start or 0) + length
        continues = draw(st.booleans())
        if continues and found and found[-1].end is not None:
            # Often one continues, or ends together with, another on the same rule and entry.
            last, until = found[-1], found[-1].end
            kind, target, entry = last.kind, last.target, last.entry
            party = draw(st.sampled_from([last.party, last.party, None, PARTY]))
            start, end = draw(st.sampled_from([(until, None), (last.start, until), (until, until + 5)]))
        public = None if start is None else draw(st.none() | st.just(max(0, start + draw(st.integers(-4, 4)))))
        found.append(
            Off(
                key=f"e{number}",
                kind=kind,
                target=target,
                start=start,
                end=end,
                back=draw(st.sampled_from([True, True, False, None])),
                event=draw(st.booleans()),
                read=draw(MAYBE),
                public=public,
                entry=entry,
                party=party,
            )
        )
    return found


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """An event list with a rule."""
    listed = draw(spans())
    return World(
        covered=draw(st.sampled_from([None, None, None, 0, 5])),
        checked=draw(st.none() | st.integers(20, END - 8)),
        is_partial=draw(st.booleans()),
        spans=listed,
        offs=draw(offs([span.key for span in listed])),
        public=draw(st.sampled_from([0, None, 3, 9])),
        start=draw(st.sampled_from([0, 5, 12, 25, None])),
        end=draw(st.none() | st.integers(END - 8, END - 1)),
        delay=draw(st.none() | st.integers(0, 9)),
    )


@st.composite
def edition_worlds(draw: st.DrawFn) -> World:
    """An edition list: printed, carried, omitted, added between editions or taken off between them."""
    dates = sorted(draw(st.sets(DAY, min_size=1, max_size=5)))
    publics = sorted(max(0, on + draw(st.integers(-2, 3))) for on in dates)
    editions = [(on, draw(st.integers(0, 3)) > 0, public) for on, public in zip(dates, publics, strict=True)]
    prints = set(draw(st.lists(st.sampled_from(dates), max_size=5)))
    world = World(editions=editions, prints=prints, checked=draw(MAYBE))
    if draw(st.booleans()):
        for number in range(draw(st.integers(0, 2))):
            start = draw(DAY)
            world.spans.append(Span(f"x{number}", start, None, max(0, start + draw(st.integers(-2, 3)))))
        return world
    opening = sorted(prints)[:1]
    if opening:
        first = opening[0]
        whole = [on for on, complete, _ in editions if on > first and complete and on not in prints]
        last = min([*whole, END - 4])
        if last > first + 1:
            end = draw(st.integers(first + 1, last - 1))
            public = next(public for on, _, public in editions if on == first)
            world.spans.append(Span("x", first, end, public, max(public, end + draw(st.integers(-2, 3)))))
    return world


CLOCK = st.none() | st.integers(0, END - 1)


def listing(kb: KnowledgeBase, day: int, known: int | None) -> ListingState:
    as_of = at(day)
    assert as_of is not None
    return listing_state(kb, kb.regimes[LIST], PARTY, as_of=as_of, known_at=at(known))


def rule(kb: KnowledgeBase, day: int, known: int | None) -> ConsequenceState:
    as_of = at(day)
    assert as_of is not None
    (consequence,) = kb.consequences[LIST]
    entry = listing(kb, day, known).designation
    return consequence_state(kb, consequence, designation=entry, entity_id=PARTY, as_of=as_of, known_at=at(known))


def holding(world: World, day: int, known: int | None, given_key: str | None) -> list[Span | None]:
    """The entries that count that day: those that run, else the one that was; without a listing, the rule itself."""
    if given_key is None:
        return [None]
    running: list[Span | None] = []
    for span in world.spans:
        ended = span.end
        if ended is not None and not is_public(ended if span.end_public is None else span.end_public, known):
            ended = None
        if is_public(span.public, known) and span.start <= day and (ended is None or day < ended):
            running.append(span)
    return running or [next((span for span in world.spans if span.key == given_key), None)]


# --- the answers are the calendar's ---------------------------------------------------------------------------------


@SLOW
@given(world=worlds() | edition_worlds(), known=CLOCK)
def test_a_listing_on_any_day_is_what_the_calendar_says(world: World, known: int | None) -> None:
    kb = tiny_kb(*world.rows())
    for day in range(END):
        assert shown(listing(kb, day, known)) == expected_listing(world, day, known), (day, known)


@SLOW
@given(world=worlds(), known=CLOCK)
def test_a_rule_for_a_party_on_any_day_is_what_the_calendar_says(world: World, known: int | None) -> None:
    kb = tiny_kb(*world.rows())
    for day in range(END):
        entry = listing(kb, day, known).designation
        entries = holding(world, day, known, entry.id if entry else None)
        assert told(rule(kb, day, known)) == expected_rule(world, RULE, entries, day, known), (day, known)


@SLOW
@given(world=worlds(), known=CLOCK)
def test_an_ownership_rule_on_any_day_is_what_the_calendar_says(world: World, known: int | None) -> None:
    kb = tiny_kb(*world.rows())
    (own,) = kb.ownership_rules
    for day in range(END):
        as_of = at(day)
        assert as_of is not None
        state = ownership_rule_state(kb, own, as_of=as_of, known_at=at(known))
        assert told(state) == expected_rule(world, OWN, [None], day, known), (day, known)


@SLOW
@given(world=worlds(), known=CLOCK)
def test_what_is_unknown_says_what_the_text_says_and_nothing_else_does(world: World, known: int | None) -> None:
    kb = tiny_kb(*world.rows())
    for day in range(END):
        state = rule(kb, day, known)
        if state.by_text is not None:
            assert (state.status, state.by_text) == ("unknown", "in_force")
            assert state.effect is not None
        assert state.effect is None or state.status in ("suspended", "stayed", "ended", "unknown")


# --- what must not matter -------------------------------------------------------------------------------------------


@SLOW
@given(
    world=worlds() | edition_worlds(),
    known=CLOCK,
    announced=st.lists(st.tuples(DAY, st.sampled_from(["withdrawn", "announcement", "suit", "delisting"])), max_size=4),
)
def test_announcements_move_nothing(world: World, known: int | None, announced: list[tuple[int, str]]) -> None:
    rows = world.rows()
    events = [
        make_event(f"n{number}", str(at(on)), PARTY, type=kind, regime_id=LIST, consequence_id=RULE)
        for number, (on, kind) in enumerate(announced)
    ]
    plain, told_of = tiny_kb(*rows), tiny_kb(*rows, *events)
    for day in range(0, END, 3):
        assert listing(plain, day, known) == listing(told_of, day, known)
        assert rule(plain, day, known) == rule(told_of, day, known)


@SLOW
@given(world=worlds(), known=st.integers(0, END - 1), later=st.data())
def test_nothing_released_after_known_at_changes_the_answer(world: World, known: int, later: st.DataObject) -> None:
    """A world in which the later rows do not exist at all answers the same."""
    world.is_partial = False
    least = World(**{**world.__dict__})
    least.spans = [
        Span(
            span.key,
            span.start,
            None if span.end is None or not is_public(span.end_public or span.end, known) else span.end,
            span.public,
            span.end_public,
            span.own_start,
        )
        for span in world.spans
        if is_public(span.public, known)
    ]
    kept = {span.key for span in least.spans}
    least.offs = [off for off in world.offs if is_public(off.public, known) and off.entry in (None, *kept)]
    full, lean = tiny_kb(*world.rows()), tiny_kb(*least.rows())
    day = later.draw(st.integers(0, END - 1))
    assert shown(listing(full, day, known)) == shown(listing(lean, day, known))
    assert told(rule(full, day, known)) == told(rule(lean, day, known))


@SLOW
@given(world=worlds() | edition_worlds())
def test_to_know_all_is_to_know_it_on_the_last_day(world: World) -> None:
    world.is_partial = False
    kb = tiny_kb(*world.rows())
    for day in range(0, END, 3):
        assert shown(listing(kb, day, None)) == shown(listing(kb, day, LONG))
        assert told(rule(kb, day, None)) == told(rule(kb, day, LONG))


@pytest.mark.parametrize("seed", range(3))
def test_a_calendar_with_a_wrong_day_would_be_seen(seed: int) -> None:
    """The oracle is no mirror: shift one day and it disagrees."""
    world = World(spans=[Span("d0", 10 + seed, 20 + seed, 10 + seed)], start=0)
    kb = tiny_kb(*world.rows())
    world.spans[0].end = 21 + seed
    wrong = [day for day in range(END) if shown(listing(kb, day, None)) != expected_listing(world, day, None)]
    assert wrong == [20 + seed]
