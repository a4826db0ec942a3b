"""What our hosts asked for, greeted and were given, as packets show it."""

from __future__ import annotations

import gzip
import itertools
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from tests.scan.network.reading import DATA, Read, accepts, read, watching
from tests.scan.network.wire import (
    ACK,
    ALERT,
    MAC,
    OURS,
    RESOLVER,
    RST,
    SERVER,
    SERVER_HELLO,
    SYN,
    address,
    answers,
    asks,
    dhcp,
    ethernet,
    hello,
    ip,
    name,
    office,
    opened,
    pcap,
    pcapng,
    query,
    record,
    replies,
    response,
    sends,
    udp,
)

from beholden.scan.interface import Watch
from beholden.scan.network.capture import PacketCapture
from beholden.values.suffixes import WatchedNames

CAPTURE = PacketCapture()
Row = tuple[Any, ...]


def captured(tmp_path: Path, packets: Iterable[bytes], watch: Watch | None = None) -> Read:
    """IP packets on Ethernet, one a second."""
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(*map(ethernet, packets)))
    return read(CAPTURE, path, watch)


def rows(found: Read, *fields: str) -> list[Row]:
    """(value, certainty, own host, count, lines) of the rows of some fields."""
    keys = ("value", "certainty", "own_host", "count", "lines")
    return [tuple(row[key] for key in keys) for row in found.rows if not fields or row["field"] in fields]


def test_a_morning_in_the_office() -> None:
    for file in ("office.pcap", "office.pcapng"):
        found = read(CAPTURE, DATA / "capture" / file)
        assert [(row["field"], *row_) for row, row_ in zip(found.rows, rows(found), strict=True)] == [
            ("dns.resolver", RESOLVER, "confirmed", OURS, 1, [6]),
            ("dns.query", "cdn.shop.example", "probable", OURS, 1, [6]),
            ("dns.answers", "edge.cloud.example", "probable", OURS, 1, [6]),
            ("tls.server_name", "cdn.shop.example", "confirmed", OURS, 1, [9]),
            ("tls.server_name", "silent.example", "probable", OURS, 1, [13]),
            ("dhcp.chaddr", MAC, "confirmed", OURS, 1, [1]),
        ]
        assert (found.source.records_read, found.source.records_rejected) == (13, 0)


def test_the_fixtures_are_what_the_builder_writes() -> None:
    assert (DATA / "capture" / "office.pcap").read_bytes() == pcap(*office())
    assert (DATA / "capture" / "office.pcapng").read_bytes() == pcapng(*office())


def test_answers_and_greetings_tie_names_to_addresses_for_as_long_as_they_hold() -> None:
    found = read(CAPTURE, DATA / "capture" / "office.pcap")
    ties = [(row["told_by"], row["name"], (row["until"] - row["since"]).total_seconds()) for row in found.names]
    assert ties == [
        ("dns", "cdn.shop.example", 300.0),
        ("dns", "edge.cloud.example", 300.0),
        ("server_name", "cdn.shop.example", 0.0),
    ]
    assert found.names[0]["since"] == datetime(2026, 3, 2, 8, 0, 5, 500_000, tzinfo=UTC)
    assert {row["address"][-4:] for row in found.names} == {bytes([192, 0, 2, 80])}
    assert {row["client"][-4:] for row in found.names} == {bytes([10, 1, 2, 3])}


def test_a_gzipped_capture_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap.gz"
    path.write_bytes(gzip.compress(pcap(*office())))
    assert rows(read(CAPTURE, path)) == rows(read(CAPTURE, DATA / "capture" / "office.pcap"))


def test_it_says_what_it_does_not_tell() -> None:
    assert any("run Zeek" in note for note in read(CAPTURE, DATA / "capture" / "office.pcap").source.notes)


@pytest.mark.parametrize("data", [pcap(), pcap(order=">"), pcap(nano=True), pcapng(), pcapng(order=">")])
def test_it_is_known_by_its_magic_number(data: bytes) -> None:
    assert accepts(CAPTURE, data, "anything").accepted


