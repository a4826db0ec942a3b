"""The result document (DESIGN section 6): what every report renders and every command prints as JSON.

Amounts are decimal strings with a unit; dates are ISO 8601 strings; lists are sorted by stated keys, so that the same
input, knowledge base and dates give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from beholden.schema.acceptance import Asked, AuthorisationUse, BaselineInfo, GateInfo, Waiver, WaiverUse
from beholden.schema.document import Document
from beholden.schema.signal import Signal
from beholden.schema.timeline import TimelineRow
from beholden.schema.version import REPORT_SCHEMA

if TYPE_CHECKING:
    from beholden.schema.rows import Entity


class Quantity(Document, kw_only=True):
    """An amount with its unit: ISO 4217, `By` for bytes, `1` for counts."""

    amount: str
    unit: str
    what: str


class EntityRef(Document, kw_only=True):
    """An entity as a finding names it."""

    id: str
    schema: str
    caption: str
    jurisdictions: list[str] = []

    @classmethod
    def of(cls, entity: Entity) -> EntityRef:
        """Name an entity of the knowledge base."""
        return cls(id=entity.id, schema=entity.schema, caption=entity.caption, jurisdictions=list(entity.jurisdictions))


class LastKnown(Document, kw_only=True):
    """What the last copy of a list said, where the date asked lies behind it."""

    status: str
    at: str


class Listing(Document, kw_only=True):
    """The entry on a list that a finding rests on."""

    regime: str
    designation: str | None
    listing_status: str
    listed_as: str | None
    edition: str | None = None
    since: str | None = None
    last_known: LastKnown | None = None
    since_is_latest: bool = False  # `since` is the day of our first copy that prints it: it was listed by then
    basis: str | None = None
    citation: str | None = None
    source: str | None = None
    grade: str | None = None
    place: str | None = None  # the party counts by its place under the rule's text in `basis`, and not by a listing


class Act(Document, kw_only=True):
    """Quantities of the days with one status; `from` and `to` are the first and the last such day."""

    from_: str | None = msgspec.field(name="from")
    to: str | None
    consequence_status: str
    quantities: list[Quantity] = []
    excepted_by: str | None = None  # id of the exception or authorisation that covers these days
    level: str = ""  # what the rule made of them: `info` where it did not cover them


class Duty(Document, kw_only=True):
    """Something a rule obliges to do, with its clock."""

    id: str
    text: str
    citation: str | None = None
    days: int | None = None
    calendar: str | None = None
    due: str | None = None


class ConsequenceResult(Document, kw_only=True):
    """One rule keyed to the listing, as it stands for this artefact."""

    id: str
    level: str
    level_if_confirmed: str | None
    consequence_status: str
    applies_from: str | None
    until: str | None
    effect: str
    binds: list[str]
    binds_you: bool | None
    citation: str | None
    exceptions: list[dict[str, Any]] = []  # the rule's; `status`, and `because`: see policy.facts
    authorisations: list[AuthorisationUse] = []
    duties: list[Duty] = []
    acts: list[Act] = []
    why: str = ""
    grade: str | None = None
    standing_level: str | None = None  # of what stands on the day asked; null: there are dated acts only
    reaches_you: bool = False  # it binds others, and comes to a role of ours through our dealings with them


class Counted(Document, kw_only=True):
    """One value of a capped sample, with how often it was seen."""

    value: str
    count: int


class Sample(Document, kw_only=True):
    """How many distinct values there were and the most frequent of them."""

    distinct: int
    top: list[Counted] = []


class Location(Document, kw_only=True):
    """Where it was read."""

    file: str
    line: int | None = None


class MonthQuantity(Document, kw_only=True):
    """What was done in one month; `month` is YYYY-MM, `since` its first day with an act."""

    month: str
    since: str = ""
    amount: str
    unit: str
    what: str


class Artefact(Document, kw_only=True):
    """What the organisation has that leads to the entity; `id` joins it with its rows in the Parquet and CSV tables."""

    id: str = ""
    kind: str
    value: str
    relation: str
    direction: str
    segment: str | None
    unit: str | None
    values: Sample
    own_hosts: Sample
    locations: list[Location]
    count: int
    first_seen: str | None
    last_seen: str | None
    quantities: list[Quantity]
    by_month: list[MonthQuantity] = []  # dated acts only
    fields: list[str] = []  # where in the records it stood: ssl.server_name, packages[].name …
    details: list[dict[str, Any]] = []


class Hop(Document, kw_only=True):
    """One step of a path, with its source and validity."""

    from_: str = msgspec.field(name="from")
    to: str
    hop: str
    source: str | None
    grade: str | None
    valid_from: str | None
    valid_to: str | None
    note: str | None = None


class Term(Document, kw_only=True):
    """One stake of a sum."""

    owner: str
    owned: str
    low: str | None
    high: str | None
    source: str | None = None
    ownership_type: str | None = None  # capital | voting | control | affiliate
    regimes: list[str] = []  # the holder's lists that the rule counts; empty: covered through its own owners
    place: str | None = None  # the place by which the holder counts, where the rule names places
    holder: str | None = None  # nominee | unknown: held for somebody else, or for nobody who is known
    beneficiary: str | None = None  # for whom a nominee holds it, where that is disclosed
    counts: str = (
        "both"  # both | high: in both bounds, or in the upper one only; told_again: another source's word for it
    )


class MostRestrictive(Document, kw_only=True):
    """Of holders on several lists, those whose list asks most: the reached entity takes that requirement."""

    regime: str
    holders: list[str]
    why: str


class SumBefore(Document, kw_only=True):
    """Why a holder that is on no list counts: the sum of its own owners under the same rule."""

    owned: str
    low: str
    high: str
    outcome: str
    tally: str | None = None
    terms: list[Term] = []


class Arithmetic(Document, kw_only=True):
    """The sum that an ownership rule asks for."""

    rule: str
    threshold: str | None
    low: str | None
    high: str | None
    outcome: str
    terms: list[Term] = []
    tally: str | None = None  # capital | voting: which of the two sums decides
    note: str | None = None  # why a sum that meets the test does not cover
    most_restrictive: MostRestrictive | None = None
    before: list[SumBefore] = []  # sums of holders that count through their own owners, the nearest to a list first


class MatchResult(Document, kw_only=True):
    """How the artefact led to the operator."""

    method: str
    score: float
    decision: str
    features: dict[str, Any] = {}


class Finding(Document, kw_only=True):
    """One artefact, one operator, one listed entity, one regime (or the claims about the operator)."""

    id: str
    previous_ids: list[str] = []
    level: str
    level_if_confirmed: str | None
    stale: bool
    why: str
    operator: EntityRef
    listed_entity: EntityRef
    listing: Listing | None
    consequences: list[ConsequenceResult]
    artefact: Artefact
    path: list[Hop]
    arithmetic: Arithmetic | None
    match: MatchResult
    questions: list[str] = []  # those without an answer
    asked: list[Asked] = []
    claims: list[str] = []
    waiver: Waiver | None = None
    baseline: str | None = None  # new | unchanged | worse | better; null: no baseline was given


class Span(Document, kw_only=True):
    """Where in a text a claim stands."""

    start: int
    end: int


class Claim(Document, kw_only=True):
    """What a named speaker is reported to have said, with the answers to it."""

    id: str
    type: str
    speaker: str
    target: list[str]
    text: str
    span: Span | None
    chain: list[str]
    document_date: str | None
    reported_date: str | None
    caveat: str | None
    answers: list[str]
    answered_by: list[str]
    source: str | None
    grade: str | None = None
    gaps: str | None = None  # what the claim, as reported, does not state
    note: str | None = None


class Coverage(Document, kw_only=True):
    """What became of one input file."""

    file: str
    reader: str | None
    status: str  # read | partial | rejected | no_reader
    records_read: int = 0
    records_rejected: int = 0
    reasons: dict[str, int] = {}
    not_resolved: dict[str, int] = {}
    notes: list[str] = []


class SourceInfo(Document, kw_only=True):
    """One list or table in the knowledge base and the span our copy covers."""

    id: str
    edition: str | None
    covered_from: str | None
    checked_until: str | None
    loaded: bool
    is_partial: bool = False  # it holds some parties only: the absence of another is unknown
    between: list[str] | None = None  # days of the copies before and after the as-of date, more than a month apart


class KnowledgeBaseInfo(Document, kw_only=True):
    """Which knowledge base answered; `as_held`: of the publications, only those that were held by this day."""

    digest: str
    sources: list[SourceInfo]
    as_held: str | None = None


class EntitySummary(Document, kw_only=True):
    """One operator: levels, quantities and relations over all its findings."""

    entity: EntityRef
    levels: dict[str, int]
    quantities: list[Quantity]
    relations: dict[str, int]


class Summary(Document, kw_only=True):
    """Totals."""

    by_level: dict[str, int]
    by_entity: list[EntitySummary]


class ProfileInfo(Document, kw_only=True):
    """Who the result is for; roles null: no profile was given and every role is assumed."""

    name: str
    roles: list[str] | None
    units: list[str] = []
    unused: list[str] = []  # answers, authorisations and contracts that met no finding


class UndecidedListing(Document, kw_only=True):
    """A party that may be on a list: entries have its name, undecided whether they mean it; or a later copy prints it.

    Attributes:
        entity: The party.
        behind: Who stands behind what was read: the party itself, or whom it owns.
        entries: Parties on the list that have its name.
    """

    entity: EntityRef
    behind: EntityRef
    regime: str
    entries: list[EntityRef]
    listed_by: str | None = None  # the later day from which on what we hold shows it on the list


class ScanResult(Document, kw_only=True):
    """The document of `beholden scan`."""

    schema_version: str = REPORT_SCHEMA
    command: str = "scan"
    as_of: str
    known_at: str | None
    kb: KnowledgeBaseInfo
    profile: ProfileInfo | None = None
    summary: Summary
    findings: list[Finding]
    claims: list[Claim]
    sources: dict[str, dict[str, str | None]] = {}  # id → title, publisher, url, date, class of every source cited
    timeline: list[TimelineRow] = []
    waivers: list[WaiverUse] = []
    baseline: BaselineInfo | None = None
    gate: GateInfo | None = None
    signals: list[Signal] = []  # behaviour, never a finding; asked for by `--detect`
    undecided: list[UndecidedListing] = []
    coverage: list[Coverage]


class Explanation(Document, kw_only=True):
    """The document of `beholden explain`: one finding with the claims and sources it cites."""

    schema_version: str = REPORT_SCHEMA
    command: str = "explain"
    as_of: str
    known_at: str | None
    kb: KnowledgeBaseInfo
    finding: Finding
    claims: list[Claim]
    sources: dict[str, dict[str, str | None]]
