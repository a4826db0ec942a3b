"""The host in an address: of an index, an archive, a repository or an endpoint."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from beholden.schema.vocabulary import Kind

_WITH_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://([^/?#\s]*)([^?#\s]*)", re.ASCII)
# user@host:path, the short form that git takes for ssh
_SCP_FORM = re.compile(r"(?:git\+)?[\w.-]+@([A-Za-z0-9.-]+):(?!//)", re.ASCII)
_BARE = re.compile(r"([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\.?(?::\d+)?)(?:/|$)", re.ASCII)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?", re.ASCII)
_MAX_HOST = 253


@dataclass(frozen=True, slots=True, order=True)
class Host:
    """A host in normal form.

    Attributes:
        kind: `DOMAIN`, or `IP` where the address is a literal.
        value: Lower-case ASCII without a trailing dot; the canonical address.
    """

    kind: Kind
    value: str


def host_of(address: str, *, bare: bool = False) -> Host | None:
    """Find the host of an address.

    Args:
        address: A URL of any scheme, or git's `user@host:path`.
        bare: Also take `host.name[:port][/path]` without a scheme.

    Returns:
        The host; None for a local file, an unresolved variable or anything else that names no host.
    """
    address = address.strip()
    if match := _WITH_SCHEME.match(address):
        return None if match[1].lower() == "file" else _host(match[2].rpartition("@")[2])
    if match := _SCP_FORM.match(address):
        return _host(match[1])
    if bare and (match := _BARE.match(address)):
        return _host(match[1])
    return None


def is_address(text: str) -> bool:
    """Whether the text is a URL or git's short form, rather than a name or a local path."""
    return "://" in text or _SCP_FORM.match(text) is not None


def without_secrets(address: str) -> str:
    """The address without user, password, query and fragment, where tokens are kept."""
    if match := _WITH_SCHEME.search(address):
        return f"{address[: match.start()]}{match[1]}://{match[2].rpartition('@')[2]}{match[3]}"
    return address.partition("?")[0].partition("#")[0]


def _host(authority: str) -> Host | None:
    if authority.startswith("["):
        return _literal(authority[1:].partition("]")[0])
    name = authority.partition(":")[0].rstrip(".").lower()
    if not name or len(name) > _MAX_HOST:
        return None
    if name[-1].isdigit() and (literal := _literal(name)):
        return literal
    try:
        name = name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return Host(Kind.DOMAIN, name) if _HOST.fullmatch(name) else None


def _literal(text: str) -> Host | None:
    try:
        return Host(Kind.IP, str(ipaddress.ip_address(text)))
    except ValueError:
        return None
