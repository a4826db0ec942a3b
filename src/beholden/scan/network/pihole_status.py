"""Numbers of Pi-hole's query database: what became of a query, what was replied, and the type that was asked for.

Source: Pi-hole documentation, "Query database" (supported query types, status types and reply types).
"""

from __future__ import annotations

from beholden.scan.network.queries import BLOCKED, came_to_nothing

_TYPES = (
    "A", "AAAA", "ANY", "SRV", "SOA", "PTR", "TXT", "NAPTR",
    "MX", "DS", "RRSIG", "DNSKEY", "NS", "OTHER", "SVCB", "HTTPS",
)  # fmt: skip
# Any other type is stored with an offset.
_OTHER_TYPES = 100
_BLOCKED = frozenset({1, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 18})
# Queries that were sent to a resolver; the answer to a retried one is that of the query that came after it.
_FORWARDED = frozenset({2, 12})
_ALLOWED = frozenset({2, 3, 12, 13, 14, 17})
_REPLIES = {2: "NXDOMAIN", 8: "REFUSED"}
_NO_REPLY = frozenset({0, 12})


def type_of(number: int) -> str:
    """The type that was asked for, in letters where they are known."""
    if 1 <= number <= len(_TYPES):
        return _TYPES[number - 1]
    return f"TYPE{number - _OTHER_TYPES}" if number > _OTHER_TYPES else "OTHER"


def is_known(status: int) -> bool:
    """Whether the documentation tells what the status means (0: not known to Pi-hole either)."""
    return status in _BLOCKED or status in _ALLOWED or status == 0


def nothing_of(status: int, reply: int | None) -> str | None:
    """Say under which key a query is counted that came to nothing; None where it did not."""
    if status in _BLOCKED:
        return BLOCKED
    return came_to_nothing(_REPLIES.get(reply or 0, ""))


def was_forwarded(status: int) -> bool:
    """Whether the query was sent to another resolver."""
    return status in _FORWARDED


def was_answered(reply: int | None) -> bool:
    """Whether a reply is known to have come."""
    return reply is not None and reply not in _NO_REPLY
