"""The documents of `beholden diff` and `beholden whatif` (DESIGN section 6): what differs, why, and how much it is."""

from __future__ import annotations

import msgspec

from beholden.schema.document import Document
from beholden.schema.result import Claim, Coverage, Finding, KnowledgeBaseInfo, ProfileInfo, Quantity
from beholden.schema.version import REPORT_SCHEMA


class Reason(Document, kw_only=True):
    """Why one finding is not on both sides, or not the same on both.

    Attributes:
        kind: `list` (an entry began, ended, was made anew, or our copy ends), `effect` (a suspension, stay or stop
            began or ended), `ownership` (a stake or an ownership rule), `rule` (a consequence began, ended or turned
            by its own date or text), `own_data` (our records, profile, answers or licences), `match` (how sure the
            operator is), `claim` (what was said of the party), `unknown` (it cannot be told apart).
        text: One plain sentence.
        day: Day of the act that made the difference, where there is one.
        regime: The list, where it is about one.
        rule: The consequence or ownership rule, where it is about one.
        designation: The entry, where it is about one.
        source: Where that act is recorded.
        hypothetical: Whether it is only supposed.
    """

    kind: str
    text: str
    day: str | None = None
    regime: str | None = None
    rule: str | None = None
    designation: str | None = None
    source: str | None = None
    hypothetical: bool = False


class Change(Document, kw_only=True):
    """A finding that both sides have, and not the same."""

    id: str
    before: Finding
    after: Finding
    because: list[Reason]


class LevelImpact(Document, kw_only=True):
    """How much is newly touched, or freed, at one level; each artefact counts once."""

    change: str  # touched | freed
    level: str  # of what touches; of what no longer does
    findings: int
    impact: list[Quantity]
    done_before: list[Quantity] = []  # of `impact`, what was done before the rule could cover it
    kept: list[Quantity] = []  # of what is freed, and not in `impact`: done while the rule applied; it stays as it was


class RuleImpact(Document, kw_only=True):
    """One rule that newly touches, no longer touches, or newly stands beside our records without bearing on them.

    Attributes:
        change: `touched`, `freed`, or `beside` (it binds others or covers other conduct).
        level: The worst that it gives; for what is freed, the worst that it gave.
        levels: Findings by the level that it gives, or gave.
        applies_from: The later of the rule's own day and the entry's; where it rests, when it is due back.
        days_until: From as-of to the day it applies; 0: in force; null: not dated, or freed.
        impact: Without what an exception of the rule takes out.
        done_before: Of `impact`, what was done before the rule could cover it.
        kept: Of what is freed, and not in `impact`: what was done while the rule applied, and stays as it was judged.
        why: What the rule says of each of the findings, where it says the same of all.
    """

    change: str
    rule: str
    regime: str
    level: str
    effect: str
    binds: list[str]
    binds_you: bool | None
    consequence_status: str
    applies_from: str | None
    days_until: int | None
    citation: str | None
    findings: int
    levels: dict[str, int]
    impact: list[Quantity]
    done_before: list[Quantity] = []
    kept: list[Quantity] = []
    why: str = ""


class Side(Document, kw_only=True):
    """One of the two that a comparison compares."""

    kind: str  # result | date | base
    name: str  # name of the file, the date, or the digest of the base
    as_of: str
    known_at: str | None
    kb_digest: str
    profile: ProfileInfo | None
    findings: int


class Hypothesis(Document, kw_only=True):
    """One supposition, as it was understood; no row of the base says it.

    Attributes:
        kind: `designate`, `lift`, `suspend` or `sell`.
        text: One plain sentence.
        changes_nothing: The base says so already; `note` says what.
    """

    kind: str
    text: str
    on: str
    until: str | None = None
    entity: str | None = None
    regime: str | None = None
    target: str | None = None
    owner: str | None = None
    owned: str | None = None
    percentage: str | None = None
    changes_nothing: bool = False
    note: str | None = None


class Comparison(Document, kw_only=True):
    """The document of `beholden diff`; the head is that of the second side."""

    schema_version: str = REPORT_SCHEMA
    command: str = "diff"
    as_of: str
    known_at: str | None
    kb: KnowledgeBaseInfo
    from_: Side = msgspec.field(name="from")
    to: Side
    added: list[Finding]
    gone: list[Finding]
    changed: list[Change]
    because: dict[str, list[Reason]]  # of what was added or is gone, by finding id
    impact: list[Quantity]
    days_until: int | None
    by_level: list[LevelImpact]
    by_rule: list[RuleImpact]
    still: dict[str, list[str]] = {}  # of findings that a rule no longer touches: listed parties through whom it does
    claims: list[Claim] = []
    sources: dict[str, dict[str, str | None]] = {}
    coverage: list[Coverage] = []


class Supposition(Document, kw_only=True):
    """The document of `beholden whatif`: the base as it is, and with the hypotheses laid over it.

    Attributes:
        kb: The base as it is; it holds none of the hypotheses.
        judged_as_of: The last day both were judged on: `as_of`, or the last day that a hypothesis names if it is later.
        judged_on: Of each finding that differs, the first day on which it does.
    """

    schema_version: str = REPORT_SCHEMA
    command: str = "whatif"
    as_of: str
    known_at: str | None
    kb: KnowledgeBaseInfo
    profile: ProfileInfo | None
    hypotheses: list[Hypothesis]
    judged_as_of: str
    judged_on: dict[str, str] = {}
    added: list[Finding]
    gone: list[Finding]
    changed: list[Change]
    because: dict[str, list[Reason]]  # of what was added or is gone, by finding id
    impact: list[Quantity]
    days_until: int | None
    by_level: list[LevelImpact]
    by_rule: list[RuleImpact]
    still: dict[str, list[str]] = {}  # of findings that a rule no longer touches: listed parties through whom it does
    claims: list[Claim] = []
    sources: dict[str, dict[str, str | None]] = {}
    coverage: list[Coverage] = []
