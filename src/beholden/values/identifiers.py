"""Identifiers of parties: their normal form, and whether their check digits hold.

A checksum is no proof of who holds the number. It tells a typing error from a number, so that two publications are
not said to mean one party because of one.
"""

from __future__ import annotations

from importlib import import_module

# Kinds whose value names one party in the world, with the module of `stdnum` that checks it; None: no check digits.
GLOBAL: dict[str, str | None] = {
    "lei": "stdnum.lei",
    "isin": "stdnum.isin",  # of a security; its issuer is one party
    "uscc": "stdnum.cn.uscc",
    "bic": "stdnum.bic",
    "imo": "stdnum.imo",
    "inn": "stdnum.ru.inn",
    "cik": None,
    "ofac_uid": None,
    "un_reference": None,
    "eu_reference": None,
    "uk_reference": None,
    "attack_id": None,
}
# Kinds whose value names one party within a place or office, which `note` says.
LOCAL = frozenset(
    {"registration", "tax", "ogrn", "duns", "cage", "ticker", "passport", "national_id", "phone", "email", "website"}
    | {"mmsi", "callsign", "misp_uuid", "wikidata", "permid", "opencorporates", "aircraft", "crypto_wallet", "other"}
)
KINDS = frozenset(GLOBAL) | LOCAL
_KEY_DIGITS = 10


def normal(kind: str, value: str) -> str | None:
    """The normal form of an identifier.

    Args:
        kind: One of `KINDS`.
        value: As printed.

    Returns:
        The form under which equal identifiers meet; None where the check digits do not hold.
    """
    module = GLOBAL.get(kind)
    if module is None:
        held = " ".join(value.split())
        # The SEC counts keys with ten digits and prints them with and without the zeros before.
        return held.zfill(_KEY_DIGITS) if kind == "cik" and held.isdigit() else held
    checked = import_module(module)
    compact = str(checked.compact(value)).upper()
    if kind == "bic" and len(compact) == 11 and compact.endswith("XXX"):
        compact = compact[:8]  # the head office, written out
    return compact if checked.is_valid(compact) else None
