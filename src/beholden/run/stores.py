"""Addresses of stores among paths are refused where nothing may be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import UsageError
from beholden.scan.address import is_address, without_secrets

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
