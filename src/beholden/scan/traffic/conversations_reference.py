"""Conversations in Polars: what `conversations` says, for any machine.

Columns of the frames: `a` and `b` are the two ends, the lesser one first; `ab_` sums what went from a to b, `ba_` the
other way; after `_by_side`, `our_` is what left our side and `their_` what came.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from beholden.scan.network.sides import OURS, WATCHED
from beholden.scan.traffic.conversations import Judged
from beholden.scan.traffic.held import Held, frame
from beholden.scan.traffic.sums import DAY_US, exact_sum
from beholden.schema.observation import MAX_LINES
from beholden.schema.traffic import Verdict
from beholden.schema.vocabulary import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from beholden.scan.traffic.interfaces import InterfaceAddresses

TCP, UDP = 6, 17
_SYN, _ACK = 2, 16
_WELL_KNOWN = 1024
_EPHEMERAL = 32768
# Longest header without options to spare: a packet up to this size may be empty. IPv6 has 20 bytes more.
_HEADER = {TCP: 60, UDP: 28}
_OTHER_HEADER, _MORE_IN_V6 = 20, 20
# TCP without options: acknowledgements or resets, never an opening.
_BARE_TCP_HEADER = 40
# No more packets than this take part in a product.
_MOST_PACKETS = 2**50
_V4_MAPPED = 0xFFFF

_END = ("hi", "lo", "port")
_ENDS = (*(f"a_{part}" for part in _END), *(f"b_{part}" for part in _END))
KEY = ("file", *_ENDS, "protocol", "is_between")
_SUMS = ("accepted", "rejected", "packets", "bytes")


def judge(held: Sequence[Held], interfaces: Mapping[int, InterfaceAddresses]) -> Judged:
    """Join and judge; `conversations.judge`."""
    flows = frame(held)
    records = _keyed(flows)
    talks = records.group_by(KEY).agg(
        *_half_sums(), *_half_signs(), *_firsts(), *_span(), pl.col("day").n_unique().alias("days")
    )
    talks = _without_second_counts(talks)
    talks, told = _with_our_side(talks, interfaces)
    talks = _with_verdict(_by_side(talks))
    followed = talks.filter(pl.col("reason").is_null())
    parts = [_contacts(followed.filter(pl.col("days") == 1))]
    long = followed.filter(pl.col("days") > 1)
    if long.height:
        kept = long.select(*KEY, "is_a_ours", "verdict", "interface", "account", "ends")
        days = records.join(kept.select(KEY), on=KEY, how="semi").group_by(*KEY, "day").agg(*_half_sums(), *_span())
        parts.append(_contacts(_by_side(days.join(kept, on=KEY))))
    return Judged(pl.concat(parts), _set_aside(talks), told)


def _keyed(flows: pl.DataFrame) -> pl.DataFrame:
    """Name the ends of records so that both directions of a conversation have one key, and split what is summed."""
    source, target = ([pl.col(f"{end}_{part}") for part in _END] for end in ("source", "target"))
    forward = source[2] <= target[2]
    for here, there in ((source[1], target[1]), (source[0], target[0])):
        forward = pl.when(here == there).then(forward).otherwise(here < there)
    ends = []
    for part in (*_END, "side"):
        here, there = pl.col(f"source_{part}"), pl.col(f"target_{part}")
        ends.append(pl.when("is_forward").then(here).otherwise(there).alias(f"a_{part}"))
        ends.append(pl.when("is_forward").then(there).otherwise(here).alias(f"b_{part}"))
    passed = pl.col("is_accepted").fill_null(value=True)
    halves = []
    for half, mine in (("ab", pl.col("is_forward")), ("ba", ~pl.col("is_forward"))):
        halves += [
            (mine & passed).cast(pl.Int64).alias(f"{half}_accepted"),
            (mine & ~passed).cast(pl.Int64).alias(f"{half}_rejected"),
            pl.when(mine & passed).then("packets").otherwise(0).alias(f"{half}_packets"),
            pl.when(mine & passed).then("bytes").otherwise(0).alias(f"{half}_bytes"),
            pl.when(mine).then("start").alias(f"{half}_start"),
            pl.when(mine).then("flags").otherwise(pl.lit(0, pl.UInt8)).alias(f"{half}_flags"),
        ]
    return (
        flows.with_columns(forward.alias("is_forward"), (pl.col("start") // DAY_US).alias("day"))
        .with_columns(*ends, *halves, pl.col("is_accepted").is_null().alias("is_unsaid"))
        .drop("source_hi", "source_lo", "target_hi", "target_lo", "packets", "bytes", "flags", "is_accepted")
    )


def _half_sums() -> list[pl.Expr]:
    # Three hostile records are enough to pass 63 bits, and a sum that wraps is a wrong finding.
    return [exact_sum(f"{half}_{name}") for half in ("ab", "ba") for name in _SUMS]


def _half_signs() -> list[pl.Expr]:
    starts = [pl.col(f"{half}_start").min() for half in ("ab", "ba")]
    return [*starts, *(pl.col(f"{half}_flags").bitwise_or() for half in ("ab", "ba")), pl.col("is_unsaid").any()]


def _firsts() -> list[pl.Expr]:
    # Of the record that the log prints first, which also says which direction came first where nothing else does.
    names = ("is_forward", "outwards", "interface", "account", "at_interface", "a_side", "b_side", "ends")
    return [pl.col(name).first() for name in names]


def _span() -> list[pl.Expr]:
    return [pl.col("line").head(MAX_LINES).alias("lines"), pl.col("start").min(), pl.col("end").max()]


def _without_second_counts(talks: pl.DataFrame) -> pl.DataFrame:
    """Drop what was logged on the way where the interface at the end of the same conversation logged it, too."""
    if not talks["is_between"].any():
        return talks
    key = [name for name in KEY if name != "is_between"]
    at_ends = talks.filter(~pl.col("is_between"))
    between = talks.filter("is_between").join(at_ends.select(key), on=key, how="anti")
    return pl.concat([at_ends, between])


def _with_our_side(
    talks: pl.DataFrame, interfaces: Mapping[int, InterfaceAddresses]
) -> tuple[pl.DataFrame, Counter[int]]:
    """Say whether end a is ours: by the networks, by the direction at the interface, by the interface's own address."""
    a_ours, b_ours = (pl.col(f"{end}_side") & OURS != 0 for end in "ab")
    outwards = pl.col("outwards")
    by_direction = pl.when(outwards != -1).then((outwards == 1) == pl.col("is_forward"))
    talks = talks.with_columns(pl.when(a_ours != b_ours).then(a_ours).otherwise(by_direction).alias("is_a_ours"))
    told: Counter[int] = Counter()
    asked = talks["is_a_ours"].is_null() & talks["at_interface"].is_not_null()
    if not asked.any():
        return talks, told
    answers: list[bool | None] = []
    columns = ("is_a_ours", "file", "is_forward", "interface", "at_interface")
    for known, file, is_forward, interface, pair in talks.select(columns).iter_rows():
        answer = known
        if known is None and pair is not None and file in interfaces:
            source_is_own = interfaces[file].is_own(interface, pair[:16], pair[16:])
            answer = None if source_is_own is None else source_is_own == is_forward
            told[file] += answer is not None
        answers.append(answer)
    return talks.with_columns(pl.Series("is_a_ours", answers, pl.Boolean)), told


