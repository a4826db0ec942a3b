"""Why a finding is not the same on two sides: which act, by which date, or what of our own; and what cannot be told.

Every reason is read off the two findings and the two dates; the bases, where they are at hand, add the day and citation
of a suspension. Nothing depends on which side is the first, so that a comparison reads the same backwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.policy.days import a_year_before
from beholden.policy.difference import artefact_facts, entry_of, held_facts, listing_facts, stakes_of, sum_facts
from beholden.policy.reason_words import (
    amounts_of,
    began,
    by_issuer,
    cited,
    effective_status,
    end_of_listing,
    plain_words,
    stake_that,
    stakes_on_path,
    sum_of,
    what_it_is,
)
from beholden.policy.reasons_law import ownership_rule_reasons, status_reasons
from beholden.schema.comparison import Reason
from beholden.schema.vocabulary import ListingStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.policy.between import Between, View
    from beholden.policy.difference import Pair
    from beholden.schema.result import ConsequenceResult, Finding, Listing


def reasons(pair: Pair, between: Between) -> list[Reason]:
    """Why the two findings of a pair differ, or why there is only one.

    Returns:
        At least one, each once; those about the law first.
    """
    if pair.before is not None and pair.after is not None:
        found = list(_of_both(pair.before, pair.after, between))
    else:
        found = list(_of_one(pair, between))
    unique = {(row.kind, row.text): row for row in found}
    return list(unique.values()) or [_untold(between)]


def _untold(between: Between) -> Reason:
    if between.is_one_base:
        return Reason(kind="unknown", text="What made the difference cannot be told from the two findings.")
    return Reason(
        kind="unknown",
        text="Two knowledge bases answered; whether a new row in one of them, the date or our own records made the "
        "difference cannot be told from the results.",
    )


# --- a finding of one side only -------------------------------------------------------------------------------------


def _of_one(pair: Pair, between: Between) -> Iterator[Reason]:
    finding, is_added = pair.any, pair.before is None
    other = between.before if is_added else between.after
    found = list(_of_one_by_date(finding, other, between))
    yield from found
    if found:
        return
    if between.before.known_at != between.after.known_at:
        clocks = " and ".join(sorted(str(view.known_at or "today") for view in (between.before, between.after)))
        text = f"What was public of {finding.listed_entity.caption} by {clocks} differs."
        yield by_issuer(finding.listing, text) if finding.listing else Reason(kind="claim", text=text)
        return
    if (finding.artefact.id and finding.artefact.id in other.artefacts) or between.is_one_input:
        # The records are on both sides: it is the law, or who stands behind them.
        if not between.is_one_base:
            subject = (
                f"that {finding.listed_entity.caption} is on {finding.listing.regime}"
                if finding.listing
                else (f"what is claimed of {finding.listed_entity.caption}")
            )
            yield Reason(
                kind="list" if finding.listing else "claim",
                text=f"Only one of the two knowledge bases says {subject}, or that it stands behind the operator.",
                regime=finding.listing.regime if finding.listing else None,
                designation=finding.listing.designation if finding.listing else None,
                source=finding.listing.source if finding.listing else None,
            )
        return
    if between.is_one_base:
        yield _seen_on_one_side(finding)


def _of_one_by_date(finding: Finding, other: View, between: Between) -> Iterator[Reason]:
    """Acts that lie between the two dates."""
    listing, listed = finding.listing, finding.listed_entity.caption
    if listing is not None and between.has(listing.since) and other is between.early:
        yield began(listing, listed)
    if listing is not None and listing.designation is None:
        # It counts by its place and not by an entry: the rule that counts it is what can begin.
        yield from ownership_rule_reasons(finding, between)
    begins = _copy_begins(listing, between)
    if listing is not None and begins is not None and other is between.early:
        text = f"Our copy of {listing.regime} begins on {begins}; of earlier days it says nothing."
        yield by_issuer(listing, text, begins)
    if finding.claims and other is between.early:
        reported = min((day for one in finding.claims if (day := between.late.claims.get(one))), default=None)
        if between.has(reported):
            text = f"The first of the claims about {listed} was reported on {reported}."
            yield Reason(kind="claim", text=text, day=reported)
    for hop in stakes_on_path(finding):
        if between.has(hop.valid_from) and other is between.early:
            yield stake_that(hop, "began", hop.valid_from)
        if between.has(hop.valid_to) and other is between.late:
            yield stake_that(hop, "ended", hop.valid_to)
    first = (finding.artefact.first_seen or "")[:10]
    if between.has(first) and other is between.early:
        yield Reason(
            kind="own_data",
            text=f"Our records show {what_it_is(finding)} from {first} on, after {other.as_of}.",
            day=first,
        )


def _copy_begins(listing: Listing | None, between: Between) -> str | None:
    """The day on which our copy of a list begins, where it lies between the dates and the base is at hand."""
    kb = between.late.kb
    regime = kb.regimes.get(listing.regime) if kb is not None and listing is not None else None
    begins = regime.covered_from.isoformat() if regime is not None and regime.covered_from is not None else None
    return begins if between.has(begins) else None


def _seen_on_one_side(finding: Finding) -> Reason:
    return Reason(
        kind="own_data", text=f"Only one of the two results rests on records that show {what_it_is(finding)}."
    )


# --- a finding of both sides ----------------------------------------------------------------------------------------


def _of_both(before: Finding, after: Finding, between: Between) -> Iterator[Reason]:
    found = [*_lists(before, after, between), *_stakes_changed(before, after, between)]
    found += _rules(before, after, between)
    yield from found
    if before.match.decision != after.match.decision:
        yield Reason(
            kind="match",
            text=f"That {after.operator.caption} stands behind {what_it_is(after)}: {before.match.decision} → "
            f"{after.match.decision}.",
        )
    if set(before.claims) != set(after.claims):
        yield _claims(before, after)
    yield from _own_data(before, after, between)


def _lists(before: Finding, after: Finding, between: Between) -> Iterator[Reason]:
    if before.listing is None or after.listing is None or listing_facts(before) == listing_facts(after):
        return
    name, regime = after.listed_entity.caption, after.listing.regime
    stood, stands = effective_status(before.listing), effective_status(after.listing)
    if stood != stands:
        gone = before if stood == ListingStatus.DELISTED else after
        if ListingStatus.DELISTED in (stood, stands) and gone.listing is not None:
            listed = after if gone is before else before
            if between.has(listed.listing.since if listed.listing else None) and listed.listing:
                yield began(listed.listing, name)
            else:
                day = end_of_listing(gone)
                on = f" on {day}" if day else ""
                yield by_issuer(gone.listing, f"{name} left {regime}{on}.", day)
        else:
            yield by_issuer(after.listing, f"{name} on {regime}: {plain_words(stood)} → {plain_words(stands)}.")
    elif entry_of(before) != entry_of(after) or before.listing.since != after.listing.since:
        yield _anew(before.listing, after.listing, name, between)
    if before.listing.listing_status != after.listing.listing_status:
        stale = before.listing if before.listing.last_known else after.listing
        if stale.last_known is not None:
            at = stale.last_known.at
            yield by_issuer(stale, f"Our copy of {regime} ends on {at}; a later day rests on what it said then.", at)


def _anew(before: Listing, after: Listing, name: str, between: Between) -> Reason:
    """Another entry of a party that was listed on both days; the later side's, unless the day is one."""
    newer = before if between.before.as_of > between.after.as_of else after
    if not between.is_one_base and (
        before.designation == after.designation or between.early.as_of == between.late.as_of
    ):
        days = " and ".join(sorted({str(row.since or "a day unknown") for row in (before, after)}))
        text = (
            f"The two knowledge bases hold another entry of {name} on {newer.regime}, or another start of it: {days}."
        )
        return by_issuer(newer, text)
    kb = between.late.kb
    rows = kb.designations_under(newer.regime) if kb is not None else []
    day = next((row.valid_from.isoformat() for row in rows if row.id == newer.designation and row.valid_from), None)
    on = f" on {day}" if day else ""
    return by_issuer(newer, f"{name} was listed anew on {newer.regime}{on}{cited(newer)}.", day)


