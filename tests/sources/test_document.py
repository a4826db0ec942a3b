"""One file of a publication, packed as publishers pack it."""

from __future__ import annotations

import gzip
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from tests.sources.reading import EXCERPTS, read_files

from beholden.errors import Origin, SourceError, UnexpectedValueError
from beholden.sources import every_source
from beholden.sources.document import Document
from beholden.sources.outline import Outline
from beholden.sources.record import Record

TEXT = b"id,name\n1,Example\n"


def archive(path: Path, *members: tuple[str, bytes]) -> Document:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members:
            target.writestr(name, data)
    return Document(path.name, path, max_bytes=1000)


def test_a_gzipped_file_and_an_archive_of_one_file_are_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(TEXT))
    packed = [
        Document("a.csv.gz", tmp_path / "a.csv.gz"),
        archive(tmp_path / "a.csv.zip", ("x/", b""), ("b.csv", TEXT)),
    ]
    assert [one.whole() for one in packed] == [TEXT, TEXT]
    assert [one.plain_name for one in packed] == ["a.csv", "a.csv"]
    assert [cells for _, cells in packed[1].rows()] == [["id", "name"], ["1", "Example"]]


def test_an_archive_of_several_files_is_given_as_it_is(tmp_path: Path) -> None:
    document = archive(tmp_path / "a.ods", ("a", TEXT), ("b", TEXT))
    assert document.whole() == document.path.read_bytes()


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="unpacks to more than is allowed") as caught:
        archive(tmp_path / "bomb.zip", ("a.csv", b"0" * 2000)).whole()
    assert caught.value.code == "source.too-large"


@pytest.mark.parametrize("cut", [40, 90])
def test_a_damaged_archive_is_refused(tmp_path: Path, cut: int) -> None:
    document = archive(tmp_path / "a.zip", ("a.csv", bytes(range(256)) * 3))
    document.path.write_bytes(document.path.read_bytes()[:cut])
    with pytest.raises(SourceError) as caught:
        document.whole()
    assert caught.value.code == "source.damaged"


