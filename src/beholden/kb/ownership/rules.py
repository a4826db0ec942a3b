"""The named ownership tests: what each asks of a share, and how shares are written as exact whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beholden.schema.rows import Consequence, OwnershipRule

UNIT = 1_000_000  # shares are whole millionths of a percent: sums are exact and fast
WHOLE = 100 * UNIT
# Below this share nobody asks about control; from it on, shares alone do not answer the question.
CONTROL_ASKED = 25 * UNIT


class Coverage(StrEnum):
    """Whether a rule reaches an entity through its owners."""

    COVERED = "covered"
    UNKNOWN = "unknown"
    NOT_COVERED = "not_covered"


class Test(StrEnum):
    """How a rule counts shares."""

    AGGREGATE = "aggregate"  # stakes of covered holders are added up
    SINGLE = "single"  # each holder by itself
    LINK = "link"  # any subsidiary or affiliate link, whatever the share


@dataclass(frozen=True, slots=True)
class Rule:
    """A named ownership test.

    Attributes:
        name: As consequences call it.
        test: How shares count.
        threshold: Percent.
        is_strict: Met only above the threshold.
        control: Whether control alone meets it.
        is_sum_read: False: whether holdings are added up was not read; one holder's share covers, a sum only asks.
    """

    name: str
    test: Test
    threshold: Decimal
    is_strict: bool = False
    control: bool = False
    is_sum_read: bool = True

    def meets(self, share: Decimal) -> bool:
        """Whether a share meets the threshold."""
        return share > self.threshold if self.is_strict else share >= self.threshold

    @property
    def needed(self) -> int:
        """The smallest share that meets it, in units of 1e-6 percent."""
        return units(self.threshold, ROUND_CEILING) + self.is_strict


RULES: dict[str, Rule] = {
    "aggregate_50": Rule("aggregate_50", Test.AGGREGATE, Decimal(50)),
    "aggregate_50_places": Rule("aggregate_50_places", Test.AGGREGATE, Decimal(50)),
    "over_50_or_control": Rule("over_50_or_control", Test.SINGLE, Decimal(50), is_strict=True, control=True),
    "control": Rule("control", Test.SINGLE, Decimal(50), is_strict=True, control=True),
    "subsidiary_or_affiliate": Rule("subsidiary_or_affiliate", Test.LINK, Decimal(50), is_strict=True, control=True),
    "affiliate_10": Rule("affiliate_10", Test.SINGLE, Decimal(10), is_strict=True, control=True),
}


def test_of(row: OwnershipRule) -> Rule | None:
    """The test of a rule with its own threshold, where the row gives one; None where it names parties only."""
    rule = RULES.get(row.rule)
    if rule is None:
        return None
    if row.threshold is not None and row.threshold != rule.threshold:
        rule = replace(rule, threshold=row.threshold)
    return replace(rule, is_sum_read=False) if row.sums == "unknown" else rule


def rule_of(consequence: Consequence) -> OwnershipRule:
    """A consequence's own test as an ownership rule, where no ownership rule has a life of its own."""
    from beholden.schema.rows import OwnershipRule

    return OwnershipRule(
        id=consequence.id,
        regime_id=consequence.regime_id,
        rule=consequence.ownership,
        citation=consequence.citation,
        valid_from=consequence.applies_from,
        published_at=consequence.published_at,
        source_id=consequence.source_id,
        grade=consequence.grade,
    )


def units(share: Decimal, rounding: str = ROUND_FLOOR) -> int:
    """A share in units of 1e-6 percent; a lower bound is rounded down, an upper one up, so that both stay bounds."""
    return int(share.scaleb(6).to_integral_value(rounding))


def percent(share: int) -> Decimal:
    """The share that a number of units is, capped at the whole, without trailing zeros."""
    value = Decimal(min(share, WHOLE)).scaleb(-6)
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
