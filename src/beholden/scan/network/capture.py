"""Packet captures (pcap, pcapng): the names that our hosts asked for and greeted, and the devices that spoke DHCP.

What queries, handshakes and DHCP exchanges amount to is told in `queries`, `handshakes` and `dhcp_clients`. Lines are
numbers of packets, as Wireshark counts them. Flows and their bytes are not summed: Zeek does that better.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from beholden.scan.devices.captured_dhcp import CapturedDhcp
from beholden.scan.devices.sightings import Devices
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.network.capture_file import MAGICS, Packet, packets
from beholden.scan.network.captured_dns import DNS_PORT, CapturedDns
from beholden.scan.network.captured_tls import CapturedTls
from beholden.scan.network.datagrams import UDP, Segment, segment
from beholden.scan.network.handshakes import Handshakes
from beholden.scan.network.link_layer import NoIp, ip_offset
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.queries import Queries
from beholden.scan.source import Source
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

# Packets between two looks at how much has gathered.
_PACKETS_A_LOOK = 1_000

_NOTES = {
    "frames_cut": "{} packets are longer than what was captured of them: what stood behind is not read",
    "ip_fragments": "{} fragments of IP packets are not put together",
    "packets_lost_while_capturing": "{} packets were lost while capturing, as the file itself says",
    "packet_without_time": "{} packets have no time (simple packet blocks) and are not read",
    "packets_in_unread_tunnels": "{} packets run in tunnels that are not opened (GRE, IPsec, or deeper than two)",
    "wifi_frames_encrypted": "{} Wi-Fi frames are encrypted: nothing in them is read",
    "tls_greeting_not_whole": "{} connections began with a TLS greeting that is not whole here",
    "connections_through_proxy": "{} connections run through a proxy (CONNECT): what is behind it is probable",
    "tls_with_encrypted_hello": "{} TLS greetings carry an Encrypted Client Hello, real or for show: the name that is "
    "read may be a cover",
    "quic_server_name_not_read": "{} QUIC connections: their server names are sealed and not read; Zeek and Suricata "
    "open them, and DNS answers may name the addresses",
    "dhcpv6_not_read": "{} DHCPv6 messages identify clients by DUID and are not read",
}


class PacketCapture:
    """Reads DNS, TLS server names and DHCP from packet captures."""

    name = "packet-capture"
    title = "Packet capture (pcap, pcapng): DNS, TLS server names, DHCP"
    kinds = frozenset({Kind.DOMAIN, Kind.IP, Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to the magic numbers of pcap and pcapng."""
        if head.data.startswith(MAGICS):
            return Acceptance.yes("begins like a packet capture", strength=100)
        return Acceptance.no("begins neither like pcap nor like pcapng")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum queries, handshakes and DHCP exchanges.

        Raises:
            ScanError: The container is damaged; what was read before is given first.
        """
        reading = _Reading(source, watch)
        yield from with_rest(reading.gathered(), reading, reading.finish)


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._counts = source.not_resolved
        self._links: Counter[int] = Counter()
        # Each frame counts and notes on its own, so that its notes speak of its own records.
        self._shares = [Source(source.place, source.path) for _ in range(3)]
        dns, tls, dhcp = self._shares
        self._queries = Queries(dns, watch)
        self._handshakes = Handshakes(tls, watch, self._queries.sides, "tls.server_name", "tls.subject")
        self._devices = Devices(dhcp, "DHCP exchanges")
        self._dns = CapturedDns(self._queries, self._counts)
        self._tls = CapturedTls(self._handshakes, self._counts)
        self._dhcp = CapturedDhcp(self._devices, dhcp, self._queries.sides)

    def gathered(self) -> Iterator[pa.RecordBatch]:
        for packet in packets(self._source):
            self._source.accept()
            self._packet(packet)
            if packet.number % _PACKETS_A_LOOK == 0:
                yield from self._queries.full()
                yield from self._handshakes.full()
                yield from self._devices.full()

    def finish(self) -> None:
        self._dns.finish()
        self._tls.finish()
        self._dhcp.finish()
        self._queries.tell()
        self._handshakes.tell()

    def rest(self) -> Iterator[pa.RecordBatch]:
        yield from self._queries.rest()
        yield from self._handshakes.rest()
        yield from self._devices.rest()
        for share in self._shares:
            self._counts.update(share.not_resolved)
            for note in share.notes:
                self._source.note(note)
        self._tell()

    def _tell(self) -> None:
        for key, text in _NOTES.items():
            if count := self._counts[key]:
                self._source.note(text.format(f"{count:,}"))
        if self._links:
            named = ", ".join(map(str, sorted(self._links)[:10]))
            self._source.note(f"{self._links.total():,} packets have a link type that is not read ({named})")
        if self._source.records_read:
            self._source.note(
                "flows and bytes are not summed from captures: run Zeek on this one and give its logs, too"
            )

    def _packet(self, packet: Packet) -> None:
        if packet.is_cut:
            self._counts["frames_cut"] += 1
        found = ip_offset(packet.link, packet.data)
        if isinstance(found, NoIp):
            if found is NoIp.UNKNOWN_LINK:
                self._links[packet.link] += 1
            if found.value:
                self._counts[found.value] += 1
            return
        content = segment(packet.data, found, self._counts)
        if content is not None:
            self._segment(packet.number, packet.seen, content)

    def _segment(self, number: int, seen: float, content: Segment) -> None:
        ports = content.source_port, content.target_port
        if DNS_PORT in ports:
            self._dns.add(number, seen, content)
        elif content.protocol != UDP:
            self._tls.add(number, seen, content)
        elif not self._dhcp.add(number, seen, ports, content.payload):
            self._tls.quic(content)