def test_other_files_are_not_taken() -> None:
    assert not accepts(CAPTURE, b"\xa1\xb2\xcd\x34").accepted
    assert not accepts(CAPTURE, b"").accepted


# --- DNS ------------------------------------------------------------------------------------------------------------


def test_a_question_that_nobody_answers_was_only_tried(tmp_path: Path) -> None:
    found = captured(tmp_path, [asks(query("a.example")), asks(query("a.example"))])
    assert rows(found, "dns.resolver") == [(RESOLVER, "probable", OURS, 1, [1])]
    assert found.source.not_resolved["dns_repeated"] == 1


def test_an_answer_alone_is_a_query_and_its_copy_is_none(tmp_path: Path) -> None:
    answer = answers(response("a.example", address(SERVER)))
    found = captured(tmp_path, [answer, answer])
    assert rows(found, "dns.query") == [("a.example", "probable", OURS, 1, [1])]
    assert found.source.not_resolved["dns_repeated"] == 1


def test_the_same_question_again_after_its_answer_counts_again(tmp_path: Path) -> None:
    pair = [asks(query("a.example")), answers(response("A.example", address(SERVER)))]
    assert rows(captured(tmp_path, pair * 3), "dns.query") == [("a.example", "probable", OURS, 3, [2, 4, 6])]


@pytest.mark.parametrize(
    ("packets", "key"),
    [
        pytest.param([answers(response("a.example", flags=0x8183))], "dns_no_such_name", id="NXDOMAIN"),
        pytest.param([answers(response("a.example", flags=0x8185))], "dns_no_such_name", id="refused"),
        pytest.param([asks(query("version.bind", 16, group=3))], "dns_other_class", id="chaos"),
        pytest.param([asks(query("a.example", flags=0x2800))], "dns_no_plain_query", id="update"),
        pytest.param([asks(b"\0" * 11)], "dns_unreadable", id="short"),
        pytest.param([asks(b"\0\7\1\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1")], "dns_unreadable", id="name in a circle"),
        pytest.param([asks(query("a.example"), client=SERVER)], "our_side_unknown", id="between others"),
        pytest.param(
            [asks(query("a.example"), client=SERVER, server=OURS)], "dns_queries_from_outside", id="from outside"
        ),
        pytest.param([asks(query("7.0.0.10.in-addr.arpa", 12))], "dns_reverse_lookup", id="reverse"),
    ],
)
def test_what_is_no_use_of_a_name_is_counted(packets: list[bytes], key: str, tmp_path: Path) -> None:
    found = captured(tmp_path, packets)
    assert rows(found, "dns.query") == []
    assert found.source.not_resolved[key] == 1
    assert found.source.records_rejected == 0


def test_dns_over_tcp_is_read_wherever_the_stream_is_split(tmp_path: Path) -> None:
    asked, told = query("big.example"), response("big.example", address(SERVER))
    question, answer = (len(data).to_bytes(2, "big") + data for data in (asked, told))
    packets = [
        *opened(50003, 53),
        sends(question[:1], 101, port=50003, to=53),
        sends(question[1:], 102, port=50003, to=53),
        replies(answer[:30], 901, port=50003, to=53),
        replies(answer[30:], 931, port=50003, to=53),
    ]
    assert rows(captured(tmp_path, packets), "dns.query") == [("big.example", "probable", OURS, 1, [6])]


def test_ipv6_with_extension_headers_is_read(tmp_path: Path) -> None:
    options = bytes([60, 0, 1, 4, 0, 0, 0, 0]) + bytes([17, 0, 1, 4, 0, 0, 0, 0])
    packet = ip("fd00::5", "2001:db8::53", 0, udp(4000, 53, query("six.example")), headers=options)
    assert rows(captured(tmp_path, [packet]), "dns.query") == [("six.example", "probable", "fd00::5", 1, [1])]


