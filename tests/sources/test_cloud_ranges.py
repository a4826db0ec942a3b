"""Ranges of providers: every layout, wrong ranges, and the real files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from tests.sources.networks import EDITION, excerpt, of, plain, printed, read, written

from beholden.errors import SourceError
from beholden.schema.rows import Asset, Entity

FOLDER = "data/internet/cloud-ranges"


def test_a_provider_and_its_ranges() -> None:
    rows, reading = read("cloud_ranges", *excerpt("cloud_ranges", "collection"))
    entities = {row.id: (row.caption, row.caption_kind) for row in of(Entity, rows)}
    assert entities == {
        "cloud_ranges:aws": ("Amazon Web Services", "brand"),
        "cloud_ranges:example-cloud": ("Example Cloud", "brand"),
    }
    assert of(Asset, rows)[1] == Asset(
        id="ip:192.0.2.0/24:example-cloud",
        entity_id="cloud_ranges:example-cloud",
        kind="ip",
        value="192.0.2.0/24",
        relation="hosting",
        valid_from=date(2025, 7, 4),
    )
    assert (reading.read, reading.rejects) == (5, 0)


def test_a_provider_that_the_packs_have_is_that_party() -> None:
    rows, _ = read("cloud_ranges", *excerpt("cloud_ranges", "collection"))
    assert [row.value for row in of(Asset, rows) if row.entity_id == "tencent"] == ["203.0.113.128/25"]


@pytest.mark.parametrize(
    ("layout", "provider", "day", "ranges"),
    [
        ("warninglist", "azure-china", date(2024, 12, 3), ["192.0.2.0/24", "2001:db8:5::/48"]),
        ("aws", "aws", date(2025, 7, 3), ["192.0.2.0/26", "2001:db8:a::/48"]),
        ("google", "google-cloud", date(2025, 6, 14), ["192.0.2.64/26", "2001:db8:b::/48"]),
        ("oracle", "oracle-cloud", date(2025, 6, 14), ["192.0.2.128/26", "192.0.2.192/26"]),
        ("azure", "azure", None, ["198.51.100.0/26", "2001:db8:c::/48"]),
        ("fastly", "fastly", None, ["203.0.113.0/24", "2001:db8:d::/48"]),
    ],
)
def test_a_layout_of_a_provider(layout: str, provider: str, day: date | None, ranges: list[str]) -> None:
    paths = excerpt("cloud_ranges", layout)
    rows, reading = read("cloud_ranges", *paths)
    assert reading.layout == layout
    assert [row.value for row in of(Asset, rows)] == ranges
    assert {row.entity_id for row in of(Asset, rows)} == {f"cloud_ranges:{provider}"}
    assert {row.valid_from for row in of(Asset, rows)} == {day or EDITION}
    assert printed("cloud_ranges", *paths) == day


def collection(tmp_path: Path, **changes: Any) -> Path:
    value = {"provider": "X", "source": "", "last_update": "2025-07-04T01:25:02", "ipv4": [], "ipv6": []}
    return written(tmp_path, "x.json", json.dumps({**value, **changes}))


@pytest.mark.parametrize(
    ("cidr", "reason"),
    [
        pytest.param("192.0.2.1/24", "no network", id="bits beyond the length"),
        pytest.param("192.0.2.0/33", "no network", id="too long"),
        pytest.param("0.0.0.0/0", "network too wide", id="everybody's addresses"),
        pytest.param(5, "no network", id="a number"),
        pytest.param("cloud.example", "no network", id="a name"),
    ],
)
def test_a_wrong_range_is_rejected_and_the_rest_is_read(tmp_path: Path, cidr: Any, reason: str) -> None:
    rows, reading = read("cloud_ranges", collection(tmp_path, ipv4=["192.0.2.0/24", cidr]))
    assert (len(of(Asset, rows)), dict(reading.reasons)) == (1, {reason: 1})
    assert str(reading.rejected[0].origin) == "x.json#ipv4/1"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"last_update": "July"}, id="no date"),
        pytest.param({"provider": ""}, id="no provider"),
        pytest.param({"regions": []}, id="an unknown field"),
        pytest.param({"ipv6": "2001:db8::/32"}, id="no list"),
    ],
)
def test_a_file_whose_head_is_wrong_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(SourceError):
        read("cloud_ranges", collection(tmp_path, **changes))


def test_a_warninglist_of_something_else_is_refused(tmp_path: Path) -> None:
    value = {"list": [], "matching_attributes": [], "name": "Top 1000 websites", "type": "hostname", "version": 1}
    with pytest.raises(SourceError, match="not a provider's ranges"):
        read("cloud_ranges", written(tmp_path, "list.json", json.dumps(value)))


def test_every_real_range_is_read(shared: Callable[[str], Path]) -> None:
    paths = sorted(shared(FOLDER).iterdir())
    rows, reading = read("cloud_ranges", *paths)
    raw = [value for path in paths for value in re.findall(r'"([0-9a-f.:]+/[0-9]+)"', plain(path).decode())]
    assert (reading.read, reading.rejects) == (len(raw), 0) == (25768, 0)
    assert {row.value for row in of(Asset, rows)} == {str(ip_network(value)) for value in raw}
    assert len({row.id for row in of(Asset, rows)}) == len(of(Asset, rows))
    assert printed("cloud_ranges", *paths) == date(2026, 8, 11)


def test_spot_values_of_the_real_files(shared: Callable[[str], Path]) -> None:
    rows, _ = read("cloud_ranges", *sorted(shared(FOLDER).iterdir()))
    known = {row.id: (row.entity_id, str(row.valid_from)) for row in of(Asset, rows)}
    assert known["ip:103.81.186.0/23:alibaba"] == ("alibaba", "2025-07-04")
    assert known["ip:1.178.32.0/20:huawei-cloud"] == ("huawei", "2025-07-05")
    assert known["ip:1.116.0.0/15:tencent"] == ("tencent", "2025-06-15")
    assert known["ip:103.9.10.0/24:azure-china"] == ("cloud_ranges:azure-china", "2024-12-03")
    assert known["ip:2a02:26f0::/32:akamai"] == ("cloud_ranges:akamai", "2025-05-06")
