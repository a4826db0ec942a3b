"""Addresses on the web: which are asked, through which proxy, with what credentials, and where they may lead."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import urllib3

from beholden.errors import Origin, SourceError
from beholden.sources.public_hosts import checked_pool, is_inside

if TYPE_CHECKING:
    from urllib3.poolmanager import PoolManager


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address without the credentials that it may have come with.

    Attributes:
        plain: What is asked, kept and printed.
        scheme: `http` or `https`.
        host: With the port where one is named.
        name: Of the host alone.
        authorisation: The header for this host; never sent to another one, never printed.
        is_led_to: Another host than the user or a descriptor named led here: it has to be public.
    """

    plain: str
    scheme: str
    host: str
    name: str
    authorisation: dict[str, str] = field(default_factory=dict, repr=False)
    is_led_to: bool = False

    @classmethod
    def of(cls, url: str, document: str) -> WebAddress:
        """Take an address apart.

        Args:
            url: As written; may hold a user and a password.
            document: What is wanted from it, for errors.

        Raises:
            SourceError: Neither http nor https, or no host.
        """
        try:
            parts = urlsplit(url)
            name, _ = parts.hostname or "", parts.port
        except ValueError:
            raise _no_address(url.rpartition("@")[2], document) from None
        host = parts.netloc.rpartition("@")[2]
        if parts.scheme not in ("http", "https") or not name or any(ord(sign) <= 32 for sign in url):
            raise _no_address(f"{parts.scheme}://{host}", document)
        authorisation = {}
        if parts.username is not None:
            given = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            authorisation = {"Authorization": urllib3.util.make_headers(basic_auth=given)["authorization"]}
        plain = parts._replace(netloc=host, fragment="").geturl()
        return cls(plain, parts.scheme, host, name, authorisation)


def redirected(address: WebAddress, location: str, document: str) -> WebAddress:
    """Where a publisher leads.

    Raises:
        SourceError: Nowhere, away from encryption, to something that is no web address, or into the user's own network.
    """
    try:
        onward = WebAddress.of(urljoin(address.plain, location), document) if location else None
    except (ValueError, SourceError):
        onward = None
    why = None
    if onward is None:
        why = "to what is no web address"
    elif address.scheme == "https" and onward.scheme == "http":
        why = f"to {onward.host} without encryption"
    elif is_inside(onward.name) and not is_inside(address.name):
        why = f"to {onward.host}, which is no public address"
    if onward is None or why is not None:
        raise SourceError(
            f"{address.host} leads {why}; that is not followed", code="source.redirects", origin=Origin(document)
        )
    # Credentials were given for the host that was named, and a redirect must not bring its own.
    authorisation = address.authorisation if (onward.scheme, onward.host) == (address.scheme, address.host) else {}
    # Who names a host of the own network may be led about in it.
    is_led_to = address.is_led_to or (onward.name != address.name and not is_inside(address.name))
    return WebAddress(onward.plain, onward.scheme, onward.host, onward.name, authorisation, is_led_to)


def pool_for(address: WebAddress) -> PoolManager:
    """Connections, through the proxy that the environment names for this scheme and host.

    Without a proxy, which resolves names itself, a host that was led to is checked when it is connected to.
    """
    proxies = getproxies_environment()
    proxy = proxies.get(address.scheme)
    if not proxy or proxy_bypass(address.host):
        return checked_pool() if address.is_led_to else _direct()
    return _through(proxy if "://" in proxy else f"http://{proxy}")


@cache
def _direct() -> PoolManager:
    return urllib3.PoolManager()


@cache
def _through(proxy: str) -> PoolManager:
    found = WebAddress.of(proxy, "proxy")
    headers = {f"Proxy-{name}": value for name, value in found.authorisation.items()}
    return urllib3.ProxyManager(found.plain, proxy_headers=headers)


def _no_address(shown: str, document: str) -> SourceError:
    return SourceError(
        f"{shown!r} is no address that can be asked; expected http:// or https:// and a host",
        code="source.unreachable",
        origin=Origin(document),
    )
