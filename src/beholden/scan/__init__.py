"""User inputs → observations. To add a reader, write one module and one line here."""

from __future__ import annotations

from beholden.scan.declared.data_flows import DataFlows
from beholden.scan.declared.products import Products
from beholden.scan.devices.airodump import AirodumpCsv
from beholden.scan.devices.device_list import DeviceList
from beholden.scan.devices.dhcpd import DhcpdLeases
from beholden.scan.devices.dnsmasq import DnsmasqLeases
from beholden.scan.devices.host_neighbours import ArpCommand, IpNeighbour, NdpCommand, ProcNetArp, WindowsArp
from beholden.scan.devices.inventory import HardwareInventory
from beholden.scan.devices.kea import KeaLeases
from beholden.scan.devices.kismet import KismetLog
from beholden.scan.devices.nmap import NmapXml
from beholden.scan.devices.router_neighbours import RouterArp
from beholden.scan.devices.switch_tables import EthernetSwitchingTable, MacAddressTable
from beholden.scan.devices.wigle import WigleCsv
from beholden.scan.devices.windows_dhcp_log import WindowsDhcpLog
from beholden.scan.devices.windows_leases import WindowsLeases
from beholden.scan.devices.zeek_dhcp import ZeekDhcp
from beholden.scan.interface import Scanner
from beholden.scan.money.ledger import Ledger
from beholden.scan.network.argus_flow import ArgusFlow
from beholden.scan.network.azure_nsg_flow import AzureNsgFlow
from beholden.scan.network.azure_vnet_flow import AzureVnetFlow
from beholden.scan.network.bind_queries import BindQueries
from beholden.scan.network.capture import PacketCapture
from beholden.scan.network.dnsmasq_queries import DnsmasqQueries
from beholden.scan.network.eve.reader import SuricataEve
from beholden.scan.network.gcp_flow import GcpFlow
from beholden.scan.network.nfdump_csv import NfdumpCsv
from beholden.scan.network.nfdump_json import NfdumpJson
from beholden.scan.network.ocsf_network import OcsfNetwork
from beholden.scan.network.ocsf_parquet import OcsfParquet
from beholden.scan.network.pihole_database import PiholeDatabase
from beholden.scan.network.route53 import Route53Resolver
from beholden.scan.network.squid_access import SquidAccess
from beholden.scan.network.umbrella_dns import UmbrellaDns
from beholden.scan.network.unbound import Unbound
from beholden.scan.network.vpc_events import VpcEvents
from beholden.scan.network.vpc_flow import VpcFlow
from beholden.scan.network.vpc_parquet import VpcParquet
from beholden.scan.network.web_access import WebAccess
from beholden.scan.network.zeek_conn import ZeekConn
from beholden.scan.network.zeek_dns import ZeekDns
from beholden.scan.network.zeek_http import ZeekHttp
from beholden.scan.network.zeek_ssl import ZeekSsl
from beholden.scan.network.zeek_x509 import ZeekX509
from beholden.scan.software.cyclonedx import CycloneDxJson
from beholden.scan.software.go_mod import GoMod
from beholden.scan.software.package_lock import PackageLock
from beholden.scan.software.pipfile_lock import PipfileLock
from beholden.scan.software.pom import PomXml
from beholden.scan.software.requirements_txt import RequirementsTxt
from beholden.scan.software.uv_lock import UvLock
from beholden.scan.third_party import registered

# Ties of equal strength go to the first.
SCANNERS: tuple[Scanner, ...] = (
    CycloneDxJson(),
    PackageLock(),
    PipfileLock(),
    UvLock(),
    GoMod(),
    PomXml(),
    RequirementsTxt(),
    ZeekConn(),
    ZeekDns(),
    ZeekSsl(),
    ZeekHttp(),
    ZeekX509(),
    ZeekDhcp(),
    SuricataEve(),
    Route53Resolver(),
    BindQueries(),
    Unbound(),
    DnsmasqQueries(),
    PiholeDatabase(),
    UmbrellaDns(),
    SquidAccess(),
    WebAccess(),
    VpcFlow(),
    VpcParquet(),
    VpcEvents(),
    OcsfNetwork(),
    OcsfParquet(),
    GcpFlow(),
    AzureVnetFlow(),
    AzureNsgFlow(),
    NfdumpCsv(),
    NfdumpJson(),
    ArgusFlow(),
    PacketCapture(),
    DhcpdLeases(),
    KismetLog(),
    AirodumpCsv(),
    WigleCsv(),
    KeaLeases(),
    DnsmasqLeases(),
    WindowsLeases(),
    WindowsDhcpLog(),
    ArpCommand(),
    IpNeighbour(),
    ProcNetArp(),
    WindowsArp(),
    NdpCommand(),
    RouterArp(),
    MacAddressTable(),
    EthernetSwitchingTable(),
    NmapXml(),
    HardwareInventory(),
    DeviceList(),
    DataFlows(),
    Products(),
    Ledger(),
)

__all__ = ["SCANNERS", "Scanner", "scanners"]


def scanners() -> tuple[Scanner, ...]:
    """Ours, and behind them those of other distributions (entry points `beholden.scanners`)."""
    return (*SCANNERS, *registered(scanner.name for scanner in SCANNERS))
