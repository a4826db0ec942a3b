"""The page on logs of resolvers and proxies: what it promises, through the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.command import run_process

if TYPE_CHECKING:
    from pathlib import Path

BUCKET = "shop.oss-cn-hangzhou.aliyuncs.com"
DNSMASQ = f"""\
May  1 08:00:01 dnsmasq[812]: query[A] {BUCKET} from 192.168.1.5
May  1 08:00:01 dnsmasq[812]: forwarded {BUCKET} to 223.5.5.5
May  1 08:00:01 dnsmasq[812]: reply {BUCKET} is 192.0.2.1
May  1 08:00:02 dnsmasq[812]: query[A] api.deepseek.com from 192.168.1.6
May  1 08:00:02 dnsmasq[812]: config api.deepseek.com is 0.0.0.0
"""
SQUID = f"1777622460.125  60125 10.0.0.5 TCP_TUNNEL/200 5120 CONNECT {BUCKET}:443 - HIER_DIRECT/192.0.2.1 -\n"
DENIED = "1777622460.125  0 10.0.0.5 TCP_DENIED/403 3900 CONNECT api.deepseek.com:443 - HIER_NONE/- text/html\n"


def artefacts(folder: Path, *arguments: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Value and relation → the artefact, of the findings on a folder."""
    answer = run_process("scan", ".", "--as-of", "2026-08-01", "--format", "json", *arguments, cwd=folder)
    assert answer.code == 0, answer.err
    found = [finding["artefact"] for finding in answer.document["findings"]]
    return {(artefact["value"], artefact["relation"]): artefact for artefact in found}


def test_a_query_is_of_a_service_forwarding_is_of_a_resolver_and_what_is_blocked_is_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "dnsmasq.log-20260501").write_text(DNSMASQ)
    found = artefacts(tmp_path)
    assert set(found) == {("aliyuncs.com", "service_endpoint"), ("223.5.5.5", "dns_resolver")}
    assert found["aliyuncs.com", "service_endpoint"]["first_seen"] == "2026-05-01T08:00:01+00:00"
    assert [host["value"] for host in found["aliyuncs.com", "service_endpoint"]["own_hosts"]["top"]] == ["192.168.1.5"]


def test_a_proxy_tells_what_was_received_and_denies_without_sending(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(SQUID + DENIED)
    found = artefacts(tmp_path)
    assert set(found) == {("aliyuncs.com", "service_endpoint")}
    assert found["aliyuncs.com", "service_endpoint"]["quantities"] == [
        {"amount": "5120", "unit": "By", "what": "received"}
    ]


def test_lines_without_a_year_are_dated_by_one_word_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "dnsmasq.log").write_text(DNSMASQ)
    assert {artefact["first_seen"] for artefact in artefacts(tmp_path).values()} == {None}
    (tmp_path / "beholden.toml").write_text('[columns."dnsmasq.log"]\nyear = "=2025"\n')
    dated = artefacts(tmp_path, "--profile", "beholden.toml")
    assert {artefact["first_seen"][:10] for artefact in dated.values()} == {"2025-05-01"}
