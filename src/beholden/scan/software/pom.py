"""Maven's `pom.xml`: the dependencies, the parent and the imported BOMs that the file itself declares.

Source: Maven documentation, "POM Reference".
    A POM is unresolved: what parents, BOMs and transitive dependencies bring lives in other files. An SBOM made by
    the build says more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.rows import Rows
from beholden.scan.software.packages import add_package
from beholden.scan.software.pom_model import Pom, children, line_of, read_pom, text_at
from beholden.scan.software.tally import Tally
from beholden.scan.software.text import facts
from beholden.schema.vocabulary import Kind
from beholden.values.purl import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from lxml.etree import _Element

    from beholden.scan.source import Source

_PROJECT = re.compile(r"<(?:\w+:)?project[\s>]")
_POM_PARTS = re.compile(r"maven\.apache\.org/POM/|<modelVersion>|<artifactId>")
_SCOPES = {None: "prod", "compile": "prod", "runtime": "prod"}
_COORDINATE = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file a project is named, and what that says about its use."""

    what: str
    field: str
    certainty: str
    scope: str | None = None


_DEPENDENCY = _Place("dependency", "dependencies[].artifactId", "confirmed")
# The build relies on these and on their publisher, but they need not bring any code.
_PARENT = _Place("parent", "parent.artifactId", "probable", "parent")
_IMPORT = _Place("imported BOM", "dependencyManagement[].artifactId", "probable", "import")


class PomXml:
    """Reads `pom.xml`: direct dependencies, the parent, imported BOMs, and the repositories that the file adds."""

    name = "maven-pom"
    title = "Maven project file (pom.xml): direct dependencies, parent and imported BOMs"
    kinds = frozenset({Kind.PURL, Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to XML whose top element is a Maven `project`."""
        text = head.text
        if not text.lstrip().startswith("<"):
            return Acceptance.no("not XML")
        if not _PROJECT.search(text):
            return Acceptance.no("has no <project> element")
        if _POM_PARTS.search(text):
            return Acceptance.yes("has a Maven <project> element", strength=90)
        return Acceptance.no("its <project> is not Maven's")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one observation per declared dependency, parent, imported BOM and repository host."""
        pom = read_pom(source)
        _note_what_is_elsewhere(pom, source)
        rows, mirrors = Rows(source.path), Tally()
        if pom.parent is not None:
            _read_project(pom.parent, _PARENT, None, pom, rows, source)
        for profile, part in pom.parts():
            for bom in pom.imported(part):
                _read_project(bom, _IMPORT, profile, pom, rows, source)
                yield from rows.full()
            for section in children(part, "dependencies"):
                for dependency in children(section, "dependency"):
                    _read_dependency(dependency, profile, pom, rows, source)
                    yield from rows.full()
            _read_repositories(part, pom, mirrors, source)
        mirrors.write(rows)
        yield from rows.rest()


def _note_what_is_elsewhere(pom: Pom, source: Source) -> None:
    source.note("Only dependencies declared in this file are read; transitive ones are not in a POM.")
    if pom.parent is not None:
        source.note("The parent POM is not read: dependencies and versions inherited from it are not listed.")
    if pom.modules is not None:
        source.note("Modules are read from their own pom.xml where they lie in the input.")
    if any(True for _, part in pom.parts() for build_part in children(part, "build") for _ in build_part):
        source.note("Build plugins and extensions are not read.")


def _read_project(element: _Element, place: _Place, profile: str | None, pom: Pom, rows: Rows, source: Source) -> None:
    names = _coordinate(element, place, pom, source)
    if names is None:
        return
    version = pom.resolved(text_at(element, "version"))
    if version is not None and "${" in version:
        version = None
    if version is None:
        source.not_resolved["version not in this file"] += 1
    _add(element, place, (*names, version), facts(scope=place.scope, profile=profile), rows, source)


def _read_dependency(element: _Element, profile: str | None, pom: Pom, rows: Rows, source: Source) -> None:
    names = _coordinate(element, _DEPENDENCY, pom, source)
    if names is None:
        return
    version, is_managed = pom.version_of(element, *names)
    if version is None:
        source.not_resolved["version not in this file"] += 1
    scope = pom.resolved(text_at(element, "scope"))
    is_optional = pom.resolved(text_at(element, "optional")) == "true"
    detail = facts(
        scope="optional" if is_optional else _SCOPES.get(scope, scope),
        direct=True,
        profile=profile,
        type=pom.resolved(text_at(element, "type")),
        classifier=pom.resolved(text_at(element, "classifier")),
        version_from="dependencyManagement" if is_managed else None,
        boms=list(pom.boms[:10]) if version is None and pom.boms else None,
    )
    _add(element, _DEPENDENCY, (*names, version), detail, rows, source)


def _coordinate(element: _Element, place: _Place, pom: Pom, source: Source) -> tuple[str, str] | None:
    """Group and artifact; None where they are not in this file (counted) or unreadable (rejected)."""
    line = line_of(element)
    group, artifact = (pom.resolved(text_at(element, tag)) for tag in ("groupId", "artifactId"))
    if not group or not artifact:
        source.reject(line, f"{place.what} without groupId or artifactId", expected="both")
    elif "${" in group or "${" in artifact:
        source.accept()
        source.not_resolved[f"{place.what} named by a property of another file"] += 1
    elif not _COORDINATE.fullmatch(group) or not _COORDINATE.fullmatch(artifact):
        source.reject(line, f"{place.what} with an unreadable coordinate", expected="letters, digits, dots, dashes")
    else:
        return group, artifact
    return None


def _add(
    element: _Element,
    place: _Place,
    names: tuple[str, str, str | None],
    detail: dict[str, Any],
    rows: Rows,
    source: Source,
) -> None:
    group, artifact, version = names
    line = line_of(element)
    purl = build("maven", artifact, namespace=(group,), version=version)
    if purl is None:
        source.reject(line, f"{place.what} with an unreadable coordinate", expected="letters, digits, dots, dashes")
        return
    source.accept()
    raw = ":".join(part for part in names if part)
    add_package(rows, purl, raw=raw, field=place.field, line=line, detail=detail, certainty=place.certainty)


def _read_repositories(part: _Element, pom: Pom, mirrors: Tally, source: Source) -> None:
    for group, tag in (("repositories", "repository"), ("pluginRepositories", "pluginRepository")):
        for section in children(part, group):
            for repository in children(section, tag):
                address = pom.resolved(text_at(repository, "url"))
                if not address or not mirrors.add_mirror(address, f"{group}[].url", line_of(repository)):
                    source.not_resolved["repository without a host"] += 1
