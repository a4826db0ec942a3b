from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.scan.network.reading import DATA, accepts, read, text_of

from beholden.scan.network.zeek_x509 import ZeekX509

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

X509 = DATA / "zeek" / "x509.log"


def test_a_certificate_gives_the_host_it_was_issued_to_and_no_direction() -> None:
    rows = read(ZeekX509(), X509).rows
    assert [(row["value"], row["field"]) for row in rows] == [
        ("shop.example.com", "certificate.subject"),
        ("cdn.example.com", "san.dns"),
        ("self.example.com", "certificate.subject"),
    ]
    assert {(row["direction"], row["relation"], row["certainty"], row["own_host"]) for row in rows} == {
        ("none", None, "probable", None)
    }
    assert json.loads(rows[1]["detail"])["issuer"] == "CN=Test CA"


def test_what_is_left_out_is_counted() -> None:
    result = read(ZeekX509(), X509)
    assert dict(result.source.not_resolved) == {
        "certificate_other_hosts": 1,
        "certificate_of_an_authority": 1,
        "certificate_of_a_client": 1,
        "certificate_without_host": 1,
    }
    assert result.names == []
    assert "does not say who showed a certificate to whom" in result.source.notes[0]


def test_the_place_in_the_chain_goes_before_what_a_certificate_calls_itself(tmp_path: Path) -> None:
    path = tmp_path / "x509.log"
    path.write_text(
        "#path\tx509\n#fields\tts\tcertificate.subject\tbasic_constraints.ca\thost_cert\n"
        "1714521600.0\tCN=self.example.com\tT\tT\n"
        "1714521600.0\tCN=chain.example.com\tF\tF\n"
        "1714521600.0\tCN=old.example.com\tT\t-\n"
        "x\tCN=old.example.com\tF\tT\n"
    )
    result = read(ZeekX509(), path)
    assert [row["value"] for row in result.rows] == ["self.example.com"]
    assert dict(result.source.reasons) == {"time out of range": 1}


def test_other_logs_are_refused() -> None:
    for name in ("conn.log", "dns.log", "ssl.log", "http.log", "dhcp.log", "conn.dotted.json"):
        assert not accepts(ZeekX509(), (DATA / "zeek" / name).read_bytes()).accepted


def test_every_record_of_the_real_files_is_read(shared: Callable[[str], Path]) -> None:
    paths = sorted(shared("data/inputs/zeek").rglob("x509*"))
    assert len(paths) == 5
    for path in paths:
        source = read(ZeekX509(), path).source
        expected = sum(1 for line in text_of(path).splitlines() if line and not line.startswith("#"))
        assert (source.records_read, source.records_rejected) == (expected, 0), path


def test_tsv_and_json_of_the_same_capture_agree(shared: Callable[[str], Path]) -> None:
    tsv, lines = (
        {
            (row["value"], row["field"], row["count"])
            for row in read(ZeekX509(), shared(f"data/inputs/zeek/{name}")).rows
        }
        for name in ("zed-tsv/x509.log.gz", "zed-json/x509.json.gz")
    )
    assert tsv == lines
    assert len(tsv) > 50
