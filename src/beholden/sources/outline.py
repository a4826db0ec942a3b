"""Which elements hold the parties of an XML document: whatever else is in them is told, so that no party is skipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.errors import UnexpectedValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from lxml.etree import _Element

    from beholden.sources.document import Document


@dataclass(frozen=True, slots=True)
class Outline:
    """What the root and the groups in it may hold; the parties themselves are checked by who reads them.

    Attributes:
        children: Local name of the root or of a group → local names of its children; what is in other elements is not
            looked at.
        reject: Is given an error for each element that is not known there.
    """

    children: Mapping[str, Collection[str]]
    reject: Callable[[UnexpectedValueError], None]

    def check_child(self, parent: _Element, child: _Element, document: Document) -> None:
        """Look at an element and, where it is a group, at what is in it.

        Args:
            parent: What it is in.
            child: The element.
            document: The file, for the place.
        """
        expected = self.children.get(_local(parent))
        if expected is not None and _local(child) not in expected:
            what = f"{_local(child)} in {_local(parent)}; expected {' or '.join(expected)}"
            self.reject(UnexpectedValueError("unknown element", what, origin=document.origin(child)))
        else:
            self.check_group(child, document)

    def check_group(self, group: _Element, document: Document) -> None:
        """Look at what is left in an element, where that is the root or a group."""
        if _local(group) in self.children:
            for child in group:
                self.check_child(group, child, document)


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]
