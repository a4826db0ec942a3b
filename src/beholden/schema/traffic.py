"""FLOW, CONTACT and INTERFACE: traffic on its way from a log's records to observations.

A FLOW is one record of one direction, of a log that does not say who opened the conversation. A CONTACT is what one
record, or one conversation, amounts to for us, once that is known. An INTERFACE is what the records of one network
interface say of its own address. Addresses are two halves of 128 bits, IPv4 mapped into ::ffff:0:0/96, since integers
are compared and grouped fastest. Times are microseconds since 1970, UTC.

Metadata of both schemas: `source` and `target`, the names of the record's address fields, for evidence.
"""

from __future__ import annotations

from enum import IntEnum

import pyarrow as pa

from beholden.schema.vocabulary import Direction


class Verdict(IntEnum):
    """What a contact amounts to."""

    SENT = 0
    LIKELY_SENT = 1
    ATTEMPTED = 2
    ANSWERED = 3
    LIKELY_ANSWERED = 4

    @property
    def direction(self) -> Direction:
        """Who opened it, seen from us."""
        return Direction.IN if self in (Verdict.ANSWERED, Verdict.LIKELY_ANSWERED) else Direction.OUT

    @property
    def certainty(self) -> str:
        """How sure it is that it came to pass."""
        return "confirmed" if self in (Verdict.SENT, Verdict.ANSWERED) else "probable"

    @property
    def measured(self) -> tuple[str, str] | None:
        """What its two sums count; None: only the records are counted."""
        if self is Verdict.ATTEMPTED:
            return None
        return ("sent", "received") if self.direction is Direction.OUT else ("received", "replied")


FLOW: pa.Schema = pa.schema(
    [
        pa.field("line", pa.int64(), nullable=False),  # 1-based place of the record in its file
        pa.field("source_hi", pa.uint64(), nullable=False),
        pa.field("source_lo", pa.uint64(), nullable=False),
        pa.field("target_hi", pa.uint64(), nullable=False),
        pa.field("target_lo", pa.uint64(), nullable=False),
        pa.field("source_side", pa.uint8(), nullable=False),  # bits of scan.network.sides
        pa.field("target_side", pa.uint8(), nullable=False),
        pa.field("source_port", pa.int32(), nullable=False),  # -1: the record has none
        pa.field("target_port", pa.int32(), nullable=False),
        pa.field("protocol", pa.int32(), nullable=False),  # IANA number; -1: the record has none
        pa.field("packets", pa.int64(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),  # whole packets, headers included
        pa.field("start", pa.int64(), nullable=False),
        pa.field("end", pa.int64(), nullable=False),
        pa.field("is_accepted", pa.bool_()),  # null: the log does not say
        pa.field("flags", pa.uint8(), nullable=False),  # TCP flags seen
        # What the record says of the direction at its interface: 1 outwards, 0 inwards, -1 nothing.
        pa.field("outwards", pa.int8(), nullable=False),
        # Logged on the way (NAT, load balancer, pod) rather than at one of the two ends.
        pa.field("is_between", pa.bool_(), nullable=False),
        pa.field("interface", pa.string()),
        pa.field("account", pa.string()),
        # The addresses that the interface printed, packed one after the other; only where no side is ours.
        pa.field("at_interface", pa.binary()),
    ]
)

CONTACT: pa.Schema = pa.schema(
    [
        pa.field("lines", pa.list_(pa.int64()), nullable=False),  # up to MAX_LINES, ascending
        pa.field("remote_hi", pa.uint64(), nullable=False),
        pa.field("remote_lo", pa.uint64(), nullable=False),
        pa.field("own_hi", pa.uint64(), nullable=False),
        pa.field("own_lo", pa.uint64(), nullable=False),
        pa.field("verdict", pa.uint8(), nullable=False),
        pa.field("start", pa.int64(), nullable=False),
        pa.field("end", pa.int64(), nullable=False),
        pa.field("count", pa.int64(), nullable=False),
        pa.field("first_bytes", pa.int64(), nullable=False),  # what `Verdict.measured` names first
        pa.field("second_bytes", pa.int64(), nullable=False),
        pa.field("port", pa.int32(), nullable=False),  # of the side that serves; -1: the record has none
        # What the record says of itself, for evidence: protocol, service, state, account, interface.
        pa.field("protocol", pa.string()),
        pa.field("service", pa.string()),
        pa.field("state", pa.string()),
        pa.field("account", pa.string()),
        pa.field("interface", pa.string()),
    ]
)

INTERFACE: pa.Schema = pa.schema(
    [
        pa.field("interface", pa.string()),  # null: all of them together
        pa.field("is_v6", pa.bool_()),
        # Packed addresses that every record has on one of its sides; several where all records have the same peer.
        pa.field("candidates", pa.list_(pa.binary(16)), nullable=False),
    ]
)
