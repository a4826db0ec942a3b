from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import accepts, read

from beholden.scan.network.json_lines import json_object, leading_objects, whole_object
from beholden.scan.network.zeek_conn import ZeekConn
from beholden.scan.network.zeek_dns import ZeekDns
from beholden.scan.network.zeek_http import ZeekHttp
from beholden.scan.network.zeek_ssl import ZeekSsl
from beholden.scan.network.zeek_x509 import ZeekX509
from beholden.scan.source import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from beholden.scan.interface import Scanner


@pytest.mark.parametrize("text", ["", "[]", "1", "{", '{"a":}', "{" * 100_000, '{"a":' * 100_000, "null", "\x00"])
def test_what_is_no_object_is_none(text: str) -> None:
    assert json_object(text) is None


def test_an_object_over_several_lines_is_one() -> None:
    lines = ["{", ' "a": {', ' "b": 1', " }", "}", '{"c":2}', "x", "{", '"d": 3']
    assert list(leading_objects(lines)) == [{"a": {"b": 1}}, {"c": 2}]


def test_an_object_without_an_end_is_cut_and_what_follows_is_read_on() -> None:
    size = MAX_LINE_BYTES // 4
    lines = iter(enumerate([f" {'a' * size}"] * 10, 2))
    text = whole_object("{", lines)
    assert MAX_LINE_BYTES < len(text) < MAX_LINE_BYTES + 2 * size
    assert len(list(lines)) == 6


def test_the_line_of_an_object_is_the_one_it_begins_on(tmp_path: Path) -> None:
    path = tmp_path / "dns.log"
    ends = '"id.orig_h":"10.0.0.5",\n"id.resp_h":"10.0.0.1"'
    record = f'{{\n"_path":"dns",\n"ts":1714521600.0,\n{ends},\n"query":"a.example.com"\n}}\n'
    path.write_text(record + "{\nbroken\n}\n" + record)
    result = read(ZeekDns(), path)
    assert [row["lines"] for row in result.rows] == [[1, 11]]
    assert (result.source.records_read, dict(result.source.reasons)) == (2, {"not a JSON object": 1})


@pytest.mark.parametrize(
    ("scanner", "sample"),
    [
        (ZeekConn(), "v1.3.0/conn_log"),
        (ZeekConn(), "v1.4.0/conn_log"),
        (ZeekDns(), "v1.3.0/dns_log"),
        (ZeekHttp(), "v1.3.0/http_log"),
        (ZeekSsl(), "v1.3.0/ssl_log"),
        (ZeekX509(), "v1.4.0/x509_log"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_samples_that_stand_over_several_lines_are_read(
    scanner: Scanner, sample: str, shared: Callable[[str], Path]
) -> None:
    name = sample.partition("/")[2]
    path = shared(f"data/inputs/ocsf/Zeek/{sample}/samples/{name}.raw")
    assert accepts(scanner, path.read_bytes()).accepted
    source = read(scanner, path).source
    assert (source.records_read, source.records_rejected) == (1, 0)
