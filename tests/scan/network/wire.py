"""Makes packets and captures for tests; `python -m tests.scan.network.wire FOLDER` writes the fixtures."""

from __future__ import annotations

import ipaddress
import struct
import sys
from pathlib import Path

START = 1_772_438_400  # 2026-03-02 08:00 UTC
OURS, RESOLVER, SERVER = "10.1.2.3", "192.0.2.53", "192.0.2.80"
MAC = "00:53:00:0a:0b:0c"
SYN, ACK, RST, PUSH = 0x02, 0x10, 0x04, 0x18

# --- layers ---------------------------------------------------------------------------------------------------------


def ethernet(packet: bytes, *, tags: tuple[tuple[int, int], ...] = ()) -> bytes:
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    tagged = b"".join(struct.pack(">HH", tag, number) for tag, number in tags)
    return bytes.fromhex("00530000000100530000000a") + tagged + struct.pack(">H", kind) + packet


def ip(source: str, target: str, protocol: int, content: bytes, *, fragment: int = 0, headers: bytes = b"") -> bytes:
    ends = ipaddress.ip_address(source), ipaddress.ip_address(target)
    packed = ends[0].packed + ends[1].packed
    if ends[0].version == 4:
        return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(content), 1, fragment, 64, protocol, 0) + packed + content
    length = len(headers) + len(content)
    return struct.pack(">IHBB", 6 << 28, length, protocol, 64) + packed + headers + content


def udp(port: int, to: int, content: bytes) -> bytes:
    return struct.pack(">HHHH", port, to, 8 + len(content), 0) + content


def tcp(port: int, to: int, sequence: int, content: bytes = b"", flags: int = PUSH) -> bytes:
    return struct.pack(">HHIIBBHHH", port, to, sequence % 2**32, 0, 0x50, flags, 65535, 0, 0) + content


# --- protocols ------------------------------------------------------------------------------------------------------


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


def query(text: str, kind: int = 1, *, number: int = 7, flags: int = 0x0100, group: int = 1) -> bytes:
    return struct.pack(">HHHHHH", number, flags, 1, 0, 0, 0) + name(text) + struct.pack(">HH", kind, group)


def record(kind: int, content: bytes, *, life: int = 300, owner: bytes = b"\xc0\x0c") -> bytes:
    return owner + struct.pack(">HHIH", kind, 1, life, len(content)) + content


def response(text: str, *records: bytes, kind: int = 1, number: int = 7, flags: int = 0x8180) -> bytes:
    question = query(text, kind, number=number)[12:]
    return struct.pack(">HHHHHH", number, flags, 1, len(records), 0, 0) + question + b"".join(records)


def address(text: str, **more: int) -> bytes:
    packed = ipaddress.ip_address(text).packed
    return record(1 if len(packed) == 4 else 28, packed, **more)  # type: ignore[arg-type]


def block(size: int, content: bytes) -> bytes:
    return len(content).to_bytes(size, "big") + content


def hello(server: str | None, *, encrypted: bool = False, padding: int = 0) -> bytes:
    """A client's greeting in one record."""
    extensions = b""
    if server is not None:
        extensions += struct.pack(">H", 0) + block(2, block(2, b"\0" + block(2, server.encode())))
    if encrypted:
        extensions += struct.pack(">H", 0xFE0D) + block(2, bytes(40))
    if padding:
        extensions += struct.pack(">H", 21) + block(2, bytes(padding))
    message = b"\x03\x03" + bytes(32) + block(1, b"") + block(2, b"\x13\x01") + block(1, b"\0") + block(2, extensions)
    return b"\x16\x03\x01" + block(2, b"\x01" + block(3, message))


SERVER_HELLO = b"\x16\x03\x03" + block(2, b"\x02" + block(3, bytes(70)))
ALERT = b"\x15\x03\x03\x00\x02\x02\x28"


def dhcp(kind: int, *, given: str = "0.0.0.0", held: str = "0.0.0.0", mac: str = MAC, number: int = 9) -> bytes:
    """A message; replies (offer, ack, nak) come from the server."""
    is_reply = kind in (2, 5, 6)
    fixed = struct.pack(">BBBBIHH", 2 if is_reply else 1, 1, 6, 0, number, 0, 0)
    fixed += ipaddress.ip_address(held).packed + ipaddress.ip_address(given).packed + bytes(8)
    fixed += bytes.fromhex(mac.replace(":", "")).ljust(16, b"\0") + bytes(192)
    options = b"\x35\x01" + bytes([kind])
    if not is_reply:
        options += b"\x0c" + block(1, b"till-7") + b"\x3c" + block(1, b"example 1.0")
    return fixed + b"\x63\x82\x53\x63" + options + b"\xff"


