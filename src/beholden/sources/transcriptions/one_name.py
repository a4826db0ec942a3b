"""Whether what was taken for a name out of a sentence is one name, and not a piece of the sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beholden.sources.record import Record

# Words of a sentence about parties; in lower case, as names seldom have them.
_SENTENCE = re.compile(
    r"[;:]"
    r"|\b(?:also|formerly|previously|otherwise) known as\b|\balias(?:es)?\b"
    r"|\b[afd]\.?/?[kb]\.?/?a\b|\bdoing business as\b"
    r"|\b(?:any|its|their|such|other|which|including)\b|\bsubsidiar(?:y|ies)\b|\baffiliate[sd]?\b|\bsuccessors?\b"
    r"|\b(?:listed|named|identified|designated|determined|described|specified) (?:by|in|on|under|as|pursuant)\b"
    r"|^(?:the |an? )?(?:compan|entit|part)(?:y|ies)\b"
    r"|^(?:the |an? )?(?:person|firm|manufacturer|producer|provider|supplier|corporation|organi[sz]ation)s?\b"
)
_FORM = r"(?:Inc|Incorporated|Ltd|Limited|LLC|LLP|L\.?P|Co|Corp|PLC|S\.?A|S\.?p\.?A|GmbH|AG|N\.?V|B\.?V|S\.?L)\b"
_SEVERAL = re.compile(rf"\b(?:and|or)\b|,(?!\s*{_FORM})")


def one_name(record: Record, name: str, *, may_have_and: bool) -> str:
    """The name, if it is one.

    Args:
        record: Where it was read.
        name: What was taken for a name.
        may_have_and: Whether names of the list have `and` and commas in them, which elsewhere part several names.

    Raises:
        UnexpectedValueError: Words of the sentence are left in it, or it is several names.
    """
    found = _SENTENCE.search(name) or (None if may_have_and else _SEVERAL.search(name))
    if found is not None:
        raise record.error("not one name", f"{name[:160]!r} has {found[0].strip()!r}; expected the name of one party")
    return name
