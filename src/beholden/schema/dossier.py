"""The documents of `show` and `kb info` (DESIGN section 6)."""

from __future__ import annotations

from beholden.schema.document import Document
from beholden.schema.result import (
    Claim,
    EntityRef,
    Hop,
    KnowledgeBaseInfo,
    LastKnown,
    MatchResult,
)
from beholden.schema.timeline import TimelineRow
from beholden.schema.version import REPORT_SCHEMA


class NameInfo(Document, kw_only=True):
    """A name with its source."""

    name: str
    kind: str
    lang: str | None
    source: str | None
    grade: str | None


class IdentifierInfo(Document, kw_only=True):
    """A value in a named scheme."""

    kind: str
    value: str
    source: str | None
    grade: str | None


class EntityInfo(Document, kw_only=True):
    """An entity with everything it is called.

    Attributes:
        referents: Ids under which it is published elsewhere.
        namesakes: Others with a name of it, of which nobody decided whether they are it.
        others_called: Others who have the name that was asked for, and are less likely meant by it.
    """

    id: str
    schema: str
    caption: str
    jurisdictions: list[str]
    names: list[NameInfo] = []
    identifiers: list[IdentifierInfo] = []
    referents: list[str] = []
    namesakes: list[EntityRef] = []
    others_called: list[EntityRef] = []
    note: str | None = None


class EntryInfo(Document, kw_only=True):
    """One name printed on a list."""

    edition: str | None
    listed_as: str | None
    basis: str | None
    since: str | None
    until: str | None
    source: str | None
    grade: str | None
    note: str | None = None
    citation: str | None = None
    since_is_latest: bool = False
    until_is_latest: bool = False


class ConsequenceInfo(Document, kw_only=True):
    """A rule keyed to the list, as it stands for this party."""

    id: str
    title: str
    consequence_status: str
    binds: list[str]
    conduct: list[str]
    effect: str | None
    applies_from: str | None
    until: str | None
    citation: str | None
    grade: str | None


class ListingInfo(Document, kw_only=True):
    """A party's standing on one list."""

    regime: str
    title: str
    listing_status: str
    listed_as: str | None
    since: str | None
    until: str | None
    edition: str | None
    last_known: LastKnown | None
    reason: str | None
    entries: list[EntryInfo]
    consequences: list[ConsequenceInfo]
    sources: list[str]
    citation: str | None = None
    since_is_latest: bool = False  # `since` is the day of our first copy that prints it: it was listed by then
    until_is_latest: bool = False  # `until` is the day of our first copy without it: it had left by then
    question: str | None = None  # what is open about the entry: it may mean another party
    namesakes: list[EntityRef] = []  # on the list, of the same name, and nobody decided whether they are this party


class StakeInfo(Document, kw_only=True):
    """A direct holding."""

    entity: EntityRef
    percentage_low: str | None
    percentage_high: str | None
    ownership_type: str
    valid_from: str | None
    valid_to: str | None
    holds: bool
    source: str | None
    grade: str | None
    note: str | None


class AssetInfo(Document, kw_only=True):
    """Something that belongs to the entity and can show up in records."""

    kind: str
    value: str
    relation: str | None
    valid_from: str | None
    valid_to: str | None
    source: str | None
    grade: str | None
    note: str | None


class Candidate(Document, kw_only=True):
    """An operator that could stand behind an artefact."""

    entity: EntityRef
    relation: str
    match: MatchResult
    path: list[Hop]


class Dossier(Document, kw_only=True):
    """The document of `beholden show`."""

    schema_version: str = REPORT_SCHEMA
    command: str = "show"
    as_of: str
    known_at: str | None
    kb: KnowledgeBaseInfo
    entity: EntityInfo | None = None
    artefact: dict[str, str] | None = None
    candidates: list[Candidate] = []
    listings: list[ListingInfo] = []
    owners: list[StakeInfo] = []
    owned: list[StakeInfo] = []
    assets: list[AssetInfo] = []
    claims: list[Claim] = []
    timeline: list[TimelineRow] = []


class ListInfo(Document, kw_only=True):
    """One list, or one importer, in `kb info`.

    Attributes:
        kind: `list`, or `publication`: an importer, whether or not anything of it is loaded.
        edition: Of a list the edition in force; of an importer the newest that went into the base. Of a part only where
            no whole one did; ages and days of both are those of this one.
        editions: Of an importer: every edition that went into the base.
        parts: Those of them that are parts.
        layout: In which the newest was read.
        held_at: Since when we have the newest, UTC.
        max_age_days: Days after which its publisher has a newer one.
        is_old: It is older than that.
        lists: Lists of which it is a copy.
        waiting: Of an importer: editions that are held and wait for the next build.
    """

    id: str
    title: str
    edition: str | None
    covered_from: str | None
    checked_until: str | None
    loaded: bool
    rows: int
    licence: str | None
    is_partial: bool = False
    age_days: int | None = (
        None  # from `checked_until` to the as-of date; 0: the copy covers it; null: no copy, or no day
    )
    kind: str = "list"
    publisher: str | None = None
    may_pass_on: bool | None = None
    editions: list[str] = []
    parts: list[str] = []
    layout: str | None = None
    held_at: str | None = None
    max_age_days: int | None = None
    is_old: bool = False
    lists: list[str] = []
    waiting: list[str] = []


class RegimeInfo(Document, kw_only=True):
    """One regime in `kb info`."""

    id: str
    kind: str
    title: str
    issuer: str | None
    citation: str | None


class RuleInfo(Document, kw_only=True):
    """One rule in `kb info`, with its standing at the date asked."""

    id: str
    kind: str
    regime: str
    status: str
    title: str
    applies_from: str | None
    grade: str | None
    until: str | None = None
    by_text: str | None = None


class BaseInfo(Document, kw_only=True):
    """The document of `beholden kb info`."""

    schema_version: str = REPORT_SCHEMA
    command: str = "kb info"
    as_of: str
    known_at: str | None
    kb: KnowledgeBaseInfo
    sources: list[ListInfo]
    regimes: list[RegimeInfo]
    rules: list[RuleInfo]
    tables: dict[str, int]
