"""pip's requirements files.

Source: pip documentation, "Requirements File Format"; dependency specifiers (PEP 508).
    A requirements file is what someone wrote down, not a resolved set, unless every line is pinned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.rows import Rows
from beholden.scan.software.hosts import is_address
from beholden.scan.software.packages import add_package
from beholden.scan.software.requirement_lines import (
    Option,
    Requirement,
    decoded,
    logical_lines,
    read_line,
)
from beholden.scan.software.tally import Tally
from beholden.scan.software.text import facts
from beholden.schema.vocabulary import Kind
from beholden.values.purl import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_NAMED = re.compile(r"(?:^|[-_.])(?:requirements?|reqs?)(?:[-_.]|$)|(?:^|/)requirements/[^/]+$", re.IGNORECASE)
_CONSTRAINTS = re.compile(r"(?:^|[-_.])constraints?(?:[-_.]|$)", re.IGNORECASE)
_ENDINGS = (".txt", ".in", ".pip")
_INDEXES = {
    "-i": "--index-url", "--index-url": "--index-url", "--pypi-url": "--index-url",
    "--extra-index-url": "--extra-index-url",
    "-f": "--find-links", "--find-links": "--find-links",
}  # fmt: skip
_INCLUDES = frozenset({"-r", "--requirement"})
_LIMITS = frozenset({"-c", "--constraint"})


@dataclass(slots=True)
class _Reading:
    """One file being read."""

    source: Source
    rows: Rows
    mirrors: Tally = field(default_factory=Tally)
    has_unpinned: bool = False


class RequirementsTxt:
    """Reads requirements files: named packages, and the indexes and repositories given in the file."""

    name = "requirements-txt"
    title = "pip requirements file (requirements.txt)"
    kinds = frozenset({Kind.PURL, Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes where the lines are requirements; the name decides how strictly that is asked."""
        if not head.name.lower().endswith(_ENDINGS):
            return Acceptance.no("not a text file by its name (.txt, .in, .pip)")
        text = decoded(head.data)
        if not head.is_complete:
            text = text.rpartition("\n")[0]
        if "\x00" in text:
            return Acceptance.no("binary data")
        lines = [part for _, line in logical_lines(text) for part in read_line(line)]
        if not lines:
            return Acceptance.no("no lines")
        good = [line for line in lines if line is not None]
        path = head.path.as_posix().removesuffix(".gz")
        stem = head.name.rpartition(".")[0]
        if _CONSTRAINTS.search(stem):
            return Acceptance.no("a constraints file limits versions and asks for no package", near=bool(good))
        if _NAMED.search(stem) or _NAMED.search(path):
            if len(good) * 2 > len(lines):
                return Acceptance.yes("named as a requirements file, and its lines are requirements", strength=70)
            return Acceptance.no("most lines are not pip requirements")
        is_pinned = any(isinstance(line, Requirement) and line.specifier for line in good)
        if len(good) == len(lines) and is_pinned:
            return Acceptance.yes("every line is a pip requirement", strength=30)
        return Acceptance.no("not every line is a pip requirement")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one observation per requirement and one per host that the file names."""
        reading = _Reading(source, Rows(source.path))
        for number, text in logical_lines(decoded(source.document())):
            for part in read_line(text):
                _read_part(part, number, reading)
            yield from reading.rows.full()
        if reading.has_unpinned:
            source.note(
                "Not every version is pinned: what is installed may differ, and indirect packages may be missing."
            )
        reading.mirrors.write(reading.rows)
        yield from reading.rows.rest()


def _read_part(part: Option | Requirement | None, line: int, reading: _Reading) -> None:
    if part is None:
        reading.source.reject(line, "not a requirement", expected="name, option, URL or path")
    elif isinstance(part, Option):
        _read_option(part, line, reading)
    else:
        _read_requirement(part, line, reading)


def _read_option(option: Option, line: int, reading: _Reading) -> None:
    source = reading.source
    source.accept()
    if option.name in _INDEXES:
        if not is_address(option.value):
            source.not_resolved["local index or link folder"] += 1
        elif not reading.mirrors.add_mirror(option.value, _INDEXES[option.name], line):
            source.not_resolved["address without a host"] += 1
    elif option.name in _INCLUDES:
        source.not_resolved["included requirements file (-r)"] += 1
        source.note("Files named by -r are read on their own where they lie in the input.")
    elif option.name in _LIMITS:
        source.not_resolved["constraints file (-c)"] += 1


def _read_requirement(requirement: Requirement, line: int, reading: _Reading) -> None:
    source = reading.source
    source.accept()
    address = requirement.address
    if address is not None and not is_address(address):
        source.not_resolved["package from a local path"] += 1
    elif address is not None:
        where = "editable" if requirement.is_editable else "url"
        if not reading.mirrors.add_mirror(address, where, line):
            source.not_resolved["address without a host"] += 1
    if requirement.name is None:
        if address is not None and is_address(address):
            source.not_resolved["URL that does not tell a package name"] += 1
        return
    purl = build("pypi", requirement.name)
    if purl is None:
        source.reject(line, "not a requirement", expected="a Python project name")
        return
    if not requirement.is_pinned:
        reading.has_unpinned = True
    detail = facts(
        version=requirement.version,
        extras=list(requirement.extras) or None,
        marker=requirement.marker,
        hashed=True if requirement.is_hashed else None,
    )
    add_package(reading.rows, purl, raw=requirement.printed, field="requirement", line=line, detail=detail)
