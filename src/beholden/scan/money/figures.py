"""Amounts as people and spreadsheets print them: `1,381.12`, `1.381,12`, `(12.50)`, `€ 5`, `12.50-`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from beholden.scan.money.headers import CURRENCIES

# Signs that stand for one currency only; `$` and `¥` stand for several.
_SIGNS = {"US$": "USD", "€": "EUR", "£": "GBP", "HK$": "HKD", "S$": "SGD", "A$": "AUD", "C$": "CAD", "NT$": "TWD",
          "₩": "KRW", "₹": "INR", "RMB": "CNY", "CN¥": "CNY", "JP¥": "JPY", "₺": "TRY", "₽": "RUB"}  # fmt: skip
_AMBIGUOUS_SIGNS = ("$", "¥", "￥")
# Groups of three, Indian groups (1,23,456.00), or no groups; the decimal mark is never the grouping mark.
_FIGURE = re.compile(
    r"\d{1,3}(?P<mark>[.,' ])\d{3}(?:(?P=mark)\d{3})*(?:(?!(?P=mark))[.,]\d+)?"
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?"
    r"|\d+(?:[.,]\d*)?"
    r"|[.,]\d+",
    re.ASCII,
)
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "\u2212": "-", "–": "-", "\t": " "})
_MAX_DECIMALS = 9
_LIMIT = Decimal(10) ** 18


class UnreadableAmountError(ValueError):
    """The text is not an amount, or one that no ledger holds."""


@dataclass(slots=True)
class DecimalMark:
    """What a whole column tells about its decimal mark; one value such as `1,381` alone does not tell.

    Attributes:
        point: Values that can only have a decimal point (or no mark at all but grouping by comma).
        comma: Values that can only have a decimal comma.
        open: Values that fit both.
    """

    point: int = 0
    comma: int = 0
    open: int = 0

    def learn(self, text: str) -> None:
        """Take note of one printed value."""
        mark = _certain_mark("".join(char for char in text if char.isdigit() or char in ".,"))
        if mark == ".":
            self.point += 1
        elif mark == ",":
            self.comma += 1
        elif mark == "?":
            self.open += 1

    @property
    def mark(self) -> str:
        """The decimal mark of the column; a point where nothing tells."""
        return "," if self.comma > self.point else "."


@dataclass(frozen=True, slots=True)
class Amount:
    """A signed amount and the currency that was printed with it, if that names one."""

    value: Decimal
    currency: str | None


def read_amount(text: str, mark: str) -> Amount:
    """Read one printed amount.

    Args:
        text: Not empty.
        mark: Decimal mark of the column, for values that fit both.

    Raises:
        UnreadableAmountError: Not an amount, more than nine decimals, or 10^18 and more.
    """
    text = text.translate(_SPACES).strip()
    is_negative = text.startswith("(") and text.endswith(")")
    if is_negative:
        text = text[1:-1].strip()
    text, currency = _without_currency(text)
    if text.upper().endswith(("CR", "DR")):
        is_negative |= text.upper().endswith("CR")
        text = text[:-2].strip()
    if text.startswith(("-", "+")) or text.endswith("-"):
        is_negative |= "-" in (text[0], text[-1])
        text, second = _without_currency(text.removesuffix("-").lstrip("+-").strip())
        currency = currency or second
    match = _FIGURE.fullmatch(text)
    if match is None:
        raise UnreadableAmountError(text)
    certain = _certain_mark(text)
    mark = certain if certain in {".", ","} else mark
    whole, _, fraction = text.replace(" ", "").replace("'", "").rpartition(mark)
    if not whole and mark not in text:
        whole, fraction = fraction, ""
    digits = "".join(char for char in whole if char.isdigit()) or "0"
    if len(fraction) > _MAX_DECIMALS or not (fraction.isdigit() or not fraction):
        raise UnreadableAmountError(text)
    value = Decimal(f"{digits}.{fraction or '0'}")
    if value >= _LIMIT:
        raise UnreadableAmountError(text)
    return Amount(-value if is_negative else value, currency)


def _without_currency(text: str) -> tuple[str, str | None]:
    """Take a currency code or sign off either end."""
    if text[:1].isdigit() and text[-1:].isdigit():
        return text, None
    for sign, code in _SIGNS.items():
        if text.upper().startswith(sign):
            return text[len(sign) :].strip(), code
        if text.upper().endswith(sign):
            return text[: -len(sign)].strip(), code
    for sign in _AMBIGUOUS_SIGNS:
        if text.startswith(sign) or text.endswith(sign):
            return text.strip(sign).strip(), None
    head, tail = text[:3].upper(), text[-3:].upper()
    if head in CURRENCIES:
        return text[3:].strip(), head
    if tail in CURRENCIES:
        return text[:-3].strip(), tail
    return text, None


def _certain_mark(figure: str) -> str:
    """`.` or `,` where the figure itself shows its decimal mark, `?` where it fits both, empty without any mark."""
    points, commas = figure.count("."), figure.count(",")
    if points and commas:
        return "." if figure.rfind(".") > figure.rfind(",") else ","
    if points + commas == 0:
        return ""
    mark, other = (".", ",") if points else (",", ".")
    if points + commas > 1:
        return other  # a mark that repeats groups thousands
    before, _, after = figure.partition(mark)
    return "?" if len(after) == 3 and len(before) <= 3 and before.strip("0") else mark
