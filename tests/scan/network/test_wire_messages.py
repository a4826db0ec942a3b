"""DNS messages, TLS greetings and the starts of streams: what is read of them, and what cannot be."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.scan.network.wire import address, block, hello, name, query, record, response

from beholden.scan.network.datagrams import TCP, Segment
from beholden.scan.network.dns_messages import Message, NotDnsError, read_message
from beholden.scan.network.stream_starts import MAX_START_BYTES, RST, SYN, StreamStarts, flow_of
from beholden.scan.network.tls_greetings import ClientHello, NotTlsError, client_hello

# --- DNS ------------------------------------------------------------------------------------------------------------


def test_a_query_and_its_response() -> None:
    asked = read_message(query("A.Example", 28, number=5))
    assert asked == Message(5, False, False, 0, "A.Example", "AAAA", True, ())
    told = read_message(
        response("A.Example", record(5, name("b.example"), life=60), address("2001:db8::1", life=30), kind=28, number=5)
    )
    assert told == Message(5, True, False, 0, "A.Example", "AAAA", True, (("b.example", 60), ("2001:db8::1", 30)))


@pytest.mark.parametrize(
    ("kind", "expected"), [(1, "A"), (65, "HTTPS"), (255, "ANY"), (65280, "TYPE65280"), (0, "TYPE0")]
)
def test_types_are_printed_as_their_names_or_numbers(kind: int, expected: str) -> None:
    message = read_message(query("a.example", kind))
    assert message is not None
    assert message.rrtype == expected


@pytest.mark.parametrize(("life", "expected"), [(0, 0), (2**31 - 1, 2**31 - 1), (2**31, 0), (2**32 - 1, 0)])
def test_a_negative_life_is_none(life: int, expected: int) -> None:
    message = read_message(response("a.example", address("192.0.2.1", life=life)))
    assert message is not None
    assert message.answers == (("192.0.2.1", expected),)


def test_what_is_neither_address_nor_alias_is_passed_over() -> None:
    odd = [record(16, b"\x03abc"), record(1, b"\1\2\3"), record(28, bytes(4)), address("192.0.2.1")]
    message = read_message(response("a.example", *odd))
    assert message is not None
    assert [text for text, _ in message.answers] == ["192.0.2.1"]


def test_an_alias_may_point_into_the_message() -> None:
    message = read_message(response("www.a.example", record(5, b"\x03cdn\xc0\x10")))
    assert message is not None
    assert message.answers[0][0] == "cdn.a.example"


@pytest.mark.parametrize(
    ("label", "expected"), [("x y", "x\\032y.example"), ("a.b\0", "a.b\\000.example"), ("ü", "\\195\\188.example")]
)
def test_what_no_host_is_called_is_escaped(label: str, expected: str) -> None:
    data = query("X.example").replace(b"\x01X", block(1, label.encode()))
    message = read_message(data)
    assert message is not None
    assert message.name == expected.replace("a.b", "a\\046b")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(query("a.example")[:-3], id="cut question"),
        pytest.param(response("a.example", address("192.0.2.1"))[:-1], id="cut record"),
        pytest.param(query("")[:12] + b"\xc0\x0c\0\1\0\1", id="a name that points to itself"),
        pytest.param(query("")[:12] + b"\xc0\x20\0\1\0\1" + bytes(40), id="a pointer forward"),
        pytest.param(query("")[:12] + b"\x01a\xc0\x0c\0\1\0\1", id="a name within itself"),
        pytest.param(response("a.example", record(5, b"\xc0\x27")), id="an alias that points to itself"),
        pytest.param(query("")[:12] + b"\x80a\0\0\1\0\1", id="a label of a reserved kind"),
        pytest.param(query(".".join(["a" * 60] * 5)), id="a name of 305 bytes"),
    ],
)
def test_a_malformed_message_is_refused(data: bytes) -> None:
    with pytest.raises(NotDnsError):
        read_message(data)


def test_a_name_of_255_bytes_is_the_longest() -> None:
    longest = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
    message = read_message(query(longest))
    assert message is not None
    assert message.name == longest
    with pytest.raises(NotDnsError):
        read_message(query(longest + "d"))


def test_pointers_that_lead_back_step_by_step_end() -> None:
    """Each of many pointers leads to the one before: as many steps as the message has pointers, and no more."""
    chain = b"\x01a\0" + b"".join(struct.pack(">H", 0xC000 | (12 + 3 + 2 * max(0, at - 1))) for at in range(4000))
    data = response("", record(5, chain, owner=b"\0"), flags=0x8180)
    with pytest.raises(NotDnsError):
        read_message(data[:12] + chain + data[12:])


@pytest.mark.parametrize("flags", [0x2800, 0x2000, 0x0800])
def test_updates_and_notifications_are_no_plain_queries(flags: int) -> None:
    assert read_message(query("a.example", flags=flags)) is None


def test_an_answer_that_did_not_fit_gives_what_is_there() -> None:
    data = bytearray(response("a.example", address("192.0.2.1"), flags=0x8380))
    data[7] = 9
    message = read_message(bytes(data))
    assert message is not None
    assert (message.is_cut, len(message.answers)) == (True, 1)


@given(data=st.binary(max_size=200))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        read_message(data)
    except NotDnsError:
        return


# --- TLS ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (hello("a.example"), ClientHello("a.example", False)),
        (hello(None), ClientHello(None, False)),
        (hello("a.example", encrypted=True), ClientHello("a.example", True)),
        (hello(None, padding=9), ClientHello(None, False)),
        (hello("ü.example"), ClientHello("\\xc3\\xbc.example", False)),
    ],
)
def test_a_greeting_tells_the_name_and_whether_it_hides_another(data: bytes, expected: ClientHello) -> None:
    assert client_hello(data) == expected


def test_a_greeting_before_extensions_existed_has_no_name() -> None:
    message = b"\x03\x01" + bytes(32) + block(1, bytes(32)) + block(2, b"\0\x35") + block(1, b"\0")
    assert client_hello(b"\x16\x03\x01" + block(2, b"\x01" + block(3, message))) == ClientHello(None, False)


def test_every_cut_of_a_greeting_asks_for_more() -> None:
    data = hello("a.example", padding=300)
    assert [end for end in range(len(data)) if client_hello(data[:end]) is not None] == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET / HTTP/1.1\r\n", id="HTTP"),
        pytest.param(b"\x16\x02\x00\x00\x05\x01", id="another version"),
        pytest.param(b"\x16\x03\x01\x00\x00", id="an empty record"),
        pytest.param(b"\x16\x03\x01\xff\xff\x01", id="a record that is too long"),
        pytest.param(b"\x16\x03\x01\x00\x04\x02\0\0\0", id="a server's greeting"),
        pytest.param(b"\x16\x03\x01\x00\x04\x01\0\0\0", id="a greeting of nothing"),
        pytest.param(b"\x16\x03\x01\x00\x02\x01\0\x17\x03\x03\0\1x", id="another record in between"),
    ],
)
def test_what_is_no_greeting_is_refused(data: bytes) -> None:
    with pytest.raises(NotTlsError):
        client_hello(data)


@given(at=st.integers(9, 80), value=st.integers(0, 255))
@example(at=43, value=255)
@settings(max_examples=400, deadline=None)
def test_a_changed_byte_gives_a_greeting_or_a_refusal(at: int, value: int) -> None:
    data = bytearray(hello("a.example", encrypted=True))
    data[min(at, len(data) - 1)] = value
    try:
        client_hello(bytes(data))
    except NotTlsError:
        return


# --- starts of streams ----------------------------------------------------------------------------------------------


def piece(sequence: int, payload: bytes = b"", flags: int = 0, port: int = 5) -> Segment:
    return Segment(TCP, b"\x0a\0\0\1", b"\x0a\0\0\2", port, 443, payload, sequence % 2**32, flags, True)


def starts() -> StreamStarts:
    return StreamStarts(lambda data: data.startswith(b"*"))


@given(
    cuts=st.lists(st.integers(1, 99), max_size=6),
    order=st.randoms(use_true_random=False),
    first=st.integers(0, 2**32 - 1),
)
@settings(max_examples=300, deadline=None)
def test_pieces_in_any_order_make_the_stream(cuts: list[int], order: object, first: int) -> None:
    stream = bytes(range(100))
    places = sorted({0, *cuts, 100})
    parts = [(first + 1 + at, stream[at:to]) for at, to in pairwise(places)]
    order.shuffle(parts)  # type: ignore[attr-defined]
    found = starts()
    found.add(piece(first, flags=SYN))
    given_ = [data for sequence, payload in parts if (data := found.add(piece(sequence, payload))) is not None]
    assert given_[-1] == stream


def test_a_stream_without_its_syn_starts_where_it_looks_like_a_start() -> None:
    found = starts()
    assert found.add(piece(7, b"middle")) is None
    assert found.add(piece(50, b"*start")) == b"*start"
    assert found.add(piece(56, b" goes on")) == b"*start goes on"


def test_what_is_done_or_reset_is_followed_no_further() -> None:
    found = starts()
    found.add(piece(1, b"*one"))
    found.done(flow_of(piece(1)))
    assert found.add(piece(5, b"more")) is None
    found.add(piece(1, b"*two"))
    found.add(piece(5, flags=RST))
    assert found.add(piece(5, b"more")) is None
    assert found.given_up == 1


def test_a_start_that_grows_too_long_is_let_go() -> None:
    found = starts()
    found.add(piece(0, flags=SYN))
    for at in range(0, MAX_START_BYTES + 1000, 1000):
        found.add(piece(1 + at, bytes(1000)))
    assert found.given_up == 1


def test_all_that_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.scan.network.stream_starts._MAX_BUFFERED", 100_000)
    found = starts()
    for port in range(200):
        found.add(piece(0, flags=SYN, port=port))
        for at in range(20):
            found.add(piece(2000 + 1000 * at, bytes(1000), port=port))
    assert found._buffered <= 110_000
    found.finish()
    assert found._buffered == 0
