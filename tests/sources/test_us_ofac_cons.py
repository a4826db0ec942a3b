"""The consolidated list in its layouts: our excerpts exactly, real files against counts made without our parser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.sources.ofac_reading import Read, excerpt, raw, raw_rows

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Identifier, Name, Ownership

Shared = Callable[[str], Path]
SLUG = "us_ofac_cons"
LEGACY = ("cons_prim", "cons_add", "cons_alt", "cons_comments")
NAMES = {
    "Sectoral Sanctions Identifications List": "us-ofac-ssi",
    "Non-SDN Palestinian Legislative Council List": "us-ofac-plc",
    "Non-SDN CMIC List": "us-ofac-nscmic",
    "Non-SDN Menu-Based Sanctions List": "us-ofac-mbs",
    "CAPTA List": "us-ofac-capta",
    "FSE List": "us-ofac-fse",
}
CMIC = (date(2021, 8, 2), date(2021, 6, 3), "CMIC, listed 2021-06-03; purchase or sale to divest until 2022-06-03")


@pytest.mark.parametrize("layout", ["legacy-csv", "enhanced-xml", "advanced-xml", "simple-xml"])
def test_an_entry_takes_effect_on_one_day_and_is_public_on_another(layout: str) -> None:
    read = Read(SLUG, *excerpt(SLUG, layout))
    assert read.dated("200") == {"us-ofac-nscmic:ofac:200": CMIC}
    assert read.lists("200") == {"us-ofac-nscmic": "CMIC-EO13959"}
    assert read.entity("200").schema == "Company"


def test_programmes_say_the_list_where_the_file_does_not() -> None:
    read = Read(SLUG, *excerpt(SLUG, "legacy-csv"))
    assert {(row.entity_id, row.regime_id) for row in read.of(Entry)} == {
        ("ofac:200", "us-ofac-nscmic"),
        ("ofac:201", "us-ofac-ssi"),
        ("ofac:201", "us-ofac-mbs"),  # its directive is printed with its days, and no risk of a blocked party
        ("ofac:203", "us-ofac-plc"),
        ("ofac:204", "us-ofac-capta"),
        ("ofac:205", "us-ofac-fse"),
        ("ofac:206", "us-ofac-capta"),
        ("ofac:207", "us-ofac-mbs"),
    }
    assert read.dated("206") == {
        "us-ofac-capta:ofac:206:eo-14024-directive-2": (
            date(2022, 3, 26),
            date(2022, 2, 24),
            "EO 14024 Directive 2, listed 2022-02-24",
        )
    }
    assert read.dated("204") == {}
    assert (read.reading.read, read.reading.rejects) == (11, 0)


@pytest.mark.parametrize(
    ("printed", "lists", "reason"),
    [
        ("UKRAINE-EO13662] [SDGT", {"us-ofac-ssi"}, None),
        ("UKRAINE-EO13662] [FROB-EO99999", set(), "unknown programme"),
        ("RUSSIA-EO14024] [CMIC-EO99999", set(), "unknown programme"),
        ("SDGT", set(), "programmes of no list of this publication"),
    ],
)
def test_every_programme_has_to_be_known(tmp_path: Path, printed: str, lists: set[str], reason: str | None) -> None:
    text = "".join(
        f'{uid},"EXAMPLE","-0-","{tags}",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
        for uid, tags in ((900, printed), (901, "NS-PLC"))
    )
    (tmp_path / "cons_prim.csv").write_text(text + "\x1a", newline="")
    read = Read(SLUG, tmp_path / "cons_prim.csv")
    assert set(read.lists("900")) == lists
    assert dict(read.reading.reasons) == ({reason: 1} if reason else {})
    assert {row.is_complete for row in read.of(Edition)} == {reason is None}
    assert set(read.lists("901")) == {"us-ofac-plc"}


_DIRECTIVE_3 = "Listing Date (EO 14024 Directive 3): 24 Feb 2022; Effective Date (EO 14024 Directive 3): 26 Mar 2022"
_DIRECTIVE_2 = _DIRECTIVE_3.replace("Directive 3", "Directive 2")
_BLOCKED = "; alt. Secondary sanctions risk: See Section 11 of Executive Order 14024."
_OTHER_RISK = "; Secondary sanctions risk: Ukraine-/Russia-Related Sanctions Regulations, 31 CFR 589.201 and/or 589.209"


@pytest.mark.parametrize(
    ("remarks", "lists"),
    [
        (_DIRECTIVE_3, {"us-ofac-ssi", "us-ofac-mbs"}),
        (_DIRECTIVE_3 + _OTHER_RISK, {"us-ofac-ssi", "us-ofac-mbs"}),
        (_DIRECTIVE_2, {"us-ofac-ssi", "us-ofac-capta"}),
        (f"{_DIRECTIVE_2}; {_DIRECTIVE_3}", {"us-ofac-ssi", "us-ofac-capta", "us-ofac-mbs"}),
        # Who is blocked under the order is on the SDN list, and was taken off these; its days go on being printed.
        (_DIRECTIVE_3 + _BLOCKED, {"us-ofac-ssi"}),
        # No directive: the programme is that of an SDN entry.
        (_OTHER_RISK[2:], {"us-ofac-ssi"}),
    ],
)
def test_a_party_of_two_lists_is_lost_from_neither(tmp_path: Path, remarks: str, lists: set[str]) -> None:
    row = f'900,"EXAMPLE","-0-","UKRAINE-EO13662] [RUSSIA-EO14024",{"-0- ," * 7}"{remarks}"\r\n\x1a'
    (tmp_path / "cons_prim.csv").write_text(row, newline="")
    read = Read(SLUG, tmp_path / "cons_prim.csv")
    assert (set(read.lists("900")), read.reading.rejects) == (lists, 0)


@pytest.mark.parametrize(
    ("layout", "old", "new", "reasons"),
    [
        (
            "legacy-csv",
            "Effective Date (CMIC)",
            "Effective Day (CMIC)",
            {"unknown item in the remarks", "no day on which an entry takes effect"},
        ),
        (
            "enhanced-xml",
            "Effective Date (CMIC)",
            "Effective Day (CMIC)",
            {"unknown feature", "no day on which an entry takes effect"},
        ),
        (
            "legacy-csv",
            "Effective Date (EO 14024 Directive 2)",
            "effective day (EO 14024 Directive 2)",
            {"no day on which an entry takes effect"},
        ),
    ],
)
def test_the_day_of_listing_is_not_taken_for_the_day_of_effect(
    layout: str, old: str, new: str, reasons: set[str], tmp_path: Path
) -> None:
    paths = []
    for path in excerpt(SLUG, layout):
        text = path.read_text(encoding="utf-8")
        head, mark, rest = text.rpartition("<entities>")
        (tmp_path / path.name).write_text(head + mark + rest.replace(old, new), encoding="utf-8", newline="")
        paths.append(tmp_path / path.name)
    read, whole = Read(SLUG, *paths), Read(SLUG, *excerpt(SLUG, layout))
    assert read.reading.reasons.keys() == reasons
    lost = "us-ofac-capta:ofac:206:eo-14024-directive-2" if "14024" in old else "us-ofac-nscmic:ofac:200"
    assert {row.id for row in whole.of(Designation)} - {row.id for row in read.of(Designation)} == {lost}
    assert read.of(Entry) == whole.of(Entry)


def test_a_security_is_known_by_its_number_and_its_issuer() -> None:
    read = Read(SLUG, *excerpt(SLUG, "legacy-csv"))
    assert read.identifiers("200") == [
        ("ticker", "0000 HK", "Equity Ticker"),
        ("ticker", "EXMP US", "Equity Ticker"),
        ("isin", "US000EXMPL11", None),
        ("uscc", "91110000MA0EXAMPYA", None),
    ]
    assert read.names("200") == [("Example Semiconductor Co", "alias"), ("EXAMPLE SEMI", "alias")]


def test_lists_that_the_file_names() -> None:
    read = Read(SLUG, *excerpt(SLUG, "enhanced-xml"))
    assert set(read.lists("201")) == {"us-ofac-ssi", "us-ofac-mbs"}
    assert read.dated("201") == {
        "us-ofac-ssi:ofac:201": (date(2014, 7, 16), date(2014, 7, 16), None),
        "us-ofac-mbs:ofac:201:eo-14024-directive-3": (
            date(2022, 3, 26),
            date(2022, 2, 24),
            "EO 14024 Directive 3, listed 2022-02-24",
        ),
    }
    assert set(read.lists("202")) == {"us-ofac-ssi", "us-ofac-sdn"}
    assert set(read.lists("204")) == {"us-ofac-capta"}
    assert set(read.lists("205")) == {"us-ofac-fse"}


def test_a_relation_with_a_party_of_another_publication_is_said() -> None:
    read = Read(SLUG, *excerpt(SLUG, "enhanced-xml"))
    assert [row.id for row in read.of(Ownership)] == ["ofac:201>ofac:202:control@"]
    assert read.reading.notes == ["1 relations of ownership or control are with a party of another publication"]


@pytest.mark.parametrize(("layout", "named"), [("legacy-csv", set()), ("enhanced-xml", {"us-ofac-sdn"})])
def test_every_list_has_its_edition_and_one_that_is_only_named_omits_nobody(layout: str, named: set[str]) -> None:
    editions = {row.regime_id: row.is_complete for row in Read(SLUG, *excerpt(SLUG, layout)).of(Edition)}
    whole = {f"us-ofac-{name}" for name in ("nscmic", "ssi", "mbs", "capta", "fse", "plc")}
    assert editions == dict.fromkeys(whole, True) | dict.fromkeys(named, False)


@pytest.mark.parametrize(
    ("slug", "name", "others"),
    [("us_ofac_sdn", "cons_prim.2025-12-19", "145 of 442"), (SLUG, "sdn.2024-05-03", "10023 of 14965")],
)
def test_of_the_real_files_neither_passes_for_the_other(slug: str, name: str, others: str, shared: Shared) -> None:
    path = shared(f"data/lists/ofac/{name}.csv.gz")
    with pytest.raises(SourceError, match=f"{others} parties have programmes that are of no list of {slug}"):
        Read(slug, path)


def test_the_sdn_list_is_refused() -> None:
    with pytest.raises(
        SourceError, match="4 of 5 parties have programmes that are of no list of us_ofac_cons"
    ) as caught:
        Read(SLUG, *excerpt("us_ofac_sdn", "legacy-csv", "sdn.csv"))
    assert caught.value.code == "source.other-publication"
    with pytest.raises(SourceError, match="expected Consolidated List"):
        Read(SLUG, *excerpt("us_ofac_sdn", "enhanced-xml"))
    with pytest.raises(SourceError, match="the layout is packaged-json"):
        Read(SLUG, *excerpt("us_ofac_sdn", "packaged-json"))


class TestRealFiles:
    """Shared files: counts made without our parser, and values read by eye."""

    def test_enhanced_xml(self, shared: Shared) -> None:
        path = shared("data/lists/ofac/CONS_ENHANCED.2025-01-10.XML.gz")
        text = raw(path).partition("<entities>")[2]
        read = Read(SLUG, path)
        assert read.printed == date(2025, 1, 10)
        assert (read.reading.read, read.reading.rejects) == (len(re.findall(r"<entity id=", text)), 0) == (443, 0)
        lists = Counter(re.findall(r"<sanctionsList [^>]*>([^<]*)<", text))
        ours = Counter(row.regime_id for row in read.of(Entry))
        assert ours == {
            "us-ofac-ssi": lists["Sectoral Sanctions Identifications List"],
            "us-ofac-plc": lists["Non-SDN Palestinian Legislative Council List"],
            "us-ofac-nscmic": lists["Non-SDN CMIC List"],
            "us-ofac-mbs": lists["Non-SDN Menu-Based Sanctions List"],
            "us-ofac-capta": lists["CAPTA List"],
            "us-ofac-fse": lists["FSE List"],
            "us-ofac-sdn": lists["SDN List"],
        }
        weak = [block for block in re.findall(r"<name id=.*?</name>", text, re.DOTALL) if "LowQuality>true" in block]
        assert len(weak) == 70
        assert sum(row.kind == "weak" for row in read.of(Name)) == sum(
            block.count("<formattedFullName>") for block in weak
        )
        assert len(read.of(Ownership)) == text.count(">Owned or Controlled By<") + text.count(">Owns, controls,")
        # Read in the file: China Telecom; Gazprombank is on the SSI list and, since 2024, on the SDN list.
        assert read.dated("30882") == {"us-ofac-nscmic:ofac:30882": CMIC}
        assert ("isin", "US1694261033", None) in read.identifiers("30882")
        assert ("uscc", "9111000071093019X7", None) in read.identifiers("30882")
        assert read.entity("30882").jurisdictions == ["cn"]
        assert set(read.lists("17016")) == {"us-ofac-ssi", "us-ofac-sdn"}
        assert read.dated("17016")["us-ofac-sdn:ofac:17016"][:2] == (date(2024, 11, 21), date(2024, 11, 21))
        assert ("lei", "253400WSS48YWMBUA688", None) in read.identifiers("17016")

    def test_legacy_csv(self, shared: Shared) -> None:
        paths = [shared(f"data/lists/ofac/{name}.2025-12-19.csv.gz") for name in LEGACY]
        tables = [list(raw_rows(path)) for path in paths]
        read = Read(SLUG, *paths)
        assert (read.reading.read, read.reading.rejects) == (sum(map(len, tables)), 0) == (442 + 574 + 1073 + 10, 0)
        assert read.reading.notes == []
        assert len(read.of(Entity)) == 442
        tagged = Counter(tag for row in tables[0] for tag in row[3].split("] ["))
        ours = Counter(row.regime_id for row in read.of(Entry))
        assert ours == {
            "us-ofac-ssi": tagged["UKRAINE-EO13662"],
            "us-ofac-plc": tagged["NS-PLC"],
            "us-ofac-nscmic": tagged["CMIC-EO13959"],
            "us-ofac-capta": tagged["561-Related"],
            # of its other programme, EO 14024, six parties have no other, and three are on the SSI list as well
            "us-ofac-mbs": sum(tagged[tag] for tag in ("CAATSA - RUSSIA", "BURMA-EO14014", "ILLICIT-DRUGS-EO14059"))
            + 6
            + 3,
        }
        assert ours["us-ofac-nscmic"] == 68
        whole = "\n".join(row[11] for row in tables[0]) + "\n".join(row[1] for row in tables[3])
        assert whole.count("Listing Date (CMIC)") == 68
        isins = {(row.entity_id, row.value) for row in read.of(Identifier) if row.kind == "isin"}
        assert len(isins) == 160
        assert sum(row.kind == "former" for row in read.of(Name)) == sum(row[2] == "fka" for row in tables[2]) == 141

    def test_both_layouts_agree_on_the_parties_that_they_share(self, shared: Shared) -> None:
        legacy = Read(SLUG, *(shared(f"data/lists/ofac/{name}.2025-12-19.csv.gz") for name in LEGACY))
        enhanced = Read(SLUG, shared("data/lists/ofac/CONS_ENHANCED.2025-01-10.XML.gz"))
        both = {row.id for row in legacy.of(Entity)} & {row.id for row in enhanced.of(Entity)}
        assert len(both) > 430

        def dated(read: Read) -> dict[str, tuple[date | None, date | None]]:
            found = [row for row in read.of(Designation) if row.entity_id in both and row.note]
            return {row.id: (row.valid_from, row.published_at) for row in found}

        # Where neither names the day of a directive the rows have no note.
        assert dated(legacy) == dated(enhanced)
        assert len(dated(legacy)) >= 68 + 9

    def test_programmes_put_every_party_on_the_lists_that_the_other_layout_names(self, shared: Shared) -> None:
        text = raw(shared("data/lists/ofac/CONS_ENHANCED.2025-01-10.XML.gz")).partition("<entities>")[2]
        blocks = re.findall(r'<entity id="(\d+)".*?<sanctionsLists>(.*?)</sanctionsLists>', text, re.DOTALL)
        named = {
            uid: {NAMES[name] for name in re.findall(r"<sanctionsList [^>]*>([^<]*)<", block) if name in NAMES}
            for uid, block in blocks
        }
        legacy = Read(SLUG, *(shared(f"data/lists/ofac/{name}.2025-12-19.csv.gz") for name in LEGACY))
        ours = {row.id.removeprefix("ofac:"): set[str]() for row in legacy.of(Entity)}
        for row in legacy.of(Entry):
            ours[row.entity_id.removeprefix("ofac:")].add(row.regime_id)
        assert len(ours.keys() & named.keys()) == 442
        assert {uid: lists for uid, lists in ours.items() if lists != named[uid]} == {}
        # Read in both files: Gazprom, Rosselkhozbank and Transneft are on two lists.
        assert all(ours[uid] == {"us-ofac-ssi", "us-ofac-mbs"} for uid in ("17014", "17250", "17254"))
