from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import DATA

from beholden.errors import ScanError
from beholden.scan.interface import Scanner, Watch
from beholden.scan.network.bind_queries import BindQueries
from beholden.scan.network.dnsmasq_queries import DnsmasqQueries
from beholden.scan.network.route53 import Route53Resolver
from beholden.scan.network.squid_access import SquidAccess
from beholden.scan.network.umbrella_dns import UmbrellaDns
from beholden.scan.network.unbound import Unbound
from beholden.scan.network.vpc_flow import VpcFlow
from beholden.scan.network.web_access import WebAccess
from beholden.scan.network.zeek_conn import ZeekConn
from beholden.scan.network.zeek_dns import ZeekDns
from beholden.scan.network.zeek_ssl import ZeekSsl
from beholden.scan.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

LOGS = [
    pytest.param(ZeekConn(), "zeek/conn.log", id="zeek-conn"),
    pytest.param(ZeekDns(), "zeek/dns.log", id="zeek-dns"),
    pytest.param(ZeekSsl(), "zeek/ssl.log", id="zeek-ssl"),
    pytest.param(VpcFlow(), "vpcflow/default.log", id="vpc-flow"),
    pytest.param(Route53Resolver(), "route53/resolver.json", id="route53-resolver"),
    pytest.param(BindQueries(), "bind/queries.log", id="bind-queries"),
    pytest.param(Unbound(), "unbound/unbound.log", id="unbound"),
    pytest.param(DnsmasqQueries(), "dnsmasq-queries/pihole.log", id="dnsmasq-queries"),
    pytest.param(UmbrellaDns(), "umbrella/dns.csv", id="umbrella-dns"),
    pytest.param(SquidAccess(), "squid/access.log", id="squid-access"),
    pytest.param(WebAccess(), "web-access/proxy.log", id="web-access"),
]


@pytest.mark.parametrize(("scanner", "log"), LOGS)
def test_what_was_read_before_damage_is_given_and_told_before_the_error(
    scanner: Scanner, log: str, tmp_path: Path
) -> None:
    whole = Source(DATA / log, "log")
    expected = [row for batch in scanner.scan(whole, Watch()) for row in batch.to_pylist()]
    path = tmp_path / "log"
    # Without its trailer the stream is damaged, but every line has come out of it.
    path.write_bytes(gzip.compress((DATA / log).read_bytes())[:-8])
    cut = Source(path, "log")
    batches: list[pa.RecordBatch] = []
    with pytest.raises(ScanError):
        batches.extend(scanner.scan(cut, Watch()))
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert rows == expected != []
    assert (cut.records_read, cut.notes, cut.not_resolved) == (whole.records_read, whole.notes, whole.not_resolved)
    assert cut.records_read > 0
