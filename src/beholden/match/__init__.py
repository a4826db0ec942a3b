"""Observation values → entities. To add a matcher, write one module and one line here."""

from __future__ import annotations

from beholden.match.address import AddressMatcher, AsnMatcher
from beholden.match.category import CategoryMatcher
from beholden.match.device import DeviceMatcher
from beholden.match.domain import DomainMatcher
from beholden.match.interface import Found, Matcher, Query
from beholden.match.name import NameMatcher
from beholden.match.package import PackageMatcher

MATCHERS: tuple[Matcher, ...] = (
    AddressMatcher(),
    AsnMatcher(),
    CategoryMatcher(),
    DeviceMatcher(),
    DomainMatcher(),
    NameMatcher(),
    PackageMatcher(),
)

__all__ = ["MATCHERS", "Found", "Matcher", "Query"]
