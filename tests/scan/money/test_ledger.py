from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.errors import ScanError
from beholden.scan.interface import InputHead, Watch
from beholden.scan.money.headers import plain_header
from beholden.scan.money.ledger import Ledger
from beholden.scan.money.spellings import ENGLISH, OTHER_LANGUAGES
from beholden.scan.source import Source
from beholden.schema.observation import OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DATA = Path(__file__).resolve().parents[2] / "data" / "ledger"
PAYMENTS = DATA / "payments.csv"


def read(path: Path, columns: Mapping[str, str] | None = None) -> tuple[Source, list[dict[str, Any]]]:
    source = Source(path, path.name)
    batches = list(Ledger().scan(source, Watch(columns=dict(columns or {}))))
    rows: list[dict[str, Any]] = pa.Table.from_batches(batches, schema=OBSERVATION).to_pylist()
    return source, rows


def accepted(text: str, columns: Mapping[str, str] | None = None) -> bool:
    head = InputHead(PurePosixPath("finance/vendor-payments.csv"), text.encode(), True, dict(columns or {}))
    return Ledger().accepts(head).accepted


@pytest.fixture
def ledger(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "ledger.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_rows_of_one_vendor_day_and_unit_are_summed() -> None:
    _, rows = read(PAYMENTS)
    assert [(row["value"], row["acted_on"], row["unit"], row["amount"], row["count"]) for row in rows] == [
        ("QUILLFEATHER ELECTRONICS INC", date(2026, 6, 4), "Fire", Decimal("6551.69"), 2),
        ("Marrow & Vane, Ltd.", date(2026, 6, 18), "Housing", Decimal("87.50"), 2),
        ("Osier Freight", date(2026, 6, 20), "Housing", None, 1),
        ("Osier Freight", None, "Housing", Decimal("1.00"), 1),
        ("Osier Freight", date(2026, 6, 20), "Housing", Decimal("9.99"), 1),
    ]


def test_a_paid_vendor_is_a_supplier_whom_we_pay() -> None:
    _, rows = read(PAYMENTS)
    assert {(row["kind"], row["relation"], row["direction"], row["field"]) for row in rows} == {
        ("name", "supplier", "out", "Vendor Name")
    }
    assert {row["what"] for row in rows if row["amount"] is not None} == {"paid"}


def test_lines_are_those_of_the_file_even_after_a_quoted_line_end() -> None:
    _, rows = read(PAYMENTS)
    assert [row["lines"] for row in rows] == [[4, 5], [6, 7], [10], [11], [13]]


def test_broken_lines_are_rejected_one_by_one_with_their_line() -> None:
    source, _ = read(PAYMENTS)
    assert source.first_rejects == [
        'payments.csv:9: quote never closed; expected a closing `"`',
        "payments.csv:12: wrong column count; expected 5 columns",
    ]
    assert (source.records_read, source.records_rejected) == (7, 2)


def test_what_was_left_out_or_guessed_is_said() -> None:
    source, _ = read(PAYMENTS)
    assert [note.split(";")[0].split(":")[0] for note in source.notes] == [
        "2 lines before the header were skipped",
        "no currency column",
        "1 rows are totals and were left out",
        "1 rows have no counterparty (totals or internal bookings) and were left out",
        "1 rows have negative amounts (credits or reversals)",
        "1 rows count without amount, which could not be read",
        "1 rows count without date, which could not be read",
    ]
    assert dict(source.not_resolved) == {"amount": 1, "date": 1, "row_without_counterparty": 1}


def test_what_cannot_be_read_is_shown_once_with_its_first_line() -> None:
    source, _ = read(PAYMENTS)
    assert (
        "1 rows count without amount, which could not be read; the first is line 10: '12 apples' "
        "(a number such as 1,381.12 or 1.381,12 or (12.50) is expected)"
    ) in source.notes


@pytest.mark.parametrize("dash", ["-", "–", " - ", "$ -", ""])
def test_a_lone_dash_is_no_amount_and_no_date(ledger: Callable[[str], Path], dash: str) -> None:
    source, rows = read(ledger(f"Vendor,Amount,Currency,Date\nOsier Freight,{dash},EUR,-\n"))
    assert [(row["value"], row["amount"], row["acted_on"]) for row in rows] == [("Osier Freight", None, None)]
    assert not source.not_resolved


def test_decimal_comma_semicolons_and_day_first_dates() -> None:
    _, rows = read(DATA / "kreditoren.csv")
    assert [(row["value"], row["amount"], row["unit_of_amount"], row["acted_on"]) for row in rows] == [
        ("Osterwald Spedition GmbH", Decimal("2381.12"), "EUR", date(2026, 4, 3)),
        ("微光物流有限公司", Decimal("-12.5"), "USD", date(2026, 4, 4)),
    ]
    assert json.loads(rows[0]["detail"]) == {"country": "DE", "vendor_id": "0000700123"}


@pytest.mark.parametrize(
    ("header", "relation", "direction", "what"),
    [
        pytest.param("Supplier,Invoice Amount,Invoice Date", "supplier", "out", "invoiced", id="supplier invoiced"),
        pytest.param("vendor_name,amount_usd,posting_date", "supplier", "out", "paid", id="vendor"),
        pytest.param("Payee,Amount,Date", "payment_counterparty", "out", "paid", id="payee"),
        pytest.param("BeneficiaryName,Paid,Value Date", "payment_counterparty", "out", "paid", id="beneficiary"),
        pytest.param("Creditor,Net Amt,Date", "payment_counterparty", "out", "paid", id="creditor"),
        pytest.param("Customer Name,Amount Received,Date", "customer", "in", "received", id="customer"),
        pytest.param("Payer,Total,Date", "customer", "in", "received", id="payer"),
    ],
)
def test_the_header_tells_relation_direction_and_what(
    ledger: Callable[[str], Path], header: str, relation: str, direction: str, what: str
) -> None:
    _, rows = read(ledger(f"{header}\nOsier Freight,5.00,2026-06-01\n"))
    assert [(row["relation"], row["direction"], row["what"], row["amount"]) for row in rows] == [
        (relation, direction, what, Decimal("5.00"))
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter_reads_the_same(ledger: Callable[[str], Path], delimiter: str) -> None:
    lines = [["Vendor", "Amount", "Currency", "Date"], ["Osier Freight", "5.00", "EUR", "2026-06-01"]]
    _, rows = read(ledger("\n".join(delimiter.join(cells) for cells in lines)))
    assert [(row["value"], row["amount"], row["unit_of_amount"]) for row in rows] == [
        ("Osier Freight", Decimal("5.00"), "EUR")
    ]


@pytest.mark.parametrize(
    ("header", "amount", "unit"),
    [
        pytest.param("Vendor,Amount,Date", "5.00", "XXX", id="nothing names one"),
        pytest.param("Vendor,Amount (EUR),Date", "5.00", "EUR", id="amount header"),
        pytest.param("Vendor,Amount,Date", "£5.00", "GBP", id="sign beside the figure"),
    ],
)
def test_currency_without_a_column(ledger: Callable[[str], Path], header: str, amount: str, unit: str) -> None:
    _, rows = read(ledger(f"{header}\nOsier Freight,{amount},2026-06-01\n"))
    assert [row["unit_of_amount"] for row in rows] == [unit]


def test_currencies_are_never_added_together(ledger: Callable[[str], Path]) -> None:
    text = "Vendor,Amount,Ccy\nOsier Freight,5.00,EUR\nOsier Freight,7.00,USD\nOsier Freight,1.00,EUR\n"
    _, rows = read(ledger(text))
    assert {row["unit_of_amount"]: row["amount"] for row in rows} == {"EUR": Decimal(6), "USD": Decimal(7)}


def test_a_currency_that_is_no_code_is_counted(ledger: Callable[[str], Path]) -> None:
    source, rows = read(ledger("Vendor,Amount,Currency\nOsier Freight,5.00,US Dollars\n"))
    assert rows[0]["unit_of_amount"] == "XXX"
    assert source.not_resolved["currency"] == 1


def test_a_vendor_list_without_amounts_and_dates_is_a_standing_relation(ledger: Callable[[str], Path]) -> None:
    _, rows = read(ledger("Vendor,Vendor ID,Country\nOsier Freight,0042,GB\n"))
    row = rows[0]
    assert (row["relation"], row["acted_on"], row["first_seen"], row["amount"], row["what"]) == (
        "supplier", None, None, None, None,
    )  # fmt: skip
    assert json.loads(row["detail"]) == {"country": "GB", "vendor_id": "0042"}


def test_an_empty_amount_stays_unknown_beside_known_ones(ledger: Callable[[str], Path]) -> None:
    _, rows = read(ledger("Vendor,Amount,Date\nOsier Freight,,2026-06-01\nOsier Freight,5,2026-06-01\n"))
    assert [(row["amount"], row["count"]) for row in rows] == [(None, 1), (Decimal(5), 1)]


def test_a_direction_column_turns_a_refund_round(ledger: Callable[[str], Path]) -> None:
    text = "Vendor,Amount,Direction\nOsier Freight,5,out\nOsier Freight,2,in\nOsier Freight,1,sideways\n"
    source, rows = read(ledger(text))
    assert [(row["relation"], row["direction"], row["what"], row["amount"]) for row in rows] == [
        ("supplier", "out", "paid", Decimal(6)),
        ("payment_counterparty", "in", "received", Decimal(2)),
    ]
    assert source.not_resolved["direction"] == 1


def test_a_payee_other_than_the_vendor_is_seen_too(ledger: Callable[[str], Path]) -> None:
    _, rows = read(ledger("Vendor,Payee,Amount\nOsier Freight,Osier Freight,5\nOsier Freight,Lantern Factoring,7\n"))
    assert {(row["value"], row["relation"], row["amount"]) for row in rows} == {
        ("Osier Freight", "supplier", Decimal(12)),
        ("Lantern Factoring", "payment_counterparty", Decimal(7)),
    }


def test_a_payer_beside_a_payee_is_taken_to_be_ourselves_and_said(ledger: Callable[[str], Path]) -> None:
    source, rows = read(ledger("Payer,Payee,Amount\nNorthport,Osier Freight,5\n"))
    assert [row["value"] for row in rows] == ["Osier Freight"]
    assert any("'Payer' was not read" in note for note in source.notes)


def test_the_direction_of_a_row_tells_which_of_payer_and_payee_is_the_other_side(ledger: Callable[[str], Path]) -> None:
    text = (
        "Payer,Payee,Amount,Direction\nQuill Imports,Northport,5,in\nNorthport,Osier Freight,7,out\n"
        "Northport,Marrow,1,\n,Northport,3,in\n"
    )
    source, rows = read(ledger(text))
    assert [(row["value"], row["relation"], row["direction"], row["amount"]) for row in rows] == [
        ("Quill Imports", "customer", "in", Decimal(5)),
        ("Osier Freight", "payment_counterparty", "out", Decimal(7)),
        ("Marrow", "payment_counterparty", "out", Decimal(1)),
    ]
    assert source.not_resolved["row_without_counterparty"] == 1
    assert not any("was not read" in note for note in source.notes)


def test_an_incoming_row_without_a_payer_is_of_its_vendor(ledger: Callable[[str], Path]) -> None:
    _, rows = read(ledger("Vendor,Customer,Amount,Direction\nOsier Freight,,5,in\n"))
    assert [(row["value"], row["relation"], row["direction"]) for row in rows] == [
        ("Osier Freight", "payment_counterparty", "in")
    ]


@pytest.mark.parametrize(
    ("header", "amount", "day"),
    [
        pytest.param("Vendor,paid_at,Net Value", True, True, id="paid at, net value"),
        pytest.param("Payee Name,Posted On,Amount", True, True, id="posted on"),
        pytest.param("Fournisseur,Date facture,Montant TTC", True, True, id="montant ttc"),
        pytest.param("Fournisseur,Date de paiement,Montant HT", True, True, id="montant ht"),
        pytest.param("Proveedor,Fecha,Importe", True, True, id="proveedor"),
        pytest.param("Empresa,Fecha,Importe total", True, True, id="empresa"),
        pytest.param("Fornitore,Data,Importo", True, True, id="fornitore"),
        pytest.param("Dostawca,Data zapłaty,Kwota", True, True, id="dostawca"),
        pytest.param("Lieferant,Datum,Betrag", True, True, id="lieferant"),
        pytest.param("取引先,支払日,支払金額", True, True, id="Japanese"),
        pytest.param("供应商,日期,金额", True, True, id="Chinese"),
        pytest.param("Vendor,Date,Debit", True, True, id="debit alone"),
        pytest.param("Vendor,Country,Text", False, False, id="neither"),
    ],
)
def test_headers_of_many_systems_are_known_and_what_is_not_found_is_said(
    ledger: Callable[[str], Path], header: str, amount: bool, day: bool
) -> None:
    source, rows = read(ledger(f"{header}\nOsier Freight,2026-06-01,5.00\n"))
    assert [(row["value"], row["amount"], row["acted_on"]) for row in rows] == [
        ("Osier Freight", Decimal("5.00") if amount else None, date(2026, 6, 1) if day else None)
    ]
    columns = header.replace(",", ", ")
    assert (f"no amount column found; columns are: {columns}" in source.notes) is not amount
    assert (f"no date column found; columns are: {columns}" in source.notes) is not day


def test_every_spelling_is_one_that_a_folded_header_can_have_and_means_one_column() -> None:
    spellings = [text for table in (ENGLISH, OTHER_LANGUAGES) for texts in table.values() for text in texts]
    assert [text for text in spellings if plain_header(text) != text] == []
    assert sorted(set(spellings)) == sorted(spellings)


def test_a_vendor_column_of_numbers_gives_way_to_the_name_beside_it(ledger: Callable[[str], Path]) -> None:
    text = "Vendor;Name 1;Amount in local currency;Crcy;Pstng Date\n0000700123;Osier Freight;5,00;EUR;01.06.2026\n"
    _, rows = read(ledger(text))
    assert [(row["value"], row["relation"], row["field"], row["amount"]) for row in rows] == [
        ("Osier Freight", "supplier", "Name 1", Decimal(5))
    ]
    assert json.loads(rows[0]["detail"]) == {"vendor_id": "0000700123"}


def test_a_vendor_column_with_names_stays_whatever_is_beside_it(ledger: Callable[[str], Path]) -> None:
    _, rows = read(ledger("Vendor,Name,Amount\n4711,Clerk,5\nOsier Freight,Clerk,5\n"))
    assert [row["value"] for row in rows] == ["4711", "Osier Freight"]


def test_a_credit_in_a_statement_came_in(ledger: Callable[[str], Path]) -> None:
    text = "Date,Payee,Debit,Credit\n2026-06-01,Osier Freight,7.00,\n2026-06-01,Quill Imports,0.00,5.00\n"
    _, rows = read(ledger(text))
    assert [(row["value"], row["direction"], row["amount"]) for row in rows] == [
        ("Osier Freight", "out", Decimal(7)),
        ("Quill Imports", "in", Decimal(5)),
    ]


def test_a_credit_of_a_vendor_reduces_and_that_is_said(ledger: Callable[[str], Path]) -> None:
    source, rows = read(ledger("Vendor,Debit,Credit\nOsier Freight,7.00,\nOsier Freight,,2.00\n"))
    assert [(row["value"], row["direction"], row["amount"]) for row in rows] == [("Osier Freight", "out", Decimal(5))]
    assert any("credits reduce the sums" in note for note in source.notes)


def test_vendors_named_like_totals_stay(ledger: Callable[[str], Path]) -> None:
    text = "Vendor,Amount,Date\nTotal Quality Barges LLC,5,2026-06-01\nSumitrade,1,2026-06-01\nGrand Total:,6,\n"
    source, rows = read(ledger(text))
    assert [row["value"] for row in rows] == ["Total Quality Barges LLC", "Sumitrade"]
    assert "1 rows are totals and were left out" in source.notes


def test_spreadsheet_subtotals_are_left_out(ledger: Callable[[str], Path]) -> None:
    _, rows = read(ledger("Vendor,Amount,Date\nOsier Freight,5,2026-06-01\nOsier Freight Total,5,\n"))
    assert [row["value"] for row in rows] == ["Osier Freight"]


def test_a_header_repeated_on_later_pages_is_no_record(ledger: Callable[[str], Path]) -> None:
    source, _ = read(ledger("Vendor,Amount\nOsier Freight,5\nVendor,Amount\nOsier Freight,6\n"))
    assert (source.records_read, source.records_rejected) == (2, 0)


def test_quote_signs_inside_a_field_do_not_swallow_lines(ledger: Callable[[str], Path]) -> None:
    text = 'Vendor,Amount,Text\nOsier Freight,5,19" rack\nLantern,6,"19"" rack"\nQuill,7,"x" y\n'
    source, rows = read(ledger(text))
    assert [row["value"] for row in rows] == ["Osier Freight", "Lantern", "Quill"]
    assert source.records_rejected == 0


def test_spaces_in_names_collapse(ledger: Callable[[str], Path]) -> None:
    _, rows = read(ledger("Vendor,Amount\n  Osier \u00a0 Freight ,5\nOsier Freight,6\n"))
    assert [(row["value"], row["count"]) for row in rows] == [("Osier Freight", 2)]


def test_ambiguous_dates_are_month_first_and_said_to_be(ledger: Callable[[str], Path]) -> None:
    source, rows = read(ledger("Vendor,Date\nOsier Freight,03/04/2026\n"))
    assert (rows[0]["acted_on"], rows[0]["certainty"]) == (date(2026, 3, 4), "probable")
    assert any("month first" in note for note in source.notes)


def test_only_dates_that_fit_both_orders_are_less_certain(ledger: Callable[[str], Path]) -> None:
    _, rows = read(ledger("Vendor,Date\nOsier Freight,03/03/2026\nQuill,2026-03-04\nMarrow,03/04/2026\n"))
    assert [row["certainty"] for row in rows] == ["confirmed", "confirmed", "probable"]


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        pytest.param('Vendor,Amount,Date\nOsier Freight,"1.381,12",03/04/2026\n', "decimal commas", id="comma"),
        pytest.param("Vendor;Amount;Date\nOsier Freight;5;03/04/2026\n", "semicolons", id="semicolons"),
        pytest.param("Fournisseur,Amount,Date\nOsier Freight,5,03/04/2026\n", "not in English", id="language"),
    ],
)
def test_what_else_is_not_american_makes_open_dates_day_first(
    ledger: Callable[[str], Path], text: str, sign: str
) -> None:
    source, rows = read(ledger(text))
    assert [(row["acted_on"], row["certainty"]) for row in rows] == [(date(2026, 4, 3), "confirmed")]
    assert any("day first" in note and sign in note for note in source.notes)


