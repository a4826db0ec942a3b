"""Changes to spreadsheets, which are archives: to a member, to the directory, to the bytes; and bombs."""

from __future__ import annotations

import io
import lzma
import random
import re
import struct
import zipfile
import zlib

from tests.fuzz import raw, xml_trees

_REPEATED = re.compile(rb'(number-(?:rows|columns)-repeated=")[^"]*')


def change(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """An archive with one thing changed."""
    found = members(data)
    if not found or chance.random() < 0.2:
        return raw.RAW[chance.randrange(len(raw.RAW))](chance, data, other)
    content = found.get("content.xml", b"")
    compression = zipfile.ZIP_DEFLATED
    match chance.randrange(12):
        case 0:
            del found[chance.choice(list(found))]
        case 1:
            name = chance.choice(list(found))
            found[name] = raw.RAW[chance.randrange(len(raw.RAW))](chance, found[name], content)
        case 2:
            found["mimetype"] = chance.choice((b"", b"text/plain", b"application/vnd.oasis.opendocument.text"))
        case 3:
            compression = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
        case 4:
            found["content.xml"] = content + b" " * (1 << 20) * chance.choice((1, 40))
        case 5 | 6:
            repeats = chance.choice(
                (b"0", b"-1", b"1048576", b"99999999", b"999999999", b"1e9", b"\xc2\xb2", b"", b"2")
            )
            places = list(_REPEATED.finditer(content))
            if places:
                place = chance.choice(places)
                found["content.xml"] = content[: place.end(1)] + repeats + content[place.end() :]
            else:
                tag = chance.choice((b"<table:table-row", b"<table:table-cell"))
                kind = b"rows" if b"row" in tag else b"columns"
                added = tag + b" table:number-" + kind + b'-repeated="' + repeats + b'"'
                parts = content.split(tag)
                at = chance.randrange(len(parts))
                found["content.xml"] = tag.join(parts[:at]) + (added if at else b"") + tag.join(parts[at:])
        case _:
            found["content.xml"] = xml_trees.change(chance, content, content)
    return written(found, compression, is_double=chance.random() < 0.03)


def members(data: bytes) -> dict[str, bytes]:
    """Contents by name; none where it is no archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {item.filename: archive.read(item) for item in archive.infolist() if item.file_size < 1 << 23}
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError, struct.error):
        return {}


def written(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED, *, is_double: bool = False) -> bytes:
    """An archive of these members, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            for _ in range(2 if is_double and name == "content.xml" else 1):
                # A second member of one name is what is wanted here; `writestr` would warn of it.
                archive.NameToInfo.pop(name, None)
                archive.writestr(zipfile.ZipInfo(name), content, compression)
    return out.getvalue()