def test_the_member_of_an_archive_needs_no_name(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as target, target.open(zipfile.ZipInfo(""), "w") as member:
        member.write(TEXT)
    assert Document("a.zip", path).whole() == TEXT


def test_a_member_whose_check_sum_does_not_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
        target.writestr("a.csv", TEXT)
    path.write_bytes(path.read_bytes().replace(b"Example", b"Exampel", 1))
    with pytest.raises(SourceError, match="is damaged"):
        Document("a.zip", path).whole()


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    document = archive(tmp_path / "a.zip", ("a.csv", TEXT))
    data = bytearray(document.path.read_bytes())
    data[6] |= 1  # the flag of the member
    data[data.index(b"PK\x01\x02") + 8] |= 1
    document.path.write_bytes(bytes(data))
    with pytest.raises(SourceError, match="is an archive that cannot be unpacked"):
        document.whole()


def test_a_file_packed_by_a_rare_method_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as target:
        target.writestr("a.csv", TEXT)
    with pytest.raises(SourceError, match="neither stored nor deflated"):
        Document("a.zip", path).whole()


def test_a_golden_copy_is_read_as_it_is_served(tmp_path: Path) -> None:
    for path in (EXCERPTS / "gleif" / "golden-copy-csv").iterdir():
        archive(tmp_path / f"{path.name}.zip", (path.name, path.read_bytes()))
    packed, plain = sorted(tmp_path.iterdir()), sorted((EXCERPTS / "gleif" / "golden-copy-csv").iterdir())
    assert read_files("gleif", *packed)[0] == read_files("gleif", *plain)[0]


@pytest.mark.parametrize("text", ['{"a": 1, "b": 2, "a": 3}', '[{"b": {"a": null, "a": null}}]'])
def test_a_key_twice_in_an_object_is_an_error(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text + "\n")
    with pytest.raises(SourceError, match="the key 'a' twice in an object"):
        Document("x.json", path).json()


@pytest.mark.parametrize("many", [3, 120_000])
def test_every_element_that_no_outline_knows_is_told_once(many: int, tmp_path: Path) -> None:
    strange = "<q><b>1</b></q>\n" * many  # the larger one is forgotten in parts while it is read
    path = tmp_path / "x.xml"
    path.write_text(
        f"<r>\n<g><p/><q/><p><q/></p>\n{strange}</g>\n<n>{strange}</n><g>\n<p/>{strange}<p/><q/></g><p/><n/></r>"
    )
    errors: list[UnexpectedValueError] = []
    outline = Outline({"r": ("g",), "g": ("p",)}, errors.append)
    assert sum(1 for _ in Document("x.xml", path).elements("p", outline=outline)) == 5
    told = Counter(str(error).partition("unknown element: ")[2].partition(" [")[0] for error in errors)
    assert told == {"q in g; expected p": 2 * many + 2, "n in r; expected g": 2, "p in r; expected g": 1}
    lines = [error.origin.line for error in errors if error.origin is not None]
    if many == 3:
        assert sorted(filter(None, lines)) == [2, 3, 4, 5, 7, 11, 12, 13, 14, 14, 14]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        pytest.param("id,name\n1,Ex\n".encode("utf-16"), "UTF-16 by its first bytes", id="utf-16"),
        pytest.param(
            "id,name\n1,Caf\u00e9\n".encode("latin-1"), "not UTF-8 at or after this line: the byte 0xe9", id="latin-1"
        ),
    ],
)
def test_a_table_in_another_encoding_says_which_and_what_to_do(data: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    with pytest.raises(SourceError, match="expected a table saved as UTF-8") as caught:
        list(Document("x.csv", path).rows())
    assert what in caught.value.message


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_lines_in_another_encoding_say_which_line_and_what_was_expected(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("one\nExämple\n".encode(encoding))
    with pytest.raises(SourceError) as caught:
        list(Document("a.txt", path).lines())
    what = {
        "utf-16": "1: not UTF-8: text in another encoding, UTF-16 by its first bytes",
        "latin-1": "2: not UTF-8: the byte 0xe4",
    }
    assert str(caught.value) == f"a.txt:{what[encoding]}; expected text saved as UTF-8 [source.malformed]"


def test_an_own_list_in_utf_16_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes("id,schema,name\n1,Company,Example Widgets\n".encode("utf-16"))
    with pytest.raises(SourceError, match=r"own.csv:1: not UTF-8: text in another encoding, UTF-16"):
        read_files("in_house", path)


def test_a_day_is_expected_as_a_person_writes_it() -> None:
    record = Record({"day": "soon"}, Origin("a.csv", 7))
    with pytest.raises(UnexpectedValueError) as caught:
        record.day("day", "%Y-%m-%d", "%B %d, %Y")
    assert "a.csv:7: day is no date: 'soon'; expected 2026-08-20 or August 20, 2026" in str(caught.value)


@pytest.mark.parametrize("lines", [0, 1, 2_000, 40_000])
def test_a_document_type_is_told_with_its_line(lines: int, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        '<?xml version="1.0"?>\n' + "<!-- filler -->\n" * lines + "<!DOCTYPE a>\n<a><b/></a>", encoding="utf-8"
    )
    with pytest.raises(SourceError) as caught:
        list(Document("a.xml", path).elements("b"))
    assert str(caught.value).startswith(f"a.xml:{lines + 2}: declares a document type")
    assert "expected XML that declares none" in str(caught.value)


def test_files_of_no_layout_are_told_the_layouts_that_look_like_them(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<html/>", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_files("us_ofac_sdn", path)
    assert "enhanced-xml: SDN_ENHANCED.XML (root sanctionsData)" in caught.value.message
    assert caught.value.message.endswith("; and legacy-csv, packaged-json, packaged-csv")
    path.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_files("us_ofac_sdn", path)
    assert caught.value.message.endswith("; and enhanced-xml, advanced-xml, simple-xml, packaged-json")


def test_the_cadence_stands_in_the_middle_of_a_sentence() -> None:
    told = [source.descriptor.cadence for source in every_source() if source.descriptor.max_age_days is not None]
    assert [text for text in told if not text[0].islower()] == []