def test_a_date_that_tells_its_order_outranks_every_other_sign(ledger: Callable[[str], Path]) -> None:
    text = "Fournisseur;Date\nOsier Freight;03/04/2026\nOsier Freight;03/14/2026\n"
    _, rows = read(ledger(text))
    assert [(row["acted_on"], row["certainty"]) for row in rows] == [
        (date(2026, 3, 4), "confirmed"),
        (date(2026, 3, 14), "confirmed"),
    ]


def test_dates_in_both_orders_leave_the_open_ones_less_certain(ledger: Callable[[str], Path]) -> None:
    _, rows = read(ledger("Vendor,Date\nA,14/04/2026\nB,15/04/2026\nC,04/14/2026\nD,03/04/2026\n"))
    assert [row["certainty"] for row in rows] == ["confirmed", "confirmed", "confirmed", "probable"]
    assert rows[3]["acted_on"] == date(2026, 4, 3)


def test_one_date_over_twelve_decides_for_the_column(ledger: Callable[[str], Path]) -> None:
    source, rows = read(ledger("Vendor,Date\nOsier Freight,03/04/2026\nOsier Freight,14/04/2026\n"))
    assert [row["acted_on"] for row in rows] == [date(2026, 4, 3), date(2026, 4, 14)]
    assert not any("month first" in note for note in source.notes)


