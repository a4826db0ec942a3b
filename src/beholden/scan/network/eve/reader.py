"""Suricata EVE logs: flows, DNS, TLS, QUIC, HTTP, DHCP and ARP of one file, and what the sensor lost.

Alerts repeat the flow they belong to, so they are not read: the flow's own record counts it once.

Source: Suricata user guide, "Eve JSON Output" and "Eve JSON Format".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from beholden.scan.network.eve.arp_messages import ArpMessages
from beholden.scan.network.eve.dhcp_messages import DhcpMessages
from beholden.scan.network.eve.dns_messages import DnsMessages
from beholden.scan.network.eve.events import Event, Refusal, accepts_eve, read_events
from beholden.scan.network.eve.flow_records import TYPES, FlowRecords
from beholden.scan.network.eve.http_transactions import HttpTransactions
from beholden.scan.network.eve.packet_drops import PacketDrops
from beholden.scan.network.eve.tls_sessions import QuicSessions, TlsSessions
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.queries import Queries
from beholden.scan.source import Source
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch

# The types that the user guide and the project's schema name; others are counted together: a file may invent many.
_NOT_READ = frozenset({
    "alert", "anomaly", "bittorrent_dht", "dcerpc", "dnp3", "drop", "email", "enip", "fileinfo", "frame", "ftp",
    "ftp_data", "http2", "ike", "ikev2", "krb5", "ldap", "llmnr", "mdns", "metadata", "modbus", "mqtt", "nfs", "packet",
    "pgsql", "pop3", "rdp", "rfb", "sip", "smb", "smtp", "snmp", "ssh", "telnet", "template", "tftp", "vars",
    "websocket",
})  # fmt: skip


class _Part(Protocol):
    """What reads the events of one type."""

    def add(self, event: Event) -> Refusal | None:
        """Take one event; say why where it cannot be one."""

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""

    def finish(self) -> None:
        """Settle and tell what only the end decides."""


class SuricataEve:
    """Reads Suricata EVE logs, JSON lines."""

    name = "suricata-eve"
    title = "Suricata EVE log (JSON lines; flow, netflow, dns, tls, quic, http, dhcp, arp, stats)"
    kinds = frozenset({Kind.DOMAIN, Kind.IP, Kind.MAC})
    can_be_followed = True
    joins_names = True
    tells_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by `event_type` and the section that all records share."""
        return accepts_eve(head)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum what each type of event tells.

        Raises:
            ScanError: Compressed data is damaged; sums so far are given first.
        """
        reading = _Reading(source, watch)
        yield from with_rest(reading.gathered(), reading, reading.finish)


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._shares: list[Source] = []
        queries = Queries(self._share(), watch)
        sides = queries.sides
        quic = QuicSessions(self._share(), watch, sides)
        self._flows = FlowRecords(self._share(), sides, quic.flow_ended, source.settled)
        self._parts: dict[str, _Part] = {
            **dict.fromkeys(TYPES, self._flows),
            "dns": DnsMessages(self._shares[0], queries),
            "tls": TlsSessions(self._share(), watch, sides),
            "quic": quic,
            "http": HttpTransactions(self._share(), watch, sides),
            "arp": ArpMessages(self._share(), sides),
            "dhcp": DhcpMessages(self._share(), sides),
            "stats": PacketDrops(self._share()),
        }
        # Each once, and flows first, since what waits for them is settled by them.
        self._all = list(dict.fromkeys(self._parts.values()))

    def gathered(self) -> Iterator[pa.RecordBatch]:
        """Give what gathers while the log is read."""
        source, parts = self._source, self._parts
        for event in read_events(source):
            part = parts.get(event.kind)
            if part is None:
                source.not_resolved[f"eve_{event.kind}" if event.kind in _NOT_READ else "eve_other"] += 1
            elif (refusal := part.add(event)) is not None:
                source.reject(event.line, refusal[0], expected=refusal[1])
                continue
            source.accept()
            if part is not None:
                yield from part.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        for part in self._all:
            yield from part.rest()
        for share in self._shares:
            self._source.not_resolved.update(share.not_resolved)
            for note in share.notes:
                self._source.note(note)

    def finish(self) -> None:
        """Settle and tell what only the end decides."""
        source = self._source
        for part in self._all:
            part.finish()
        unread = sum(count for key, count in source.not_resolved.items() if key.startswith("eve_"))
        if unread:
            source.note(f"{unread} events are of types that are not read (their names begin with eve_)")
        if source.not_resolved["eve_alert"] and not self._flows.has_any:
            source.note("the log has alerts but no flow records: the traffic that alerts speak of is not counted")

    def _share(self) -> Source:
        """Counts and notes of one part: its notes are to speak of its own records."""
        share = Source(self._source.place, self._source.path)
        self._shares.append(share)
        return share
