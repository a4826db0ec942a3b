"""Amounts as people and spreadsheets print them: `1,381.12`, `1.381,12`, `(12.50)`, `€ 5`, `12.50-`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from beholden.scan.money.spellings import CURRENCIES

# Signs that stand for one currency only; `$`, `¥`, `元` and `kr` stand for several.
_SIGNS = {"US$": "USD", "€": "EUR", "£": "GBP", "HK$": "HKD", "S$": "SGD", "A$": "AUD", "C$": "CAD", "NT$": "TWD",
          "₩": "KRW", "₹": "INR", "RMB": "CNY", "CN¥": "CNY", "JP¥": "JPY", "₺": "TRY", "₽": "RUB", "R$": "BRL",
          "円": "JPY", "ZŁ": "PLN", "KČ": "CZK"}  # fmt: skip
_AMBIGUOUS_SIGNS = ("$", "¥", "￥", "元", "KR.", "KR")
# Where these are printed, a comma is the decimal mark.
_COMMA_SIGNS = ("R$", "KR.", "KR", "ZŁ", "KČ")
_SPACED_SIGN = re.compile(r"(?<=[A-Za-z])\s+(?=[$¥])")
# As spreadsheets print large figures; the sign tells `1.5E+06` from a code such as `1E5`.
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E[+-]\d{1,2}", re.ASCII | re.IGNORECASE)
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
    text, is_negative, currency, has_comma_sign = _undressed(text)
    if _SCIENTIFIC.fullmatch(text):
        return Amount(_bounded(Decimal(text.replace(",", ".")), text, is_negative=is_negative), currency)
    match = _FIGURE.fullmatch(text)
    if match is None:
        raise UnreadableAmountError(text)
    certain = _certain_mark(text)
    if certain in {".", ","}:
        mark = certain
    elif has_comma_sign:
        mark = ","
    whole, _, fraction = text.replace(" ", "").replace("'", "").rpartition(mark)
    if not whole and mark not in text:
        whole, fraction = fraction, ""
    digits = "".join(char for char in whole if char.isdigit()) or "0"
    if len(fraction) > _MAX_DECIMALS or not (fraction.isdigit() or not fraction):
        raise UnreadableAmountError(text)
    return Amount(_bounded(Decimal(f"{digits}.{fraction or '0'}"), text, is_negative=is_negative), currency)


def _bounded(value: Decimal, text: str, *, is_negative: bool) -> Decimal:
    exponent = value.as_tuple().exponent
    if value >= _LIMIT or not isinstance(exponent, int) or exponent < -_MAX_DECIMALS:
        raise UnreadableAmountError(text)
    return -value if is_negative else value


def _undressed(text: str) -> tuple[str, bool, str | None, bool]:
    """The bare figure; whether it is negative; its currency; whether a sign beside it goes with a decimal comma."""
    text = _SPACED_SIGN.sub("", text.translate(_SPACES).strip())
    has_comma_sign = text.upper().strip("-+() ").startswith(_COMMA_SIGNS) or text.upper().endswith(_COMMA_SIGNS)
    # A currency may stand outside the parentheses, inside them, or behind the sign.
    text, currency = _without_currency(text)
    is_negative = text.startswith("(") and text.endswith(")")
    if is_negative:
        text, inner = _without_currency(text[1:-1].strip())
        currency = currency or inner
    if text.upper().endswith(("CR", "DR")):
        is_negative |= text.upper().endswith("CR")
        text = text[:-2].strip()
    if text.startswith(("-", "+")) or text.endswith("-"):
        is_negative |= "-" in (text[0], text[-1])
        text, inner = _without_currency(text.removesuffix("-").lstrip("+-").strip())
        currency = currency or inner
    return text, is_negative, currency, has_comma_sign


def _without_currency(text: str) -> tuple[str, str | None]:
    """Take currency codes and signs off the ends: `USD $5` has two."""
    currency: str | None = None
    for _ in range(2):
        bare, found = _without_one_currency(text)
        if bare == text:
            break
        text, currency = bare, currency or found
    return text, currency


def _without_one_currency(text: str) -> tuple[str, str | None]:
    if not text or (text[0].isdigit() and text[-1].isdigit()):
        return text, None
    upper = text.upper()
    for sign, code in _SIGNS.items():
        if upper.startswith(sign):
            return text[len(sign) :].strip(), code
        if upper.endswith(sign):
            return text[: -len(sign)].strip(), code
    head, tail = upper[:3], upper[-3:]
    if head in CURRENCIES:
        return text[3:].strip(), head
    if tail in CURRENCIES:
        return text[:-3].strip(), tail
    for sign in _AMBIGUOUS_SIGNS:
        if upper.startswith(sign):
            return text[len(sign) :].strip(), None
        if upper.endswith(sign):
            return text[: -len(sign)].strip(), None
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
