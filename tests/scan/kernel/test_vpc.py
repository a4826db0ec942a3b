"""VPC flow log text: native, in columns, and row by row come to the same, whatever the text."""

from __future__ import annotations

import gzip
import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beholden.engine import Engine, native
from beholden.scan.interface import Watch
from beholden.scan.kernel import alike_lines, vpc_reference, vpc_rows
from beholden.scan.kernel.judge import AddressJudge
from beholden.scan.kernel.vpc import Part, reader
from beholden.scan.network.vpc_layout import COLUMNS, VERSION_2, VpcLayout, header_layout
from beholden.scan.source import MAX_LINE_BYTES
from beholden.values.ranges import AddressRanges, by_precedence

DEFAULT = VpcLayout(VERSION_2)
EVERYTHING = VpcLayout(("version", *COLUMNS, "vpc-id", "az-id"))
REQUIRED = ("srcaddr", "dstaddr", "bytes", "start", "end")


def watched(*networks: str) -> AddressRanges:
    found = [ipaddress.ip_network(text) for text in networks]
    base = {4: 0xFFFF << 32, 6: 0}
    ends = [(base[net.version] + int(net[0]), base[net.version] + int(net[-1])) for net in found]
    return AddressRanges(by_precedence((*pair, (0, label)) for label, pair in enumerate(ends)))


JUDGES = [
    AddressJudge(watch)
    for watch in (
        Watch(),
        Watch(addresses=watched("192.0.2.64/28", "198.51.100.0/24", "203.0.113.7/32", "2001:db8:1::/48")),
        Watch(
            addresses=watched("192.0.2.0/25", "2001:db8::/32", "10.9.0.0/16"),
            own_networks=tuple(
                ipaddress.ip_network(text) for text in ("203.0.113.0/25", "2001:db8:5::/64", "10.9.8.0/24")
            ),
        ),
    )
]


def readers(judge: AddressJudge) -> dict[str, Callable[[bytes, VpcLayout], Part]]:
    found: dict[str, Callable[[bytes, VpcLayout], Part]] = {
        "rows": lambda text, layout: vpc_rows.read(text, layout, judge),
        "columns": lambda text, layout: vpc_reference.read(text, layout, judge),
    }
    if native() is not None:
        found["native"] = reader(judge, Engine.NATIVE)
    return found


def told(part: Part) -> dict[str, Any]:
    """Everything a part says; interfaces have no order."""
    interfaces = [(row["interface"], row["is_v6"], sorted(row["candidates"])) for row in part.interfaces.to_pylist()]
    return {
        "flows": part.flows.to_pylist(),
        "words": part.flows.schema.metadata,
        "interfaces": sorted(interfaces, key=repr),
        "counts": dict(part.counts),
        "wrong": dict(part.wrong),
        "rejects": part.rejects,
        "lines": part.lines,
        "accepted": part.accepted,
        "between": part.between,
        "stopped_at": part.stopped_at,
    }


def agreed(text: bytes, layout: VpcLayout, judge: AddressJudge) -> dict[str, Any]:
    """What all readers say, once they agree."""
    parts = {name: told(read(text, layout)) for name, read in readers(judge).items()}
    rows = parts.pop("rows")
    for name, part in parts.items():
        assert part == rows, name
    return rows