def _rules(before: Finding, after: Finding, between: Between) -> Iterator[Reason]:
    left, right = ({rule.id: rule for rule in row.consequences} for row in (before, after))
    regime = after.listing.regime if after.listing else None
    for one in sorted(left.keys() | right.keys()):
        if one not in left or one not in right:
            sides = "Only one of the two sides has"
            if not between.is_one_base:
                sides = "Only one of the two knowledge bases has"
            yield Reason(kind="rule", text=f"{sides} {one} for this finding.", regime=regime, rule=one)
            continue
        yield from _rule(left[one], right[one], before, after, between)


def _rule(
    old: ConsequenceResult, new: ConsequenceResult, before: Finding, after: Finding, between: Between
) -> Iterator[Reason]:
    regime = after.listing.regime if after.listing else None
    if old.consequence_status != new.consequence_status:
        yield from status_reasons(old, new, after, between)
    is_one_entry = listing_facts(before) == listing_facts(after)
    if old.effect != new.effect or (is_one_entry and old.applies_from != new.applies_from):
        yield Reason(kind="rule", text=f"The two sides hold another text of {old.id}.", regime=regime, rule=old.id)
    has_other_roles = between.before.roles != between.after.roles
    if old.binds_you != new.binds_you or (has_other_roles and old.reaches_you != new.reaches_you):
        what = "binds us" if old.binds_you != new.binds_you else "comes to us through others"
        if has_other_roles or between.is_one_base:
            roles = _roles_that_differ(between)
            text = f"The roles in the profile differ{roles}: whether {old.id} {what} changed."
            yield Reason(kind="own_data", text=text, rule=old.id)
        else:
            yield Reason(kind="rule", text=f"The two sides hold another text of {old.id}.", regime=regime, rule=old.id)
    if held_facts(old) != held_facts(new):
        held = [{(use.id, use.valid_from) for use in rule.authorisations} for rule in (old, new)]
        texts = [{str(item.get("id")) for item in rule.exceptions} for rule in (old, new)]
        if not between.is_one_base and texts[0] != texts[1]:
            text = f"The two knowledge bases hold other exceptions of {old.id}."
            yield Reason(kind="rule", text=text, regime=regime, rule=old.id)
        elif not between.is_one_base and held[0] == held[1]:
            text = (
                f"The two knowledge bases hold other exceptions of {old.id}, or an answer or a contract date differs."
            )
            yield Reason(kind="unknown", text=text, regime=regime, rule=old.id)
        else:
            yield Reason(
                kind="own_data",
                text=f"An answer, a licence, a contract date or a count of our records that bears on {old.id} differs.",
                rule=old.id,
            )