def test_the_users_mapping_names_columns_that_no_table_knows(ledger: Callable[[str], Path]) -> None:
    text = "Wem,Wieviel,Wann,Name\nOsier Freight,5.00,2026-06-01,ignored\n"
    columns = {"vendor": "Wem", "amount": "Wieviel", "date": "Wann", "currency": "=CHF", "unit": "=telecom"}
    assert not accepted(text)
    assert accepted(text, columns)
    _, rows = read(ledger(text), columns)
    assert [(row["value"], row["amount"], row["unit_of_amount"], row["unit"], row["acted_on"]) for row in rows] == [
        ("Osier Freight", Decimal("5.00"), "CHF", "telecom", date(2026, 6, 1))
    ]


def test_the_users_mapping_outranks_the_table(ledger: Callable[[str], Path]) -> None:
    text = "Vendor,Supplier Group,Amount,Fee\nOsier Freight,Osier Holding,5,1\n"
    _, rows = read(ledger(text), {"vendor": "Supplier Group", "amount": "Fee"})
    assert [(row["value"], row["amount"]) for row in rows] == [("Osier Holding", Decimal(1))]


def test_a_mapping_that_does_not_apply_is_said(ledger: Callable[[str], Path]) -> None:
    source, rows = read(ledger("Vendor,Amount\nOsier Freight,5\n"), {"amount": "Fee", "colour": "Amount"})
    assert [row["value"] for row in rows] == ["Osier Freight"]
    assert source.notes[:2] == [
        "the mapping `amount = 'Fee'` did not apply: no such header here",
        "the mapping `colour = 'Amount'` did not apply: 'colour' is not a key of [columns]; the keys are "
        "vendor, counterparty, customer, amount, debit, credit, currency, date, unit, country, direction, vendor_id, "
        "tax_id, contract_date, authorisation, payee, payer",
    ]


