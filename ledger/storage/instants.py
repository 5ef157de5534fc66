"""Instants as the log keeps them: UTC, whole microseconds since 1970, integers."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Instants are stored as microseconds since then (UTC)."""
_MICROSECOND: Final = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """Return `instant` in microseconds since 1970. A naive one is a mistake of the caller."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (instant - EPOCH) // _MICROSECOND


def from_us(time_us: int) -> datetime:
    """Return the instant of `time_us` microseconds since 1970, in UTC."""
    return EPOCH + timedelta(microseconds=time_us)


def utc_now() -> datetime:
    """Return this process's clock. For the edge; what decides is handed an instant."""
    return datetime.now(UTC)
