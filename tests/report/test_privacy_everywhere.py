"""No field of a result lets anything private into a file meant for sharing: found by walking the structs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.rendering import rendered
from tests.report.planted import ADDRESS, COMPANY, FQDN, HOST, LISTED, NOT_OURS, OF_LAW, OURS, PEOPLE, planted_result

from beholden.report import privacy
from beholden.report.privacy import PUBLIC, PUBLISHED, for_sharing
from beholden.report.registry import REPORTS
from beholden.schema.result import ScanResult

KEYS = [pytest.param(None, id="numbered"), pytest.param(b"k" * 32, id="keyed")]
# All but the user's own formats: a report that is added later is shared until someone says otherwise.
SHARED = [report for report in REPORTS if report.name not in {"json", "jsonl", "parquet", "csv"}]


def _texts(item: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(item, str):
        yield place, item
    elif isinstance(item, list):
        for inner in item:
            yield from _texts(inner, f"{place}[]")
    elif isinstance(item, dict):
        for key, inner in item.items():
            yield from _texts(key, f"{place}{{key}}")
            yield from _texts(inner, f"{place}{{}}")
    elif isinstance(item, msgspec.Struct):
        for name in item.__struct_fields__:
            yield from _texts(getattr(item, name), f"{place}.{name}")


def _holding(document: ScanResult, marker: str) -> list[str]:
    return sorted({place for place, text in _texts(document, "result") if marker.casefold() in text.casefold()})


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("marker", [*OURS, *PEOPLE])
def test_no_field_of_a_shared_result_holds_it(marker: str, key: bytes | None) -> None:
    document = planted_result()
    assert len(_holding(document, marker)) >= 3, "the marker is planted"
    assert _holding(for_sharing(document, key), marker) == []


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("report", SHARED, ids=lambda report: report.name)
def test_no_rendered_report_holds_it_unless_asked(report: Any, key: bytes | None) -> None:
    document = planted_result()
    shared = rendered(report, document, key=key).decode().casefold()
    personal = rendered(report, document, show_personal=True, key=key).decode().casefold()
    assert [marker for marker in (*OURS, *PEOPLE) if marker.casefold() in shared] == []
    lifted = {marker for marker in (HOST, FQDN, ADDRESS, LISTED, "5e:7d:3c") if marker.casefold() in personal}
    pseudonym = r"host-[a-z2-7]{8}\b" if key else r"host-\d+\b"
    assert re.search(pseudonym, shared)
    assert not re.search(pseudonym, personal)
    assert lifted == {HOST, FQDN, ADDRESS, LISTED, "5e:7d:3c"}


def test_every_field_kept_as_public_is_known_here_too() -> None:
    """A field becomes public by two entries, in the code and in this list, so that nobody adds one in passing."""
    kept = {kind: set(fields) for kind, fields in PUBLIC.items()}
    unknown = {
        f"{kind.__name__}.{name}"
        for kind, fields in kept.items()
        for name in fields - NOT_OURS.get(kind, set())
        if any(word in str(kind.__annotations__[name]) for word in ("str", "Any"))
    }
    assert unknown == {"EntityRef.jurisdictions", "EntityRef.schema"}


def test_the_texts_of_the_law_are_those_known_here() -> None:
    assert {kind: set(fields) for kind, fields in privacy.OF_LAW.items()} == OF_LAW


def test_every_field_named_as_public_exists() -> None:
    named = {f"{kind.__name__}.{name}" for table in (PUBLIC, PUBLISHED) for kind in table for name in table[kind]}
    existing = {f"{kind.__name__}.{name}" for kind in {*PUBLIC, *PUBLISHED} for name in kind.__struct_fields__}
    assert named - existing == set()


def test_law_and_parties_are_the_same_words() -> None:
    document = planted_result()
    shown = for_sharing(document)
    [finding], [before] = shown.findings, document.findings
    assert finding.operator == COMPANY
    assert [rule.duties for rule in finding.consequences] == [rule.duties for rule in before.consequences]
    assert (shown.kb, shown.as_of, finding.id) == (document.kb, document.as_of, before.id)


def test_a_text_says_the_same_apart_from_the_names() -> None:
    [finding] = for_sharing(planted_result(), b"k" * 32).findings
    assert re.fullmatch(
        r"Seen: host-\w{8}, host-\w{8}: host-\w{8} \(host-\w{8}\) \[host-\w{8}\] host-\w{8}:443 "
        r"interface-\w{8} account-\w{8} "
        r"(44:19:b6··\w{8}) \1 \1 \1 x\.csv by user-\w{8} and person-\w{8}\.",
        finding.why,
    )
