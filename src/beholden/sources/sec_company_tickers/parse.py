"""Who files with the SEC: central index key, name, tickers and where they are traded.

A key with several tickers is one entity. The files say nothing of the legal form, so the schema is LegalEntity:
trusts and funds are among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.errors import Origin
from beholden.schema.rows import Entity, Identifier, Name
from beholden.sources.interface import no_layout
from beholden.sources.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_COLUMNS = ("cik", "ticker", "exchange", "name")
_FIELDS = ("cik", "name", "ticker", "exchange")


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the map; the order of the file is kept."""
    found: dict[str, list[tuple[str, Identifier | None]]] = {}
    for document in publication.documents:
        for record, key, name in _records(publication, reading, document):
            with reading.record():
                cik = _cik(record, key)
                title = record.require(name)
                ticker = record.pop("ticker")
                exchange = record.pop_any("exchange")
                record.close()
                held = None if ticker is None else Identifier(entity_id=cik, kind="ticker", value=ticker, note=exchange)
                found.setdefault(cik, []).append((title, held))
    for entity_id, rows in found.items():
        yield from _rows(entity_id, rows)


def _rows(entity_id: str, rows: list[tuple[str, Identifier | None]]) -> Iterator[Row]:
    names = list(dict.fromkeys(name for name, _ in rows))
    yield Entity(id=entity_id, schema="LegalEntity", caption=names[0])
    yield from (Name(entity_id=entity_id, name=name, kind="alias") for name in names[1:])
    yield Identifier(entity_id=entity_id, kind="cik", value=entity_id.removeprefix("cik:"))
    yield from {held.value: held for _, held in rows if held is not None}.values()


def _cik(record: Record, key: str) -> str:
    printed = record.require(key)
    if not printed.isascii() or not printed.isdigit() or len(printed) > 10 or not int(printed):
        raise record.error("no central index key", f"{printed!r}; expected at most ten digits")
    return f"cik:{printed.zfill(10)}"


def _records(publication: Publication, reading: Reading, document: Document) -> Iterator[tuple[Record, str, str]]:
    """Records with the names of the fields that have the key and the name."""
    if not document.head(256).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        reading.layout = "csv"
        for record in document.records(required=_COLUMNS):
            yield record, "cik", "name"
        return
    content = document.json()
    assert isinstance(content, dict)  # it begins with a brace
    if content.keys() == {"fields", "data"}:
        reading.layout = "exchange-json"
        if content["fields"] != list(_FIELDS) or not isinstance(content["data"], list):
            raise no_layout(publication, f"fields are {content['fields']!r:.200}", Origin(document.name))
        for number, cells in enumerate(content["data"], 1):
            origin = Origin(f"{document.name}, company {number}")
            if isinstance(cells, list) and len(cells) == len(_FIELDS):
                yield _Company(dict(zip(_FIELDS, cells, strict=True)), origin), "cik", "name"
            else:
                yield (
                    _Company(repr(cells), origin, f"expected {len(_FIELDS)} cells: {', '.join(_FIELDS)}"),
                    "cik",
                    "name",
                )
        return
    reading.layout = "json"
    if not any(isinstance(one, dict) and "cik_str" in one for one in content.values()):
        raise no_layout(publication, "no numbered companies with cik_str", Origin(document.name))
    for number, one in enumerate(content.values(), 1):
        origin = Origin(f"{document.name}, company {number}")
        yield _Company(one, origin, "expected cik_str, ticker and title"), "cik_str", "title"


class _Company(Record):
    """A record of JSON, whose place is its number; one that is none says so when its key is taken."""

    __slots__ = ("_wrong",)

    def __init__(self, fields: Any, origin: Origin, expected: str = "") -> None:  # noqa: ANN401 (JSON)
        is_record = isinstance(fields, dict)
        # The key is a number there; all else is text.
        values = (
            {name: str(value) if type(value) is int else value for name, value in fields.items()} if is_record else {}
        )
        wrong = [name for name, value in values.items() if value is not None and not isinstance(value, str)]
        self._wrong: tuple[str, str] | None = None
        if not is_record:
            self._wrong = ("no company", f"{fields!r:.80}; {expected}")
        elif wrong:
            self._wrong = ("no text", f"{wrong[0]} is {values[wrong[0]]!r:.80}; expected a text or a whole number")
        super().__init__({} if self._wrong else values, origin)

    def pop(self, name: str) -> str | None:
        """See `Record.pop`."""
        if self._wrong is not None:
            raise self.error(*self._wrong)
        return super().pop(name)
