"""Normal forms of party names: case, width, punctuation, legal-form spelling, simplified Chinese forms.

Two names with the same `norm` are equal "after case, width, punctuation and legal-form spelling" (DESIGN section 5).
The core form drops the legal form altogether and serves candidate search only.
"""

from __future__ import annotations

import re
import unicodedata

# One spelling per legal form. Longer sequences first; tokens after folding.
_LEGAL_FORMS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("public", "limited", "company"), "plc"),
    (("company", "limited"), "ltd"),
    (("co", "limited"), "ltd"),
    (("company", "ltd"), "ltd"),
    (("co", "ltd"), "ltd"),
    (("corporation", "limited"), "ltd"),
    (("corp", "limited"), "ltd"),
    (("corporation", "ltd"), "ltd"),
    (("corp", "ltd"), "ltd"),
    (("private", "limited"), "pte"),
    (("pte", "limited"), "pte"),
    (("pte", "ltd"), "pte"),
    (("pvt", "ltd"), "pte"),
    (("private", "ltd"), "pte"),
    (("limited", "liability", "company"), "llc"),
    (("joint", "stock", "company"), "jsc"),
    (("l", "l", "c"), "llc"),
    (("s", "a"), "sa"),
    (("b", "v"), "bv"),
    (("limited",), "ltd"),
    (("incorporated",), "inc"),
    (("corporation",), "corp"),
    (("company",), "co"),
)
_FORM_WORDS = frozenset(
    {"ltd", "pte", "plc", "llc", "jsc", "inc", "corp", "co", "sa", "bv", "gmbh", "ag", "ao", "ooo", "ojsc"}
)
_HAN_FORMS = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "集团公司", "公司")
# Traditional → simplified for the characters that company names use; a later name matcher brings a full table.
_SIMPLIFIED = str.maketrans(
    "華為術無線電訊業國際團銀東聯網絡數據雲計實驗車導體長儲資產電氣話費廣開發與製藥龍億達優創飛鴻寶馬騰訊億萬眾齊視監譜設備",
    "华为术无线电讯业国际团银东联网络数据云计实验车导体长储资产电气话费广开发与制药龙亿达优创飞鸿宝马腾讯亿万众齐视监谱设备",
)
_SEPARATORS = re.compile(r"[^\w]+", re.UNICODE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_ASTERISK_TAIL = re.compile(r"[*†‡]+$")


def normalise(name: str) -> str:
    """Fold a name to the form under which equal names meet.

    Args:
        name: As printed.

    Returns:
        Lower-case tokens joined by one space, legal forms in one spelling; Chinese names without spaces. Idempotent.
    """
    folded = unicodedata.normalize("NFKC", name).casefold().replace("&", " and ")
    folded = (
        _strip_marks(_ASTERISK_TAIL.sub("", folded.strip())).translate(_SIMPLIFIED).replace("'", "").replace("’", "")
    )
    tokens = [token for token in _SEPARATORS.sub(" ", folded.replace("_", " ")).split() if token]
    if _HAN.search(folded):
        return "".join(tokens)
    return " ".join(_spell_forms(tokens))


def core(norm: str) -> str:
    """The distinctive part of a normalised name: without its legal form.

    Args:
        norm: A result of `normalise`.

    Returns:
        The name without trailing legal forms; the name itself where nothing else would be left.
    """
    if _HAN.search(norm):
        for form in _HAN_FORMS:
            if norm.endswith(form) and len(norm) > len(form) + 1:
                return norm.removesuffix(form)
        return norm
    tokens = norm.split()
    while len(tokens) > 1 and tokens[-1] in _FORM_WORDS:
        tokens.pop()
    return " ".join(tokens)


def is_weak(norm: str) -> bool:
    """Whether a name is too short or plain to identify a party by itself (acronyms such as DJI, MGI, SMIC).

    Args:
        norm: A result of `normalise`.
    """
    if _HAN.search(norm):
        return len(norm) < 3
    return len(norm.replace(" ", "")) <= 4


def _strip_marks(text: str) -> str:
    """Drop combining marks of Latin letters (é → e); other scripts keep theirs."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    kept: list[str] = []
    for char in decomposed:
        if unicodedata.combining(char) and kept and kept[-1].isascii():
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def _spell_forms(tokens: list[str]) -> list[str]:
    out: list[str] = []
    position = 0
    while position < len(tokens):
        for form, spelling in _LEGAL_FORMS:
            # A legal form never opens a name: "Limited Brands" keeps its word.
            if position and tuple(tokens[position : position + len(form)]) == form:
                out.append(spelling)
                position += len(form)
                break
        else:
            out.append(tokens[position])
            position += 1
    return out
