"""How long and how often a publisher is asked, and how much is taken from it."""

from __future__ import annotations

from dataclasses import dataclass

# Headers that say what was served; others are of the connection, or name sessions and machines.
KEPT_HEADERS = ("ETag", "Last-Modified", "Date", "Content-Type", "Content-Encoding", "Content-Disposition")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file.

    Attributes:
        connect_s: Seconds for a connection.
        read_s: Seconds without a byte.
        total_s: Seconds for the whole file, all attempts and pauses included.
        attempts: How often a publisher that is down is asked.
        first_pause_s: Before the second attempt; then twice as long each time.
        longest_pause_s: More than this is not waited, whoever asks for it.
        redirects: How many are followed.
    """

    connect_s: float = 20
    read_s: float = 60
    total_s: float = 3600
    attempts: int = 4
    first_pause_s: float = 2
    longest_pause_s: float = 120
    redirects: int = 5
