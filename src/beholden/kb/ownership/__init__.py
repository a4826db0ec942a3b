"""Who is covered through whose shares. The only place where ownership is summed.

`reach` answers for the whole base, `coverage` for one entity, `fixed_point` for stakes at hand. Unknown shares give a
low and a high bound: the low bound meets the test → covered; only the high bound does → unknown; neither → not covered.
"""

from beholden.kb.ownership.graph import ancestors, undated
from beholden.kb.ownership.holders import Counted, place_of, programmes_of
from beholden.kb.ownership.outcome import Outcome, Reached, fixed_point
from beholden.kb.ownership.reach import Answer, Reach, coverage, holders_among, reach, reach_among
from beholden.kb.ownership.rules import RULES, Coverage, Rule, Test, rule_of, test_of
from beholden.kb.ownership.stakes import Stakes
from beholden.kb.ownership.strictest import Strictest

__all__ = [
    "RULES",
    "Answer",
    "Counted",
    "Coverage",
    "Outcome",
    "Reach",
    "Reached",
    "Rule",
    "Stakes",
    "Strictest",
    "Test",
    "ancestors",
    "coverage",
    "fixed_point",
    "holders_among",
    "place_of",
    "programmes_of",
    "reach",
    "reach_among",
    "rule_of",
    "test_of",
    "undated",
]
