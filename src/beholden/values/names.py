"""Normal forms of party names: case, width, punctuation, legal-form spelling, simplified Chinese forms.

Two names with the same `norm` are equal "after case, width, punctuation and legal-form spelling" (DESIGN section 5).
The core form drops the legal form altogether and serves candidate search only.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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
    (("limited", "liability", "partnership"), "llp"),
    (("public", "joint", "stock", "company"), "pjsc"),
    (("open", "joint", "stock", "company"), "ojsc"),
    (("closed", "joint", "stock", "company"), "cjsc"),
    (("joint", "stock", "company"), "jsc"),
    # Written with dots; only forms, so that initials of a name stay what they are.
    (("l", "l", "c"), "llc"),
    (("l", "l", "p"), "llp"),
    (("p", "l", "c"), "plc"),
    (("l", "t", "d"), "ltd"),
    (("g", "m", "b", "h"), "gmbh"),
    (("s", "a", "r", "l"), "sarl"),
    (("s", "a", "s"), "sas"),
    (("s", "a"), "sa"),
    (("s", "p", "a"), "spa"),
    (("s", "r", "l"), "srl"),
    (("s", "r", "o"), "sro"),
    (("de", "c", "v"), "de cv"),
    (("de", "r", "l"), "de rl"),
    (("d", "o", "o"), "doo"),
    (("b", "v"), "bv"),
    (("n", "v"), "nv"),
    (("limited",), "ltd"),
    (("incorporated",), "inc"),
    (("corporation",), "corp"),
    (("company",), "co"),
)
_FORMS_BY_FIRST: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _form, _spelling in _LEGAL_FORMS:
    _FORMS_BY_FIRST.setdefault(_form[0], []).append((_form, _spelling))
# Legal forms in the spelling of `normalise`.
LEGAL_FORMS = frozenset(
    {"ltd", "pte", "plc", "llc", "jsc", "inc", "corp", "co", "sa", "bv", "gmbh", "ag", "ao", "ooo", "ojsc"}
)
# Forms that also open a name, in the words in which they do: "Limited Liability Company X" is "X LLC". Not "AO", which
# opens names of its own (AO Smith), nor "Limited" or "Company".
_OPENING: tuple[tuple[tuple[str, ...], str], ...] = (
    (("limited", "liability", "company"), "llc"),
    (("public", "joint", "stock", "company"), "pjsc"),
    (("open", "joint", "stock", "company"), "ojsc"),
    (("closed", "joint", "stock", "company"), "cjsc"),
    (("joint", "stock", "company"), "jsc"),
    (("l", "l", "c"), "llc"),
    *(((form,), form) for form in ("llc", "jsc", "pjsc", "ojsc", "cjsc", "ooo", "oao", "zao")),
)
_OPENING_WORDS = frozenset(form[0] for form, _ in _OPENING)
# Last words of names that have a form at their end. A single letter is none by itself, and "Company" may be a word of
# the name: "Joint Stock Company Achinsk Petroleum Company".
_CLOSING = (
    LEGAL_FORMS
    | {spelling.split()[-1] for _, spelling in (*_LEGAL_FORMS, *_OPENING)}
    | {form[-1] for form, _ in _LEGAL_FORMS if len(form[-1]) > 1}
) - {"company", "co", "corporation", "corp"}
# Of Company or Corporation, Limited, Inc.
_FORM_INITIALS = "cli"
_HAN_FORMS = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "集团公司", "公司")
# Traditional → simplified for the characters that company names use; a later name matcher brings a full table.
_PAIRS = (
    "華华為为術术無无線线電电訊讯業业國国際际團团銀银東东聯联網网絡络數数據据雲云計计實实驗验車车導导體体長长儲储資资產产氣气話话費费廣广開开發发與与製制藥药龍龙億亿達达優优創创飛飞鴻鸿寶宝馬马騰腾萬万眾众"
    "齊齐視视監监譜谱設设備备動动興兴賣卖買买風风運运輸输鐵铁鋼钢礦矿農农藝艺貿贸財财險险證证軟软輝辉聲声錄录鏈链鏡镜頭头顯显現现環环節节約约經经濟济織织紡纺紙纸維维綠绿緣缘聖圣藍蓝蘭兰衛卫規规議议認认識识"
    "護护譽誉豐丰賓宾質质贏赢軍军輪轮遠远邁迈鄭郑醫医釋释釘钉鈔钞鋰锂銷销鋁铝鎂镁門门間间閃闪陽阳陸陆雙双靈灵靜静韓韩順顺頻频題题養养館馆驅驱鷹鹰麥麦黃黄慶庆愛爱應应戰战戲戏擇择擴扩曉晓會会樂乐標标樣样機机"
    "檢检歐欧歷历準准滬沪漢汉濱滨灣湾煙烟熱热爾尔獨独獲获畫画療疗盧卢碼码穩稳積积競竞筆笔簡简範范糧粮紅红納纳級级給给統统綜综繼继續续羅罗職职腦脑膠胶臨临舉举舊旧艙舱莊庄葉叶蘇苏號号裝装覽览觀观訂订記记許许"
    "評评試试詢询詳详誠诚語语調调談谈論论講讲譯译讀读變变貝贝貨货貢贡貴贵賀贺賢贤賴赖購购趙赵踐践軌轨軸轴載载較较輔辅輯辑轉转辦办邊边鄉乡鄰邻鑄铸針针鈴铃銅铜銘铭鋒锋鍵键鎖锁鎮镇鐘钟鑑鉴閱阅關关陳陈隱隐雜杂"
    "離离霧雾頂顶項项預预領领顧顾頤颐類类飲饮飾饰駕驾騎骑驛驿魚鱼鮮鲜鳥鸟齒齿"
)
_SIMPLIFIED = str.maketrans(_PAIRS[::2], _PAIRS[1::2])
# Format characters (Cf), which nobody sees: soft hyphens, zero-width spaces and joiners, directions, byte order marks.
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_SEPARATORS = re.compile(r"[^\w]+", re.UNICODE)
_HAN = re.compile(r"[\u3400-\u9fff]")
_BRACKETED = re.compile(r"(?P<whole>.*[^\s(（,])[\s,]*[(（](?P<inside>[^()（）]+)[)）][\s*†‡.,;]*", re.DOTALL)
_CALLED = re.compile(
    r"^\s*(?:formerly(?: known as)?|previously|also known as|aka|fka|[af][./]?k[./]?a[.]?)\b[:,.]?\s+", re.I
)
_ASTERISK_TAIL = re.compile(r"[*†‡]+$")


@lru_cache(maxsize=1 << 16)  # a compiler asks for the same names as captions, entries and names
def normalise(name: str) -> str:
    """Fold a name to the form under which equal names meet.

    Args:
        name: As printed.

    Returns:
        Lower-case tokens joined by one space, legal forms in one spelling; Chinese names without spaces. Idempotent.
    """
    norm = _fold(name)
    # Spelling one form can complete another: "Co Company Limited" → "co ltd" → "ltd".
    while (again := _fold(norm)) != norm:
        norm = again
    return norm


def _fold(name: str) -> str:
    folded = _UNSEEN.sub("", unicodedata.normalize("NFKC", name)).casefold().replace("&", " and ")
    folded = (
        _strip_marks(_ASTERISK_TAIL.sub("", folded.strip())).translate(_SIMPLIFIED).replace("'", "").replace("’", "")
    )
    tokens = [token for token in _SEPARATORS.sub(" ", folded.replace("_", " ")).split() if token]
    if _HAN.search(folded):
        return "".join(tokens)
    return " ".join(_spell_forms(_form_last(tokens)))


def _form_last(tokens: list[str]) -> list[str]:
    """A name that a legal form opens, with the form where other names have it; one that has two keeps both."""
    if len(tokens) < 2 or tokens[0] not in _OPENING_WORDS or tokens[-1] in _CLOSING:
        return tokens
    for form, spelling in _OPENING:
        if len(tokens) > len(form) and tuple(tokens[: len(form)]) == form:
            return [*tokens[len(form) :], spelling]
    return tokens


def bracketed(name: str) -> tuple[str, str] | None:
    """The parts of a name that ends in brackets, as lists and ledgers print a short or former name.

    Args:
        name: As printed, e.g. `Example Holdings Limited (Example)*`.

    Returns:
        What stands before the brackets and what stands in them; None where a name does not end so.
    """
    found = _BRACKETED.fullmatch(name)
    return (found["whole"], _CALLED.sub("", found["inside"])) if found else None


def is_short_for(short: str, norm: str) -> bool:
    """Whether a word in brackets only repeats the name before them: words of it, or its initials.

    Args:
        short: A result of `normalise`, e.g. `cscec`.
        norm: A result of `normalise`, e.g. `china state construction engineering corp ltd`.
    """
    if _HAN.search(norm):
        return len(short) > 1 and short in norm
    words = norm.split()
    if set(short.split()) <= set(words):
        return True
    if short in _PLACES:
        return False
    if len(short) < 3 or " " in short:
        return False
    # "China Three Gorges Corporation" is CTG or CTGC; what ties words together counts or not.
    words = core(norm).split()
    initials = {"".join(word[0] for word in words if word not in tied) for tied in ((), ("and", "of", "the", "for"))}
    return any(one.startswith(short) or (short[:-1] == one and short[-1] in _FORM_INITIALS) for one in initials)


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
    while len(tokens) > 1 and tokens[-1] in LEGAL_FORMS:
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
        for form, spelling in _FORMS_BY_FIRST.get(tokens[position], ()):
            # A legal form never opens a name: "Limited Brands" keeps its word. Those that do are moved whole.
            if position and tuple(tokens[position : position + len(form)]) == form:
                out.append(spelling)
                position += len(form)
                break
        else:
            out.append(tokens[position])
            position += 1
    return out


# Words that a group adds to its own name for a subsidiary: places, and the plainest lines of business.
_PLACES = frozenset(
    {
        "usa", "us", "america", "americas", "american", "north", "south", "latin", "europe", "european", "emea",
        "apac", "asia", "pacific", "africa", "middle", "east", "uk", "britain", "england", "deutschland",
        "germany", "france", "italia", "italy", "espana", "spain", "portugal", "nederland", "netherlands",
        "belgium", "belgie", "polska", "poland", "czech", "austria", "schweiz", "switzerland", "sverige",
        "sweden", "norway", "norge", "danmark", "denmark", "finland", "ireland", "canada", "mexico", "brasil",
        "brazil", "argentina", "chile", "colombia", "peru", "india", "japan", "korea", "singapore", "malaysia",
        "thailand", "vietnam", "indonesia", "philippines", "australia", "zealand", "turkey", "turkiye",
        "israel", "uae", "dubai", "hong", "kong", "taiwan", "china", "hungary", "romania",
    }
)  # fmt: skip
_LINES = frozenset(
    {
        "international", "global", "overseas", "worldwide", "holdings", "holding", "group", "technology",
        "technologies", "tech", "telecommunication", "telecommunications", "communications", "electronics",
        "devices", "device", "digital", "cloud", "services", "service", "solutions", "systems", "trading",
        "motors", "auto", "energy", "software",
    }
)  # fmt: skip


def stems(distinctive: str) -> list[str]:
    """Names of which a name reads as a branch: its beginnings that only places and lines of business follow.

    Args:
        distinctive: A result of `core`, e.g. `hikvision usa`.

    Returns:
        Longest first, e.g. `["hikvision"]`. A short one (ZTE, BYD) must be followed by a place at least.
    """
    words = distinctive.split()
    found = []
    for end in range(len(words) - 1, 0, -1):
        if words[end] not in _PLACES | _LINES:
            break
        stem = " ".join(words[:end])
        if not is_weak(stem) or (len(stem) >= 3 and _PLACES.intersection(words[end:])):
            found.append(stem)
    return found


def spelled_with_forms(distinctive: str) -> list[str]:
    """Every normal form a name with this distinctive part may have: by itself, and with each legal form."""
    return [distinctive, *(f"{distinctive} {form}" for form in sorted(LEGAL_FORMS))]
