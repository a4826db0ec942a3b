"""Zeek conn logs read record by record: what the other engines must come to, and what reads their odd lines.

Source: Zeek manual, base/protocols/conn/main.zeek (`conn_state`, `history`, `local_orig`, `missed_bytes`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.scan.kernel.zeek import ENDS, HEADERS, KEPT_REJECTS, ConnLayout, Part
from beholden.scan.network.cells import LATEST, parse_seconds, whole_number
from beholden.scan.network.sides import GROUP, OURS, WATCHED, parse_address
from beholden.scan.network.zeek_records import EMPTY, UNSET
from beholden.scan.source import MAX_LINE_BYTES
from beholden.scan.traffic.rows import ContactRows
from beholden.schema.traffic import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.scan.kernel.judge import AddressJudge

_ESTABLISHED = frozenset({"SF", "S1", "S2", "S3", "RSTO", "RSTR"})
_UNANSWERED = frozenset({"S0", "REJ", "OTH"})
# The types by which a host asks; every other ICMP message answers or reports somebody else's packet.
_ECHO_REQUESTS = frozenset({"8", "128"})
_NO_WORDS = frozenset({"", UNSET, EMPTY})
_WELL_KNOWN = 1024
_LAST_PORT = 65_535
_MAX_BYTES = 2**63 - 1

_OUT, _IN = "out", "in"


def read(text: bytes, at: int, layout: ConnLayout, judge: AddressJudge) -> Part:
    """See `beholden.scan.kernel.zeek.reader`."""
    records = ConnRecords(judge)
    number = 0
    stopped_at = None
    for number, begin, line in _lines(text, at):
        if not records.line(number, line, layout):
            stopped_at = begin
            break
    part = records.taken()
    part.lines, part.stopped_at = number - (stopped_at is not None), stopped_at
    return part


def read_lines(lines: Iterable[tuple[int, bytes]], layout: ConnLayout, judge: AddressJudge) -> Part:
    """Read single lines of a part.

    Args:
        lines: Their numbers and bytes.
        layout: How they are written.
        judge: Says whose an address is.
    """
    records = ConnRecords(judge)
    for number, line in lines:
        records.line(number, line, layout)
    return records.taken()


def header_lines(text: bytes, at: int) -> Iterator[tuple[str, int]]:
    """Give the `#` lines and blank ones that stand here: each without its end, and where it ends."""
    for _, begin, line in _lines(text, at):
        words = _decoded(line)
        if _is_unreadable(line) or (words and words[0] != "#"):
            return
        yield words, begin + len(line)


class ConnRecords:
    """Records of a conn log, judged one by one and gathered.

    Args:
        judge: Says whose an address is.
    """

    def __init__(self, judge: AddressJudge) -> None:
        self._sides = judge.by_text
        self._rows = ContactRows(ENDS)
        self._verdicts: dict[tuple[int, int, str, str], str] = {}
        self._part = Part()

    @property
    def kept(self) -> int:
        """Records that are followed up."""
        return len(self._rows)

    def taken(self) -> Part:
        """What the records so far came to; what follows is counted anew."""
        part, self._part = self._part, Part()
        batches = [*self._rows.rest()]
        part.contacts = pa.concat_batches(batches) if batches else None
        return part

    def line(self, number: int, raw: bytes, layout: ConnLayout) -> bool:
        """Take a line, its end included; False where it may change how those behind it are read."""
        if len(raw) > MAX_LINE_BYTES:
            self._reject(number, "line too long")
        elif b"\x00" in raw:
            self._reject(number, "NUL bytes")
        else:
            text = _decoded(raw)
            if text[:1] == "#":
                return not text.startswith(HEADERS)
            if layout.layout is None:
                if text.strip():
                    self._reject(number, "record before #fields")
            elif (cells := layout.layout.cells(text)) is None:
                if text:
                    self._reject(number, "wrong column count")
            elif layout.is_other_log:
                self._reject(number, "record of another log")
            elif (reason := self.record(number, cells)) is not None:
                self._reject(number, reason)
        return True

    def record(self, line: int, cells: tuple[str, ...]) -> str | None:
        """Take a record, or say why it is none.

        Args:
            line: Where it stands.
            cells: The columns of `beholden.scan.kernel.zeek.COLUMNS`, in Zeek's usual words.
        """
        seconds = parse_seconds(cells[0])
        sides = self._sides[cells[1]], self._sides[cells[2]]
        if seconds is None:
            return "time out of range"
        if not all(sides):
            return "not an address"
        key = (*sides, _flag(cells[3]), _flag(cells[4]))
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._verdicts[key] = self._judge(*key)
        if verdict in (_OUT, _IN):
            sent, received = _bytes(cells[10]), _bytes(cells[11])
            if sent is None or received is None:
                return "not a byte count"
            self._count(line, seconds, cells, (sent, received), sides, is_out=verdict == _OUT)
        else:
            self._part.counts[verdict] += 1
        self._part.accepted += 1
        if cells[5] != "0" and cells[5] != UNSET:
            self._part.missed += whole_number(cells[5]) or 0
        return None

    def _reject(self, line: int, reason: str) -> None:
        self._part.wrong[reason] += 1
        if len(self._part.rejects) < KEPT_REJECTS:
            self._part.rejects.append((line, reason))

    def _judge(self, orig: int, resp: int, local_orig: str, local_resp: str) -> str:
        """Which way a record goes, or why it is set aside."""
        if (orig | resp) & GROUP:
            return "multicast_or_broadcast"
        from_us, to_us = self._is_ours(orig, local_orig), self._is_ours(resp, local_resp)
        if from_us and to_us:
            return "local_to_local"
        if from_us:
            return _OUT
        if to_us:
            return _IN
        is_known = "F" in (local_orig, local_resp) or self._sides.has_own_networks
        return "neither_side_ours" if is_known else "our_side_unknown"

    def _is_ours(self, bits: int, flag: str) -> bool:
        # Networks that the profile names hold even where Zeek was never told of them.
        if flag == "T" or (self._sides.has_own_networks and bits & OURS):
            return True
        return flag != "F" and bool(bits & OURS)

    def _count(
        self,
        line: int,
        seconds: float,
        cells: tuple[str, ...],
        amounts: tuple[int, int],
        sides: tuple[int, int],
        *,
        is_out: bool,
    ) -> None:
        """Take one connection between us and a remote."""
        orig, resp = sides
        if is_out and not resp & WATCHED:
            # Most lines of most logs end here.
            self._part.counts["ip"] += 1
        elif not is_out:
            self._inbound(line, seconds, cells, amounts, is_watched=bool(orig & WATCHED))
        elif _is_late_reply(cells, amounts[1]):
            self._late_reply(line, seconds, cells, amounts)
        else:
            self._outbound(line, seconds, cells, *amounts)

    def _outbound(self, line: int, seconds: float, cells: tuple[str, ...], sent: int, received: int) -> None:
        state, history, proto = cells[12], cells[13], cells[8]
        if proto == "icmp" and cells[6] not in _ECHO_REQUESTS:
            self._part.counts["icmp_reports"] += 1
            return
        answered = state in _ESTABLISHED or received > 0
        if not answered and proto == "tcp" and history != UNSET and not {"D", "G"} & set(history):
            # Without a data packet the count is an artefact of sequence numbers.
            sent = 0
        on_the_wire = cells[10] == UNSET and _carried_payload(cells)
        if on_the_wire:
            sent = min(whole_number(cells[14]) or 0, _MAX_BYTES)
        if not answered and sent == 0 and proto == "tcp" and not _tried_to_open(state, history):
            self._part.counts["midstream_without_payload"] += 1
            return
        self._part.on_the_wire += on_the_wire
        verdict = Verdict.SENT if answered or sent else Verdict.ATTEMPTED
        self._add(verdict, line, seconds, (cells[2], cells[1]), cells, (sent, received))

    def _inbound(
        self, line: int, seconds: float, cells: tuple[str, ...], amounts: tuple[int, int], *, is_watched: bool
    ) -> None:
        if cells[12] in _UNANSWERED or not all(amounts):
            self._part.counts["inbound_unanswered"] += 1
        elif is_watched:
            self._add(Verdict.ANSWERED, line, seconds, (cells[1], cells[2]), cells, amounts)
        else:
            self._part.counts["ip"] += 1

    def _late_reply(self, line: int, seconds: float, cells: tuple[str, ...], amounts: tuple[int, int]) -> None:
        # Its state is OTH or S0 by nature; the payload alone decides.
        if all(amounts):
            self._add(Verdict.ANSWERED, line, seconds, (cells[2], cells[1]), cells, amounts[::-1])
        else:
            self._part.counts["inbound_unanswered"] += 1

    def _add(
        self,
        verdict: Verdict,
        line: int,
        seconds: float,
        remote_and_own: tuple[str, str],
        cells: tuple[str, ...],
        amounts: tuple[int, int],
    ) -> None:
        remote, own = (parse_address(text) for text in remote_and_own)
        assert remote is not None
        assert own is not None
        proto, service, state = (None if text in _NO_WORDS else text for text in (cells[8], cells[9], cells[12]))
        port = whole_number(cells[7])
        duration = parse_seconds(cells[15]) if cells[15] != UNSET else 0.0
        self._rows.add(
            verdict,
            remote,
            own,
            line,
            round(seconds * 1_000_000),
            round(min(seconds + (duration or 0.0), LATEST) * 1_000_000),
            first=amounts[0],
            second=amounts[1],
            port=-1 if port is None or port > _LAST_PORT else port,
            protocol=proto,
            service=service,
            state=state,
        )


def _lines(text: bytes, at: int) -> Iterator[tuple[int, int, bytes]]:
    """Number from 1, place and content of each line from a byte on, its end included."""
    number = 0
    while at < len(text):
        end = text.find(b"\n", at) + 1 or len(text)
        number += 1
        yield number, at, text[at:end]
        at = end


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").rstrip("\r\n").removeprefix("\ufeff")


def _is_unreadable(line: bytes) -> bool:
    return len(line) > MAX_LINE_BYTES or b"\x00" in line


def _flag(text: str) -> str:
    return text if text in ("T", "F") else UNSET


def _bytes(text: str) -> int | None:
    """A count of bytes; None where it is none, or more than 63 bits hold."""
    number = 0 if text == UNSET else whole_number(text)
    return None if number is None or number > _MAX_BYTES else number


def _carried_payload(cells: tuple[str, ...]) -> bool:
    """Whether a connection without byte counts had data: one datagram has no duration, so Zeek leaves them unset."""
    if cells[13] != UNSET:
        return "D" in cells[13]
    return cells[8] != "tcp"


def _tried_to_open(state: str, history: str) -> bool:
    return state != "OTH" and (history == UNSET or "S" in history)


def _is_late_reply(cells: tuple[str, ...], resp_bytes: int) -> bool:
    """Whether our packet only looks like the first one: our service port, their ephemeral port, no opening seen.

    A reply that comes after Zeek has forgotten the query makes a connection of its own, the wrong way round.
    """
    proto, history = cells[8], cells[13]
    if proto == "tcp":
        opening_seen = bool({"S", "s", "H", "h"} & set(history)) if history != UNSET else cells[12] != "OTH"
    else:
        opening_seen = proto != "udp" or resp_bytes > 0
    if opening_seen:
        return False
    ours, theirs = whole_number(cells[6]), whole_number(cells[7])
    return ours is not None and theirs is not None and ours < _WELL_KNOWN <= theirs
