"""Which fixtures each registered scanner reads; a new scanner without one fails the contract."""

from __future__ import annotations

from pathlib import Path

from beholden.scan.interface import OwnWifi, Watch

DATA = Path(__file__).resolve().parents[1] / "data"

SAMPLES: dict[str, tuple[str, ...]] = {
    "cyclonedx-json": ("cyclonedx/shop.cdx.json",),
    "package-lock": ("package-lock/v3.package-lock.json", "package-lock/v1.package-lock.json"),
    "pipfile-lock": ("pipfile-lock/Pipfile.lock",),
    "uv-lock": ("uv-lock/uv.lock",),
    "go-mod": ("go-mod/go.mod",),
    "maven-pom": ("pom/pom.xml",),
    "requirements-txt": ("requirements-txt/requirements.txt",),
    "zeek-conn": ("zeek/conn.log", "zeek/conn.nested.json", "zeek/conn.dotted.json"),
    "zeek-dns": ("zeek/dns.log",),
    "zeek-ssl": ("zeek/ssl.log",),
    "zeek-http": ("zeek/http.log",),
    "zeek-x509": ("zeek/x509.log", "zeek/x509.json"),
    "zeek-dhcp": ("zeek/dhcp.log",),
    "suricata-eve": ("suricata/eve.json", "suricata/netflow.firewall.json"),
    "route53-resolver": ("route53/resolver.json",),
    "bind-queries": ("bind/queries.log",),
    "unbound": ("unbound/unbound.log",),
    "dnsmasq-queries": ("dnsmasq-queries/dnsmasq.log-20260501", "dnsmasq-queries/pihole.log"),
    "pihole-ftl": ("pihole/pihole-FTL.db",),
    "umbrella-dns": ("umbrella/dns.csv",),
    "squid-access": ("squid/access.log",),
    "web-access": ("web-access/proxy.log", "web-access/squid-combined.log"),
    "vpc-flow": ("vpcflow/default.log", "vpcflow/custom.log", "vpcflow/default.no-header.log"),
    "vpc-flow-parquet": ("vpcflow/flows.parquet",),
    "vpc-flow-events": ("vpcflow/filter-log-events.json", "vpcflow/opensearch.json"),
    "ocsf-network": ("ocsf/vpc.json", "ocsf/network.jsonl"),
    "ocsf-network-parquet": ("ocsf/vpc.parquet",),
    "gcp-vpc-flow": ("gcp/vpc_flows.json", "gcp/vpc_flows.array.json"),
    "azure-vnet-flow": ("azure/vnet.PT1H.json",),
    "azure-nsg-flow": ("azure/nsg.v2.PT1H.json", "azure/nsg.v1.PT1H.json"),
    "nfdump-csv": ("nfdump/classic.csv", "nfdump/biflow.csv", "nfdump/later.csv"),
    "nfdump-json": ("nfdump/flows.json",),
    "argus-flow": ("argus/flows.binetflow",),
    "data-flows": ("data-flows/flows.csv",),
    "products": ("products/products.csv",),
    "dhcpd-leases": ("dhcpd/dhcpd.leases", "dhcpd/broken.leases", "dhcpd/dhcpd6.leases"),
    "packet-capture": ("capture/office.pcap", "capture/office.pcapng"),
    "kismet": ("kismet/survey.kismet",),
    "airodump-csv": ("airodump/survey-01.csv",),
    "wigle-csv": ("wigle/survey.csv",),
    "kea-leases": ("kea/leases4.csv", "kea/leases6.csv"),
    "dnsmasq-leases": ("dnsmasq/dnsmasq.leases",),
    "windows-dhcp-leases": ("windows-leases/v4.csv", "windows-leases/v6.csv"),
    "windows-dhcp-log": ("windows-dhcp-log/DhcpSrvLog-Tue.log", "windows-dhcp-log/DhcpV6SrvLog-Tue.log"),
    "arp-command": ("neighbours/arp-an.txt", "neighbours/arp-n.txt", "neighbours/arp-openbsd.txt"),
    "ip-neigh": ("neighbours/ip-neigh.txt",),
    "proc-net-arp": ("neighbours/proc-net-arp.txt",),
    "windows-arp": ("neighbours/arp-windows.txt",),
    "ndp-command": ("neighbours/ndp-an.txt",),
    "router-arp": ("neighbours/ios-arp.txt", "neighbours/nxos-arp.txt", "neighbours/junos-arp.txt"),
    "mac-address-table": ("switch-tables/ios.txt", "switch-tables/nxos.txt", "switch-tables/eos.txt"),
    "ethernet-switching-table": ("switch-tables/junos.txt", "switch-tables/junos-els.txt"),
    "nmap-xml": ("nmap/scan.xml",),
    "hardware-inventory": ("inventory/netbox-devices.csv", "inventory/assets.csv"),
    "device-list": ("device-list/ports.csv", "device-list/netbox-interfaces.csv"),
    "ledger-csv": ("ledger/payments.csv", "ledger/kreditoren.csv"),
}

# Files whose places are numbers of packets.
PACKETS = {"capture/office.pcap": 13, "capture/office.pcapng": 13}

# Surveys of the air give nothing without a network of ours.
WATCH = Watch(wifi=(OwnWifi("wifi:Staff", "wifi-radio:Staff", "Northport-Staff"),))

# What the fixtures leave out: a package host that is a bare address.
HOST = "http://192.0.2.10/index"
INLINE: dict[str, str] = {
    "package-lock": '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0","resolved":"HOST"}}}',
    "pipfile-lock": '{"_meta":{"sources":[{"name":"in","url":"HOST"}]},"default":{"a":{"version":"==1.0"}}}',
    "uv-lock": 'version = 1\n\n[[package]]\nname = "a"\nversion = "1.0"\nsource = { registry = "HOST" }\n',
    "maven-pom": (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><repositories><repository><id>in</id>'
        "<url>HOST</url></repository></repositories></project>"
    ),
    "requirements-txt": "--index-url HOST\na==1.0\n",
}
