"""Changes to XML: elements, attributes, texts, and the declarations that make a parser read more than the file."""

from __future__ import annotations

import random
import re
from copy import deepcopy

from lxml import etree
from tests.fuzz import hostile

_MARK = b"_-here-_"
_TOKEN = re.compile(rb"(<[^<>]*>)")
_LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (turn, b"&l%d;" % (turn - 1) * 10 if turn else b"lol" * 10) for turn in range(10)
)
# After the XML declaration, or at the front.
DOCTYPES = (
    b"<!DOCTYPE r [" + _LAUGHS + b"]>",
    b'<!DOCTYPE r SYSTEM "http://dtd.example/x.dtd">',
    b'<!DOCTYPE r PUBLIC "-//X//EN" "file:///etc/hostname">',
    b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://dtd.example/p"> %p;]>',
    b'<!DOCTYPE r [<!ATTLIST r a CDATA "given">]>',
    b"<!DOCTYPE r>",
    b"<!doctype html>",
    b'<?xml-stylesheet href="http://style.example/x.xsl" type="text/xsl"?>',
)
_INSIDE = (
    *(
        b"&x;",
        b"&l9;",
        b"&#0;",
        b"&#x1F;",
        b"&#xD800;",
        b"&#1114112;",
        b"<![CDATA[ ]]>",
        b"<!-- c -->",
        b"<?p i?>",
        b"&amp;",
    ),
    b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>',
)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*\?>")


def change(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """A document with one thing changed, in its tree or in its text."""
    turn = chance.random()
    if turn < 0.1:
        return declared(chance, data)
    if turn < 0.3:
        return _tokens(chance, data, other)
    root = _root(data)
    try:
        return _tokens(chance, data, other) if root is None else _of_tree(chance, root, other)
    except (ValueError, etree.LxmlError):
        # A damaged document has names and encodings that may be read and not be written.
        return _tokens(chance, data, other)


def _of_tree(chance: random.Random, root: etree._Element, other: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        _change_tree(chance, root, _root(other) if chance.random() < 0.1 else None)
    encoding = chance.choice(("utf-8", "utf-8", "utf-8", "utf-8", "utf-16", "iso-8859-1"))
    written = etree.tostring(root, xml_declaration=True, encoding=encoding)
    assert isinstance(written, bytes)
    # Texts that no tree can hold go in behind its back.
    return written.replace(_MARK, chance.choice((*_INSIDE, hostile.text(chance).encode("utf-8"))), 1)


def declared(chance: random.Random, data: bytes) -> bytes:
    """A document with a document type, an encoding or an instruction in front."""
    head = _DECLARED.match(data)
    at = head.end() if head is not None else 0
    match chance.randrange(4):
        case 0:
            encoding = chance.choice((b"utf-7", b"utf-16", b"ebcdic-cp-us", b"x", b"iso-2022-kr", b"ascii", b"utf-32"))
            return b'<?xml version="1.0" encoding="' + encoding + b'"?>' + data[at:]
        case 1:
            return b'<?xml version="' + chance.choice((b"1.1", b"2.0", b"")) + b'"?>' + data[at:]
        case _:
            return data[:at] + chance.choice(DOCTYPES) + data[at:]


def _root(data: bytes) -> etree._Element | None:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _tokens(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Changes that leave no tree: tags that are lost, double, of another kind."""
    tokens = _TOKEN.split(data)
    at = chance.randrange(len(tokens))
    match chance.randrange(7):
        case 0:
            del tokens[at]
        case 1:
            tokens.insert(at, tokens[at])
        case 2:
            tokens.insert(at, chance.choice(tokens))
        case 3:
            tokens.insert(at, chance.choice(_INSIDE))
        case 4:
            tokens[at] = hostile.text(chance).encode("utf-8")
        case 5:
            tokens.insert(at, chance.choice(_TOKEN.split(other)))
        case _:
            tag = chance.choice((b"<a>", b"<b c=''>", b"<td colspan='99999999'>", b"<td rowspan='-1'>", b"<table>"))
            tokens.insert(at, tag * chance.choice((1, 300, 20_000)))
    return b"".join(tokens)


def _change_tree(chance: random.Random, root: etree._Element, other: etree._Element | None) -> None:
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    element = chance.choice(elements[:6] if chance.random() < 0.1 else elements)
    parent = element.getparent()
    match chance.randrange(16):
        case 0 | 1 | 2 | 3:
            _set(chance, element, element.text or "")
        case 4 | 5:
            if element.attrib:
                name = chance.choice(list(element.attrib))
                changed = _plain(hostile.changed_text(chance, str(element.attrib[name])))
                element.attrib[name] = changed
        case 6:
            if element.attrib:
                del element.attrib[chance.choice(list(element.attrib))]
            else:
                element.set("extra", "1")
        case 7 | 8:
            if parent is not None:
                parent.remove(element)
        case 9:
            if parent is not None:
                for _ in range(chance.choice((1, 1, 50))):
                    parent.append(deepcopy(element))
        case 10:
            source = chance.choice(elements)
            if source is not root and len(elements) < 4000:
                element.append(deepcopy(source))
        case 11:
            full = etree.QName(element)
            local = chance.choice((full.localname.upper(), f"{full.localname}X", "x", "name", "id"))
            element.tag = f"{{{full.namespace}}}{local}" if full.namespace and chance.random() < 0.7 else local
        case 12:
            inner = element
            for _ in range(chance.choice((3, 240, 400, 3000))):
                inner = etree.SubElement(inner, root.tag)
        case 13:
            element.text = "x" if len(element) else ""
            element.tail = _plain(hostile.text(chance))
        case 14:
            element.text = _MARK.decode()
        case _:
            if other is not None:
                element.append(deepcopy(chance.choice(list(other.iter("*")))))
            else:
                twin = chance.choice(elements)
                element.text, twin.text = twin.text, element.text


def _set(chance: random.Random, element: etree._Element, old: str) -> None:
    element.text = _plain(hostile.changed_text(chance, old))


def _plain(text: str) -> str:
    """Without what XML forbids; `_MARK` stands for that."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", _MARK.decode(), text)
