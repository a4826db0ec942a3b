"""TLS greetings as they stand on the wire: what a client's says of the server it means.

Source: RFC 8446 sections 4.1.2 and 5.1, RFC 6066 section 3 (server name), RFC 9849 (Encrypted Client Hello).
"""

from __future__ import annotations

from typing import NamedTuple

_HANDSHAKE, _ALERT = 0x16, 0x15
_CLIENT_HELLO, _SERVER_HELLO = 1, 2
_SERVER_NAME, _ENCRYPTED_HELLO = 0x0000, 0xFE0D
_HOST_NAME = 0
_RECORD_HEADER, _MESSAGE_HEADER = 5, 4
_MAX_RECORD = 16_384 + 256


class ClientHello(NamedTuple):
    """What a client said first.

    Attributes:
        server_name: The name it means, as sent; None: it sent none.
        has_encrypted_hello: Whether an Encrypted Client Hello stands in it, real or only for show.
    """

    server_name: str | None
    has_encrypted_hello: bool


class NotTlsError(ValueError):
    """The bytes are no TLS greeting, or a malformed one."""


def looks_like_hello(data: bytes) -> bool:
    """Whether a direction that begins so may be a client's greeting."""
    return len(data) > _RECORD_HEADER and data[0] == _HANDSHAKE and data[1] == 3 and data[5] == _CLIENT_HELLO


def is_answer(data: bytes) -> bool | None:
    """Say whether a server's bytes accept the greeting; None where they are no sign of either."""
    if len(data) > _RECORD_HEADER and data[1] == 3:
        if data[0] == _HANDSHAKE and data[5] == _SERVER_HELLO:
            return True
        if data[0] == _ALERT:
            return False
    return None


def client_hello(data: bytes) -> ClientHello | None:
    """Read a client's greeting from the first bytes of its direction.

    Args:
        data: The bytes so far; the greeting may run over several records.

    Returns:
        The greeting; None where more bytes are needed.

    Raises:
        NotTlsError: It is none, or malformed.
    """
    message = b""
    wanted: int | None = None
    at = 0
    while wanted is None or len(message) < wanted:
        head = data[at : at + _RECORD_HEADER]
        if (head and head[0] != _HANDSHAKE) or (len(head) > 1 and head[1] != 3):
            raise NotTlsError
        if len(head) < _RECORD_HEADER:
            return None
        length = int.from_bytes(head[3:], "big")
        if not 0 < length <= _MAX_RECORD:
            raise NotTlsError
        record = data[at + _RECORD_HEADER : at + _RECORD_HEADER + length]
        message += record
        at += _RECORD_HEADER + length
        if message and message[0] != _CLIENT_HELLO:
            raise NotTlsError
        if len(message) >= _MESSAGE_HEADER:
            wanted = _MESSAGE_HEADER + int.from_bytes(message[1:4], "big")
        if len(record) < length and (wanted is None or len(message) < wanted):
            return None
    return _fields(_Bytes(message[_MESSAGE_HEADER:wanted]))


class _Bytes:
    """Takes fields off a message, never past its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, count: int) -> bytes:
        part = self._data[self._at : self._at + count]
        if len(part) < count:
            raise NotTlsError
        self._at += count
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def block(self, size: int) -> bytes:
        """What a length of `size` bytes announces."""
        return self.take(self.number(size))


def _fields(hello: _Bytes) -> ClientHello:
    hello.take(2 + 32)
    hello.block(1)
    hello.block(2)
    hello.block(1)
    name: str | None = None
    is_encrypted = False
    # Before extensions there were greetings without any.
    extensions = _Bytes(hello.block(2) if hello else b"")
    while extensions:
        kind, content = extensions.number(2), extensions.block(2)
        if kind == _SERVER_NAME and name is None:
            name = _server_name(_Bytes(content))
        elif kind == _ENCRYPTED_HELLO:
            is_encrypted = True
    return ClientHello(name, is_encrypted)


def _server_name(content: _Bytes) -> str | None:
    names = _Bytes(content.block(2))
    while names:
        kind, name = names.number(1), names.block(2)
        if kind == _HOST_NAME:
            return name.decode("ascii", "backslashreplace")
    return None
