"""Pseudonyms of one document: numbered, or made from the organisation's key, so that its reports agree (ADR 7)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import Counter

from beholden.values.mac import parse_mac

_DIGITS = 8  # 40 bits: names of one organisation meet by chance once in a million at a thousand names
_OUI = 8  # `44:19:b6`
_HIDDEN = "··"


class Pseudonyms:
    """What stands for each private value; one value, one pseudonym, in a document as a whole.

    Args:
        key: Secret of the organisation; None: numbers in the order of asking, which tell nothing and can be tested
            against no guess.
        digits: Length of what is made from the key.
    """

    def __init__(self, key: bytes | None = None, *, digits: int = _DIGITS) -> None:
        self._key = key
        self._digits = digits
        self._labels: dict[tuple[str, str], str] = {}
        self._taken: set[str] = set()
        self._numbers: Counter[str] = Counter()

    def label(self, stem: str, value: str) -> str:
        """Return the pseudonym of a value.

        Args:
            stem: What it is: `host`, `account`, `interface`, `person`, `user`.
            value: In its one normal spelling.
        """
        known = self._labels.get((stem, value))
        if known is None:
            known = self._labels[stem, value] = self._new(stem, value)
        return known

    def mac(self, spelled: str) -> str:
        """Return a full hardware address cut to its maker's part; with a key, a device still differs from the next.

        Args:
            spelled: Any spelling that `parse_mac` reads; other text comes back as it is.
        """
        mac = parse_mac(spelled)
        if mac is None:
            return spelled
        if self._key is not None:
            return f"{mac[:_OUI]}{_HIDDEN}{self.label('mac', mac).removeprefix('mac-')}"
        return _cut(spelled.strip())

    def _new(self, stem: str, value: str) -> str:
        if self._key is None:
            self._numbers[stem] += 1
            return f"{stem}-{self._numbers[stem]}"
        message = f"{stem}\0{value}".encode("utf-8", "surrogatepass")
        code = base64.b32encode(hmac.new(self._key, message, hashlib.sha256).digest()).decode("ascii").lower()
        length = self._digits
        while f"{stem}-{code[:length]}" in self._taken:
            length += 1
        self._taken.add(f"{stem}-{code[:length]}")
        return f"{stem}-{code[:length]}"


def _cut(mac: str) -> str:
    """Keep the first three bytes as they are spelled."""
    for separator in (":", "-"):
        if separator in mac:
            return separator.join([*mac.split(separator)[:3], *[_HIDDEN] * 3])
    return f"{mac[:7]}{_HIDDEN}.····" if "." in mac else f"{mac[:6]}······"
