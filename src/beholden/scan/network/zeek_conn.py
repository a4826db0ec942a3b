"""Zeek `conn` logs: who opened the connection, and what left our side.

Source: Zeek manual, base/protocols/conn/main.zeek (`conn_state`, `history`, `local_orig`, `missed_bytes`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.cells import LATEST, parse_seconds, whole_number
from beholden.scan.network.log_sums import placed, with_rest
from beholden.scan.network.sides import GROUP, OURS, WATCHED, Sides, parse_address
from beholden.scan.network.zeek_records import EMPTY, UNSET, accepts_log, read_records
from beholden.scan.traffic.rows import ContactRows
from beholden.schema.traffic import Verdict
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.source import Source

_COLUMNS = (
    "ts",
    "id.orig_h",
    "id.resp_h",
    "local_orig",
    "local_resp",
    "missed_bytes",
    "id.orig_p",
    "id.resp_p",
    "proto",
    "service",
    "orig_bytes",
    "resp_bytes",
    "conn_state",
    "history",
    "orig_ip_bytes",
    "duration",
)
_REQUIRED = ("ts", "id.orig_h", "id.resp_h", "conn_state")
_MARKS = ("conn_state",)

# The fields of the one that opened the connection and of the one it was opened to.
ENDS = ("id.orig_h", "id.resp_h")

_ESTABLISHED = frozenset({"SF", "S1", "S2", "S3", "RSTO", "RSTR"})
_UNANSWERED = frozenset({"S0", "REJ", "OTH"})
# The types by which a host asks; every other ICMP message answers or reports somebody else's packet.
_ECHO_REQUESTS = frozenset({"8", "128"})
_WELL_KNOWN = 1024
_LAST_PORT = 65_535
# The keys hold cell texts, so a hostile file could invent many.
_VERDICTS_KEPT = 10_000

_OUT, _IN, _LOCAL, _CARRIED, _UNDECIDED, _GROUP = range(6)
_IGNORED_AS = {
    _LOCAL: "local_to_local",
    _CARRIED: "neither_side_ours",
    _UNDECIDED: "our_side_unknown",
    _GROUP: "multicast_or_broadcast",
}


class ZeekConn:
    """Reads Zeek conn logs, TSV or JSON lines."""

    name = "zeek-conn"
    title = "Zeek conn log (TSV or JSON lines)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by `#path`, `_path` or the columns that only this log has."""
        return accepts_log(head, "conn", _REQUIRED, _MARKS)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give CONTACT records of addresses that are watched.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; records so far are given first.
        """
        yield from _Reading(source, watch).batches()


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._sides = Sides(watch)
        self._rows = ContactRows(ENDS)
        self._verdicts: dict[tuple[int, int, str, str], int] = {}
        self._ignored = dict.fromkeys(_IGNORED_AS, 0)
        self._missed = 0
        self._on_the_wire = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        return with_rest(self._gathered(), self._rows, self._tell)

    def _gathered(self) -> Iterator[pa.RecordBatch]:
        accepted = unwatched = 0
        source, verdicts, ignored = self._source, self._verdicts, self._ignored
        records = read_records(source, "conn", _COLUMNS, _REQUIRED)
        try:
            for line, seconds, cells, orig, resp in placed(records, self._sides, source):
                key = (orig, resp, cells[3], cells[4])
                verdict = verdicts.get(key)
                if verdict is None:
                    if len(verdicts) > _VERDICTS_KEPT:
                        verdicts.clear()
                    verdict = verdicts[key] = self._judge(*key)
                if verdict > _IN:
                    ignored[verdict] += 1
                elif verdict == _OUT and not resp & WATCHED and _are_counts(cells[10] + cells[11]):
                    # Most lines of most logs end here.
                    unwatched += 1
                elif self._count(line, seconds, cells, verdict == _OUT, (resp if verdict == _OUT else orig)):
                    yield from self._rows.full()
                else:
                    continue
                accepted += 1
                if cells[5] != "0" and cells[5] != UNSET:
                    self._missed += whole_number(cells[5]) or 0
        finally:
            # Counted here rather than one by one, and told also where the file breaks off.
            source.accept(accepted)
            if unwatched:
                source.not_resolved["ip"] += unwatched

    def _judge(self, orig: int, resp: int, local_orig: str, local_resp: str) -> int:
        if (orig | resp) & GROUP:
            return _GROUP
        from_us, to_us = self._is_ours(orig, local_orig), self._is_ours(resp, local_resp)
        if from_us and to_us:
            return _LOCAL
        if from_us:
            return _OUT
        if to_us:
            return _IN
        return _CARRIED if "F" in (local_orig, local_resp) or self._sides.has_own_networks else _UNDECIDED

    def _is_ours(self, bits: int, flag: str) -> bool:
        # Networks that the profile names hold even where Zeek was never told of them.
        if flag == "T" or (self._sides.has_own_networks and bits & OURS):
            return True
        return flag != "F" and bool(bits & OURS)

    def _count(self, line: int, seconds: float, cells: tuple[str, ...], outbound: bool, remote: int) -> bool:
        """Take one connection between us and a remote; False where it was rejected."""
        orig_bytes, resp_bytes = _bytes(cells[10]), _bytes(cells[11])
        if orig_bytes is None or resp_bytes is None:
            self._source.reject(line, "not a byte count", expected="a whole number in orig_bytes and resp_bytes")
            return False
        if outbound and not remote & WATCHED:
            self._source.not_resolved["ip"] += 1
        elif outbound and not _is_late_reply(cells, resp_bytes):
            self._outbound(line, seconds, cells, orig_bytes, resp_bytes)
        elif outbound:
            self._inbound(line, seconds, (cells[2], cells[1]), cells, (resp_bytes, orig_bytes), remote)
        else:
            self._inbound(line, seconds, (cells[1], cells[2]), cells, (orig_bytes, resp_bytes), remote)
        return True

    def _outbound(self, line: int, seconds: float, cells: tuple[str, ...], sent: int, received: int) -> None:
        state, history, proto = cells[12], cells[13], cells[8]
        if proto == "icmp" and cells[6] not in _ECHO_REQUESTS:
            self._source.not_resolved["icmp_reports"] += 1
            return
        answered = state in _ESTABLISHED or received > 0
        if not answered and proto == "tcp" and history != UNSET and not {"D", "G"} & set(history):
            # Without a data packet the count is an artefact of sequence numbers.
            sent = 0
        on_the_wire = cells[10] == UNSET and _carried_payload(cells)
        if on_the_wire:
            sent = whole_number(cells[14]) or 0
        if not answered and sent == 0 and proto == "tcp" and not _tried_to_open(state, history):
            self._source.not_resolved["midstream_without_payload"] += 1
            return
        self._on_the_wire += on_the_wire
        verdict = Verdict.SENT if answered or sent else Verdict.ATTEMPTED
        self._add(verdict, line, seconds, (cells[2], cells[1]), cells, (sent, received))

    def _inbound(
        self,
        line: int,
        seconds: float,
        remote_and_own: tuple[str, str],
        cells: tuple[str, ...],
        amounts: tuple[int, int],
        remote: int,
    ) -> None:
        # A late reply of ours has the state OTH or S0 by nature; there the payload alone decides.
        unanswered = cells[12] in _UNANSWERED and remote_and_own[0] == cells[1]
        if unanswered or not all(amounts):
            self._source.not_resolved["inbound_unanswered"] += 1
        elif remote & WATCHED:
            self._add(Verdict.ANSWERED, line, seconds, remote_and_own, cells, amounts)
        else:
            self._source.not_resolved["ip"] += 1

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
        proto, service, state = (None if text in (UNSET, EMPTY) else text for text in (cells[8], cells[9], cells[12]))
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

    def _tell(self) -> None:
        source, not_resolved, ignored = self._source, self._source.not_resolved, self._ignored
        for verdict, count in ignored.items():
            if count:
                not_resolved[_IGNORED_AS[verdict]] += count
        if count := not_resolved["inbound_unanswered"]:
            source.note(f"{count} connections from outside got no answer with content: counted, not an act of ours")
        if count := ignored[_CARRIED]:
            source.note(
                f"{count} connections have neither side in our networks (carried or mirrored traffic): left out; "
                "if some are yours, name your networks in beholden.toml"
            )
        if count := ignored[_UNDECIDED]:
            source.note(
                f"{count} connections run between public addresses and nothing says which side is ours: "
                "left out; name your networks in beholden.toml"
            )
        if self._missed:
            source.note(f"Zeek missed {self._missed} bytes (missed_bytes): sums may be too low")
        if self._on_the_wire:
            source.note(
                f"{self._on_the_wire} outbound connections have no orig_bytes: "
                "their bytes on the wire (orig_ip_bytes, headers included) stand for what was sent"
            )


def _are_counts(both: str) -> bool:
    """Whether two cells written together are digits that 64 bits hold each."""
    return len(both) < 20 and both.isdigit() and both.isascii()


def _bytes(text: str) -> int | None:
    return 0 if text == UNSET else whole_number(text)


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
