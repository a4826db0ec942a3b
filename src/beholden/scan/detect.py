"""Which scanner reads a file, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from beholden.scan.interface import InputHead, Scanner, Scanners
from beholden.scan.source import Source

# Formats we know by their first bytes and do not read yet, so that coverage can say what to do.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip archive or Office document; unpack it first"),
    (b"PAR1", "Parquet, not read by this version"),
    (b"\xd4\xc3\xb2\xa1", "packet capture; run Zeek on it and give its logs"),
    (b"\xa1\xb2\xc3\xd4", "packet capture; run Zeek on it and give its logs"),
    (b"\x0a\x0d\x0d\x0a", "packet capture (pcapng); run Zeek on it and give its logs"),
    (b"SQLite format 3", "SQLite database, not read by this version"),
    (b"%PDF", "PDF document"),
    (b"\x28\xb5\x2f\xfd", "zstd archive; unpack it first"),
    (b"\xfd7zXZ", "xz archive; unpack it first"),
    (b"BZh", "bzip2 archive; unpack it first"),
    (b"<?xml", "XML of a kind that no reader claims"),
)
# Text formats we know by name, with what to give instead.
_NAMES: dict[str, str] = {
    "go.sum": "hashes of every version ever considered, not a dependency list; go.mod is read instead",
    "yarn.lock": "yarn lockfile, not read by this version; a CycloneDX SBOM is",
    "pnpm-lock.yaml": "pnpm lockfile, not read by this version; a CycloneDX SBOM is",
    "poetry.lock": "Poetry lockfile, not read by this version; a CycloneDX SBOM is",
    "Cargo.lock": "Cargo lockfile, not read by this version; a CycloneDX SBOM is",
    "package.json": "wishes, not what is installed; package-lock.json is read instead",
    "pyproject.toml": "wishes, not what is installed; uv.lock or requirements.txt are read instead",
    "beholden.toml": "the profile, read as such",
}


@dataclass(frozen=True, slots=True)
class Detection:
    """The scanner that reads a file, or the reason why none does."""

    scanner: Scanner | None
    reason: str


def detect(source: Source, scanners: Scanners) -> Detection:
    """Decide by content.

    Args:
        source: The input.
        scanners: In the order in which ties are decided.

    Raises:
        ScanError: The file cannot be opened or inflated.
    """
    data, is_complete = source.head()
    if not data:
        return Detection(None, "empty file")
    head = InputHead(PurePosixPath(source.path), data, is_complete)
    answers = [(scanner, scanner.accepts(head)) for scanner in scanners]
    accepted = [(scanner, answer) for scanner, answer in answers if answer.accepted]
    if accepted:
        scanner, answer = max(accepted, key=lambda pair: pair[1].strength)
        return Detection(scanner, answer.reason)
    for signature, reason in _SIGNATURES:
        if data.startswith(signature):
            return Detection(None, reason)
    if head.name in _NAMES:
        return Detection(None, _NAMES[head.name])
    if b"\x00" in data[:4096]:
        return Detection(None, "binary content that no reader claims")
    return Detection(None, "no reader claims this content")
