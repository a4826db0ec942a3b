"""Which protocol records tell of something that our side opened towards somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.sides import FOREIGN, GROUP, OURS

if TYPE_CHECKING:
    from beholden.scan.network.sides import Sides


def why_left_out(client: int, server: int, sides: Sides, *, from_outside: str, by_proxy: bool = False) -> str | None:
    """Say why a request is not one of ours to somebody else.

    Args:
        client: What the side that opened is (bits of `Sides`).
        server: What the side that it opened to is.
        sides: Says whether our networks are known by name.
        from_outside: Key for requests that reach us.
        by_proxy: Whether a server of ours passes it on to somebody else.

    Returns:
        The key under which it is counted; None where it is ours.
    """
    if client & OURS:
        return None if server & FOREIGN or by_proxy else "local_to_local"
    if server & OURS:
        return from_outside
    if (client | server) & GROUP or sides.has_own_networks:
        return "neither_side_ours"
    return "our_side_unknown"
