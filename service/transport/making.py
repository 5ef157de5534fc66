"""Making the topics of a ledger: an explicit step, which changes nothing where they are there."""

from __future__ import annotations

import logging
import threading
from typing import Final

from generation.broker import Broker
from generation.broker_settings import BrokerSettings
from generation.delivery import RETRY_S, BrokerAwayError, TopicSpec

log: Final = logging.getLogger(__name__)

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


def make_topics_soon(settings: BrokerSettings, stop: threading.Event) -> bool:
    """Make what is missing as soon as the broker answers; False where told to stop before.

    Whoever needs the broker and starts while it is away waits for it, like those that run already:
    a process that ended instead would be started anew ever more seldom.
    """
    while not stop.is_set():
        try:
            make_topics(settings)
        except BrokerAwayError as error:
            log.warning("the topics wait for the broker: %s", error)
            stop.wait(RETRY_S)
        else:
            return True
    return False


def make_topics(settings: BrokerSettings) -> tuple[str, ...]:
    """Make what is missing; return the names. `BrokerAwayError` where nobody answers."""
    return Broker(settings).create(specs(settings), replication=settings.replication)