def test_a_watch_keeps_the_resolvers_and_names_of_interest(tmp_path: Path) -> None:
    packets = [asks(query("a.example")), answers(response("a.example", address(SERVER)))]
    found = captured(tmp_path, packets, Watch(addresses=watching(), names=WatchedNames({})))
    assert rows(found, "dns.resolver") == []
    assert found.names == []
    assert found.source.not_resolved["ip"] == 1


def test_networks_of_the_profile_say_who_is_ours(tmp_path: Path) -> None:
    watch = Watch(own_networks=(ip_network("192.0.2.80/32"),))
    found = captured(tmp_path, [asks(query("a.example"), client=SERVER)], watch)
    assert rows(found, "dns.query") == [("a.example", "probable", SERVER, 1, [1])]


# --- TLS ------------------------------------------------------------------------------------------------------------

GREETING = hello("shop.example", padding=3000)


def test_a_greeting_is_read_in_whatever_order_and_pieces_it_comes(tmp_path: Path) -> None:
    parts = [(101 + at, GREETING[at : at + 900]) for at in range(0, len(GREETING), 900)]
    for order in itertools.permutations(parts):
        packets = [*opened(), *(sends(data, sequence) for sequence, data in order), replies(SERVER_HELLO)]
        assert [row[:2] for row in rows(captured(tmp_path, packets))] == [("shop.example", "confirmed")]


def test_overlapping_and_repeated_pieces_are_read_once(tmp_path: Path) -> None:
    packets = [
        *opened(),
        sends(GREETING[:1000]),
        sends(GREETING[:1000]),
        sends(GREETING[600:1600], 701),
        sends(GREETING[1600:], 1701),
        sends(GREETING),
        replies(SERVER_HELLO),
        replies(SERVER_HELLO),
    ]
    assert rows(captured(tmp_path, packets)) == [("shop.example", "confirmed", OURS, 1, [6])]


def test_a_greeting_over_several_records_is_one(tmp_path: Path) -> None:
    message = GREETING[5:]
    records = b"".join(
        b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part
        for part in (message[:2], message[2:3], message[3:500], message[500:])
    )
    packets = [*opened(), sends(records), replies(SERVER_HELLO)]
    assert rows(captured(tmp_path, packets)) == [("shop.example", "confirmed", OURS, 1, [3])]


def test_sequence_numbers_may_turn_over(tmp_path: Path) -> None:
    last = 2**32 - 1
    packets = [
        sends(b"", last - 500, flags=SYN),
        sends(GREETING[:1000], last - 499),
        sends(GREETING[1000:], last - 499 + 1000),
        replies(SERVER_HELLO),
    ]
    assert [row[:2] for row in rows(captured(tmp_path, packets))] == [("shop.example", "confirmed")]


@pytest.mark.parametrize(
    ("after", "certainty"),
    [
        pytest.param([replies(SERVER_HELLO)], "confirmed", id="accepted"),
        pytest.param([replies(ALERT)], "probable", id="refused"),
        pytest.param([replies(b"", flags=RST | ACK)], "probable", id="reset"),
        pytest.param([], "probable", id="silent"),
        pytest.param([replies(b"HTTP/1.1 400\r\n")], "probable", id="another protocol"),
    ],
)
def test_a_name_is_sure_once_the_server_took_part(after: list[bytes], certainty: str, tmp_path: Path) -> None:
    for begun in (opened(), []):
        found = captured(tmp_path, [*begun, sends(hello("shop.example")), *after])
        assert [row[:2] for row in rows(found)] == [("shop.example", certainty)]
        assert len(found.names) == (certainty == "confirmed")


def test_a_new_connection_on_the_same_ports_counts_again(tmp_path: Path) -> None:
    once = [*opened(), sends(hello("shop.example")), replies(SERVER_HELLO)]
    assert rows(captured(tmp_path, once * 2)) == [("shop.example", "confirmed", OURS, 2, [3, 7])]