# --- conversations --------------------------------------------------------------------------------------------------


def asks(content: bytes, *, client: str = OURS, port: int = 40001, server: str = RESOLVER) -> bytes:
    return ip(client, server, 17, udp(port, 53, content))


def answers(content: bytes, *, client: str = OURS, port: int = 40001, server: str = RESOLVER) -> bytes:
    return ip(server, client, 17, udp(53, port, content))


def sends(content: bytes, sequence: int = 101, *, flags: int = PUSH, port: int = 50001, to: int = 443) -> bytes:
    """From our client to the server."""
    return ip(OURS, SERVER, 6, tcp(port, to, sequence, content, flags))


def replies(content: bytes, sequence: int = 901, *, flags: int = PUSH, port: int = 50001, to: int = 443) -> bytes:
    """From the server to our client."""
    return ip(SERVER, OURS, 6, tcp(to, port, sequence, content, flags))


def opened(port: int = 50001, to: int = 443) -> list[bytes]:
    return [
        sends(b"", 100, flags=SYN, port=port, to=to),
        replies(b"", 900, flags=SYN | ACK, port=port, to=to),
    ]


# --- captures -------------------------------------------------------------------------------------------------------


def pcap(
    *frames: bytes, link: int = 1, order: str = "<", nano: bool = False, snap: int = 262_144, start: int = START
) -> bytes:
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    parts = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, snap, link)]
    for at, frame in enumerate(frames):
        fraction = 500_000_000 if nano else 500_000
        parts.append(struct.pack(f"{order}IIII", start + at, fraction, min(snap, len(frame)), len(frame)))
        parts.append(frame[:snap])
    return b"".join(parts)


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 4)


def ng_block(kind: int, body: bytes, order: str = "<") -> bytes:
    total = struct.pack(f"{order}I", 12 + len(padded(body)))
    return struct.pack(f"{order}I", kind) + total + padded(body) + total


def ng_section(order: str = "<") -> bytes:
    return ng_block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def ng_interface(link: int = 1, order: str = "<", options: bytes = b"") -> bytes:
    return ng_block(1, struct.pack(f"{order}HHI", link, 0, 262_144) + options, order)


def ng_option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}HH", code, len(value)) + padded(value)


def ng_packet(frame: bytes, ticks: int, order: str = "<", *, interface: int = 0) -> bytes:
    head = struct.pack(f"{order}IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return ng_block(6, head + padded(frame), order)


def pcapng(*frames: bytes, link: int = 1, order: str = "<", start: int = START) -> bytes:
    parts = [ng_section(order), ng_interface(link, order)]
    parts += [ng_packet(frame, (start + at) * 1_000_000 + 500_000, order) for at, frame in enumerate(frames)]
    return b"".join(parts)


def office() -> list[bytes]:
    """A morning: a device gets its address, asks for names, greets servers; one server is silent."""
    return [
        ethernet(ip("0.0.0.0", "255.255.255.255", 17, udp(68, 67, dhcp(1)))),
        ethernet(ip("10.1.2.1", "255.255.255.255", 17, udp(67, 68, dhcp(2, given=OURS)))),
        ethernet(ip("0.0.0.0", "255.255.255.255", 17, udp(68, 67, dhcp(3)))),
        ethernet(ip("10.1.2.1", "255.255.255.255", 17, udp(67, 68, dhcp(5, given=OURS)))),
        ethernet(asks(query("Cdn.Shop.example"))),
        ethernet(answers(response("Cdn.Shop.example", record(5, name("edge.cloud.example")), address(SERVER)))),
        *map(ethernet, opened()),
        ethernet(sends(hello("cdn.shop.example"))),
        ethernet(replies(SERVER_HELLO)),
        *map(ethernet, opened(50002)),
        ethernet(sends(hello("silent.example"), port=50002)),
    ]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "office.pcap").write_bytes(pcap(*office()))
    (folder / "office.pcapng").write_bytes(pcapng(*office()))
