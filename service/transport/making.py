"""Making the topics of a ledger: an explicit step, which changes nothing where they are there."""

from __future__ import annotations

from typing import Final

from generation.broker import Broker
from generation.broker_settings import BrokerSettings
from generation.delivery import TopicSpec

_HOUR_MS: Final = 3_600_000

JOBS_KEPT_MS: Final = 48 * _HOUR_MS
"""Jobs and their answers: an authorization lives an hour; the rest is to look at what happened."""

SHORT_KEPT_MS: Final = 2 * _HOUR_MS
"""What is best effort: of no use to anybody when the authorization's hour is over."""

DEAD_KEPT_MS: Final = 90 * 24 * _HOUR_MS
"""Dead letters: a quarter of a year."""


def specs(settings: BrokerSettings) -> dict[str, TopicSpec]:
    """Return every topic of a ledger and how it is made. Entries are kept for ever."""
    topics, jobs = settings.topics, settings.job_partitions
    return {
        topics.entries: TopicSpec(1, keeps_ms=None),
        topics.authorized: TopicSpec(jobs, JOBS_KEPT_MS),
        topics.finished: TopicSpec(jobs, JOBS_KEPT_MS),
        topics.cancel: TopicSpec(1, SHORT_KEPT_MS),
        topics.progress: TopicSpec(1, SHORT_KEPT_MS),
        topics.dead: TopicSpec(1, DEAD_KEPT_MS),
    }


def make_topics(settings: BrokerSettings) -> tuple[str, ...]:
    """Make what is missing; return the names. `BrokerAwayError` where nobody answers."""
    return Broker(settings).create(specs(settings), replication=settings.replication)
