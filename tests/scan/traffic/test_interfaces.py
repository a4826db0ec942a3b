from __future__ import annotations

from beholden.scan.traffic.interfaces import InterfaceAddresses
from beholden.scan.traffic.rows import FlowRows
from beholden.values.address import pack


def learned(*records: tuple[str | None, str, str]) -> InterfaceAddresses:
    """What the records of a file say, each given as a part of its own."""
    known = InterfaceAddresses()
    for interface, source, target in records:
        rows = FlowRows(("srcaddr", "dstaddr"))
        rows.learn(interface, pack(source), pack(target))
        for batch in rows.rest():
            known.add(batch)
    return known


def is_own(known: InterfaceAddresses, interface: str | None, source: str, target: str) -> bool | None:
    return known.is_own(interface, pack(source), pack(target))


def test_an_interface_with_one_peer_is_settled_by_another_interface_of_the_same_address() -> None:
    first = ("eni-a", "198.51.100.9", "203.0.113.1")
    assert is_own(learned(first), *first) is None
    known = learned(
        first,
        ("eni-b", "198.51.100.9", "203.0.113.2"),
        ("eni-b", "203.0.113.3", "198.51.100.9"),
        ("eni-c", "203.0.113.4", "203.0.113.5"),
    )
    assert is_own(known, "eni-b", "198.51.100.9", "203.0.113.2") is True
    assert is_own(known, "eni-a", "203.0.113.1", "198.51.100.9") is False
    assert is_own(known, "eni-c", "203.0.113.4", "203.0.113.5") is None


def test_a_log_without_interfaces_is_settled_by_the_address_that_all_records_share() -> None:
    known = learned((None, "198.51.100.9", "203.0.113.1"), (None, "203.0.113.2", "198.51.100.9"))
    assert is_own(known, None, "203.0.113.2", "198.51.100.9") is False


def test_both_families_of_an_interface_are_learned_by_themselves() -> None:
    known = learned(
        ("eni-a", "198.51.100.9", "203.0.113.1"),
        ("eni-a", "198.51.100.9", "203.0.113.2"),
        ("eni-a", "2001:db8::9", "2001:db8:1::1"),
        ("eni-a", "2001:db8:1::2", "2001:db8::9"),
    )
    assert is_own(known, "eni-a", "198.51.100.9", "203.0.113.1") is True
    assert is_own(known, "eni-a", "2001:db8:1::2", "2001:db8::9") is False
