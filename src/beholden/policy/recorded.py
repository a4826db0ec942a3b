"""What our own records say about an exception: a contract's date, a product's authorisation, a data flow's class."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.policy.amounts import plain
from beholden.policy.days import a_year_before, years_after
from beholden.schema.observation import UNCOUNTED

if TYPE_CHECKING:
    from datetime import date

    from beholden.policy.situation import Situation
    from beholden.policy.terms import Terms
    from beholden.schema.rule_parts import RuleException

_RECORDS = "as our records have it"
Said = tuple[bool | None, str | None]
_UNSAID: Said = (None, None)


def recorded(situation: Situation, item: RuleException, terms: Terms, day: date) -> Said:
    """Whether the rule covers a part, in the light of one exception and of what our records say.

    Every condition that the exception gives has to hold for it to apply; one that is known not to hold settles it.

    Returns:
        True: the exception does not apply, so the rule covers it; False: it applies; None: a fact is missing, or the
        exception is about something that records do not hold. And why, as a part of a sentence; of what is open,
        what more there is to ask, as sentences.
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
        return None, next((because for covered, because in conditions if covered is None and because), None)
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
    counts = _counted(situation, item, day)
    count = counts[terms.data_class]
    said = f"{shown} of {_number(count.known)} in the twelve months to {day}"
    if count.known > limit:
        return True, f"{said}, above {limit:,} ({_RECORDS})"
    if count.has_gap or count.highest > limit:
        return _UNSAID
    asks = _combined(item, counts)
    return (None, asks) if asks else (False, f"{said}, not above {limit:,} ({_RECORDS})")


@dataclass(slots=True)
class _Count:
    """Persons or devices of one class that go to one party in twelve months.

    Attributes:
        known: Those that our records have for sure.
        probable: Those whose recipient is only probably this party.
        has_gap: Whether a flow does not say how many.
    """

    known: Decimal = Decimal(0)
    probable: Decimal = Decimal(0)
    has_gap: bool = False

    @property
    def highest(self) -> Decimal:
        """As many as it can be, gaps apart."""
        return self.known + self.probable


def _counted(situation: Situation, item: RuleException, day: date) -> dict[str, _Count]:
    """What goes to the party of the exposure in the twelve months to a day, by the classes that have a number.

    All agreements and all spellings of the party together: the rule counts what one party gets.
    """
    since = a_year_before(day)
    own = situation.exposure
    counts: dict[str, _Count] = {}
    for exposure in situation.flows.get(own.operator_id, (own,)):
        if exposure.is_excluded:
            continue
        for terms, measures in exposure.acts.items():
            is_within = terms.day is None or since < terms.day <= day
            if terms.data_class is None or not item.data_classes.get(terms.data_class) or not is_within:
                continue
            count = counts.setdefault(terms.data_class, _Count())
            if any(what == UNCOUNTED for _, what in measures):
                count.has_gap = True
                continue
            amount = sum((Decimal(number) for number in measures.values()), Decimal(0))
            # Whether this artefact's own match is right is asked of it anyway.
            if exposure is own or exposure.is_confirmed:
                count.known += amount
            else:
                count.probable += amount
    return counts


def _combined(item: RuleException, counts: dict[str, _Count]) -> str | None:
    """What to ask where several classes, each below its number, are together above the lowest of their numbers."""
    lowest = min(item.data_classes[name] for name in counts)
    total = sum((count.highest for count in counts.values()), Decimal(0))
    has_gap = any(count.has_gap for count in counts.values())
    if len(counts) < 2 or (total <= lowest and not has_gap):
        return None
    shown = [
        f"{name.replace('_', ' ')} ({'a number that is not stated' if count.has_gap else _number(count.highest)})"
        for name, count in sorted(counts.items())
    ]
    above = "may be" if has_gap and total <= lowest else "are"
    cited = f" ({item.citation})" if item.citation else ""
    return (
        f"Are {' and '.join(shown)} to this party combined in one set of data? "
        f"Together they {above} above {lowest:,}, the lowest number of these classes{cited}."
    )


def _number(amount: Decimal) -> str:
    """A number as people read it: `6,000`, whatever scale the records have."""
    return f"{Decimal(plain(amount)):,f}"