def _by_side(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of our side and of theirs, where it is known which is which."""
    is_a = pl.col("is_a_ours")
    names = [name for name in (*_SUMS, "start", "flags") if f"ab_{name}" in frame.columns]
    sides = [
        choose.alias(f"{side}_{name}")
        for name in names
        for side, choose in (
            ("our", pl.when(is_a).then(f"ab_{name}").otherwise(f"ba_{name}")),
            ("their", pl.when(is_a).then(f"ba_{name}").otherwise(f"ab_{name}")),
        )
    ]
    parts = [name for name in (*_END, "side") if f"a_{name}" in frame.columns]
    ends = [
        choose.alias(f"{side}_{name}")
        for name in parts
        for side, choose in (
            ("own", pl.when(is_a).then(f"a_{name}").otherwise(f"b_{name}")),
            ("remote", pl.when(is_a).then(f"b_{name}").otherwise(f"a_{name}")),
        )
    ]
    return frame.with_columns(*sides, *ends)


def _with_verdict(talks: pl.DataFrame) -> pl.DataFrame:
    """Add `verdict`, or the `reason` why the conversation is set aside."""
    is_v6 = ~((pl.col("own_hi") == 0) & (pl.col("own_lo") // 2**32 == _V4_MAPPED))
    more = pl.when(is_v6).then(_MORE_IN_V6).otherwise(0)
    header = more + pl.col("protocol").replace_strict(_HEADER, default=_OTHER_HEADER)
    our_seen, their_seen = (pl.col(f"{side}_accepted") + pl.col(f"{side}_rejected") > 0 for side in ("our", "their"))
    our_empty, their_empty = (_is_empty(side, header) for side in ("our", "their"))
    our_packets = pl.col("our_packets").clip(upper_bound=_MOST_PACKETS)
    is_bare = (pl.col("protocol") == TCP) & (our_packets > 0)
    is_bare &= pl.col("our_bytes") <= our_packets * (_BARE_TCP_HEADER + more)
    talks = talks.with_columns(*_opening(our_seen, their_seen, our_empty, their_empty))
    by_us = pl.col("is_opened_by_us") & our_seen
    is_sure = pl.col("is_sure") & ~pl.col("is_unsaid")
    passed = pl.col("our_accepted") > 0
    without_content = ~passed | (our_empty & their_empty)
    reason = (
        pl.when(pl.col("is_a_ours").is_null())
        .then(pl.lit("our_side_unknown"))
        .when(pl.col("remote_side") & WATCHED == 0)
        .then(pl.lit("ip"))
        .when(by_us & without_content & passed & is_bare)
        .then(pl.lit("reset_or_acknowledgement"))
        .when(~by_us & (our_empty | (their_seen & their_empty)))
        .then(pl.lit("inbound_unanswered"))
    )
    verdict = (
        pl.when(by_us & without_content)
        .then(Verdict.ATTEMPTED.value)
        .when(by_us)
        .then(pl.when(is_sure).then(Verdict.SENT.value).otherwise(Verdict.LIKELY_SENT.value))
        .otherwise(pl.when(is_sure).then(Verdict.ANSWERED.value).otherwise(Verdict.LIKELY_ANSWERED.value))
    )
    return talks.with_columns(reason.alias("reason"), verdict.cast(pl.UInt8).alias("verdict"))


def _is_empty(side: str, header: pl.Expr) -> pl.Expr:
    """Whether no packet of that direction need have carried content (or all were rejected)."""
    packets = pl.col(f"{side}_packets").clip(1, _MOST_PACKETS)
    return (pl.col(f"{side}_accepted") == 0) | (pl.col(f"{side}_bytes") <= packets * header)


def _opening(our_seen: pl.Expr, their_seen: pl.Expr, our_empty: pl.Expr, their_empty: pl.Expr) -> list[pl.Expr]:
    """Whether our side opened it, and whether that is sure."""
    our_syn, their_syn = (pl.col(f"{side}_flags") & _SYN != 0 for side in ("our", "their"))
    our_ack, their_ack = (pl.col(f"{side}_flags") & _ACK != 0 for side in ("our", "their"))
    our_port, their_port = pl.col("own_port"), pl.col("remote_port")
    low, high = pl.min_horizontal(our_port, their_port), pl.max_horizontal(our_port, their_port)
    ports_say = (low >= 0) & (our_port != their_port) & (low < _EPHEMERAL)
    theirs_serves = their_port == low
    is_plain = ports_say & ((low < _WELL_KNOWN) | (high >= _EPHEMERAL))
    both = our_seen & their_seen
    starts_differ = pl.col("our_start") != pl.col("their_start")
    one_rejected = ~starts_differ & ((pl.col("our_rejected") > 0) != (pl.col("their_rejected") > 0))
    printed_first = pl.col("is_forward") == pl.col("is_a_ours")
    first = pl.when(starts_differ).then(pl.col("our_start") < pl.col("their_start")).otherwise(printed_first)
    agree = ~ports_say | (theirs_serves == first)
    by_us = (
        pl.when(our_syn)
        .then(~our_ack)
        .when(their_syn)
        .then(their_ack)
        .when(~both)
        .then(pl.when(ports_say).then(theirs_serves).otherwise(our_seen))
        .when(one_rejected)
        .then(pl.col("our_rejected") > 0)
        .when(agree)
        .then(first)
        # We spoke first in this window, but from the port that serves: the middle of somebody else's session.
        .when(first | ~is_plain)
        .then(first & ~is_plain)
        # They spoke first, from a service port. Probes come from such ports too, but get no content for an answer.
        .otherwise(~our_empty & ~their_empty)
    )
    is_sure = (
        pl.when(our_syn | their_syn)
        .then(statement=True)
        .when(~both)
        .then(is_plain)
        .when(one_rejected)
        .then(statement=True)
        .when(agree)
        .then(starts_differ | ports_say)
        .when(first | ~is_plain)
        .then(starts_differ & ~is_plain)
        .otherwise(statement=False)
    )
    return [by_us.alias("is_opened_by_us"), is_sure.alias("is_sure")]


def _contacts(parts: pl.DataFrame) -> pl.DataFrame:
    """CONTACT with `file` and `ends`, from sums by side and a verdict."""
    inbound = [verdict.value for verdict in Verdict if verdict.direction is Direction.IN]
    by_them = pl.col("verdict").is_in(inbound)
    ours, theirs = (pl.col(f"{side}_accepted") + pl.col(f"{side}_rejected") for side in ("our", "their"))
    nothing = pl.lit(None, pl.String)
    return parts.select(
        "file",
        "ends",
        "lines",
        "remote_hi",
        "remote_lo",
        "own_hi",
        "own_lo",
        "verdict",
        "start",
        "end",
        pl.when(by_them).then(theirs).otherwise(ours).alias("count"),
        pl.when(by_them).then("their_bytes").otherwise("our_bytes").alias("first_bytes"),
        pl.when(by_them).then("our_bytes").otherwise("their_bytes").alias("second_bytes"),
        pl.when(by_them).then("own_port").otherwise("remote_port").alias("port"),
        pl.when(pl.col("protocol") >= 0).then(pl.col("protocol").cast(pl.String)).alias("protocol"),
        nothing.alias("service"),
        nothing.alias("state"),
        "account",
        "interface",
    )


def _set_aside(talks: pl.DataFrame) -> dict[int, Counter[str]]:
    records = pl.sum_horizontal("ab_accepted", "ab_rejected", "ba_accepted", "ba_rejected")
    left = talks.filter(pl.col("reason").is_not_null()).group_by("file", "reason").agg(records.sum().alias("records"))
    counts: dict[int, Counter[str]] = {}
    for file, reason, number in left.iter_rows():
        counts.setdefault(file, Counter())[reason] += number
    return counts
