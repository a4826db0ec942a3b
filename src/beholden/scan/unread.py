"""Formats that no reader claims yet, recognised so that coverage can say what a file is and what to give instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.scan.money.encodings import head_lines
from beholden.scan.money.headers import CONSTANT_SIGN, plain_header
from beholden.scan.money.tables import columns_of_table

if TYPE_CHECKING:
    from beholden.scan.interface import InputHead

_LATER = "not read by this version"
_SBOM = f"{_LATER}; a CycloneDX SBOM is"

_TABLE_LINES = 40
_SHOWN_COLUMNS = 12

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip archive or Office document; unpack it first"),
    (b"PAR1", "Parquet whose columns no reader knows; flow logs of AWS and OCSF network activity are read"),
    (b"\x0c\xa5", "binary flows of nfdump; give what `nfdump -o json` or `nfdump -o csv` prints of it"),
    (b"\xa5\x0c", "binary flows of nfdump; give what `nfdump -o json` or `nfdump -o csv` prints of it"),
    (b"\x34\xcd\xb2\xa1", "packet capture of a kind of its own (modified pcap); run Zeek on it and give its logs"),
    (b"\xa1\xb2\xcd\x34", "packet capture of a kind of its own (modified pcap); run Zeek on it and give its logs"),
    (b"SQLite format 3", "SQLite database of a kind that no reader claims"),
    (b"%PDF", "PDF document"),
    (b"\xfd7zXZ", "xz archive; unpack it first"),
    (b"BZh", "bzip2 archive; unpack it first"),
    (b"\x7fELF", "program"),
)
_NAMES: dict[str, str] = {
    "go.sum": "hashes of every version ever considered, not a dependency list; go.mod is read instead",
    "yarn.lock": f"yarn lockfile, {_SBOM}",
    "pnpm-lock.yaml": f"pnpm lockfile, {_SBOM}",
    "poetry.lock": f"Poetry lockfile, {_SBOM}",
    "Cargo.lock": f"Cargo lockfile, {_SBOM}",
    "package.json": "wishes, not what is installed; package-lock.json is read instead",
    "pyproject.toml": "wishes, not what is installed; uv.lock or requirements.txt are read instead",
    "beholden.toml": "the profile, read as such",
}
_ZEEK = r"Zeek \1 log; conn, dns, ssl, http, x509 and dhcp logs with the columns of their kind are read"
_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), reason)
    for pattern, reason in (
        (r"^#path\s+(\S+)", _ZEEK),
        (r'^\s*\{[^}]{0,400}"_path":\s*"(\w+)"', _ZEEK),
        (r'"spdxVersion"|^SPDXVersion:|spdx\.org/rdf/3', f"SPDX document, {_SBOM}"),
        (r'"event_type"\s*:\s*"\w+"', "JSON events without the common section of Suricata's EVE"),
        (r'"category_uid"|"class_uid"', "OCSF event of a class that is not read; network activity (4001) is"),
        (r"^WigleWifi-", f"WiGLE survey, {_LATER}; WigleWifi 1.x is"),
        (r"urn:iso:std:iso:20022:\S*?(pain|pacs|camt)\.(\d{3})", rf"ISO 20022 \1.\2 message, {_LATER}"),
        (r"<\w*:?bom[\s>].{0,200}cyclonedx", "CycloneDX XML, not read by this version; CycloneDX JSON is"),
        (r"<\w*:?(informationTable|edgarSubmission)\b", f"SEC 13F document, {_LATER}"),
        (r"^\s*<\?xml|^\s*<\w+[\s>]", "XML of a kind that no reader claims"),
        (r"^#{1,3} \S", "prose (Markdown)"),
    )
)


def explain_unread(head: InputHead, near: str | None = None) -> str:
    """Why a file that no scanner accepted is not read.

    Args:
        head: Its first bytes.
        near: The refusal of a scanner whose kind it is of.
    """
    for signature, reason in _MAGIC:
        if head.data.startswith(signature):
            return reason
    if head.name in _NAMES:
        return _NAMES[head.name]
    if near is not None:
        return near
    lines = head_lines(head, _TABLE_LINES)
    if lines is None:
        return "binary content that no reader claims"
    text = head.text[:8192]
    for pattern, reason in _TEXTS:
        found = pattern.search(text)
        if found:
            return found.expand(reason)
    columns = columns_of_table(lines)
    if columns is not None:
        return _table(columns, head)
    return "no reader claims this content"


def _table(columns: list[str], head: InputHead) -> str:
    """What to do about a table; and which of the user's mappings name no column of it."""
    shown = ", ".join(columns[:_SHOWN_COLUMNS]) + (", …" if len(columns) > _SHOWN_COLUMNS else "")
    reason = f"looks like a table with columns {shown}; map them in beholden.toml ([columns])"
    folded = {plain_header(column) for column in columns}
    wrong = [
        f"{ours} = {theirs!r}"
        for ours, theirs in sorted(head.columns.items())
        if not theirs.startswith(CONSTANT_SIGN) and plain_header(theirs) not in folded
    ]
    return f"{reason}; no such column: {', '.join(wrong)}" if wrong else reason
