"""Files that are made to do harm: every importer refuses them with a documented error, in bounded memory."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fuzz import archives
from tests.fuzz.judge import MOST_MIB, documented, judge
from tests.fuzz.seeds import Files, excerpt, layouts

from beholden.compile.stage import encode_sorted
from beholden.errors import SourceError
from beholden.schema.rows import Row
from beholden.sources.document import Document

SECRET = "kept-in-another-file"
SHEET = ("gb_fcdo_sanctions", "summary-table")
XML = [item for item in layouts() if excerpt(*item)[0][1].removeprefix(b"\xef\xbb\xbf").startswith(b"<?xml")]
CASES = [pytest.param(slug, layout, id=f"{slug}-{layout}") for slug, layout in [*XML, SHEET]]
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol" * 10}">' for n in range(10))
DOCTYPES = {
    "billion laughs": f"<!DOCTYPE r [{LAUGHS}]>",
    "one long entity": f'<!DOCTYPE r [<!ENTITY l9 "{"x" * 100_000}">]>',
    "external DTD": '<!DOCTYPE r SYSTEM "{secret}">',
    "external DTD of a host": '<!DOCTYPE r PUBLIC "-//X//X//EN" "http://dtd.example/x.dtd">',
    "external entity": '<!DOCTYPE r [<!ENTITY l9 SYSTEM "{secret}">]>',
    "parameter entity": '<!DOCTYPE r [<!ENTITY % p SYSTEM "{secret}"> %p;]>',
    "attribute defaults": '<!DOCTYPE r [<!ATTLIST r a CDATA "given">]>',
    "bare": "<!DOCTYPE r>",
    "after a chunk of comments": f"<!-- {'x' * 90_000} --><!DOCTYPE r [{LAUGHS}]>",
    "across a chunk": f"<!--{'x' * (32 * 1024 - 50)}--><!DOCTYPE r [{LAUGHS}]>",
}


def body_of(data: bytes) -> str:
    """A document without its XML declaration."""
    text = data.decode("utf-8-sig")
    return text[text.index("?>") + 2 :] if text.startswith("<?xml") else text


def hostile(slug: str, layout: str, change: Callable[[str], bytes]) -> Files:
    """The excerpt with every XML document in it replaced by what `change` makes of its body."""
    found: list[tuple[str, bytes]] = []
    for name, data in excerpt(slug, layout):
        if data[:2] == b"PK":
            members = archives.members(data)
            members["content.xml"] = change(body_of(members["content.xml"]))
            found.append((name, archives.written(members)))
        else:
            found.append((name, change(body_of(data))))
    return tuple(found)


def with_reference(body: str) -> str:
    """A body whose first texts and attributes refer to the entity."""
    return body.replace("</", "&l9;</", 3)


@pytest.mark.parametrize("doctype", DOCTYPES.values(), ids=DOCTYPES.keys())
@pytest.mark.parametrize(("slug", "layout"), CASES)
def test_a_document_type_is_refused_whatever_it_declares(slug: str, layout: str, doctype: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    head = '<?xml version="1.0" encoding="UTF-8"?>' + doctype.replace("{secret}", secret.as_uri())
    files = hostile(slug, layout, lambda body: (head + with_reference(body)).encode("utf-8"))
    verdict = judge(slug, files, tmp_path / "case")
    # Some importers look at the first letters, and do not know these.
    assert verdict.ended in {"source.hostile", "source.unknown-layout"}
    assert (verdict.rows, verdict.failures) == (0, [])


@pytest.mark.parametrize("doctype", DOCTYPES.values(), ids=DOCTYPES.keys())
def test_the_reader_of_xml_says_what_it_refuses(doctype: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(f"<?xml version='1.0'?>{doctype}<r><b a='&l9;'>&l9;</b></r>", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        list(Document("x.xml", path).elements("b"))
    assert caught.value.code == "source.hostile"
    assert "document type" in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize(("slug", "layout"), CASES)
def test_a_document_type_in_a_wide_encoding_is_refused(slug: str, layout: str, encoding: str, tmp_path: Path) -> None:
    head = '<?xml version="1.0"?>' + DOCTYPES["billion laughs"]
    verdict = judge(slug, hostile(slug, layout, lambda body: (head + body).encode(encoding)), tmp_path / "case")
    assert verdict.ended in {"source.hostile", "source.malformed", "source.unknown-layout"}
    assert (verdict.rows, verdict.failures) == (0, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("before", [0, 32 * 1024 - 60, 64 * 1024 - 40, 64 * 1024 - 30])
def test_a_document_type_is_seen_in_every_encoding(encoding: str, before: int, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    text = f"<!--{'x' * (before // len('<'.encode(encoding)))}-->{DOCTYPES['billion laughs']}<a><b>&l9;</b></a>"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(SourceError) as caught:
        list(Document("x.xml", path).elements("b"))
    # Without a mark the parser itself does not know the wide ones, and may stop before.
    assert caught.value.code in {"source.hostile", "source.malformed"}
    assert caught.value.code == "source.hostile" or encoding not in {"utf-8", "utf-16"}


@pytest.mark.parametrize("encoding", ["utf-7", "UTF-7", "unicode-1-1-utf-7", "utf-7-imap", "IBM037", "ISO-2022-KR"])
@pytest.mark.parametrize(("slug", "layout"), CASES)
def test_encodings_that_can_hide_a_document_type_are_refused(
    slug: str, layout: str, encoding: str, tmp_path: Path
) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>' + DOCTYPES["external entity"].replace("<", "+ADw-").replace(
        "!", "+ACE-"
    )
    verdict = judge(slug, hostile(slug, layout, lambda body: (head + body).encode("utf-8")), tmp_path / "case")
    assert verdict.ended in {"source.malformed", "source.unknown-layout"}
    assert (verdict.rows, verdict.failures) == (0, [])


@pytest.mark.parametrize(("slug", "layout"), CASES)
def test_an_inclusion_is_no_part_of_the_document(
    slug: str, layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    include = (
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text">'
        "<xi:fallback/></xi:include>"
    )
    seen: list[str] = []

    def watched(row: Row) -> bytes:
        seen.append(repr(row))
        return encode_sorted(row)

    monkeypatch.setattr("tests.fuzz.judge.encode_sorted", watched)
    files = hostile(slug, layout, lambda body: body.replace("</", f"{include}</", 400).encode("utf-8"))
    verdict = judge(slug, files, tmp_path / "case")
    assert verdict.ended in documented() | {"rows"}
    assert not any(SECRET in row for row in seen)


@pytest.mark.parametrize(
    ("middle", "code"),
    [
        # Elements that nobody asks for, beside those that are; and one that is, without end.
        pytest.param(b'<x k="1">t</x>' * 800_000, "source.unknown-layout", id="others"),
        pytest.param(b"<INDIVIDUAL>" + b"<x>t</x>" * 4_000_000 + b"</INDIVIDUAL>", "source.too-large", id="one"),
    ],
)
def test_much_xml_takes_little_memory(middle: bytes, code: str, tmp_path: Path) -> None:
    data = gzip.compress(b'<CONSOLIDATED_LIST dateGenerated="2026-05-04">' + middle + b"</CONSOLIDATED_LIST>", 1)
    verdict = judge("un_sc_consolidated", (("list.xml.gz", data),), tmp_path / "case")
    assert [failure for failure in verdict.failures if not failure.startswith("slow")] == []
    assert verdict.ended == code
    assert verdict.mib < MOST_MIB


@pytest.mark.parametrize(
    ("slug", "name", "start"),
    [
        pytest.param("us_dhs_uflpa", "page.html", b"<html><body>", id="page"),
        pytest.param("sec_exhibit_21", "ex21.html", b"<html><table>", id="exhibit"),
        pytest.param("sec_exhibit_21", "x.txt", b"<SEC-DOCUMENT>\n<DOCUMENT>\n<TYPE>EX-21\n<TEXT>", id="submission"),
    ],
)
def test_much_html_takes_little_memory(slug: str, name: str, start: bytes, tmp_path: Path) -> None:
    data = gzip.compress(start + b"<i>" * 4_000_000 + b"</DOCUMENT>", 9)
    verdict = judge(slug, ((name, data),), tmp_path / "case")
    assert (verdict.ended, verdict.failures) == ("source.malformed", [])


@pytest.mark.parametrize(("slug", "layout"), [pytest.param(*item, id=f"{item[0]}-{item[1]}") for item in layouts()])
def test_a_gzip_bomb_is_refused_by_every_importer(slug: str, layout: str, tmp_path: Path) -> None:
    name, data = excerpt(slug, layout)[0]
    if data[:2] == b"PK":
        pytest.skip("an archive, which is not packed again")
    # By itself it is read; that also loads what the importer needs, which would count as memory of the bomb.
    assert judge(slug, excerpt(slug, layout), tmp_path / "plain").ended == "rows"
    bomb = gzip.compress(data, 9) + gzip.compress(bytes(1 << 20), 9) * 80
    verdict = judge(slug, ((name, bomb),), tmp_path / "case")
    assert verdict.ended in documented()
    assert verdict.rows < 200
    assert [failure for failure in verdict.failures if not failure.startswith("slow")] == []


@pytest.mark.parametrize("cell", [b'"\n",', b",", b'"",', b"a,"], ids=["lines", "commas", "quotes", "letters"])
@pytest.mark.parametrize("slug", ["cisa_kev", "in_house", "us_trade_csl"])
def test_a_row_of_a_table_without_end_takes_little_memory(slug: str, cell: bytes, tmp_path: Path) -> None:
    layout = next(name for owner, name in layouts() if owner == slug and name.startswith("csv"))
    name, data = excerpt(slug, layout)[0]
    verdict = judge(slug, ((name, gzip.compress(data + cell * 12_000_000, 9)),), tmp_path / "case")
    assert (verdict.ended, verdict.failures) == ("source.too-large", [])


def test_json_of_many_empty_values_is_refused_before_it_is_built(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(gzip.compress(b"[" + b"[]," * (1 << 23) + b"[]]", 1))
    with pytest.raises(SourceError) as caught:
        Document("x.json", path).json()
    assert caught.value.code == "source.too-large"


def test_a_member_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    members = archives.members(excerpt(*SHEET)[0][1])
    good = archives.written(members)
    members["content.xml"] = members["content.xml"] + b" " * 1_000_000
    data = bytearray(archives.written(members))
    # The directory at the end says what is unpacked: here the size of the good one.
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        said = archive.getinfo("content.xml").file_size
    big = len(members["content.xml"]).to_bytes(4, "little")
    at = data.rindex(big)
    data[at : at + 4] = said.to_bytes(4, "little")
    verdict = judge(SHEET[0], (("list.ods", bytes(data)),), tmp_path / "case")
    assert verdict.ended in {"source.damaged", "source.malformed", "source.too-large"}
    assert verdict.failures == []


@pytest.mark.parametrize("kind", ["nested archives", "many members", "long name"])
def test_an_archive_that_is_no_sheet_is_another_layout(kind: str, tmp_path: Path) -> None:
    inner = archives.written({"a": bytes(1 << 20)})
    members = {
        "nested archives": {f"{n}.zip": inner for n in range(50)},
        "many members": {str(n): b"" for n in range(20_000)},
        "long name": {"x" * 60_000: b"x"},
    }[kind]
    verdict = judge(SHEET[0], (("list.ods", archives.written(members)),), tmp_path / "case")
    assert (verdict.ended, verdict.failures) == ("source.unknown-layout", [])
