"""Which address is an interface's own, where neither networks nor `flow-direction` say so.

Every record of an interface has the interface's own address on one side. So the address that all its records share
is its own, once it has been seen with more than one peer.
"""

from __future__ import annotations

_MAX_INTERFACES = 200_000


class InterfaceAddresses:
    """Learns the own address of each interface from all its records."""

    def __init__(self) -> None:
        self._candidates: dict[tuple[str, bool], frozenset[str]] = {}
        self._shared_by_all: frozenset[str] | None = None
        self._own: frozenset[str] | None = None

    def learn(self, interface: str, source: str, target: str) -> None:
        """Take one record, addresses as the interface printed them."""
        # An interface has addresses of both families.
        key = (interface, ":" in source)
        found = self._candidates.get(key)
        if found is None:
            if len(self._candidates) >= _MAX_INTERFACES:
                return
            self._candidates[key] = frozenset((source, target))
        elif not (source in found and target in found):
            self._candidates[key] = found & {source, target}
        shared = self._shared_by_all
        if shared is None:
            self._shared_by_all = frozenset((source, target))
        elif shared and not (source in shared and target in shared):
            self._shared_by_all = shared & {source, target}
        self._own = None

    def is_own(self, interface: str, source: str, target: str) -> bool | None:
        """Whether `source` is the own address of the interface; None where nothing tells.

        An interface that talked to one peer only is settled by the addresses that other interfaces proved to be
        own, then by the one address that every record of the file shares.
        """
        found = self._candidates.get((interface, ":" in source), frozenset())
        for known in (found if len(found) == 1 else frozenset(), self._proven(), self._shared()):
            if (source in known) != (target in known):
                return source in known
        return None

    def _proven(self) -> frozenset[str]:
        if self._own is None:
            self._own = frozenset().union(*(found for found in self._candidates.values() if len(found) == 1))
        return self._own

    def _shared(self) -> frozenset[str]:
        shared = self._shared_by_all or frozenset()
        return shared if len(shared) == 1 else frozenset()
