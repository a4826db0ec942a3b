"""Names that certificates carry."""

from __future__ import annotations

import re

from beholden.scan.network.hostnames import normalise_host, not_outside

# Commas inside a value stand behind a backslash (RFC 4514 section 2.4), of which some writers print two.
_COMMON_NAME = re.compile(r"(?:^|(?<!\\)[,+])\s*CN=([^,+\\]{1,255})", re.IGNORECASE)
# OpenSSL's older one-line form: /C=US/O=Example/CN=www.example.com
_COMMON_NAME_IN_SLASHES = re.compile(r"/CN=([^/\\]{1,255})", re.IGNORECASE)
_LONGEST_SUBJECT = 4096


def certified_host(text: str) -> str | None:
    """Read a name as a certificate gives it.

    Args:
        text: A DNS name of the SAN extension or a common name; `*.example.com` stands for its parent.

    Returns:
        The normalised name; None where it names no host that somebody outside could run.
    """
    name = normalise_host(text.strip().removeprefix("*."))
    return None if name is None or "*" in name or not_outside(name) else name


def subject_host(subject: str) -> str | None:
    """The first common name of a subject that is a host name.

    Args:
        subject: Distinguished name as text, its parts between commas or slashes.

    Returns:
        As `certified_host`; None where no common name is one.
    """
    pattern = _COMMON_NAME_IN_SLASHES if subject.startswith("/") else _COMMON_NAME
    hosts = (certified_host(found[1]) for found in pattern.finditer(subject[:_LONGEST_SUBJECT]))
    return next((host for host in hosts if host is not None), None)
