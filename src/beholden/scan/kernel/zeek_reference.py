"""The reference of `zeek`: the columns of regular records by Polars, and what only few records have one by one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from beholden.scan.kernel.zeek import COLUMNS, CONN_CONTACT, HEADERS, KEPT_REJECTS, REJECTS, Part, Place
from beholden.scan.network.cells import LATEST
from beholden.scan.network.sides import GROUP, OURS, WATCHED, parse_address
from beholden.scan.network.zeek_records import EMPTY, UNSET
from beholden.scan.source import MAX_LINE_BYTES
from beholden.scan.traffic.rows import halves
from beholden.schema.traffic import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from beholden.scan.kernel.judge import AddressJudge
    from beholden.scan.network.zeek_records import Layout

    Numbers = NDArray[np.int64]

_HEADER = re.compile(b"^(?:\xef\xbb\xbf)?(?:" + "|".join(HEADERS).encode() + b")", re.MULTILINE)
_PLAIN = r"^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$"
# Whole seconds of so many digits are before the end of year 9999, whatever the digits.
_SOUND_TIME = r"^(?:[0-9]{1,11}(?:\.[0-9]*)?|\.[0-9]+)$"
_MAX_BYTES = 2**63 - 1
_MAX_PORT = 65_535
_WELL_KNOWN = 1024
# Left to `zeek_rows`.
_ODD = "odd"


def read(text: bytes, at: int, layout: Layout, judge: AddressJudge) -> tuple[Part, list[Place]]:
    """Read regular records.

    Args:
        text: Whole lines.
        at: Byte to begin at, which begins a line.
        layout: Regular (`ConnLayout.regular`).
        judge: Says whose an address is.

    Returns:
        What they came to, and the lines that are left to `zeek_rows`.
    """
    stopped_at = _next_header(text, at)
    lines = _Lines(text, at, len(text) if stopped_at is None else stopped_at, layout.width)
    part = Part(lines=len(lines.begins), stopped_at=stopped_at)
    odd = lines.is_odd
    rows = np.flatnonzero(lines.is_plain)
    if len(rows):
        frame = _judged(_columns(lines.plain(), layout), judge).with_columns(row=pl.Series(rows))
        odd[frame.filter(pl.col("why") == _ODD)["row"].to_numpy()] = True
        _fill(part, frame.filter(pl.col("why").is_null() | (pl.col("why") != _ODD)))
    return part, [lines.place(row) for row in np.flatnonzero(odd).tolist()]


def _next_header(text: bytes, at: int) -> int | None:
    for found in _HEADER.finditer(text, at):
        end = text.find(b"\n", found.start()) + 1 or len(text)
        if end - found.start() <= MAX_LINE_BYTES and text.find(b"\x00", found.start(), end) < 0:
            return found.start()
    return None


class _Lines:
    """The lines of a text.

    Attributes:
        begins: First byte of each.
        is_plain: Whether it is ASCII and has as many cells as it should.
        is_odd: Whether it holds anything else.
    """

    def __init__(self, text: bytes, at: int, end: int, width: int) -> None:
        self._data = data = np.frombuffer(text, np.uint8)[at:end]
        self._at = at
        behind = np.flatnonzero(data == ord("\n")) + 1
        if len(data) and (not len(behind) or behind[-1] != len(data)):
            # The last line has no end.
            behind = np.append(behind, len(data))
        self._behind = behind
        self.begins: Numbers = np.append(0, behind[:-1]) if len(behind) else behind
        self._has_end = data[behind - 1] == ord("\n")
        self._ends = behind - self._has_end
        tabs = self._count(data == ord("\t"))
        strange = self._count((data == 0) | (data == ord("\r")) | (data >= 0x80))
        first = data[np.minimum(self.begins, len(data) - 1)] if len(data) else data
        last = data[self._ends - 1] if len(data) else data
        self.is_plain = (
            (tabs == width - 1)
            & (strange == 0)
            & (first != ord("#"))
            & (last != ord("\t"))
            & (behind - self.begins <= MAX_LINE_BYTES)
        )
        self.is_odd = ~self.is_plain & (self._ends > self.begins)

    def _count(self, is_such: NDArray[np.bool_]) -> Numbers:
        places = np.flatnonzero(is_such)
        found: Numbers = np.searchsorted(places, self._behind) - np.searchsorted(places, self.begins)
        return found

    def plain(self) -> bytes:
        """The plain lines."""
        if self.is_plain.all():
            return self._data.tobytes()
        kept = np.repeat(self.is_plain, self._behind - self.begins)
        return bytes(self._data[kept])

    def place(self, row: int) -> Place:
        """Number, first byte and end of a line."""
        return row + 1, self._at + int(self.begins[row]), self._at + int(self._behind[row])


def _columns(text: bytes, layout: Layout) -> pl.DataFrame:
    frame = pl.read_csv(text, separator="\t", has_header=False, quote_char=None, infer_schema=False).fill_null("")
    return frame.select(
        (pl.lit(UNSET) if place < 0 else pl.col(frame.columns[place])).alias(name)
        for name, place in zip(COLUMNS, layout.places, strict=True)
    )


def _judged(frame: pl.DataFrame, judge: AddressJudge) -> pl.DataFrame:
    """Add why a record is not followed up, or what it amounts to: what `zeek_rows` does record by record."""
    orig, resp = (judge.in_column(frame[name].to_arrow()) for name in ("id.orig_h", "id.resp_h"))
    has_own = bool(judge.watch.own_networks)
    cells = {name: pl.col(name) for name in COLUMNS}
    proto, state, history = cells["proto"], cells["conn_state"], cells["history"]
    is_tcp, has_history = proto == "tcp", history != UNSET
    frame = frame.with_columns(
        pl.Series("is_address", (orig != 0) & (resp != 0)),
        pl.Series("has_group", ((orig | resp) & GROUP) != 0),
        pl.Series("orig_ours", (orig & OURS) != 0),
        pl.Series("resp_ours", (resp & OURS) != 0),
        pl.Series("orig_watched", (orig & WATCHED) != 0),
        pl.Series("resp_watched", (resp & WATCHED) != 0),
        sent=_amount("orig_bytes"),
        received=_amount("resp_bytes"),
    )
    sent, received = pl.col("sent"), pl.col("received")
    opening_seen = (
        pl.when(is_tcp & has_history)
        .then(history.str.contains("[SsHh]"))
        .when(is_tcp)
        .then(state != "OTH")
        .otherwise((proto != "udp") | (received > 0))
    )
    from_service = (_whole("id.orig_p") < _WELL_KNOWN) & (_whole("id.resp_p") >= _WELL_KNOWN)
    frame = frame.with_columns(
        from_us=_is_ours("orig", has_own=has_own),
        to_us=_is_ours("resp", has_own=has_own),
        is_late_reply=~opening_seen & from_service.fill_null(value=False),
        is_answered=state.is_in(["SF", "S1", "S2", "S3", "RSTO", "RSTR"]) | (received > 0),
        on_the_wire=(cells["orig_bytes"] == UNSET)
        & pl.when(has_history).then(history.str.contains("D")).otherwise(~is_tcp),
    )
    from_us, to_us, is_answered = pl.col("from_us"), pl.col("to_us"), pl.col("is_answered")
    is_out = from_us & ~to_us
    frame = frame.with_columns(
        is_ours_opened=is_out & ~pl.col("is_late_reply"),
        sent_out=pl.when("on_the_wire")
        .then(pl.min_horizontal(_whole("orig_ip_bytes").fill_null(0), pl.lit(_MAX_BYTES, pl.UInt64)).cast(pl.Int64))
        .when(~is_answered & is_tcp & has_history & ~history.str.contains("[DG]"))
        .then(0)
        .otherwise("sent"),
    )
    opened, sent_out = pl.col("is_ours_opened"), pl.col("sent_out")
    tried_to_open = (state != "OTH") & (~has_history | history.str.contains("S"))
    is_unanswered = (~is_out & state.is_in(["S0", "REJ", "OTH"])) | (sent == 0) | (received == 0)
    is_sound_duration = (cells["duration"] == UNSET) | cells["duration"].str.contains(_PLAIN)
    is_known = pl.lit(has_own) | (cells["local_orig"] == "F") | (cells["local_resp"] == "F")
    return frame.with_columns(
        why=pl.when(~cells["ts"].str.contains(_SOUND_TIME))
        .then(pl.lit(_ODD))
        .when(~pl.col("is_address"))
        .then(pl.lit("not an address"))
        .when("has_group")
        .then(pl.lit("multicast_or_broadcast"))
        .when(from_us & to_us)
        .then(pl.lit("local_to_local"))
        .when(~from_us & ~to_us)
        .then(pl.when(is_known).then(pl.lit("neither_side_ours")).otherwise(pl.lit("our_side_unknown")))
        .when(sent.is_null() | received.is_null())
        .then(pl.lit("not a byte count"))
        .when(is_out & ~pl.col("resp_watched"))
        .then(pl.lit("ip"))
        .when(opened & (proto == "icmp") & ~cells["id.orig_p"].is_in(["8", "128"]))
        .then(pl.lit("icmp_reports"))
        .when(opened & ~is_answered & (sent_out == 0) & is_tcp & ~tried_to_open)
        .then(pl.lit("midstream_without_payload"))
        .when(~opened & is_unanswered)
        .then(pl.lit("inbound_unanswered"))
        .when(~is_out & ~pl.col("orig_watched"))
        .then(pl.lit("ip"))
        .when(~is_sound_duration)
        .then(pl.lit(_ODD))
        .otherwise(None),
        verdict=pl.when(~opened)
        .then(Verdict.ANSWERED.value)
        .when(is_answered | (sent_out > 0))
        .then(Verdict.SENT.value)
        .otherwise(Verdict.ATTEMPTED.value),
    )


def _is_ours(end: str, *, has_own: bool) -> pl.Expr:
    flag, is_ours = pl.col(f"local_{end}"), pl.col(f"{end}_ours")
    # Networks that the profile names hold even where Zeek was never told of them.
    return pl.when(flag == "T").then(pl.lit(value=True)).when(flag == "F").then(is_ours & has_own).otherwise(is_ours)


def _whole(name: str) -> pl.Expr:
    """See `beholden.scan.network.cells.whole_number`."""
    bare = pl.col(name).str.replace(r"(?:\.0)+$", "")
    return pl.when(bare.str.contains("^[0-9]{1,19}$")).then(bare.cast(pl.UInt64, strict=False))


def _amount(name: str) -> pl.Expr:
    return pl.when(pl.col(name) == UNSET).then(0).otherwise(_whole(name).cast(pl.Int64, strict=False))


def _fill(part: Part, frame: pl.DataFrame) -> None:
    """Count and gather the records that are not odd."""
    for why, count in frame["why"].drop_nulls().value_counts().iter_rows():
        (part.wrong if why in REJECTS else part.counts)[why] = count
    is_wrong = pl.col("why").is_in(list(REJECTS))
    first = frame.filter(is_wrong).head(KEPT_REJECTS)
    part.rejects = [(row + 1, why) for row, why in first.select("row", "why").iter_rows()]
    sound = frame.filter(~is_wrong.fill_null(value=False))
    part.accepted = len(sound)
    # In Python: the sum may pass 64 bits.
    part.missed = sum(
        sound.filter(pl.col("missed_bytes") != "0").select(_whole("missed_bytes")).to_series().drop_nulls()
    )
    kept = sound.filter(pl.col("why").is_null())
    part.on_the_wire = int((kept["on_the_wire"] & kept["is_ours_opened"]).sum())
    if len(kept):
        part.contacts = _contacts(kept)


def _contacts(kept: pl.DataFrame) -> pa.RecordBatch:
    is_out = kept["from_us"] & ~kept["to_us"]
    orig, resp = kept["id.orig_h"], kept["id.resp_h"]
    remote, own = resp.zip_with(is_out, orig), orig.zip_with(is_out, resp)
    # A late reply of ours: what it sent is the second sum.
    is_turned = is_out & ~kept["is_ours_opened"]
    first, second = kept["sent_out"].zip_with(kept["is_ours_opened"], kept["sent"]), kept["received"]
    starts = np.array([float(text) for text in kept["ts"]])
    lasted = np.array([0.0 if text == UNSET else float(text) for text in kept["duration"]])
    # A duration of more than that is none.
    ends = np.minimum(starts + np.where(lasted <= LATEST, lasted, 0.0), LATEST)
    port = kept.select(_whole("id.resp_p")).to_series()
    columns = [
        pa.array([[row + 1] for row in kept["row"]], pa.list_(pa.int64())),
        *_halves(remote),
        *_halves(own),
        kept["verdict"],
        _micros(starts),
        _micros(ends),
        np.ones(len(kept), np.int64),
        second.zip_with(is_turned, first),
        first.zip_with(is_turned, second),
        port.set(port > _MAX_PORT, None).cast(pl.Int32).fill_null(-1),
        *(_words(kept[name]) for name in ("proto", "service", "conn_state")),
        pa.nulls(len(kept), pa.string()),
        pa.nulls(len(kept), pa.string()),
    ]
    arrays = [
        pa.array(column.to_arrow() if isinstance(column, pl.Series) else column).cast(field.type)
        for column, field in zip(columns, CONN_CONTACT, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=CONN_CONTACT)


def _halves(addresses: pl.Series) -> tuple[pa.Array, pa.Array]:
    pairs = [halves(packed) for text in addresses if (packed := parse_address(text)) is not None]
    high, low = zip(*pairs, strict=True)
    return pa.array(high, pa.uint64()), pa.array(low, pa.uint64())


def _micros(seconds: NDArray[np.float64]) -> Numbers:
    return np.rint(seconds * 1_000_000).astype(np.int64)


def _words(texts: pl.Series) -> pl.Series:
    return texts.set(texts.is_in(["", UNSET, EMPTY]), None)
