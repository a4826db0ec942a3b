"""`beholden.toml`: the organisation, its units, networks and column mappings."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.errors import Origin, UsageError
from beholden.policy.answers import AnswerRow, Answers, read_answers
from beholden.policy.authorise import AuthorisationRow, ContractRow, Holdings, read_holdings
from beholden.policy.places import Places, read_toml
from beholden.policy.pseudonyms import Privacy, key_path, read_key
from beholden.policy.wifi import Wifi, WifiRow, read_wifi
from beholden.schema.vocabulary import Role, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.scan.interface import OwnWifi

# Where holding one role is, in law, also holding another.
IMPLIES: dict[Role, tuple[Role, ...]] = {Role.US_DOD_CONTRACTOR: (Role.US_FEDERAL_CONTRACTOR,)}

_UNKNOWN = re.compile(r"unknown field `([^`]+)`(?: - at `\$\.(\w+))?")
_ENTRY = re.compile(r"`\$\.(\w+)\[(\d+)\]")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class _Organisation(msgspec.Struct, forbid_unknown_fields=True):
    name: str = ""
    roles: list[str] = []


class Unit(msgspec.Struct, forbid_unknown_fields=True):
    """One legal entity of the organisation."""

    id: str
    name: str = ""
    roles: list[str] = []


class NetworkSegment(msgspec.Struct, forbid_unknown_fields=True):
    """An address range of ours and whose traffic runs in it."""

    cidr: str
    segment: str = "own"
    unit: str | None = None
    name: str = ""


class _Overlay(msgspec.Struct, forbid_unknown_fields=True):
    path: str


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    organisation: _Organisation = msgspec.field(default_factory=_Organisation)
    units: list[Unit] = []
    networks: list[NetworkSegment] = []
    wifi: list[WifiRow] = []
    columns: dict[str, dict[str, str]] = {}
    overlay: list[_Overlay] = []
    answers: list[AnswerRow] = []
    authorisations: list[AuthorisationRow] = []
    contracts: list[ContractRow] = []
    privacy: Privacy = msgspec.field(default_factory=Privacy)


_TABLES: dict[str | None, type[msgspec.Struct]] = {
    None: _Document,
    "organisation": _Organisation,
    "units": Unit,
    "networks": NetworkSegment,
    "wifi": WifiRow,
    "overlay": _Overlay,
    "answers": AnswerRow,
    "authorisations": AuthorisationRow,
    "contracts": ContractRow,
    "privacy": Privacy,
}


@dataclass(frozen=True, slots=True)
class Profile:
    """Who we are.

    Attributes:
        name: As reports show it.
        roles: Roles of the organisation as a whole, implied ones included; None: no profile, every role is assumed.
        units: Roles per unit, implied ones included.
        networks: Our ranges, most specific first.
        wifi: Our Wi-Fi networks.
        columns: Ledger column mapping per file pattern.
        overlays: In-house packs.
        unit_names: Id and name of each unit.
        answers: What we answered to the questions of findings.
        holdings: Licences and conditional approvals held, contracts concluded.
        pseudonym_key: Secret of the pseudonyms in files meant for sharing; None: they are numbered.
        pseudonym_key_file: Where it was read.
    """

    name: str = ""
    roles: frozenset[Role] | None = None
    units: dict[str, frozenset[Role]] = field(default_factory=dict)
    networks: tuple[tuple[Network, Segment, str | None], ...] = ()
    wifi: tuple[Wifi, ...] = ()
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    overlays: tuple[Path, ...] = ()
    unit_names: tuple[tuple[str, str], ...] = ()
    answers: Answers = field(default_factory=Answers)
    holdings: Holdings = field(default_factory=Holdings)
    pseudonym_key: bytes | None = field(default=None, repr=False)
    pseudonym_key_file: Path | None = None

    def roles_for(self, units: Iterable[str | None]) -> frozenset[Role] | None:
        """Roles that count for an artefact: the organisation's and its units'; of every unit where one is not known.

        Args:
            units: Ids of the units it belongs to; None for what belongs to no unit that we know.
        """
        if self.roles is None:
            return None
        named = set(units) or {None}
        involved = self.units.values() if None in named else [self.units.get(unit or "", frozenset()) for unit in named]
        return self.roles.union(*involved)

    def unit_named(self, text: str) -> str | None:
        """The id of the unit that records call by this id or name, whatever the case."""
        return _unit_ids((*((unit, unit) for unit in self.units), *self.unit_names)).get(text.strip().casefold())

    def place(self, own_host: str | None) -> tuple[Segment | None, str | None]:
        """Segment and unit of one of our hosts, by its Wi-Fi network or the most specific range of its address.

        A range of ours stands for the hosts in it.
        """
        for wifi in self.wifi:
            if own_host and (segment := wifi.segment_of(own_host)) is not None:
                return segment, wifi.unit
        return _place(self.networks, own_host)

    @property
    def own_networks(self) -> tuple[Network, ...]:
        """Every range that is on our side of the traffic, whoever uses it."""
        return tuple(network for network, _, _ in self.networks)

    @property
    def own_wifi(self) -> tuple[OwnWifi, ...]:
        """Every Wi-Fi network of ours, whoever uses it."""
        return tuple(wifi.network for wifi in self.wifi)

    def columns_for(self, file: str) -> dict[str, str]:
        """Column mapping of one input file; a pattern may leave out its `.gz` or `.zst`."""
        merged: dict[str, str] = {}
        names = (PurePosixPath(file), PurePosixPath(file.removesuffix(".gz").removesuffix(".zst")))
        for pattern, mapping in self.columns.items():
            if any(name.match(pattern) for name in names):
                merged.update(mapping)
        return merged


@lru_cache(maxsize=16)
def _unit_ids(names: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Ids by what records may call them; an id wins over another unit's name."""
    by_name = {name.casefold(): unit for unit, name in names if name}
    return by_name | {unit.casefold(): unit for unit, _ in names}


