"""The documents of `beholden kb diff` and `beholden kb export`: what differs between two bases, what was passed on."""

from __future__ import annotations

import msgspec

from beholden.schema.document import Document
from beholden.schema.result import EntityRef, KnowledgeBaseInfo
from beholden.schema.version import REPORT_SCHEMA


class BaseSide(Document, kw_only=True):
    """One of the two bases that are compared."""

    name: str  # as the user called it
    digest: str
    rows: int


class FieldChange(Document, kw_only=True):
    """One column that differs; a value that is not text is written as JSON; null: not stated."""

    field: str
    before: str | None
    after: str | None


class PartyState(Document, kw_only=True):
    """A party on a list as one base has it, over all its entries there.

    Attributes:
        running: Whether an entry runs on the as-of date.
        listed_as: Printed names of those that run; of all, where none does.
        since: First day of the earliest of them.
        since_is_latest: It began by then: `since` is the first copy of ours that prints it.
        until: First day after the last of them; null: open.
        until_is_latest: It ended by then.
        programmes: Programme tags as printed.
        applies_from: Where the issuer gives the entry a later start than the rule's.
        basis: What the entry rests on, as printed.
        printed: Text of the entry in the latest edition that has one.
        certainty: `confirmed`, or `probable`: an entry that may mean another party.
        entries: Rows of the party under the list.
    """

    running: bool
    listed_as: list[str]
    since: str | None
    since_is_latest: bool
    until: str | None
    until_is_latest: bool
    programmes: list[str]
    applies_from: str | None
    basis: str | None
    printed: str | None
    certainty: str
    entries: int


class PartyChange(Document, kw_only=True):
    """A party that came onto a list, left it, or stands there otherwise than before.

    Attributes:
        entity: Id of the party; of a category entry without a party, the category.
        caption: Its name.
        how: `new` (only the second base has it), `again` (its entries had ended), `ended` (its entries have an end
            now), `not_held` (only the first base has it), or `changed`.
        day: The day of it, where there is one.
        fields: What of it differs.
    """

    entity: str
    caption: str
    how: str
    day: str | None
    before: PartyState | None
    after: PartyState | None
    fields: list[FieldChange]


class ListState(Document, kw_only=True):
    """A list as one base has it."""

    loaded: bool
    is_partial: bool
    edition: str | None  # the latest
    editions: int
    covered_from: str | None
    checked_until: str | None
    parties: int  # with an entry that runs
    ended: int  # with entries that have all ended


class ListChange(Document, kw_only=True):
    """A list that is not the same in both bases; null: a base does not know it."""

    id: str
    title: str
    before: ListState | None
    after: ListState | None
    added: list[PartyChange]
    gone: list[PartyChange]
    changed: list[PartyChange]
    unchanged: int


class TableChange(Document, kw_only=True):
    """How many rows of a table came, went and differ in more than the publication that they rest on."""

    table: str
    before: int
    after: int
    added: int
    removed: int
    changed: int


class LawChange(Document, kw_only=True):
    """A row of a law table that was added, removed or changed.

    `fields` has every column that differs; of a row that was added or removed, every column that says something.
    """

    table: str
    id: str
    change: str  # added | removed | changed
    regime: str | None
    title: str
    fields: list[FieldChange]


class Standing(Document, kw_only=True):
    """A party's standing on a list by one base, on the day asked."""

    status: str
    listed_as: str | None
    since: str | None
    until: str | None
    edition: str | None
    reason: str | None
    since_is_latest: bool = False
    last_known: str | None  # of a status that is unknown only because our copy ends before the day


class RuleStanding(Document, kw_only=True):
    """A rule's standing for the party by both bases; null: a base does not know the rule."""

    rule: str
    before: str | None
    after: str | None


class FindingOutlook(Document, kw_only=True):
    """A finding whose ground differs between the bases.

    Attributes:
        change: The weightiest of: `missing` (the second base does not know the party or the list), `ends`, `listed`,
            `unknown` (the listing is, by the second base), `rule`, `ownership`, `entry` (name, day or edition of the
            entry), `copy` (only how far our copy reaches), `claim`.
        because: One sentence per difference.
    """

    id: str
    level: str
    operator: EntityRef
    listed_entity: EntityRef
    regime: str | None
    change: str
    because: list[str]
    before: Standing | None
    after: Standing | None
    rules: list[RuleStanding]


class ResultOutlook(Document, kw_only=True):
    """Which findings of a result rest on something that differs between the bases.

    Attributes:
        name: The file.
        as_of: The day both bases were asked about.
        made_by: `from`, `to`, or `other`: which base answered when the result was made.
        same: Findings whose ground is the same.
        not_held: Ids of findings about parties that neither base holds, such as those of an in-house pack.
        note: What this cannot say.
    """

    name: str
    as_of: str
    known_at: str | None
    made_by: str
    findings: list[FindingOutlook]
    by_change: dict[str, int]
    same: int
    not_held: list[str]
    note: str


class BaseComparison(Document, kw_only=True):
    """The document of `beholden kb diff`; the head is that of the second base."""

    schema_version: str = REPORT_SCHEMA
    command: str = "kb diff"
    as_of: str
    known_at: str | None = None
    kb: KnowledgeBaseInfo
    from_: BaseSide = msgspec.field(name="from")
    to: BaseSide
    lists: list[ListChange]
    same_lists: list[str]
    tables: list[TableChange]
    law: list[LawChange]
    result: ResultOutlook | None = None


class SourceShare(Document, kw_only=True):
    """A source, how many of its rows were exported and how many were left out for its licence."""

    id: str
    title: str
    publisher: str | None
    url: str | None
    date: str | None
    licence: str | None
    attribution: str | None
    may_pass_on: bool | None  # null: not stated, and so left out
    rows: int
    left_out: int


class TableShare(Document, kw_only=True):
    """A table: rows exported, left out for their source, and left out because they refer to a row that was."""

    table: str
    rows: int
    left_out: int
    left_out_with: int


class BaseExport(Document, kw_only=True):
    """The document of `beholden kb export`; `sources.json` in the folder is the same."""

    schema_version: str = REPORT_SCHEMA
    command: str = "kb export"
    kb_digest: str
    kb_schema: str
    rows: int
    left_out: int
    left_out_with: int
    tables: list[TableShare]
    sources: list[SourceShare]
    unsourced: int  # rows without a source that we know: nobody can say whether they may be passed on


class PrunedBase(Document, kw_only=True):
    """A base that was, or would be, removed; `used_at` is when it was last of use, UTC."""

    digest: str
    bytes: int
    used_at: str


class Pruning(Document, kw_only=True):
    """The document of `beholden kb prune`; with `dry_run` nothing was removed."""

    schema_version: str = REPORT_SCHEMA
    command: str = "kb prune"
    older_than_days: int
    dry_run: bool
    bases: list[PrunedBase]