@pytest.mark.parametrize(
    ("packets", "key"),
    [
        pytest.param([sends(hello(None))], "tls_without_server_name", id="no name"),
        pytest.param([sends(hello("printer"))], "tls_server_name_not_outside", id="not outside"),
        pytest.param([*opened(), sends(hello("a.example")[:50])], "tls_greeting_not_whole", id="cut"),
        pytest.param(
            [*opened(), sends(hello("a.example").replace(b"a.example", b"a.exa")[:-4])],
            "tls_greeting_not_whole",
            id="short",
        ),
        pytest.param(
            [*opened(), sends(hello("a.example").replace(b"\x00\x0c\x00\x00\x09", b"\x00\x0c\x00\xff\xff"))],
            "tls_greeting_malformed",
            id="a length past the end",
        ),
        pytest.param([ip(SERVER, OURS, 6, sends(hello("a.example"))[20:])], "tls_from_outside", id="to us"),
    ],
)
def test_a_greeting_without_a_service_of_others_is_counted(packets: list[bytes], key: str, tmp_path: Path) -> None:
    found = captured(tmp_path, packets)
    assert rows(found) == []
    assert found.source.not_resolved[key] == 1


def test_an_encrypted_hello_is_told_beside_the_name_that_is_read(tmp_path: Path) -> None:
    found = captured(tmp_path, [*opened(), sends(hello("cover.example", encrypted=True)), replies(SERVER_HELLO)])
    assert [row[0] for row in rows(found)] == ["cover.example"]
    assert found.source.not_resolved["tls_with_encrypted_hello"] == 1
    assert any("may be a cover" in note for note in found.source.notes)


def test_streams_of_other_protocols_are_let_go(tmp_path: Path) -> None:
    packets = [*opened(), sends(b"SSH-2.0-x\r\n"), *(sends(b"x" * 1400, 112 + 1400 * at) for at in range(40))]
    found = captured(tmp_path, packets)
    assert rows(found) == []
    assert not any(found.source.not_resolved.values())


def test_a_name_behind_a_proxy_is_probable_and_ties_no_address(tmp_path: Path) -> None:
    request = b"CONNECT shop.example:443 HTTP/1.1\r\n\r\n"
    for port in (3128, 9999):
        packets = [
            *opened(to=port),
            sends(request, to=port),
            replies(b"HTTP/1.1 200 OK\r\n\r\n", to=port),
            sends(hello("shop.example"), 101 + len(request), to=port),
            replies(SERVER_HELLO, 920, to=port),
        ]
        found = captured(tmp_path, packets)
        assert rows(found) == [("shop.example", "probable", OURS, 1, [5])]
        assert found.names == []
        assert found.source.not_resolved["connections_through_proxy"] == 1


def test_quic_connections_are_counted_once_each(tmp_path: Path) -> None:
    initials = [
        ip(OURS, SERVER, 17, udp(port, 443, bytes.fromhex(start) + bytes(1200)))
        for port, start in ((6001, "c300000001"), (6001, "c300000001"), (6002, "d36b3343cf"), (6003, "e300000001"))
    ]
    found = captured(tmp_path, initials)
    assert found.source.not_resolved["quic_server_name_not_read"] == 2
    assert any("2 QUIC connections" in note for note in found.source.notes)


def test_notes_on_unknown_sides_speak_of_their_own_records(tmp_path: Path) -> None:
    abroad = "198.51.100.7"
    packets = [asks(query("a.example"), client=abroad), ip(abroad, SERVER, 6, sends(hello("a.example"))[20:])]
    found = captured(tmp_path, packets)
    assert found.source.not_resolved["our_side_unknown"] == 2
    told = [note.split(" run ")[0] for note in found.source.notes if "which side is ours" in note]
    assert told == ["1 queries", "1 handshakes"]


# --- DHCP -----------------------------------------------------------------------------------------------------------


