"""Domains by list: rules of every kind, lists of parties and of nobody, and the real lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.builders import core_kb
from tests.sources.networks import EDITION, excerpt, of, read, written

from beholden.errors import SourceError
from beholden.schema.rows import Asset
from beholden.sources import source_called

FOLDER = "data/internet/domains/v2fly"


def test_domains_of_a_party_s_list_are_its_endpoints() -> None:
    rows, reading = read("v2fly_domains", *excerpt("v2fly_domains", "list"))
    assert rows[0] == Asset(
        id="domain:cloud.example:v2fly_domains",
        entity_id="alibaba",
        kind="domain",
        value="cloud.example",
        relation="service_endpoint",
        valid_from=EDITION,
    )
    assert [(row.value, row.entity_id) for row in of(Asset, rows)[1:]] == [
        ("login.cloud.example", "alibaba"),
        ("metrics.cloud.example", "alibaba"),
        ("pay.alipay.com", "ant"),
    ]
    assert (reading.read, reading.rejects) == (10, 0)


def test_what_gives_no_rows_is_said() -> None:
    _, reading = read("v2fly_domains", *excerpt("v2fly_domains", "list"))
    assert reading.notes == [
        "lists that stand for no party of the packs, with their domains: example-shop (2)",
        "rules that are no domain: 1 included lists, 1 key words, 1 regular expressions, 1 top-level domains",
    ]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        pytest.param("cloud.example @paid", "unknown mark", id="an unknown mark"),
        pytest.param("prefix:cloud.example", "unknown kind of rule", id="an unknown kind"),
        pytest.param("cloud_.-.example", "no domain", id="no domain"),
        pytest.param("https://cloud.example/", "unknown kind of rule", id="an address of a page"),
        pytest.param(f"{'a' * 64}.example", "no domain", id="a label too long"),
    ],
)
def test_a_wrong_rule_is_rejected_and_the_rest_is_read(tmp_path: Path, rule: str, reason: str) -> None:
    rows, reading = read("v2fly_domains", written(tmp_path, "alibaba", f"good.example\n{rule}\n"))
    assert (len(rows), dict(reading.reasons)) == (1, {reason: 1})
    assert str(reading.rejected[0].origin) == "alibaba:2"


@pytest.mark.parametrize("text", ["", "# only remarks\n", '{"a": 1}\n', "<html>\n"])
def test_another_layout_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="v2fly_domains reads list"):
        read("v2fly_domains", written(tmp_path, "alibaba", text))


def test_the_tables_name_parties_of_the_packs_and_agree_with_them() -> None:
    kb = core_kb()
    descriptor = source_called("v2fly_domains").descriptor
    parties = {*descriptor.lookup("lists").values(), *descriptor.lookup("domains").values()}
    assert [party for party in sorted(parties) if kb.entity(party) is None] == []
    for domain, party in descriptor.lookup("domains").items():
        held = {asset.entity_id for asset in kb.assets("domain", [domain])}
        assert held <= {party}


def test_every_real_rule_is_read(shared: Callable[[str], Path]) -> None:
    paths = sorted(shared(FOLDER).iterdir())
    rows, reading = read("v2fly_domains", *paths)
    rules = [
        (path.name, line.split("#")[0].split()[0])
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.split("#")[0].strip()
    ]
    assert (reading.read, reading.rejects) == (len(rules), 0) == (4092, 0)
    owned = source_called("v2fly_domains").descriptor.lookup("lists")
    expected = {
        rule.removeprefix("full:").removeprefix("domain:").lower()
        for name, rule in rules
        if name in owned and not rule.startswith(("include:", "keyword:", "regexp:")) and "." in rule
    }
    assert {row.value for row in of(Asset, rows)} == expected
    assert len(of(Asset, rows)) == len(expected) == 1756


def test_no_real_domain_is_given_to_another_party_than_the_packs_give_it_to(shared: Callable[[str], Path]) -> None:
    rows, _ = read("v2fly_domains", *sorted(shared(FOLDER).iterdir()))
    kb = core_kb()
    differing = {
        (row.value, row.entity_id, held.entity_id)
        for row in of(Asset, rows)
        for held in kb.assets("domain", [row.value])
        if held.entity_id != row.entity_id
    }
    assert differing == set()


def test_spot_values_of_the_real_lists(shared: Callable[[str], Path]) -> None:
    rows, _ = read("v2fly_domains", *sorted(shared(FOLDER).iterdir()))
    holders = {row.value: row.entity_id for row in of(Asset, rows)}
    assert (holders["aliyun.com"], holders["alipay.com"]) == ("alibaba", "ant")
    assert (holders["hikvision.com"], holders["ezviz.com"]) == ("hikvision", "ezviz")
    assert (holders["analytics.tiktok.com"], holders["deepseek.com"]) == ("bytedance", "deepseek")
    assert "google.com" not in holders
