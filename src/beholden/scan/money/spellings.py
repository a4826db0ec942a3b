"""Header spellings of ledger columns, in the words of accounting systems and public bodies of many countries."""

from __future__ import annotations

from enum import StrEnum


class Column(StrEnum):
    """Our names of ledger columns."""

    VENDOR = "vendor"
    COUNTERPARTY = "counterparty"
    CUSTOMER = "customer"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    CURRENCY = "currency"
    DATE = "date"
    UNIT = "unit"
    COUNTRY = "country"
    DIRECTION = "direction"
    VENDOR_ID = "vendor_id"
    TAX_ID = "tax_id"
    CONTRACT_DATE = "contract_date"
    AUTHORISATION = "authorisation"


# The keys of [columns]: our names, and what people call two of them.
KEYS: dict[str, Column] = {column.value: column for column in Column} | {
    "payee": Column.COUNTERPARTY,
    "payer": Column.CUSTOMER,
}
# Whole words only; what stands right is used below.
SHORT_FORMS = {
    "amt": "amount", "acct": "account", "beneficiaries": "beneficiary", "ccy": "currency", "chk": "check",
    "cheque": "check", "cntry": "country", "ctry": "country", "curr": "currency", "cust": "customer",
    "dept": "department", "desc": "description", "descr": "description", "descrptn": "description", "doc": "document",
    "dt": "date", "pstng": "posting",
    "inv": "invoice", "nbr": "number", "no": "number", "nr": "number", "num": "number", "nm": "name",
    "org": "organisation", "organization": "organisation", "pmt": "payment", "pymt": "payment", "supp": "supplier",
    "tot": "total", "trans": "transaction", "txn": "transaction", "trx": "transaction", "vend": "vendor",
}  # fmt: skip
# Best first: where two columns of one header would do, the one further left is taken.
ENGLISH: dict[Column, tuple[str, ...]] = {
    Column.VENDOR: (
        "vendor legal name", "vendor name", "supplier legal name", "supplier name", "vendor", "supplier",
        "vendor description", "name of vendor", "name of supplier", "vendor supplier", "seller", "seller name",
        "merchant name", "merchant", "contractor name", "contractor", "service provider", "provider name", "provider",
        "manufacturer name",
    ),
    Column.COUNTERPARTY: (
        "beneficiary name", "payee name", "creditor name", "counterparty name", "beneficiary", "payee", "creditor",
        "counterparty", "recipient name", "recipient", "paid to", "pay to", "payment to", "name of payee",
    ),
    Column.CUSTOMER: (
        "customer legal name", "customer name", "client name", "customer", "client", "buyer name", "buyer",
        "payer name", "payer", "debtor name", "debtor", "bill to", "bill to name", "sold to", "sold to name",
        "received from",
    ),
    Column.AMOUNT: (
        "amount paid", "paid amount", "payment amount", "paid", "check amount", "amount received", "received amount",
        "received", "net amount", "net amount paid", "invoice net amount", "transaction amount", "amount",
        "amount in local currency", "amount in document currency", "amount in lc",
        "line amount", "invoice amount", "invoice total", "total invoice amount", "invoiced", "total amount",
        "amount total", "total paid", "gross amount", "extended amount", "distribution amount", "spend",
        "spend amount", "total spend", "total", "net", "net value", "gross value", "total value", "sum", "value",
    ),
    Column.DEBIT: ("debit amount", "debit", "debits", "amount debit", "money out", "paid out", "withdrawal",
                   "withdrawals"),
    Column.CREDIT: ("credit amount", "credit", "credits", "amount credit", "money in", "paid in", "deposit",
                    "deposits"),
    Column.CURRENCY: (
        "currency", "currency code", "payment currency", "invoice currency", "transaction currency", "iso currency",
        "amount currency", "currency of payment", "document currency", "local currency", "crcy",
    ),
    Column.DATE: (
        "payment date", "date paid", "paid date", "check payment date", "paid on", "paid at", "date of payment",
        "payment dated", "check date", "value date", "posting date", "posted date", "date posted", "posted on",
        "posted at", "booking date", "booked on", "settlement date", "settled on", "transaction date",
        "accounting date", "gl date", "entry date", "received date", "date received", "received on", "invoice date",
        "invoiced on", "document date", "bill date", "date",
    ),
    Column.UNIT: (
        "legal entity", "unit", "business unit", "operating unit", "department", "department name",
        "department description", "division", "entity", "entity name", "company code", "subsidiary", "agency",
        "agency name", "cost center", "cost centre",
    ),
    Column.COUNTRY: (
        "vendor country", "supplier country", "payee country", "beneficiary country", "creditor country",
        "counterparty country", "customer country", "country", "country code", "vendor country code",
        "supplier country code",
    ),
    Column.DIRECTION: ("direction", "payment direction", "in out", "inflow outflow"),
    Column.VENDOR_ID: (
        "vendor id", "vendor number", "vendor code", "supplier id", "supplier number", "supplier code", "payee id",
        "payee number", "beneficiary id", "creditor number", "customer id", "customer number", "customer code",
        "vendor account", "supplier account", "vendor key",
    ),
    Column.TAX_ID: (
        "tax id", "tax number", "taxpayer id", "tin", "ein", "vat id", "vat number", "vat registration number",
        "vendor tax id", "supplier tax id",
    ),
    Column.CONTRACT_DATE: (
        "contract date", "contract signed", "contract signed on", "contract signature date", "date of contract",
        "contract award date", "award date", "contract effective date", "contract start date", "acquisition date",
        "date acquired", "acquired on", "order date", "purchase order date", "po date",
    ),
    Column.AUTHORISATION: (
        "licence", "license", "licence number", "license number", "export licence", "export license",
        "export licence number", "export license number", "authorisation", "authorization", "authorisation number",
        "authorization number", "bis license", "ofac license", "ofac licence",
    ),
}  # fmt: skip
# Where the header is one of these, 03/04 is the third of April.
OTHER_LANGUAGES: dict[Column, tuple[str, ...]] = {
    Column.VENDOR: (
        "lieferant", "lieferantenname", "name des lieferanten", "fournisseur", "nom fournisseur", "nom du fournisseur",
        "proveedor", "nombre proveedor", "nombre del proveedor", "fornitore", "nome fornitore", "ragione sociale",
        "fornecedor", "nome do fornecedor", "leverancier", "naam leverancier", "dostawca", "nazwa dostawcy",
        "leverandør", "leverantör", "dodavatel", "szállító", "tedarikçi", "поставщик", "供应商名称", "供应商", "供應商",
        "供應商名稱", "取引先名", "取引先", "仕入先名", "仕入先", "공급업체", "거래처", "empresa",
    ),
    Column.COUNTERPARTY: (
        "kreditor", "kreditorenname", "empfänger", "begünstigter", "zahlungsempfänger", "bénéficiaire", "beneficiario",
        "beneficiário", "begunstigde", "odbiorca", "kontrahent", "nazwa kontrahenta", "получатель", "контрагент",
        "收款人", "收款方", "收款人名称", "对方户名", "交易对手", "支払先", "支払先名", "受取人",
    ),
    Column.CUSTOMER: (
        "debitor", "kunde", "kundenname", "debiteur", "cliente", "nabywca", "klient", "покупатель", "客户名称", "客户",
        "付款人", "付款方", "得意先",
    ),
    Column.AMOUNT: (
        "betrag", "zahlbetrag", "rechnungsbetrag", "nettobetrag", "bruttobetrag", "betrag in hauswährung",
        "montant payé", "montant réglé", "montant", "montant ttc", "montant ht", "importe pagado", "importe",
        "importe total", "importe neto", "monto", "importo", "importo pagato", "valor", "valor pago", "bedrag",
        "kwota", "kwota brutto", "kwota netto", "belopp", "beløb", "beløp", "částka", "tutar", "сумма", "付款金额",
        "支付金额", "金额", "金額", "支払金額", "支払額", "請求金額",
    ),
    Column.CURRENCY: (
        "währung", "devise", "moneda", "moeda", "valuta", "waluta", "валюта", "币种", "幣別", "通貨",
    ),
    Column.DATE: (
        "zahldatum", "zahlungsdatum", "buchungsdatum", "valutadatum", "belegdatum", "rechnungsdatum", "datum",
        "date de paiement", "date paiement", "date de règlement", "date règlement", "date facture", "date de facture",
        "fecha", "fecha de pago", "fecha pago", "fecha factura", "fecha de factura", "data", "data pagamento",
        "data di pagamento", "data de pagamento", "data fattura", "data płatności", "data zapłaty", "data faktury",
        "betaaldatum", "factuurdatum", "дата", "дата платежа", "付款日期", "支付日期", "记账日期", "日期", "支払日",
        "日付", "請求日", "付款日",
    ),
    Column.UNIT: ("buchungskreis", "abteilung", "部门", "单位", "部門"),
    Column.COUNTRY: ("land", "pays", "país", "kraj", "paese", "国家", "国别", "国"),
    Column.VENDOR_ID: (
        "kreditornummer", "kreditorennummer", "lieferantennummer", "kundennummer", "供应商编号", "供应商代码",
    ),
    Column.TAX_ID: (
        "uscc", "ust id", "steuernummer", "siret", "nip", "inn", "инн", "统一社会信用代码", "税号",
    ),
    Column.CONTRACT_DATE: ("vertragsdatum", "date du contrat", "fecha de contrato", "data do contrato", "合同日期"),
    Column.AUTHORISATION: ("genehmigungsnummer", "ausfuhrgenehmigung", "许可证号"),
}  # fmt: skip
# Beside a party column that holds only numbers (SAP prints `Vendor;Name 1`), the name stands in one of these.
NAMES = ("name 1", "name1", "name", "account name", "full name", "nom", "nombre", "名称")
# Codes that may stand beside an amount or in its header: the busiest ISO 4217 ones.
CURRENCIES = frozenset({
    "AED", "ARS", "AUD", "BDT", "BGN", "BHD", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK", "DKK", "EGP",
    "EUR", "GBP", "GHS", "HKD", "HUF", "IDR", "ILS", "INR", "IRR", "ISK", "JOD", "JPY", "KES", "KRW", "KWD", "KZT",
    "LKR", "MAD", "MOP", "MXN", "MYR", "NGN", "NOK", "NZD", "OMR", "PEN", "PHP", "PKR", "PLN", "QAR", "RON", "RSD",
    "RUB", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "VND", "ZAR",
})  # fmt: skip
