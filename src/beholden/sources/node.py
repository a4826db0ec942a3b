"""Strict reading of one XML element: every child and attribute is taken or ignored by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.sources.record import Record, clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element

    from beholden.sources.document import Document


class Node:
    """An element with its place; children are called by local name, without namespaces."""

    __slots__ = ("_children", "attributes", "name", "origin", "text")

    def __init__(self, element: _Element, document: Document) -> None:
        self.name = _local(element.tag)
        self.origin = document.origin(element)
        # Attributes with a namespace are the schema's, such as `xsi:type`.
        plain = {str(key): str(value) for key, value in element.attrib.items() if not str(key).startswith("{")}
        self.attributes = Record(plain, self.origin)
        said = element.text if isinstance(element.text, str) else ""
        self._children: dict[str, list[Node]] = {}
        for child in element:
            node = Node(child, document)
            self._children.setdefault(node.name, []).append(node)
            if child.tail is not None:
                said += str(child.tail)  # text between children: none is expected, and none is passed over
        self.text = clean(said)

    @property
    def record(self) -> Record:
        """A record without fields that stands at this element, for errors and look-ups."""
        return Record({}, self.origin)

    def children(self, name: str) -> list[Node]:
        """Take every child of a name; there may be none."""
        return self._children.pop(name, [])

    def within(self, group: str, name: str) -> list[Node]:
        """Take the children of a name inside a group, such as `Names/Name`; the group holds nothing else.

        Raises:
            UnexpectedValueError: The group holds other elements.
        """
        found: list[Node] = []
        for node in self.children(group):
            found += node.children(name)
            node.close()
        return found

    def texts(self, name: str) -> list[str]:
        """Take the texts of every child of a name; blanks are left out.

        Raises:
            UnexpectedValueError: A child has children of its own.
        """
        found = []
        for node in self.children(name):
            text, node.text = node.text, None
            node.close()
            if text is not None:
                found.append(text)
        return found

    def pop(self, name: str) -> str | None:
        """Take the text of a child that is there once or not at all; None where it is blank.

        Raises:
            UnexpectedValueError: It is there twice, or has children of its own.
        """
        found = self.texts(name)
        if len(found) > 1:
            raise self.record.error(f"{name} twice", f"{found[0]!r} and {found[1]!r}; expected one")
        return found[0] if found else None

    def require(self, name: str) -> str:
        """Take the text of a child that must have one.

        Raises:
            UnexpectedValueError: It has none.
        """
        found = self.pop(name)
        if found is None:
            raise self.record.error(f"{name} is empty", "expected a value")
        return found

    def close(self, ignore: Iterable[str] = (), attributes: Iterable[str] = ()) -> None:
        """Say that the element is done.

        Args:
            ignore: Children that this importer knows and leaves out.
            attributes: The same of attributes.

        Raises:
            UnexpectedValueError: A child, an attribute or a text was neither taken nor ignored.
        """
        self.attributes.close(attributes)
        known = set(ignore)
        left = [name for name, nodes in self._children.items() if name not in known and any(map(_says, nodes))]
        if left:
            raise self.record.error(
                "unknown element",
                f"{', '.join(sorted(left))} in {self.name}; an element that this importer does not know",
            )
        if self.text is not None:
            raise self.record.error("unexpected text", f"{self.text[:80]!r} in {self.name}")


def _says(node: Node) -> bool:
    """Whether an element, or one in it, has a text or an attribute."""
    return (
        node.text is not None
        or node.attributes.has_values()
        or any(map(_says, (child for nodes in node._children.values() for child in nodes)))
    )


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
