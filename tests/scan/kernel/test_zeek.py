"""The engines of the Zeek conn kernel come to the same, on whatever bytes, in whatever parts."""

from __future__ import annotations

import gzip
import ipaddress
import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.network.reading import DATA, read, watching

from beholden.engine import Engine, native
from beholden.scan.interface import Watch
from beholden.scan.kernel import parts, zeek_rows
from beholden.scan.kernel.judge import AddressJudge
from beholden.scan.kernel.zeek import COLUMNS, ConnLayout, Part, _columns_reader, reader
from beholden.scan.network import zeek_conn
from beholden.scan.network.zeek_conn import ZeekConn
from beholden.scan.network.zeek_records import Layout
from beholden.scan.source import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OWN = (ipaddress.ip_network("192.0.2.0/24"), ipaddress.ip_network("2001:db8::/48"))
WATCHES = (
    Watch(),
    Watch(own_networks=OWN),
    Watch(addresses=watching("203.0.113.7", "198.51.100.3", "10.0.0.5", "2001:db8:1::7")),
)
JUDGES = [AddressJudge(watch) for watch in WATCHES]
FIELDS = (*COLUMNS[:5], "uid", *COLUMNS[5:], "tunnel_parents")
LAYOUT = ConnLayout(Layout(COLUMNS, frozenset(), FIELDS))
ENGINES = [Engine.PYTHON, *([Engine.NATIVE] if native() else [])]

TIMES = ["1714521600.500000", "0.0", "5.", ".5", "0", "1e3", "-", "", "nan", "-1", "1_0", "2024-05-01T00:00:00Z"]
TIMES += [
    "99999999999.9",
    "253402300798.0",
    "253402300798.1",
    "0000000000000001.5",
    "1.2.3",
    ".",
    "１",
    " 1",
    "1.0000005",
]
ADDRESSES = ["10.0.0.5", "192.0.2.9", "203.0.113.7", "203.0.113.8", "198.51.100.3", "224.0.0.251", "2001:db8::1"]
ADDRESSES += ["2001:db8:1::7", "::ffff:10.0.0.5", "fe80::1%eth0", "-", "", "010.0.0.5", "10.0.0", "0.0.0.0", "x"]
NUMBERS = [
    "0",
    "1",
    "8",
    "53",
    "128",
    "443",
    "1023",
    "1024",
    "65535",
    "65536",
    "-",
    "",
    "12.0",
    "12.0.0",
    ".0",
    "1.5",
    "-1",
]
NUMBERS += [
    "9223372036854775807",
    "9223372036854775808",
    "9999999999999999999",
    "10000000000000000000",
    "+1",
    "１",
    "(empty)",
]
WORDS = {
    "ts": TIMES,
    "duration": [*TIMES, "0.250000"],
    "id.orig_h": ADDRESSES,
    "id.resp_h": ADDRESSES,
    "local_orig": ["T", "F", "-", ""],
    "local_resp": ["T", "F", "-", "t"],
    "proto": ["tcp", "udp", "icmp", "-", "(empty)", "", "unknown_transport"],
    "service": ["ssl", "-", "(empty)", "", "dns,ssl", '"', "é", "\ufffd"],
    "conn_state": ["SF", "S0", "S1", "REJ", "OTH", "RSTO", "RSTOS0", "SHR", "-", "sf"],
    "history": ["-", "", "S", "D", "Dd", "ShADadFf", "^d", "(empty)", "G", "h"],
}
# What most records of most logs hold, so that whole records come about.
SOUND = {
    "ts": "1714521600.25",
    "id.orig_h": "10.0.0.5",
    "id.resp_h": "203.0.113.7",
    "id.orig_p": "51515",
    "id.resp_p": "443",
    "proto": "tcp",
    "service": "ssl",
    "duration": "1.0",
    "orig_bytes": "1000",
    "resp_bytes": "5000",
    "conn_state": "SF",
    "local_orig": "T",
    "local_resp": "F",
    "missed_bytes": "0",
    "history": "ShADadFf",
}
# Others that take several cells to come about: an attempt, a late reply of ours, a message about a packet.
BASES = (
    SOUND,
    SOUND | {"conn_state": "S0", "history": "S", "resp_bytes": "0"},
    SOUND | {"conn_state": "OTH", "history": "Dd", "id.orig_p": "443", "id.resp_p": "51515"},
    SOUND | {"proto": "icmp", "id.orig_p": "3", "id.resp_p": "3"},
    SOUND | {"proto": "udp", "history": "D", "orig_bytes": "-", "resp_bytes": "-", "orig_ip_bytes": "128"},
)


