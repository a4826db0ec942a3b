"""Numbers of documents that the list prints in a sentence and not in a field of their own."""

from __future__ import annotations

import re

# A number stands at the beginning, or behind the word that announces it: `number L 191609`, `SSN 156-92-9858`.
_NUMBER = re.compile(
    r"(?:^|\b(?i:number|no\.|ssn|code|card):? )"
    r"(?P<number>(?:[A-Z]{1,2}(?:- ?| ))?(?=[A-Z0-9/-]*\d)[A-Z0-9][A-Z0-9/-]*)(?=[ ,.;)]|$)"
)
_PASSPORT = re.compile(r"\bpassport (?:number|no\.):? ", re.IGNORECASE)
# The number of a false passport may be that of somebody else's real one.
_FALSE = re.compile(r"\b(?:false|forged|fake|fraudulent|counterfeit|stolen)\b", re.IGNORECASE)


def number_in(said: str) -> tuple[str, str] | None:
    """The number in a sentence about a document.

    Args:
        said: The sentence, with single spaces.

    Returns:
        Kind of identifier and value: `passport` only where the sentence says so, otherwise `other`; None where it
        holds no number, or more than one.
    """
    found = {match["number"] for match in _NUMBER.finditer(said)}
    if len(found) != 1:
        return None
    is_passport = _PASSPORT.search(said) is not None and _FALSE.search(said) is None
    return "passport" if is_passport else "other", found.pop()
