"""One file of a publication, packed as publishers pack it."""

from __future__ import annotations

import gzip
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from tests.sources.reading import EXCERPTS, read_files

from beholden.errors import SourceError, UnexpectedValueError
from beholden.sources.document import Document
from beholden.sources.outline import Outline

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
        pytest.param("id,name\n1,Caf\u00e9\n".encode("latin-1"), "can't decode byte 0xe9", id="latin-1"),
    ],
)
def test_a_table_in_another_encoding_says_which_and_what_to_do(data: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    with pytest.raises(SourceError, match="expected a table saved as UTF-8") as caught:
        list(Document("x.csv", path).rows())
    assert what in caught.value.message