def _told(part: Part) -> dict[str, Any]:
    rows = part.contacts.to_pylist() if part.contacts is not None else []
    assert part.contacts is None or rows
    return {name: getattr(part, name) for name in Part.__slots__} | {"contacts": rows}


def _all_agree(text: bytes, layout: ConnLayout = LAYOUT, at: int = 0) -> list[dict[str, Any]]:
    """What a text comes to for each watch, whoever reads it."""
    told = []
    for judge in JUDGES:
        expected = _told(zeek_rows.read(text, at, layout, judge))
        for engine in ENGINES:
            found = _told(reader(judge, engine)(text, at, layout))
            assert found == expected, engine
        told.append(expected)
    return told


@st.composite
def _record(draw: st.DrawFn) -> str:
    changed = draw(st.lists(st.sampled_from(FIELDS), max_size=5))
    base = draw(st.sampled_from(BASES))
    cells = [base.get(name, "-") for name in FIELDS]
    for name in changed:
        cells[FIELDS.index(name)] = draw(st.sampled_from(WORDS.get(name, NUMBERS)))
    return "\t".join(cells)


_LINE = st.one_of(
    _record(),
    _record(),
    _record(),
    st.sampled_from(
        ["", "\r", "#close\t2024-05-01", "#", "# fields", "\ufeff", "\ufeff#x", "a\tb", "\x00", "\x0b", "\t" * 17]
    ),
    st.sampled_from(
        ["#fields\tts", "#path\tdns", "#separator ,", "\ufeff#fields", "#unset_field\t", "#pathological", "#fields\x00"]
    ),
    st.text("\t\r\x00#é-1.T", max_size=30),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_LINE, max_size=12), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_engines_agree_on_records_of_any_kind(lines: list[str], end: str, is_ended: bool) -> None:
    text = (end.join(lines) + (end if is_ended else "")).encode()
    _all_agree(text)
    first = text.find(b"\n") + 1
    _all_agree(text, at=first)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_engines_agree_on_mutated_bytes(data: st.DataObject) -> None:
    raw = bytearray("\n".join(data.draw(st.lists(_record(), min_size=1, max_size=6))).encode())
    for _ in range(data.draw(st.integers(1, 10))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    _all_agree(bytes(raw))


def test_every_outcome_is_met_by_records_at_random() -> None:
    chance = random.Random(7)
    lines = []
    for _ in range(4000):
        base = chance.choice(BASES)
        cells = [base.get(name, "-") for name in FIELDS]
        for _ in range(chance.randrange(6)):
            name = chance.choice(FIELDS)
            cells[FIELDS.index(name)] = chance.choice(WORDS.get(name, NUMBERS))
        lines.append("\t".join(cells))
    told = _all_agree("\n".join(lines).encode())
    met = sum((Counter(each["counts"]) + Counter(each["wrong"]) for each in told), Counter[str]())
    assert not {
        "local_to_local",
        "neither_side_ours",
        "our_side_unknown",
        "multicast_or_broadcast",
        "ip",
        "icmp_reports",
        "midstream_without_payload",
        "inbound_unanswered",
        "not an address",
        "not a byte count",
        "time out of range",
        "wrong column count",
    } - set(met)
    assert {row["verdict"] for each in told for row in each["contacts"]} == {0, 2, 3}
    assert all(each["missed"] and each["on_the_wire"] for each in told)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.from_regex(r"[0-9]{1,12}(\.[0-9]{0,9})?", fullmatch=True),
            st.from_regex(r"1[67][0-9]{8}\.[0-9]{6}", fullmatch=True),
            st.floats(0, 2.5e11).map(str),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_times_are_those_of_python(times: list[str]) -> None:
    cells = [SOUND.get(name, "-") for name in FIELDS]
    at = FIELDS.index("ts")
    lines = ["\t".join([*cells[:at], time, *cells[at + 1 :]]) for time in times]
    told = _all_agree("\n".join(lines).encode())
    sound = [float(time) for time in times if float(time) <= 253_402_300_798.0]
    assert [row["start"] for row in told[0]["contacts"]] == [round(time * 1_000_000) for time in sound]


def test_what_zeek_writes_is_left_to_no_other_engine(running: Engine) -> None:
    text = JOINED.read_bytes()
    layout = _layout_of(text)
    assert layout is not None
    assert layout.regular is not None
    columns = _columns_reader(JUDGES[0], running)
    assert columns is not None
    part, odd = columns(text, text.index(b"1714521600"), layout.regular)
    assert part.accepted == 14
    assert all(text.startswith(b"#", begin) for _, begin, _ in odd)
    assert part.contacts is not None


def test_lines_that_cannot_be_records_are_told_apart_from_those_beside_them() -> None:
    record = "\t".join(SOUND.get(name, "-") for name in FIELDS).encode()
    long = record + b"x" * (MAX_LINE_BYTES - len(record) - 1)
    text = b"\n".join(
        [record, long, long + b"x", b"#fields" + b"x" * MAX_LINE_BYTES, b"#fields\x00", record, b"#path\tdns", record]
    )
    told = _all_agree(text)[0]
    assert told["wrong"] == {"line too long": 2, "NUL bytes": 1}
    assert told["rejects"] == [(3, "line too long"), (4, "line too long"), (5, "NUL bytes")]
    assert (told["lines"], told["accepted"]) == (6, 3)
    assert text[told["stopped_at"] :].startswith(b"#path")


def test_a_cell_of_useless_fractions_costs_no_more_than_its_bytes() -> None:
    cells = [SOUND.get(name, "-") for name in FIELDS]
    for name in ("missed_bytes", "orig_bytes", "id.resp_p"):
        cells[FIELDS.index(name)] = ".0" * 150_000
    _all_agree("\t".join(cells).encode())


def test_words_of_its_own_and_records_of_another_log_are_read_row_by_row(running: Engine) -> None:
    judge = JUDGES[0]
    layout = LAYOUT.layout
    assert layout is not None
    record = "\t".join(SOUND.get(name, "none") for name in FIELDS).encode()
    own_words = ConnLayout(replace(layout, unset="none"))
    assert own_words.regular is None
    found = reader(judge, running)(record, 0, own_words)
    assert found.contacts is not None
    assert found.contacts.column("service").to_pylist() == ["ssl"]
    other = reader(judge, running)(record, 0, replace(LAYOUT, is_other_log=True))
    assert other.wrong == {"record of another log": 1}
    assert reader(judge, running)(record, 0, ConnLayout()).wrong == {"record before #fields": 1}
    wide = ConnLayout(replace(layout, fields=(*FIELDS, *(f"field{number}" for number in range(200)))))
    text = record.replace(b"none", b"-") + b"\t-" * 200
    assert _told(reader(judge, running)(text, 0, wide))["contacts"] == found.contacts.to_pylist()


def _conn_logs(folder: Path) -> list[Path]:
    found = [
        path for path in sorted(folder.rglob("*conn*")) if path.is_file() and path.suffix in (".log", ".gz", ".raw")
    ]
    assert found
    return found


def _bytes_of(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw


def _layout_of(text: bytes) -> ConnLayout | None:
    fields = next((line for line in text.split(b"\n")[:20] if line.startswith(b"#fields\t")), None)
    return (
        None
        if fields is None
        else ConnLayout(Layout(COLUMNS, frozenset(), tuple(fields.decode().rstrip("\r").split("\t")[1:])))
    )


@pytest.mark.parametrize("folder", ["data/inputs/zeek", "data/inputs/ocsf"])
def test_engines_agree_on_the_real_files_whole_and_in_parts(shared: Callable[[str], Path], folder: str) -> None:
    chance = random.Random(5)
    for path in _conn_logs(shared(folder)):
        text = _bytes_of(path)
        layout = _layout_of(text)
        if layout is None:
            continue
        begin = text.index(b"\n", text.index(b"\n#fields") + 1) + 1
        whole = _all_agree(text, layout, begin)[0]
        lines = text[begin:].splitlines(keepends=True)
        cuts = sorted(chance.sample(range(len(lines) + 1), min(4, len(lines) + 1)))
        for engine in ENGINES:
            total, contacts = Part(), []
            for first, behind in zip([0, *cuts], [*cuts, len(lines)], strict=True):
                part = reader(JUDGES[0], engine)(b"".join(lines[first:behind]), 0, layout)
                for row in part.contacts.to_pylist() if part.contacts else []:
                    contacts.append(row | {"lines": [line + first for line in row["lines"]]})
                part.contacts = None
                total.add(part)
            assert contacts == whole["contacts"]
            assert (total.counts, total.accepted, total.missed) == (whole["counts"], whole["accepted"], whole["missed"])


def _given(path: Path, watch: Watch) -> tuple[Any, ...]:
    found = read(ZeekConn(), path, watch)
    source = found.source
    return (
        *(found.rows, found.hosts, found.values, source.records_read, source.reasons, source.first_rejects),
        *(source.notes, +source.not_resolved),
    )


def _one_by_one(path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    with monkeypatch.context() as patched:
        patched.setattr(zeek_conn._Reading, "_tsv", lambda self, _: self._one_by_one())
        return _given(path, watch)


JOINED = DATA / "zeek" / "conn.log"


@pytest.mark.parametrize("part_bytes", [1, 300, 1000, 1 << 22])
@pytest.mark.parametrize("engine", list(Engine))
def test_files_that_were_joined_are_read_as_if_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part_bytes: int, engine: Engine
) -> None:
    if engine is Engine.PYTHON:
        monkeypatch.setenv("BEHOLDEN_ENGINE", "python")
    plain = JOINED.read_text()
    lines = plain.splitlines()
    fields = next(line for line in lines if line.startswith("#fields"))
    records = [line for line in lines if not line.startswith("#")]
    turned = [
        "\t".join(["#fields", *fields.split("\t")[:0:-1]]),
        *("\t".join(line.split("\t")[::-1]) for line in records),
    ]
    pieces = {
        "the same again": plain + "#close\t2024-05-01-00-00-00\n" + plain,
        "another order": plain + "\n".join(turned) + "\n" + plain,
        "another log": plain + "#path\tdns\n" + "\n".join(records) + "\n#path\tconn\n" + "\n".join(records),
        "words of its own": plain + "#unset_field\tnone\n" + fields + "\n" + "\n".join(records).replace("-", "none"),
        "wrong in between": plain + "a\tb\n\x00\n#x\n\n" + "\n".join(records[:3]) + "\n1\t2\n" + "\n".join(["x"] * 9),
    }
    for name, text in pieces.items():
        path = tmp_path / "conn.log"
        path.write_text(text)
        for watch in WATCHES:
            expected = _one_by_one(path, watch, monkeypatch)
            with monkeypatch.context() as patched:
                patched.setattr(parts, "PART_BYTES", part_bytes)
                assert _given(path, watch) == expected, name


def test_real_files_are_read_as_if_line_by_line(shared: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 100_000)
    for path in _conn_logs(shared("data/inputs/zeek")):
        if _layout_of(_bytes_of(path)[:4096]) is not None:
            assert _given(path, Watch()) == _one_by_one(path, Watch(), monkeypatch), path