def test_a_payee_may_be_mapped_by_that_name(ledger: Callable[[str], Path]) -> None:
    source, rows = read(ledger("Who,Amount\nOsier Freight,5\n"), {"payee": "Who"})
    assert [(row["value"], row["relation"]) for row in rows] == [("Osier Freight", "payment_counterparty")]
    assert not any("did not apply" in note for note in source.notes)


def test_a_mapping_that_a_later_one_takes_away_is_said_too(ledger: Callable[[str], Path]) -> None:
    source, _ = read(ledger("Who,Amount\nOsier Freight,5\n"), {"vendor": "Who", "counterparty": "Who"})
    assert [note for note in source.notes if "did not apply" in note] == [
        "the mapping `vendor = 'Who'` did not apply: another key names the same header"
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("name,schema,country,birth_date\nOsier Freight,Company,gb,\n", id="name list for screen"),
        pytest.param("id,schema,name\nq1,Company,Osier Freight\n", id="in-house list"),
        pytest.param(
            "WigleWifi-1.4,appRelease=2.26\nMAC,SSID,AuthMode,FirstSeen,Channel,RSSI,Type\n00:53:00:00:00:01,,,,1,,WIFI\n",
            id="wigle",
        ),
        pytest.param(
            "BSSID, First time seen, Last time seen, channel, Speed, Privacy, Power, ESSID, Key\n"
            "00:53:00:00:00:01, 2026-01-01 00:00:00, 2026-01-01 00:00:00, 1, 54, WPA2, -40, net, \n",
            id="airodump",
        ),
        pytest.param("Vendor,Product\nOsier,Crate\n", id="vendor and nothing to judge it by"),
        pytest.param("Date,Description,Amount\n2026-06-01,Osier Freight,5\n", id="no counterparty column"),
        pytest.param("Dear vendor, the amount, as of the date, is open.\n", id="prose"),
        pytest.param("", id="empty"),
        pytest.param("\ufeff", id="byte order mark only"),
    ],
)
def test_other_text_is_refused(text: str) -> None:
    assert not accepted(text)


