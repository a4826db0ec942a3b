"""The document of `kb review`: pairs of ids that may mean one party, with both sides and what was decided."""

from __future__ import annotations

from beholden.schema.document import Document
from beholden.schema.result import KnowledgeBaseInfo
from beholden.schema.version import REPORT_SCHEMA


class ReviewSide(Document, kw_only=True):
    """What is said of a party under one id; of a pair that is joined, what was said before it was.

    Attributes:
        names: The caption first; at most twelve of each list are told.
        identifiers: `kind value`.
        lists: `regime: printed name`.
        other_ids: Ids that stand for this one.
    """

    id: str
    schema: str
    names: list[str]
    jurisdictions: list[str]
    addresses: list[str]
    birth_dates: list[str]
    identifiers: list[str]
    lists: list[str]
    other_ids: list[str]


class ReviewDecision(Document, kw_only=True):
    """What a person decided about two ids: `same` or `apart`."""

    one: str
    other: str
    decided: str
    because: str
    on: str | None
    by: str | None


class ReviewPair(Document, kw_only=True):
    """Two ids and whether they are one party here.

    Attributes:
        standing: `joined`, `kept_apart` or `open`: somebody looked and could not say.
        rule: What joined them: `identifier`, `same_entry`, `name_and_more`, `reviewed`; or `declined`: something would
            join them and something else does not allow it; `open`; or `same_name`: nothing but a name would.
        entity: The id that both have here; null: they are two.
        speaks_for: What speaks for one party, in sentences, beside the decision.
        speaks_against: What speaks against it.
        sides: Of both ids; of a pair that a shared number joined, only the ids.
        source: Source of a decision that the packs made.
        decision: What was decided here, as it stands.
        earlier: What was decided before that, oldest first.
    """

    standing: str
    rule: str
    entity: str | None
    speaks_for: list[str]
    speaks_against: list[str]
    sides: list[ReviewSide]
    source: str | None
    decision: ReviewDecision | None
    earlier: list[ReviewDecision]


class Review(Document, kw_only=True):
    """The document of `beholden kb review`.

    Attributes:
        show: Which pairs were asked for: `doubtful`, `decided`, `joined` or `names`.
        about: The id or name that was asked for; null: all.
        done: What this call did: `same`, `apart`, `undone`; null: it only looked.
        decision: What it decided or took back.
        total: Pairs in all; null: not counted, there may be millions.
        more: There are more after these.
        decided: Decisions that stand.
        without_effect: Decisions that change nothing by themselves, with the base as it is.
    """

    schema_version: str = REPORT_SCHEMA
    command: str = "kb review"
    as_of: str
    known_at: str | None = None
    kb: KnowledgeBaseInfo
    show: str
    about: str | None
    done: str | None = None
    decision: ReviewDecision | None = None
    page: int
    limit: int
    total: int | None
    more: bool
    decided: int
    pairs: list[ReviewPair]
    without_effect: list[ReviewDecision]
