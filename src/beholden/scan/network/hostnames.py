"""Names that DNS queries and TLS handshakes carry: which of them name a service somewhere else."""

from __future__ import annotations

import re

_LABELS = re.compile(r"(?!-)[a-z0-9_*-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.ASCII)
_ALL_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_REVERSE = (".in-addr.arpa", ".ip6.arpa")
# RFC 6762, RFC 6761, RFC 8375 and ICANN's `internal`: never delegated, so nobody outside answers for them.
_LOCAL = (".local", ".localhost", ".internal", ".home.arpa", ".localdomain", ".lan", ".onion", ".invalid", ".test")


def normalise_host(text: str) -> str | None:
    """Lower-case a host name and drop the dot at its end.

    Args:
        text: As queried or sent.

    Returns:
        The name; None where it is an address, malformed, or longer than DNS allows.
    """
    name = text.lower().removesuffix(".")
    if not name or len(name) > 253 or not _LABELS.fullmatch(name):
        return None
    # A last label of digits only is an IPv4 address or a typing slip, never a domain (RFC 3696 section 2).
    if _ALL_DIGITS.fullmatch(name.rpartition(".")[2]):
        return None
    return name


def not_outside(name: str) -> str | None:
    """Say why a name cannot be a service of someone else.

    Args:
        name: A result of `normalise_host`.

    Returns:
        The key under which it is counted, or None where it can be.
    """
    if name.endswith(_REVERSE):
        return "dns_reverse_lookup"
    if "." not in name:
        return "dns_single_label"
    if name.endswith(_LOCAL):
        return "dns_local_name"
    return None
