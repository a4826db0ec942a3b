"""Joins one-way records into conversations, tells who opened them, and what each amounts to for us.

A flow log prints each direction by itself, without saying which packet came first. The signs are taken in this order:
TCP flags; a rejected half (only an opening packet is rejected where replies are let through); the earlier start, or the
order in the file, checked against the ports; the ports alone where only one direction was logged. Where signs differ,
the reading under which we sent nothing of our own wins.

`conversations_reference` and `native/src/talks.rs` give the same rows.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pyarrow as pa

from beholden.engine import Engine, engine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from beholden.scan.traffic.held import Held
    from beholden.scan.traffic.interfaces import InterfaceAddresses

# Why a conversation is not followed up, in the order of the native kernel.
REASONS = ("our_side_unknown", "ip", "reset_or_acknowledgement", "inbound_unanswered")
# CONTACT with the numbers of its file and of the names of its address fields, in the order of the native kernel.
_COLUMNS = (
    "file", "ends", "lines", "remote_hi", "remote_lo", "own_hi", "own_lo", "verdict", "start", "end",
    "count", "first_bytes", "second_bytes", "port", "protocol", "account", "interface",
)  # fmt: skip


class Judged(NamedTuple):
    """What conversations amount to.

    Attributes:
        contacts: CONTACT with `file` and `ends`: a row for each UTC day of a conversation that is followed up.
        set_aside: Records that are not, by file and reason.
        told_by_interface: Conversations per file whose sides only the interface told apart.
    """

    contacts: pl.DataFrame
    set_aside: dict[int, Counter[str]]
    told_by_interface: Counter[int]


def judge(held: Sequence[Held], interfaces: Mapping[int, InterfaceAddresses], running: Engine | None = None) -> Judged:
    """Join and judge; all records of a conversation must be here.

    Args:
        held: FLOW in the order of the log; one batch at least.
        interfaces: What is known of the interfaces' own addresses, by file.
        running: The engine; None: the one of this process.
    """
    if (running or engine()) is Engine.NATIVE:
        return _native(held, interfaces)
    from beholden.scan.traffic.conversations_reference import judge

    return judge(held, interfaces)


def _native(held: Sequence[Held], interfaces: Mapping[int, InterfaceAddresses]) -> Judged:
    from beholden._native import Talks

    talks = Talks([(each.file, each.ends, each.batch) for each in held])
    told: Counter[int] = Counter()
    for number, file, is_forward, interface, pair in talks.asked():
        if file in interfaces:
            source_is_own = interfaces[file].is_own(interface, pair[:16], pair[16:])
            if source_is_own is not None:
                talks.answer(number, source_is_own == is_forward)
                told[file] += 1
    columns, aside = talks.judge()
    contacts = pl.from_arrow(pa.RecordBatch.from_arrays(columns, names=_COLUMNS))
    assert isinstance(contacts, pl.DataFrame)
    unsaid = (pl.lit(None, pl.String).alias(name) for name in ("service", "state"))
    counted = {
        file: Counter({name: count for name, count in zip(REASONS, counts, strict=True) if count})
        for file, counts in aside
    }
    return Judged(contacts.with_columns(*unsaid), counted, told)
