"""What an organisation says for itself (accepted risks, earlier results, answers, licences), and how a gate came out.

None of these changes what is listed. Waivers and baselines change what a gate counts; answers and authorisations are
facts about the organisation's own affairs, each with its source.
"""

from __future__ import annotations

from beholden.schema.document import Document


class Waiver(Document, kw_only=True):
    """Our own acceptance of a risk, as it stands at the as-of date.

    `status` is `requested` (nobody approved it yet), `not_yet` (approved, begins later), `active` or `expired`.
    """

    id: str
    reason: str
    owner: str
    approver: str | None
    created: str
    expires: str
    active: bool
    status: str = "active"


class WaiverUse(Document, kw_only=True):
    """One entry of the waiver file and how many findings it met; none: it is unused and says so."""

    waiver: Waiver
    findings: int


class Asked(Document, kw_only=True):
    """A fact that a level depends on, with the answer the organisation gave, if it gave one.

    `id` is what `[[answers]]` in `beholden.toml` names. Without an answer, `text` is one of the finding's questions.
    """

    id: str
    text: str
    answer: str | None = None
    source: str | None = None
    by: str | None = None
    on: str | None = None


class AuthorisationUse(Document, kw_only=True):
    """A licence or conditional approval that covers acts of a finding."""

    id: str
    kind: str
    issuer: str | None
    valid_from: str | None
    valid_to: str | None
    conditions: str | None
    source: str


class Gone(Document, kw_only=True):
    """A finding of the baseline that is no longer there."""

    id: str
    level: str


class BaselineInfo(Document, kw_only=True):
    """The earlier result that the gate compares with."""

    file: str
    as_of: str | None
    kb_digest: str | None
    new: int
    unchanged: int
    worse: int
    better: int
    gone: list[Gone] = []


class GateInfo(Document, kw_only=True):
    """What `--fail-on` asked and how it came out."""

    fail_on: str
    confirmed_only: bool
    at_gate: int  # findings that count
    waived: int  # at or above the level, and not counted: a waiver is active
    in_baseline: int  # the same: the baseline has them
    passed: bool
