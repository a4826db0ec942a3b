"""Which column of a ledger is which: the header spellings that vendors' systems print, and a mapping by the user."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Column(StrEnum):
    """Our names of ledger columns; the values are the keys of `[columns]` in beholden.toml."""

    VENDOR = "vendor"
    COUNTERPARTY = "counterparty"
    CUSTOMER = "customer"
    AMOUNT = "amount"
    CURRENCY = "currency"
    DATE = "date"
    UNIT = "unit"
    COUNTRY = "country"
    DIRECTION = "direction"
    VENDOR_ID = "vendor_id"
    TAX_ID = "tax_id"


_BY_NAME = {column.value: column for column in Column}
PARTIES = (Column.VENDOR, Column.COUNTERPARTY, Column.CUSTOMER)
_WITNESSES = frozenset({Column.AMOUNT, Column.DATE, Column.VENDOR_ID, Column.COUNTRY})
_CONSTANT_SIGN = "="
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\W_]+")
# Whole words only; what stands right is used in _SPELLINGS.
_SHORT_FORMS = {
    "amt": "amount", "acct": "account", "beneficiaries": "beneficiary", "ccy": "currency", "chk": "check",
    "cheque": "check", "cntry": "country", "ctry": "country", "curr": "currency", "cust": "customer",
    "dept": "department", "desc": "description", "descr": "description", "descrptn": "description", "dt": "date",
    "inv": "invoice", "nbr": "number", "no": "number", "nr": "number", "num": "number", "nm": "name",
    "org": "organisation", "organization": "organisation", "pmt": "payment", "pymt": "payment", "supp": "supplier",
    "tot": "total", "trans": "transaction", "txn": "transaction", "trx": "transaction", "vend": "vendor",
}  # fmt: skip
# Best first: where two columns of one header would do, the one further left is taken.
_SPELLINGS: dict[Column, tuple[str, ...]] = {
    Column.VENDOR: (
        "vendor legal name", "vendor name", "supplier legal name", "supplier name", "vendor", "supplier",
        "vendor description", "name of vendor", "name of supplier", "vendor supplier", "seller", "seller name",
        "merchant name", "merchant", "contractor name", "contractor", "service provider", "provider name", "provider",
        "manufacturer name", "lieferant", "lieferantenname", "fournisseur", "nom fournisseur", "proveedor",
        "fornitore", "fornecedor", "leverancier", "поставщик", "供应商名称", "供应商", "供應商", "取引先名", "仕入先",
    ),
    Column.COUNTERPARTY: (
        "beneficiary name", "payee name", "creditor name", "counterparty name", "beneficiary", "payee", "creditor",
        "counterparty", "recipient name", "recipient", "paid to", "pay to", "payment to", "name of payee",
        "kreditor", "kreditorenname", "empfänger", "begünstigter", "zahlungsempfänger", "bénéficiaire", "beneficiario",
        "получатель", "收款人", "收款方", "收款人名称", "对方户名", "交易对手",
    ),
    Column.CUSTOMER: (
        "customer legal name", "customer name", "client name", "customer", "client", "buyer name", "buyer",
        "payer name", "payer", "debtor name", "debtor", "bill to", "bill to name", "sold to", "sold to name",
        "received from",
        "debitor", "kunde", "kundenname", "debiteur", "cliente", "покупатель", "客户名称", "客户", "付款人", "付款方",
    ),
    Column.AMOUNT: (
        "amount paid", "paid amount", "payment amount", "paid", "check amount", "amount received", "received amount",
        "received", "net amount", "net amount paid", "invoice net amount", "transaction amount", "amount",
        "line amount", "invoice amount", "invoice total", "total invoice amount", "invoiced", "total amount",
        "amount total", "total paid", "gross amount", "extended amount", "distribution amount", "spend",
        "spend amount", "total spend", "total", "net", "sum", "value", "betrag", "zahlbetrag", "rechnungsbetrag",
        "nettobetrag", "bruttobetrag", "montant", "importe", "importo", "valor", "bedrag", "сумма", "付款金额",
        "金额", "金額",
    ),
    Column.CURRENCY: (
        "currency", "currency code", "payment currency", "invoice currency", "transaction currency", "iso currency",
        "amount currency", "currency of payment", "währung", "devise", "moneda", "valuta", "валюта", "币种", "幣別",
    ),
    Column.DATE: (
        "payment date", "date paid", "paid date", "check payment date", "paid on", "date of payment", "payment dated",
        "check date", "value date", "posting date", "posted date", "date posted", "booking date", "settlement date",
        "transaction date", "accounting date", "gl date", "entry date", "received date", "date received",
        "invoice date", "document date", "bill date", "date", "zahldatum", "zahlungsdatum", "buchungsdatum",
        "valutadatum", "belegdatum", "rechnungsdatum", "datum", "date de paiement", "date paiement", "fecha",
        "fecha de pago", "data", "дата", "付款日期", "支付日期", "记账日期", "日期",
    ),
    Column.UNIT: (
        "legal entity", "unit", "business unit", "operating unit", "department", "department name",
        "department description", "division", "entity", "entity name", "company code", "subsidiary", "agency",
        "agency name", "cost center", "cost centre", "buchungskreis", "abteilung", "部门", "单位",
    ),
    Column.COUNTRY: (
        "vendor country", "supplier country", "payee country", "beneficiary country", "creditor country",
        "counterparty country", "customer country", "country", "country code", "vendor country code",
        "supplier country code", "land", "pays", "país", "国家", "国别",
    ),
    Column.DIRECTION: ("direction", "payment direction", "in out", "inflow outflow"),
    Column.VENDOR_ID: (
        "vendor id", "vendor number", "vendor code", "supplier id", "supplier number", "supplier code", "payee id",
        "payee number", "beneficiary id", "creditor number", "customer id", "customer number", "customer code",
        "vendor account", "supplier account", "vendor key", "kreditornummer", "kreditorennummer", "lieferantennummer",
        "kundennummer",
        "供应商编号", "供应商代码",
    ),
    Column.TAX_ID: (
        "tax id", "tax number", "taxpayer id", "tin", "ein", "vat id", "vat number", "vat registration number", "uscc",
        "vendor tax id", "supplier tax id", "ust id", "steuernummer", "siret", "inn", "инн", "统一社会信用代码", "税号",
    ),
}  # fmt: skip
_RANKS: dict[str, tuple[Column, int]] = {
    spelling: (column, rank) for column, spellings in _SPELLINGS.items() for rank, spelling in enumerate(spellings)
}
# Codes that may stand beside an amount or in its header: the busiest ISO 4217 ones.
CURRENCIES = frozenset({
    "AED", "ARS", "AUD", "BDT", "BGN", "BHD", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK", "DKK", "EGP",
    "EUR", "GBP", "GHS", "HKD", "HUF", "IDR", "ILS", "INR", "IRR", "ISK", "JOD", "JPY", "KES", "KRW", "KWD", "KZT",
    "LKR", "MAD", "MOP", "MXN", "MYR", "NGN", "NOK", "NZD", "OMR", "PEN", "PHP", "PKR", "PLN", "QAR", "RON", "RSD",
    "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "VND", "ZAR",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of one file are.

    Attributes:
        header: Header cells as printed.
        at: Position of each column that was found.
        constants: Values that the user's mapping gives for the whole file (`currency = "=USD"`).
        currency: ISO 4217 code that the amount header itself names, if it does.
    """

    header: tuple[str, ...]
    at: Mapping[Column, int]
    constants: Mapping[Column, str]
    currency: str | None = None

    def title(self, column: Column) -> str | None:
        """The header of a column as printed."""
        position = self.at.get(column)
        return None if position is None else self.header[position].strip()

    def cell(self, row: Sequence[str], column: Column) -> str:
        """The cell of a column, without outer space; empty where the file has no such column."""
        position = self.at.get(column)
        if position is None:
            return self.constants.get(column, "")
        return row[position].strip()


