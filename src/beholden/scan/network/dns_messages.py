"""DNS messages as they stand on the wire: the question, and the answers that carry addresses and aliases.

Source: RFC 1035 section 4, RFC 2181 section 8 (TTL), RFC 3596 (AAAA), RFC 3597 (unknown types). Pointers of names must
    lead back, each further than the one before, so that no name can run in circles.
"""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

_HEADER = struct.Struct(">HHHHHH")
_RECORD = struct.Struct(">HHIH")
_RESPONSE, _OPCODE, _TRUNCATED, _RCODE = 0x8000, 0x7800, 0x0200, 0x000F
_INTERNET = 1
_A, _CNAME, _AAAA = 1, 5, 28
_MAX_NAME = 255
_MAX_ANSWERS = 100
_POINTER = 0xC0
# What stands in a name as it is printed; anything else is escaped, so that no name of a host comes out of it.
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_*")
_TYPES = {
    **{_A: "A", 2: "NS", _CNAME: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", _AAAA: "AAAA", 33: "SRV"},
    **{35: "NAPTR", 43: "DS", 48: "DNSKEY", 52: "TLSA", 64: "SVCB", 65: "HTTPS", 255: "ANY"},
}


class NotDnsError(ValueError):
    """The bytes are no DNS message, or a malformed one."""


class Message(NamedTuple):
    """A query or a response with one question.

    Attributes:
        id: Ties a response to its query.
        is_response: Whether a server sent it.
        is_cut: Whether the answer did not fit and the client has to ask again by TCP.
        rcode: Response code.
        name: What is asked for.
        rrtype: Type in letters; `TYPE65280` where it has none.
        is_internet: Whether the class is IN.
        answers: Addresses and aliases with their lives in seconds, in order.
    """

    id: int
    is_response: bool
    is_cut: bool
    rcode: int
    name: str
    rrtype: str
    is_internet: bool
    answers: tuple[tuple[str, int], ...]


def read_message(data: bytes) -> Message | None:
    """Read a message.

    Args:
        data: Without the length that stands before it on TCP.

    Returns:
        The message; None where it is no plain query with one question (updates, notifications).

    Raises:
        NotDnsError: It is malformed.
    """
    try:
        return _message(data)
    except (IndexError, struct.error) as error:
        raise NotDnsError from error


def _message(data: bytes) -> Message | None:
    number, flags, questions, answers, _, _ = _HEADER.unpack_from(data)
    if flags & _OPCODE or questions != 1:
        return None
    name, at = _name(data, _HEADER.size)
    kind, group = struct.unpack_from(">HH", data, at)
    is_response = bool(flags & _RESPONSE)
    is_cut = bool(flags & _TRUNCATED)
    told = _answers(data, at + 4, answers, is_cut=is_cut) if is_response else []
    rrtype = _TYPES.get(kind, f"TYPE{kind}")
    return Message(number, is_response, is_cut, flags & _RCODE, name, rrtype, group == _INTERNET, tuple(told))


def _answers(data: bytes, at: int, count: int, *, is_cut: bool) -> list[tuple[str, int]]:
    told: list[tuple[str, int]] = []
    for _ in range(min(count, _MAX_ANSWERS)):
        if is_cut and at >= len(data):
            break
        _, at = _name(data, at)
        kind, group, life, length = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        content = data[at : at + length]
        if len(content) < length:
            raise NotDnsError
        if group == _INTERNET and (text := _content(data, at, kind, content)) is not None:
            # The highest bit is a mistake and means zero.
            told.append((text, 0 if life >> 31 else life))
        at += length
    return told


def _content(data: bytes, at: int, kind: int, content: bytes) -> str | None:
    if kind == _A and len(content) == 4:
        return socket.inet_ntop(socket.AF_INET, content)
    if kind == _AAAA and len(content) == 16:
        return socket.inet_ntop(socket.AF_INET6, content)
    return _name(data, at)[0] if kind == _CNAME else None


def _name(data: bytes, at: int) -> tuple[str, int]:
    """A name and where what follows it begins."""
    labels: list[str] = []
    size, end, lowest = 0, -1, at
    while length := data[at]:
        if length >= _POINTER:
            target = ((length & 0x3F) << 8) | data[at + 1]
            if target >= lowest:
                raise NotDnsError
            end = at + 2 if end < 0 else end
            at = lowest = target
            continue
        label = data[at + 1 : at + 1 + length]
        size += length + 1
        if length > 63 or len(label) < length or size >= _MAX_NAME:
            raise NotDnsError
        labels.append(_printed(label))
        at += length + 1
    return ".".join(labels) or ".", at + 1 if end < 0 else end


def _printed(label: bytes) -> str:
    if _PLAIN.issuperset(label):
        return label.decode("ascii")
    return "".join(chr(byte) if byte in _PLAIN else f"\\{byte:03}" for byte in label)