def leases(tmp_path: Path, *messages: bytes) -> Read:
    return captured(
        tmp_path,
        [
            ip("10.1.2.1", "255.255.255.255", 17, udp(67, 68, message))
            if message[0] == 2
            else ip("0.0.0.0", "255.255.255.255", 17, udp(68, 67, message))
            for message in messages
        ],
    )


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param([dhcp(1)], [(MAC, "probable", None, 1, [1])], id="only asked"),
        pytest.param([dhcp(1), dhcp(2, given=OURS)], [(MAC, "probable", None, 1, [1])], id="an offer gives nothing"),
        pytest.param([dhcp(3), dhcp(6)], [(MAC, "probable", None, 1, [1])], id="refused"),
        pytest.param([dhcp(3), dhcp(5, given=OURS)], [(MAC, "confirmed", OURS, 1, [1])], id="granted"),
        pytest.param([dhcp(5, given=OURS)] * 3, [(MAC, "confirmed", OURS, 1, [1])], id="copies of a relay"),
        pytest.param([dhcp(8, held=OURS), dhcp(5)], [(MAC, "confirmed", OURS, 1, [1])], id="inform"),
        pytest.param(
            [dhcp(5, given=OURS), dhcp(5, given="10.1.2.4", number=10)],
            [(MAC, "confirmed", OURS, 1, [1]), (MAC, "confirmed", "10.1.2.4", 1, [2])],
            id="two leases",
        ),
    ],
)
def test_a_device_is_sure_once_it_was_given_an_address(
    messages: list[bytes], expected: list[Row], tmp_path: Path
) -> None:
    assert rows(leases(tmp_path, *messages)) == expected


def test_what_a_client_says_of_itself_is_kept(tmp_path: Path) -> None:
    [row] = leases(tmp_path, dhcp(3), dhcp(5, given=OURS)).rows
    assert row["detail"] == '{"hostname": "till-7", "vendor_class": "example 1.0"}'
    assert (row["kind"], row["relation"], row["acted_on"]) == ("mac", "hardware", None)


@pytest.mark.parametrize(
    ("message", "key"),
    [
        pytest.param(dhcp(3, mac="02:53:00:0a:0b:0c"), "locally_administered", id="randomised"),
        pytest.param(dhcp(3, mac="ff:ff:ff:ff:ff:ff"), "multicast_address", id="group"),
        pytest.param(b"\x01\x20" + dhcp(3)[2:], "no_hardware_address", id="InfiniBand"),
        pytest.param(dhcp(3)[:230], "dhcp_unreadable", id="short"),
        pytest.param(dhcp(3).replace(b"\x63\x82\x53\x63", bytes(4)), "dhcp_unreadable", id="no cookie"),
    ],
)
def test_a_message_without_a_maker_is_counted(message: bytes, key: str, tmp_path: Path) -> None:
    found = leases(tmp_path, message)
    assert found.rows == []
    assert found.source.not_resolved[key] == 1


def test_dhcpv6_is_counted(tmp_path: Path) -> None:
    found = captured(tmp_path, [ip("fe80::5", "ff02::1:2", 17, udp(546, 547, bytes(40)))])
    assert found.source.not_resolved["dhcpv6_not_read"] == 1


# --- bounds ---------------------------------------------------------------------------------------------------------


def test_what_waits_for_an_answer_is_bounded_and_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.scan.network.captured_dns._MAX_PENDING", 5)
    monkeypatch.setattr("beholden.scan.network.captured_tls._MAX_WAITING", 5)
    monkeypatch.setattr("beholden.scan.devices.captured_dhcp._MAX_OPEN", 5)
    packets: list[bytes] = []
    for at in range(20):
        packets.append(asks(query(f"n{at}.example"), port=3000 + at))
        packets.append(sends(hello(f"t{at}.example"), port=3000 + at))
        packets.append(ip("0.0.0.0", "255.255.255.255", 17, udp(68, 67, dhcp(3, number=at))))
    found = captured(tmp_path, packets)
    assert len(rows(found, "dns.query")) == 20
    assert len(rows(found, "tls.server_name")) == 20
    assert [row[3] for row in rows(found, "dhcp.chaddr")] == [20]


