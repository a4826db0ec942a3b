"""A claim as one text that cannot be cut apart: the words, who said them, the caveat and the answers (promise 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.report.wording import left_open

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beholden.schema.result import Claim


def both_sides(claim: Claim, claims: Mapping[str, Claim]) -> str:
    """Return a claim with its caveat and every answer on file, or with what it answers.

    Args:
        claim: The claim.
        claims: Every claim of the result by id.
    """
    return "\n".join(_lines(claim, claims))


def _lines(claim: Claim, claims: Mapping[str, Claim]) -> Iterator[str]:
    yield _said(claim)
    if claim.caveat:
        yield f"Caveat: {claim.caveat}."
    if claim.chain:
        yield f"Known through: {', '.join(claim.chain)}."
    if claim.gaps:
        yield f"{left_open(claim.gaps)}."
    if claim.note:
        yield f"Note: {claim.note}"
    for other_id in claim.answers:
        yield f"It answers: {_named(other_id, claims)}"
    for other_id in claim.answered_by:
        yield f"Answer: {_named(other_id, claims)}"
    if not claim.answered_by and not claim.answers:
        yield "No answer is on file."


def _named(claim_id: str, claims: Mapping[str, Claim]) -> str:
    claim = claims.get(claim_id)
    return f"{claim_id} (its text is not in this result)" if claim is None else _said(claim)


def _said(claim: Claim) -> str:
    day = f", reported {claim.reported_date}" if claim.reported_date else ""
    return f"{claim.type.capitalize()} by {claim.speaker}{day}: {claim.text}"
