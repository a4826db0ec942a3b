"""Recognises what a value on the command line is: an address, AS, hardware address or block, package, model, domain."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from beholden.schema.vocabulary import Kind
from beholden.values import domain
from beholden.values.mac import parse_mac

_ASN = re.compile(r"^AS\d{1,10}$", re.IGNORECASE)
_BLOCK = re.compile(r"^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){2,4}$", re.IGNORECASE)
_MODEL = re.compile(r"^[a-z][\w.-]*/[\w.-]+$", re.ASCII | re.IGNORECASE)


def recognise(text: str) -> tuple[Kind, str] | None:
    """Kind and normal form of an artefact; None for anything else, such as a name.

    Example:
        `"44:19:B6:00:00:01"` → `(Kind.MAC, "44:19:b6:00:00:01")`.
    """
    value = text.strip()
    try:
        return Kind.IP, str(ipaddress.ip_address(value))
    except ValueError:
        pass
    if value.startswith("pkg:"):
        from beholden.values.purl import without_version

        if value.startswith("pkg:huggingface/"):
            return Kind.MODEL, value.removeprefix("pkg:huggingface/").partition("@")[0].partition("?")[0].lower()
        purl = without_version(value)
        return (Kind.PURL, purl) if purl is not None else None
    mac = parse_mac(value)
    if mac is not None:
        return Kind.MAC, mac
    if _ASN.match(value):
        return Kind.ASN, value.upper()
    if _BLOCK.match(value):
        # A block as findings name it: any device address of it has the same maker.
        bytes_ = value.lower().replace("-", ":").split(":")
        return Kind.MAC, ":".join((*bytes_, *["00"] * (6 - len(bytes_))))
    if "://" in value:
        value = urlsplit(value).hostname or ""
    elif _MODEL.match(value):
        return Kind.MODEL, value.lower()
    name = domain.normalise(value) if " " not in value else None
    if name is not None and domain.registrable(name) is not None:
        return Kind.DOMAIN, name
    return None