@lru_cache(maxsize=65_536)
def _place(
    networks: tuple[tuple[Network, Segment, str | None], ...], own_host: str | None
) -> tuple[Segment | None, str | None]:
    try:
        # Of a range of ours the first address speaks for all: sums of traffic are kept by the range that `place` finds.
        address = ipaddress.ip_address((own_host or "").partition("/")[0])
    except ValueError:
        return None, None
    for network, segment, unit in networks:
        if address.version == network.version and address in network:
            return segment, unit
    return None, None


def with_roles(profile: Profile, roles: Iterable[str]) -> Profile:
    """The profile with roles from the command line added.

    Raises:
        UsageError: An unknown role.
    """
    extra = frozenset(_role(role, None) for role in roles)
    if not extra:
        return profile
    from dataclasses import replace

    return replace(profile, roles=_implied((profile.roles or frozenset()) | extra))


def read_profile(path: Path) -> Profile:
    """Read `beholden.toml`.

    Raises:
        UsageError: Unreadable, an unknown key, role, segment or address range; with file and line.
    """
    content, place = read_toml(path, unreadable="profile.unreadable", malformed="profile.malformed")
    try:
        document = msgspec.convert(content, _Document)
    except msgspec.ValidationError as error:
        raise UsageError(f"{error}{_near(error)}", code="profile.wrong-value", origin=_origin(error, place)) from error
    units = {unit.id: _implied(_role(role, place) for role in unit.roles) for unit in document.units}
    roles = _implied(_role(role, place) for role in document.organisation.roles)
    # A profile that states networks or columns and no role at all says nothing of whom it is for.
    is_silent = not roles and not any(units.values())
    named = place.of("key_file")
    key_file = key_path(path, document.privacy, named)
    return Profile(
        name=document.organisation.name,
        roles=None if is_silent else roles,
        units=units,
        networks=_networks(document.networks, units, place),
        wifi=read_wifi(document.wifi, units, place),
        columns=document.columns,
        overlays=tuple(_inside(path, overlay.path, place) for overlay in document.overlay),
        unit_names=tuple((unit.id, unit.name) for unit in document.units),
        answers=read_answers(document.answers, place),
        holdings=read_holdings(document.authorisations, document.contracts, place),
        pseudonym_key=read_key(key_file, named) if key_file else None,
        pseudonym_key_file=key_file,
    )


def _near(error: msgspec.ValidationError) -> str:
    """The key that was probably meant, or those that there are."""
    unknown = _UNKNOWN.search(str(error))
    table = _TABLES.get(unknown[2]) if unknown else None
    if unknown is None or table is None:
        return ""
    keys = table.__struct_fields__
    near = get_close_matches(unknown[1].lower(), keys, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; expected one of {', '.join(keys)}"


def _origin(error: msgspec.ValidationError, places: Places) -> Origin:
    """The line of the entry that is wrong: msgspec says `$.answers[0]`."""
    entry = _ENTRY.search(str(error))
    return places.entry(entry[1], int(entry[2])) if entry else Origin(places.file)


def _role(role: str, place: Places | None) -> Role:
    try:
        return Role(role)
    except ValueError:
        raise UsageError(
            f"unknown role '{role}'; expected one of {', '.join(Role)}",
            code="profile.unknown-role",
            origin=place.of(role) if place else None,
        ) from None


def _implied(roles: Iterable[Role]) -> frozenset[Role]:
    held = set(roles)
    waiting = list(held)
    while waiting:
        for role in IMPLIES.get(waiting.pop(), ()):
            if role not in held:
                held.add(role)
                waiting.append(role)
    return frozenset(held)


def _networks(
    rows: list[NetworkSegment], units: dict[str, Any], place: Places
) -> tuple[tuple[Network, Segment, str | None], ...]:
    networks: list[tuple[Network, Segment, str | None]] = []
    for row in rows:
        try:
            network = ipaddress.ip_network(row.cidr)
            segment = Segment(row.segment)
        except ValueError as error:
            wrong = row.cidr if row.segment in set(Segment) else row.segment
            raise UsageError(
                f"{error}; expected an address range and a segment of {', '.join(Segment)}",
                code="profile.wrong-network",
                origin=place.of(wrong),
            ) from None
        if row.unit is not None and row.unit not in units:
            raise UsageError(f"unknown unit '{row.unit}'", code="profile.unknown-unit", origin=place.of(row.unit))
        networks.append((network, segment, row.unit))
    return tuple(sorted(networks, key=lambda item: (-item[0].prefixlen, str(item[0]))))


def _inside(profile: Path, relative: str, place: Places) -> Path:
    folder = profile.parent.resolve()
    target = (folder / relative).resolve()
    if not target.is_relative_to(folder) or not target.exists():
        raise UsageError(
            f"overlay '{relative}' is not a file or folder beside the profile",
            code="profile.wrong-overlay",
            origin=place.of(relative),
        )
    return target