def plain_header(text: str) -> str:
    """Fold case, separators and short forms: `Check/Payment Dt.` is `check payment date`."""
    spaced = _CAMEL.sub(" ", text.replace("#", " number "))
    words = _SEPARATORS.sub(" ", spaced.casefold()).split()
    return " ".join(_SHORT_FORMS.get(word, word) for word in words)


def layout_of(cells: Sequence[str], mapping: Mapping[str, str]) -> Layout | None:
    """Read a row as a ledger header; None if it is not one.

    A header has a counterparty column (vendor, payee, customer …) and at least one of amount, date, vendor number
    and country. A column that the mapping names is taken as named.

    Args:
        cells: The cells of the row.
        mapping: Our column name → their header, or `=value` for the whole file.
    """
    folded = [plain_header(cell) for cell in cells]
    found: dict[Column, tuple[int, int]] = {}
    currency = None
    for position, text in enumerate(folded):
        spelling, code = _without_currency(text)
        column, rank = _RANKS.get(spelling, (None, 0))
        if column is None or (column in found and found[column][0] <= rank):
            continue
        found[column] = (rank, position)
        if column is Column.AMOUNT:
            currency = code
    at = {column: position for column, (_, position) in found.items()}
    constants: dict[Column, str] = {}
    for ours, theirs in mapping.items():
        column = _BY_NAME.get(ours)
        if column is None:
            continue
        if theirs.startswith(_CONSTANT_SIGN):
            at.pop(column, None)
            constants[column] = theirs.removeprefix(_CONSTANT_SIGN).strip()
        elif plain_header(theirs) in folded:
            position = folded.index(plain_header(theirs))
            # One header has one meaning, and the user's word is the last one.
            at = {known: place for known, place in at.items() if place != position}
            at[column] = position
    if not any(party in at for party in PARTIES) or not _WITNESSES & at.keys():
        return None
    return Layout(tuple(cells), at, constants, currency)


def _without_currency(text: str) -> tuple[str, str | None]:
    """`amount usd` is `amount` in USD."""
    words = text.split()
    codes = [word.upper() for word in words if word.upper() in CURRENCIES]
    if len(codes) != 1 or len(words) < 2:
        return text, None
    return " ".join(word for word in words if word.upper() != codes[0]), codes[0]
