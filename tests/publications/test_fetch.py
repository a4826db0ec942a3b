"""Fetching from a publisher that misbehaves: what arrives is whole or refused, and nothing takes for ever."""

from __future__ import annotations

import base64
import gzip
import hashlib
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.publications.conftest import Answer, Clock, Publisher, Request

from beholden import __version__
from beholden.errors import SourceError
from beholden.sources.fetch import Fetcher
from beholden.sources.held import HeldDocument
from beholden.sources.limits import Limits
from beholden.sources.public_hosts import NotPublicError, checked_pool
from beholden.sources.snapshot import Store
from beholden.sources.staging import Staging
from beholden.sources.web import WebAddress, redirected

BODY = b"id;name\n1;Example Trading LLC\n" * 500
MOST = 100_000
QUICK = Limits(connect_s=2, read_s=0.4, total_s=3, attempts=3, first_pause_s=1, longest_pause_s=60)


@pytest.fixture
def staged(store: Store) -> Iterator[Staging]:
    with store.staging("xx_example_list") as place:
        yield place


class Waits(list[float]):
    """Waits are noted, not waited."""


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def fetcher(clock: Clock, waits: Waits) -> Fetcher:
    return Fetcher(clock, limits=QUICK, sleep=waits.append)


def fetch(fetcher: Fetcher, publisher: Publisher, staged: Staging, path: str = "/a", **more: object) -> HeldDocument:
    found = fetcher.fetch("list.csv", publisher.url + path, staged, max_bytes=MOST, **more)  # type: ignore[arg-type]
    assert found is not None
    return found


