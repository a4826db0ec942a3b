"""A publisher on the loopback that serves and misbehaves, and an invented list that it publishes."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from beholden.sources.interface import Source
from beholden.sources.snapshot import Store

SLUG = "xx_example_list"
Answer = Callable[["Request"], None]

PARSER = '''
"""An invented list: `#date` in its first line or not at all, then `id;name`."""

import re
from datetime import date
from pathlib import Path

from beholden.errors import Origin
from beholden.schema.rows import Edition, Entity, Entry
from beholden.sources.descriptor import read_descriptor
from beholden.sources.interface import Source, no_layout
from beholden.sources.record import Record

_DATE = re.compile(r"#date ([0-9-]{10})")


def printed_date(documents, descriptor):
    for document in documents:
        for _, line in document.lines():
            found = _DATE.fullmatch(line)
            return date.fromisoformat(found[1]) if found else None
    return None


def parse(publication, reading):
    for document in publication.documents:
        for number, line in document.lines():
            if line.startswith("#"):
                continue
            if line == "id;name":
                reading.layout = "lines"
                yield Edition(regime_id="xx-example", date=publication.edition, is_complete=True)
                continue
            if reading.layout is None:
                raise no_layout(publication, "does not begin with id;name", Origin(document.name, number))
            rows = []
            with reading.record():
                cells = line.split(";")
                record = Record({"id": cells[0], "name": ";".join(cells[1:])}, Origin(document.name, number))
                entity_id = "xx:" + record.require("id")
                name = record.require("name")
                rows = [
                    Entity(id=entity_id, schema="LegalEntity", caption=name),
                    Entry(regime_id="xx-example", edition=publication.edition, entity_id=entity_id, listed_as=name),
                ]
            yield from rows


SOURCE = Source(read_descriptor(Path(__file__).with_name("source.toml")), parse, printed_date)
'''
DESCRIPTOR = """
slug = "{slug}"
title = "Example list"
publisher = "Example Authority"
class = "{class_}"
grade = "A"
licence = "CC0-1.0"
may_pass_on = true
cadence = "weekly"
kind = "list"
by_default = true
max_age_days = 30
max_mib = 1
covers = "Names."
{addresses}
[[layouts]]
name = "lines"
files = "one file of lines id;name"
records = [2, 100000]
[[lists]]
regime = "xx-example"
kind = "copies"
title = "Example list"
issuer = "Example Authority"
jurisdiction = "us"
citation = "Example Act"
"""


def install(folder: Path, urls: dict[str, str], *, class_: str = "official text", slug: str = SLUG) -> Path:
    """Write a distribution with one importer; the folder goes on the import path."""
    module = folder / "example_list"
    module.mkdir(parents=True)
    addresses = "".join(
        f'[[addresses]]\nname = "{name}"\nurl = "{url}"\ndocumented_at = "{url}"\n' for name, url in urls.items()
    )
    text = DESCRIPTOR.format(slug=slug, class_=class_, addresses=addresses)
    (module / "source.toml").write_text(text, encoding="utf-8")
    (module / "__init__.py").write_text(PARSER, encoding="utf-8")
    told = folder / "example_list-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: example-list\nVersion: 1.0\n", encoding="utf-8")
    (told / "entry_points.txt").write_text(f"[beholden.sources]\n{slug} = example_list:SOURCE\n", encoding="utf-8")
    return folder


def content(count: int = 3, day: str | None = "2026-08-20", word: str = "Example") -> bytes:
    """A publication of so many parties."""
    head = [f"#date {day}"] if day else []
    lines = [*head, "id;name", *(f"{number};{word} Trading {number} LLC" for number in range(count))]
    return ("\n".join(lines) + "\n").encode()


@dataclass
class Request:
    """What was asked, and the means to answer."""

    handler: BaseHTTPRequestHandler
    headers: dict[str, str]
    turn: int
    ends: threading.Event

    def answer(self, body: bytes = b"", status: int = 200, *, length: int | None = None, **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Length", str(len(body) if length is None else length))
        self.say(headers)
        self.handler.wfile.write(body)

    def say(self, headers: dict[str, str]) -> None:
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()


def not_there(request: Request) -> None:
    request.answer(status=404)


@dataclass
class Publisher:
    """Answers by path; keeps what it was asked."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def serve(self, path: str, body: bytes, **headers: str) -> None:
        self.answers[path] = lambda request: request.answer(body, 200, length=None, **headers)

    def headers_of(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.asked if asked == path]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    ends = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = dict(self.headers.items())
            served.asked.append((self.path, headers))
            turn = len(served.headers_of(self.path))
            self.close_connection = True
            answer = served.answers.get(self.path, not_there)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                answer(Request(self, headers, turn, ends))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), Handler)
    served = Publisher(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield served
    ends.set()
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own: what a test here takes in must not be found by tests elsewhere."""
    place = tmp_path / "home"
    monkeypatch.setenv("BEHOLDEN_HOME", str(place))
    return place


@pytest.fixture
def store(home: Path) -> Store:
    return Store(home)


@dataclass
class Clock:
    """A clock that goes on a second each time that it is read."""

    at: datetime = datetime(2026, 9, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Source]:
    """Installs the invented list for this process."""

    def plug(urls: dict[str, str] | None = None, **words: str) -> Source:
        from beholden.sources import registry, source_called

        # An update without names must not ask a real publisher.
        monkeypatch.setattr(registry, "SOURCES", ())
        monkeypatch.delitem(sys.modules, "example_list", raising=False)
        monkeypatch.syspath_prepend(str(install(tmp_path / "plugged", urls or {}, **words)))
        return source_called(words.get("slug", SLUG))

    return plug