def test_streams_that_never_come_to_a_point_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.scan.network.stream_starts._MAX_OPEN", 10)
    packets = [sends(GREETING[:200], port=3000 + at) for at in range(50)]
    found = captured(tmp_path, packets)
    assert rows(found) == []
    assert found.source.not_resolved["tls_greeting_not_whole"] == 50


def test_random_bytes_behind_true_headers_raise_nothing(tmp_path: Path) -> None:
    dice = random.Random(7)
    seeds = [
        asks(query("a.example")),
        answers(response("a.example", record(5, name("b.example")), address(SERVER))),
        sends(hello("a.example")),
        ip("0.0.0.0", "255.255.255.255", 17, udp(68, 67, dhcp(3))),
        ip(OURS, SERVER, 4, asks(query("a.example"))),
        ip("fd00::5", "2001:db8::53", 17, udp(4000, 53, query("six.example"))),
    ]
    packets = []
    for _ in range(4000):
        packet = bytearray(dice.choice(seeds))
        for _ in range(dice.randint(1, 6)):
            packet[dice.randrange(len(packet))] = dice.choice((0, 1, 0xC0, 0xFF, dice.randrange(256)))
        packets.append(bytes(packet[: dice.randint(1, len(packet))]))
    found = captured(tmp_path, packets)
    assert found.source.records_read == 4000


# --- real captures --------------------------------------------------------------------------------------------------

# Packets, counted by their lengths in the file; (name, field) that each is known to hold.
REAL = {
    "slips-test7-malicious.pcap.gz": (2000, {("0.debian.pool.ntp.org", "dns.query"), ("8.8.8.8", "dns.resolver")}),
    "slips-test8-malicious.pcap": (534, set()),
    "suricata-verify-dns-over-http2-post.pcap": (147, set()),
    "suricata-verify-ethernet-eve.pcap.gz": (132, {("codemonkey.net", "dns.query")}),
    "suricata-verify-ja4-tls-quic.pcap": (83, set()),
    "zeek-dhcp-dhcp.pcap": (9, {("90:b1:1c:99:49:29", "dhcp.chaddr")}),
    "zeek-dhcp-dhcp_ack_subscriber_id_and_agent_remote_id.pcap": (1, {("00:0a:28:00:fa:42", "dhcp.chaddr")}),
    "zeek-dhcp-dhcp_bad_cookie_option_retention.pcap": (5, {("00:11:22:33:44:55", "dhcp.chaddr")}),
    "zeek-dhcp-dhcp_discover_param_req_and_client_id.pcap": (1, {("00:0b:82:01:fc:42", "dhcp.chaddr")}),
    "zeek-dhcp-dhcp_inform.pcap": (2, {("90:b1:1c:99:49:29", "dhcp.chaddr")}),
    "zeek-dhcp-dhcp_time_and_nameserver.pcap": (2, {("00:90:f5:91:cd:1f", "dhcp.chaddr")}),
    "zeek-dhcp-hw-type0.pcap": (1, {("cc:00:0a:c4:00:00", "dhcp.chaddr")}),
    "zeek-dns-edns-ecs.pcap": (89, {("atlas.ripe.net", "dns.query")}),
    "zeek-http-bro.org.pcap.gz": (751, set()),
    "zeek-quic-curl-8.1.2-dev-http3-www-google-de.pcap": (48, set()),
    "zeek-radiotap.pcap": (3, {("captive.apple.com", "dns.query"), ("208.67.220.220", "dns.resolver")}),
    "zeek-tls-google-cert-repeat.pcap": (116, set()),
    "zeek-tls-tls-conn-with-extensions.pcap": (58, {("ssl.gstatic.com", "tls.server_name")}),
    "zeek-wlanmon.pcap": (3, {("captive.apple.com", "dns.query")}),
}
EVERYBODY = Watch(own_networks=(ip_network("0.0.0.0/0"), ip_network("::/0")))