def refused(fetcher: Fetcher, publisher: Publisher, staged: Staging, path: str = "/a", **more: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        fetch(fetcher, publisher, staged, path, **more)
    assert staged.documents == []
    assert caught.value.origin is not None
    return caught.value


def b64(algorithm: str, body: bytes) -> str:
    return base64.b64encode(hashlib.new(algorithm, body).digest()).decode()


# --- what is served ---------------------------------------------------------------------------------------------------


def test_what_is_served_is_kept_as_it_is(fetcher: Fetcher, publisher: Publisher, staged: Staging) -> None:
    publisher.serve("/a", BODY, ETag='"1"', Last_Modified="Thu, 20 Aug 2026 10:00:00 GMT", Set_Cookie="a=b")
    found = fetch(fetcher, publisher, staged)
    assert staged.path_of(found).read_bytes() == BODY
    assert (found.sha256, found.bytes) == (hashlib.sha256(BODY).hexdigest(), len(BODY))
    assert found.url == publisher.url + "/a"
    assert found.headers["ETag"] == '"1"'
    assert "Set-Cookie" not in found.headers
    asked = publisher.headers_of("/a")[0]
    assert asked["User-Agent"] == f"beholden/{__version__}"
    assert asked["Accept-Encoding"] == "identity"
    assert "If-None-Match" not in asked


def test_a_gzipped_answer_is_kept_gzipped_and_read_plain(
    fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    packed = gzip.compress(BODY, mtime=0)
    publisher.serve("/a", packed, Content_Encoding="gzip")
    found = fetch(fetcher, publisher, staged)
    assert staged.path_of(found).read_bytes() == packed
    assert staged.read()[0].whole() == BODY


def test_an_empty_answer_is_no_file(fetcher: Fetcher, publisher: Publisher, staged: Staging, waits: Waits) -> None:
    publisher.serve("/a", b"")
    error = refused(fetcher, publisher, staged)
    assert (error.code, "served an empty file" in error.message) == ("source.truncated", True)
    assert len(publisher.asked) == QUICK.attempts == len(waits) + 1


def test_an_encoding_that_cannot_be_unpacked_is_refused(
    fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.serve("/a", BODY, Content_Encoding="br")
    assert refused(fetcher, publisher, staged).code == "source.unknown-encoding"


def test_a_gzip_bomb_is_kept_small_and_never_unpacked_whole(
    fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.serve("/a", gzip.compress(bytes(80 << 20), mtime=0), Content_Encoding="gzip")
    fetch(fetcher, publisher, staged)
    with pytest.raises(SourceError) as caught:
        staged.read()[0].whole()
    assert caught.value.code == "source.too-large"


def test_a_chunked_body_is_read(fetcher: Fetcher, publisher: Publisher, staged: Staging) -> None:
    def chunked(request: Request) -> None:
        request.handler.send_response(200)
        request.say({"Transfer-Encoding": "chunked"})
        for at in range(0, len(BODY), 4000):
            part = BODY[at : at + 4000]
            request.handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        request.handler.wfile.write(b"0\r\n\r\n")

    publisher.answers["/a"] = chunked
    assert fetch(fetcher, publisher, staged).bytes == len(BODY)


# --- asked again ------------------------------------------------------------------------------------------------------


def test_only_what_is_newer_is_asked_for(fetcher: Fetcher, publisher: Publisher, staged: Staging) -> None:
    modified = "Thu, 20 Aug 2026 10:00:00 GMT"
    publisher.serve("/a", BODY, ETag='"1"', Last_Modified=modified)
    first = fetch(fetcher, publisher, staged)
    publisher.answers["/a"] = lambda request: request.answer(status=304)
    again = fetcher.fetch("list.csv", publisher.url + "/a", staged, max_bytes=MOST, previous=first)
    assert again is None
    asked = publisher.headers_of("/a")[1]
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"1"', modified)


def test_another_address_is_not_asked_with_the_tag_of_the_first(
    fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.serve("/a", BODY, ETag='"1"')
    publisher.serve("/b", BODY)
    first = fetch(fetcher, publisher, staged)
    fetcher.fetch("list.csv", publisher.url + "/b", staged, max_bytes=MOST, previous=first)
    assert "If-None-Match" not in publisher.headers_of("/b")[0]


def test_not_modified_without_having_asked_for_it_is_refused(
    fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.answers["/a"] = lambda request: request.answer(status=304)
    assert refused(fetcher, publisher, staged).code == "source.http-status"


# --- down, for a while or for good ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(
    status: int, fetcher: Fetcher, publisher: Publisher, staged: Staging, waits: Waits
) -> None:
    publisher.answers["/a"] = lambda request: request.answer(BODY, 200 if request.turn > 1 else status)
    assert fetch(fetcher, publisher, staged).bytes == len(BODY)
    assert waits == [1]


def test_always_unavailable_is_given_up_after_pauses_that_double(
    fetcher: Fetcher, publisher: Publisher, staged: Staging, clock: Clock
) -> None:
    waits = Waits()
    patient = Fetcher(clock, limits=Limits(attempts=4, first_pause_s=2, total_s=1000), sleep=waits.append)
    publisher.answers["/a"] = lambda request: request.answer(status=503)
    error = refused(patient, publisher, staged)
    assert error.code == "source.http-status"
    assert "503" in error.message
    assert waits == [2, 4, 8]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 206])
def test_what_will_not_pass_is_asked_once(
    status: int, fetcher: Fetcher, publisher: Publisher, staged: Staging, waits: Waits
) -> None:
    publisher.answers["/a"] = lambda request: request.answer(b"no", status)
    assert refused(fetcher, publisher, staged).code == "source.http-status"
    assert (len(publisher.asked), waits) == (1, [])


@pytest.mark.parametrize("after", ["30", "Tue, 01 Sep 2026 12:00:33 GMT"])
def test_a_server_may_say_how_long_to_wait(after: str, publisher: Publisher, staged: Staging, waits: Waits) -> None:
    at = datetime(2026, 9, 1, 12, 0, 3, tzinfo=UTC)
    fetcher = Fetcher(lambda: at, limits=Limits(total_s=1000), sleep=waits.append)

    def answer(request: Request) -> None:
        if request.turn > 1:
            request.answer(BODY)
        else:
            request.answer(status=503, Retry_After=after)

    publisher.answers["/a"] = answer
    fetch(fetcher, publisher, staged)
    assert waits == [30]


def test_a_wait_that_is_too_long_is_not_waited(
    fetcher: Fetcher, publisher: Publisher, staged: Staging, waits: Waits
) -> None:
    publisher.answers["/a"] = lambda request: request.answer(status=503, Retry_After="86400")
    assert "86400" in (refused(fetcher, publisher, staged).hint or "")
    assert waits == []


def test_a_host_that_is_not_there_is_unreachable(
    fetcher: Fetcher, staged: Staging, publisher: Publisher, waits: Waits
) -> None:
    with pytest.raises(SourceError) as caught:
        fetcher.fetch("list.csv", "http://127.0.0.1:1/list.csv", staged, max_bytes=MOST)
    assert caught.value.code == "source.unreachable"
    assert len(waits) == 2


# --- cut, wrong, endless ----------------------------------------------------------------------------------------------


def short(request: Request) -> None:
    request.answer(BODY[:-10], length=len(BODY))


def cut_chunk(request: Request) -> None:
    request.handler.send_response(200)
    request.say({"Transfer-Encoding": "chunked"})
    request.handler.wfile.write(b"ff\r\nhalf")


@pytest.mark.parametrize("answer", [short, cut_chunk])
def test_a_cut_body_is_asked_for_again_and_then_refused(
    answer: Answer, fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.answers["/a"] = answer
    assert refused(fetcher, publisher, staged).code == "source.truncated"
    assert len(publisher.asked) == QUICK.attempts


def test_a_body_that_was_cut_once_is_whole_the_second_time(
    fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.answers["/a"] = lambda request: request.answer(BODY) if request.turn > 1 else short(request)
    found = fetch(fetcher, publisher, staged)
    assert staged.path_of(found).read_bytes() == BODY


DIGESTS = {
    "Repr_Digest": f"sha-256=:{b64('sha256', BODY)}:",
    "Content_Digest": f"sha-512=:{b64('sha512', BODY)}:, unknown=:AAAA:",
    "Digest": f"SHA-256={b64('sha256', BODY)}",
    "Content_MD5": b64("md5", BODY),
    "x_amz_checksum_sha256": b64("sha256", BODY),
}


@pytest.mark.parametrize("header", DIGESTS)
def test_a_right_digest_is_taken_and_a_wrong_one_refused(
    header: str, fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.serve("/right", BODY, **{header: DIGESTS[header]})
    publisher.serve("/wrong", BODY + b" ", **{header: DIGESTS[header]})
    assert refused(fetcher, publisher, staged, "/wrong").code == "source.wrong-digest"
    assert fetch(fetcher, publisher, staged, "/right").bytes == len(BODY)


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        pytest.param("{}\n", True, id="alone"),
        pytest.param("{}  list.csv\n" + "0" * 64 + "  other.csv\n", True, id="on the line of the file"),
        pytest.param("0" * 64 + "  list.csv\n", False, id="another"),
        pytest.param("{}\n" + "0" * 64 + "\n", False, id="two, and no names"),
        pytest.param("none today\n", False, id="none"),
    ],
)
def test_the_sha256_beside_a_file_is_compared(
    text: str, is_right: bool, fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.serve("/a", BODY)
    publisher.serve("/a.sha256", text.replace("{}", hashlib.sha256(BODY).hexdigest().upper()).encode())
    beside = publisher.url + "/a.sha256"
    if is_right:
        fetch(fetcher, publisher, staged, sha256_url=beside)
    else:
        assert refused(fetcher, publisher, staged, sha256_url=beside).code == "source.wrong-digest"


def test_a_file_that_is_announced_as_too_large_is_not_read(
    fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.answers["/a"] = lambda request: request.answer(b"", length=MOST + 1)
    assert refused(fetcher, publisher, staged).code == "source.too-large"
    assert len(publisher.asked) == 1


def test_an_endless_body_is_cut(fetcher: Fetcher, publisher: Publisher, staged: Staging) -> None:
    sent = []

    def endless(request: Request) -> None:
        request.handler.send_response(200)
        request.say({})
        while not request.ends.is_set():
            sent.append(request.handler.wfile.write(bytes(65536)))

    publisher.answers["/a"] = endless
    assert refused(fetcher, publisher, staged).code == "source.too-large"
    assert len(publisher.asked) == 1


def hang(request: Request) -> None:
    request.ends.wait(20)


def silent_body(request: Request) -> None:
    request.handler.send_response(200)
    request.say({"Content-Length": "1000"})
    request.handler.wfile.write(b"id;name\n")
    request.ends.wait(20)


def drip_body(request: Request) -> None:
    request.handler.send_response(200)
    request.say({"Content-Length": "1000"})
    while not request.ends.wait(0.1):
        request.handler.wfile.write(b"x")


def drip_head(request: Request) -> None:
    request.handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not request.ends.wait(0.1):
        request.handler.wfile.write(b"x")


def drip_chunk_size(request: Request) -> None:
    request.handler.send_response(200)
    request.say({"Transfer-Encoding": "chunked"})
    request.handler.wfile.write(b"ff;")
    while not request.ends.wait(0.1):
        request.handler.wfile.write(b"x")


@pytest.mark.parametrize("answer", [hang, silent_body, drip_body, drip_head, drip_chunk_size])
def test_nothing_takes_for_ever(
    answer: Answer, clock: Clock, waits: Waits, publisher: Publisher, staged: Staging
) -> None:
    limits = Limits(connect_s=1, read_s=0.3, total_s=1.2, attempts=2, first_pause_s=0.01)
    fetcher = Fetcher(clock, limits=limits, sleep=waits.append)
    publisher.answers["/a"] = answer
    began = time.monotonic()
    assert refused(fetcher, publisher, staged).code == "source.timeout"
    assert time.monotonic() - began < 3


# --- where it leads ---------------------------------------------------------------------------------------------------


def test_redirects_are_followed_and_the_first_address_is_kept(
    fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.answers["/a"] = lambda request: request.answer(status=302, Location="/b?signature=secret")
    publisher.serve("/b?signature=secret", BODY)
    assert fetch(fetcher, publisher, staged).url == publisher.url + "/a"


def test_a_host_that_a_publisher_leads_to_is_said(clock: Clock, publisher: Publisher, staged: Staging) -> None:
    said: list[str] = []
    onward = publisher.url.replace("127.0.0.1", "localhost")
    publisher.answers["/a"] = lambda request: request.answer(status=307, Location=onward + "/b")
    publisher.serve("/b", BODY)
    fetch(Fetcher(clock, limits=QUICK, say=said.append), publisher, staged)
    assert said == [f"{publisher.url[7:]} leads to {onward[7:]}"]


@pytest.mark.parametrize(
    "location", ["/a", "file:///etc/hostname", "ftp://example.com/a", "", "http://", "javascript:1", "//[broken"]
)
def test_a_redirect_to_nowhere_is_refused(
    location: str, fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    publisher.answers["/a"] = lambda request: request.answer(status=302, Location=location)
    assert refused(fetcher, publisher, staged).code == "source.redirects"
    assert len(publisher.asked) <= QUICK.redirects + 1


@pytest.mark.parametrize(
    "location",
    [
        "http://example.com/a",
        "https://127.0.0.1/a",
        "https://localhost/a",
        "https://10.0.0.4/a",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a",
        "https://printer.local/a",
        "https://2130706433/a",
        "https://127.1/a",
        "https://0x7f.1/a",
        "https://0177.0.0.1/a",
        "https://127.0.0.256/a",
        "https://localhost./a",
        "https://LOCALHOST/a",
        "https://printer/a",
        "https://printer.corp./a",
        "https://[64:ff9b::7f00:1]/a",
        "https://[::ffff:10.0.0.4]/a",
        "https://[2002:7f00:1::]/a",
        "https://[fe80::1%25eth0]/a",
        "https://224.0.0.1/a",
    ],
)
def test_a_redirect_out_of_encryption_or_into_our_network_is_refused(location: str) -> None:
    with pytest.raises(SourceError) as caught:
        redirected(WebAddress.of("https://lists.example.com/a", "a"), location, "a")
    assert caught.value.code == "source.redirects"


@pytest.mark.parametrize(
    "location", ["https://lists.example.org/a", "https://1.1.1.1/a", "https://[2606:4700::1111]/a", "/b"]
)
def test_a_redirect_to_a_public_host_is_followed(location: str) -> None:
    onward = redirected(WebAddress.of("https://lists.example.com/a", "a"), location, "a")
    assert onward.is_led_to == (location != "/b")


def test_a_name_that_resolves_into_our_network_is_not_connected_to_where_it_was_led_to(
    fetcher: Fetcher, publisher: Publisher, staged: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo

    def resolved(host: str, *more: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if host.endswith(".example.org") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    port = publisher.url.rpartition(":")[2]
    publisher.answers["/a"] = lambda request: request.answer(status=302, Location=f"http://b.example.org:{port}/b")
    publisher.serve("/b", BODY)
    # Who is asked by name may be anywhere; where it leads may not.
    with pytest.raises(SourceError, match=r"b\.example\.org is 127\.0\.0\.1, which is no public address") as caught:
        fetcher.fetch("list.csv", f"http://a.example.org:{port}/a", staged, max_bytes=MOST)
    assert caught.value.code == "source.redirects"
    assert [path for path, _ in publisher.asked] == ["/a"]


def test_a_name_that_resolves_otherwise_when_it_is_connected_to_is_hung_up_on(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    answers = iter(["1.1.1.1"])

    def resolved(host: str, *more: Any, **named: Any) -> Any:
        return resolve(next(answers, "127.0.0.1"), *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    port = publisher.url.rpartition(":")[2]
    with pytest.raises(NotPublicError):
        checked_pool().urlopen("GET", f"http://b.example.org:{port}/b", retries=False)
    assert publisher.asked == []


def test_credentials_are_sent_to_their_host_only_and_never_kept(
    fetcher: Fetcher, publisher: Publisher, staged: Staging
) -> None:
    port = publisher.url.rpartition(":")[2]
    publisher.answers["/a"] = lambda request: request.answer(status=302, Location=f"http://localhost:{port}/b")
    publisher.serve("/b", BODY)
    found = fetcher.fetch("list.csv", f"http://anna:s%40crt@127.0.0.1:{port}/a", staged, max_bytes=MOST)
    assert found is not None
    assert found.url == publisher.url + "/a"
    told = publisher.headers_of("/a")[0]["Authorization"]
    assert base64.b64decode(told.removeprefix("Basic ")) == b"anna:s@crt"
    assert "Authorization" not in publisher.headers_of("/b")[0]
    publisher.answers["/b"] = lambda request: request.answer(status=404)
    with pytest.raises(SourceError) as caught:
        fetcher.fetch("list.csv", f"http://anna:s%40crt@127.0.0.1:{port}/a", staged, max_bytes=MOST)
    assert "crt" not in str(caught.value)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://example.com/a", "list.csv", "http://", "http://a:b/c"])
def test_only_the_web_is_asked(url: str, fetcher: Fetcher, staged: Staging) -> None:
    with pytest.raises(SourceError) as caught:
        fetcher.fetch("list.csv", url, staged, max_bytes=MOST)
    assert caught.value.code == "source.unreachable"


def test_a_proxy_of_the_environment_is_used_and_its_exceptions_hold(
    fetcher: Fetcher, publisher: Publisher, staged: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.serve("http://lists.example.com/a", BODY)
    monkeypatch.setenv("http_proxy", publisher.url.replace("//", "//anna:secret@"))
    found = fetcher.fetch("list.csv", "http://lists.example.com/a", staged, max_bytes=MOST)
    assert found is not None
    assert found.url == "http://lists.example.com/a"
    assert "Proxy-Authorization" in publisher.headers_of("http://lists.example.com/a")[0]
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    publisher.serve("/a", BODY)
    fetch(fetcher, publisher, staged)


def test_what_is_not_kept_leaves_nothing(store: Store, fetcher: Fetcher, publisher: Publisher, home: Path) -> None:
    publisher.serve("/a", BODY)
    with store.staging("xx_example_list") as staged:
        fetch(fetcher, publisher, staged)
    assert [path.name for path in (home / "snapshots" / "xx_example_list").iterdir()] == [".lock"]
