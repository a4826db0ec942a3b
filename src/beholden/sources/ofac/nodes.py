"""Strict reading of XML elements: every child and attribute is taken or ignored by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.sources.record import Record, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.etree import _Element

    from beholden.sources.document import Document


# Keys of the publisher's database, on elements of every kind.
_KEYS = frozenset({"id", "refId", "ID", "FixedRef"})


def local(element: _Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


class Node:
    """An element whose children and attributes are taken one after the other."""

    __slots__ = ("_attributes", "_children", "element", "record")

    def __init__(self, element: _Element, record: Record) -> None:
        self.element = element
        self.record = record
        # Those with a namespace are the schema's, such as `xsi:type`.
        self._attributes = {str(key) for key in element.attrib if not str(key).startswith("{")} - _KEYS
        self._children: dict[str, list[_Element]] = {}
        for child in element:
            self._children.setdefault(local(child), []).append(child)

    @property
    def name(self) -> str:
        """Local name."""
        return local(self.element)

    def all(self, name: str) -> Iterator[Node]:
        """Take every child of a name."""
        for child in self._children.pop(name, ()):
            yield Node(child, self.record)

    def within(self, outer: str, inner: str, ignore: Iterable[str] = ()) -> Iterator[Node]:
        """Take the children of a child that only holds them together, but for those ignored."""
        for group in self.all(outer):
            yield from group.all(inner)
            group.close(ignore)

    def text(self, name: str, attributes: Iterable[str] = ()) -> str | None:
        """Take the text of a child that may be left out, and is there once at most.

        Args:
            name: Of the child.
            attributes: Of the child, which are known and left out.

        Raises:
            UnexpectedValueError: It is there twice, or has children or unknown attributes.
        """
        found = list(self.all(name))
        if len(found) > 1:
            raise self.record.error(f"{name} twice", f"in {self.name}")
        for child in found:
            child.close(attributes=attributes)
            return child.own()
        return None

    def require(self, name: str, attributes: Iterable[str] = ()) -> str:
        """Take the text of a child that must have one; see `text`.

        Raises:
            UnexpectedValueError: It is missing or empty, is there twice, or has children or unknown attributes.
        """
        value = self.text(name, attributes)
        if value is None:
            raise self.record.error(f"no {name}", f"in {self.name}")
        return value

    def own(self) -> str | None:
        """The text of the element itself."""
        return clean(self.element.text)

    def attribute(self, name: str) -> str | None:
        """Take an attribute that may be left out."""
        self._attributes.discard(name)
        return clean(self.element.get(name))

    def need(self, name: str) -> str:
        """Take an attribute that must be there.

        Raises:
            UnexpectedValueError: It is missing or empty.
        """
        value = self.attribute(name)
        if value is None:
            raise self.record.error(f"no attribute {name}", f"on {self.name}")
        return value

    def is_true(self, name: str) -> bool:
        """Take a child that says `true` or `false`; false where it is left out.

        Raises:
            UnexpectedValueError: It says something else.
        """
        return self.truth(name, self.text(name))

    def truth(self, name: str, value: str | None) -> bool:
        """Whether a text says `true`.

        Raises:
            UnexpectedValueError: It says neither `true` nor `false`.
        """
        if value not in {None, "true", "false"}:
            raise self.record.error(f"{name} is no truth value", repr(value))
        return value == "true"

    def close(self, ignore: Iterable[str] = (), attributes: Iterable[str] = ()) -> None:
        """Say that the element is done.

        Args:
            ignore: Children that are known and left out.
            attributes: The same of attributes, beside the keys of the database.

        Raises:
            UnexpectedValueError: A child or an attribute was neither taken nor ignored.
        """
        left = sorted(self._children.keys() - set(ignore))
        if left:
            raise self.record.error(f"unknown element in {self.name}", ", ".join(left))
        strange = sorted(self._attributes.difference(attributes))
        if strange:
            raise self.record.error(f"unknown attribute of {self.name}", ", ".join(strange))


def node_of(document: Document, element: _Element) -> Node:
    """An element of a document, with its place."""
    return Node(element, Record({}, document.origin(element)))


def root_of(document: Document) -> str | None:
    """Local name of the root of what may be an XML document; None where the beginning is none."""
    head = document.head(4096).decode("utf-8-sig", errors="replace").lstrip()
    while head.startswith(("<?", "<!--")):
        _, closed, head = head.partition("?>" if head.startswith("<?") else "-->")
        if not closed:
            return None
        head = head.lstrip()
    if not head.startswith("<"):
        return None
    name = head[1:].replace(">", " ").replace("/", " ").split(maxsplit=1)
    return name[0].rpartition(":")[2] if name else None
