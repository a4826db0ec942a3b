from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.report.text import display_width, pad, visible, wrap


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain 阿里云 é", "plain 阿里云 é"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("a\nb\tc", "a b c"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("نامه\u200cای", "نامه\u200cای"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\udcff"),
    ],
)
def test_invisible_characters_are_shown_as_escapes(text: str, expected: str) -> None:
    assert visible(text) == expected


@given(st.text())
def test_showing_twice_is_showing_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("阿里云", 6), ("e\u0301", 1), ("", 0)])
def test_chinese_takes_two_columns_and_combining_marks_none(text: str, width: int) -> None:
    assert display_width(text) == width


def test_padding_counts_columns_not_characters() -> None:
    assert pad("阿里", 6) == "阿里  "
    assert pad("longer than that", 3) == "longer than that"


@given(st.text(alphabet="ab 阿里-", max_size=80), st.integers(min_value=2, max_value=20))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(display_width(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_word_longer_than_a_line_is_broken_not_cut() -> None:
    assert wrap("one abcdefghij", 4) == ["one", "abcd", "efgh", "ij"]
