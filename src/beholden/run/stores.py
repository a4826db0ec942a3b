"""Addresses of stores among the paths: refused where nothing may be reached, looked at before work begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import UsageError
from beholden.run.job import PROFILE_NAME
from beholden.scan.address import StoreError, is_address, shown, without_secrets
from beholden.scan.walk_store import has_file, refuse_unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable


def refuse_addresses(names: Iterable[object]) -> None:
    """Refuse addresses of stores, which only the Spark runner reads.

    Raises:
        UsageError: There is one.
    """
    for name in names:
        if isinstance(name, str) and is_address(name):
            raise UsageError(
                f"{without_secrets(name)} is an address of a store; only paths are read here, and nothing is reached",
                code="run.no-store",
                hint="`beholden scan --runner spark` reads addresses; put ./ before the name of a file",
            )


def look_at(addresses: Iterable[str], *, has_profile: bool) -> None:
    """See that there is something at every address, before anything else is done.

    Args:
        addresses: Of stores.
        has_profile: Whether it is said who we are.

    Raises:
        UsageError: A store cannot be reached, or holds nothing there; or a profile lies there that nobody would read.
    """
    for address in addresses:
        try:
            refuse_unreachable(address)
            holds_profile = not has_profile and has_file(address, PROFILE_NAME)
        except StoreError as error:
            # What cannot be read as an address may hold keys anywhere.
            raise UsageError(
                f"{without_secrets(address)}: {error}",
                code="run.store-unreachable",
                hint="credentials come from where pyarrow looks for them, such as the environment",
            ) from error
        if holds_profile:
            raise UsageError(
                f"{shown(address)} holds a {PROFILE_NAME}, and a profile is read from disk only",
                code="profile.in-store",
                hint="copy it, and name the copy with --profile",
            )
