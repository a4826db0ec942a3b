"""What a signal is: behaviour seen in records. It has no level, leads to no party and stops no gate."""

from __future__ import annotations

from beholden.schema.document import Document

INWARDS = "inwards"


class ServiceUse(Document, kw_only=True):
    """A service that a session used, such as `443/tcp`, and how often."""

    service: str
    requests: int


class Place(Document, kw_only=True):
    """Where a record of it stands."""

    file: str
    line: int


class Signal(Document, kw_only=True):
    """One session of one source; only requests that got an answer with content make it up.

    Rates and shares are decimal strings; times are ISO 8601, UTC.

    Attributes:
        kind: `tempo`.
        way: Who acted on whom: `outwards` (a host of ours on others), `inwards` (another host on ours), `within`.
        source: Address of the host that acted; of ours where `way` is not `inwards`.
        records: What was counted, such as `zeek_connections`.
        begin: First request.
        end: Last one.
        seconds: How long it lasted without a pause.
        requests: How many got an answer with content.
        unanswered: Further ones that did not.
        slowest_per_second: Requests a second in the slowest ten minutes of it.
        targets: Distinct addresses.
        names: Distinct host names.
        services: Distinct services that each had at least a hundredth of the requests.
        top_services: The most used of all services.
        doors: Distinct addresses with service and name.
        fresh_doors: Those of them first reached after a quarter of the session.
        minute_variation: Standard deviation of the requests in each of its minutes, divided by their mean.
        gap_variation: The same of the gaps between its busy seconds.
        longest_gap: The longest of these gaps, in seconds.
        why: The figures in a sentence.
        may_be: What ordinary thing it may as well be.
        places: A sample of its records.
    """

    kind: str
    way: str
    source: str
    records: str
    begin: str
    end: str
    seconds: int
    requests: int
    unanswered: int
    slowest_per_second: str
    targets: int
    names: int
    services: int
    top_services: list[ServiceUse]
    doors: int
    fresh_doors: int
    minute_variation: str
    gap_variation: str
    longest_gap: int
    why: str
    may_be: list[str]
    places: list[Place]
