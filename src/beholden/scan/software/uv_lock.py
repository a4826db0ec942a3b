"""uv's `uv.lock`.

Source: uv documentation, "Project structure: the lockfile", and the files that uv writes.
    Each `[[package]]` block is parsed on its own: one damaged block loses one package, and the block's line is known.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.rows import Rows
from beholden.scan.software.bounded_lines import bounded_lines
from beholden.scan.software.hosts import host_of
from beholden.scan.software.packages import PYPI_NAME, add_package
from beholden.scan.software.tally import Tally
from beholden.scan.software.text import facts, field_of, objects_in, table_of, text_of
from beholden.scan.software.uv_scopes import Scopes
from beholden.schema.vocabulary import Kind
from beholden.values.purl import build

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_SOURCE_LINE = re.compile(
    r"^source = \{ ?(?:registry|git|url|path|directory|editable|virtual) = ", re.MULTILINE | re.ASCII
)
_VERSION_LINE = re.compile(r"^version = \d+\s*$", re.MULTILINE | re.ASCII)
_STRINGS = re.compile(r"\"(?:[^\"\\]|\\.)*+(?:\"|$)|'[^']*+(?:'|$)")
_HEADER = "[[package]]"
_MAX_BLOCK = 4 * 1024 * 1024
# A dotted key costs the TOML parser the square of its parts; uv writes at most a few.
_MAX_DOTS = 64
_OWN = ("editable", "virtual")


@dataclass(frozen=True, slots=True)
class _Package:
    line: int
    table: dict[str, Any]

    @property
    def source(self) -> dict[str, Any]:
        return table_of(self.table.get("source"))

    @property
    def is_own(self) -> bool:
        return any(key in self.source for key in _OWN)


class UvLock:
    """Reads `uv.lock`: locked packages, and the indexes, archives and repositories that serve them."""

    name = "uv-lock"
    title = "uv lockfile (uv.lock)"
    kinds = frozenset({Kind.PURL, Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to `[[package]]` blocks whose source is a table."""
        text = head.text.replace("\r\n", "\n")
        if not _VERSION_LINE.search(text):
            return Acceptance.no("has no `version = <number>` line")
        if f"\n{_HEADER}\n" in text and _SOURCE_LINE.search(text):
            return Acceptance.yes("has [[package]] blocks with a source table", strength=95)
        if head.name == "uv.lock":
            return Acceptance.yes("named uv.lock", strength=40)
        return Acceptance.no("has no [[package]] blocks with a source table")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one observation per locked package and one per host that serves some."""
        packages = list(_packages(source))
        if not packages and not source.records_rejected:
            source.note("The lockfile holds no packages.")
        scopes = Scopes.of(package.table for package in packages if package.is_own)
        scopes.spread(package.table for package in packages)
        rows, mirrors = Rows(source.path), Tally()
        for package in packages:
            if package.is_own:
                source.accept()
                source.not_resolved["own project or workspace member"] += 1
            elif _read_package(package, scopes, rows, source):
                _read_mirrors(package, mirrors, source)
            yield from rows.full()
        mirrors.write(rows)
        yield from rows.rest()


def _packages(source: Source) -> Iterator[_Package]:
    for line, block in _blocks(source):
        try:
            table = tomllib.loads(block)
        except (ValueError, RecursionError):
            source.reject(line, "not valid TOML", expected="a [[package]] block as uv writes it")
            continue
        for item in objects_in(table.get("package")):
            yield _Package(line, item)


def _blocks(source: Source) -> Iterator[tuple[int, str]]:
    """Cut at `[[package]]` lines; what stands before the first one names no package that is not listed below."""
    start, held, size, problem = 0, list[str](), 0, ""
    for number, text in bounded_lines(source):
        if text.rstrip() == _HEADER:
            yield from _checked(source, start, held, problem)
            start, held, size, problem = number, [], 0, ""
        if not start:
            continue
        size += len(text)
        if size > _MAX_BLOCK:
            problem = "package block too large"
        elif _dots_outside_strings(text) > _MAX_DOTS:
            problem = "dotted key too deep"
        if not problem:
            held.append(text)
    yield from _checked(source, start, held, problem)


def _dots_outside_strings(text: str) -> int:
    """Count the dots that could join keys; uv writes no multi-line strings, so those are not looked into."""
    if text.count(".") <= _MAX_DOTS or "'''" in text or '"""' in text:
        return text.count(".")
    return _STRINGS.sub("", text).count(".")


def _checked(source: Source, start: int, held: list[str], problem: str) -> Iterator[tuple[int, str]]:
    if problem:
        source.reject(start, problem, expected="a [[package]] block as uv writes it")
    elif held:
        yield start, "\n".join(held) + "\n"


def _read_package(package: _Package, scopes: Scopes, rows: Rows, source: Source) -> bool:
    name, version = field_of(package.table, "name"), field_of(package.table, "version")
    purl = build("pypi", name, version=version) if name and PYPI_NAME.fullmatch(name) else None
    if name is None or purl is None:
        source.reject(package.line, "package without a readable name", expected="a Python project name")
        return False
    source.accept()
    kinds = [kind for kind in ("git", "url", "path", "directory") if kind in package.source]
    detail = facts(scope=scopes.scope(name), direct=scopes.is_direct(name), source=kinds[0] if kinds else None)
    is_folder = "directory" in package.source
    add_package(
        rows,
        purl,
        raw=f"{name}=={version}" if version else name,
        field="package[].name",
        line=package.line,
        detail=detail,
        certainty="probable" if is_folder else "confirmed",
    )
    return True


def _read_mirrors(package: _Package, mirrors: Tally, source: Source) -> None:
    """Count the package once for each host: its index and the archives usually share one."""
    seen = set()
    for where, address in _addresses(package):
        host = host_of(address)
        if host is None:
            source.not_resolved["package from a local path or without a host"] += 1
        elif host not in seen:
            seen.add(host)
            mirrors.add_mirror(address, where, package.line)


def _addresses(package: _Package) -> Iterable[tuple[str, str]]:
    for kind in ("registry", "git", "url", "path", "directory"):
        if address := field_of(package.source, kind):
            yield f"package[].source.{kind}", address
    if address := field_of(package.table, "sdist", "url"):
        yield "package[].sdist.url", address
    wheels = package.table.get("wheels")
    for wheel in wheels if isinstance(wheels, list) else ():
        if address := text_of(table_of(wheel).get("url")):
            yield "package[].wheels[].url", address
