"""Limits on what one landing file may unfold into, and the count of what it has."""

from __future__ import annotations

from dataclasses import dataclass

from etl.transform.record import Refusal

RATIO_FREE_BYTES = 8 * 1024 * 1024
"""What compressed data may always unfold to: the ratio counts above it only, for short files say little."""


@dataclass(frozen=True, slots=True)
class Limits:
    """See the settings of the same names (`max_…`)."""

    document_bytes: int = 16 * 1024 * 1024
    container_members: int = 10_000_000
    container_bytes: int = 1 << 40
    decompression_ratio: int = 200
    nesting: int = 4


class LimitReached(Exception):
    """A file unfolds into more than the settings allow: what was read so far stays, the rest is refused."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.message)


class Spent:
    """What one landing file has unfolded into so far, all its nested containers together."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.members = 0
        self.bytes = 0

    def member(self, size: int) -> None:
        """Count a member of `size` bytes.

        Raises:
            LimitReached: that is one too many, or too much.
        """
        self.members += 1
        self.bytes += size
        if self.members > self.limits.container_members:
            message = f"more than {self.limits.container_members} members (setting `max_container_members`)"
            raise LimitReached(Refusal("too_large", message))
        if self.bytes > self.limits.container_bytes:
            message = f"members of more than {self.limits.container_bytes} bytes (setting `max_container_bytes`)"
            raise LimitReached(Refusal("too_large", message))