@pytest.fixture(params=[1, 16], ids=["every line in columns", "as installed"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike_lines, "_FEW", request.param)


# One line ------------------------------------------------------------------------------------------------------------

_SOUND = "2 123456789012 eni-0a 10.0.0.7 192.0.2.70 40000 443 6 9 4000 1714521600 1714521660 ACCEPT OK"
SOUND = dict(zip(VERSION_2, _SOUND.split(), strict=True))


def line(layout: VpcLayout = DEFAULT, /, **changed: str) -> str:
    cells = SOUND | {name.replace("_", "-"): text for name, text in changed.items()}
    return " ".join(cells.get(name, "-") for name in layout.names)


LONG = "9" * 18
CASES = {
    "sound": line(),
    "no action said": line(action="-"),
    "rejected": line(action="REJECT"),
    "no status": line(log_status="-"),
    "no data": line(srcaddr="-", dstaddr="-", action="-", log_status="NODATA"),
    "skipped": line(log_status="SKIPDATA"),
    "nine letters of status": line(log_status="SKIPDATAS"),
    "status in small letters": line(log_status="ok"),
    "no address": line(dstaddr="-"),
    "octet of 256": line(dstaddr="192.0.2.256"),
    "leading zero": line(dstaddr="192.0.2.07"),
    "two zeros": line(dstaddr="192.0.2.00"),
    "zeros": line(dstaddr="0.0.0.0"),
    "all ones": line(dstaddr="255.255.255.255"),
    "three octets": line(dstaddr="192.0.2"),
    "an octet of nothing": line(dstaddr="192..2.1"),
    "it ends with a dot": line(dstaddr="192.0.2."),
    "four digits": line(dstaddr="192.0.2.0001"),
    "a letter": line(dstaddr="192.0.2.1a"),
    "mapped": line(dstaddr="::ffff:192.0.2.70"),
    "v6": line(srcaddr="fd00::7", dstaddr="2001:db8:1::1"),
    "v6 of upper case": line(srcaddr="FD00:0:0::7", dstaddr="2001:DB8:1:0:0:0:0:1"),
    "v6 with a zone": line(srcaddr="fe80::1%eth0", dstaddr="2001:db8:1::1"),
    "v6 with a long zone": line(srcaddr="fe80::1%" + "e" * 80, dstaddr="2001:db8:1::1"),
    "v6 with too much": line(dstaddr="1:2:3:4:5:6:7:8:9"),
    "v6 with two gaps": line(dstaddr="1::2::3"),
    "both foreign": line(srcaddr="198.51.100.4"),
    "both foreign and the same": line(srcaddr="192.0.2.70"),
    "local": line(dstaddr="10.0.0.8"),
    "multicast": line(dstaddr="224.0.0.251"),
    "not watched": line(dstaddr="192.0.2.80"),
    "last watched": line(dstaddr="192.0.2.79"),
    "inbound": line(srcaddr="192.0.2.70", dstaddr="10.0.0.7"),
    "icmp": line(protocol="1"),
    "icmp for v6": line(protocol="58"),
    "icmp with a zero before": line(protocol="01"),
    "no ports and no protocol": line(srcport="-", dstport="-", protocol="-", packets="-"),
    "the last port": line(dstport="65535"),
    "one port too many": line(dstport="65536"),
    "a port with zeros": line(dstport="0000000000443"),
    "a large protocol": line(protocol="2147483648"),
    "a protocol of 18 digits": line(protocol=LONG),
    "a sign": line(bytes="+5"),
    "negative": line(packets="-5"),
    "no bytes": line(bytes="-"),
    "18 digits": line(bytes=LONG, packets=LONG),
    "17 digits": line(bytes=LONG[1:]),
    "9 digits": line(bytes="987654321"),
    "19 digits": line(bytes="1" + LONG),
    "a fraction": line(bytes="12.0"),
    "a point where the address had one": line(dstaddr="192.0.270", bytes="12.5"),
    "digits of another script": line(bytes="１２"),
    "ends before it starts": line(start="1714521661"),
    "ends after year 9999": line(end="253402300799"),
    "ends with year 9999": line(end="253402300798"),
    "unknown action": line(action="DROP"),
    "empty": "",
    "blanks": "   ",
    "too few": line().rpartition(" ")[0],
    "too many": line() + " 7",
    "two blanks": line().replace(" ", "  ", 1),
    "tabs": line().replace(" ", "\t"),
    "a blank before": " " + line(),
    "a blank behind": line() + " ",
    "carriage return": line() + "\r",
    "carriage return inside": line().replace(" ", "\r", 1),
    "byte order mark": "\ufeff" + line(),
    "NUL": line().replace(" ", "\0", 1),
    "escape": line(interface_id="eni\x1b7"),
    "delete": line(interface_id="eni\x7f7"),
    "not ASCII": line(interface_id="eni-ä"),
    "quotes": line(interface_id='"eni'),
    "the header again, in part": "version",
    "begins like a header": line(version="version"),
    "begins with more than a header": line(version="versions"),
    "no interface": line(interface_id="-", account_id="-"),
}


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("text", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("around", [0, 20])
def test_every_reader_says_the_same_of_a_line(text: str, judge: AddressJudge, around: int) -> None:
    lines = [line()] * around + [text] * max(1, around) + [line()] * around
    agreed("\n".join(lines).encode() + b"\n", DEFAULT, judge)
    agreed("\n".join(lines).encode(), DEFAULT, judge)


MORE = {
    "the packet has the same": line(EVERYTHING, pkt_srcaddr="10.0.0.7", pkt_dstaddr="192.0.2.70"),
    "the packet has others": line(EVERYTHING, pkt_srcaddr="10.0.0.9", pkt_dstaddr="198.51.100.1"),
    "one of them": line(EVERYTHING, pkt_srcaddr="-", pkt_dstaddr="198.51.100.1"),
    "none": line(EVERYTHING),
    "only the packet": line(EVERYTHING, srcaddr="-", dstaddr="-", pkt_srcaddr="10.0.0.9", pkt_dstaddr="198.51.100.1"),
    "wrong at the interface": line(EVERYTHING, srcaddr="x", pkt_srcaddr="198.51.100.9", pkt_dstaddr="198.51.100.1"),
    "wrong in the packet": line(EVERYTHING, pkt_srcaddr="198.51.100", pkt_dstaddr="198.51.100.1"),
    "foreign at the interface": line(EVERYTHING, srcaddr="198.51.100.4", interface_id="eni-b"),
    "foreign v6": line(EVERYTHING, srcaddr="2001:db8:1::2", dstaddr="2001:db8:1::1", pkt_dstaddr="2001:DB8:1::1"),
    "outwards": line(EVERYTHING, flow_direction="egress", tcp_flags="2"),
    "inwards": line(EVERYTHING, flow_direction="ingress", tcp_flags="19"),
    "some way": line(EVERYTHING, flow_direction="sideways", tcp_flags="2.0"),
    "flags of 19 digits": line(EVERYTHING, tcp_flags="9223372036854775807"),
    "flags of 20 digits": line(EVERYTHING, tcp_flags="92233720368547758070"),
    "flags that are none": line(EVERYTHING, tcp_flags="SYN"),
}


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("text", MORE.values(), ids=MORE.keys())
def test_every_reader_says_the_same_of_a_line_with_more_columns(text: str, judge: AddressJudge) -> None:
    agreed("\n".join([line(EVERYTHING), text, text] * 20).encode() + b"\n", EVERYTHING, judge)


@pytest.mark.usefixtures("few")
def test_every_reader_says_the_same_of_more_columns_than_a_line_of_the_native_kernel_has() -> None:
    wide = VpcLayout((*(f"x{number}" for number in range(200)), *DEFAULT.names))
    before = "- " * 199
    agreed(f"{before}- {line()}\n{before} - {line()}\n".encode(), wide, JUDGES[1])


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("lines", [list(CASES.values()) * 3, [text for text in CASES.values() for _ in range(20)]])
def test_everything_at_once(lines: list[str]) -> None:
    found = agreed("\n".join(lines).encode(), DEFAULT, JUDGES[1])
    assert found["lines"] == len(lines)
    assert sum(found["wrong"].values()) + found["accepted"] == len([text for text in lines if text.strip()])
    assert len(found["rejects"]) == 5


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("at", [0, 1, 15, 16, 40])
@pytest.mark.parametrize(
    "header", [" ".join(VERSION_2), " ".join(EVERYTHING.names), "SRCADDR DSTADDR", "a pkt_srcaddr dstaddr"]
)
def test_nothing_is_read_from_a_header_on(at: int, header: str) -> None:
    before, after = [line()] * at, [line(dstaddr="192.0.2.71"), line(bytes="x")] * 20
    found = agreed("\n".join([*before, header, *after]).encode(), DEFAULT, JUDGES[1])
    assert (found["lines"], len(found["flows"]), found["wrong"]) == (at, at, {})
    assert found["stopped_at"] == at * (len(line()) + 1)


def test_a_line_that_is_too_long_is_one_reject() -> None:
    longest = line(interface_id="e" * (MAX_LINE_BYTES - len(line(interface_id="")) - 1))
    assert len(longest) + 1 == MAX_LINE_BYTES
    text = "\n".join([line(), longest, longest + "e", line(), ""]).encode()
    found = agreed(text, DEFAULT, JUDGES[1])
    assert found["wrong"] == {"wrong column count": 1} or found["wrong"] == {"line too long": 1}
    assert found["lines"] == 4


def test_nothing_at_all() -> None:
    found = agreed(b"", DEFAULT, JUDGES[0])
    assert (found["lines"], found["flows"], found["stopped_at"]) == (0, [], None)


# Any text ------------------------------------------------------------------------------------------------------------

ADDRESSES = [
    *("-", "10.0.0.7", "10.9.8.7", "10.9.9.9", "192.0.2.70", "192.0.2.3", "192.0.2.200", "203.0.113.7", "203.0.113.8"),
    *("224.0.0.1", "127.0.0.1", "0.0.0.0", "255.255.255.255", "198.51.100.1", "8.8.8.8", "fd00::7", "2001:db8:1::7"),
    *("2001:db8:5::1", "2001:0DB8:1::7", "::1", "::", "::ffff:192.0.2.70", "ff02::1", "fe80::1%eth0", "10.0.0.07"),
    *("1.2.3.256", "1.2.3", "1.2.3.4.5", "1.2..3", ".1.2.3", "1.2.3.", "1:2", "x", "2001:db8::g"),
]
_NUMBERS = "0 1 6 17 58 - 22 443 1023 40000 65535 65536 007 1714521600 1714521660 253402300798 12.0 1e3 +1 -1 x"
NUMBERS = _NUMBERS.split()
NUMBERS += [LONG, "1" + LONG, "99999999", "100000000"]
WORDS = {
    "log-status": ["OK", "OK", "OK", "OK", "-", "NODATA", "SKIPDATA", "ok", "OKAY"],
    "action": ["ACCEPT", "ACCEPT", "REJECT", "-", "ACCEPTED"],
    "flow-direction": ["ingress", "egress", "-", "EGRESS"],
    "interface-id": ["eni-1", "eni-2", "-", "eni.3", "eni-äö"],
}


@dataclass
class Log:
    layout: VpcLayout
    text: bytes


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Lines of a layout, most of them sound, and then whatever can happen to bytes."""
    more = draw(st.lists(st.sampled_from([*COLUMNS, *VERSION_2, "vpc-id", "az-id"]), max_size=20))
    names = draw(st.permutations(list(dict.fromkeys([*REQUIRED, *more]))))
    layout = draw(st.sampled_from([DEFAULT, EVERYTHING, VpcLayout(tuple(names))]))

    def cell(name: str) -> str:
        if draw(st.integers(0, 9)) < 6:
            return SOUND.get(name, "-")
        if name.endswith("addr"):
            return draw(st.sampled_from(ADDRESSES))
        return draw(st.sampled_from(WORDS.get(name, NUMBERS)))

    shapes = [" ".join(cell(name) for name in layout.names) for _ in range(draw(st.integers(1, 6)))]
    chosen = draw(st.lists(st.sampled_from(shapes), min_size=1, max_size=40))
    ends = draw(st.sampled_from(["\n", "\n", "\r\n", "\n\n", " \n"]))
    text = bytearray(ends.join(chosen).encode())
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(text)))
        put = draw(
            st.sampled_from([b"", b" ", b"\n", b"\t", b"\0", b".", b"-", b"\xef\xbb\xbf", b"\xff", b"9", b"\x1f"])
        )
        text[at : at + draw(st.integers(0, 2))] = put
    if draw(st.integers(0, 5)) == 0:
        at = text.find(b"\n", draw(st.integers(0, len(text)))) + 1
        text[at:at] = " ".join(layout.names).encode() + b"\n"
    return Log(layout, bytes(text))


@given(logs(), st.sampled_from(JUDGES), st.sampled_from([1, 3, 16]), st.sampled_from([100, 1000, 1 << 20]))
def test_every_reader_says_the_same_of_any_text(log: Log, judge: AddressJudge, few: int, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alike_lines, "_FEW", few)
        patch.setattr(alike_lines, "WINDOW_BYTES", size)
        agreed(log.text, log.layout, judge)


@given(st.binary(max_size=300), st.sampled_from([DEFAULT, EVERYTHING]))
@example(b"\xef\xbb\xbf\n\xef\xbb\xbf", DEFAULT)
@example(b"\n", DEFAULT)
def test_every_reader_says_the_same_of_any_bytes(text: bytes, layout: VpcLayout) -> None:
    agreed(text, layout, JUDGES[1])


@given(logs(), st.sampled_from(JUDGES), st.data())
def test_parts_come_to_what_the_whole_comes_to(log: Log, judge: AddressJudge, data: st.DataObject) -> None:
    begins = [at + 1 for at, byte in enumerate(log.text) if byte == ord("\n")]
    cut = data.draw(st.sampled_from([0, *begins, len(log.text)]))
    for read in readers(judge).values():
        whole, first, second = (read(part, log.layout) for part in (log.text, log.text[:cut], log.text[cut:]))
        if first.stopped_at is not None:
            assert told(first) == told(whole)
            continue
        assert whole.counts == first.counts + second.counts
        assert whole.wrong == first.wrong + second.wrong
        assert whole.accepted == first.accepted + second.accepted
        assert whole.between == first.between + second.between
        moved = [{**row, "line": row["line"] + first.lines} for row in second.flows.to_pylist()]
        assert whole.flows.to_pylist() == [*first.flows.to_pylist(), *moved]
        rejects = [*first.rejects, *((at + first.lines, reason) for at, reason in second.rejects)]
        assert whole.rejects == rejects[:5]


# Real logs -----------------------------------------------------------------------------------------------------------


def _records(path: Path) -> Iterator[tuple[bytes, VpcLayout]]:
    data = path.read_bytes()
    text = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    layout = header_layout(text[: text.find(b"\n")].decode().split())
    yield (text, DEFAULT) if layout is None else (text[text.find(b"\n") + 1 :], layout)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("judge", JUDGES)
def test_every_reader_says_the_same_of_real_logs(judge: AddressJudge, shared: Callable[[str], Path]) -> None:
    paths = sorted(shared("data/inputs/vpcflow").glob("*.log*"))
    assert paths
    statuses = Counter[str]()
    for path in paths:
        for text, layout in _records(path):
            found = agreed(text, layout, judge)
            lines = [cells for cells in (each.split() for each in text.splitlines()) if cells]
            if found["stopped_at"] is None:
                assert found["accepted"] + sum(found["wrong"].values()) == len(lines)
            statuses.update(found["counts"])
    assert statuses
