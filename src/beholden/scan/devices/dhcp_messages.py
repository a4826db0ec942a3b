"""DHCP messages as they stand on the wire: which device speaks, what it says of itself, what it is given.

Source: RFC 951, RFC 2131 section 2, RFC 2132 (options), RFC 4702 (client FQDN), RFC 3396 (long options).
"""

from __future__ import annotations

import socket
from typing import NamedTuple

_COOKIE = b"\x63\x82\x53\x63"
_FIXED = 236
_ETHERNET, _ETHERNET_BYTES = 1, 6
_PAD, _END = 0, 255
_HOST_NAME, _MESSAGE_TYPE, _VENDOR_CLASS, _CLIENT_FQDN = 12, 53, 60, 81
_FQDN_FLAGS = 3
_IN_LABELS = 0x04
_NO_ADDRESS = b"\x00" * 4

ACK = 5


class DhcpMessage(NamedTuple):
    """One message.

    Attributes:
        transaction: Ties the messages of one exchange.
        is_reply: Whether a server sent it.
        hardware: The client's hardware address with colons; None: of another medium than Ethernet.
        kind: Message type (`ACK`); 0: plain BOOTP.
        address: The IP address that the client is given or says it holds; empty: none.
        facts: What the client says of itself.
    """

    transaction: int
    is_reply: bool
    hardware: str | None
    kind: int
    address: str
    facts: dict[str, str]


def read_dhcp(data: bytes) -> DhcpMessage | None:
    """Read the payload of a datagram between the DHCP ports; None where it is no such message."""
    if len(data) < _FIXED + len(_COOKIE) or data[0] not in (1, 2) or data[_FIXED : _FIXED + 4] != _COOKIE:
        return None
    options = _options(data[_FIXED + 4 :])
    hardware = data[28:34].hex(":") if data[1] == _ETHERNET and data[2] == _ETHERNET_BYTES else None
    held, given = data[12:16], data[16:20]
    address = next((part for part in (given, held) if part != _NO_ADDRESS), None)
    facts = {
        "hostname": _text(options.get(_HOST_NAME, b"")),
        "client_fqdn": _fqdn(options.get(_CLIENT_FQDN, b"")),
        "vendor_class": _text(options.get(_VENDOR_CLASS, b"")),
    }
    is_reply = data[0] == 2
    return DhcpMessage(
        int.from_bytes(data[4:8], "big"),
        is_reply,
        hardware,
        options.get(_MESSAGE_TYPE, b"\x00")[0],
        socket.inet_ntop(socket.AF_INET, address) if address is not None else "",
        {} if is_reply else {name: text for name, text in facts.items() if text},
    )


def _options(data: bytes) -> dict[int, bytes]:
    """Options by number; one that stands several times is one long one. What is cut off is left out."""
    options: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        length = data[at + 1] if at + 1 < len(data) else 0
        content = data[at + 2 : at + 2 + length]
        if length and len(content) == length:
            options[data[at]] = options.get(data[at], b"") + content
        at += 2 + length
    return options


def _text(data: bytes) -> str:
    text = data.rstrip(b"\x00").decode("utf-8", "replace")
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in text)


def _fqdn(data: bytes) -> str:
    if len(data) <= _FQDN_FLAGS:
        return ""
    name = data[_FQDN_FLAGS:]
    if not data[0] & _IN_LABELS:
        return _text(name)
    labels: list[bytes] = []
    at = 0
    while at < len(name) and name[at]:
        labels.append(name[at + 1 : at + 1 + name[at]])
        at += 1 + name[at]
    return _text(b".".join(labels))