def test_real_scan_of_access_points_is_refused(shared: Callable[[str], Path]) -> None:
    data, complete = Source(shared("data/inputs/wifi/wigle-2017-12-17.redacted.csv.gz"), "wigle.csv").head()
    assert not Ledger().accepts(InputHead(PurePosixPath("wigle.csv"), data, complete)).accepted


def test_bytes_that_are_no_text_are_refused() -> None:
    head = InputHead(PurePosixPath("vendor.csv"), b"Vendor,Amount\n\x00\x01", is_complete=True)
    assert not Ledger().accepts(head).accepted


def test_a_file_without_a_ledger_header_is_an_error(ledger: Callable[[str], Path]) -> None:
    with pytest.raises(ScanError, match="no ledger header"):
        read(ledger("a,b\n1,2\n"))


def test_rows_before_damage_are_given_before_the_error(tmp_path: Path) -> None:
    text = "Vendor,Amount\n" + "".join(f"Osier Freight {n},{n}\n" for n in range(90_000))
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(text.encode())[:-2000])
    source = Source(path, "cut.csv.gz")
    sizes: list[int] = []
    with pytest.raises(ScanError, match="damaged"):
        sizes.extend(batch.num_rows for batch in Ledger().scan(source, Watch()))
    assert sum(sizes) == source.records_read > 1000


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edits=st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=6)), max_size=8))
def test_mutated_bytes_raise_nothing_but_scan_errors(tmp_path: Path, edits: list[tuple[int, bytes]]) -> None:
    data = bytearray(PAYMENTS.read_bytes())
    for at, new in edits:
        data[at : at + len(new)] = new
    path = tmp_path / "mutated.csv"
    path.write_bytes(bytes(data))
    try:
        source, rows = read(path)
    except ScanError:
        return
    assert sum(row["count"] for row in rows) == source.records_read


