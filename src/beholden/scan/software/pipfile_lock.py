"""pipenv's `Pipfile.lock`.

Source: pipenv documentation, "Pipfile & Pipfile.lock".
    `default` and `develop` hold packages; newer files may hold further named categories of the same shape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.rows import Rows
from beholden.scan.software.hosts import is_address
from beholden.scan.software.json_document import JsonDocument, Lines
from beholden.scan.software.packages import PYPI_NAME, add_package
from beholden.scan.software.tally import Tally
from beholden.scan.software.text import facts, field_of, objects_in, text_of
from beholden.schema.vocabulary import Kind
from beholden.values.purl import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_SIGNATURE = re.compile(r'"pipfile-spec"\s*:\s*\d')
_SCOPES = {"default": "prod", "develop": "dev"}
_VCS = ("git", "hg", "svn", "bzr")


@dataclass(slots=True)
class _Reading:
    """One file being read; `sources` maps the name of an index to its address, the default one first."""

    source: Source
    rows: Rows
    lines: Lines
    sources: dict[str, str]
    mirrors: Tally = field(default_factory=Tally)
    used: set[str] = field(default_factory=set)


class PipfileLock:
    """Reads `Pipfile.lock`: pinned packages, and the indexes and repositories that serve them."""

    name = "pipfile-lock"
    title = "pipenv lockfile (Pipfile.lock)"
    kinds = frozenset({Kind.PURL, Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to a JSON object with `pipfile-spec`."""
        if not head.text.lstrip().startswith("{"):
            return Acceptance.no("not a JSON object")
        if _SIGNATURE.search(head.text):
            return Acceptance.yes("has pipfile-spec", strength=95)
        if head.name == "Pipfile.lock":
            return Acceptance.yes("named Pipfile.lock", strength=40)
        return Acceptance.no("has no pipfile-spec")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one observation per package and one per host that serves some."""
        document = JsonDocument.read(source)
        root = document.root
        if not isinstance(root, dict) or not isinstance(root.get("_meta"), dict):
            raise source.error("not a Pipfile.lock: expected an object with _meta")
        reading = _Reading(source, Rows(source.path), document.lines_of_keys(), _sources(root["_meta"]))
        for category, packages in root.items():
            if category == "_meta":
                continue
            if not isinstance(packages, dict):
                source.reject(None, "category is not an object", expected="packages by name")
                continue
            for key, entry in packages.items():
                _read_entry(key, entry, text_of(category) or "other", reading)
                yield from reading.rows.full()
        source_lines = document.lines_of_values("url")
        _read_sources(reading, source_lines)
        reading.mirrors.write(reading.rows)
        yield from reading.rows.rest()


def _sources(meta: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in objects_in(meta.get("sources")):
        if url := field_of(item, "url"):
            found.setdefault(field_of(item, "name") or url, url)
    return found


def _read_entry(key: str, entry: object, category: str, reading: _Reading) -> None:
    line = reading.lines.take(key)
    if not isinstance(entry, dict):
        reading.source.reject(line, "package entry is not an object", expected="an object")
        return
    name = text_of(key)
    purl = None
    version = field_of(entry, "version")
    if name and PYPI_NAME.fullmatch(name):
        purl = build("pypi", name, version=version.removeprefix("===").removeprefix("==") if version else None)
    if purl is None:
        reading.source.reject(line, "package without a readable name", expected="a Python project name")
        return
    reading.source.accept()
    is_local = "path" in entry or (field_of(entry, "file") or "").startswith(("file:", ".", "/"))
    if is_local and entry.get("editable") is True:
        reading.source.not_resolved["own package (editable)"] += 1
        return
    address = next((found for key in (*_VCS, "file") if (found := field_of(entry, key))), None)
    detail = facts(
        scope=_SCOPES.get(category, category),
        marker=field_of(entry, "markers"),
        revision=field_of(entry, "ref"),
        extras=[found for item in entry["extras"][:10] if (found := text_of(item))]
        if isinstance(entry.get("extras"), list)
        else None,
    )
    raw = f"{name}{version}" if version and not version[0].isalnum() else f"{name} {version or ''}".strip()
    add_package(reading.rows, purl, raw=raw, field=f"{category}[].name", line=line, detail=detail)
    if is_local:
        reading.source.not_resolved["package from a local path"] += 1
    elif address:
        _served_from(address, f"{category}[].url", line, reading)
    else:
        _from_index(field_of(entry, "index"), line, reading)


def _from_index(index: str | None, line: int | None, reading: _Reading) -> None:
    """Count the entry for its index; pipenv takes the first one where the entry names none."""
    chosen = index if index in reading.sources else next(iter(reading.sources), None)
    if index is not None and index not in reading.sources:
        reading.source.not_resolved["index that _meta.sources does not name"] += 1
    elif chosen is not None:
        reading.used.add(chosen)
        _served_from(reading.sources[chosen], "_meta.sources[].url", line, reading)


def _served_from(address: str, where: str, line: int | None, reading: _Reading) -> None:
    if not is_address(address) or not reading.mirrors.add_mirror(address, where, line):
        reading.source.not_resolved["address without a host"] += 1


def _read_sources(reading: _Reading, lines: Lines) -> None:
    """Indexes that no entry names may still be asked: probable only."""
    for name, url in reading.sources.items():
        if name not in reading.used and not reading.mirrors.add_mirror(
            url, "_meta.sources[].url", lines.take(url), certainty="probable"
        ):
            reading.source.not_resolved["address without a host"] += 1
