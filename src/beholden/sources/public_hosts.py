"""Which hosts are on the public internet: told by how they are written, and by what they resolve to.

A publisher must not lead a fetch into the user's own network. Its name may say nothing of where it leads, so that a
connection is checked too: every address that the name has, and the one that was connected to.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from functools import cache
from typing import TYPE_CHECKING

from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from collections.abc import Callable

_OURS = (".localhost", ".local", ".internal", ".intranet", ".private", ".corp", ".home", ".lan", ".home.arpa")
_NUMBER = re.compile(r"0x[0-9a-f]*|\d+")
# Addresses of IPv4 inside IPv6: network → how many bits stand behind the IPv4 address.
_CARRIERS = (
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)


class NotPublicError(Exception):
    """A host that was led to has an address that is not public."""


def is_inside(name: str) -> bool:
    """Whether a host is not on the public internet, as far as its spelling tells.

    Args:
        name: A name or an address, without brackets and port.
    """
    host = name.rstrip(".").lower()
    if ":" in host:
        return not _is_public(host)
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        # Resolvers take 2130706433, 127.1 and 0x7f.1 for addresses of IPv4 too.
        try:
            return not _is_public(socket.inet_ntoa(socket.inet_aton(host)))
        except OSError:
            return True
    # A name of one label is one of the user's network.
    return "." not in host or host.endswith(_OURS)


@cache
def checked_pool() -> PoolManager:
    """Connections to public addresses only.

    Its requests raise `NotPublicError` before anything is sent.
    """
    pool = PoolManager()
    pool.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
    return pool


def _is_public(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        for network, behind in _CARRIERS:
            if found in network:
                inner = ipaddress.IPv4Address((int(found) >> behind) & 0xFFFFFFFF)
                return inner.is_global and not inner.is_multicast
    return found.is_global and not found.is_multicast


def _connected(host: str, port: int | None, connect: Callable[[], socket.socket]) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []  # connecting says what is wrong
    _refuse(host, [str(address[0]) for *_, address in found])
    connection = connect()
    try:
        # The name may resolve to something else by now.
        _refuse(host, [str(connection.getpeername()[0])])
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse(host: str, addresses: list[str]) -> None:
    for address in addresses:
        if not _is_public(address):
            raise NotPublicError(f"{host} is {address}")


class _HTTPConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self.host, self.port, super()._new_conn)


class _HTTPSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self.host, self.port, super()._new_conn)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection
