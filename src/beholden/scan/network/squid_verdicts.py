"""What Squid's result and hierarchy codes say became of a request.

Source: Squid wiki, "Squid Log Files" (result codes, hierarchy codes, status codes); squid.conf, `logformat`.
"""

from __future__ import annotations

from beholden.scan.network.proxied import CONNECT, Outcome

_UNREACHED = frozenset({0, 502, 503, 504})
_PROXY_AUTHENTICATION = 407
_FIRST_ERROR = 400
# Next hops that are the server itself, and not another proxy.
_DIRECT = frozenset({"DIRECT", "HIER_DIRECT", "ORIGINAL_DST", "PINNED"})
_NOBODY = frozenset({"NONE", "HIER_NONE", "-"})


def outcome_of(result: str, status: int, hierarchy: str, method: str, received: int) -> Outcome:
    """Say what became of a request.

    Args:
        result: Result code, e.g. `TCP_MISS`.
        status: HTTP status that the client was given; 0: none.
        hierarchy: Hierarchy code, e.g. `HIER_DIRECT`.
        method: HTTP method.
        received: Bytes that were delivered to the client.
    """
    if status == _PROXY_AUTHENTICATION or ("DENIED" in result and "DENIED_REPLY" not in result):
        return Outcome.DENIED
    if hierarchy.removeprefix("TIMEOUT_") in _NOBODY:
        # Names that do not resolve fail here; what goes well was in the cache, or is a step of TLS inspection.
        is_failure = status == 0 or status >= _FIRST_ERROR
        return Outcome.TRIED if is_failure and "HIT" not in result else Outcome.ANSWERED_BY_PROXY
    if status in _UNREACHED or "DENIED_REPLY" in result or (method == CONNECT and not received):
        return Outcome.TRIED
    # Another proxy may answer from its cache; through a tunnel it cannot.
    return Outcome.REACHED if is_the_server(hierarchy) or method == CONNECT else Outcome.ANSWERED


def is_the_server(hierarchy: str) -> bool:
    """Whether the next hop was the server that the request is for."""
    return hierarchy.removeprefix("TIMEOUT_") in _DIRECT
