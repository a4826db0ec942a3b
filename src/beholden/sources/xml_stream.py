"""Elements of an XML document one by one, in bounded memory: nothing outside the file is read, nothing is expanded."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any, cast

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.etree import _Element

    from beholden.sources.document import Document
    from beholden.sources.outline import Outline

_MIB = 1 << 20
_CHUNK = 32 * 1024
# What lies between elements that are asked for is forgotten this often; a tree takes forty times the bytes.
_FORGET = 1 * _MIB
# An element is one party, address or document; where one is that long, what ended it was lost.
_LARGEST = 4 * _MIB
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<\?xml[^>]*")
# Encodings in which every ASCII letter is its own byte, besides zeros.
_ENCODING = re.compile(
    rb"""encoding\s*=\s*["'](?:utf-?8|utf-?16(?:le|be)?|(?:us-)?ascii|iso-8859-\d+|latin1|windows-125\d|cp125\d)["']""",
    re.IGNORECASE,
)
# Each takes a few hundred bytes of memory; the longest page read has some thousands.
_MOST_TAGS = 500_000
_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def html_tree(data: bytes) -> _Element | None:
    """A page in UTF-8 as a tree; None where it is empty.

    Raises:
        ValueError: It has more tags than any page, or is too deep.
    """
    if data.count(b"<") > _MOST_TAGS:
        raise ValueError(f"has more than {_MOST_TAGS} tags")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return cast("_Element | None", etree.fromstring(data, parser))
    except etree.XMLSyntaxError as error:
        raise ValueError(f"not HTML: {error.msg}") from error


def walk(
    stream: IO[bytes], document: Document, names: Sequence[str], outline: Outline | None = None
) -> Iterator[_Element]:
    """Elements by local name, each complete, and forgotten once the next is asked for; all others are forgotten too.

    Args:
        stream: The bytes.
        document: For errors.
        names: Local names, without namespaces.
        outline: Is shown every child of the root and of its groups before that is forgotten, and what is left at the
            end; so an unknown element is told up to a MiB after its place, and its error has the place.

    Raises:
        SourceError: Not XML, a document type is declared, or an element is larger than any that is published.
    """
    try:
        source = _Source(stream, document, frozenset(names), outline)
        wanted = {f"{{*}}{name}" for name in names}
        for event, element in etree.iterparse(
            cast("Any", source), events=("start", "end"), tag=(*wanted, source.root_tag), **_SAFE
        ):
            if event == "start":
                source.root = element if source.root is None else source.root
                continue
            if str(element.tag).rpartition("}")[2] not in source.names:
                continue
            source.waited = 0
            yield element
            element.clear()
            # Siblings that were read stay in memory otherwise.
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                if outline is not None:
                    outline.check_child(parent, parent[0], document)
                del parent[0]
        if outline is not None and source.root is not None:
            outline.check_group(source.root, document)
    except etree.XMLSyntaxError as error:
        raise document.error(f"not valid XML: {error.msg}", line=error.lineno) from error


class _Source:
    """The stream as the parser reads it: refuses document types, and forgets what nobody asked for.

    It looks for the letters of a document type declaration before the parser sees what it declares, so it also refuses
    encodings that can spell them otherwise, as UTF-7 can.

    Attributes:
        names: Local names of the elements that are asked for.
        root_tag: Tag of the root.
        root: The root, once the parser has met it.
        waited: Bytes read since the last element was given.
    """

    def __init__(self, stream: IO[bytes], document: Document, names: frozenset[str], outline: Outline | None) -> None:
        self.names = names
        self.root: _Element | None = None
        self.waited = 0
        self._stream = stream
        self._document = document
        self._outline = outline
        self._tail = b""
        self._lines = 0
        self._kept = 0
        self._first = self._checked(stream.read(_CHUNK))
        self._check_encoding(self._first.replace(b"\0", b""))
        self.root_tag = self._found_root()

    def read(self, size: int = -1) -> bytes:
        """The next bytes; the parser is between two elements or inside one."""
        if self._first:
            data, self._first = self._first, b""
            return data
        data = self._checked(self._stream.read(min(size, 2 * _CHUNK) if size > 0 else _CHUNK))
        self.waited += len(data)
        self._kept += len(data)
        if self._kept > _FORGET:
            self._kept = 0
            self._forget()
        return data

    def _checked(self, data: bytes) -> bytes:
        # UTF-16 has a zero beside each of these letters.
        seen = (self._tail + data).replace(b"\0", b"")
        if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
            what = "a document type (<!DOCTYPE or <!ENTITY), which is not read; expected XML that declares none"
            line = self._lines + re.split(rb"<!DOCTYPE|<!ENTITY", seen)[0].count(b"\n") + 1
            raise self._document.error(f"declares {what}", "source.hostile", line)
        # What stays for the next look is counted with it.
        self._lines += seen.count(b"\n") - data[-64:].replace(b"\0", b"").count(b"\n")
        self._tail = data[-64:]
        return data

    def _check_encoding(self, start: bytes) -> None:
        declared = _DECLARATION.match(start)
        if declared is not None and b"encoding" in declared[0] and _ENCODING.search(declared[0]) is None:
            shown = declared[0].decode("ascii", "replace")[:100]
            raise self._document.error(f"{shown!r}; expected UTF-8, UTF-16, ISO-8859 or Windows-125x", line=1)

    def _found_root(self) -> str:
        """Tag of the root, which a second parser finds in the first bytes."""
        probe = etree.XMLPullParser(events=("start",), **_SAFE)
        data = self._first
        while data and len(self._first) < _MIB:
            probe.feed(data)
            for _, root in probe.read_events():
                return str(cast("_Element", root).tag)
            data = self._checked(self._stream.read(_CHUNK))
            self._first += data
        raise self._document.error("not valid XML: no element in its first MiB", line=1)

    def _forget(self) -> None:
        """Remove what was read beside the path to the element that is open."""
        inner = self.root
        while inner is not None and len(inner):
            if str(inner.tag).rpartition("}")[2] in self.names:
                if self.waited > _LARGEST:
                    what = f"an element {inner.tag} of more than {_LARGEST // _MIB} MiB"
                    raise self._document.error(what, "source.too-large", cast("int | None", inner.sourceline))
                return
            if self._outline is not None:
                for child in list(inner)[:-1]:
                    self._outline.check_child(inner, child, self._document)
            del inner[:-1]
            inner = inner[-1]
