"""What our own records say about an exception: a contract's date, a product's authorisation, a data flow's class."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.policy.days import a_year_before, years_after
from beholden.schema.observation import UNCOUNTED

if TYPE_CHECKING:
    from datetime import date

    from beholden.policy.exposure import Terms
    from beholden.policy.situation import Situation
    from beholden.schema.rows import RuleException

_RECORDS = "as our records have it"
Said = tuple[bool | None, str | None]
_UNSAID: Said = (None, None)


def recorded(situation: Situation, item: RuleException, terms: Terms, day: date) -> Said:
    """Whether the rule covers a part, in the light of one exception and of what our records say.

    Every condition that the exception gives has to hold for it to apply; one that is known not to hold settles it.

    Returns:
        True: the exception does not apply, so the rule covers it; False: it applies; None: a fact is missing, or the
        exception is about something that records do not hold. And why, as a part of a sentence.
    """
    conditions = [
        condition
        for condition in (
            _concluded(situation, item, terms, day),
            _authorised(situation, item, terms, day),
            _agreement(item, terms),
            _data(situation, item, terms, day),
        )
        if condition is not None
    ]
    if not conditions:
        return _UNSAID
    for covered, because in conditions:
        if covered:
            return True, because
    if any(covered is None for covered, _ in conditions):
        return _UNSAID
    return False, " and ".join(because for _, because in conditions if because)


def _concluded(situation: Situation, item: RuleException, terms: Terms, day: date) -> Said | None:
    """A contract concluded, or a thing acquired, before the day that the exception names."""
    before = item.concluded_before
    if before is None:
        return None
    if terms.contract_on is not None:
        on, source = terms.contract_on, _RECORDS
    else:
        exposure = situation.exposure
        row = situation.holdings.concluded(situation.kb, exposure.operator_id, exposure.relation, day)
        if row is None:
            return _UNSAID
        on, source = row.concluded, row.source
    if on >= before:
        return True, f"concluded on {on}, not before {before} ({source})"
    if item.for_years is not None and day >= (end := years_after(before, item.for_years)):
        return True, f"concluded on {on}, before {before}, and spared until {end} only ({source})"
    return False, f"concluded on {on}, before {before} ({source})"


def _authorised(situation: Situation, item: RuleException, terms: Terms, day: date) -> Said | None:
    """A product authorised before the party, or the category, was put on the list."""
    if not item.authorised_before_entry:
        return None
    entry = situation.reach.state(situation.behind.regime, situation.behind.entity_id, day).designation
    if terms.authorised_on is None or entry is None or entry.valid_from is None:
        return _UNSAID
    is_later = terms.authorised_on >= entry.valid_from
    how = "not before" if is_later else "before"
    return is_later, f"authorised on {terms.authorised_on}, {how} the entry of {entry.valid_from} ({_RECORDS})"


def _agreement(item: RuleException, terms: Terms) -> Said | None:
    """A data flow under an agreement that the rule is not about."""
    if not item.agreements:
        return None
    if terms.agreement is None:
        return _UNSAID
    is_covered = terms.agreement in item.agreements
    shown = terms.agreement.replace("_", " ")
    return is_covered, f"{'a' if is_covered else 'no covered'} kind of agreement: {shown} ({_RECORDS})"


def _data(situation: Situation, item: RuleException, terms: Terms, day: date) -> Said | None:
    """A class of data that the rule is not about, or not more of it in twelve months than it allows."""
    if not item.data_classes:
        return None
    if terms.data_class is None:
        return _UNSAID
    shown = terms.data_class.replace("_", " ")
    if terms.data_class not in item.data_classes:
        return False, f"no class of data that it is about: {shown} ({_RECORDS})"
    limit = item.data_classes[terms.data_class]
    if limit == 0:
        return True, f"{shown}, from the first record ({_RECORDS})"
    count = _counted(situation, terms.data_class, day)
    if count is None:
        return _UNSAID
    is_above = count > limit
    how = "above" if is_above else "not above"
    return is_above, f"{shown} of {count:,f} in the twelve months to {day}, {how} {limit:,} ({_RECORDS})"


def _counted(situation: Situation, data_class: str, day: date) -> Decimal | None:
    """Persons or devices of one class in the twelve months to a day, over all agreements with the same party.

    None where a flow of that time does not say how many.
    """
    since = a_year_before(day)
    total = Decimal(0)
    for terms, measures in situation.exposure.acts.items():
        is_within = terms.day is None or since < terms.day <= day
        if terms.data_class != data_class or not is_within:
            continue
        if any(what == UNCOUNTED for _, what in measures):
            return None
        total += sum((Decimal(amount) for amount in measures.values()), Decimal(0))
    return total