def _roles_that_differ(between: Between) -> str:
    one, other = (view.roles for view in (between.before, between.after))
    return f" ({', '.join(sorted(one ^ other))})" if one is not None and other is not None else ""


def _stakes_changed(before: Finding, after: Finding, between: Between) -> Iterator[Reason]:
    sides = ((before, between.before), (after, between.after))
    if stakes_of(before) != stakes_of(after):
        known = {(hop.from_, hop.to, hop.hop) for hop in stakes_on_path(before)} & {
            (hop.from_, hop.to, hop.hop) for hop in stakes_on_path(after)
        }
        for finding, view in sides:
            for hop in stakes_on_path(finding):
                if (hop.from_, hop.to, hop.hop) in known:
                    continue
                if view is between.late and between.has(hop.valid_from):
                    yield stake_that(hop, "began", hop.valid_from)
                elif view is between.early and between.has(hop.valid_to):
                    yield stake_that(hop, "ended", hop.valid_to)
                else:
                    yield stake_that(hop, "is on one side only", None)
    elif sum_facts(before.arithmetic) != sum_facts(after.arithmetic):
        left, right = (sum_of(row) for row in (before, after))
        rule = after.arithmetic or before.arithmetic
        yield Reason(
            kind="ownership",
            text=f"The sum of stakes in {after.operator.caption}: {left} → {right}.",
            rule=rule.rule if rule else None,
        )


def _claims(before: Finding, after: Finding) -> Reason:
    new, old = (
        ", ".join(sorted(set(one) - set(other)))
        for one, other in ((after.claims, before.claims), (before.claims, after.claims))
    )
    parts = [f"new: {new}" if new else "", f"gone: {old}" if old else ""]
    return Reason(
        kind="claim",
        text=f"What is claimed of {after.listed_entity.caption} differs ({'; '.join(part for part in parts if part)}).",
    )


def _own_data(before: Finding, after: Finding, between: Between) -> Iterator[Reason]:
    if artefact_facts(before.artefact) != artefact_facts(after.artefact):
        was, now = amounts_of(before.artefact), amounts_of(after.artefact)
        kind, tail = "own_data", ""
        if between.is_one_input and not between.is_one_base:
            kind, tail = "match", " Two knowledge bases join the same records differently."
        elif not between.is_one_input and not between.is_one_base:
            tail = " Whether records or knowledge bases differ cannot be told."
        elif between.is_one_input:
            tail = f" Records after {between.early.as_of} count on the later day only."
        yield Reason(kind=kind, text=f"Records of {what_it_is(after)}: {was} → {now}.{tail}")
    old = [
        (last, view.as_of)
        for row, view in ((before, between.before), (after, between.after))
        if (last := (row.artefact.last_seen or "")[:10]) and last <= a_year_before(view.as_of).isoformat()
    ]
    if len(old) == 1:
        last, day = old[0]
        text = f"Our last record of {what_it_is(after)} by {day} is of {last}, twelve months before or more."
        yield Reason(kind="own_data", text=text, day=last)
    answers = [{(item.id, item.answer) for item in row.asked if item.answer is not None} for row in (before, after)]
    if answers[0] != answers[1]:
        differ = ", ".join(sorted({one for one, _ in answers[0] ^ answers[1]}))
        yield Reason(kind="own_data", text=f"Another answer of ours holds to {differ}.")
