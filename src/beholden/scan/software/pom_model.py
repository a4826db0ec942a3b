"""A Maven POM as far as one file tells it: properties, managed versions, imported BOMs, profiles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.scan.software.text import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from beholden.scan.source import Source

_PROPERTY = re.compile(r"\$\{([^${}]{1,200})\}")
_MAX_ROUNDS = 20
# libxml2 counts lines in 16 bits unless told otherwise; from there on the number is not a line.
_LAST_LINE = 65_535
_BUILT_IN = ("groupId", "artifactId", "version")


def read_pom(source: Source) -> Pom:
    """Parse a POM without DTD, entities or network.

    Raises:
        ScanError: Not well-formed, nested too deep, with a document type declaration, or not a Maven project.
    """
    # 30 ms that only a folder with a POM should pay.
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(source.document(), parser)
    except etree.XMLSyntaxError as error:
        raise source.error(f"not well-formed XML: {error.msg}", line=error.lineno) from error
    except ValueError as error:
        raise source.error(f"not well-formed XML: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise source.error("document type declarations are refused in XML input", code="scan.hostile-xml")
    if local_name(root) != "project":
        raise source.error("not a Maven project: expected <project> as the top element")
    return Pom(root)


def local_name(element: _Element) -> str:
    """The tag without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: _Element | None, tag: str) -> Iterator[_Element]:
    """Direct children of that name, whatever their namespace."""
    if element is not None:
        yield from (child for child in element if local_name(child) == tag)


def child(element: _Element | None, *path: str) -> _Element | None:
    """The first element at a path of names."""
    for tag in path:
        element = next(children(element, tag), None)
    return element


def text_at(element: _Element | None, *path: str) -> str | None:
    """The text at a path of names; None where there is none."""
    found = child(element, *path)
    return text_of(found.text) if found is not None else None


def line_of(element: _Element) -> int | None:
    """The line of the start tag, as far as the parser can count."""
    line = element.sourceline
    return line if isinstance(line, int) and line < _LAST_LINE else None


class Pom:
    """One project file.

    Args:
        root: Its `project` element.
    """

    def __init__(self, root: _Element) -> None:
        self._root = root
        self.parent = child(root, "parent")
        self.modules = child(root, "modules")
        self._properties = self._collect_properties()
        self._managed: dict[tuple[str, ...], str] = {}
        boms: list[str] = []
        for _, part in self.parts():
            self._collect_managed(part, boms)
        self.boms = tuple(boms)

    def parts(self) -> Iterator[tuple[str | None, _Element]]:
        """The project itself and each profile: (profile id or None, element)."""
        yield None, self._root
        for section in children(self._root, "profiles"):
            for profile in children(section, "profile"):
                yield text_at(profile, "id") or "unnamed", profile

    def imported(self, part: _Element) -> Iterator[_Element]:
        """The BOMs that the project or a profile imports."""
        return (element for element in _managed_in(part) if self._is_import(element))

    def resolved(self, text: str | None) -> str | None:
        """The text with the properties of this file put in; what they do not define stays as `${…}`."""
        if text is None or "${" not in text:
            return text
        for _ in range(_MAX_ROUNDS):
            before = text
            text = _PROPERTY.sub(lambda match: self._properties.get(match[1].strip(), match[0]), before)
            if text == before:
                break
            if text_of(text) is None:  # grown beyond any name: properties that multiply each other
                return None
        return text

    def version_of(self, dependency: _Element, group: str, artifact: str) -> tuple[str | None, bool]:
        """The version of a dependency and whether it is managed elsewhere in the file; None if not in the file."""
        printed = self.resolved(text_at(dependency, "version"))
        managed = None if printed else self._managed.get(self._key(dependency, group, artifact))
        version = printed or managed
        return (version if version and "${" not in version else None), managed is not None

    def _is_import(self, managed: _Element) -> bool:
        return self.resolved(text_at(managed, "scope")) == "import"

    def _key(self, dependency: _Element, group: str, artifact: str) -> tuple[str, ...]:
        kind = self.resolved(text_at(dependency, "type")) or "jar"
        return group, artifact, kind, self.resolved(text_at(dependency, "classifier")) or ""

    def _collect_properties(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in _BUILT_IN:
            own = text_at(self._root, name)
            inherited = text_at(self.parent, name)
            value = own or (inherited if name != "artifactId" else None)
            if value is not None:
                found |= {f"project.{name}": value, f"pom.{name}": value}
            if inherited is not None:
                found |= {f"project.parent.{name}": inherited, f"parent.{name}": inherited}
        for _, part in self.parts():
            for section in children(part, "properties"):
                for item in section:
                    value = text_of(item.text)
                    if local_name(item) and value is not None:
                        found.setdefault(local_name(item), value)
        return found

    def _collect_managed(self, part: _Element, boms: list[str]) -> None:
        for dependency in _managed_in(part):
            names = [self.resolved(text_at(dependency, tag)) for tag in ("groupId", "artifactId", "version")]
            group, artifact, version = names
            if not group or not artifact:
                continue
            if self._is_import(dependency):
                boms.append(":".join(name for name in names if name))
            elif version:
                self._managed.setdefault(self._key(dependency, group, artifact), version)


def _managed_in(part: _Element) -> Iterator[_Element]:
    return children(child(part, "dependencyManagement", "dependencies"), "dependency")
