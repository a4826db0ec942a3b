"""Hardware addresses (EUI-48): one spelling, and the registry blocks that an address may fall in."""

from __future__ import annotations

import re

# Colons or dashes between bytes, Cisco's dotted groups, or twelve bare digits; leading zeros may be left out only
# where a separator says which byte is short (ISC dhcpd and BSD tools print `0:c:29:…`).
_SPELLINGS = re.compile(
    r"[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}"
    r"|[0-9a-f]{1,2}(?:-[0-9a-f]{1,2}){5}"
    r"|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}"
    r"|[0-9a-f]{12}",
    re.ASCII | re.IGNORECASE,
)
_BYTE_SEPARATOR = re.compile("[:-]")
_MULTICAST_BIT = 0x01
_LOCAL_BIT = 0x02
# MA-L, MA-M and MA-S blocks are 24, 28 and 36 bits long; so are the IABs that came before MA-S.
_BLOCK_DIGITS = (9, 7, 6)


def parse_mac(text: str) -> str | None:
    """Return the address as lower-case bytes with colons, or None if it is not an EUI-48.

    Example:
        `parse_mac("44-19-B6-0A-0B-0C")` is `"44:19:b6:0a:0b:0c"`.
    """
    text = text.strip()
    if not _SPELLINGS.fullmatch(text):
        return None
    if _BYTE_SEPARATOR.search(text):
        parts = _BYTE_SEPARATOR.split(text)
    else:
        digits = text.replace(".", "")
        parts = [digits[at : at + 2] for at in range(0, 12, 2)]
    return ":".join(part.zfill(2) for part in parts).lower()


def is_multicast(mac: str) -> bool:
    """Whether the I/G bit is set: a group of stations (broadcast included), not one device.

    Args:
        mac: As `parse_mac` gives it.
    """
    return bool(int(mac[:2], 16) & _MULTICAST_BIT)


def is_locally_administered(mac: str) -> bool:
    """Whether the U/L bit is set: randomised or set by software, so no maker stands behind the prefix.

    Prefixes of the CID registry have it, too: a company gives out such addresses, but not it alone.

    Args:
        mac: As `parse_mac` gives it.
    """
    return bool(int(mac[:2], 16) & _LOCAL_BIT)


def oui_prefixes(mac: str) -> tuple[str, str, str]:
    """Return the registry prefixes the address may fall in: 9, 7 and 6 upper-case hex digits, longest first.

    A 28- or 36-bit block lies inside a 24-bit block of the registry itself, so the longest one known names the maker.

    Args:
        mac: As `parse_mac` gives it.
    """
    digits = mac.replace(":", "").upper()
    nine, seven, six = (digits[:length] for length in _BLOCK_DIGITS)
    return nine, seven, six
