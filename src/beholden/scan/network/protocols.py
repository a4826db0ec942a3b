"""Names of protocols above IP that flow tools print, and their numbers.

Source: IANA, "Protocol Numbers"; names as in /etc/protocols, those of Argus for streams within UDP beside them.
"""

from __future__ import annotations

from typing import Any

from beholden.scan.network.json_values import count_of

_LAST = 255
_NUMBERS = {
    "icmp": 1,
    "igmp": 2,
    "ipip": 4,
    "tcp": 6,
    "egp": 8,
    "udp": 17,
    "dccp": 33,
    "ipv6": 41,
    "rsvp": 46,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "icmp6": 58,
    "icmpv6": 58,
    "ipv6-icmp": 58,
    "eigrp": 88,
    "ospf": 89,
    "ospfigp": 89,
    "pim": 103,
    "vrrp": 112,
    "l2tp": 115,
    "sctp": 132,
    "udplite": 136,
    "rtp": 17,
    "rtcp": 17,
    "udt": 17,
}


def protocol_number(value: Any) -> int | None:  # noqa: ANN401 (as printed)
    """The number of a protocol.

    Args:
        value: A number, or a name in any case.

    Returns:
        None where there is none, or the name is of none above IP.
    """
    if isinstance(value, str) and (known := _NUMBERS.get(value.strip().lower())) is not None:
        return known
    try:
        number = count_of(value)
    except ValueError:
        return None
    return number if number is not None and number <= _LAST else None
