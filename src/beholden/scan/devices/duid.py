"""DHCPv6 client identifiers (DUID): the hardware address that two of the types are made from.

Source: RFC 8415 section 11 (types 1, link-layer address plus time, and 3, link-layer address).
    The address was that of one interface of the client when the identifier was made. The identifier outlives the
    interface (section 11.2), so it shows a device of that maker with less certainty than an address on the wire.
"""

from __future__ import annotations

import re

from beholden.values.mac import parse_mac

_HEX = re.compile(r"[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){1,129}", re.ASCII | re.IGNORECASE)
_LINK_LAYER_AND_TIME, _LINK_LAYER = "0001", "0003"
# Hardware types of the ARP registry whose addresses have six bytes of an EUI-48: Ethernet and IEEE 802.
_EUI_48_LINKS = ("0001", "0006")


class NotADuidError(ValueError):
    """Not a row of bytes."""


def mac_of(text: str) -> str | None:
    """The hardware address inside a DUID, as `parse_mac` gives it; None where it holds none.

    Args:
        text: Bytes in hex, with colons, dashes or nothing between them.

    Raises:
        NotADuidError: Not bytes in hex.

    Example:
        `mac_of("00:03:00:01:00:53:00:0a:0b:0c")` is `"00:53:00:0a:0b:0c"`.
    """
    if not _HEX.fullmatch(text):
        raise NotADuidError(text)
    digits = text.replace(":", "").replace("-", "").lower()
    if digits[4:8] not in _EUI_48_LINKS:
        return None
    if digits[:4] == _LINK_LAYER_AND_TIME and len(digits) == 28:
        return parse_mac(digits[16:])
    if digits[:4] == _LINK_LAYER and len(digits) == 20:
        return parse_mac(digits[8:])
    return None
