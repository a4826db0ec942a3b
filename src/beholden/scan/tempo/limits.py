"""From where on a session is told. The reasons stand in docs/how-to/measure-tempo.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All of them must be met; only requests that got an answer with content count.

    Attributes:
        pause: Seconds without a request that end a session.
        window: Seconds over which the pace is measured.
        pace: Requests in the slowest such window.
        length: Seconds that a session lasts.
        targets: Distinct addresses.
        services: Distinct services that each had a share of the requests.
        share: That share.
        variation: Highest coefficient of variation of the requests in each of its minutes.
        fresh: Share of the doors (address, service, name) that were first reached after a quarter of the session.
    """

    pause: int = 120
    window: int = 600
    pace: int = 600
    length: int = 1_200
    targets: int = 10
    services: int = 5
    share: float = 0.01
    variation: float = 0.6
    fresh: float = 0.1


LIMITS = Limits()
