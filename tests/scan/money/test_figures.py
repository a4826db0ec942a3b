from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.scan.money.figures import DecimalMark, UnreadableAmountError, read_amount


@pytest.mark.parametrize(
    ("text", "mark", "value", "currency"),
    [
        pytest.param("1381.12", ".", "1381.12", None, id="plain"),
        pytest.param("1,381.12", ".", "1381.12", None, id="grouped by comma"),
        pytest.param("1.381,12", ".", "1381.12", None, id="comma that the figure itself shows"),
        pytest.param("1.381.120", ".", "1381120", None, id="a mark that repeats groups"),
        pytest.param("1,381", ".", "1381", None, id="open figure under decimal point"),
        pytest.param("1,381", ",", "1.381", None, id="open figure under decimal comma"),
        pytest.param("1.000", ",", "1000", None, id="open figure grouped by point"),
        pytest.param("0.125", ",", "0.125", None, id="nothing groups after a zero"),
        pytest.param("12,5", ".", "12.5", None, id="one decimal is no group"),
        pytest.param("1 381 120,00", ".", "1381120", None, id="grouped by spaces"),
        pytest.param("1'381.12", ",", "1381.12", None, id="grouped by apostrophes"),
        pytest.param("12,34,567.80", ".", "1234567.80", None, id="Indian groups"),
        pytest.param("(12.50)", ".", "-12.50", None, id="parentheses are negative"),
        pytest.param("12.50-", ".", "-12.50", None, id="trailing minus"),
        pytest.param("\u221212.50", ".", "-12.50", None, id="typographic minus"),
        pytest.param("12.50 CR", ".", "-12.50", None, id="credit"),
        pytest.param("$1,381.12", ".", "1381.12", None, id="a dollar sign stands for several currencies"),
        pytest.param("-$12.50", ".", "-12.50", None, id="minus before the sign"),
        pytest.param("US$ 5", ".", "5", "USD", id="sign that names its currency"),
        pytest.param("5,00 €", ".", "5.00", "EUR", id="sign behind"),
        pytest.param("USD 1,381.12", ".", "1381.12", "USD", id="code before"),
        pytest.param("1381.12 cny", ".", "1381.12", "CNY", id="code behind"),
        pytest.param(".5", ",", "0.5", None, id="no whole part"),
        pytest.param(" $ (1,234.00)", ".", "-1234.00", None, id="sign before the parentheses"),
        pytest.param("(US$ 1,234.00)", ".", "-1234.00", "USD", id="sign inside the parentheses"),
        pytest.param("EUR (5.00)", ".", "-5.00", "EUR", id="code before the parentheses"),
        pytest.param("R$ 1.234,56", ".", "1234.56", "BRL", id="real"),
        pytest.param("R$ 1.234", ".", "1234", "BRL", id="a real is grouped by points"),
        pytest.param("US $5", ".", "5", "USD", id="a space before the sign"),
        pytest.param("USD $5", ".", "5", "USD", id="code and sign"),
        pytest.param("1.000 kr", ".", "1000", None, id="crowns are grouped by points"),
        pytest.param("kr. 12,50", ".", "12.50", None, id="crowns before"),
        pytest.param("1,000円", ".", "1000", "JPY", id="yen behind"),
        pytest.param("5 KRW", ".", "5", "KRW", id="won are no crowns"),
        pytest.param("1.5E+06", ".", "1500000", None, id="scientific"),
        pytest.param("-1,5E+06", ",", "-1500000", None, id="scientific with decimal comma"),
    ],
)
def test_amounts_are_read_as_printed(text: str, mark: str, value: str, currency: str | None) -> None:
    amount = read_amount(text, mark)
    assert (amount.value, amount.currency) == (Decimal(value), currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "twelve",
        "1.2.3",
        "12 apples",
        "1,38,1",
        "--",
        "()",
        "1e5",
        "1.5E+18",
        "1.5E-09",
        "((5))",
        "$",
        "1.1234567890",
        "1" + "0" * 18,
        "٣",
    ],
)
def test_what_is_no_amount_is_an_error(text: str) -> None:
    with pytest.raises(UnreadableAmountError):
        read_amount(text, ".")


@pytest.mark.parametrize(
    ("column", "mark"),
    [
        pytest.param(["1,381.12", "1,000"], ".", id="point"),
        pytest.param(["1.381,12", "1.000"], ",", id="comma"),
        pytest.param(["1.000", "2.000"], ".", id="nothing tells"),
        pytest.param([], ".", id="empty"),
    ],
)
def test_the_whole_column_tells_its_decimal_mark(column: list[str], mark: str) -> None:
    seen = DecimalMark()
    for text in column:
        seen.learn(text)
    assert seen.mark == mark


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from([".", ","]))
def test_a_printed_figure_is_read_back(value: Decimal, mark: str) -> None:
    printed = f"{value:,.2f}"
    if mark == ",":
        printed = printed.translate(str.maketrans(",.", ".,"))
    assert read_amount(printed, mark).value == value


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_an_unreadable_one(text: str) -> None:
    try:
        assert abs(read_amount(text, ".").value) < 10**18
    except UnreadableAmountError:
        return