def test_phoenix_payments_are_read_whole(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/ledgers/phoenix-vendor-payments.2018-june.csv.gz")
    expected: defaultdict[tuple[str, date], Decimal] = defaultdict(Decimal)
    count = 0
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            month, day, year = (int(part) for part in row["Check/Payment Date"].split("/"))
            name = " ".join(row["Vendor Name"].split())
            expected[name, date(year, month, day)] += Decimal(row["Invoice Net Amt"].replace(",", ""))
            count += 1
    source, rows = read(path)
    actual: defaultdict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for row in rows:
        actual[row["value"], row["acted_on"]] += row["amount"]
    assert (source.records_read, source.records_rejected) == (count, 0)
    assert actual == expected


def test_contract_dates_and_licences_of_a_row_are_kept_apart(ledger: Callable[[str], Path]) -> None:
    text = (
        "Vendor,Contract Date,Export License,Payment Date,Amount\n"
        "Osier Freight,2019-05-01,,2026-01-31,5\n"
        "Osier Freight,2026-07-01,D1234567,2026-01-31,7\n"
        "Osier Freight,soon,-,2026-01-31,9\n"
    )
    source, rows = read(ledger(text))
    assert {(row["contract_on"], row["authorisation"], row["amount"]) for row in rows} == {
        (date(2019, 5, 1), None, Decimal(5)),
        (date(2026, 7, 1), "D1234567", Decimal(7)),
        (None, None, Decimal(9)),
    }
    assert any("without contract_date" in note and "line 4: 'soon'" in note for note in source.notes)


def test_other_headers_for_contract_and_licence_are_mapped(ledger: Callable[[str], Path]) -> None:
    text = "Vendor,Signed,Permit,Amount\nOsier Freight,2019-05-01,X-1,5\n"
    _, rows = read(ledger(text), {"contract_date": "Signed", "authorisation": "Permit"})
    assert [(row["contract_on"], row["authorisation"]) for row in rows] == [(date(2019, 5, 1), "X-1")]


def test_our_own_table_of_observations_is_no_ledger() -> None:
    text = "observation_id,artefact_id,operator_id,vendor,amount\n1,2,Osier Freight,Osier Freight,5\n"
    assert not accepted(text)
    assert accepted(text.replace("artefact_id", "row"))


@pytest.mark.parametrize("process_limit", [1_000, 1 << 24], ids=["low", "high"])
def test_how_long_a_field_may_be_does_not_depend_on_what_else_the_process_read(
    ledger: Callable[[str], Path], process_limit: int
) -> None:
    before = csv.field_size_limit(process_limit)
    try:
        long, too_long = f'"{"x" * 50_000}, y"', f'"{"x" * 131_073}, y"'
        path = ledger(f"Vendor,Amount,Note\nAcme,1.00,{long}\nNobody,2.00,{too_long}\nOsier Freight,3.00,z\n")
        source, rows = read(path)
        assert csv.field_size_limit() == process_limit
    finally:
        csv.field_size_limit(before)
    assert sorted(row["amount"] for row in rows) == [Decimal("1.00"), Decimal("3.00")]
    assert source.first_rejects == ["ledger.csv:3: not delimited text; expected fields of at most 131,072 characters"]
