"""Dead letters: what could not be done is kept as it came, with the reason, for a person to see.

A letter is never lost and never stands in the way of the next message. Where it came from stands in
its headers, so that it can be sent there again once the cause is gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from generation.broker import Sender
from generation.delivery import Record
from schemas.messages import MESSAGE_BYTES_MAX
from schemas.period import format_instant
from schemas.topics import Topics

REASON_BYTES_MAX: Final = 1000
"""Of the sentence that says why."""


def bury(sender: Sender, topics: Topics, record: Record, *, reason: str, by: str) -> None:
    """Keep a message that cannot be done; returns when the broker has it.

    If we stop before the message itself is committed, it is buried twice. That does no harm.
    """
    fits = len(record.value) <= MESSAGE_BYTES_MAX
    headers: Mapping[str, bytes] = {
        "topic": record.topic.encode(),
        "partition": b"%d" % record.partition,
        "offset": b"%d" % record.offset,
        "reason": reason.encode()[:REASON_BYTES_MAX],
        "by": by.encode(),
        "at": format_instant(datetime.now(UTC)).encode(),
        "sha256": hashlib.sha256(record.value).hexdigest().encode(),
        "bytes": b"%d" % len(record.value),
    }
    # What is longer than any message of ours is nobody's work: its hash is enough.
    value = record.value if fits else b""
    sender.send(topics.dead, key=record.key[:200] or b"-", value=value, headers=headers)
    sender.flush()
