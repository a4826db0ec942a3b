"""Digests that a publisher states of a file, in headers or in a file beside it."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from beholden.errors import Origin, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# RFC 9530 and RFC 3230 write `name=value`; the other headers hold one value of one algorithm.
_ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512", "md5": "md5"}
_LISTS = ("Repr-Digest", "Content-Digest", "Digest")
_SINGLE = {"Content-MD5": "md5", "x-amz-checksum-sha256": "sha256"}
_SHA256 = re.compile(r"\b[0-9a-fA-F]{64}\b")
# Checksum of the checksums of the parts of an upload, not of the file.
_OF_PARTS = re.compile(r"-\d+$")


def stated(headers: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Digests in headers: (header, algorithm) → value as printed; algorithms that we cannot compute are left out."""
    found: dict[tuple[str, str], str] = {}
    for header in _LISTS:
        for part in headers.get(header, "").split(","):
            name, separator, value = part.strip().partition("=")
            algorithm = _ALGORITHMS.get(name.strip().lower())
            if separator and algorithm is not None:
                # A structured field has its bytes between colons, after them come parameters.
                found[header, algorithm] = value.split(";")[0].strip().strip(":").strip('"')
    for header, algorithm in _SINGLE.items():
        value = headers.get(header, "").strip()
        if value and not _OF_PARTS.search(value):
            found[header, algorithm] = value
    return found


def check_digests(path: Path, name: str, headers: Mapping[str, str], sha256: str | None) -> None:
    """Compare a file with every digest that is stated for it.

    Args:
        path: The file, complete.
        name: How errors call it.
        headers: Of the answer that served it.
        sha256: As the publisher states it beside the file.

    Raises:
        SourceError: One differs.
    """
    wanted = stated(headers)
    if sha256 is not None:
        wanted["the publisher's SHA-256 file", "sha256"] = sha256
    for (where, algorithm), value in wanted.items():
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, algorithm)
        forms = (base64.b64encode(digest.digest()).decode(), digest.hexdigest())
        if value != forms[0] and value.lower() != forms[1]:
            raise SourceError(
                f"what was served has {algorithm} {digest.hexdigest()}; {where} says {value[:200]}",
                code="source.wrong-digest",
                hint="it was damaged or changed on the way; try again later",
                origin=Origin(name),
            )


def stated_sha256(text: str, name: str, url: str) -> str:
    """The SHA-256 in a file that states it: the one on the line that names the file, or the only one.

    Raises:
        SourceError: There is none, or it cannot be told which.
    """
    lines = [(match.group().lower(), line) for line in text.splitlines() for match in _SHA256.finditer(line)]
    named = {digest for digest, line in lines if name in line}
    found = named or {digest for digest, _ in lines}
    if len(found) != 1:
        how_many = "no" if not found else "more than one"
        raise SourceError(f"{url} states {how_many} SHA-256 of it", code="source.wrong-digest", origin=Origin(name))
    return found.pop()
