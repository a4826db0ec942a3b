"""Blocks of hardware addresses: three layouts, wrong entries, and the real registries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.sources.networks import excerpt, of, plain, read, written

from beholden.errors import SourceError
from beholden.schema.rows import Oui

TEXT = "data/internet/oui/ieee-oui.2024.txt.gz"
JSON = "data/internet/oui/oui-data.json.gz"


def blocks(*paths: Path) -> list[tuple[str, str]]:
    return [(row.prefix, row.organisation) for row in of(Oui, read("ieee_oui", *paths)[0])]


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (
            "text",
            [("02005E", "Example Trading LLC"), ("02005F", "Private"), ("020060ABC", "Beispiel Kameras GmbH")],
        ),
        ("csv", [("02005E1", "Example Trading LLC"), ("02005E2", "Beispiel Kameras, GmbH"), ("020061", "Private")]),
        ("json", [("02005E", "Example Trading LLC"), ("02005E1", "Beispiel Kameras GmbH"), ("02005EABC", "Private")]),
    ],
)
def test_each_layout_gives_block_and_organisation(layout: str, expected: list[tuple[str, str]]) -> None:
    assert blocks(*excerpt("ieee_oui", layout)) == expected


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param("MA-X,02005E1,X,", "unknown Registry", id="a new registry"),
        pytest.param("MA-M,02005E,X,", "wrong length of block", id="a block of another registry"),
        pytest.param("MA-M,02005G1,X,", "no block", id="no hexadecimal digits"),
        pytest.param("MA-M,02005E1,,", "Organization Name is empty", id="no organisation"),
        pytest.param("MA-M,02005E1,X", "wrong number of cells", id="a cell is missing"),
    ],
)
def test_a_wrong_row_is_rejected_and_the_rest_is_read(tmp_path: Path, row: str, reason: str) -> None:
    text = f"Registry,Assignment,Organization Name,Organization Address\n{row}\nMA-L,02005E,Example,\n"
    rows, reading = read("ieee_oui", written(tmp_path, "oui.csv", text))
    assert (len(rows), dict(reading.reasons)) == (1, {reason: 1})


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        pytest.param("02-00-5E   (hex)\t\tX\n02005F     (base 16)\t\tX\n", "two blocks in one entry", id="two blocks"),
        pytest.param("02-00-5E   (hex)\t\tX\n02005E     (base 16)\t\tY\n", "no organisation", id="two organisations"),
        pytest.param("02-00-5E   (hex)\t\tX\n", "half an entry", id="without its second line"),
        pytest.param("02005E     (base 16)\t\tX\n", "half an entry", id="without its first line"),
        pytest.param("02-00-5E   (hex)\t\tX\nABC000-ABDFFF     (base 16)\t\tX\n", "no block", id="no block of a size"),
    ],
)
def test_a_wrong_entry_of_the_text_is_rejected(tmp_path: Path, entry: str, reason: str) -> None:
    good = "02-00-60   (hex)\t\tExample\n020060     (base 16)\t\tExample\n\n"
    rows, reading = read("ieee_oui", written(tmp_path, "oui.txt", f"{good}{entry}\n{good}"))
    assert (len(rows), dict(reading.reasons)) == (2, {reason: 1})


@pytest.mark.parametrize("text", ["", "[]", "{}", "Assignment,Organization Name\n", "OUI/MA-L  Organization\n"])
def test_another_layout_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError):
        read("ieee_oui", written(tmp_path, "oui", text))


def test_the_real_text_is_read_whole(shared: Callable[[str], Path]) -> None:
    rows, reading = read("ieee_oui", shared(TEXT))
    found = re.findall(r"(?m)^([0-9A-F]{6}) +\(base 16\)\t\t(.*?)\r?$", plain(shared(TEXT)).decode())
    assert (reading.read, reading.rejects) == (len(found), 0) == (35087, 0)
    assert [(row.prefix, row.organisation) for row in of(Oui, rows)] == [
        (block, " ".join(name.split())) for block, name in found
    ]
    assert ("10E992", "INGRAM MICRO SERVICES") in found
    # The registry has given these twice.
    assert [block for block, _ in found if block in ("0001C8", "080030")].count("0001C8") == 2


def test_the_real_json_is_read_whole(shared: Callable[[str], Path]) -> None:
    rows, reading = read("ieee_oui", shared(JSON))
    raw: dict[str, str] = json.loads(plain(shared(JSON)))
    assert (reading.read, reading.rejects) == (len(raw), 0) == (53730, 0)
    known = {row.prefix: row.organisation for row in of(Oui, rows)}
    assert known.keys() == raw.keys()
    assert known["000000"] == "XEROX CORPORATION"
    assert known["0055DA1"] == "KoolPOS Inc."
    assert known["8C1F64FFB"] == "Taicang T&W Electronics"