def raw(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def frames(data: bytes) -> list[bytes]:
    """Frames of a little-endian pcap, told apart by their lengths alone."""
    found, at = [], 24
    while at < len(data):
        length = int.from_bytes(data[at + 8 : at + 12], "little")
        found.append(data[at + 16 : at + 16 + length])
        at += 16 + length
    return found


@pytest.mark.parametrize("file", REAL)
def test_a_real_capture_is_read_whole(file: str, shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/pcap") / file
    found = read(CAPTURE, path)
    packets, known = REAL[file]
    assert (found.source.records_read, found.source.records_rejected) == (packets, 0)
    assert len(frames(raw(path))) == packets
    assert known <= {(row["value"], row["field"]) for row in found.rows}


def test_every_real_capture_is_among_them(shared: Callable[[str], Path]) -> None:
    assert {path.name for path in shared("data/inputs/pcap").iterdir()} == set(REAL)


# Asked again on the same ports with the same id after the answer; over TCP.
BESIDE = {"slips-test7-malicious.pcap.gz": 2, "zeek-dns-edns-ecs.pcap": 8}


@pytest.mark.parametrize("file", [file for file in REAL if file not in ("zeek-radiotap.pcap", "zeek-wlanmon.pcap")])
def test_every_dns_exchange_of_a_real_capture_is_accounted_for(file: str, shared: Callable[[str], Path]) -> None:
    """Counted by a walk over fixed offsets of IP and UDP, which knows nothing of the reader's parts."""
    path = shared("data/inputs/pcap") / file
    exchanges: set[bytes] = set()
    for frame in frames(raw(path)):
        if frame[12:15] == b"\x08\x00\x45" and frame[23] == 17 and not int.from_bytes(frame[20:22], "big") & 0x3FFF:
            size, at = 4, 26
        elif frame[12:14] == b"\x86\xdd" and frame[20] == 17:
            size, at = 16, 22
        else:
            continue
        source, target = frame[at : at + size], frame[at + size : at + 2 * size]
        ports, number = frame[at + 2 * size :][:4], frame[at + 2 * size + 8 :][:2]
        if ports[2:] == b"\x00\x35":
            exchanges.add(source + target + ports[:2] + number)
        elif ports[:2] == b"\x00\x35":
            exchanges.add(target + source + ports[2:] + number)
    found = read(CAPTURE, path, EVERYBODY)
    queries = sum(row["count"] for row in found.rows if row["field"] == "dns.query")
    left = sum(found.source.not_resolved[key] for key in ("dns_no_such_name", "dns_not_a_host_name"))
    assert queries + left == len(exchanges) + BESIDE.get(file, 0)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("suricata-verify-ethernet-eve.pcap.gz", 5),
        ("zeek-tls-google-cert-repeat.pcap", 8),
        ("zeek-tls-tls-conn-with-extensions.pcap", 1),
        ("zeek-http-bro.org.pcap.gz", 0),
    ],
)
def test_every_greeting_of_a_real_capture_is_accounted_for(
    file: str, expected: int, shared: Callable[[str], Path]
) -> None:
    """Counted by the bytes with which a greeting begins, at the start of what a TCP segment of IPv4 carries."""
    path = shared("data/inputs/pcap") / file
    greetings = 0
    for frame in frames(raw(path)):
        if frame[12:14] == b"\x08\x00" and frame[23] == 6:
            content = frame[34 + (frame[46] >> 4) * 4 :]
            greetings += content[:2] == b"\x16\x03" and content[5:6] == b"\x01" and len(content) > 43
    found = read(CAPTURE, path)
    left = ("our_side_unknown", "local_to_local", "tls_without_server_name", "tls_server_name_not_outside")
    told = sum(row["count"] for row in found.rows if row["field"] == "tls.server_name")
    assert greetings == expected
    assert told + sum(found.source.not_resolved[key] for key in left) == greetings
